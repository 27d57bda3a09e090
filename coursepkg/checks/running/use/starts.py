"""Answers that draw a network's first parameters: they are called many times."""

import numpy as np

from coursepkg.checks.running.use.calls import NotAsAsked

DRAWS = 800  # of a small layer's weights: enough to know a scale to about one percent


def initial_weights(answer, arguments):
    """(shape, [standard deviation, size that 99 % stay under, mean]) of an initializer's draws.

    The first argument of the case is a seed; the answer gets a generator made from it.
    """
    seed, *others = arguments.values()
    one, same = np.random.default_rng(seed), np.random.default_rng(seed)
    first, repeated, second = answer(one, *others), answer(same, *others), answer(one, *others)
    if not (isinstance(first, np.ndarray) and first.ndim and first.dtype.kind == "f"):
        raise NotAsAsked("It must return the weights: a NumPy array of floats.")
    if not np.isfinite(first).all():
        raise NotAsAsked("Some of the weights are NaN or infinite.")
    if not np.array_equal(first, repeated):
        raise NotAsAsked(
            "Two generators with the same seed give different weights: every number must be drawn "
            "from the `rng` that is passed, not with `np.random` or a generator of your own."
        )
    if np.array_equal(first, second):
        raise NotAsAsked(
            "A second draw gives the same weights once more: draw from the `rng` that is passed, "
            "which goes on from where it is, and do not make a new one."
        )
    if any(np.ptp(first, axis=axis).min() == 0 for axis in range(first.ndim)):
        raise NotAsAsked("A whole row or column of weights is equal: each needs a draw of its own.")
    drawn = np.array([answer(one, *others) for _ in range(DRAWS)])
    numbers = [drawn.std(), np.quantile(np.abs(drawn), 0.99), drawn.mean()]
    return np.array(first.shape), np.array(numbers)


# So many that every right answer gets the same words, whatever the seed.
STARTS, AGAIN = 1200, 20


def starting_values(answer, arguments):
    """(draws, the first of them once more): for each array that answer(rng, sizes ..., scale)
    returns, what it draws, stacked along a new first axis.

    arguments: seed, the sizes, scale. All are drawn from one generator, and those once more from
    another one of the same seed.
    """
    seed, *others = arguments.values()
    return _starts(answer, seed, others, STARTS), _starts(answer, seed, others, AGAIN)


def _starts(answer, seed, others, count):
    """For each array that is returned: its draws, stacked along a new first axis."""
    rng = np.random.default_rng(seed)
    starts = [answer(rng, *others) for _ in range(count)]
    for arrays in starts:
        several = isinstance(arrays, (tuple, list))
        if not several or not all(isinstance(array, np.ndarray) for array in arrays):
            raise NotAsAsked("It must return NumPy arrays, with commas between them.")
    return [np.array(same_array) for same_array in zip(*starts, strict=True)]
