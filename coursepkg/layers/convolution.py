"""Convolution over pictures, as one matrix product over all windows (im2col)."""

import numpy as np

from coursepkg.arguments import a_function, finite_array, whole_number
from coursepkg.initializers import he_normal
from coursepkg.layers.base import Layer


def output_size(size, kernel, stride, padding):
    """How many windows fit: (size + 2 padding - kernel) // stride + 1; a rest is left out."""
    return (size + 2 * padding - kernel) // stride + 1


def pad(x, padding):
    """x with a frame of `padding` zeros around each picture.   x: (..., height, width)."""
    if padding == 0:
        return x
    *leading, height, width = x.shape
    padded = np.zeros((*leading, height + 2 * padding, width + 2 * padding), x.dtype)
    padded[..., padding:-padding, padding:-padding] = x
    return padded


def windows(x, kernel, stride):
    """Each kernel × kernel window of x, as a view: nothing is copied.

    x: (batch, channels, height, width); returns (batch, channels, rows, columns, kernel, kernel).
    """
    every = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def im2col(x, kernel, stride):
    """The windows of x as the columns of a matrix: (batch, channels·kernel², rows·columns)."""
    view = windows(x, kernel, stride)
    batch, channels, rows, columns, _, _ = view.shape
    by_place = view.transpose(0, 1, 4, 5, 2, 3)  # (batch, channels, kernel, kernel, rows, columns)
    return by_place.reshape(batch, channels * kernel * kernel, rows * columns)


def col2im(grad_columns, shape, kernel, stride):
    """The vjp of `im2col`: each number goes back to the pixel it was copied from, and they add.

    grad_columns: what im2col returns for an x of this shape; returns grad_x, of this shape.
    """
    batch, channels, height, width = shape
    rows, columns = (output_size(size, kernel, stride, 0) for size in (height, width))
    grads = grad_columns.reshape(batch, channels, kernel, kernel, rows, columns)
    grad_x = np.zeros(shape, grad_columns.dtype)
    for i in range(kernel):
        for j in range(kernel):
            # A view of the pixels at (i, j) of every window: no two windows share one there.
            covered = grad_x[
                :, :, i : i + stride * rows : stride, j : j + stride * columns : stride
            ]
            covered += grads[:, :, i, j]
    return grad_x


class Conv2d(Layer):
    """z[o, r, s] = bias[o] + Σ weight[o, c, i, j] x[c, stride·r + i, stride·s + j], over c, i, j.

    x: (batch, in_channels, height, width), with `padding` zeros around it; z: (batch, out_channels,
    rows, columns), with rows = (height + 2 padding - kernel) // stride + 1. The kernel is not
    flipped (mathematics calls this cross-correlation). weight: (out_channels, in_channels, kernel,
    kernel), bias: (out_channels,). The weight starts as initializer(rng, fan_in, out_channels) says
    for the fan_in = in_channels kernel² numbers of a window, the bias at 0. A kernel larger than
    the padded picture raises ValueError. Source: LeCun, Bottou, Bengio and Haffner (1998); chapter
    11 derives the backward pass.
    """

    needs_floats = True

    def __init__(
        self, in_channels, out_channels, kernel, stride=1, padding=0, initializer=he_normal
    ):
        in_channels = whole_number(in_channels, "in_channels", low=1)
        out_channels = whole_number(out_channels, "out_channels", low=1)
        self.kernel = whole_number(kernel, "kernel", low=1)
        self.stride = whole_number(stride, "stride", low=1)
        self.padding = whole_number(padding, "padding", low=0)
        self.initializer = a_function(initializer, "initializer")
        weight = (out_channels, in_channels, self.kernel, self.kernel)
        self.shapes = {"weight": weight, "bias": (out_channels,)}

    def initialize(self, rng):
        out_channels, fan_in = self._matrix().shape
        start = self.initializer(rng, fan_in, out_channels)
        start = finite_array(start, "initializer(...)", (fan_in, out_channels))
        self.weight[...] = start.T.reshape(self.weight.shape)
        self.bias[...] = 0

    def output_shape(self, shape):
        out_channels, in_channels, kernel, _ = self.shapes["weight"]
        if len(shape) != 4 or shape[1] != in_channels:
            raise ValueError(
                f"x must have shape (batch, {in_channels}, height, width) for "
                f"Conv2d({in_channels}, {out_channels}, {kernel}), got {shape}"
            )
        rows, columns = (output_size(n, kernel, self.stride, self.padding) for n in shape[2:])
        if min(rows, columns) < 1:
            raise ValueError(
                f"x must be at least as large as the kernel, {kernel} by {kernel}, "
                f"got {shape} with a padding of {self.padding}"
            )
        return shape[0], out_channels, rows, columns

    def forward(self, x, training=True):
        padded = pad(x, self.padding)
        self.shape = padded.shape
        self.columns = im2col(padded, self.kernel, self.stride)
        z = self._matrix() @ self.columns  # (batch, out_channels, rows * columns)
        z += self.bias[:, None]
        return z.reshape(self.output_shape(x.shape))

    def backward(self, grad_z, input_gradient=True):
        grad_z = grad_z.reshape(*grad_z.shape[:2], -1)  # (batch, out_channels, rows * columns)
        per_picture = grad_z @ self.columns.transpose(0, 2, 1)
        per_picture.sum(axis=0, out=self.grad_weight.reshape(per_picture.shape[1:]))
        grad_z.sum(axis=(0, 2), out=self.grad_bias)
        if input_gradient:
            grad_columns = self._matrix().T @ grad_z
            grad_padded = col2im(grad_columns, self.shape, self.kernel, self.stride)
            edge = self.padding
            return grad_padded[:, :, edge : self.shape[2] - edge, edge : self.shape[3] - edge]

    def _matrix(self):
        """The weight as a matrix, a row for each filter."""
        return self.weight.reshape(len(self.weight), -1)
