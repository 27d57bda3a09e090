"""Chapter 08: how activations and gradients change from block to block of a deep network."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from coursepkg.activations import relu, sigmoid, tanh
from coursepkg.datasets import digits
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder, slider
from coursepkg.figures import BLUE, GRAY, ORANGE, VERMILION
from coursepkg.initializers import glorot_uniform, he_normal
from coursepkg.layers import Activation, BatchNorm, Linear, Residual
from coursepkg.losses import softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD
from coursepkg.plots import EndLabels, clean_axes
from coursepkg.training import Diverged, train_step

ACTIVATIONS = {function.__name__: function for function in (sigmoid, tanh, relu)}
INITIALIZERS = {function.__name__: function for function in (glorot_uniform, he_normal)}
BLOCKS = {
    "plain": lambda linear, activation: [linear, activation],
    "batch normalization": lambda linear, activation: [linear, BatchNorm(WIDTH), activation],
    "residual": lambda linear, activation: [Residual(linear, activation)],
}
WIDTH, BATCH, STEPS, DEEPEST = 32, 64, 25, 24
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
GUESSING = float(np.log(10))  # the loss of ten equal probabilities
FLOOR, CEILING, LOSS_TOP = 1e-20, 1e6, 4.0  # limits of the axes
IMAGES, LABELS = digits()
X = ((IMAGES - IMAGES.mean()) / IMAGES.std()).reshape(len(IMAGES), -1)


@dataclass
class Depth:
    """A deep network at initialization, block by block, and its first training steps."""

    setting: str
    spread: np.ndarray  # (levels, depth): quantiles of how far a unit's outputs differ by image
    gradients: np.ndarray  # (levels, depth): quantiles of |dL/da|
    norms: np.ndarray  # (depth,): norm of dL/d(weight)
    losses: np.ndarray
    diverged: bool


def network(depth, activation, initializer, scale, blocks):
    """Linear 64 to 32, `depth` blocks of width 32, Linear 32 to 10; `scale` applies to blocks."""

    def scaled(rng, fan_in, fan_out):
        return scale * INITIALIZERS[initializer](rng, fan_in, fan_out)

    def block():
        return BLOCKS[blocks](Linear(WIDTH, WIDTH, scaled), Activation(ACTIVATIONS[activation]))

    inner = [block() for _ in range(depth)]
    layers = [Linear(64, WIDTH), *(layer for part in inner for layer in part), Linear(WIDTH, 10)]
    return Sequential(layers, np.random.default_rng(8)), inner


def look(model, inner):
    """For each block: quantiles of its units' standard deviations over the images, of
    |dL/d(outputs)|, and the norm of dL/d(weight)."""
    outputs, a = [], model.layers[0].forward(X[:BATCH])
    for part in inner:
        for layer in part:
            a = layer.forward(a)
        outputs.append(a.std(axis=0))
    gradients, grad = [], softmax_cross_entropy(model.layers[-1].forward(a), LABELS[:BATCH])[1]()
    grad = model.layers[-1].backward(grad)
    for part in reversed(inner):
        gradients.append(np.abs(grad).ravel())
        for layer in reversed(part):
            grad = layer.backward(grad)
    weights = [layer.grad_weight for layer in model.all_layers() if isinstance(layer, Linear)]
    norms = np.array([np.linalg.norm(weight) for weight in weights[1:-1]])
    return np.quantile(outputs, LEVELS, axis=1), np.quantile(gradients[::-1], LEVELS, axis=1), norms


@lru_cache(maxsize=1)
def start(*setting):
    """`look` at the network with these settings, which do not include the learning rate."""
    return look(*network(*setting))


def first_steps(model, learning_rate):
    """The losses of STEPS steps on successive batches, and whether the training diverged."""
    optimizer, losses = SGD(model.params, model.grads, learning_rate), []
    try:
        for step in range(STEPS):
            batch = np.arange(step * BATCH, (step + 1) * BATCH) % len(X)
            losses.append(
                train_step(model, optimizer, softmax_cross_entropy, X[batch], LABELS[batch])
            )
    except Diverged:
        return np.array(losses), True
    return np.array(losses), False


def explore(depth, activation, initializer, scale, blocks, learning_rate):
    """A network with these settings, at initialization and during its first training steps."""
    settings = (depth, activation, initializer, scale, blocks)
    spread, gradients, norms = start(*settings)
    losses, diverged = first_steps(network(*settings)[0], learning_rate)
    setting = (
        f"depth {depth}, {activation}, {initializer} times {scale:g}, {blocks} blocks, "
        f"learning rate {learning_rate:g}"
    )
    return Depth(setting, spread, gradients, norms, losses, diverged)


class DepthExplorer(Explorer):
    """Activations and gradients, block by block, and the first training steps."""

    size = (10.4, 3.6)
    title = "A deep network, block by block"
    tries = {
        "Two sigmoid blocks, rate 2": {"depth": 2, "learning_rate": 2.0},
        "tanh": {"activation": "tanh"},
        "ReLU, scale 0.7": {"activation": "relu", "initializer": "he_normal", "scale": 0.7},
        "ReLU, scale 1.5": {"activation": "relu", "initializer": "he_normal", "scale": 1.5},
        "Sigmoid, scale 10": {"scale": 10.0},
        "ReLU, batch normalization": {"activation": "relu", "blocks": "batch normalization"},
    }
    ghosts = ("grad_median", "curve")

    def make_controls(self):
        return {
            "depth": slider("depth", 20, 2, DEEPEST),
            "activation": choice("activation", ACTIVATIONS),
            "initializer": choice("initializer", INITIALIZERS),
            "scale": ladder("scale", 1.0, 0.1, 10),
            "blocks": choice("blocks", BLOCKS),
            "learning_rate": ladder("learning rate", 0.1, 0.001, 10),
        }

    compute = staticmethod(explore)

    def build(self, figure):
        self.left, self.middle, self.right = figure.subplots(1, 3)
        clean_axes(
            self.left,
            "block",
            "standard deviation over the images",
            "can it still tell images apart?",
        )
        self.left.set(xlim=(0, DEEPEST + 1), ylim=(FLOOR, CEILING), yscale="log")
        clean_axes(self.middle, "block", "gradient", "the gradient on its way back")
        self.middle.set(xlim=(0, DEEPEST + 1), ylim=(FLOOR, CEILING), yscale="log")
        clean_axes(self.right, "step", "cross-entropy (nats)", "the first steps")
        self.right.set(xlim=(-1, STEPS), ylim=(0, LOSS_TOP * 1.03))
        self.right.axhline(GUESSING, linestyle=":", color=GRAY)
        self.right.text(STEPS - 1, GUESSING + 0.05, "guessing", ha="right", color=GRAY, fontsize=8)
        self.bands = [self._band(self.left, BLUE, alpha) for alpha in (0.25, 0.4)]
        self.grad_bands = [self._band(self.middle, ORANGE, alpha) for alpha in (0.25, 0.4)]
        (self.median,) = self.left.plot([], [], color=BLUE, linewidth=1.8, zorder=3)
        (self.norms,) = self.middle.plot(
            [], [], "o-", color=VERMILION, markersize=3, zorder=4, label="∂L/∂W, length"
        )
        (self.grad_median,) = self.middle.plot(
            [], [], "--", color=ORANGE, zorder=3, label="∂L/∂a, median"
        )
        self.names = EndLabels(self.middle)
        (self.curve,) = self.right.plot(
            [], [], color=VERMILION, linewidth=1.8, markersize=9, markevery=[-1], zorder=3
        )
        medians = [self.median, self.grad_median]
        moving = [*self.bands, *self.grad_bands, *medians, self.norms, self.curve]
        return [*moving, *self.names.texts]

    @staticmethod
    def _band(axes, color, alpha):
        (band,) = axes.fill([], [], color=color, alpha=alpha, linewidth=0)
        return band

    def draw(self, result):
        block = np.arange(1, len(result.norms) + 1)
        spread = np.clip(result.spread, FLOOR, CEILING)
        gradients = np.clip(result.gradients, FLOOR, CEILING)
        for bands, levels in ((self.bands, spread), (self.grad_bands, gradients)):
            for band, low, high in zip(bands, levels[:2], levels[:2:-1], strict=True):
                around = np.concatenate([block, block[::-1]]), np.concatenate([low, high[::-1]])
                band.set_xy(np.column_stack(around))
        self.median.set_data(block, _seen(result.spread[2]))
        self.grad_median.set_data(block, _seen(result.gradients[2]))
        self.norms.set_data(block, _seen(result.norms))
        self.names.place()
        self.draw_step(result, self.steps(result))

    def steps(self, result):
        return len(result.losses) - 1

    def draw_step(self, result, step):
        losses = result.losses[: step + 1]  # what is over the top leaves the picture
        self.curve.set_data(np.arange(step + 1), losses)
        ended = result.diverged and step == self.steps(result)
        self.curve.set_marker("X" if ended else "None")  # where it diverged
        return f"step {step}: loss {result.losses[step]:.3g}"

    def describe(self, result):
        first, last = result.norms[[0, -1]]
        return (
            f"{_learning(result)} The weight gradient has the length {last:.1e} in the last block "
            f"and {first:.1e} in the first, {_factor(first, last)}; from one image to another the "
            f"outputs of the last block differ by {result.spread[2, -1]:.1e} (the median standard "
            f"deviation). This is {result.setting}."
        )


def _seen(values):
    """What a logarithmic axis can show: zeros leave a gap."""
    return np.where(values > 0, values, np.nan)


def _factor(first, last):
    if first == 0:
        return "where nothing arrives"
    if 0.5 <= first / last <= 2:
        return "much the same"
    if first < last:
        return f"{_rough(last / first)} times smaller"
    return f"{_rough(first / last)} times larger"


def _rough(ratio):
    return f"{ratio:.0f}" if ratio < 1000 else f"{ratio:.0e}"


def _learning(result):
    """The effect of the first steps on the loss, in words."""
    start, steps = result.losses[0], len(result.losses) - 1
    end = np.mean(result.losses[-5:])  # it depends on the batch
    if result.diverged:
        return f"The training diverged: its numbers left all bounds in step {steps + 1}."
    if end > 1.1 * start:
        return f"The loss rose from {start:.3g} to {end:.3g}, the mean of the last five steps."
    if end > GUESSING - 0.1:
        much = "no" if end > GUESSING else "hardly"
        return f"The loss of the last five steps is {end:.3f}, {much} better than guessing, 2.303."
    return (
        f"In {steps} steps the loss fell from {start:.3g} to {end:.3f}, the mean of the last five; "
        "guessing gives 2.303."
    )
