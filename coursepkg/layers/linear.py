"""The linear layer."""

import numpy as np

from coursepkg.arguments import a_function, as_matrix, finite_array, whole_number
from coursepkg.initializers import glorot_uniform
from coursepkg.layers.base import Layer


class Linear(Layer):
    """z = x @ weight + bias.   x: (..., fan_in), z: (..., fan_out), with any leading axes.

    weight: (fan_in, fan_out), bias: (fan_out,); the weight starts as initializer(rng, fan_in,
    fan_out) says, the bias at 0. Backward: grad_weight = xᵀ grad_z and grad_bias = Σ grad_z, summed
    over all leading axes; grad_x = grad_z weightᵀ. The gradients are written, not added. x is
    kept until then, not copied: leave it as it is. Source: Rumelhart, Hinton and Williams (1986);
    chapter 04 derives it.
    """

    needs_floats = True

    def __init__(self, fan_in, fan_out, initializer=glorot_uniform):
        fan_in = whole_number(fan_in, "fan_in", low=1)
        fan_out = whole_number(fan_out, "fan_out", low=1)
        self.shapes = {"weight": (fan_in, fan_out), "bias": (fan_out,)}
        self.initializer = a_function(initializer, "initializer")

    def initialize(self, rng):
        self.weight[...] = finite_array(
            self.initializer(rng, *self.weight.shape), "initializer(...)", self.weight.shape
        )
        self.bias[...] = 0

    def output_shape(self, shape):
        fan_in, fan_out = self.shapes["weight"]
        if shape[-1:] != (fan_in,):
            raise ValueError(
                f"x must have shape (..., {fan_in}) for Linear({fan_in}, {fan_out}), got {shape}"
            )
        return (*shape[:-1], fan_out)

    def forward(self, x, training=True):
        self.x = x
        z = x @ self.weight
        z += self.bias
        return z

    def backward(self, grad_z, input_gradient=True):
        np.matmul(as_matrix(self.x).T, as_matrix(grad_z), out=self.grad_weight)
        as_matrix(grad_z).sum(axis=0, out=self.grad_bias)
        if input_gradient:
            return grad_z @ self.weight.T
