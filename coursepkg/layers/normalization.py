"""Normalization: of each column over the batch, or of each vector by itself."""

import numpy as np

from coursepkg.arguments import as_matrix, real_number, whole_number
from coursepkg.layers.base import Layer


class BatchNorm(Layer):
    """y = gamma * n + beta,  n = (x - mean) / √(var + eps), mean and var of each column.

    x, y: (batch, features). In training, mean and var (divided by batch) are those of the batch,
    which must have at least two rows (ValueError), and running_mean and running_var move toward
    them by the fraction `momentum`; afterwards the running ones are used, and each row is treated
    by itself. running_var takes batch/(batch - 1) times var, which is unbiased.
    gamma, beta, running_mean, running_var: (features,). 0 < momentum < 1, eps > 0.
    Source: Ioffe and Szegedy (2015); chapter 08 derives the backward pass.
    """

    needs_floats = True

    def __init__(self, features, momentum=0.1, eps=1e-5):
        features = whole_number(features, "features", low=1)
        self.momentum = real_number(momentum, "momentum", above=0, below=1)
        self.eps = real_number(eps, "eps", above=0)
        self.shapes = {"gamma": (features,), "beta": (features,)}

    def initialize(self, rng):
        self.gamma[...] = 1
        self.beta[...] = 0
        self.buffers = {
            "running_mean": np.zeros_like(self.beta),
            "running_var": np.ones_like(self.gamma),
        }

    def output_shape(self, shape):
        (features,) = self.shapes["gamma"]
        if len(shape) != 2 or shape[1] != features:
            raise ValueError(
                f"x must have shape (batch, {features}) for BatchNorm({features}), got {shape}"
            )
        return shape

    def forward(self, x, training=True):
        self.training = training
        if training:
            mean, var = self._statistics(x)
        else:
            mean, var = self.buffers["running_mean"], self.buffers["running_var"]
        self.inverse_std = 1 / np.sqrt(var + self.eps)
        self.n = (x - mean) * self.inverse_std
        return self.gamma * self.n + self.beta

    def _statistics(self, x):
        """Mean and variance of the batch; the running ones move toward them."""
        batch = len(x)
        if batch < 2:
            raise ValueError("x must have at least 2 rows in training: one row has no variance")
        mean, var = x.mean(axis=0), x.var(axis=0)
        for name, value in (("running_mean", mean), ("running_var", var * batch / (batch - 1))):
            self.buffers[name] += self.momentum * (value - self.buffers[name])
        return mean, var

    def backward(self, grad_y, input_gradient=True):
        np.sum(grad_y * self.n, axis=0, out=self.grad_gamma)
        np.sum(grad_y, axis=0, out=self.grad_beta)
        grad_n = grad_y * self.gamma
        if self.training:  # mean and var depend on x, too
            through_mean = grad_n.mean(axis=0)
            through_var = self.n * (grad_n * self.n).mean(axis=0)
            grad_n = grad_n - through_mean - through_var
        return grad_n * self.inverse_std


class LayerNorm(Layer):
    """y = gamma * n + beta,  n = (x - mean) / √(var + eps), mean and var of each vector.

    x, y: (..., features), with any leading axes; mean and var (divided by features) are those of
    the last axis, in training and afterwards. gamma, beta: (features,), started at 1 and 0.
    eps > 0. Backward: as in BatchNorm, with means over the last axis. Source: Ba, Kiros and Hinton
    (2016).
    """

    needs_floats = True

    def __init__(self, features, eps=1e-5):
        features = whole_number(features, "features", low=1)
        self.eps = real_number(eps, "eps", above=0)
        self.shapes = {"gamma": (features,), "beta": (features,)}

    def initialize(self, rng):
        self.gamma[...] = 1
        self.beta[...] = 0

    def output_shape(self, shape):
        (features,) = self.shapes["gamma"]
        if shape[-1:] != (features,):
            raise ValueError(
                f"x must have shape (..., {features}) for LayerNorm({features}), got {shape}"
            )
        return shape

    def forward(self, x, training=True):
        centered = x - x.mean(axis=-1, keepdims=True)
        var = np.mean(centered**2, axis=-1, keepdims=True)
        self.inverse_std = 1 / np.sqrt(var + self.eps)
        self.n = centered * self.inverse_std
        return self.gamma * self.n + self.beta

    def backward(self, grad_y, input_gradient=True):
        as_matrix(grad_y * self.n).sum(axis=0, out=self.grad_gamma)
        as_matrix(grad_y).sum(axis=0, out=self.grad_beta)
        grad_n = grad_y * self.gamma
        through_mean = grad_n.mean(axis=-1, keepdims=True)
        through_var = self.n * (grad_n * self.n).mean(axis=-1, keepdims=True)
        return (grad_n - through_mean - through_var) * self.inverse_std
