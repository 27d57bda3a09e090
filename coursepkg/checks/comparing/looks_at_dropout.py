"""Dropout: where the zeros fall is random, so what it does becomes words."""

import numpy as np

from coursepkg.checks.comparing.agreement import numbers
from coursepkg.checks.running.plain import Raised
from coursepkg.checks.running.use import NotAsAsked, dropping

DIFFERING = "differing numbers"


def in_words(came, arguments):
    """(mask, scale, grad_x, evaluation), from what `use.dropout_of_copies` returns."""
    many = np.tile(arguments["x"], dropping.SIDE_BY_SIDE)
    y = _factors(came["y"], arguments, "x", dropping.SIDE_BY_SIDE)
    next_y, again, ones = (_shaped(came[k], many.shape) for k in ("next_y", "same_again", "ones"))
    small = _shaped(came["small"], (dropping.SMALL_CALLS, *dropping.SMALL))
    seen = ~np.isnan(y)
    return (
        _mask_in_words(y, seen, next_y != 0, again != 0, small),
        _one_number(y[(many != 0) & (y != 0)]),
        _backward_in_words(y, came["grad_x"], arguments, ones != 0),
        _evaluation_in_words(came["evaluated"], arguments),
    )


def _shaped(values, shape):
    """An array of numbers in a shape, or NotAsAsked."""
    array = numbers(values)
    if array is None or array.shape != shape:
        raise NotAsAsked(dropping.NOT_THE_SHAPE)
    return array


def _factors(values, arguments, name, copies):
    """Values as multiples of the argument `name`, NaN where that is 0."""
    many = np.tile(arguments[name], copies)
    values = _shaped(values, many.shape).astype(float)
    return np.divide(values, many, out=np.full(many.shape, np.nan), where=many != 0)


def _one_number(factors):
    """The factor as a word, if it is the same everywhere."""
    if factors.size == 0:
        return "nothing"
    if not np.ptp(factors) <= 1e-4 * np.abs(factors).max():  # also if there are NaNs
        return DIFFERING
    return f"{np.median(factors):.4g}"


def _mask_in_words(y, seen, next_y, same_again, small):
    """How y is masked; it is NaN where x is 0, because nothing can be seen there."""
    kept = y != 0
    if kept[seen].all():
        blurred = _one_number(y[seen]) == DIFFERING
        return "nothing is dropped" + ", but all is changed" * blurred
    if not np.array_equal(kept[seen], same_again[seen]):
        return "random, but not drawn from rng"
    if np.array_equal(kept[seen], next_y[seen]):
        return "the same in each call"
    for axis, words in ((0, "the same for all samples"), (1, "whole samples at once")):
        if ((kept | ~seen).all(axis) | (~kept | ~seen).all(axis)).all():
            return words
    if len({np.count_nonzero(each) for each in small}) == 1:
        return "equally many in each call"
    # Rounded to tens, so that chance does not matter.
    return f"{10 * round(10 * kept[seen].mean())} % kept, each number by itself"


def _backward_in_words(y, grad_x, arguments, kept):
    if isinstance(grad_x, Raised):
        return grad_x
    grad_x, seen = _factors(grad_x, arguments, "grad_y", dropping.SIDE_BY_SIDE), ~np.isnan(y)
    if np.allclose(grad_x[seen], y[seen], rtol=1e-4, atol=1e-6):
        words = "grad_y times the mask"
    elif np.array_equal(grad_x[seen] != 0, y[seen] != 0):
        words = f"the same mask, but grad_y times {_one_number(grad_x[seen & (y != 0)])}"
    elif grad_x[seen].all():
        words = f"not masked, grad_y times {_one_number(grad_x[seen])}"
    else:
        words = "another mask than forward"
    hidden, known = grad_x[~seen] != 0, np.array_equal(kept[seen], y[seen] != 0)
    if np.array_equal(hidden, kept[~seen]) or (hidden.any() and not known):
        return words
    return words + f" and {'another mask' if hidden.any() else '0'} where x is 0"


def _evaluation_in_words(evaluated, arguments):
    y, grad_x = evaluated
    if isinstance(grad_x, Raised):
        return grad_x
    y = _factors(y, arguments, "x", dropping.SIDE_BY_SIDE_EVALUATED)
    grad_x = _factors(grad_x, arguments, "grad_y", dropping.SIDE_BY_SIDE_EVALUATED)
    seen = np.tile(arguments["x"], dropping.SIDE_BY_SIDE_EVALUATED) != 0
    return f"x times {_one_number(y[seen])}, grad_y times {_one_number(grad_x[seen])}"
