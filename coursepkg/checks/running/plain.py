"""What an answer returned, as plain data that nothing of the learner's can hide in.

An object of an unknown class may fail or never end when it is compared, shown or copied. So it is
looked at once, while the time is still limited, and nothing after that has to be careful.
"""

import numpy as np

MOST = 1_000_000  # numbers; no question asks for nearly so many
DEEPEST = 20  # lists in lists
KEPT = 2000  # characters of a text


class TooMuch(Exception):
    """More was returned than can be looked at; the message says how much."""


class Other:
    """What is neither numbers nor words: its kind, and whether it can be called."""

    def __init__(self, kind, is_callable=False):
        self.kind, self.is_callable = kind, is_callable

    def __repr__(self):
        return f"<{self.kind}>"


class Raised:
    """An exception: the name of its class, and its text."""

    def __init__(self, kind, message=""):
        self.kind, self.message = kind, message

    def __repr__(self):
        return f"{self.kind}: {self.message}".rstrip(": ")


def plain(value, depth=0):
    """A copy that a later call cannot change: arrays, numbers, texts, and tuples, lists and dicts
    of them. An exception, which one output of several may be, becomes `Raised`, and all else
    `Other`: no object of the learner's own classes is left."""
    kind = type(value)
    if value is None or any(kind is each for each in (bool, int, float, complex)):
        return value
    if issubclass(kind, Exception):
        return Raised(name_of(kind), text_of(value))
    if isinstance(value, str):
        return str.__str__(value)[:MOST]
    for base in (tuple, list, dict):
        if isinstance(value, base) and depth < DEEPEST:
            return of_container(base, value, depth + 1)
    return of_array(value) if hasattr(kind, "__array__") else Other(name_of(kind), callable(value))


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
        return Other(name_of(type(value)))
    if np.ma.is_masked(array):
        return Other("masked array")
    array = np.asarray(array)  # of no subclass, which could have a size of its own
    if array.size > MOST:
        raise TooMuch(f"an array of {array.size} numbers, shape {array.shape}")
    if array.dtype.kind not in "fiubcUSmM":
        return Other(f"array of {array.dtype}")
    array = array.astype(array.dtype.str)  # a copy, without what else a dtype may carry
    return array[()] if isinstance(value, np.generic) else array


def name_of(kind):
    """The name of a class, also if its metaclass says something else."""
    return str.__str__(type.__dict__["__name__"].__get__(kind))


def text_of(value):
    """str(value), short; also where that fails, or cannot be sent anywhere."""
    try:
        text = str.__str__(str(value))[:KEPT]  # `str` may return a subclass of its own
    except Exception:
        return "(it has no text)"
    return text.encode("utf-8", "replace").decode("utf-8")
