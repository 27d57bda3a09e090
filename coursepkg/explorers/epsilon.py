"""Chapter 10: RMSprop with ε beside the root and inside it, and the frameworks' first steps."""

from dataclasses import dataclass

import numpy as np

from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import Control, ladder
from coursepkg.figures import BLUE, GRAY, INK, VERMILION
from coursepkg.plots import EndLabels, clean_axes

STEPS = 100
TITLE = "the first step: left of the dotted line, ε decides"
FORMS = ("beside", "inside")  # where ε is, seen from the root
COLORS = dict(zip(FORMS, (BLUE, VERMILION), strict=True))
WIDTHS = dict(zip(FORMS, (3.2, 1.8), strict=True))  # so that both are seen where they are equal
LEAST, MOST = 1e-8, 1.0  # of the gradient
FLOOR, CEILING = 3e-8, 3e3  # limits of the axis of step lengths
NOISE = 1e-12  # what rounding may leave of w where it gets to 0
DECAYS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
GRID = np.geomspace(LEAST, MOST, 161)

# Their own defaults of RMSprop: where ε is, ε, ρ. "JAX" is `jax.example_libraries.optimizers`.
FRAMEWORKS = {
    "PyTorch": ("beside", 1e-8, 0.99),
    "Keras": ("inside", 1e-7, 0.9),
    "JAX": ("inside", 1e-8, 0.9),
}


def divisor(form, mean_square, eps):
    """What RMSprop divides the gradient by: √s + ε (beside) or √(s + ε) (inside)."""
    return np.sqrt(mean_square) + eps if form == "beside" else np.sqrt(mean_square + eps)


def first_step(form, gradient, eps, rho):
    """The length of the first step from s = 0, for learning rate 1."""
    return gradient / divisor(form, (1 - rho) * gradient**2, eps)


def edge(form, eps, rho):
    """The gradient below which the first step depends more on ε than on the gradient's square."""
    return eps / np.sqrt(1 - rho) if form == "beside" else np.sqrt(eps / (1 - rho))


@dataclass
class Steps:
    """Both forms under one setting; lengths of first steps are those for learning rate 1.

    By form: the first step, the same for each gradient of GRID, the edge, and the path of w
    (STEPS + 1,). By framework: its first step with its own defaults.
    """

    gradient: float
    eps: float
    rho: float
    learning_rate: float
    first: dict
    curves: dict
    edges: dict
    paths: dict
    frameworks: dict

    @property
    def ratio(self):
        """How many times the step with ε beside the root is as long as the one with it inside."""
        return self.first["beside"] / self.first["inside"]

    def arrival(self, form):
        """The step in which w gets to 0, or None."""
        there = self.paths[form] == 0
        return int(np.argmax(there)) if there.any() else None


def walk(form, gradient, eps, rho, learning_rate):
    """w before each step and after the last, from 1: every gradient is the same, and at 0 it stops.

    After t equal gradients g the running mean of their squares is s = (1 - ρᵗ) g².
    """
    t = np.arange(1, STEPS + 1)
    steps = learning_rate * gradient / divisor(form, (1 - rho**t) * gradient**2, eps)
    w = 1 - np.concatenate([[0.0], np.cumsum(steps)])
    return np.where(w > NOISE, w, 0.0)


def step_lengths(gradient, eps, rho, learning_rate):
    """RMSprop's steps with ε beside the root and inside it, and the frameworks' first ones."""
    return Steps(
        gradient, eps, rho, learning_rate,
        first={form: float(first_step(form, gradient, eps, rho)) for form in FORMS},
        curves={form: first_step(form, GRID, eps, rho) for form in FORMS},
        edges={form: float(edge(form, eps, rho)) for form in FORMS},
        paths={form: walk(form, gradient, eps, rho, learning_rate) for form in FORMS},
        frameworks={
            name: float(first_step(form, gradient, own_eps, own_rho))
            for name, (form, own_eps, own_rho) in FRAMEWORKS.items()
        },
    )  # fmt: skip


class EpsilonExplorer(Explorer):
    """Controls: gradient, ε, ρ, learning rate. Shows first steps, the frameworks', and paths."""

    size = (10.4, 4.1)
    title = "One rule, and two places for its ε"
    tries = {
        "Keras's defaults": {"eps": 1e-7, "rho": 0.9, "learning_rate": 0.001},
        "PyTorch's defaults": {"eps": 1e-8, "rho": 0.99, "learning_rate": 0.01},
        "A gradient of 1": {"gradient": 1.0},
        "ε = 1e-10": {"eps": 1e-10},
        "ε = 0.001": {"eps": 1e-3},
    }
    draggable, ghosts = ("left",), ("lines",)

    def make_controls(self):
        return {
            "gradient": ladder("gradient |g|", 1e-4, LEAST, MOST),
            "eps": ladder("ε", 1e-7, 1e-10, 1e-3),
            "rho": Control("ladder", "decay ρ", DECAYS, 0.9),
            "learning_rate": ladder("learning rate η", 0.01, 0.001, 0.1),
        }

    compute = staticmethod(step_lengths)

    def build(self, figure):
        self.left, self.middle, self.right = figure.subplots(1, 3, width_ratios=(1.5, 0.8, 1))
        moving = [*self._build_left(), *self._build_middle(), *self._build_right()]
        for artist in moving:
            artist.set_in_layout(False)  # the axes are where they are, whatever is set
        self.lines = [*self.curves.values(), *self.paths.values()]
        return moving

    def _build_left(self):
        axes = self.left
        clean_axes(axes, "gradient |g|", "length of the step ÷ η", TITLE)
        axes.set(xscale="log", yscale="log", ylim=(FLOOR, CEILING))
        axes.set(xlim=(LEAST / 1.5, MOST * 1.5))
        self.curves, self.drops, self.formulas, self.rings, self.readout = {}, {}, {}, {}, {}
        for k, (form, formula) in enumerate(zip(FORMS, ("ε/√(1−ρ)", "√(ε/(1−ρ))"), strict=True)):
            color = COLORS[form]
            (self.curves[form],) = axes.plot([], [], color=color, linewidth=WIDTHS[form], zorder=3)
            (self.drops[form],) = axes.plot([], [], ":", color=color, linewidth=1.2, zorder=2)
            self.formulas[form] = axes.text(1, 1, formula, color=color, fontsize=9.5)
            (self.rings[form],) = axes.plot(
                [], [], "o", color=color, markerfacecolor="white", markeredgewidth=2,
                markersize=12 - 5 * k, zorder=5 + k, clip_on=False,
            )  # fmt: skip
            self.readout[form] = axes.text(
                0.02 + 0.38 * k, 0.99, "", color=color, va="top", transform=axes.transAxes
            )
        self.ratio = axes.text(
            0.99, 0.99, "", color=INK, ha="right", va="top", transform=axes.transAxes
        )
        (self.gap,) = axes.plot([], [], color=GRAY, linewidth=1.2, zorder=2.5)
        (self.handle,) = axes.plot(
            [], [], "^", color=GRAY, markersize=8, clip_on=False, zorder=6,
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
        named = (self.curves, self.drops, self.formulas, self.rings, self.readout)
        return [*(a for group in named for a in group.values()), self.ratio, self.gap, self.handle]

    def _build_middle(self):
        axes = self.middle
        clean_axes(axes, "", "", "the frameworks' defaults")
        axes.set(yscale="log", ylim=(FLOOR, CEILING), xlim=(-0.6, len(FRAMEWORKS) - 0.4))
        axes.tick_params(labelleft=False)
        axes.grid(visible=False, axis="x")
        labels = [
            f"{name}\nρ {rho}\nε {plain(eps)}\n{form}"
            for name, (form, eps, rho) in FRAMEWORKS.items()
        ]
        axes.set_xticks(range(len(FRAMEWORKS)), labels, fontsize=9)
        self.levels = {
            form: axes.axhline(1, color=COLORS[form], linewidth=1.2, zorder=2) for form in FORMS
        }
        self.dots, self.numbers = {}, {}
        for k, (name, (form, *_)) in enumerate(FRAMEWORKS.items()):
            (self.dots[name],) = axes.plot(
                [k], [1], "o", color=COLORS[form], markersize=8, zorder=4
            )
            self.numbers[name] = axes.text(
                k, 0.99, "", ha="center", va="top", transform=axes.get_xaxis_transform()
            )
        return [*self.levels.values(), *self.dots.values(), *self.numbers.values()]

    def _build_right(self):
        axes = self.right
        clean_axes(axes, "step", "w", f"{STEPS} steps with this gradient")
        axes.set(xlim=(-2, STEPS + 2), ylim=(-0.04, 1.04))
        self.paths = {
            form: axes.plot(
                [], [], color=COLORS[form], linewidth=WIDTHS[form], zorder=3, label=f"ε {form}"
            )[0]
            for form in FORMS
        }
        self.names = EndLabels(axes)
        return [*self.paths.values(), *self.names.texts]

    def draw(self, result):
        heights = list(result.first.values())
        plateau = 1 / np.sqrt(1 - result.rho)
        for form in FORMS:
            self.curves[form].set_data(GRID, result.curves[form])
            self.rings[form].set_data([result.gradient], [result.first[form]])
            self.levels[form].set_ydata([result.first[form]] * 2)
            self.readout[form].set_text(f"ε {form}: {short(result.first[form])} η")
            self._mark_edge(form, result.edges[form], plateau)
        self.gap.set_data([result.gradient] * 2, heights)
        self.handle.set_data([result.gradient], [0])
        self.ratio.set_text(f"{short(result.ratio)} times")
        for name, height in result.frameworks.items():
            self.dots[name].set_ydata([height])
            self.numbers[name].set_text(short(height))
        self.draw_step(result, STEPS)

    def _mark_edge(self, form, edge, plateau):
        drop, formula = self.drops[form], self.formulas[form]
        low, high = self.left.get_xlim()
        seen = low <= edge <= high
        drop.set_data([edge, edge] if seen else [], [FLOOR, plateau] if seen else [])
        formula.set_visible(seen)
        formula.set_position((edge, 2.2 * plateau))
        # Away from each other, but not out of the axes. No round numbers, which noise would decide.
        leftward = edge > 0.87e-7 if form == "beside" else edge > 0.033
        formula.set_ha("right" if leftward else "left")

    def steps(self, result):
        return STEPS

    def draw_step(self, result, step):
        for form in FORMS:
            self.paths[form].set_data(np.arange(step + 1), result.paths[form][: step + 1])
        self.names.place()
        beside, inside = (short(result.paths[form][step]) for form in FORMS)
        return f"step {step}: w = {beside} (ε beside), {inside} (ε inside)"

    def dragged(self, axes, x, y, values):
        rungs = self.controls["gradient"].values
        return {"gradient": min(rungs, key=lambda rung: abs(np.log(rung / x)))}

    def describe(self, result):
        beside, inside = (f"{result.edges[form]:.3g}".replace("e-0", "e-") for form in FORMS)
        eps, rho, rate = (plain(v) for v in (result.eps, result.rho, result.learning_rate))
        torch, keras, jax = (short(result.frameworks[name]) for name in FRAMEWORKS)
        return (
            f"{_outcome(result)} With ε = {eps} and ρ = {rho}, ε decides the length below |g| = "
            f"{inside} inside the root, and below {beside} beside it. Starting at 1, w "
            f"{_journey(result)} ({STEPS} steps, η = {rate}). With their own ε and ρ the "
            f"frameworks begin with {torch} η (PyTorch), {keras} η (Keras) and {jax} η (JAX's "
            "example library)."
        )


def _outcome(result):
    """Both first steps, in words."""
    beside, inside = (short(result.first[form]) for form in FORMS)
    at = f"At |g| = {plain(result.gradient)} the first step is {inside} η with ε inside the root"
    if beside == inside:
        return f"{at} and with ε beside it: the same to three digits."
    ratio = short(result.ratio)
    how = "nearly the same" if ratio == "1.00" else f"{ratio} times as long"
    return f"{at} and {beside} η with ε beside it: {how}."


def _journey(result):
    """Where w gets to in each form, in words."""
    verbs, ends = [], []
    for form in reversed(FORMS):
        step, moved = result.arrival(form), 1 - result.paths[form][-1]
        verbs.append("falls" if step is None else "reaches 0")
        ends.append(f"by {short(moved)}" if step is None else f"in step {step}")
    second = ends[1] if verbs[0] == verbs[1] else f"{verbs[1]} {ends[1]}"
    return f"{verbs[0]} {ends[0]} with ε inside and {second} with ε beside"


def plain(value):
    """A value as it was set: 0.0001, 1e-7."""
    return f"{value:.4g}".replace("e-0", "e-")


def short(value):
    """Three digits, and exponents without a leading zero: 10.0, 0.315, 3.16e-7, 1,230."""
    value = float(f"{float(f'{value:.12g}'):.3g}")  # first without noise, which could decide a tie
    if value >= 1000:
        return f"{value:,.0f}"
    if value < 1e-3:
        return f"{value:.2e}".replace("e-0", "e-")
    return f"{value:#.3g}".removesuffix(".")
