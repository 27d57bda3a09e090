"""What an answer returned, as plain data that nothing of the learner's can hide in.

An object of an unknown class may fail or never end when it is compared, shown or copied. So it is
looked at once, while the time is still limited, and nothing after that has to be careful.
"""

import numpy as np

MOST = 1_000_000  # numbers; no question asks for nearly as many
DEEPEST = 20  # lists in lists
KEPT = 2000  # characters of a text


class TooMuch(Exception):
    """More was returned than can be looked at; the message says how much."""


class Other:
    """Stands for what is neither numbers nor words: its kind, and whether it can be called."""

    def __init__(self, kind, is_callable=False):
        self.kind, self.is_callable = kind, is_callable

    def __repr__(self):
        return f"<{self.kind}>"


def plain(value, depth=0):
    """A copy that a later call cannot change: arrays, numbers, texts, and tuples, lists and dicts
    of them. Exceptions stay, for one output of several may be one; all else becomes `Other`."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex) or isinstance(value, Exception):
        return value
    if isinstance(value, str):
        return str.__str__(value)[:MOST]
    for base in (tuple, list, dict):
        if isinstance(value, base) and depth < DEEPEST:
            return of_container(base, value, depth + 1)
    return of_array(value) if hasattr(kind, "__array__") else Other(kind.__name__, callable(value))


def of_container(base, value, depth):
    """A plain tuple, list or dict, also of a subclass such as a named tuple."""
    if base.__len__(value) > MOST:
        raise TooMuch(f"a {base.__name__} of {base.__len__(value)}")
    if base is dict:
        return {key: plain(item, depth) for key, item in dict.items(value) if type(key) is str}
    return base(plain(item, depth) for item in base.__iter__(value))


def of_array(value):
    """A plain array, or a NumPy number; hidden entries and objects are no numbers."""
    try:
        array = np.asanyarray(value)
    except Exception:  # an `__array__` may do anything
        return Other(type(value).__name__)
    if np.ma.is_masked(array):
        return Other("masked array")
    if array.size > MOST:
        raise TooMuch(f"an array of {array.size} numbers, shape {array.shape}")
    if array.dtype.kind not in "fiubcUSmM":
        return Other(f"array of {array.dtype}")
    return array[()] if isinstance(value, np.generic) else np.array(array)


def text_of(value):
    """str(value), short; also where that fails, or cannot be sent anywhere."""
    try:
        text = str(value)[:KEPT]
    except Exception:
        return "(it has no text)"
    return text.encode("utf-8", "replace").decode("utf-8")
