"""Wrong answers to exercises 08 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def batch_norm__square_instead_of_root(x, gamma, beta, running_mean, running_var, training):
    """Divides by the square of variance plus epsilon where the root should be. Source: jax-
    ml/jax#442."""
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = running_mean + 0.1 * (mean - running_mean)
        running_var = running_var + 0.1 * (x.var(axis=0, ddof=1) - running_var)
    else:
        mean, var = running_mean, running_var
    y = gamma * (x - mean) / (var + 1e-5) ** 2 + beta
    return y, running_mean, running_var


def residual_backward__order_of_weights(grad_y, xs, weights):
    """The gradients are collected on the way back and stacked without turning the order round.
    Source: teaching experience."""
    grad = grad_y
    grads = []
    for k in reversed(range(len(weights))):
        branch = xs[k + 1] - xs[k]
        delta = grad * (1 - branch**2)
        grads.append(xs[k].T @ delta)
        grad = grad + delta @ weights[k].T
    return grad, np.array(grads)


def residual_backward__list_not_reversed(grad_y, xs, weights):
    """Collects the gradients of the weights from back to front and stacks them so. Source: teaching
    experience."""
    grad, collected = grad_y, []
    for k in reversed(range(len(weights))):
        grad_z = grad * (1 - np.tanh(xs[k] @ weights[k]) ** 2)
        collected.append(xs[k].T @ grad_z)
        grad = grad + grad_z @ weights[k].T
    return grad, np.array(collected)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "batch_norm__square_instead_of_root": "y: changed_line",
    "residual_backward__order_of_weights": "grad_weights: reversed",
    "residual_backward__list_not_reversed": "grad_weights: reversed",
}
