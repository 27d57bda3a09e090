"""Losses: each takes outputs and targets and returns (loss, vjp).

`loss` is one number, the mean over everything in the batch. `vjp(grad_loss=1.0)` returns the
gradient with respect to the outputs, in their shape. Losses for classification take logits, the
outputs before any sigmoid or softmax, and are finite as long as the |logits| of the batch add up
to less than half the largest float. float32 outputs give a float32 loss and gradient. TypeError
if the arguments are not numeric; ValueError on other shapes, an empty batch, NaN or infinity.
"""

import numpy as np

from coursepkg.activations import sigmoid, softplus
from coursepkg.arguments import class_labels, finite_array, real_number, whole_number


def mean_squared_error(prediction, targets):
    """loss = mean((prediction - targets)²),  dloss/dprediction = 2/n (prediction - targets).

    prediction, targets: the same shape, n numbers in all, at least one; targets in the unit of
    prediction, the loss in that unit squared. No factor ½, as in PyTorch and Keras.
    Source: Legendre (1805), Gauss (1809).
    """
    prediction = finite_array(prediction, "prediction")
    targets = finite_array(targets, "targets", prediction.shape, prediction.dtype)
    if prediction.size == 0:
        raise ValueError("prediction must hold at least one number, got an empty batch")
    residual = prediction - targets
    loss = np.mean(residual**2)

    def vjp(grad_loss=1.0):
        grad_loss = real_number(grad_loss, "grad_loss")
        return grad_loss * 2 / residual.size * residual

    return loss, vjp


def binary_cross_entropy(logits, targets, label_smoothing=0.0):
    """loss = -mean(t log p + (1 - t) log(1 - p)),  p = sigmoid(logits);  dloss/dlogits = (p - t)/n.

    logits, targets: the same shape, n numbers in all, at least one; targets are probabilities
    between 0 and 1. Since -log p = softplus(-logits) and -log(1 - p) = softplus(logits), no
    logarithm of 0 is taken. label_smoothing s moves each target to (1 - s) t + s/2; 0 <= s < 1.
    The loss is in nats. Source: Cox (1958); smoothing, Szegedy et al. (2016).
    """
    logits = finite_array(logits, "logits")
    targets = finite_array(targets, "targets", logits.shape, logits.dtype)
    label_smoothing = real_number(label_smoothing, "label_smoothing", low=0, below=1)
    if logits.size == 0:
        raise ValueError("logits must hold at least one number, got an empty batch")
    if targets.min() < 0 or targets.max() > 1:
        raise ValueError(
            f"targets must lie between 0 and 1, got {targets.min():g} to {targets.max():g}"
        )
    targets = (1 - label_smoothing) * targets + label_smoothing / 2
    loss = np.mean(targets * softplus(-logits)[0] + (1 - targets) * softplus(logits)[0])

    def vjp(grad_loss=1.0):
        grad_loss = real_number(grad_loss, "grad_loss")
        return grad_loss / logits.size * (sigmoid(logits)[0] - targets)

    return loss, vjp


def log_softmax(logits):
    """log p = logits - log(sum(exp(logits))), by rows, for logits of shape (batch, classes).

    The largest logit of each row is subtracted first, so that no exp overflows and the largest
    exp is 1.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def softmax_cross_entropy(logits, labels, label_smoothing=0.0):
    """loss = -mean(log p[label]) over the batch,  p = softmax(logits);  dloss/dlogits = (p - t)/n.

    logits: (batch, classes), n = batch; labels: (batch,), whole numbers from 0 to classes - 1. t is
    1 at the label and 0 elsewhere; label_smoothing s moves it to (1 - s) t + s/classes, 0 <= s < 1.
    The loss is in nats. Source: Bridle (1990); smoothing, Szegedy et al. (2016).
    """
    logits = finite_array(logits, "logits")
    if logits.ndim != 2 or logits.size == 0:
        raise ValueError(f"logits must have shape (batch, classes), none 0, got {logits.shape}")
    labels = class_labels(labels, "labels", *logits.shape)
    label_smoothing = real_number(label_smoothing, "label_smoothing", low=0, below=1)
    batch, classes = logits.shape
    log_p = log_softmax(logits)
    targets = np.full(log_p.shape, label_smoothing / classes, log_p.dtype)
    targets[np.arange(batch), labels] = 1 - label_smoothing + label_smoothing / classes
    loss = -np.vdot(targets, log_p) / batch

    def vjp(grad_loss=1.0):
        grad_loss = real_number(grad_loss, "grad_loss")
        return grad_loss / batch * (np.exp(log_p) - targets)

    return loss, vjp


def sequence_cross_entropy(logits, labels, ignore=None):
    """loss = -mean(log p[label]) over all positions whose label is not `ignore`.

    logits: (..., classes), labels: (...), whole numbers from 0 to classes - 1 where they are not
    `ignore`; p = softmax(logits). dloss/dlogits = (p - t)/n where a label counts, n such labels in
    all, and 0 elsewhere. ValueError if no label counts. See `softmax_cross_entropy`.
    """
    logits = finite_array(logits, "logits")
    if logits.ndim < 2 or logits.size == 0:
        raise ValueError(f"logits must have shape (..., classes), none 0, got {logits.shape}")
    if ignore is not None:
        whole_number(ignore, "ignore")
    labels = class_labels(labels, "labels", *logits.shape, ignore=ignore)
    counts = np.ones(labels.shape, bool) if ignore is None else labels != ignore
    if not counts.any():
        raise ValueError(f"labels must not all be {ignore}, which is ignored: no label counts")
    loss, vjp_of_counted = softmax_cross_entropy(logits[counts], labels[counts])

    def vjp(grad_loss=1.0):
        grad_logits = np.zeros_like(logits)
        grad_logits[counts] = vjp_of_counted(grad_loss)
        return grad_logits

    return loss, vjp
