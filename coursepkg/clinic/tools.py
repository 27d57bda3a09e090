"""Change lines of a function, check each gradient of a network, train it, summarize the loss."""

import inspect
from dataclasses import dataclass

import numpy as np

from coursepkg.gradient_check import central_difference

TOLERANCE = 1e-5  # largest relative error that passes
FLOOR = 1e-5  # for a loss near 1, rounding errors show in a smaller gradient
HOPELESS = 1e4  # training stops at this loss


def change(function, lines):
    """A copy of a function or class, with each key of `lines` replaced by its value in the source.

    Each key must occur in the source exactly once (ValueError). Mutation testing does the same
    to find out whether tests notice (DeMillo, Lipton and Sayward, 1978).
    """
    source = inspect.getsource(function)
    for right, wrong in lines.items():
        if source.count(right) != 1:
            raise ValueError(f"{right!r} must stand in {function.__name__} exactly once")
        source = source.replace(right, wrong)
    namespace = dict(vars(inspect.getmodule(function)))
    exec(source, namespace)
    return namespace[function.__name__]


@dataclass(frozen=True)
class GradientReport:
    """The gradient check of one parameter. passed is None if it is too small to check.

    error: the norm of the difference between gradient and central differences, relative to the
    larger of their two norms.
    """

    passed: bool | None
    error: float
    words: str

    def __str__(self):
        return self.words


def examine(network, params, x, labels):
    """Check the gradient of each parameter array by itself; returns {name: `GradientReport`}."""
    loss, grads = network(params, x, labels)
    scale = max(1.0, abs(loss))
    return {name: _compare(network, params, x, labels, name, grads[name], scale) for name in params}


def _compare(network, params, x, labels, name, grad, scale):
    def loss(value):
        return network({**params, name: value}, x, labels)[0]

    shape = params[name].shape
    if np.shape(grad) != shape:
        return GradientReport(False, 1.0, f"WRONG, shape {np.shape(grad)}")
    numeric = central_difference(loss, params[name])
    length = max(np.linalg.norm(grad), np.linalg.norm(numeric))
    if length < FLOOR * scale:
        return GradientReport(None, 0.0, "too small to tell")
    error = float(np.linalg.norm(grad - numeric) / length)
    if error <= TOLERANCE:
        return GradientReport(True, error, "right")
    percent = 100 * error
    return GradientReport(False, error, f"WRONG by {percent:.{0 if percent >= 1 else 3}f} %")


def step_of(network, rule):
    """A training step: (params, x, labels, learning_rate, state) -> the loss before the step."""

    def step(params, x, labels, learning_rate, state):
        loss, grads = network(params, x, labels)
        rule(params, grads, state, learning_rate)
        return loss

    return step


def train(step, params, x, labels, learning_rate=0.5, steps=201):
    """The loss before each step, from a copy of `params`.

    Stops early at a loss that is not below HOPELESS; losses that are not finite are left out.
    """
    params, state, losses = {name: p.copy() for name, p in params.items()}, {}, []
    with np.errstate(all="ignore"):
        for _ in range(steps):
            loss = float(step(params, x, labels, learning_rate, state))
            if np.isfinite(loss):
                losses.append(loss)
            if not loss < HOPELESS:
                break
    return np.array(losses)


def story(losses):
    """A training run in words: its first loss, the loss after 20 steps, and its last."""
    if len(losses) == 0:
        return "no number from the beginning"
    steps = len(losses) - 1
    middle = f"{number(losses[20])} after 20 steps, " if steps > 20 else ""
    unit = "" if middle else " step" if steps == 1 else " steps"
    return f"{number(losses[0])} at first, {middle}{number(losses[-1])} after {steps}{unit}"


def number(loss):
    """A loss with three significant digits, or two if it is 100 or more."""
    return f"{loss:#.3g}" if loss < 100 else f"{loss:.2g}"
