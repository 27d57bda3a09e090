"""Exercises 05: squared error and cross-entropy, softmax, label smoothing, logits of any size."""

import numpy as np

from coursepkg.checks.question import arrays, question
from coursepkg.checks.running import use


def some_neurons(rng):
    return {
        "one number": ([2.0], [0.0]),
        "two numbers": ([1.0, -2.0], [0.0, 1.0]),
        "three numbers": ([0.5, -1.5, 3.0], [1.0, 0.0, 0.25]),
        "many": (rng.normal(0, 2, 8), rng.integers(0, 2, 8).astype(float)),
    }


@question(some_neurons)
def sigmoid_mse_gradient(z, targets):
    a = 1 / (1 + np.exp(-z))
    return 2 / z.size * (a - targets) * a * (1 - a)


def some_probabilities(rng):
    return {
        "two classes": ([0.8, 0.2],),
        "three classes": ([0.5, 0.3, 0.2],),
        "nearly sure": ([0.001, 0.998, 0.0004, 0.0006],),
        "five classes": (rng.dirichlet(np.ones(5)),),
    }


@question(some_probabilities)
def softmax_jacobian(p):
    return np.diag(p) - np.outer(p, p)


def yes_or_no(rng):
    """logits of all sizes with targets, whole and between."""
    given = {
        "one number": ([0.5], [0.0], 1.0),
        "two numbers": ([2.0, -1.0], [1.0, 0.0], 3.0),
        "targets between": ([1.5, -0.7, 0.2], [0.75, 0.25, 0.0], -0.5),
        "a table": ([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], [[1, 0, 0], [0.5, 1, 0]], 1.0),
        "a longer table": (rng.normal(0, 2, (4, 2)), rng.uniform(0, 1, (4, 2)), -2.0),
        "a stack of tables": (rng.normal(0, 2, (2, 3, 2)), rng.uniform(0, 1, (2, 3, 2)), 1.5),
        "a column": (rng.normal(0, 2, (5, 1)), rng.integers(0, 2, (5, 1)), 2.0),
        "sure and wrong": ([40.0], [0.0], 1.0),
        "surer and wrong": ([1000.0, -800.0], [0.0, 1.0], -2.0),
        "surer and right": ([1000.0, -800.0], [1.0, 0.0], 1.0),
    }
    return {
        label: {"logits": np.array(logits), "targets": np.array(targets, dtype=float),
                "grad_loss": grad_loss}
        for label, (logits, targets, grad_loss) in given.items()
    }  # fmt: skip


@question(yes_or_no, use=use.value_and_vjp, quiet=True)
def binary_cross_entropy(logits, targets):
    loss_1 = np.logaddexp(0, -logits)
    loss_0 = np.logaddexp(0, logits)
    loss = np.mean(targets * loss_1 + (1 - targets) * loss_0)

    def vjp(grad_loss):
        a = np.exp(-loss_1)
        return grad_loss / logits.size * (a - targets)

    return loss, vjp


def tables(rng):
    """{label: logits}: ordinary tables, then such that overflow."""
    return arrays({
        "one row": [[2.0, 1.0, 0.0]], "two rows": [[1.0, -0.5, 0.5], [0.0, 2.0, -1.0]],
        "more rows than classes": rng.normal(0, 2, (5, 2)),
        "as many rows as classes": rng.normal(0, 2, (3, 3)),
        "more classes than rows": rng.normal(0, 2, (3, 4)),
        "very large": [[1000.0, 999.0, 998.0]],
        "very negative": [[-1000.0, -998.0, -999.0, -1000.0]],
        "far apart": [[800.0, 0.0, -800.0]],
        "each row elsewhere": [[900.0, 898.0], [-900.0, -899.0], [0.0, 2.0]],
    })  # fmt: skip


def with_grad_value(rng):
    """A gradient for each row, the first ones easy to read."""
    first = {"one row": [3.0], "two rows": [2.0, -1.0]}
    return {
        label: {"logits": logits, "grad_value": first.get(label, rng.normal(0, 1, len(logits)))}
        for label, logits in tables(rng).items()
    }


@question(with_grad_value, use=use.value_and_vjp, quiet=True)
def log_sum_exp(logits):
    largest = logits.max(axis=1)
    e = np.exp(logits - largest[:, None])
    total = e.sum(axis=1)
    value = largest + np.log(total)

    def vjp(grad_value):
        return (grad_value / total)[:, None] * e

    return value, vjp


def only_logits(rng):
    return {label: (logits,) for label, logits in tables(rng).items()}


@question(only_logits, quiet=True)
def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def with_grad_p(rng):
    return {
        "one row": ([[0.5, 0.3, 0.2]], [[2.0, -1.0, 1.0]]),
        "two rows": ([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]], [[1.0, 0.0, 3.0], [-2.0, 1.0, 0.5]]),
        **{
            f"{rows} rows, {classes} classes": {
                "p": rng.dirichlet(np.ones(classes), rows),
                "grad_p": rng.normal(0, 1, (rows, classes)),
            }
            for rows, classes in ((5, 2), (3, 3), (3, 4))
        },
    }


@question(with_grad_p)
def softmax_vjp(p, grad_p):
    inner = np.sum(grad_p * p, axis=1, keepdims=True)
    return p * (grad_p - inner)


def with_labels(rng):
    """tables with labels, wherever it matters the ones of small probability, too."""
    chosen = {
        "one row": ([1], 1.0),
        "two rows": ([2, 1], 3.0),
        "very large": ([2], 1.0),
        "very negative": ([0], 2.0),
        "far apart": ([2], -2.0),
        "each row elsewhere": ([1, 1, 0], 1.0),
    }
    cases = {}
    for label, logits in tables(rng).items():
        rows, classes = logits.shape
        labels, grad_loss = chosen.get(label, (rng.integers(0, classes, rows), -0.5))
        cases[label] = {"logits": logits, "labels": np.array(labels), "grad_loss": grad_loss}
    return cases


@question(with_labels, use=use.value_and_vjp, quiet=True)
def softmax_cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    y = np.eye(logits.shape[1])[labels]
    loss = -np.sum(y * log_p) / len(logits)

    def vjp(grad_loss):
        p = np.exp(log_p)
        return grad_loss / len(logits) * (p - y)

    return loss, vjp


def through_probabilities(logits, labels):
    """softmax first, its logarithm then; a label of probability 0 costs infinitely much."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y = np.eye(logits.shape[1])[labels]
    loss = -np.mean(np.log(p[np.arange(len(p)), labels]))
    return loss, lambda grad_loss: grad_loss / len(p) * (p - y)


def from_own_targets(outputs, log_p, labels, label_smoothing):
    """smoothed_cross_entropy: what the loss and the gradient are with the learner's targets."""
    targets, batch = outputs["targets"], len(log_p)
    return {
        "targets": smoothed_cross_entropy(log_p, labels, label_smoothing)[0],
        "loss": -np.sum(targets * log_p) / batch,
        "grad_logits": (np.exp(log_p) - targets) / batch,
    }


def to_smooth(rng):
    """log p that are the logarithms of probabilities, with labels and a smoothing."""
    small = {
        "one row": ([[0.5, 0.25, 0.25]], [1], 0.3),
        "two rows": ([[0.7, 0.2, 0.1], [0.25, 0.5, 0.25]], [2, 0], 0.1),
        "not smoothed": ([[0.5, 0.25, 0.125, 0.125]], [3], 0.0),
    }
    random = {
        f"{rows} rows, {classes} classes": (rng.dirichlet(np.full(classes, 2.0), rows),
                                            rng.integers(0, classes, rows), smoothing)
        for rows, classes, smoothing in ((5, 2, 0.2), (3, 4, 0.1), (2, 6, 0.4))
    }  # fmt: skip
    return {
        label: (np.log(p), np.array(labels), smoothing)
        for label, (p, labels, smoothing) in {**small, **random}.items()
    }


@question(to_smooth, follow=from_own_targets)
def smoothed_cross_entropy(log_p, labels, label_smoothing):
    batch, classes = log_p.shape
    targets = np.full(log_p.shape, label_smoothing / classes)
    targets[np.arange(batch), labels] += 1 - label_smoothing
    loss = -np.sum(targets * log_p) / batch
    grad_logits = (np.exp(log_p) - targets) / batch
    return targets, loss, grad_logits
