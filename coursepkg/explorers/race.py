"""Chapter 07: six optimizers race from the same start on the same landscape."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder, slider
from coursepkg.figures import BLUE, GRAY, GREEN, INK, PURPLE, SKY, VERMILION
from coursepkg.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop
from coursepkg.plots import EndLabels, clean_axes

STEPS = 150
FAR = 1e4  # a coordinate beyond this counts as divergence
FLOOR, CEILING = 1e-9, 1e6  # limits of the drawn heights
WINDOW = (-2.2, 2.2)

# No AdamW: it is Adam plus weight decay, which means nothing on a landscape.
RACERS = {
    "SGD": (SGD, BLUE, "-", "o"),
    "Momentum": (Momentum, VERMILION, "--", "s"),
    "Nesterov": (Nesterov, PURPLE, "-.", "D"),
    "AdaGrad": (AdaGrad, GREEN, (0, (1, 1)), "^"),
    "RMSprop": (RMSprop, SKY, (0, (5, 1, 1, 1, 1, 1)), "v"),
    "Adam": (Adam, INK, (0, (7, 2)), "P"),
}
WITH_BETA1, WITH_MOMENTUM = ("Adam",), ("Momentum", "Nesterov")
ADAPTIVE = "SGD, AdaGrad, RMSprop, Adam"
GROUPS = {
    "SGD, Momentum, Adam": ("SGD", "Momentum", "Adam"),
    "SGD, Momentum, Nesterov": ("SGD", "Momentum", "Nesterov"),
    ADAPTIVE: ("SGD", "AdaGrad", "RMSprop", "Adam"),
    "all six": tuple(RACERS),
}


def ravine(point):
    """loss = (x² + 49 y²) / 2, curvatures 1 and 49, minimum at (0, 0).   point: (2, ...)."""
    x, y = point
    loss = 0.5 * (x**2 + 49 * y**2)

    def vjp(grad_loss=1.0):
        return grad_loss * np.array([x, 49 * y])

    return loss, vjp


def turned_ravine(point):
    """The ravine rotated by 45 degrees: its floor is the diagonal y = x.   point: (2, ...)."""
    x, y = point
    along, across = (x + y) / np.sqrt(2), (y - x) / np.sqrt(2)
    loss = 0.5 * (along**2 + 49 * across**2)

    def vjp(grad_loss=1.0):
        return grad_loss * np.array([along - 49 * across, along + 49 * across]) / np.sqrt(2)

    return loss, vjp


def saddle(point):
    """loss = x²/2 - y²/2 + y⁴/4: saddle at (0, 0), minima of -1/4 at (0, 1) and (0, -1)."""
    x, y = point
    loss = x**2 / 2 - y**2 / 2 + y**4 / 4

    def vjp(grad_loss=1.0):
        return grad_loss * np.array([x, y**3 - y])

    return loss, vjp


def rosenbrock(point):
    """loss = (1 - x)² + 100 (y - x²)², minimum at (1, 1).   Source: Rosenbrock (1960)."""
    x, y = point
    loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2

    def vjp(grad_loss=1.0):
        bend = y - x**2
        return grad_loss * np.array([-2 * (1 - x) - 400 * x * bend, 200 * bend])

    return loss, vjp


@dataclass(frozen=True)
class Landscape:
    """The function, its minimum, the points that attain it, and the heights of the contours."""

    function: object
    lowest: float
    goals: tuple
    levels: np.ndarray


LANDSCAPES = {
    "ravine": Landscape(ravine, 0.0, ((0, 0),), np.geomspace(0.05, 120, 12)),
    "turned ravine": Landscape(turned_ravine, 0.0, ((0, 0),), np.geomspace(0.05, 230, 12)),
    "saddle": Landscape(saddle, -0.25, ((0, 1), (0, -1)), np.geomspace(0.01, 6, 16)),
    "Rosenbrock": Landscape(rosenbrock, 0.0, ((1, 1),), np.geomspace(0.3, 3000, 14)),
}


@dataclass
class Race:
    """The settings, and by optimizer the path (steps + 1, 2) and its heights above the minimum."""

    landscape: str
    learning_rate: float
    momentum: float
    start: tuple
    paths: dict
    heights: dict
    diverged: tuple


@lru_cache(maxsize=512)  # a change of racers or momentum repeats some runs
def run(name, function, start, learning_rate, momentum, steps=STEPS):
    """The path of one optimizer, (steps + 1, 2), shorter if it diverged, and whether it did.

    The path is read-only, because the cache returns the same array for the same arguments.
    """
    params, grads = np.array(start, dtype=float), np.zeros(2)
    extra = (momentum,) if name in WITH_MOMENTUM + WITH_BETA1 else ()
    optimizer = RACERS[name][0](params, grads, learning_rate, *extra)
    path, far = [params.copy()], False
    for _ in range(steps):
        _, vjp = function(params)
        grads[:] = vjp()
        optimizer.step()
        far = max(map(abs, params.tolist())) > FAR
        if far:  # keep this step's direction; FAR becomes its largest component
            params[:] = path[-1] + (params - path[-1]) * (FAR / np.abs(params - path[-1]).max())
        path.append(params.copy())
        if far:
            break
    path = np.array(path)
    path.flags.writeable = False
    return path, far


def race(landscape, learning_rate, momentum, start, names):
    """Run the optimizers with these names from `start`, a pair (x, y)."""
    place = LANDSCAPES[landscape]
    paths, heights, diverged = {}, {}, []
    for name in names:
        own = momentum if name in WITH_MOMENTUM + WITH_BETA1 else 0.0
        paths[name], left = run(name, place.function, start, learning_rate, own)
        heights[name] = place.function(paths[name].T)[0] - place.lowest
        diverged += [name] * left
    return Race(landscape, learning_rate, momentum, start, paths, heights, tuple(diverged))


def draw_landscape(axes, landscape, window=WINDOW):
    """Draw the contours of a landscape and a star at each minimum; returns the artists.

    The levels are heights above the minimum; each is a constant factor times the one before.
    """
    place = LANDSCAPES[landscape]
    grid = np.linspace(*window, 161)
    heights = place.function(np.array(np.meshgrid(grid, grid)))[0] - place.lowest
    contours = axes.contour(grid, grid, heights, place.levels, colors=GRAY, linewidths=0.6)
    stars = axes.plot(*np.transpose(place.goals), "*", color="black", markersize=11, zorder=3.9)
    axes.set(xlim=window, ylim=window)
    return [contours, *stars]


class RaceExplorer(Explorer):
    """Controls: landscape, racers, learning rate, momentum, start. Shows paths and heights."""

    size = (10.4, 3.9)
    title = "Optimizers race from one start"
    tries = {
        "RMSprop thrown out again": {"racers": ADAPTIVE, "learning_rate": 0.045},
        "AdaGrad in front": {"racers": ADAPTIVE, "learning_rate": 0.5},
        "On the ridge of the saddle": {"landscape": "saddle", "y": 0.0},
        "Rosenbrock, small steps": {"landscape": "Rosenbrock", "learning_rate": 0.001},
    }
    draggable = ("map",)

    def make_controls(self):
        return {
            "landscape": choice("landscape", LANDSCAPES),
            "racers": choice("racers", GROUPS),
            "learning_rate": ladder("learning rate", 0.02, 0.0001, 3),
            "momentum": slider("momentum, beta1", 0.9, 0.0, 0.98, 0.01),
            "x": slider("starting x", -1.8, -2.0, 2.0, 0.1),
            "y": slider("starting y", 1.4, -2.0, 2.0, 0.1),
        }  # fmt: skip

    def compute(self, landscape, racers, learning_rate, momentum, x, y):
        return race(landscape, learning_rate, momentum, (x, y), GROUPS[racers])

    def build(self, figure):
        self.map, self.right = figure.subplots(1, 2, width_ratios=(1, 1.25))
        clean_axes(self.map, "x", "y", "paths, from the circle on")
        self.map.grid(False)
        self.map.set_box_aspect(1)
        clean_axes(self.right, "step", "height above the lowest point", "how far down they are")
        self.right.set(xlim=(-2, STEPS + 2), ylim=(FLOOR / 2, CEILING * 2), yscale="log")
        self.paths, self.ends, self.curves = {}, {}, {}
        for i, (name, (_, color, style, marker)) in enumerate(RACERS.items()):
            look = {"color": color, "linestyle": style, "linewidth": 1.5, "zorder": 3 + i / 10}
            (self.paths[name],) = self.map.plot([], [], **look)
            (self.ends[name],) = self.map.plot(
                [], [], marker, color=color, markeredgecolor="white", markersize=11 - i
            )
            self.ends[name].set_zorder(4 + i)
            (self.curves[name],) = self.right.plot([], [], label=name, **look)
        (self.start_point,) = self.map.plot(
            [], [], "o", color="black", markerfacecolor="none", markersize=10, zorder=3
        )
        self.names = EndLabels(self.right)
        self.contours, self.shown = (), None
        artists = [*self.paths.values(), *self.ends.values(), *self.curves.values()]
        return [*artists, *self.names.texts, self.start_point]

    def draw(self, result):
        if result.landscape != self.shown:
            self._change_landscape(result.landscape)
        self.start_point.set_data([result.start[0]], [result.start[1]])
        self.draw_step(result, STEPS)

    def steps(self, result):
        return STEPS

    def draw_step(self, result, step):
        for name in RACERS:
            path = result.paths.get(name, np.empty((0, 2)))[: step + 1]
            # A height of 0 has no place on the axis, and one below its end leaves the picture.
            heights = np.array(result.heights.get(name, []))[: step + 1]
            self.paths[name].set_data(*path.T)
            self.ends[name].set_data(*path[-1:].T)
            self.curves[name].set_data(np.arange(len(heights)), np.maximum(heights, 1e-30))
        self.names.place()
        lead = min(result.heights, key=lambda name: result.heights[name][: step + 1][-1])
        return f"step {step}: {lead} is lowest"

    def dragged(self, axes, x, y, values):
        return {"x": x, "y": y}

    def _change_landscape(self, landscape):
        self.shown = landscape
        for artist in self.contours:
            artist.remove()
        self.contours = draw_landscape(self.map, landscape)
        self.redraw_still()

    def describe(self, result):
        x, y = result.start
        setting = (
            f"{result.landscape[0].upper()}{result.landscape[1:]}, learning rate "
            f"{result.learning_rate:g}, momentum {result.momentum:g}, start ({x:g}, {y:g})."
        )
        first = next(iter(result.heights.values()))[0]
        ends = []
        for name, heights in result.heights.items():
            if name in result.diverged:
                ends.append(f"{name} diverged in step {len(heights) - 1}")
            else:
                ends.append(f"{name} {_number(heights[-1])} at {_point(result.paths[name][-1])}")
        return (
            f"Height above the lowest point after {STEPS} steps: {', '.join(ends)}; at the start "
            f"it was {_number(first)}. {setting}"
        )


def _number(height):
    if 100 <= height < CEILING:
        return f"{height:.0f}"
    return f"{height:.2g}" if height >= FLOOR else f"under {FLOOR:.0e}"


def _point(point):
    # Far outside the map decimals carry no information; + 0 turns -0 into 0.
    return f"({', '.join(f'{round(value, 2) + 0:.4g}' for value in point)})"
