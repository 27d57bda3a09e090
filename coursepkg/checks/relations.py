"""Sentences for wrong numbers that no known mistake explains: relations between what came and what
was expected. The first that holds in every case that is wrong is told."""

from dataclasses import dataclass

import numpy as np

from coursepkg.checks import as_if, factors, functions, places, shapes
from coursepkg.checks.compare import close, common_arguments, numbers, part_of

NEAR = 0.02


@dataclass(frozen=True)
class Pair:
    """One case: what came for a part, what was expected, the arguments, and the other parts."""

    label: str
    got: np.ndarray
    expected: np.ndarray
    arguments: dict
    others: dict
    tolerance: float

    def alike(self, value, other=None):
        """Whether two arrays (the second: what was expected) are the same, shapes included."""
        value, other = np.asarray(value), self.expected if other is None else np.asarray(other)
        return value.shape == other.shape and close(value, other, self.tolerance)


def explain(examination, outcomes, part, labels):
    """(id, sentence) for one part that is wrong in the cases `labels`."""
    question = examination.question
    if isinstance(part_of(question, examination.expected[labels[0]], part), str):
        return "another_word", "That is not it."
    pairs = [make_pair(examination, outcomes[label], label, part) for label in labels]
    with np.errstate(all="ignore"):
        for relation in IN_ORDER:
            if found := relation(pairs):
                return found
        found = as_if.explain(examination, pairs, part) or places.beginning(pairs) or near(pairs)
    return found or some_cases(examination, pairs)


def make_pair(examination, outcome, label, part):
    question, expected = examination.question, examination.expected[label]
    others = {
        other: numbers(part_of(question, expected, other))
        for other in question.parts
        if other != part
    }
    return Pair(
        label,
        numbers(part_of(question, outcome, part)),
        numbers(part_of(question, expected, part)),
        examination.cases[label],
        others,
        question.tolerance,
    )


def not_finite(pairs):
    """NaN or infinity."""
    for pair in pairs:
        bad = ~np.isfinite(pair.got)
        if bad.any() and np.isfinite(pair.expected).all():
            kind = "NaN" if np.isnan(pair.got).any() else "infinity"
            why = (
                "0/0, ∞ − ∞ or the logarithm of a negative number lead there"
                if kind == "NaN"
                else "an overflow of `exp`, the logarithm of 0 or a division by 0 lead there"
            )
            return "not_finite", f"It gives {kind}: {why}."
    return None


def zeros(pairs):
    """All zero."""
    if all(not pair.got.any() for pair in pairs):
        return "zeros", "It gives zero everywhere: was the result written into what is returned?"
    return None


def near(pairs):
    """Close, but not equal."""
    if all(close(pair.got, pair.expected, NEAR) for pair in pairs):
        return (
            "near",
            "It is near, but not equal: is there a rounding, an approximation, or a small constant "
            "(ε) in another place than the one that was asked for?",
        )
    return None


def some_cases(examination, pairs):
    """All that is left to say: where it is right, if anywhere."""
    wrong = [pair.label for pair in pairs]
    right = [label for label in examination.cases if label not in wrong]
    if not right:
        return "different", "The numbers differ; compute the smallest case by hand, step by step."
    where = f"It is right for: {'; '.join(right)}. It is wrong for: {'; '.join(wrong)}."
    good, bad = ([examination.cases[k] for k in labels] for labels in (right, wrong))
    for name in common_arguments(pairs):
        if all(name in case for case in good):
            words = _only_one(name, [c[name] for c in good], [c[name] for c in bad])
            if words:
                return "some_cases", f"{words} {where}"
    return "some_cases", where


def _only_one(name, good, bad):
    """What sets the cases apart: one row against several, or one value of a number."""
    if all(isinstance(value, np.ndarray) and value.ndim for value in [*good, *bad]):
        if all(len(v) == 1 for v in good) and all(len(v) > 1 for v in bad):
            return (
                f"It is right only where `{name}` has a single row: over several rows something is "
                "not summed, not averaged, or mixed up."
            )
    elif all(isinstance(v, (int, float)) and v == good[0] for v in good) and good[0] not in bad:
        return f"It is right only where `{name}` is {good[0]:g}."
    return None


IN_ORDER = (
    not_finite,
    *shapes.RELATIONS,
    functions.whole_numbers,
    zeros,
    *places.FIRST,
    *factors.RELATIONS,
    *functions.RELATIONS,
    *places.RELATIONS,
)
