"""Relations found by running the reference on altered arguments: "as if the momentum were 0"."""

import functools
import itertools
import time

import numpy as np

from coursepkg.checks.explaining.neighbors import gives
from coursepkg.checks.explaining.pairs import common_arguments


def _softmax(values):
    exponentials = np.exp(values - values.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


ALTERED = {
    "were 0 (is it used?)": np.zeros_like,
    "were 1 (is it used?)": np.ones_like,
    "had the other sign": lambda v: -v,
    "were twice as large": lambda v: 2 * v,
    "were half as large": lambda v: v / 2,
    "were squared": lambda v: v * v,
    "were its square root": lambda v: np.sqrt(np.where(v < 0, np.nan, v)),
    "were 1 minus it": lambda v: 1 - v,
    "were its absolute value": np.abs,
    "were the sigmoid of it": lambda v: 1 / (1 + np.exp(-v)),
    "were tanh of it": np.tanh,
    "were artanh of it (the way back from tanh)": np.arctanh,
    "were its logit (the way back from the sigmoid)": lambda v: np.log(v / (1 - v)),
    "were exp of it": np.exp,
    "were softmax of it": _softmax,
    "were its logarithm": np.log,
    "were divided by the number of its rows": lambda v: v / (len(v) if v.ndim else np.nan),
    "were its mean over the rows": lambda v: v * 0 + v.mean(axis=0),
    "were transposed": lambda v: v.T,
    "were reversed": lambda v: v[::-1],
    "stayed at its first row or entry": lambda v: v * 0 + v[:1],
    "were its last row or entry everywhere": lambda v: v * 0 + v[-1:],
}
FIXED = (0.1, 0.5, 0.9, 0.99, 0.999, 1e-2, 1e-3, 1e-5, 1e-8)


def altered_argument(comparison, part, pairs, end):
    """(id, sentence) if the answer is the reference with one argument altered or two exchanged."""
    names = common_arguments(pairs)
    reference = comparison.question.reference
    for words, alter in itertools.chain(_alterations(names, pairs), _exchanges(names, pairs)):
        if time.monotonic() > end:
            return None
        if gives(comparison, part, pairs, reference, alter):
            return "as_if", f"It behaves as if {words}."
    return None


def _alterations(names, pairs):
    for name in names:
        value = pairs[0].arguments[name]
        if not isinstance(value, (float, np.ndarray)) or np.asarray(value).dtype.kind != "f":
            continue
        for words, function in ALTERED.items():
            yield f"`{name}` {words}", functools.partial(_altered, name, function)
        if np.ndim(value) == 0:
            for number in FIXED:
                words = f"`{name}` were always {number:g} (is that number in the code?)"
                yield words, functools.partial(_altered, name, lambda v, n=number: v * 0 + n)


def _altered(name, function, arguments):
    """The arguments with one of them altered; None if that fails or gives no number."""
    value = np.asarray(arguments[name], dtype=float)
    with np.errstate(all="ignore"):
        try:
            new = np.asarray(function(value))
        except (ValueError, IndexError):
            return None
    if not np.isfinite(new).all():
        return None
    return {**arguments, name: new if isinstance(arguments[name], np.ndarray) else new.item()}


def _exchanges(names, pairs):
    for one, other in itertools.combinations(names, 2):
        if all(_exchangeable(p.arguments[one], p.arguments[other]) for p in pairs):
            words = f"`{one}` and `{other}` were exchanged"
            yield words, lambda case, a=one, b=other: {**case, a: case[b], b: case[a]}


def _exchangeable(one, other):
    kinds = np.asarray(one).dtype.kind, np.asarray(other).dtype.kind
    return np.shape(one) == np.shape(other) and kinds == ("f", "f")
