"""The linear layer."""

import numpy as np

from coursepkg.arguments import a_function, finite_array, float_array, matrix, whole_number
from coursepkg.initializers import glorot_uniform
from coursepkg.layers.base import Layer


class Linear(Layer):
    """z = x @ weight + bias.   x: (batch, fan_in), z: (batch, fan_out).

    weight: (fan_in, fan_out), bias: (fan_out,); the weight starts as initializer(rng, fan_in,
    fan_out) says, the bias at 0. Backward: grad_weight = xᵀ grad_z, grad_bias = Σ grad_z over the
    batch, grad_x = grad_z weightᵀ. The gradients are written, not added. x is kept until then, not
    copied: leave it as it is. ValueError on other shapes. Source: Rumelhart, Hinton and Williams
    (1986); chapter 04 derives it.
    """

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

    def forward(self, x, training=True):
        x = matrix(x, "x", len(self.weight))
        self.x = x
        z = x @ self.weight
        z += self.bias
        return z

    def backward(self, grad_z, input_gradient=True):
        grad_z = float_array(grad_z, "grad_z", (len(self.x), len(self.bias)))
        np.matmul(self.x.T, grad_z, out=self.grad_weight)
        grad_z.sum(axis=0, out=self.grad_bias)
        if input_gradient:
            return grad_z @ self.weight.T
