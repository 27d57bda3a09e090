"""Mini-batches: there are many right orders, so everything but the sizes becomes words."""

import numpy as np

from coursepkg.checks.comparing.agreement import numbers
from coursepkg.checks.running.use import NotAsAsked


def in_words(came, arguments):
    """(sizes of the batches, which samples are in them, whose targets, in which order).

    No two entries (or rows) of x are equal, so the numbers identify a sample.
    """
    x, targets, epochs = (arguments[name] for name in ("x", "targets", "epochs"))
    one, again, other = ([_located(batch, x, targets) for batch in batches] for batches in came)
    if not (one and again and other):
        raise NotAsAsked("It hands out no batch at all.")
    rounds, again, other = (_rounds(each, epochs) for each in (one, again, other))
    sizes, n = np.array([len(positions) for positions, _ in one], dtype=int), len(x)
    paired = all(paired for _, paired in one)
    pairs = "each sample has its own target" if paired else "samples have targets of others"
    return sizes, _samples_in_words(rounds, n), pairs, _order_in_words(rounds, again, other, n)


def _located(batch, x, targets):
    """The positions of a batch's samples in x, and whether the targets belong to them."""
    if not (isinstance(batch, tuple) and len(batch) == 2):
        raise NotAsAsked("Each batch must be a pair: entries of `x`, and their targets.")
    rows, own = map(numbers, batch)
    if rows is None or own is None:
        raise NotAsAsked("Each batch must be a pair of arrays of numbers.")
    if (
        rows.ndim == 0
        or rows.shape[1:] != x.shape[1:]
        or own.shape != (len(rows), *targets.shape[1:])
    ):
        raise NotAsAsked(
            f"For x {x.shape} and targets {targets.shape} a batch has the shapes {rows.shape} and "
            f"{own.shape}: its two arrays must be equally long, and their rows whole."
        )
    found = (rows[:, None] == x).reshape(len(rows), len(x), x[0].size).all(axis=-1)
    if not found.any(axis=1).all():
        raise NotAsAsked("There is something in a batch that is not in `x`.")
    positions = found.argmax(axis=1)
    return positions, np.array_equal(own, targets[positions])


def _rounds(batches, epochs):
    """The batches of each epoch, if they are divided evenly; at least an empty one."""
    each = max(1, len(batches) // epochs)
    positions = [tuple(positions.tolist()) for positions, _ in batches]
    return [positions[i * each : (i + 1) * each] for i in range(epochs)]


def _joined(batches):
    return [position for batch in batches for position in batch]


def _samples_in_words(rounds, n):
    joined = [np.array(_joined(batches), dtype=int) for batches in rounds]
    counts = np.array([np.bincount(positions, minlength=n) for positions in joined])
    if (counts == 1).all():
        return "each once in each epoch"
    return ", ".join(
        words
        for words, wrong in (("some are left out", counts == 0), ("some come twice", counts > 1))
        if wrong.any()
    )


def _order_in_words(rounds, again, other, n):
    orders = [_joined(batches) for batches in rounds]
    if orders[0] == list(range(n)):
        return "as they stand in x"
    if rounds != again:
        return "random, but not drawn from rng"
    if rounds == other:
        return "the same for every rng" + " and in each epoch" * (orders[0] == orders[1])
    if orders[0] == orders[1]:
        return "the same in each epoch"
    one, next_one = ({frozenset(batch) for batch in batches} for batches in rounds[:2])
    if one == next_one and 1 < len(rounds[0][0]) < n:
        return "the same batches in each epoch"
    return "new in each epoch"
