"""Answers that are parts of a training: optimizers, mini-batches, early stopping."""

import itertools

import numpy as np

from coursepkg.checks.running.plain import plain
from coursepkg.checks.running.use.calls import NotAsAsked


def scheduled_steps(answer, arguments):
    """The parameters after each step of an optimizer, (steps, n), under a schedule.

    A rate that differs from the one before is written into the optimizer. arguments: params (n,),
    gradients (steps, n), learning_rates (steps,), and what else the class is made with. An answer
    that writes into its `grads` has changed the case's `gradients`.
    """
    settings = dict(arguments)
    params, gradients = settings.pop("params").copy(), settings.pop("gradients")
    rates = settings.pop("learning_rates").tolist()
    grads = np.ones_like(params)  # of an earlier step: no optimizer should look at them yet
    optimizer = answer(params, grads, learning_rate=rates[0], **settings)
    path = []
    for i, gradient in enumerate(gradients):
        if i > 0 and rates[i] != rates[i - 1]:  # it was made with the first
            optimizer.learning_rate = rates[i]
        grads[...] = gradient
        optimizer.step()
        gradient[...] = grads
        path.append(params.copy())
    return np.array(path)


MOST_BATCHES = 300  # of an iterator that never ends


def batches_of_epochs(answer, arguments):
    """(batches, batches of the same seed once more, batches of another seed), as handed out.

    arguments: x, targets, batch_size, epochs, seed.
    """
    copies = [{**arguments, "x": arguments["x"].copy(), "targets": arguments["targets"].copy()}
              for _ in range(2)]  # fmt: skip
    one = _batches(answer, arguments, 0)
    if one is None:
        return None
    return one, _batches(answer, copies[0], 0), _batches(answer, copies[1], 1)


def _batches(answer, arguments, stream):
    """Each batch as it was at the moment when it was handed out."""
    *given, seed = arguments.values()
    returned = answer(*given, np.random.default_rng([seed, stream]))
    if returned is None:
        return None
    if isinstance(returned, tuple):
        raise NotAsAsked("It returns once and is done. A generator hands out with `yield`.")
    return [plain(batch) for batch in itertools.islice(returned, MOST_BATCHES)]


def stopped_training(answer, arguments):
    """(epochs done, the best parameters that were kept, the parameters after `restore`).

    arguments: losses (epochs,), and what the class is made with. Both parameters are 1 in the first
    epoch, 2 in the second, and so on, written into one and the same array. In the end they are
    set to 0, as if somebody had spoiled them, and then restored.
    """
    losses, *settings = arguments.values()
    params, epochs = np.zeros(2), 0
    stopping = answer(*settings)
    for loss in losses.tolist():
        epochs += 1
        params[:] = epochs
        said = stopping.update(loss, params)
        if not isinstance(said, (bool, np.bool_)):
            raise NotAsAsked(f"`update` must return True or False. It returned {said!r}.")
        if said:
            break
    params[:] = 0
    kept = getattr(stopping, "best_params", None)
    if np.shape(kept) != params.shape:
        raise NotAsAsked(f"`best_params` must be an array like `params`. It is {kept!r}.")
    kept = np.array(kept)
    stopping.restore(params)
    return epochs, kept, params
