"""Chapter 00: find the weight of a line by hand, before a gradient does it."""

from dataclasses import dataclass

import numpy as np

from coursepkg.datasets import line
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import slider
from coursepkg.figures import BLUE, GRAY, ORANGE, VERMILION
from coursepkg.losses import mean_squared_error
from coursepkg.plots import clean_axes

X, TARGETS = line(np.random.default_rng(0), n=12, slope=1.4, noise=0.25)
OPEN = int(np.argmax(X))  # the point that can be moved, up and down
REACH = 0.1  # on both sides of it the pointer moves the point, elsewhere the line


@dataclass
class Guess:
    weight: float
    shift: float  # of the open point, upward
    targets: np.ndarray
    prediction: np.ndarray
    loss: float


def guess(weight, shift=0.0):
    """The line through the origin with this weight, and its mean squared error on the points."""
    targets, prediction = TARGETS.copy(), weight * X
    targets[OPEN] += shift
    return Guess(
        weight, shift, targets, prediction, float(mean_squared_error(prediction, targets)[0])
    )


class GuessExplorer(Explorer):
    """The weight rotates the line, the shift moves one of the points; both change the loss."""

    size = (8.4, 3.6)
    title = "Twelve points, your line, and its loss"
    tries = {"One point far off": {"shift": -4.0}}
    draggable = ("left",)

    def make_controls(self):
        return {
            "weight": slider("weight w", 0.0, -3.0, 3.0, 0.05),
            "shift": slider("shift of the open point", 0.0, -4.0, 1.0, 0.1),
        }

    compute = staticmethod(guess)

    def build(self, figure):
        self.left, right = figure.subplots(1, 2)
        left = self.left
        clean_axes(left, "x", "target", "the points and your line")
        left.set(xlim=(-1.05, 1.05), ylim=(-3, 3))
        left.plot(np.delete(X, OPEN), np.delete(TARGETS, OPEN), "o", color=BLUE, zorder=3)
        (self.open,) = left.plot([], [], "o", color=BLUE, markerfacecolor="white", zorder=4)
        (self.line,) = left.plot([], [], color=VERMILION, linewidth=2, zorder=2)
        self.errors = [left.plot([], [], ":", color=GRAY, zorder=1)[0] for _ in X]
        clean_axes(right, "weight w", "mean squared error", "the loss of every weight you try")
        worst = max(guess(w, shift).loss for w in (-3.0, 3.0) for shift in (-4.0, 1.0))
        right.set(xlim=(-3.1, 3.1), ylim=(-0.05 * worst, 1.05 * worst))
        self.tried, self.shift = {}, 0.0
        (self.trace,) = right.plot([], [], ".", color=ORANGE, zorder=2)
        (self.point,) = right.plot([], [], "o", color=VERMILION, markersize=9, zorder=3)
        return [self.line, self.open, self.trace, self.point, *self.errors]

    def draw(self, result):
        ends = np.array([-1.05, 1.05])
        self.line.set_data(ends, result.weight * ends)
        for error, x, target, prediction in zip(
            self.errors, X, result.targets, result.prediction, strict=True
        ):
            error.set_data([x, x], [target, prediction])
        self.open.set_data(X[[OPEN]], result.targets[[OPEN]])
        if result.shift != self.shift:  # other points, another loss for each weight
            self.tried, self.shift = {}, result.shift
        self.tried[result.weight] = result.loss
        self.trace.set_data(list(self.tried), list(self.tried.values()))
        self.point.set_data([result.weight], [result.loss])

    def dragged(self, axes, x, y, values):
        if abs(x - X[OPEN]) < REACH:
            return {"shift": y - TARGETS[OPEN]}
        return {"weight": y / x} if abs(x) > 0.05 else {}

    def describe(self, result):
        best = min(self.tried, key=self.tried.get)
        sentence = f"With w = {result.weight:.2f} the mean squared error is {result.loss:.3f}. "
        if result.shift:
            sentence += f"The open point is shifted by {result.shift:g}. "
        moved = result.targets
        lowest = guess(float(X @ moved / (X @ X)), result.shift).loss
        if result.loss < 1.01 * lowest:
            return sentence + f"No weight does much better: the lowest possible is {lowest:.3f}."
        if len(self.tried) == 1:
            return sentence + "Move w and try to make it small."
        return sentence + f"The best of the {len(self.tried)} you have tried is w = {best:.2f}."
