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


@dataclass
class Guess:
    weight: float
    prediction: np.ndarray
    loss: float


def guess(weight):
    """The line through the origin with this weight, and its mean squared error on the points."""
    prediction = weight * X
    return Guess(weight, prediction, float(mean_squared_error(prediction, TARGETS)[0]))


class GuessExplorer(Explorer):
    """One slider, the weight: it rotates the line and updates the mean squared error."""

    size = (8.4, 3.6)
    title = "Twelve points, your line, and its loss"
    draggable = ("left",)

    def make_controls(self):
        return {"weight": slider("weight w", 0.0, -3.0, 3.0, 0.05)}

    compute = staticmethod(guess)

    def build(self, figure):
        self.left, right = figure.subplots(1, 2)
        left = self.left
        clean_axes(left, "x", "target", "the points and your line")
        left.set(xlim=(-1.05, 1.05), ylim=(-3, 3))
        left.plot(X, TARGETS, "o", color=BLUE, zorder=3)
        (self.line,) = left.plot([], [], color=VERMILION, linewidth=2, zorder=2)
        self.errors = [left.plot([], [], ":", color=GRAY, zorder=1)[0] for _ in X]
        clean_axes(right, "weight w", "mean squared error", "the loss of every weight you try")
        worst = max(guess(-3.0).loss, guess(3.0).loss)
        right.set(xlim=(-3.1, 3.1), ylim=(-0.05 * worst, 1.05 * worst))
        self.tried = {}
        (self.trace,) = right.plot([], [], ".", color=ORANGE, zorder=2)
        (self.point,) = right.plot([], [], "o", color=VERMILION, markersize=9, zorder=3)
        return [self.line, self.trace, self.point, *self.errors]

    def draw(self, result):
        ends = np.array([-1.05, 1.05])
        self.line.set_data(ends, result.weight * ends)
        for error, x, target, prediction in zip(
            self.errors, X, TARGETS, result.prediction, strict=True
        ):
            error.set_data([x, x], [target, prediction])
        self.tried[result.weight] = result.loss
        self.trace.set_data(list(self.tried), list(self.tried.values()))
        self.point.set_data([result.weight], [result.loss])

    def dragged(self, axes, x, y, values):
        return {"weight": y / x} if abs(x) > 0.05 else {}

    def describe(self, result):
        best = min(self.tried, key=self.tried.get)
        sentence = f"With w = {result.weight:.2f} the mean squared error is {result.loss:.3f}. "
        if len(self.tried) == 1:
            return sentence + "Move the slider and try to make it small."
        return sentence + f"The best of the {len(self.tried)} you have tried is w = {best:.2f}."
