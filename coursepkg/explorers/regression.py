"""Chapter 03: gradient descent fits a line to the iris petals, from a start and a rate you set."""

from dataclasses import dataclass

import numpy as np
from ipywidgets import Checkbox, FloatSlider

from coursepkg.datasets import iris_petals
from coursepkg.explorers.base import Explorer, log_slider, wide
from coursepkg.figures import BLUE, GRAY, VERMILION
from coursepkg.losses import mean_squared_error
from coursepkg.plots import clean_axes, draw_line_loss, draw_path

STEPS = 60
LENGTH, WIDTH, _ = iris_petals()


@dataclass
class Run:
    """A run: path (steps + 1, 2) of weight and bias, losses, largest stable rate, best line."""

    learning_rate: float
    standardized: bool
    path: np.ndarray
    losses: np.ndarray
    edge: float
    best: np.ndarray
    verdict: str


def inputs(standardized):
    """Petal length, in cm or in standard deviations from its mean."""
    return (LENGTH - LENGTH.mean()) / LENGTH.std() if standardized else LENGTH


def descend(learning_rate, weight, standardized):
    """Gradient descent from (weight, bias 0), stopped early if the loss passes 10⁶."""
    x = inputs(standardized)
    params = np.array([weight, 0.0])
    path, losses = [params.copy()], []
    while True:
        loss, vjp = mean_squared_error(params[0] * x + params[1], WIDTH)
        losses.append(float(loss))
        if loss > 1e6 or len(losses) > STEPS:
            break
        grad_z = vjp()
        params -= learning_rate * np.array([np.sum(grad_z * x), np.sum(grad_z)])
        path.append(params.copy())
    hessian = 2 * np.array([[np.mean(x**2), np.mean(x)], [np.mean(x), 1.0]])
    edge = 2 / np.linalg.eigvalsh(hessian)[-1]
    best = np.polyfit(x, WIDTH, 1)
    return Run(
        learning_rate, standardized, np.array(path), np.array(losses), edge, best, verdict(losses)
    )


def verdict(losses):
    """The outcome: "fell", "stood" (the loss ends within 1 % of its start) or "diverged"."""
    ratio = losses[-1] / losses[0]
    if ratio > 1.01:
        return "diverged"
    return "stood" if ratio > 0.99 else "fell"


class RegressionExplorer(Explorer):
    """Controls: learning rate, starting weight, inputs. Shows loss curve, loss surface and fit."""

    size = (10.4, 3.5)

    def make_controls(self):
        return {
            "learning_rate": log_slider("learning rate", 0.1, -3, 0.2, step=0.02, digits=4),
            "weight": wide(FloatSlider, "starting weight", value=-1.5, min=-2, max=3, step=0.1),
            "standardized": wide(Checkbox, "standardize the petal length", value=True),
        }

    compute = staticmethod(descend)

    def build(self, figure):
        self.left, self.middle, self.right = figure.subplots(1, 3)
        clean_axes(self.left, "step", "mean squared error (cm²)", "loss")
        self.left.set(xlim=(-1, STEPS + 1), ylim=(0.02, 2e3), yscale="log")
        clean_axes(self.middle, "weight", "bias (cm)", "loss surface, path")
        clean_axes(self.right, "petal length", "petal width (cm)", "fit")
        (self.points,) = self.right.plot([], [], ".", color=BLUE, alpha=0.6)
        (self.curve,) = self.left.plot([], [], color=VERMILION, linewidth=1.8, zorder=3)
        self.path, self.end = draw_path(self.middle, np.empty((0, 2)))
        (self.fit,) = self.right.plot([], [], color=VERMILION, linewidth=2, zorder=3)
        (self.first,) = self.right.plot([], [], "--", color=GRAY, zorder=2)
        self.surface, self.shown = (), None
        return [self.curve, self.path, self.end, self.first, self.fit]

    def draw(self, result):
        if result.standardized != self.shown:
            self._change_data(result)
        self.curve.set_data(np.arange(len(result.losses)), result.losses)
        self.path.set_data(*result.path.T)
        self.end.set_data(*result.path[-1:].T)
        ends = np.array(self.right.get_xlim())
        for line, (weight, bias) in ((self.first, result.path[0]), (self.fit, result.path[-1])):
            line.set_data(ends, weight * ends + bias)

    def _change_data(self, result):
        self.shown = result.standardized
        x = inputs(result.standardized)
        self.points.set_data(x, WIDTH)
        self.right.set(xlim=(x.min() - 0.3, x.max() + 0.3), ylim=(-0.6, 3.2))
        self.right.set_xlabel(f"petal length ({'standard deviations' if self.shown else 'cm'})")
        for artist in self.surface:
            artist.remove()
        self.surface = draw_line_loss(self.middle, x, WIDTH, (-2.6, 3.6), (-2.5, 3.5))
        self.redraw_background()

    def describe(self, result):
        first, last = result.losses[0], result.losses[-1]
        start, weight, bias = result.path[0][0], *result.path[-1]
        steps = len(result.losses) - 1
        setting = f"Learning rate {result.learning_rate:.4f}, starting weight {start:.1f}"
        edge = f"The edge is at learning rate 2/λ = {result.edge:.4f}."
        if result.verdict == "diverged":
            rise = f"the loss rose from {first:.3f} to {last:.3g} in {steps} steps"
            return f"{setting}: diverged, {rise}. {edge}"
        if result.verdict == "stood":
            return f"{setting}: after {steps} steps the loss is back at {last:.3f}. {edge}"
        return (
            f"{setting}: the loss fell from {first:.3f} to {last:.4f} in {steps} steps, to weight "
            f"{weight:.3f} and bias {bias:.3f} cm; the best are {result.best[0]:.3f} and "
            f"{result.best[1]:.3f}. {edge}"
        )
