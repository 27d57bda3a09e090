"""Chapter 12: how far back the gradient of a recurrent network gets, before and after training."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder, slider
from coursepkg.figures import BLUE, GRAY, VERMILION
from coursepkg.initializers import orthogonal
from coursepkg.layers import GRU, LSTM, RNN, LastStep, Linear
from coursepkg.losses import mean_squared_error
from coursepkg.model import Sequential
from coursepkg.optimizers import Adam
from coursepkg.plots import EndLabels, clean_axes
from coursepkg.training import Diverged, train_step

STEPS, BATCH, HIDDEN, LONGEST = 60, 64, 8, 20
SEED = 12
NOTHING = 1 / 3  # the loss of always answering 0: the variance of the numbers
NO_BETTER, WORSE = 0.28, 0.39  # three standard deviations of a mean of five batches from it
HOPELESS = 1e6  # a loss this many times the first one, or than 1, counts as divergence
RATIOS = (1e-3, 1e-8), (100, 1e6)  # where the axes may end, below and above; few: each redraws all
LOSSES = (1e-3, 1e-5), (10, 1e6, 1e12)
LONG = {"rho": 0.7, "length": 20, "learning_rate": 0.007}
RULES = {"linear": "its ratio exactly", "tanh": "the most that it can be with tanh"}
NO_RULE = "what it would be without gates and tanh"


def linear(z):
    """a = z,  da/dz = 1."""
    return z, lambda grad_a: grad_a


def watched(layer_class):
    """The same layer, whose backward pass appends to `norms` that of each state's gradient.

    It is the norm over the whole batch, of h, or of h and c together; the last state comes first.
    """

    class Watched(layer_class):
        norms = ()

        def _step(self, z_x, state):
            next_state, vjp = super()._step(z_x, state)

            def watched_vjp(*grads):
                self.norms.append(sum(np.vdot(grad, grad) for grad in grads) ** 0.5)
                return vjp(*grads)

            return next_state, watched_vjp

    return Watched


CELLS = {
    "linear": partial(watched(RNN), activation=linear), "tanh": watched(RNN),
    "GRU": watched(GRU), "LSTM": watched(LSTM),
}  # fmt: skip


@dataclass
class Recall:
    """A training run: before each step and after the last, until it diverged if it did."""

    cell: str
    rho: float
    learning_rate: float
    profiles: np.ndarray  # (steps + 1, length): by steps back, ÷ that of the last state
    losses: np.ndarray  # (steps + 1,)
    diverged: bool

    @property
    def bound(self):
        """ρ to the power of the steps back, (length,)."""
        return self.rho ** np.arange(self.profiles.shape[1])


def network(cell, rho):
    """The cell and a linear readout of its last state; weight_h is ρ times orthogonal blocks."""

    def start(rng, fan_in, fan_out):
        return rho * orthogonal(rng, fan_in, fan_out)

    layers = [CELLS[cell](1, HIDDEN, recurrent_initializer=start), LastStep(), Linear(HIDDEN, 1)]
    return Sequential(layers, np.random.default_rng(SEED))


def batches(length):
    """For each step new sequences of numbers, (STEPS + 1, BATCH, length, 1)."""
    return np.random.default_rng(SEED + 1).uniform(-1, 1, (STEPS + 1, BATCH, length, 1))


def recall(cell, rho, length, learning_rate):
    """Train the cell to give the first number of a sequence after the last, watching gradients."""
    model = network(cell, rho)
    optimizer = Adam(model.params, model.grads, learning_rate)
    profiles, losses, diverged = [], [], False
    for x in batches(length):  # one more step than is shown: its losses and gradients come last
        model.layers[0].norms = norms = []
        try:
            losses.append(train_step(model, optimizer, mean_squared_error, x, x[:, 0]))
        except Diverged:
            diverged = True
            break
        profiles.append(np.array(norms) / norms[0])
        diverged = losses[-1] > HOPELESS * max(losses[0], 1)
        if diverged:
            break
    return Recall(cell, rho, learning_rate, np.array(profiles), np.array(losses), diverged)


class RecurrenceExplorer(Explorer):
    """Controls: cell, ρ, length, learning rate. Shows gradients through time, and the training."""

    size = (10.4, 3.6)
    title = "Remember the first number: how far back the gradient gets"
    # The three that are to be compared have a rate at which rounding does not decide the run.
    tries = {
        "Exactly ρ": {"cell": "linear"},
        "It fades": LONG | {"cell": "tanh"},
        "A gate that starts open": LONG | {"cell": "LSTM"},
        "A gate half open": LONG | {"cell": "GRU"},
        "It explodes": {"cell": "linear", "rho": 1.4, "length": 20},
        "Too large a rate": {"cell": "linear", "length": 20, "learning_rate": 0.2},
    }
    ghosts = ("after", "curve")

    def make_controls(self):
        return {
            "cell": choice("cell", CELLS, "tanh"),
            "rho": slider("spectral radius ρ", 0.9, 0.5, 2.0, 0.05),
            "length": slider("length", 10, 2, LONGEST),
            "learning_rate": ladder("learning rate", 0.02, 0.001, 1),
        }

    compute = staticmethod(recall)

    def build(self, figure):
        self.left, self.right = figure.subplots(1, 2)
        return [*self._build_left(self.left), *self._build_right(self.right)]

    def _build_left(self, axes):
        across, up = "steps back from the last state (dot: the first state)", "÷ that of the last"
        clean_axes(axes, across, f"gradient {up} state", "how far back does the gradient get?")
        axes.set(xlim=(-0.4, LONGEST - 1), yscale="log", ylim=(RATIOS[0][0], RATIOS[1][0]))
        axes.set_xticks(range(0, LONGEST, 2))
        longest = f"after {STEPS} steps"  # of the names, which change
        looks = ((":", GRAY, "ρ"), ("o--", BLUE, "before"), ("o-", VERMILION, longest))
        self.bound, self.before, self.after = (
            axes.plot([], [], style, color=color, label=name, markevery=[-1], clip_on=False)[0]
            for style, color, name in looks
        )
        self.bound.set_linewidth(1.3)
        self.names = EndLabels(axes)
        return [self.bound, self.before, self.after, *self.names.texts]

    def _build_right(self, axes):
        clean_axes(axes, "step", "mean squared error", "does the network learn to remember?")
        axes.set(xlim=(-1, STEPS + 1), yscale="log", ylim=(LOSSES[0][0], LOSSES[1][0]))
        axes.axhline(NOTHING, linestyle=":", color=GRAY, linewidth=1.3)
        beside = {"va": "center", "fontsize": 10, "transform": axes.get_yaxis_transform()}
        axes.text(1.02, NOTHING, "always 0", color=GRAY, **beside)
        style = {"color": VERMILION, "markersize": 9, "markevery": [-1], "clip_on": False}
        (self.curve,) = axes.plot([], [], **style)
        return [self.curve]

    def draw(self, result):
        self._reach(self.left, [result.profiles[[0, -1]], result.bound], *RATIOS)
        self._reach(self.right, [result.losses], *LOSSES)
        for line, values in ((self.bound, result.bound), (self.before, result.profiles[0])):
            self._set(self.left, line, values)
        self.names.texts[0].set_text(f"× {result.rho:g} per step")
        self.draw_step(result, self.steps(result))

    def _reach(self, axes, arrays, lows, highs):
        """Let the axes reach as far as the values do, if it is not too far."""
        least, most = min(map(np.min, arrays)), max(map(np.max, arrays))
        low = next((low for low in lows if low <= least), lows[-1])
        high = next((high for high in highs if most <= high), highs[-1])
        if axes.get_ylim() != (low, high):
            axes.set_ylim(low, high)
            self.redraw_still()

    @staticmethod
    def _set(axes, line, values):
        """Show values by their index; what the axes do not reach is on their edge."""
        line.set_data(np.arange(len(values)), np.clip(values, *axes.get_ylim()))

    def steps(self, result):
        return len(result.losses) - 1

    def draw_step(self, result, step):
        self._set(self.left, self.after, result.profiles[step])
        self.names.texts[2].set_text(f"after {_steps(step)}")
        self.names.place()
        self._set(self.right, self.curve, result.losses[: step + 1])
        ended = result.diverged and step == self.steps(result)
        self.curve.set_marker("X" if ended else "None")  # where it diverged
        loss, first = result.losses[step], result.profiles[step, -1]
        return f"step {step}: loss {short(loss)}, gradient of the first state × {short(first)}"

    def describe(self, result):
        before, after = (short(profile[-1]) for profile in result.profiles[[0, -1]])
        length = result.profiles.shape[1]
        state = "(h, c)" if result.cell == "LSTM" else "h"
        return (
            f"The gradient of the first state, which has read the number to remember, is {before} "
            f"times that of the last before training, and {after} times after "
            f"{_steps(self.steps(result))}{_beyond(result)}. {_learning(result)} Before training, "
            f"{result.rho:g} to the power of {length - 1}, {short(result.bound[-1])}, is "
            f"{RULES.get(result.cell, NO_RULE)}. Cell {result.cell}, ρ = {result.rho:g}, length "
            f"{length}, learning rate {result.learning_rate:g}; the norm is that of ∂L/∂{state} "
            "over the whole batch."
        )


def _beyond(result):
    """A remark if the picture cannot show one of the gradients."""
    (*_, low), (*_, high) = RATIOS
    shown = result.profiles[[0, -1]]
    if low <= shown.min() and shown.max() <= high:
        return ""
    return f" (in the picture, what is not from {short(low)} to {short(high)} is on the edge)"


def _learning(result):
    """The effect of the training on the loss, in words."""
    start, last, steps = short(result.losses[0]), short(result.losses[-1]), len(result.losses) - 1
    if result.diverged:
        return (
            f"The training diverged: the loss went from {start} to {last}, and it was stopped "
            f"after {_steps(steps)}."
        )
    end = np.mean(result.losses[-5:])
    how = "worse than" if end > WORSE else "no better than" if end > NO_BETTER else "against"
    return (
        f"The loss went from {start} to {short(end)}, the mean of the last five, {how} the 0.33 of "
        "always answering 0."
    )


def _steps(number):
    return "1 step" if number == 1 else f"{number} steps"


def short(value):
    """Two digits: 0.35, 1400, 3.2e-7, 1.1e5."""
    if value == 0 or 1e-3 <= value < 1e4:
        return f"{float(f'{value:.2g}'):g}"
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
