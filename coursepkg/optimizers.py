"""Optimizers: made with two flat vectors, `params` and `grads`, they step in place.

The model writes `grads`, the optimizer reads it and changes `params`. Both are float arrays of
one shape, and both stay where they are in memory: whoever holds a view of them sees every step.
"""

import numpy as np

from coursepkg.arguments import float_vector, real_number


class SGD:
    """Gradient descent: params <- params - learning_rate * grads.

    params, grads: two flat vectors of floats, of one shape; TypeError or ValueError otherwise, and
    for a learning_rate below 0. It may be changed between steps. A step raises ValueError, and
    leaves `params` as they were, if a gradient is NaN or infinite. Whether the gradient comes from
    all samples, some or one is the caller's affair. Source: Cauchy (1847); with random samples,
    Robbins and Monro (1951).
    """

    def __init__(self, params, grads, learning_rate):
        self.params = float_vector(params, "params")
        self.grads = float_vector(grads, "grads")
        if self.params.shape != self.grads.shape:
            raise ValueError(f"grads must have shape {params.shape}, as params, got {grads.shape}")
        if np.shares_memory(params, grads):
            raise ValueError("params and grads must be two arrays, got one and the same memory")
        self.learning_rate = real_number(learning_rate, "learning_rate", low=0)

    def step(self):
        real_number(self.learning_rate, "learning_rate", low=0)  # it may have been changed
        if not np.all(np.isfinite(self.grads)):
            raise ValueError("grads must be finite; the training has diverged or a gradient is NaN")
        self.params -= self.learning_rate * self.grads
