"""Relations found by running the reference on altered arguments: "as if the momentum were 0"."""

import itertools

import numpy as np

from coursepkg.checks.compare import common_arguments, numbers, part_of
from coursepkg.checks.run import run

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
    "were divided by the number of its rows": lambda v: v / (len(v) if v.ndim else np.nan),
    "were its mean over the rows": lambda v: v * 0 + v.mean(axis=0),
    "were transposed": lambda v: v.T,
    "were reversed": lambda v: v[::-1],
    "had its first row in every row": lambda v: v * 0 + v[:1],
    "had its last row in every row": lambda v: v * 0 + v[-1:],
}
FIXED = (0.1, 0.5, 0.9, 0.99, 0.999, 1e-2, 1e-3, 1e-5, 1e-8)


def explain(examination, pairs, part):
    """(id, sentence) if the answer is the reference with one argument altered or two exchanged."""
    for words, cases in itertools.chain(_alterations(pairs), _exchanges(pairs)):
        if _matches(examination, pairs, part, cases):
            return "as_if", f"It behaves as if {words}."
    return None


def _alterations(pairs):
    for name in common_arguments(pairs):
        value = pairs[0].arguments[name]
        if np.asarray(value).dtype.kind != "f":
            continue
        if np.ndim(value) == 0:
            for number in FIXED:
                words = f"`{name}` were always {number:g} (is that number in the code?)"
                yield words, {p.label: {**p.arguments, name: number} for p in pairs}
        for words, alter in ALTERED.items():
            yield (
                f"`{name}` {words}",
                {p.label: {**p.arguments, name: _altered(alter, p.arguments[name])} for p in pairs},
            )


def _altered(alter, value):
    with np.errstate(all="ignore"):
        try:
            new = alter(np.asarray(value, dtype=float))
        except (ValueError, IndexError):
            return value
    return new if isinstance(value, np.ndarray) else float(new) if np.ndim(new) == 0 else value


def _exchanges(pairs):
    for one, other in itertools.combinations(common_arguments(pairs), 2):
        if all(_exchangeable(p.arguments[one], p.arguments[other]) for p in pairs):
            yield (
                f"`{one}` and `{other}` were exchanged",
                {
                    p.label: {**p.arguments, one: p.arguments[other], other: p.arguments[one]}
                    for p in pairs
                },
            )


def _exchangeable(one, other):
    kinds = np.asarray(one).dtype.kind, np.asarray(other).dtype.kind
    return np.shape(one) == np.shape(other) and kinds[0] == kinds[1] and kinds[0] in "fiu"


def _matches(examination, pairs, part, cases):
    question = examination.question
    first = pairs[0]
    trial = run(question.reference, question.use, {first.label: cases[first.label]})
    if not _same(question, trial, first, part):
        return False
    rest = run(question.reference, question.use, cases)
    return all(_same(question, rest, pair, part) for pair in pairs)


def _same(question, outcomes, pair, part):
    value = numbers(part_of(question, outcomes[pair.label], part))
    return value is not None and np.isfinite(value).all() and pair.alike(pair.got, value)
