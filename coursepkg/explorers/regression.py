"""Chapter 03: gradient descent fits a line to the iris petals, from a start and a rate you set."""

from dataclasses import dataclass

import numpy as np

from coursepkg.datasets import iris_petals
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import ladder, slider, switch
from coursepkg.figures import BLUE, GRAY, VERMILION
from coursepkg.losses import mean_squared_error
from coursepkg.plots import EndLabels, clean_axes, draw_line_loss, draw_path

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


def descend(learning_rate, weight, standardized, bias=0.0):
    """Gradient descent from (weight, bias), stopped early if the loss passes 10⁶."""
    x = inputs(standardized)
    params = np.array([weight, bias])
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
    title = "Gradient descent fits a line to the iris petals"
    tries = {
        "In centimeters": {"standardized": False, "learning_rate": 0.02},
        "Just below the edge": {"standardized": False, "learning_rate": 0.052},
        "Just above the edge": {"standardized": False, "learning_rate": 0.057},
    }
    draggable, ghosts = ("middle",), ("curve", "path", "fit")

    def make_controls(self):
        return {
            "learning_rate": ladder("learning rate", 0.1, 0.001, 1.5),
            "weight": slider("starting weight", -1.5, -2.0, 3.0, 0.1),
            "bias": slider("starting bias", 0.0, -2.0, 3.0, 0.1),
            "standardized": switch("standardize the petal length", True),
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
        (self.fit,) = self.right.plot([], [], color=VERMILION, linewidth=2, zorder=3, label="now")
        (self.first,) = self.right.plot([], [], "--", color=GRAY, zorder=2, label="start")
        self.names = EndLabels(self.right, [self.fit, self.first])
        self.surface, self.shown = (), None
        return [self.curve, self.path, self.end, self.first, self.fit, *self.names.texts]

    def draw(self, result):
        if result.standardized != self.shown:
            self._change_data(result)
        self.draw_step(result, self.steps(result))

    def steps(self, result):
        return len(result.losses) - 1

    def draw_step(self, result, step):
        self.curve.set_data(np.arange(step + 1), result.losses[: step + 1])
        self.path.set_data(*result.path[: step + 1].T)
        self.end.set_data(*result.path[step : step + 1].T)
        ends = np.linspace(*self.right.get_xlim(), 101)
        for line, (weight, bias) in ((self.first, result.path[0]), (self.fit, result.path[step])):
            line.set_data(ends, weight * ends + bias)
        self.names.place()
        return f"step {step}: loss {result.losses[step]:.4g}"

    def dragged(self, axes, x, y, values):
        return {"weight": x, "bias": y}

    def _change_data(self, result):
        self.shown = result.standardized
        x = inputs(result.standardized)
        self.points.set_data(x, WIDTH)
        self.right.set(xlim=(x.min() - 0.3, x.max() + 0.3), ylim=(-0.6, 3.2))
        self.right.set_xlabel(f"petal length ({'standard deviations' if self.shown else 'cm'})")
        for artist in self.surface:
            artist.remove()
        self.surface = draw_line_loss(self.middle, x, WIDTH, (-2.6, 3.6), (-2.5, 3.5))
        self.redraw_still()

    def describe(self, result):
        first, last = result.losses[0], result.losses[-1]
        start, (weight, bias) = result.path[0], result.path[-1]
        steps = len(result.losses) - 1
        setting = f"Learning rate {result.learning_rate:g}, start ({start[0]:g}, {start[1]:g})"
        edge = f"The edge is at learning rate 2/λ = {result.edge:.4f}."
        if result.verdict == "diverged":
            rise = f"the loss rose from {first:.3f} to {last:.3g} in {steps} steps"
            return f"It diverged: {rise}. {setting}. {edge}"
        if result.verdict == "stood":
            return f"After {steps} steps the loss is back at {last:.3f}. {setting}. {edge}"
        return (
            f"The loss fell from {first:.3f} to {last:.4f} in {steps} steps. {setting}; the end is "
            f"at weight {weight:.3f} and bias {bias:.3f} cm, the best line has "
            f"{result.best[0]:.3f} and {result.best[1]:.3f}. {edge}"
        )
