"""Chapter 04: one sample's gradient walks back through two layers, delta by delta."""

from dataclasses import dataclass

import numpy as np

from coursepkg.activations import sigmoid
from coursepkg.explorers.base import Explorer, recolor
from coursepkg.explorers.controls import slider
from coursepkg.figures import BLUE, GRAY, INK, VERMILION

# The chapter's network of 2 inputs, 3 tanh neurons and 1 sigmoid output.
WEIGHT1 = np.array([[1.0, -0.5, 0.5], [0.5, 1.0, -1.0]])
BIAS1 = np.array([0.0, 0.5, 0.0])
WEIGHT2 = np.array([1.0, -1.0, 0.5])

# What each step of the way back computes: the equation, and the line of code.
LINES = (
    ("δ₂ = 2 (a₂ − t) · a₂ (1 − a₂)", "grad_z2 = 2 * (a2 - t_one) * a2 * (1 - a2)"),
    ("∂L/∂W₂[j] = a₁[j] δ₂", "grad_weight2[j] = a1[j] * grad_z2"),
    ("δ₁[j] = δ₂ W₂[j] · (1 − a₁[j]²)", "grad_z1[j] = grad_z2 * weight2[j] * (1 - a1[j]**2)"),
    ("∂L/∂W₁[i, j] = x[i] δ₁[j]", "grad_weight1[i, j] = x_one[i] * grad_z1[j]"),
)
INPUTS, HIDDEN, OUTPUT, LOSS = [(0, 1.5), (0, 0.5)], [(1, 2), (1, 1), (1, 0)], (2, 1), (2.8, 1)

BETWEEN = 75  # frames of a step: as many in all as the screen shows while they are played
PLACES = (0.55, 0.72, 0.62), (0.4, 0.4, 0.4)  # of the weights on the first lines, apart from others


@dataclass
class Way:
    """The forward and the backward pass of one sample, shown up to a step of the way back."""

    step: int
    x: np.ndarray
    target: float
    weight2: np.ndarray
    a1: np.ndarray
    a2: float
    loss: float
    grad_z2: float
    grad_weight2: np.ndarray  # (3,)
    grad_z1: np.ndarray  # (3,)
    grad_weight1: np.ndarray  # (2, 3)


def walk(step, x0, x1, target, weight):
    """Both passes for the input (x0, x1), with `weight` as W2[0]."""
    x, weight2 = np.array([x0, x1]), np.array([weight, *WEIGHT2[1:]])
    a1 = np.tanh(x @ WEIGHT1 + BIAS1)
    a2 = float(sigmoid(a1 @ weight2)[0])
    grad_z2 = 2 * (a2 - target) * a2 * (1 - a2)
    grad_z1 = grad_z2 * weight2 * (1 - a1**2)
    return Way(
        step, x, target, weight2, a1, a2, (a2 - target) ** 2, grad_z2,
        grad_weight2=a1 * grad_z2, grad_z1=grad_z1, grad_weight1=np.outer(x, grad_z1),
    )  # fmt: skip


class TwoLayersExplorer(Explorer):
    """Controls: the step, the sample, one weight. Deltas travel back along the weights."""

    size = (10.0, 4.9)
    title = "The way back through two layers"
    tries = {
        "Two saturated neurons": {"step": 4, "x0": -2.0, "x1": 2.0},
        "The other target": {"step": 4, "target": 0},
        "Another weight": {"step": 4, "weight": -2.0},
    }

    def make_controls(self):
        return {
            "step": slider("steps back", 3, 0, len(LINES)),
            "x0": slider("x[0]", 0.0, -2.0, 2.0, 0.1),
            "x1": slider("x[1]", 1.0, -2.0, 2.0, 0.1),
            "target": slider("target t", 1, 0, 1),
            "weight": slider("weight W₂[0]", 1.0, -2.0, 2.0, 0.1),
        }

    compute = staticmethod(walk)

    def build(self, figure):
        net, page = figure.subplots(2, 1, height_ratios=(3.1, 1))
        for axes in (net, page):
            axes.set_axis_off()
        net.set(xlim=(-0.25, 3.05), ylim=(-0.4, 2.4))
        page.set(xlim=(0, 1), ylim=(0, 1))
        self.first = [
            Wire(net, HIDDEN[j], INPUTS[i], PLACES[i][j]) for i in range(2) for j in range(3)
        ]
        self.second = [Wire(net, OUTPUT, place, 0.5) for place in HIDDEN]
        self.pulses = [_pulse(net) for _ in HIDDEN]
        self.last = Wire(net, LOSS, OUTPUT, None)
        names = ["x[0]", "x[1]", "a₁[0]", "a₁[1]", "a₁[2]", "a₂", "L"]
        places = [*INPUTS, *HIDDEN, OUTPUT, LOSS]
        circles = [_circle(net, *each) for each in zip(places, names, strict=True)]
        self.circles = [circle for circle, *_ in circles]
        self.outputs = [output for *_, output in circles]
        for (x, y), bias in zip(HIDDEN, BIAS1, strict=True):
            if bias:
                net.text(x + 0.13, y + 0.22, f"bias {bias:g}", color=GRAY, fontsize=8.5)
        style = {"color": VERMILION, "fontsize": 9.5, "ha": "center", "va": "center", "zorder": 6}
        self.deltas = [net.text(x, y - 0.16, "", **style) for x, y in (*HIDDEN, OUTPUT)]
        self.lines = []
        for row, (equation, code) in enumerate(LINES):
            y = 0.9 - 0.27 * row
            mono = page.text(0.4, y, code, family="monospace", fontsize=9, va="center")
            self.lines += [(page.text(0.0, y, equation, fontsize=11, va="center"), mono)]
        wires = [*self.first, *self.second, self.last]
        moving = [artist for wire in wires for artist in wire.artists]
        moving += [artist for circle in circles for artist in circle]  # over the lines
        texts = [*self.deltas, *(text for line in self.lines for text in line)]
        return [*moving, *self.pulses, *texts]

    def draw(self, way):
        self.draw_step(way, way.step)

    def steps(self, way):
        return len(LINES)

    def place(self, way):
        return way.step

    def positions(self, way):
        return np.arange(len(LINES) * BETWEEN + 1) / BETWEEN

    def draw_step(self, way, step):
        stage = int(np.ceil(step))
        share = step - stage + 1 if stage else 0.0  # of the present stage's way
        done = [1.0 if k < stage else share if k == stage else 0.0 for k in range(1, 5)]
        largest = max(np.abs(way.grad_weight2).max(), np.abs(way.grad_weight1).max(), 1e-9)
        self.last.show(done[0], 0.5)
        for j, wire in enumerate(self.second):
            size = abs(way.grad_weight2[j]) / largest
            wire.show(done[1], size, way.weight2[j], way.grad_weight2[j])
            travels = 0 < done[2] < 1
            self.pulses[j].set_data(*(([v] for v in wire.at(done[2])) if travels else ([], [])))
        for wire, weight, grad in zip(
            self.first, WEIGHT1.ravel(), way.grad_weight1.ravel(), strict=True
        ):
            wire.show(done[3], abs(grad) / largest, weight, grad)
        values = [*way.x, *way.a1, way.a2, way.loss]
        for text, value in zip(self.outputs, values, strict=True):
            text.set_text(f"{value:.4g}")
        known = [done[2] == 1] * 3 + [done[0] == 1]
        for text, delta, there in zip(self.deltas, [*way.grad_z1, way.grad_z2], known, strict=True):
            text.set_text(f"δ {delta + 0.0:.3f}" if there else "")
        for circle, lit in zip(self.circles, [0, 0, 3, 3, 3, 1, 0], strict=True):
            circle.set_markeredgecolor(VERMILION if lit and lit == stage else GRAY)
            circle.set_markeredgewidth(2.5 if lit and lit == stage else 1)
        for number, line in enumerate(self.lines, start=1):
            for text in line:
                recolor(text, VERMILION if number == stage else INK if number < stage else GRAY)
        return self._sentence(way, stage)

    def describe(self, way):
        return self._sentence(way, way.step)

    def _sentence(self, way, stage):
        sample = f"x = ({way.x[0]:g}, {way.x[1]:g}), target {way.target:g}"
        return f"{self._said(way, stage)} This is for {sample}, W₂[0] = {way.weight2[0]:g}."

    def _said(self, way, stage):
        """What has been computed in this step."""
        from_x0, from_x1 = map(_numbers, way.grad_weight1)
        return (
            f"Forward: a₂ = {way.a2:.4f}, target {way.target:g}, L = {way.loss:.4f}. Now go back.",
            f"Step 1 of 4: δ₂ = {way.grad_z2:.4f}, from the loss through the sigmoid to z₂.",
            "Step 2 of 4: the gradient of each weight W₂[j] is what came in, a₁[j], times δ₂: "
            f"{_numbers(way.grad_weight2)}.",
            "Step 3 of 4: δ₂ goes back along the weights, through the slopes of tanh: δ₁ = "
            f"{_numbers(way.grad_z1)}.",
            "Step 4 of 4: the gradient of each weight W₁[i, j] is x[i] times δ₁[j]. From x[0]: "
            f"{from_x0}; from x[1]: {from_x1}.",
        )[stage]


def _numbers(values):
    return ", ".join(f"{value + 0.0:.4f}" for value in values)  # + 0 turns -0 into 0


class Wire:
    """The line between two neurons, and what comes back along it, from `start` to `end`.

    at: the share of the way where its weight stands, and under it the gradient; None for neither.
    """

    def __init__(self, axes, start, end, at):
        self.start, self.way = np.array(start), np.subtract(end, start)
        axes.plot(*zip(start, end, strict=True), color=GRAY, linewidth=0.8, zorder=1)
        (self.flow,) = axes.plot([], [], color=VERMILION, zorder=2, solid_capstyle="round")
        self.artists = [self.flow]
        self.labels = []
        if at is not None:
            x, y = self.at(at)
            style = {"ha": "center", "va": "center", "zorder": 4}
            style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            self.labels = [
                axes.text(x, y, "", fontsize=9.5, color=INK, **style),
                axes.text(x, y - 0.17, "", fontsize=9.5, color=VERMILION, **style),
            ]
            self.artists += self.labels

    def at(self, share):
        """The place on the line after this share of the way."""
        return self.start + share * self.way

    def show(self, share, size, weight=None, grad=None):
        """share: of the way that the gradient has come; size: 0 to 1, as its thickness."""
        come = np.array([self.start, self.at(share)]) if share > 0 else np.empty((0, 2))
        self.flow.set_data(*come.T)
        self.flow.set_linewidth(1 + 6 * size)
        if self.labels:
            self.labels[0].set_text(f"{weight:g}")
            self.labels[1].set_text(f"∂ {grad + 0.0:.3f}" if share == 1 else "")


def _circle(axes, place, name):
    """Draw a neuron: its circle, its name, and the text of its value."""
    x, y = place
    (circle,) = axes.plot(
        x, y, "o", markersize=50, markerfacecolor="white", markeredgecolor=GRAY, zorder=5
    )
    text = {"ha": "center", "va": "center", "zorder": 6}
    return (
        circle,
        axes.text(x, y + 0.16, name, fontsize=9, fontweight="bold", **text),
        axes.text(x, y, "", color=BLUE, fontsize=10, **text),
    )


def _pulse(axes):
    (pulse,) = axes.plot([], [], "o", color=VERMILION, markersize=11, zorder=4.5)
    return pulse
