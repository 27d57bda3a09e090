"""Chapter 05: one neuron learns to output 0, with squared error and with cross-entropy."""

from dataclasses import dataclass

import numpy as np

from coursepkg.activations import sigmoid, softplus
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import ladder, slider
from coursepkg.figures import BLUE, GRAY, VERMILION
from coursepkg.losses import binary_cross_entropy
from coursepkg.plots import EndLabels, clean_axes

STEPS = 300
REACHED = 0.1  # an output below this counts as right
Z = np.linspace(-10, 10, 201)
NAMES = ("squared error", "cross-entropy")
COLORS, STYLES = (BLUE, VERMILION), ("--", "-")


def squared_error(z, targets):
    """½ (a - t)² with a = sigmoid(z): the loss of one output, and its vjp with respect to z."""
    a, vjp_sigmoid = sigmoid(z)
    return 0.5 * np.sum((a - targets) ** 2), lambda: vjp_sigmoid(a - targets)


LOSSES = dict(zip(NAMES, (squared_error, binary_cross_entropy), strict=True))


@dataclass
class Training:
    """One run: z, output, loss and dL/dz before each step and after the last: (STEPS + 1,) each."""

    z: np.ndarray
    outputs: np.ndarray
    losses: np.ndarray
    grad_z: np.ndarray

    @property
    def steps_to_reach(self):
        """The first step at which the output is below REACHED, or None."""
        below = self.outputs < REACHED
        return int(np.argmax(below)) if below.any() else None


@dataclass
class TwoRuns:
    """The same start and learning rate under each loss. runs: {name of the loss: its run}."""

    learning_rate: float
    weight: float
    bias: float
    runs: dict


def learn(loss, learning_rate, weight, bias):
    """Gradient descent on one sigmoid neuron with the input 1 and the target 0."""
    x, targets = 1.0, np.zeros(1)
    z, losses, grad_z = (np.empty(STEPS + 1) for _ in range(3))
    for step in range(STEPS + 1):
        z[step] = weight * x + bias
        losses[step], vjp = loss(z[step : step + 1], targets)
        grad_z[step] = vjp()[0]
        weight -= learning_rate * grad_z[step] * x
        bias -= learning_rate * grad_z[step]
    return Training(z, sigmoid(z)[0], losses, grad_z)


class OneNeuronExplorer(Explorer):
    """Controls: learning rate, starting weight and bias. Trains with both losses side by side."""

    size = (10.4, 3.5)
    ghosts = ("lines",)
    title = "One neuron, trained with two losses"
    tries = {
        "Very wrong": {"weight": 4.0, "bias": 4.0},
        "Very wrong, the largest rate": {"weight": 4.0, "bias": 4.0, "learning_rate": 3.0},
        "Nearly right": {"weight": -1.0, "bias": -1.0},
    }

    def make_controls(self):
        return {
            "learning_rate": ladder("learning rate", 0.15, 0.01, 3),
            "weight": slider("starting weight", 2.0, -4.0, 4.0, 0.1),
            "bias": slider("starting bias", 2.0, -4.0, 4.0, 0.1),
        }

    def compute(self, learning_rate, weight, bias):
        runs = {name: learn(loss, learning_rate, weight, bias) for name, loss in LOSSES.items()}
        return TwoRuns(learning_rate, weight, bias, runs)

    def build(self, figure):
        left, middle, right = figure.subplots(1, 3)
        clean_axes(left, "step", "output a (target 0)", "learning")
        left.set(xlim=(-5, STEPS + 5), ylim=(-0.04, 1.3), yticks=np.linspace(0, 1, 6))
        clean_axes(middle, "z", "loss", "its loss")
        middle.set(xlim=(-10, 10), ylim=(-0.3, 8.6))
        clean_axes(right, "z", "dL/dz", "how hard the loss pushes z")
        right.set(xlim=(-10, 10), ylim=(-0.04, 1.04))
        self.outputs, self.points = {}, {}
        a = sigmoid(Z)[0]
        curves = ((a**2 / 2, a**2 * (1 - a)), (softplus(Z)[0], a))
        for name, color, style, heights in zip(NAMES, COLORS, STYLES, curves, strict=True):
            (self.outputs[name],) = left.plot([], [], style, color=color, linewidth=2, label=name)
            for axes, curve in zip((middle, right), heights, strict=True):
                axes.plot(Z, curve, style, color=color)
            self.points[name] = [
                (_point(axes, color, face="white", size=8), _point(axes, color, color, size=6))
                for axes in (middle, right)
            ]
        left.axhline(REACHED, color=GRAY, linestyle=":", linewidth=1)
        left.text(0, REACHED - 0.09, f"{REACHED}", color=GRAY, fontsize=8)
        self.names = EndLabels(left)
        for row, (face, size, label) in enumerate((("white", 8, "first step"), (GRAY, 6, "now"))):
            height = 8.0 - 0.7 * row
            _point(middle, GRAY, face, size).set_data([-9.3], [height])
            middle.text(-8.6, height, label, va="center")
        points = [point for pairs in self.points.values() for pair in pairs for point in pair]
        self.lines = list(self.outputs.values())
        return [*self.lines, *self.names.texts, *points]

    def draw(self, result):
        self.draw_step(result, STEPS)

    def steps(self, result):
        return STEPS

    def draw_step(self, result, step):
        for name, run in result.runs.items():
            self.outputs[name].set_data(np.arange(step + 1), run.outputs[: step + 1])
            heights = (run.losses, run.grad_z)
            for (start, end), height in zip(self.points[name], heights, strict=True):
                start.set_data(run.z[:1], height[:1])
                end.set_data(run.z[step : step + 1], height[step : step + 1])
        self.names.place()
        squared, cross = (result.runs[name].outputs[step] for name in NAMES)
        return f"step {step}: output {squared:.3f} (squared error), {cross:.3f} (cross-entropy)"

    def describe(self, result):
        squared, cross = (result.runs[name] for name in NAMES)
        return (
            f"After {STEPS} steps the output is {squared.outputs[-1]:.4f} with the squared error "
            f"({_when(squared)}) and {cross.outputs[-1]:.4f} with the cross-entropy "
            f"({_when(cross)}). The target is 0; with learning rate {result.learning_rate:g}, "
            f"weight {result.weight:g} and bias {result.bias:g}, z begins at {squared.z[0]:.1f} "
            f"and the output at {squared.outputs[0]:.4f}. There the squared error pushes z with "
            f"{squared.grad_z[0]:.3g} and the cross-entropy with {cross.grad_z[0]:.3g}, "
            f"{cross.grad_z[0] / squared.grad_z[0]:,.0f} times as hard."
        )


def _point(axes, color, face, size):
    (point,) = axes.plot(
        [], [], "o", color=color, markerfacecolor=face, markersize=size, zorder=12 - size
    )
    return point


def _when(run):
    step = run.steps_to_reach
    if step is None:
        return f"never below {REACHED}"
    return f"below {REACHED} from the start" if step == 0 else f"below {REACHED} at step {step}"
