"""Optimizers: made with two flat vectors, `params` and `grads`, they step in place.

The model writes `grads`, the optimizer reads it and changes `params`. Both are float arrays of
one shape, and both stay where they are in memory: whoever holds a view of them sees every step.
"""

import numpy as np

from coursepkg.arguments import real_number


class SGD:
    """Gradient descent: params <- params - learning_rate * grads.

    `learning_rate` may be changed between steps. A step raises ValueError, and leaves `params` as
    they were, if a gradient is NaN or infinite. Whether the gradient comes from all samples, some
    or one is the caller's affair. Source: Cauchy (1847); with random samples, Robbins and
    Monro (1951).
    """

    def __init__(self, params, grads, learning_rate):
        self.params = _float_vector(params, "params")
        self.grads = _float_vector(grads, "grads")
        if self.params.shape != self.grads.shape:
            raise ValueError(f"grads must have shape {params.shape}, as params, got {grads.shape}")
        if np.may_share_memory(params, grads):
            raise ValueError("params and grads must be two arrays, got one and the same memory")
        self.learning_rate = real_number(learning_rate, "learning_rate", low=0)
        self._step = np.empty_like(self.params)

    def step(self):
        if not np.all(np.isfinite(self.grads)):
            raise ValueError("grads must be finite; the training has diverged or a gradient is NaN")
        # params <- params - learning_rate * grads
        np.multiply(self.grads, self.learning_rate, out=self._step)
        self.params -= self._step


def _float_vector(array, name):
    # Not np.asarray: a copy would be stepped in the dark, while the caller's array stood still.
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        kind = getattr(array, "dtype", type(array).__name__)
        raise TypeError(
            f"{name} must be a numpy array of floats, to be changed in place; got {kind}"
        )
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be one flat vector, got shape {array.shape}")
    return array
