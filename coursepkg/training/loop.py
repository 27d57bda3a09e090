"""The training loop: one step, and `fit`, which checks everything first and watches every step."""

import math
import sys

import numpy as np
from tqdm import tqdm

from coursepkg.arguments import (
    a_function,
    all_finite,
    an_array,
    generator,
    real_number,
    whole_number,
)
from coursepkg.layers import BatchNorm
from coursepkg.training.parts import EarlyStopping, History, clip_by_global_norm, minibatches

# A loss this many times the first one (or than 1, if that was less) will not come back.
HOPELESS = 1e6


class Diverged(RuntimeError):
    """The training was stopped because its numbers left all bounds.

    `history`, if `fit` was training, holds the epochs that were finished.
    """

    history = None


@np.errstate(over="ignore", invalid="ignore")  # it is looked for, and said
def train_step(model, optimizer, loss, x, targets, max_grad_norm=None):
    """One step on one batch: forward, loss, backward, clip if asked to, step. Returns the loss.

    Raises Diverged, and leaves the parameters alone, if outputs, loss or gradients are not finite.
    (The losses refuse such outputs and the optimizers such gradients; a class of your own should,
    too. The running statistics of a BatchNorm have seen the batch by then.)
    """
    _check_optimizer(model, optimizer)
    if max_grad_norm is not None:
        real_number(max_grad_norm, "max_grad_norm", above=0)
    outputs = model.forward(x)
    try:
        value, vjp = loss(outputs, targets)
    except ValueError:
        _go_on_if_finite(outputs, "the outputs are", optimizer)
        raise
    if not math.isfinite(value):
        raise Diverged(_advice("the loss is not finite", optimizer))
    model.backward(vjp())
    if max_grad_norm is not None:
        clip_by_global_norm(model.grads, max_grad_norm)
    try:
        optimizer.step()
    except ValueError:
        # Of the squares, since it is with them that clipping and most optimizers compute.
        _go_on_if_finite(np.vdot(model.grads, model.grads), "the gradients are", optimizer)
        raise
    return float(value)


def fit(
    model, optimizer, loss, x, targets, *, epochs, batch_size, rng,
    validation=None, metric=None, schedule=None, max_grad_norm=None, augment=None,
    early_stopping=None, history=None, progress=True,
):  # fmt: skip
    """Train until `history` holds `epochs` epochs, or early_stopping says stop; return the history.

    loss: (outputs, targets) -> (loss, vjp). x, targets: (n, ...). validation: a pair (x, targets),
    looked at after each epoch with `loss` and with metric: (outputs, targets) -> number. schedule:
    steps done -> learning rate. max_grad_norm: for clip_by_global_norm. augment: (x, rng) -> x,
    for each batch. history: of an earlier fit, to go on from. progress: show a bar.

    All arguments are checked, and all labels, before anything changes. Raises Diverged, with the
    history so far, if outputs, loss, gradients or parameters are no longer finite, or the loss of
    a batch is more than a million, and more than a million times the first.
    """
    whole_number(epochs, "epochs", low=0)
    whole_number(batch_size, "batch_size", low=1)
    generator(rng)
    a_function(loss, "loss")
    for name, value in (("metric", metric), ("schedule", schedule), ("augment", augment)):
        if value is not None:
            a_function(value, name)
    if max_grad_norm is not None:
        real_number(max_grad_norm, "max_grad_norm", above=0)
    history = History() if history is None else history
    _check_optimizer(model, optimizer)
    _check_watchers(validation, metric, early_stopping, history)
    x, targets = _check_data(model, loss, x, targets, "x", "targets")
    _check_batches(model, len(x), batch_size)
    if validation is not None:
        validation = _check_data(model, loss, *validation, "validation[0]", "validation[1]")
    with _progress_bar(history.epochs, epochs, progress) as bar:
        for _ in bar:
            if early_stopping is not None and early_stopping.stop:
                break
            batches = minibatches(x, targets, batch_size, rng)
            if augment is not None:
                batches = ((augment(batch, rng), wanted) for batch, wanted in batches)
            try:
                mean_loss = _epoch(
                    model, optimizer, loss, batches, schedule, max_grad_norm, history
                )
                seen = validation and _validate(model, optimizer, loss, *validation, metric)
            except Diverged as error:
                error.history = history
                raise
            history.loss.append(mean_loss)
            history.learning_rate.append(float(optimizer.learning_rate))
            if validation is not None:
                history.validation_loss.append(seen[0])
                history.metric.extend(seen[1:])
            if early_stopping is not None:
                early_stopping.update(history.validation_loss[-1], model)
            bar.set_postfix(history.latest(), refresh=False)
    return history


def _epoch(model, optimizer, loss, batches, schedule, max_grad_norm, history):
    """The mean loss of one epoch's batches."""
    losses, sizes = [], []
    for x, targets in batches:
        if schedule is not None:
            optimizer.learning_rate = schedule(history.steps)
        losses.append(train_step(model, optimizer, loss, x, targets, max_grad_norm))
        sizes.append(len(x))
        history.steps += 1
        first = (history.loss or losses)[0]
        if losses[-1] > HOPELESS * max(first, 1.0):
            what = f"the loss has risen from {first:.3g} to {losses[-1]:.3g}"
            raise Diverged(_advice(what, optimizer))
    _go_on_if_finite(model.params, "the parameters are", optimizer)
    return float(np.average(losses, weights=sizes))


def _validate(model, optimizer, loss, x, targets, metric):
    """The validation loss, and the metric if there is one."""
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = model.predict(x)
        _go_on_if_finite(outputs, "the outputs for the validation data are", optimizer)
        value = float(loss(outputs, targets)[0])
    _go_on_if_finite(value, "the validation loss is", optimizer)
    return [value] if metric is None else [value, float(metric(outputs, targets))]


def _check_optimizer(model, optimizer):
    params, grads = getattr(optimizer, "params", None), getattr(optimizer, "grads", None)
    if params is not model.params or grads is not model.grads:
        raise ValueError("optimizer must have been made with model.params and model.grads")


def _check_watchers(validation, metric, early_stopping, history):
    if not isinstance(history, History):
        raise TypeError(f"history must be a History, as fit returns it; got {history!r}")
    is_pair = isinstance(validation, (tuple, list)) and len(validation) == 2
    if validation is not None and not is_pair:
        raise TypeError("validation must be a pair (x, targets)")
    for name, value in (("metric", metric), ("early_stopping", early_stopping)):
        if value is not None and validation is None:
            raise ValueError(f"validation must be given: {name} looks at nothing else")
    if early_stopping is None:
        return
    if not isinstance(early_stopping, EarlyStopping):
        raise TypeError(f"early_stopping must be an EarlyStopping, got {early_stopping!r}")
    if early_stopping.epoch and not history.epochs:
        raise ValueError("early_stopping has watched another training: make a new one")


def _check_data(model, loss, x, targets, x_name, targets_name):
    """x and targets as arrays, if the model takes x and the loss takes all of the targets."""
    x, targets = an_array(x, x_name), np.asarray(targets)
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"{x_name} must hold at least one sample, got shape {x.shape}")
    x = model.as_input(x, x_name)
    if targets.shape[:1] != x.shape[:1]:
        raise ValueError(
            f"{targets_name} must have length {len(x)}, as x; got shape {targets.shape}"
        )
    # One row tells the shape of the outputs, and with that the loss looks at all the targets.
    outputs = np.zeros((len(x), *model.predict(x[:1]).shape[1:]), model.dtype)
    loss(outputs, targets)
    return x, targets


def _check_batches(model, n, batch_size):
    alone = min(batch_size, n) == 1 or n % batch_size == 1
    if alone and any(isinstance(layer, BatchNorm) for layer in model.all_layers()):
        raise ValueError(
            f"batch_size must not leave one sample alone, since BatchNorm needs two; "
            f"{n} samples in batches of {batch_size} do"
        )


def _progress_bar(done, epochs, progress):
    return tqdm(
        range(done, epochs), initial=done, total=epochs, unit="epoch", disable=not progress,
        file=sys.stdout,
    )  # fmt: skip


def _go_on_if_finite(value, what, optimizer):
    if not all_finite(np.asarray(value)):
        raise Diverged(_advice(f"{what} not finite", optimizer))


def _advice(what, optimizer):
    rate = optimizer.learning_rate
    return f"training stopped: {what}. A learning rate below {rate:g} or clipping may help"
