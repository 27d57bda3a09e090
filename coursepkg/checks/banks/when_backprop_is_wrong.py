"""Exercises 06: relative error, five broken networks to name and to mend, one random direction."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def two_gradients(rng):
    """Pairs of arrays: opposite, one longer than the other, tiny, zero, with several axes."""
    first = rng.normal(0, 1, (3, 4))
    cube = rng.normal(0, 2, (2, 3, 2))
    return {
        "one is half of the other": ([1.5, 2.0], [3.0, 4.0]),
        "opposite": ([3.0, -4.0], [-3.0, 4.0]),
        "equal": ([0.5, -2.0], [0.5, -2.0]),
        "ours is zero": ([0.0, 0.0], [3.0, 4.0]),
        "ours is not zero": ([3.0, 4.0], [0.0, 0.0]),
        "both are zero": ([0.0, 0.0], [0.0, 0.0]),
        "a matrix": ([[1.0, 2.0], [-2.0, 3.0]], [[1.0, 2.0], [2.0, 0.0]]),
        "tiny": ([3e-9, 4e-9], [4e-9, 3e-9]),
        "random": (first, 1.3 * first + rng.uniform(-0.5, 0.5, (3, 4))),
        "random, three axes": (cube, cube / 2 + rng.normal(0, 0.3, (2, 3, 2))),
    }


@question(two_gradients)
def relative_error(grad, numeric):
    longer = max([np.linalg.norm(grad), np.linalg.norm(numeric)])
    if longer == 0:
        return 0.0
    return np.linalg.norm(grad - numeric) / longer


def error_of_entries(grad, numeric):
    longer = np.maximum(np.abs(grad), np.abs(numeric))
    shares = np.abs(grad - numeric) / np.where(longer == 0, 1, longer)
    return np.max(shares)


def nothing_given(rng):
    return {"the word": {}}


@question(nothing_given, use=use.word, secret=True)
def mistake_in_a():
    return "slope"


def regressions(rng):
    """Two layers; some hidden units are open, some shut, and one lies on the kink."""

    def drawn(n, inputs, hidden, outputs):
        x, targets = rng.normal(0, 1, (n, inputs)), rng.normal(0, 1, (n, outputs))
        first = rng.normal(0, 1, (inputs, hidden)), rng.normal(0, 0.5, hidden)
        return x, targets, *first, rng.normal(0, 1, (hidden, outputs)), rng.normal(0, 0.5, outputs)

    return {
        "one sample": {"x": [[1.0, 2.0]], "targets": [[1.0]],
                       "W1": [[0.5, -1.0, 2.0], [0.25, 0.5, -0.5]], "b1": [0.5, -0.5, 0.3],
                       "W2": [[1.0], [2.0], [-1.0]], "b2": [0.5]},
        "three samples": {"x": [[1.0], [-1.0], [2.0]], "targets": [[1.0], [0.0], [-1.0]],
                          "W1": [[0.5, -1.5]], "b1": [0.2, 0.4],
                          "W2": [[1.0], [-2.0]], "b2": [0.5]},
        "on the kink": {"x": [[0.0, 0.0], [1.0, -1.0]], "targets": [[1.0], [-1.0]],
                        "W1": [[0.5, 1.0], [0.25, -0.5]], "b1": [0.0, 0.25],
                        "W2": [[2.0], [-1.0]], "b2": [0.5]},
        "two samples": drawn(2, 4, 5, 3),
        "five samples": drawn(5, 3, 4, 2),
        "square": drawn(4, 3, 3, 3),
    }  # fmt: skip


@question(regressions)
def mended_a(x, targets, W1, b1, W2, b2):
    n = len(x)
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    grad_z2 = 2 / n * (z2 - targets)
    grad_z1 = grad_z2 @ W2.T * (z1 > 0)
    grad_W1 = x.T @ grad_z1
    grad_b1 = np.sum(grad_z1, axis=0)
    return grad_W1, grad_b1


@question(nothing_given, use=use.word, secret=True)
def mistake_in_b():
    return "axis"


def classifiers(rng):
    """One layer and labels; among them as many samples as classes, and logits that are large."""

    def drawn(n, inputs, classes):
        x, labels = rng.normal(0, 1, (n, inputs)), rng.integers(0, classes, n)
        return x, labels, rng.normal(0, 1, (inputs, classes)), rng.normal(0, 0.5, classes)

    return {
        "one sample": ([[1.0, 2.0]], [0], [[0.5, -1.0], [0.25, 0.5]], [0.1, -0.2]),
        "two samples": ([[1.0], [-2.0]], [0, 0], [[0.5, -1.0]], [0.2, 0.1]),
        "three samples, two classes":
            ([[1.0], [-1.0], [2.0]], [0, 1, 1], [[0.5, -1.0]], [0.2, 0.1]),
        "large logits": ([[2.0], [2.5]], [1, 0], [[400.0, 400.5]], [0.5, -0.5]),
        "large logits of either sign":
            ([[1.0, 0.0], [-2.0, 0.0], [0.0, 1.0]], [1, 0, 1],
             [[450.0, 451.0, 452.0], [400.0, -400.0, 0.0]], [0.5, -0.5, 0.0]),
        "five samples": drawn(5, 3, 4),
        "as many samples as classes": drawn(3, 2, 3),
        "seven samples": drawn(7, 4, 3),
    }  # fmt: skip


@question(classifiers)
def mended_b(x, labels, W, b):
    n, targets = len(x), np.eye(len(b))[labels]
    z = x @ W + b
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    loss = -np.sum(targets * log_p) / n
    grad_z = (np.exp(log_p) - targets) / n
    grad_W = x.T @ grad_z
    grad_b = np.sum(grad_z, axis=0)
    return loss, grad_W, grad_b


@question(nothing_given, use=use.word, secret=True)
def mistake_in_c():
    return "twice"


def yes_or_no(rng):
    """Samples with a yes or a no for each of several questions, and a penalty."""

    def drawn(n, inputs, outputs, decay):
        x, targets = rng.normal(0, 1, (n, inputs)), rng.integers(0, 2, (n, outputs)).astype(float)
        return x, targets, rng.normal(0, 1, (inputs, outputs)), rng.uniform(0.3, 1, outputs), decay

    three = ([[1.0], [-1.0], [2.0]], [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    return {
        "one sample": ([[1.0, 2.0]], [[1.0]], [[0.5], [-1.0]], [0.5], 0.5),
        "three samples": (*three, [[0.5, -1.0]], [0.2, 0.4], 0.25),
        "two samples": drawn(2, 4, 3, 0.1),
        "five samples": drawn(5, 3, 2, 0.5),
        "six samples, no penalty": drawn(6, 2, 4, 0.0),
    }


@question(yes_or_no)
def mended_c(x, targets, W, b, decay):
    n = len(x)
    p = 1 / (1 + np.exp(-(x @ W + b)))
    grad_z = (p - targets) / n
    grad_W = x.T @ grad_z + decay * W
    grad_b = np.sum(grad_z, axis=0)
    return grad_W, grad_b


@question(nothing_given, use=use.word, secret=True)
def mistake_in_d():
    return "overwritten"


def repeated_layers(rng):
    def drawn(n, units, times):
        x, targets = rng.normal(0, 1, (n, units)), rng.uniform(-0.9, 0.9, (n, units))
        return x, targets, rng.uniform(-1, 1, (units, units)), rng.uniform(0.1, 0.6, units), times

    one = ([[1.0, -0.5]], [[0.5, -1.0]], [[0.5, -1.0], [1.5, 0.25]], [0.1, -0.2], 2)
    return {
        "twice, one sample": one,
        "twice, three samples": (
            [[1.0], [-0.5], [0.25]],
            [[0.5], [1.0], [-0.5]],
            [[0.8]],
            [0.3],
            2,
        ),
        "once": drawn(4, 3, 1),
        "three times": drawn(5, 3, 3),
        "four times": drawn(2, 4, 4),
        "five times": drawn(6, 2, 5),
    }


@question(repeated_layers)
def mended_d(x, targets, W, b, times):
    n, a = len(x), [x]
    for _ in range(times):
        a.append(np.tanh(a[-1] @ W + b))
    grad_a = 2 / n * (a[-1] - targets)
    grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)
    for k in reversed(range(times)):
        grad_z = grad_a * (1 - a[k + 1] ** 2)
        grad_W += a[k].T @ grad_z
        grad_b += np.sum(grad_z, axis=0)
        grad_a = grad_z @ W.T
    return grad_W, grad_b


@question(nothing_given, use=use.word, secret=True)
def mistake_in_e():
    return "forgotten"


def trainings(rng):
    """Lines to be trained over several epochs; the last batch of an epoch may be smaller."""

    def drawn(n, inputs, *settings):
        x, targets = rng.normal(0, 1, (n, inputs)), rng.normal(1, 1, n)
        return x, targets, rng.normal(0, 1, inputs), *settings

    return {
        "two batches of one sample": ([[1.0], [2.0]], [2.0, 1.0], [0.5], 0.05, 0.5, 1, 2),
        "a smaller batch at the end": drawn(5, 2, 0.05, 0.9, 2, 4),
        "one batch in an epoch": drawn(6, 3, 0.05, 0.9, 6, 10),
        "many epochs": drawn(7, 3, 0.02, 0.8, 3, 6),
    }


@question(trainings, path=True)
def mended_e(x, targets, w, learning_rate, momentum, size, epochs):
    path, velocity = [], np.zeros_like(w)
    for _ in range(epochs):
        for start in range(0, len(x), size):
            batch, wanted = x[start : start + size], targets[start : start + size]
            grad = 2 / len(batch) * batch.T @ (batch @ w - wanted)
            velocity = momentum * velocity + grad
            w = w - learning_rate * velocity
            # Not append: a mutant that appends the path to itself would fill the memory.
            path = [*path, w]
    return np.array(path)


def directions(rng):
    """Right gradients and wrong ones; h is so large that the form of a difference tells."""

    def drawn(loss, m, h):
        return loss, rng.uniform(-1, 1, m), rng.normal(0, 1, m), rng.normal(0, 1, m), h

    return {
        "one parameter": ("sum_of_cubes", [2.0], [12.0], [-2.0], 0.5),
        "two parameters": ("sum_of_cubes", [1.0, -1.0], [3.0, -1.0], [2.0, 1.0], 0.25),
        "four parameters": drawn("log_sum_exp", 4, 0.25),
        "seven parameters": drawn("sum_of_cubes", 7, 0.125),
    }


@question(directions, use=use.call_with_function)
def direction_check(loss, params, grad, direction, h):
    claimed = np.sum(grad * direction)
    ahead, behind = loss(params + h * direction), loss(params - h * direction)
    found = (ahead - behind) / (2 * h)
    return claimed, found


def params_moved(loss, params, grad, direction, h):
    claimed = np.sum(grad * direction)
    params += h * direction
    ahead = loss(params)
    params -= 2 * h * direction
    return claimed, (ahead - loss(params)) / (2 * h)


def slopes_of_entries(loss, params, grad, direction, h):
    found = 0.0
    for i in range(len(params)):
        step = np.zeros_like(params)
        step[i] = h
        found += (loss(params + step) - loss(params - step)) / (2 * h) * direction[i]
    return np.sum(grad * direction), found
