"""Chapter 09: a network memorizes or generalizes, on digits of which a fifth are mislabeled."""

import functools
from dataclasses import dataclass

import numpy as np

from coursepkg.activations import relu
from coursepkg.datasets import digits
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder, slider
from coursepkg.figures import BLUE, VERMILION
from coursepkg.initializers import he_normal
from coursepkg.layers import Activation, Linear
from coursepkg.losses import softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import AdamW
from coursepkg.plots import EndLabels, clean_axes
from coursepkg.training import Diverged, History, accuracy, fit

EPOCHS, BATCH, SHOWN = 40, 100, 8
ERRORS = "any error"
LOWEST, HIGHEST, BEYOND = 0.05, 20, 1000  # the loss axis; BEYOND tops it if a loss is over HIGHEST


@dataclass
class Training:
    """A training run: its settings, its history, and its predictions for the validation images."""

    width: int
    learning_rate: float
    scale: float
    weight_decay: float
    history: History
    diverged: bool
    right: float  # accuracy on the validation images
    confusion: np.ndarray  # (10, 10), row: the digit, column: the prediction
    order: np.ndarray  # indices of the validation images, those farthest from right first
    said: np.ndarray  # the prediction for each validation image


@dataclass
class Shown:
    """A training run, and those of its validation images that are looked at."""

    training: Training
    digit: str  # "0" to "9", or ERRORS
    answer: str
    images: np.ndarray  # indices of the validation images with this digit and this answer


def mislabel(labels, share, rng):
    """A copy of labels whose first `share` are replaced by other digits, drawn at random."""
    wrong = labels.copy()
    count = int(share * len(labels))
    wrong[:count] = (labels[:count] + rng.integers(1, 10, size=count)) % 10
    return wrong


@functools.cache
def data():
    """The chapter's 600 training images, 120 of them mislabeled, and its 300 validation images."""
    images, labels = digits()
    _, validation, training = np.split(np.random.default_rng(9).permutation(1797), [360, 660])
    few = training[:600]
    x = images.reshape(-1, 64).astype(np.float32)
    careless = mislabel(labels[few], 0.2, np.random.default_rng(1))
    return (x[few], careless), (x[validation], labels[validation])


@functools.lru_cache(maxsize=32)
def train_digits(width, learning_rate, scale, weight_decay):
    """One run of AdamW; the initial weights are He-normal times `scale`."""
    (x, careless), validation = data()

    def start(rng, fan_in, fan_out):
        return scale * he_normal(rng, fan_in, fan_out)

    rng = np.random.default_rng(0)
    layers = [Linear(64, width, start), Activation(relu), Linear(width, 10, start)]
    model = Sequential(layers, rng, dtype=np.float32)
    optimizer = AdamW(model.params, model.grads, learning_rate, weight_decay=weight_decay)
    diverged = False
    try:
        history = fit(
            model, optimizer, softmax_cross_entropy, x, careless, epochs=EPOCHS, batch_size=BATCH,
            rng=rng, validation=validation, metric=accuracy, progress=False,
        )  # fmt: skip
    except Diverged as error:
        history, diverged = error.history, True
    settings = (width, learning_rate, scale, weight_decay)
    return Training(*settings, history, diverged, *evaluate(model, *validation))


def evaluate(model, x, labels):
    """The accuracy, the confusion matrix, the order of the images, and the predictions."""
    with np.errstate(over="ignore", invalid="ignore"):  # after a divergence
        logits = np.nan_to_num(model.predict(x).astype(float))
    said = logits.argmax(axis=1)
    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (labels, said), 1)
    margin = logits.max(axis=1) - logits[np.arange(len(labels)), labels]
    return float(np.mean(said == labels)), confusion, np.argsort(-margin, kind="stable"), said


def look(digit, answer, **settings):
    """Train, and choose the images of a cell of the confusion matrix, or errors of a row, of a
    column or of all."""
    training, (_, (_, labels)) = train_digits(**settings), data()
    said, chosen = training.said, np.ones(len(labels), dtype=bool)
    if digit != ERRORS:
        chosen &= labels == int(digit)
    if answer != ERRORS:
        chosen &= said == int(answer)
    if ERRORS in (digit, answer):
        chosen &= said != labels
    return Shown(training, digit, answer, training.order[chosen[training.order]])


class DigitsExplorer(Explorer):
    """Controls: width, learning rate, initial scale, weight decay; a cell of the confusion matrix,
    which can be clicked. Shows losses and errors."""

    size = (10.4, 3.5)
    title = "Learning by heart, on digits of which a fifth are mislabeled"
    tries = {
        "Larger steps": {"learning_rate": 0.1},
        "Weight decay 1": {"weight_decay": 1.0},
        "128 hidden units": {"width": 128},
        "One hidden unit": {"width": 1},
        "Weights ten times too large": {"scale": 10.0},
    }
    ghosts, draggable = ("training", "validation"), ("middle",)

    def make_controls(self):
        return {
            "width": slider("hidden width", 32, 1, 128),
            "learning_rate": ladder("learning rate", 0.02, 0.0001, 1),
            "scale": ladder("starting weights × He", 1.0, 0.01, 10),
            "weight_decay": slider("weight decay", 0.0, 0.0, 3.0, 0.1),
            "digit": choice("images of the digit", (ERRORS, *"0123456789")),
            "answer": choice("that it reads as", (ERRORS, *"0123456789")),
        }  # fmt: skip

    compute = staticmethod(look)

    def build(self, figure):
        left, self.middle, right = figure.subplots(1, 3, width_ratios=[1.15, 1, 1])
        middle = self.middle
        clean_axes(
            left, "epoch", "cross-entropy (nats)", "loss; a fifth of the training labels is wrong"
        )
        left.set(xlim=(0, EPOCHS + 1), ylim=(LOWEST, HIGHEST), yscale="log")
        self.losses = left
        (self.training,) = left.plot([], [], "--", color=BLUE, label="training")
        (self.validation,) = left.plot([], [], color=VERMILION, label="validation")
        (self.lowest,) = left.plot([], [], "o", color=VERMILION, markersize=7, zorder=4)
        self.names = EndLabels(left)
        clean_axes(middle, "the network says", "the digit is", "300 validation images, at the end")
        middle.set(xticks=range(10), yticks=range(10))
        self.matrix = middle.imshow(np.zeros((10, 10)), cmap="Blues", vmin=0, vmax=np.log1p(35))
        (self.cell,) = middle.plot([], [], color=VERMILION, linewidth=2.5)
        self.heading = right.set_title("")
        right.set(xticks=[], yticks=[])
        self.mosaic = right.imshow(np.zeros((25, 42)), cmap="Greys", vmin=0, vmax=1)
        for axes in (middle, right):
            axes.grid(False)
            axes.spines[:].set_visible(False)
        self.answers = [
            right.text(5.5 + 10 * (k % 4), 10.6 + 12 * (k // 4), "", ha="center", va="center")
            for k in range(SHOWN)
        ]
        curves = [self.training, self.validation, self.lowest, *self.names.texts]
        return [*curves, self.matrix, self.cell, self.mosaic, self.heading, *self.answers]

    def draw(self, result):
        history = result.training.history
        highest = max([*history.loss, *history.validation_loss], default=0)
        top = BEYOND if highest > HIGHEST else HIGHEST
        if self.losses.get_ylim()[1] != top:
            self.losses.set_ylim(LOWEST, top)
            self.redraw_still()
        self.draw_step(result, history.epochs)
        self.matrix.set_data(np.log1p(result.training.confusion))
        self._draw_images(result)

    def steps(self, result):
        return result.training.history.epochs

    def dragged(self, axes, x, y, values):
        return {"digit": f"{np.clip(y, 0, 9):.0f}", "answer": f"{np.clip(x, 0, 9):.0f}"}

    def draw_step(self, result, step):
        epochs, top = np.arange(1, step + 1), self.losses.get_ylim()[1]
        history = result.training.history
        losses = [history.loss[:step], history.validation_loss[:step]]
        training, validation = (np.clip(each, LOWEST, top) for each in losses)
        self.training.set_data(epochs, training)
        self.validation.set_data(epochs, validation)
        best = [int(np.argmin(losses[1]))] if step else []
        self.lowest.set_data(epochs[best], validation[best])
        self.names.place()
        if step == 0:
            return "before the first epoch"
        return f"epoch {step}: training {losses[0][-1]:.3g}, validation {losses[1][-1]:.3g}"

    def _draw_images(self, result):
        """The first few of the images, and a frame around the cells that they are in."""
        _, (x, labels) = data()
        (top, bottom), (left, right) = map(_edges, (result.digit, result.answer))
        frame = [left, right, right, left, left], [top, top, bottom, bottom, top]
        everything = result.digit == result.answer == ERRORS
        self.cell.set_data(([], []) if everything else frame)
        self.heading.set_text(_heading(result))
        mosaic = np.zeros((25, 42))
        for text in self.answers:
            text.set_text("")
        for k, which in enumerate(result.images[:SHOWN]):
            row, column = 1 + 12 * (k // 4), 2 + 10 * (k % 4)
            mosaic[row : row + 8, column : column + 8] = x[which].reshape(8, 8)
            self.answers[k].set_text(f"{labels[which]} → {result.training.said[which]}")
        self.mosaic.set_data(mosaic)

    def describe(self, result):
        run, history = result.training, result.training.history
        setting = (
            f"Hidden width {run.width}, learning rate {run.learning_rate:g}, starting "
            f"weights {run.scale:g} times He's, weight decay {run.weight_decay:g}"
        )
        if (result.digit, result.answer) != (ERRORS, ERRORS):
            setting += f". On the right: {_heading(result)}"
        answers = f"{run.right:.0%} of 300 validation digits are right{self._worst(run)}."
        if run.diverged:
            when = f"the training was stopped in epoch {history.epochs + 1} of {EPOCHS}"
            return f"It diverged: {when}. As it stands, {answers} {setting}."
        best = int(np.argmin(history.validation_loss))
        return (
            f"The validation loss is smallest, {history.validation_loss[best]:.3g}, after epoch "
            f"{best + 1} of {EPOCHS} and ends at {history.validation_loss[-1]:.3g}; the training "
            f"loss ends at {history.loss[-1]:.3g}. Of the answers, {answers} {setting}."
        )

    def _worst(self, result):
        errors = result.confusion * (1 - np.eye(10, dtype=int))
        digit, said = np.unravel_index(np.argmax(errors), errors.shape)
        often = errors[digit, said]
        return f"; the most frequent error is {_an(digit)} read as {said}, {often} times"


def _edges(chosen):
    """Where the rows or columns of the matrix begin and end that are chosen."""
    return (-0.5, 9.5) if chosen == ERRORS else (int(chosen) - 0.5, int(chosen) + 0.5)


def _an(digit):
    return f"an {digit}" if str(digit) == "8" else f"a {digit}"


def _heading(result):
    count = len(result.images)
    shown = f"{min(count, SHOWN)} of {count}" if count > SHOWN else str(count)
    if result.digit == result.answer == ERRORS:
        return f"its surest errors, {shown}"
    if result.answer == ERRORS:
        return f"{_an(result.digit)} read as another digit, {shown}"
    if result.digit == ERRORS:
        return f"another digit read as {result.answer}, {shown}"
    return f"{_an(result.digit)} read as {result.answer}, {shown}"
