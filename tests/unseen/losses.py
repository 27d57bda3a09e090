"""Wrong answers to exercises 05 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def binary_cross_entropy__clipped_logits(logits, targets):
    """The logits are cut at 30, with which the loss of a very wrong answer is too small. Source:
    teaching experience."""
    z = np.clip(logits, -30, 30)
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0) - z * targets)

    def vjp(grad_loss):
        return grad_loss * (p - targets) / logits.size

    return loss, vjp


def log_sum_exp__at_least_zero(logits):
    """max(0, maximum) is subtracted, which underflows for logits that are all far below 0. Source:
    FluxML/NNlib.jl#43."""
    top = np.maximum(logits.max(axis=1, keepdims=True), 0)
    e = np.exp(logits - top)
    S = e.sum(axis=1, keepdims=True)
    value = (np.log(S) + top)[:, 0]

    def vjp(grad_value):
        return grad_value[:, None] * e / S

    return value, vjp


def log_sum_exp__mean_of_gradient(logits):
    """A mean over the batch is taken that does not exist here. Source: teaching experience."""
    top = logits.max(axis=1)
    e = np.exp(logits - top[:, None])
    S = e.sum(axis=1)
    value = np.log(S) + top

    def vjp(grad_value):
        return grad_value[:, None] * e / S[:, None] / len(logits)

    return value, vjp


def softmax_cross_entropy__ignores_grad_loss(logits, labels):
    """The gradient that arrives is not used. Source: tensorflow/swift-apis#42 (the factor v of the
    vjp)."""
    n = len(labels)
    top = logits.max(axis=1, keepdims=True)
    log_p = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    loss = -np.mean(log_p[np.arange(n), labels])

    def vjp(grad_loss):
        grad = np.exp(log_p)
        grad[np.arange(n), labels] -= 1
        return grad / n

    return loss, vjp


def smoothed_cross_entropy__too_much_left_at_the_label(log_p, labels, label_smoothing):
    """The label keeps 1 - s/K and then gets s/K once more, so that the targets add up to more than
    1. Source: ildoonet/pytorch-randaugment#30."""
    n, K = log_p.shape
    share = label_smoothing / K
    targets = np.eye(K)[labels] * (1 - share) + share
    loss = -np.mean(np.sum(targets * log_p, axis=1))
    grad_logits = (np.exp(log_p) * targets.sum(axis=1, keepdims=True) - targets) / n
    return targets, loss, grad_logits


def smoothed_cross_entropy__one_over_K(log_p, labels, label_smoothing):
    """1/K is added where s/K should be. Source: TimDettmers/ConvE#55."""
    n, K = log_p.shape
    targets = (1 - label_smoothing) * np.eye(K)[labels] + 1 / K
    loss = -(targets * log_p).sum() / n
    grad_logits = (np.exp(log_p) * targets.sum(axis=1, keepdims=True) - targets) / n
    return targets, loss, grad_logits


def sigmoid_mse_gradient__slope_from_error(z, targets):
    """Takes the slope e(1 - e) of the error instead of the output. Source: teaching experience."""
    a = 1 / (1 + np.exp(-z))
    e = a - targets
    return 2 / len(z) * e * e * (1 - e)


def softmax__divided_by_max(logits):
    """Divides by the largest logit instead of subtracting it. Source: teaching experience."""
    e = np.exp(logits / np.max(np.abs(logits), axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_jacobian__softmax_again(p):
    """Applies softmax once more to the probabilities. Source: forum question about softmax_backward
    (offlinew.com/q/q/3383959922)."""
    e = np.exp(p - p.max())
    s = e / e.sum()
    return np.diagflat(s) - np.outer(s, s)


def softmax_cross_entropy__turned_round(logits, labels):
    """labels - p for the gradient. Source: deeplearning4j/deeplearning4j#345."""
    z = logits - logits.max(axis=1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    y = np.eye(logits.shape[1])[labels]
    return -np.mean(
        lp[np.arange(len(labels)), labels]
    ), lambda grad_loss: grad_loss * (y - np.exp(lp)) / len(labels)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "binary_cross_entropy__clipped_logits": "loss: some_cases",
    "log_sum_exp__at_least_zero": "value: not_finite; grad_logits: not_finite",
    "log_sum_exp__mean_of_gradient": "grad_logits: size_factor",
    "softmax_cross_entropy__ignores_grad_loss": "grad_logits: scale",
    "smoothed_cross_entropy__too_much_left_at_the_label": "targets: label_keeps_all; grad_logits: some_cases",
    "smoothed_cross_entropy__one_over_K": "targets: one_spread; grad_logits: different",
    "sigmoid_mse_gradient__slope_from_error": ": places",
    "softmax_cross_entropy__turned_round": "grad_logits: factor",
}
