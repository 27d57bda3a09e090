"""Wrong answers to exercises 06 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def relative_error__share_of_numeric(grad, numeric):
    """Always divides by the length of the numeric gradient, also where it is the shorter one or 0.
    Source: ericchansen/q2mm#248."""
    if np.all(grad == 0) and np.all(numeric == 0):
        return 0.0
    return np.linalg.norm(grad - numeric) / np.linalg.norm(numeric)


def mistake_in_a__own_word():
    """Answers with a word that is not in the table. Source: teaching experience."""
    return "derivative"


def mended_a__only_exact_zeros(x, targets, W1, b1, W2, b2):
    """Blocks where the sum is exactly 0, a line that is right only for the output of the ReLU.
    Source: scikit-learn/scikit-learn#14244."""
    n = len(x)
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    grad_z2 = 2 / n * (z2 - targets)
    grad_z1 = grad_z2 @ W2.T
    grad_z1[z1 == 0] = 0
    return x.T @ grad_z1, np.sum(grad_z1, axis=0)


def mended_b__keepdims_forgotten(x, labels, W, b):
    """axis=1 without keepdims: the sums of the samples meet the classes. Source: DeNA/HandyRL#209,
    triton-lang/triton#11409."""
    n, targets = len(x), np.eye(len(b))[labels]
    z = x @ W + b
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1))
    loss = -np.sum(targets * log_p) / n
    grad_z = (np.exp(log_p) - targets) / n
    return loss, x.T @ grad_z, np.sum(grad_z, axis=0)


def direction_check__shallow_copy(loss, params, grad, direction, h):
    """plus and minus are names of the same array, which is changed in place. Source:
    HomericIntelligence/Odyssey#2089."""
    plus = params
    plus += h * direction
    up = loss(plus)
    minus = params
    minus -= h * direction
    down = loss(minus)
    claimed = grad @ direction
    return claimed, (up - down) / (2 * h)


def mended_b__loss_of_each_sample(x, labels, W, b):
    """Turns the axis of the loss, too, and returns one number for each sample. Source: teaching
    experience."""
    n, targets = len(x), np.eye(len(b))[labels]
    z = x @ W + b
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    loss = -np.sum(targets * log_p, axis=1)
    grad_z = (np.exp(log_p) - targets) / n
    return loss, x.T @ grad_z, np.sum(grad_z, axis=0)


def direction_check__shared_memory(loss, params, grad, direction, h):
    """The second place is built from the first, which shares memory with params. Source:
    HomericIntelligence/Odyssey#2089."""
    claimed = np.sum(grad * direction)
    moved = params
    moved += h * direction
    up = loss(moved)
    moved = params
    moved -= h * direction
    down = loss(moved)
    return claimed, (up - down) / (2 * h)


def direction_check__shared_array(loss, params, grad, direction, h):
    """left and right are the same array, so both losses are equal. Source:
    HomericIntelligence/Odyssey#2089."""
    params = params.copy()
    right = params
    right += h * direction
    left = params
    left -= h * direction
    return grad @ direction, (loss(right) - loss(left)) / (2 * h)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "relative_error__share_of_numeric": ": not_finite",
    "mended_a__only_exact_zeros": "grad_W1: gate_lost; grad_b1: changed_line",
    "mended_b__keepdims_forgotten": ": shapes",
    "direction_check__shallow_copy": "found: changed_line",
    "mended_b__loss_of_each_sample": "loss: no_mean",
}
