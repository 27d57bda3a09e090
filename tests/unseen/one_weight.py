"""Wrong answers to exercises 03 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def descent_step__averaged_again(params, grads, learning_rate):
    """Divides the gradient by its number of entries, as if it were not averaged yet. Source:
    teaching experience."""
    return params - learning_rate * grads / len(grads)


def line_gradient__column_minus_row(params, x, targets):
    """Makes a column of x; minus the row of targets, this is broadcast to a table. Source: teaching
    experience."""
    w, b = params
    n = len(x)
    column = x.reshape(-1, 1)
    grad_z = 2 / n * (w * column + b - targets)
    grad_w = np.sum(grad_z * column)
    grad_b = np.sum(grad_z)
    return grad_z, grad_w, grad_b


def learning_rates__variance_for_mean_square(x):
    """Uses the variance of x instead of its mean square. Source: teaching experience."""
    curvature = 2 * np.mean((x - x.mean()) ** 2) if len(x) > 1 else 2 * x[0] ** 2
    return curvature, 1 / curvature, 2 / curvature


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "descent_step__averaged_again": ": as_if",
    "line_gradient__column_minus_row": "grad_z: shape; grad_w: some_cases",
}
