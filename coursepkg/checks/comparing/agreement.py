"""Whether two outputs agree, and which of them hold numbers at all."""

import numpy as np

from coursepkg.checks.running.plain import Raised

NO_SIZE = 1e-7  # taken as the size of an output that should be zero everywhere


def has_text(value):
    """Whether nested lists hold a text. NumPy would make all texts as long as the longest."""
    if isinstance(value, (list, tuple)):
        return any(map(has_text, value))
    return isinstance(value, str)


def numbers(value):
    """The numbers of a value as an array, or None if it holds anything else."""
    if has_text(value):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):  # a ragged list
        return None
    # A complex root becomes NaN, and the sentence says where NaN comes from. If all numbers are
    # real, only their kind is wrong, and another sentence says so.
    if array.dtype.kind == "c" and np.any(array.imag):
        array = np.where(array.imag == 0, array.real, np.nan)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # a long double may be too large
        with np.errstate(over="ignore"):
            array = array.astype(float)
    return array if array.dtype.kind in "fiub" else None


def agree(value, other, tolerance):
    """Whether two outputs are the same: within `tolerance` of the largest number of `other`."""
    if isinstance(value, Raised) or isinstance(other, Raised):
        both = isinstance(value, Raised) and isinstance(other, Raised)
        return both and value.kind == other.kind
    if isinstance(other, str) or isinstance(value, str):
        return isinstance(value, str) and isinstance(other, str) and value.strip() == other.strip()
    value, other = numbers(value), numbers(other)
    if value is None or other is None:  # neither numbers nor words: no question asks for that
        return False
    return value.shape == other.shape and close(value, other, tolerance)


def close(value, other, tolerance):
    """`agree` for arrays of one shape; what is not finite must be the same in both."""
    value, other = value.astype(float), other.astype(float)
    finite = np.isfinite(other)
    if not np.array_equal(np.isfinite(value), finite):
        return False
    if not np.array_equal(value[~finite], other[~finite], equal_nan=True):
        return False
    size = np.abs(other[finite]).max(initial=0) or NO_SIZE
    with np.errstate(over="ignore"):
        return bool(np.all(np.abs(value[finite] - other[finite]) <= tolerance * size))


def is_right(value, expected, tolerance):
    """`agree`, and of the right kind: a list is not an array."""
    if isinstance(value, (list, tuple)) and not isinstance(expected, (list, tuple)):
        return False
    return agree(value, expected, tolerance)
