"""Dropout."""

import numpy as np

from coursepkg.arguments import generator, real_number
from coursepkg.layers.base import Layer


class Dropout(Layer):
    """In training each number is set to 0 with probability `rate`, the others grow by 1/(1 - rate).

    So the expectation stays what it was, and after training the layer does nothing. 0 <= rate < 1;
    x: any shape. The draws come from rng, one for each number. Source: Srivastava et al. (2014);
    in this "inverted" form, as in the frameworks.
    """

    needs_floats = True

    def __init__(self, rate, rng):
        self.rate = real_number(rate, "rate", low=0, below=1)
        self.rng = generator(rng)

    def output_shape(self, shape):
        return shape

    def forward(self, x, training=True):
        if training:
            kept = self.rng.random(x.shape) >= self.rate
            self.mask = kept.astype(x.dtype) / (1 - self.rate)
        else:
            self.mask = np.ones_like(x)
        return x * self.mask

    def backward(self, grad, input_gradient=True):
        return grad * self.mask
