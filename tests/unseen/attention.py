"""Wrong answers to exercises 13 written without the bank; see test_unseen_mistakes.py."""

import sys

import numpy as np


def masked_softmax__float_info_min(scores, mask):
    """Fills forbidden scores with the smallest positive number."""
    s = np.where(mask, scores, sys.float_info.min)  # the smallest float
    s = s - s.max(axis=-1, keepdims=True)
    e = np.exp(s)
    a = e / e.sum(axis=-1, keepdims=True)
    return a * mask.any(axis=-1, keepdims=True)  # rows with nothing allowed are 0


def attention_backward__weights_twice_in_place(grad_context, queries, keys, values, weights):
    """Multiplies by the weights in place, for the sum, and takes the product for the gradient."""
    root = np.sqrt(keys.shape[-1])
    grad_values = weights.transpose(0, 2, 1) @ grad_context
    grad_a = grad_context @ values.transpose(0, 2, 1)
    grad_a *= weights
    inner = grad_a.sum(axis=2, keepdims=True)
    grad_s = weights * (grad_a - inner) / root
    grad_queries = grad_s @ keys
    grad_keys = grad_s.transpose(0, 2, 1) @ queries
    return grad_queries, grad_keys, grad_values


def layer_norm_backward__alias_times_gamma(grad_y, x, gamma, eps):
    """Gives the gradient a second name, and changes it in place."""

    def mean(a):
        return np.mean(a, axis=-1, keepdims=True)

    mu = mean(x)
    sigma = np.sqrt(mean((x - mu) ** 2) + eps)
    x_hat = (x - mu) / sigma
    g = grad_y
    g *= gamma
    grad_x = (g - mean(g) - x_hat * mean(g * x_hat)) / sigma
    features = x.shape[-1]
    grad_gamma = np.sum((grad_y * x_hat).reshape(-1, features), axis=0)
    grad_beta = np.sum(grad_y.reshape(-1, features), axis=0)
    return grad_x, grad_gamma, grad_beta


# The verdicts were read: they point at the cause.
POINTING = {
    "masked_softmax__float_info_min": ": filled_zero_and_mended",
    "attention_backward__weights_twice_in_place": "grad_queries, grad_keys: weighted_before",
    "layer_norm_backward__alias_times_gamma": (
        "grad_gamma, grad_beta: gamma_in_both; : changes_input"
    ),
}
