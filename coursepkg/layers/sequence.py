"""From a sequence to one vector."""

import numpy as np

from coursepkg.layers.base import Layer
from coursepkg.layers.embedding import an_embedding, mask_for


def sequence_shape(shape, layer, features=None):
    """`shape` itself, if it is (batch, time, features); without `features` they may be any."""
    if len(shape) != 3 or features not in (None, shape[2]):
        raise ValueError(
            f"x must have shape (batch, time, {features or 'features'}) for "
            f"{type(layer).__name__}, got {shape}"
        )
    return shape


class LastStep(Layer):
    """y = x[:, -1].   x: (batch, time, features), y: (batch, features).

    After a recurrent layer with a mask this is the state after the last id that is no padding.
    """

    def output_shape(self, shape):
        batch, _, features = sequence_shape(shape, self)
        return batch, features

    def forward(self, x, training=True):
        self.shape = x.shape
        return x[:, -1]

    def backward(self, grad_y, input_gradient=True):
        grad_x = np.zeros(self.shape, grad_y.dtype)
        grad_x[:, -1] = grad_y
        return grad_x


class MeanOverTime(Layer):
    """y = Σ share[t] x[t] over time, share = 1 / (number of true positions) at those, else 0.

    x: (batch, time, features), y: (batch, features). Without mask_of, an Embedding of the same
    model that says where padding is, all positions are true ones. A sequence of nothing but
    padding gives 0. Backward: grad_x[t] = share[t] grad_y.
    """

    needs_floats = True

    def __init__(self, mask_of=None):
        self.mask_of = an_embedding(mask_of, "mask_of")

    def output_shape(self, shape):
        batch, _, features = sequence_shape(shape, self)
        return batch, features

    def forward(self, x, training=True):
        mask = mask_for(x, self.mask_of)
        mask = np.ones(x.shape[:2], x.dtype) if mask is None else mask.astype(x.dtype)
        self.share = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)  # (batch, time)
        return np.einsum("bt,btf->bf", self.share, x)

    def backward(self, grad_y, input_gradient=True):
        return self.share[:, :, None] * grad_y[:, None, :]
