"""Plain data as JSON and back: what is sent into the sandbox, and what comes out of it.

What comes out may have been forged by the submission. So nothing is unpickled, decompressed or
evaluated: JSON of a bounded length, in which an array is its type, its shape and its bytes, and
whatever is not exactly of that form is refused.
"""

import base64
import math

import numpy as np

from coursepkg.checks.running.plain import DEEPEST, Other, Raised
from coursepkg.checks.running.run import MOST_WARNINGS, Outcome

DTYPES = {
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
}
LONGEST_NAME, LONGEST_TEXT = 100, 2000
MOST_AXES, MOST_NUMBERS = 32, 2**31


class Forged(Exception):
    """What came back has a form that no run of an answer produces."""


def encode(value):
    """A value from `plain`, or an argument of a case, as something that `json` can write."""
    if value is None or isinstance(value, (bool, str)) or type(value) is float:
        return value
    if type(value) is int:
        return value if abs(value) < 2**63 else {"other": ["int", False]}
    if isinstance(value, (np.ndarray, np.generic)):
        return encode_array(value)
    for kind in (tuple, list):
        if isinstance(value, kind):
            return {kind.__name__: [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": {key: encode(item) for key, item in value.items()}}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, Raised):
        return {"raised": [value.kind, value.message]}
    if isinstance(value, Other):
        return {"other": [value.kind, bool(value.is_callable)]}
    raise TypeError(f"value: a {type(value).__name__} cannot be sent")


def encode_array(value):
    """An array of numbers; arrays of words or dates answer no question."""
    if value.dtype.kind not in "fiubc":
        return {"other": [f"array of {value.dtype}", False]}
    if value.dtype.name not in DTYPES:  # long doubles
        value = value.astype("complex128" if value.dtype.kind == "c" else "float64")
    data = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
    text = base64.b64encode(data.tobytes()).decode("ascii")
    kind = "array" if isinstance(value, np.ndarray) else "number"
    return {kind: [value.dtype.name, list(value.shape), text]}


def decode(data, depth=0):
    """The value that `encode` was given. Forged if it is nothing that `encode` writes."""
    if data is None or isinstance(data, (bool, float)):
        return data
    if isinstance(data, int):
        return data if abs(data) < 2**63 else refuse("a number of many digits")
    if isinstance(data, str):
        return text(data, LONGEST_TEXT)
    if not isinstance(data, dict) or len(data) != 1 or depth > DEEPEST + 1:
        refuse("neither a value nor a container of values")
    [(kind, content)] = data.items()
    decoder = DECODERS.get(kind) or refuse(f"the kind {kind[:LONGEST_NAME]!r}")
    return decoder(content, depth + 1)


def refuse(what):
    raise Forged(f"there is no such thing: {what}")


def text(value, longest=None):
    """A text that can be written anywhere: surrogates without a partner are replaced."""
    if not isinstance(value, str):
        refuse("a text that is none")
    return value[:longest].encode("utf-8", "replace").decode("utf-8")


def whole(value):
    """A whole number that fits on a line."""
    return value if type(value) is int and 0 <= value < 10**9 else refuse("a number of a line")


def decode_array(content, depth):
    try:
        name, shape, data = content
        if name not in DTYPES or len(shape) > MOST_AXES:
            refuse("an array of that kind")
        if not all(type(size) is int and size >= 0 for size in shape):
            refuse("a shape like that")
        # NumPy counts the axes of an empty array as well when it makes another of it.
        if math.prod(max(1, size) for size in shape) > MOST_NUMBERS:
            refuse("an array as large as that")
        data = base64.b64decode(data, validate=True)
        dtype = np.dtype(name).newbyteorder("<")
        if len(data) != math.prod(shape) * dtype.itemsize:
            refuse("an array with more or fewer bytes than its shape")
        array = np.frombuffer(data, dtype).reshape(shape)
        return array.astype(np.dtype(name))  # a copy that can be written to
    except (TypeError, ValueError) as error:
        raise Forged("an array cannot be read") from error


def decode_number(content, depth):
    array = decode_array(content, depth)
    return array[()] if array.ndim == 0 else refuse("a number with axes")


def decode_pair(content, first, second):
    if not (isinstance(content, list) and len(content) == 2):
        refuse("a pair of another length")
    if not (isinstance(content[0], first) and isinstance(content[1], second)):
        refuse("a pair of other things")
    return content


def decode_items(content, depth):
    if not isinstance(content, list):
        refuse("a list that is none")
    return [decode(item, depth) for item in content]


def decode_dict(content, depth):
    if not isinstance(content, dict):
        refuse("a dict that is none")
    return {text(key, LONGEST_NAME): decode(item, depth) for key, item in content.items()}


def decode_raised(content, depth):
    kind, message = decode_pair(content, str, str)
    return Raised(text(kind, LONGEST_NAME), text(message, LONGEST_TEXT))


def decode_other(content, depth):
    kind, is_callable = decode_pair(content, str, bool)
    return Other(text(kind, LONGEST_NAME), is_callable)


DECODERS = {
    "array": decode_array,
    "number": decode_number,
    "list": decode_items,
    "tuple": lambda content, depth: tuple(decode_items(content, depth)),
    "dict": decode_dict,
    "complex": lambda content, depth: complex(*map(float, decode_pair(content, float, float))),
    "raised": decode_raised,
    "other": decode_other,
}


def encode_outcome(outcome):
    return {**vars(outcome), "value": encode(outcome.value)}


def decode_outcome(data, arguments):
    """The Outcome of a case with these `arguments`; every text in it is short."""
    if not isinstance(data, dict) or data.keys() != Outcome.__dataclass_fields__.keys():
        refuse("an outcome without one of its fields, or with others")
    error, changed, warned = data["error"], data["changed"], data["warned"]
    if not isinstance(changed, list) or not isinstance(warned, list):
        refuse("an outcome like that")
    return Outcome(
        value=decode(data["value"]),
        error=None if error is None else text(error, LONGEST_NAME),
        message=text(data["message"], LONGEST_TEXT),
        line=text(data["line"], LONGEST_TEXT),
        number=whole(data["number"]),
        changed=tuple(name for name in arguments if name in changed),
        printed=text(data["printed"], LONGEST_TEXT),
        warned=tuple(text(each, LONGEST_TEXT) for each in warned[:MOST_WARNINGS]),
    )
