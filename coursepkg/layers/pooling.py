"""Max pooling over pictures, and the way from pictures to vectors."""

import math

import numpy as np

from coursepkg.arguments import whole_number
from coursepkg.layers.base import Layer
from coursepkg.layers.convolution import output_size


class MaxPool2d(Layer):
    """y: the largest number of each size × size window of x, channel by channel.

    x: (batch, channels, height, width), y: (batch, channels, rows, columns), with rows =
    (height - size) // stride + 1; stride is size if it is not given. The gradient goes to the
    first largest number of its window, row by row; where windows overlap, gradients add. A window
    larger than the picture raises ValueError. Source: Ranzato, Huang, Boureau and LeCun (2007);
    chapter 11 derives the backward pass.
    """

    def __init__(self, size, stride=None):
        self.size = whole_number(size, "size", low=1)
        self.stride = self.size if stride is None else whole_number(stride, "stride", low=1)

    def output_shape(self, shape):
        if len(shape) != 4:
            raise ValueError(
                f"x must have shape (batch, channels, height, width) for MaxPool2d, got {shape}"
            )
        rows, columns = (output_size(n, self.size, self.stride, 0) for n in shape[2:])
        if min(rows, columns) < 1:
            raise ValueError(
                f"x must be at least as large as the window, {self.size} by {self.size}, "
                f"got {shape}"
            )
        return *shape[:2], rows, columns

    def forward(self, x, training=True):
        self.shape = x.shape
        first, *others = self._places(x)
        y, self.where = first.copy(), np.zeros(first.shape, np.uint16)  # which of the window
        for place, pixels in enumerate(others, start=1):
            self.where[pixels > y] = place
            np.maximum(y, pixels, out=y)
        return y

    def backward(self, grad_y, input_gradient=True):
        grad_x = np.zeros(self.shape, grad_y.dtype)
        for place, pixels in enumerate(self._places(grad_x)):
            pixels += grad_y * (self.where == place)  # windows that overlap add up
        return grad_x

    def _places(self, x):
        """A view for each place of the window: the pixels that stand there, window by window."""
        *_, rows, columns = self.output_shape(x.shape)
        for i in range(self.size):
            for j in range(self.size):
                down = slice(i, i + self.stride * rows, self.stride)
                across = slice(j, j + self.stride * columns, self.stride)
                yield x[:, :, down, across]


class Flatten(Layer):
    """y: each sample's numbers in one row.   x: (batch, ...), y: (batch, numbers)."""

    def output_shape(self, shape):
        return shape[0], math.prod(shape[1:])

    def forward(self, x, training=True):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, grad_y, input_gradient=True):
        return grad_y.reshape(self.shape)
