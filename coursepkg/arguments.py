"""What every public function asks of its arguments, said once.

The checks stand here and not among the formulas, so that a formula in this package reads as it
does on the page that derives it.
"""

import functools
import math
import numbers

import numpy as np


def float_array(value, name, shape=None, dtype=None):
    """`value` as an array of floats: float32 stays float32, whole numbers become float64.

    With `dtype` it becomes that. Raises TypeError if it does not hold real numbers, ValueError if
    `shape` is given and differs.
    """
    array = value if type(value) is np.ndarray else an_array(value, name)
    if array.dtype.kind != "f":
        if array.dtype.kind not in "iu":
            raise TypeError(f"{name} must hold real numbers, got {array.dtype} ({_short(value)})")
        array = array.astype(np.float64)
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    if dtype is None or array.dtype == dtype:
        return array
    with np.errstate(over="ignore"):  # what is too large for dtype becomes inf, which is looked for
        return array.astype(dtype)


def an_array(value, name):
    """`value` as an array of whatever it holds; TypeError if its rows differ in length."""
    try:
        return np.asarray(value)
    except ValueError:
        raise TypeError(f"{name} must be an array of numbers; its rows differ in length") from None


def finite_array(value, name, shape=None, dtype=None):
    """As `float_array`, and a ValueError names the first entry that is NaN or infinite."""
    array = float_array(value, name, shape, dtype)
    if not all_finite(array):
        index, where = _first(~np.isfinite(array), name)
        raise ValueError(f"{name} must be finite, but {where} is {array[index]}")
    return array


def as_matrix(array):
    """`array` with its leading axes merged into one: (rows, columns)."""
    return array if array.ndim == 2 else array.reshape(-1, array.shape[-1])


def image_batch(value, name):
    """`value` as a finite array of shape (batch, height, width)."""
    images = finite_array(value, name)
    if images.ndim != 3:
        raise ValueError(f"{name} must have shape (batch, height, width), got {images.shape}")
    return images


def all_finite(array):
    """Whether no entry of a float array is NaN or infinite."""
    # The sum of all squares is finite only if every entry is, and for a few thousand numbers it
    # is had sooner. (For more of them BLAS would wake its threads.) If it is not finite it may
    # have overflowed: then each entry is looked at.
    if array.size < 8192 and math.isfinite(np.vdot(array, array)):
        return True
    return bool(np.isfinite(array).all())


def class_labels(value, name, *shape, ignore=None):
    """`value` as whole numbers, one for each row of logits of this shape, (..., classes).

    They lie between 0 and classes - 1, or are `ignore`.
    """
    rows, classes = shape[:-1], shape[-1]
    labels = np.asarray(value)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers, got {labels.dtype} ({_short(value)})")
    if labels.shape != rows:
        raise ValueError(f"{name} must have shape {rows}, one for each row; got {labels.shape}")
    # For a batch much quicker than min() and max().
    if labels.item(labels.argmin()) < 0 or labels.item(labels.argmax()) >= classes:
        wrong = (labels < 0) | (labels >= classes)
        if ignore is not None:
            wrong &= labels != ignore
        if wrong.any():
            index, where = _first(wrong, name)
            raise ValueError(
                f"{name} must lie between 0 and {classes - 1}, but {where} is {labels[index]}"
            )
    return labels


def float_vector(array, name):
    """`array` itself, if it is one flat numpy array of floats; for what is changed in place."""
    # Not np.asarray: a copy would be stepped in the dark, while the caller's array stood still.
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        kind = getattr(array, "dtype", type(array).__name__)
        raise TypeError(
            f"{name} must be a numpy array of floats, to be changed in place; got {kind}"
        )
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be one flat vector, got shape {array.shape}")
    return array


def real_number(value, name, low=None, above=None, below=None):
    """`value` as a float: finite, not below `low`, strictly above `above` and below `below`."""
    number = value if type(value) is float else _float(value, name)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {_short(value)}")
    if low is not None and number < low:
        raise ValueError(f"{name} must be at least {low}, got {value}")
    if above is not None and number <= above:
        raise ValueError(f"{name} must be greater than {above}, got {value}")
    if below is not None and number >= below:
        raise ValueError(f"{name} must be less than {below}, got {value}")
    return number


def _float(value, name):
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()  # what NumPy makes of one number
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {_short(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def whole_number(value, name, low=-math.inf):
    """`value` as an int that is at least `low`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, got {_short(value)}")
    if value < low:
        raise ValueError(f"{name} must be at least {low}, got {value}")
    return int(value)


def a_function(value, name):
    """`value` itself, if it can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, got {_short(value)}")
    return value


def generator(rng):
    """`rng` itself, if it is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a numpy.random.Generator, as numpy.random.default_rng(0) makes one; "
            f"got {_short(rng)}"
        )
    return rng


def fans(rng, fan_in, fan_out):
    """What an initializer is given: a generator and two whole numbers of at least 1."""
    generator(rng)
    return whole_number(fan_in, "fan_in", low=1), whole_number(fan_out, "fan_out", low=1)


def elementwise(function):
    """Guard an activation `z -> (a, vjp)`: z becomes a float array, grad_a must fit a."""

    @functools.wraps(function)
    def guarded(z, *args, **options):
        a, vjp = function(float_array(z, "z"), *args, **options)
        return a, lambda grad_a: vjp(float_array(grad_a, "grad_a", a.shape))

    guarded.unguarded = function
    return guarded


def unguarded(function):
    """The function that `elementwise` guards, for callers who have checked; others unchanged."""
    return getattr(function, "unguarded", function)


def _first(wrong, name):
    """The index of the first True, and how to write that entry of `name`."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return index, f"{name}[{', '.join(map(str, index))}]" if index else name


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
