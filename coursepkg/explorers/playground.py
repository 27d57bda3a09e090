"""Chapter 04: a network with one hidden layer learns to part two classes."""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from matplotlib.collections import LineCollection

from coursepkg import activations, datasets
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder, slider
from coursepkg.figures import GREEN, INK, VERMILION
from coursepkg.initializers import normal
from coursepkg.layers import Activation, Linear
from coursepkg.losses import mean_squared_error
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD
from coursepkg.plots import clean_axes, draw_boundary, draw_classes
from coursepkg.plots.boundaries import GRID, border_line, square_grid
from coursepkg.training import Diverged, train_step

STEPS = 300
LIMIT = 2.0  # of the plane that is shown
RINGED = 2  # the number of the point that can be moved
ACTIVATIONS = ("tanh", "relu", "sigmoid")
XOR, LABELS = datasets.xor()
DATA = {
    # XOR around the origin and as wide as the others, so that one picture fits all.
    "XOR": (2 * XOR - 1, LABELS),
    "moons": datasets.moons(np.random.default_rng(1), n=100, noise=0.12),
    "spirals": datasets.spirals(np.random.default_rng(1), n=100, noise=0.05, turns=0.75),
}
PLANE = square_grid(-LIMIT, LIMIT)


@dataclass(frozen=True)
class Run:
    """A training: settings, losses and parameters at each step, what became of it."""

    settings: dict
    x: np.ndarray  # (n, 2)
    labels: np.ndarray  # (n,)
    losses: np.ndarray
    model: Sequential
    params: np.ndarray  # (steps + 1, parameters)
    right: int
    answers: int  # how many different ones the data get, 1 or 2
    silent: int  # hidden units whose slope is almost 0 at every sample
    diverged: bool

    @np.errstate(over="ignore", invalid="ignore")
    def at(self, step):
        """After so many steps: outputs on the plane, (GRID, GRID), weights and biases of the hidden
        units, (2, hidden) and (hidden,), and the weights of the output, (hidden,)."""
        self.model.params[:] = self.params[step]
        inner, _, outer, _ = self.model.layers
        heights = self.model.predict(PLANE).reshape(GRID, GRID)
        return heights, inner.weight.copy(), inner.bias.copy(), outer.weight[:, 0].copy()


def moved(data, right, up):
    """The samples and labels of a data set, with its ringed point moved."""
    x, labels = DATA[data]
    x = x.copy()
    x[RINGED] += right, up
    return x, labels


@lru_cache(maxsize=64)
@np.errstate(over="ignore", invalid="ignore")  # training looks for it, and it is said
def train_network(data, hidden, activation, learning_rate, scale, start, right=0.0, up=0.0):
    """Gradient descent with all samples on the mean squared error of a sigmoid output."""
    settings = dict(data=data, hidden=hidden, activation=activation)
    settings |= dict(learning_rate=learning_rate, scale=scale, start=start, right=right, up=up)
    x, labels = moved(data, right, up)
    targets = labels[:, None].astype(float)
    draw = partial(normal, scale=scale)
    function = getattr(activations, activation)
    inner, outer = Linear(2, hidden, draw), Linear(hidden, 1, draw)
    layers = [inner, Activation(function), outer, Activation(activations.sigmoid)]
    model = Sequential(layers, np.random.default_rng(start))
    losses, params, diverged = _descend(model, x, targets, learning_rate)
    says = model.predict(x) > 0.5
    z = x @ inner.weight + inner.bias
    slopes = function(z)[1](np.ones_like(z))
    return Run(
        settings, x, labels, losses, model, params,
        right=int(np.sum(says == targets)), answers=len(np.unique(says)),
        silent=int(np.sum(np.abs(slopes).max(axis=0) < 0.01)), diverged=diverged,
    )  # fmt: skip


def _descend(model, x, targets, learning_rate):
    """STEPS steps: the losses and parameters before, between and after; did it diverge?"""
    optimizer, losses, params = SGD(model.params, model.grads, learning_rate), [], []
    try:
        for step in range(STEPS + 1):
            if step == STEPS:
                optimizer.learning_rate = 0.0  # the last one only looks
            params.append(model.params.copy())
            losses.append(train_step(model, optimizer, mean_squared_error, x, targets))
    except Diverged:
        return np.array(losses), np.array(params[: len(losses)]), True
    return np.array(losses), np.array(params), False


def lines_of_units(weight, bias):
    """For each hidden unit the two ends of a piece of its line z = 0, (units, 2, 2).

    The piece is long enough to cross the picture; a unit without weights has no line.
    """
    length = np.hypot(*weight)  # cannot overflow, as a sum of squares can
    weight, bias, length = (part[..., length > 1e-9] for part in (weight, bias, length))
    normals = weight / length  # (2, units)
    foot = -(bias / length) * normals  # the point of the line nearest to the origin
    along = 4 * LIMIT * np.array([-normals[1], normals[0]])
    return np.stack([foot - along, foot + along]).transpose(2, 0, 1)


class PlaygroundExplorer(Explorer):
    """Data, hidden units, activation, learning rate, start; the boundary, the units, the loss."""

    size = (10.4, 3.6)
    title = "A playground: one hidden layer learns to part two classes"
    tries = {
        "XOR, 2 units": {"data": "XOR", "hidden": 2},
        "Tiny weights": {"scale": 0.001},
        "Weights ten times as large": {"scale": 10.0},
        "Far too large steps": {"learning_rate": 100.0},
        "ReLU": {"activation": "relu"},
        "Spirals, 3 units": {"data": "spirals", "hidden": 3},
    }
    ghosts, draggable = ("border", "curve"), ("left",)

    def make_controls(self):
        return {
            "data": choice("data", DATA, "moons"),
            "hidden": slider("hidden units", 8, 1, 16),
            "activation": choice("activation", ACTIVATIONS),
            "learning_rate": ladder("learning rate", 3.0, 0.01, 100),
            "scale": ladder("starting weights' scale", 1.0, 0.001, 10),
            "start": slider("random start", 1, 1, 10),
            "right": slider("ringed point, to the right", 0.0, -3.0, 3.0, 0.1),
            "up": slider("ringed point, upward", 0.0, -3.0, 3.0, 0.1),
        }

    compute = staticmethod(train_network)

    def build(self, figure):
        left, middle, self.right = figure.subplots(1, 3)
        self.right.set_box_aspect(1)  # as high as its neighbors
        x, labels = DATA["moons"]
        heights = np.full((GRID * GRID, 1), 0.5)
        self.left, self.shown = left, None
        self.image, self.border, *self.points = draw_boundary(left, lambda _: heights, x, labels)
        self.more_points = draw_classes(middle, x, labels)
        (self.ring,) = left.plot([], [], "o", color=INK, fillstyle="none", markersize=13, zorder=6)
        self.lines = middle.add_collection(LineCollection([], colors=GREEN, zorder=2))
        middle.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), aspect="equal")
        clean_axes(left, "x[0]", "x[1]", "what the network says")
        clean_axes(middle, "x[0]", "x[1]", "each hidden unit's line z = 0, thick if it counts")
        clean_axes(self.right, "step", "mean squared error", "loss")
        for axes in (left, middle):
            axes.grid(False)
            axes.spines[:].set_visible(False)
        # The loss is at most 1; a curve that stays there must not lie on the frame.
        self.right.set(xlim=(-5, STEPS + 5), ylim=(1e-6, 1.5), yscale="log")
        (self.curve,) = self.right.plot([], [], color=VERMILION, linewidth=1.8, zorder=3)
        points = [*self.points, *self.more_points]
        return [self.image, self.border, self.lines, self.curve, self.ring, *points]

    def draw(self, run):
        x, labels = run.x, run.labels
        self.ring.set_data(*x[[RINGED]].T)
        for points in (self.points, self.more_points):
            for label, artist in enumerate(points):
                artist.set_data(*x[labels == label].T)
        self.draw_step(run, self.steps(run))

    def steps(self, run):
        return len(run.losses) - 1

    def draw_step(self, run, step):
        heights, weight, bias, out_weight = run.at(step)
        self.image.set_data(heights)
        self.border.set_data(*border_line(self.left, heights))
        self.lines.set_segments(lines_of_units(weight, bias))
        share = np.abs(out_weight) / max(np.abs(out_weight).max(), 1e-9)
        self.lines.set_linewidths(0.5 + 2.5 * share)
        self.curve.set_data(np.arange(step + 1), run.losses[: step + 1])
        return f"step {step}: loss {_short(run.losses[step])}"

    def dragged(self, axes, x, y, values):
        home = DATA[values["data"]][0][RINGED]
        return {"right": x - home[0], "up": y - home[1]}

    def describe(self, run):
        s, n = run.settings, len(run.x)
        units = f"{s['hidden']} hidden unit{'s' if s['hidden'] > 1 else ''} with {s['activation']}"
        setting = (
            f"{s['data']}, {units}, learning rate {s['learning_rate']:g}, starting weights of "
            f"scale {s['scale']:g}, random start {s['start']}"
        )
        if s["right"] or s["up"]:
            setting += f", the ringed point at ({run.x[RINGED, 0]:.2f}, {run.x[RINGED, 1]:.2f})"
        if run.diverged:
            return f"It diverged at step {len(run.losses)}. The setting: {setting}."
        return (
            f"{run.right} of {n} points are right{_remark(run, n)}. In {STEPS} steps the loss went "
            f"from {run.losses[0]:.3f} to {_short(run.losses[-1])}. The setting: {setting}."
        )


def _short(loss):
    return f"{loss:.4f}" if loss >= 0.001 else f"{loss:.1e}"


def _remark(run, n):
    """What there is to say besides: one answer for all, all right, a risen loss, silent units."""
    parts = []
    if run.answers == 1:
        parts.append("all get the same answer, no boundary crosses the data")
    elif run.right == n:
        parts.append("the boundary separates the classes")
    if run.losses[-1] > run.losses[0] * (1 + 1e-9):  # more than by rounding
        parts.append("the loss has risen")
    if run.silent:
        have = "has" if run.silent == 1 else "have"
        parts.append(f"{run.silent} of the hidden units {have} a slope below 0.01 at every point")
    return "".join("; " + part for part in parts)
