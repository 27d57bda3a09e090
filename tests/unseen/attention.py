"""Wrong answers to exercises 13 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def causal_mask__past_in_reverse(real):
    """Counts positions from the end, so that the table is flipped."""
    time = real.shape[1]
    past = np.tril(np.ones((time, time), dtype=bool))[:, ::-1]
    return past[None] & real[:, None, :]


def causal_test__slopes_doubled(backward, time, features):
    """Takes a difference of 1 and -1 and forgets to divide it by 2."""
    reach = np.zeros((time, time))
    for s, i in np.ndindex(time, features):
        grad_y = np.zeros((time, features))
        grad_y[s, i] = 1
        slopes = np.abs(backward(grad_y) - backward(-grad_y))
        reach[s] = np.maximum(reach[s], slopes.max(axis=1))
    return reach, np.triu(reach, 1).max()


def layer_norm_backward__gradients_of_a_mean(grad_y, x, gamma, eps):
    """The gradients of gamma and beta are divided by the number of features."""
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    n = (x - x.mean(axis=-1, keepdims=True)) / std
    g = grad_y * gamma
    inner = g - g.mean(-1, keepdims=True) - n * (g * n).mean(-1, keepdims=True)
    size = x.shape[-1]
    return inner / std, (grad_y * n).sum((0, 1)) / size, grad_y.sum((0, 1)) / size


# The verdicts were read: they point at the cause.
POINTING = {
    "causal_test__slopes_doubled": "reach: factor",
    "layer_norm_backward__gradients_of_a_mean": "grad_gamma: size_factor; grad_beta: size_factor",
}
