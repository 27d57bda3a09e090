"""Chapter 01: a tangent that slides along an activation function."""

from dataclasses import dataclass

import numpy as np

from coursepkg.activations import leaky_relu, relu, sigmoid, softplus, tanh
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, slider
from coursepkg.figures import BLUE, GRAY, ORANGE, VERMILION
from coursepkg.plots import clean_axes

ACTIVATIONS = {
    function.__name__: function for function in (sigmoid, tanh, relu, leaky_relu, softplus)
}
Z = np.linspace(-6, 6, 241)
PUSH = 0.1


@dataclass
class Tangent:
    name: str
    z: float
    a: float
    slope: float
    pushed: float
    curve: np.ndarray
    slopes: np.ndarray


def tangent(z, activation):
    """The activation and its slope at z and on the grid Z, and the activation at z + PUSH."""
    function = ACTIVATIONS[activation]
    a, vjp = function(z)
    curve, vjp_curve = function(Z)
    slopes = vjp_curve(np.ones_like(Z))
    pushed = float(function(z + PUSH)[0])
    return Tangent(activation, z, float(a), float(vjp(1.0)), pushed, curve, slopes)


class TangentExplorer(Explorer):
    """Controls: z and the activation. Left, the curve and its tangent; right, the slope."""

    size = (9.0, 3.5)
    title = "An activation function and its tangent"
    tries = {
        "Where the sigmoid bends most": {"z": 1.3},
        "ReLU at its corner": {"activation": "relu", "z": 0.0},
    }
    draggable = ("left", "right")

    def make_controls(self):
        return {
            "z": slider("z", 1.0, -6.0, 6.0, 0.1),
            "activation": choice("activation", ACTIVATIONS),
        }

    compute = staticmethod(tangent)

    def build(self, figure):
        self.left, self.right = figure.subplots(1, 2)
        clean_axes(self.left, "z", "a", "the activation and its tangent")
        clean_axes(self.right, "z", "da/dz", "its slope")
        for axes in (self.left, self.right):
            axes.set_xlim(-6.15, 6.15)
        self.right.set_ylim(-0.08, 1.12)  # the same for all, so that they can be compared
        (self.curve,) = self.left.plot([], [], color=BLUE, linewidth=2)
        (self.slopes,) = self.right.plot([], [], color=ORANGE, linewidth=2)
        (self.line,) = self.left.plot([], [], "--", color=VERMILION, linewidth=1.8, zorder=3)
        (self.point,) = self.left.plot([], [], "o", color=VERMILION, markersize=8, zorder=4)
        (self.drop,) = self.right.plot([], [], ":", color=GRAY, zorder=3)
        (self.height,) = self.right.plot([], [], "o", color=VERMILION, markersize=8, zorder=4)
        self.shown = None
        return [self.line, self.point, self.drop, self.height]

    def draw(self, result):
        if result.name != self.shown:
            self._change_curve(result)
        ends = np.array([result.z - 2, result.z + 2])
        self.line.set_data(ends, result.a + result.slope * (ends - result.z))
        self.point.set_data([result.z], [result.a])
        self.drop.set_data([result.z, result.z], [0, result.slope])
        self.height.set_data([result.z], [result.slope])

    def _change_curve(self, result):
        self.shown = result.name
        self.curve.set_data(Z, result.curve)
        slopes = result.slopes.copy()
        slopes[:-1][np.abs(np.diff(slopes)) > 0.3] = np.nan  # no line where it jumps
        self.slopes.set_data(Z, slopes)
        low, high = result.curve.min(), result.curve.max()
        margin = 0.12 * (high - low)
        self.left.set_ylim(low - margin, high + margin)
        self.redraw_still()

    def dragged(self, axes, x, y, values):
        return {"z": x}

    def describe(self, result):
        change = result.pushed - result.a
        return (
            f"{result.name} at z = {result.z:.1f}: a = {result.a:.4f}, slope {result.slope:.3g}. "
            f"A push of {PUSH} in z moves a by {change:.3g}; "
            f"the tangent promised {PUSH} × {result.slope:.3g} = {PUSH * result.slope:.3g}."
        )
