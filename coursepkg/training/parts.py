"""What a training is made of: mini-batches, clipping, accuracy, its history, and when to stop."""

import functools
from dataclasses import dataclass, field

import numpy as np

from coursepkg.arguments import (
    class_labels,
    float_array,
    float_vector,
    generator,
    real_number,
    whole_number,
)


@dataclass
class History:
    """What a training has been through: a list entry for each epoch, and the steps in all.

    loss: the mean of the batches' losses, as they were when each had its turn; learning_rate: that
    of the epoch's last step; validation_loss and metric: after the epoch, on the validation data,
    if there are any.
    """

    loss: list = field(default_factory=list)
    learning_rate: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    metric: list = field(default_factory=list)
    steps: int = 0

    @property
    def epochs(self):
        return len(self.loss)

    def latest(self):
        """The last entry of each list that has one, by name."""
        lists = {name: value for name, value in vars(self).items() if isinstance(value, list)}
        return {name: f"{value[-1]:.4g}" for name, value in lists.items() if value}


class EarlyStopping:
    """Stops when the validation loss has not fallen for `patience` epochs; keeps the best state.

    A fall counts if it is more than min_delta >= 0, in the unit of the loss. `restore(model)` puts
    the best state back. Source: Prechelt (1998).
    """

    def __init__(self, patience, min_delta=0.0):
        self.patience = whole_number(patience, "patience", low=1)
        self.min_delta = real_number(min_delta, "min_delta", low=0)
        self.best_loss, self.best_epoch, self.epoch = np.inf, 0, 0
        self.best_state = None

    @property
    def stop(self):
        return self.epoch - self.best_epoch >= self.patience

    def update(self, validation_loss, model):
        """Take note of one more epoch."""
        self.epoch += 1
        if validation_loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = validation_loss, self.epoch
            self.best_state = model.state()

    def restore(self, model):
        if self.best_state is None:
            raise RuntimeError("restore needs an update before it: no state has been kept")
        model.load_state(self.best_state)


def _for_batches(batches):
    """Guard `minibatches`, at once and not only when the first batch is asked for."""

    @functools.wraps(batches)
    def guarded(x, targets, batch_size, rng):
        x, targets = np.asarray(x), np.asarray(targets)
        if x.ndim == 0 or targets.shape[:1] != x.shape[:1]:
            raise ValueError(
                f"targets must have the length of x, got the shapes {targets.shape} and {x.shape}"
            )
        batch_size = whole_number(batch_size, "batch_size", low=1)
        return batches(x, targets, batch_size, generator(rng))

    return guarded


@_for_batches
def minibatches(x, targets, batch_size, rng):
    """The pairs (x, targets) of one epoch: every sample once, in random order, the last may be few.

    x and targets: arrays of one length, at least 1; batch_size: at least 1.
    """
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        batch = order[start : start + batch_size]
        yield x[batch], targets[batch]


def clip_by_global_norm(grads, max_norm):
    """Shorten the flat vector `grads`, in place, to the length max_norm > 0 if it is longer.

    The direction stays. Returns the length that it had; if that is not finite, nothing changes.
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    float_vector(grads, "grads")
    max_norm = real_number(max_norm, "max_norm", above=0)
    norm = float(np.linalg.norm(grads))
    if max_norm < norm < np.inf:
        grads *= max_norm / norm
    return norm


def accuracy(outputs, labels):
    """The share of samples whose largest output is at their label.

    outputs: (batch, classes); labels: (batch,), whole numbers. With one output, (batch, 1), it is
    a logit, above 0 it says class 1, and labels may have the shape (batch, 1), too.
    """
    outputs = float_array(outputs, "outputs")
    if outputs.ndim != 2 or outputs.size == 0:
        raise ValueError(f"outputs must have shape (batch, classes), none 0, got {outputs.shape}")
    if outputs.shape[1] == 1:
        labels = float_array(labels, "labels")
        if labels.shape not in (outputs.shape, outputs.shape[:1]):
            raise ValueError(f"labels must have shape {outputs.shape[:1]}, got {labels.shape}")
        return float(np.mean((outputs[:, 0] > 0) == (np.ravel(labels) == 1)))
    labels = class_labels(labels, "labels", *outputs.shape)
    return float(np.mean(np.argmax(outputs, axis=1) == labels))
