"""From whole numbers to vectors: a row for each id or position, and where padding is."""

import numpy as np

from coursepkg.arguments import as_matrix, real_number, whole_number
from coursepkg.initializers import normal
from coursepkg.layers.base import Layer


class Embedding(Layer):
    """y[...] = weight[x[...]]: each id is replaced by its row of the weight.

    x: whole numbers from 0 to count - 1, any shape (...); y: (..., features); weight: (count,
    features). An id that is `padding` gives zeros and no gradient, and `mask`, of the shape of the
    last x, is False there; without a padding id it is None. Backward: grad_weight[i] = Σ grad_y
    over all places where x is i; ids have no gradient. TypeError or ValueError if x holds anything
    else. The weight starts normal with the standard deviation `scale`, 0.1 as in Gehring et al.
    (2017), the padding's row at 0. Source: Bengio, Ducharme, Vincent and Jauvin (2003).
    """

    mask = None

    def __init__(self, count, features, padding=None, scale=0.1):
        self.count = whole_number(count, "count", low=1)
        self.shapes = {"weight": (self.count, whole_number(features, "features", low=1))}
        self.scale = real_number(scale, "scale", low=0)
        self.padding = None if padding is None else whole_number(padding, "padding", low=0)
        if self.padding is not None and self.padding >= self.count:
            raise ValueError(f"padding must be less than count = {count}, got {padding}")

    def initialize(self, rng):
        self.weight[...] = normal(rng, *self.weight.shape, self.scale)
        if self.padding is not None:
            self.weight[self.padding] = 0

    def output_shape(self, shape):
        return (*shape, self.shapes["weight"][1])

    def forward(self, x, training=True):
        self.x = self._ids(x)
        y = self.weight[x]
        if self.padding is not None:
            self.mask = x != self.padding
            y[~self.mask] = 0
        return y

    def backward(self, grad_y, input_gradient=True):
        # In the order of the ids, the rows that one id has got are neighbors and add up in one go.
        order = np.argsort(self.x, axis=None, kind="stable")
        ids, first = np.unique(self.x.ravel()[order], return_index=True)
        self.grad_weight[...] = 0
        self.grad_weight[ids] = np.add.reduceat(as_matrix(grad_y)[order], first, axis=0)
        if self.padding is not None:
            self.grad_weight[self.padding] = 0

    def _ids(self, x):
        # A shape does not tell what is in it, so that no output_shape could have looked.
        if x.dtype.kind not in "iu":
            raise TypeError(f"x must hold whole numbers, the ids of an Embedding, got {x.dtype}")
        if x.min() < 0 or x.max() >= self.count:
            raise ValueError(
                f"x must hold ids from 0 to {self.count - 1} for Embedding({self.count}, "
                f"{self.shapes['weight'][1]}), got {x.min()} to {x.max()}"
            )
        return x


class Positions(Layer):
    """y = x + weight[:time]: each position adds a row of its own, which is learned.

    x, y: (..., time, features), time <= length (ValueError); weight: (length, features), started
    normal with the standard deviation 0.1. Backward: grad_x = grad_y, grad_weight[t] = Σ grad_y at
    t over all leading axes, and 0 from `time` on. Source: Gehring et al. (2017); Radford et al.
    (2018).
    """

    needs_floats = True

    def __init__(self, length, features):
        length = whole_number(length, "length", low=1)
        self.shapes = {"weight": (length, whole_number(features, "features", low=1))}

    def initialize(self, rng):
        self.weight[...] = normal(rng, *self.weight.shape, scale=0.1)

    def output_shape(self, shape):
        length, features = self.shapes["weight"]
        if len(shape) < 2 or shape[-1] != features or shape[-2] > length:
            raise ValueError(
                f"x must have shape (..., time, {features}), time at most {length}, for "
                f"Positions({length}, {features}), got {shape}"
            )
        return shape

    def forward(self, x, training=True):
        return x + self.weight[: x.shape[-2]]

    def backward(self, grad_y, input_gradient=True):
        time = grad_y.shape[-2]
        self.grad_weight[:time] = grad_y.reshape(-1, *grad_y.shape[-2:]).sum(axis=0)
        self.grad_weight[time:] = 0
        return grad_y


def an_embedding(value, name):
    """`value` itself, if it is an Embedding or None: whose mask a layer is to look at."""
    if value is not None and not isinstance(value, Embedding):
        raise TypeError(f"{name} must be an Embedding of the same model, or None, got {value!r}")
    return value


def mask_for(x, embedding):
    """Where x holds no padding: bool (batch, time), or None if nothing is padded.

    x: (batch, time, features), made from what `embedding` was last given (ValueError if not).
    """
    if embedding is None or embedding.padding is None:
        return None
    mask = embedding.mask
    if mask is None or mask.shape != x.shape[:2]:
        shape = None if mask is None else mask.shape
        raise ValueError(
            f"mask_of must be the Embedding through which x came: x has shape {x.shape}, "
            f"the ids had {shape}"
        )
    return None if mask.all() else mask
