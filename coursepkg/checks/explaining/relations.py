"""Sentences for wrong numbers that no known mistake explains: relations between what came and what
was expected. The first that holds in every case that is wrong is told."""

import time
from dataclasses import dataclass

import numpy as np

from coursepkg.checks.comparing.compare import close, common_arguments, count, numbers, part_of
from coursepkg.checks.comparing.verdict import short
from coursepkg.checks.explaining import as_if, factors, functions, neighbors, places, shapes

NEAR, TINY = 0.02, 1e-6
SECONDS = 1.0  # for those relations that run the reference again


@dataclass(frozen=True, eq=False)
class Pair:
    """One case: what came for a part, what was expected, the arguments, what is expected of the
    other parts, the cases that are right (without those where that is zero), and whether its first
    axis is the steps of a path."""

    label: str
    got: np.ndarray
    expected: np.ndarray
    arguments: dict
    others: dict
    right: tuple
    path: bool
    tolerance: float

    def alike(self, value, other=None):
        """Whether two arrays (the second: what was expected) are the same, shapes included."""
        value, other = np.asarray(value), self.expected if other is None else np.asarray(other)
        return value.shape == other.shape and close(value, other, self.tolerance)


def explain(examination, outcomes, part, labels):
    """(id, sentence) for one part that is wrong in the cases `labels`."""
    question = examination.question
    if isinstance(part_of(question, examination.expected[labels[0]], part), str):
        return another_word(examination, outcomes[labels[0]], part)
    labels = sorted(labels, key=lambda label: count(examination.cases[label]))
    right = tuple(
        label
        for label in examination.cases
        if label not in labels
        and part_of(question, examination.expected[label], part) is not None
        and np.any(part_of(question, examination.expected[label], part))
    )
    pairs, every = (
        [make_pair(examination, outcomes[label], label, part, right) for label in some]
        for some in (labels, [*labels, *right])
    )
    with np.errstate(all="ignore"):
        return of_finite(examination, pairs, every, part)


def another_word(examination, outcome, part):
    """A word that is not the right one, and of no known mistake."""
    question, said = examination.question, part_of(examination.question, outcome, part)
    if not question.secret:
        return "another_word", "That is not as asked: compare what was expected with what came."
    known = [
        part_of(question, o, part) for given in examination.wrong.values() for o in given.values()
    ]
    if said not in known:
        return "no_such_word", f"`{short(said, 60)}` is none of the words to choose from."
    return "another_word", "That is not it."


def of_finite(examination, pairs, every, part):
    """The sentence, from the cases that give numbers; NaN and infinity are told beside it."""
    good = [pair for pair in pairs if np.isfinite(pair.got).all()]
    bad = not_finite(pairs)
    if bad is None or not good:
        return bad or of_numbers(examination, pairs, every, part)
    finite = [pair for pair in every if np.isfinite(pair.got).all()]
    name, sentence = of_numbers(examination, good, finite, part)
    if name in ("different", "some_cases"):  # which says less
        return bad
    where = "; ".join(str(pair.label) for pair in pairs if pair not in good)
    return name, f"{sentence} And it gives NaN or infinity for: {where}."


def of_numbers(examination, pairs, every, part):
    """The first relation that holds."""
    for relation in OF_WRONG_CASES:
        if found := relation(pairs):
            return found
    for relation in OF_ALL_CASES:
        if found := relation(every):
            return found
    end = time.monotonic() + SECONDS
    for relation in BY_RUNNING:
        if found := relation(examination, pairs, part, end):
            return found
    for relation in (places.order, places.beginning, near):
        if found := relation(pairs):
            return found
    return some_cases(examination, pairs)


def make_pair(examination, outcome, label, part, right):
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
        right,
        question.path,
        question.tolerance,
    )


def not_finite(pairs):
    """NaN or infinity."""
    roots = "a root, a logarithm or a broken power of a negative number"
    for pair in pairs:
        bad = ~np.isfinite(pair.got)
        if bad.any() and np.isfinite(pair.expected).all():
            kind = "NaN" if np.isnan(pair.got).any() else "infinity"
            why = (
                f"0/0, ∞ − ∞, or {roots} lead there"
                if kind == "NaN"
                else "an overflow of `exp`, the logarithm of 0 or a division by 0 lead there"
            )
            return "not_finite", f"It gives {kind}: {why}."
    return None


def zeros(pairs):
    """All zero: in every case, or in those that are wrong."""
    if any(np.abs(p.got).max(initial=0) > 1e-12 * np.abs(p.expected).max() for p in pairs):
        return None
    if pairs[0].right:
        where = "; ".join(str(pair.label) for pair in pairs)
        tiny = all(np.abs(pair.expected).max() < TINY for pair in pairs)
        lost = " All digits of a small number are lost there." * tiny
        return "zeros", f"It gives 0, and should not, for: {where}.{lost}"
    return "zeros", (
        "It gives zero everywhere: was the result never written into what is returned, or is a "
        "thing subtracted from itself, one array under two names?"
    )


def one_number(pairs):
    """The same number everywhere, though different ones are expected."""
    if pairs[0].right:
        return None
    numbers = np.concatenate([np.ravel(pair.got) for pair in pairs])
    due = np.concatenate([np.ravel(pair.expected) for pair in pairs])
    if len(numbers) > 1 and np.all(numbers == numbers[0]) and np.ptp(due) > 0:
        return "one_number", f"It gives {numbers[0]:.4g} whatever it is given."
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
    wrong, right = [pair.label for pair in pairs], pairs[0].right
    if not right:
        return "different", "The numbers differ; compute the smallest case by hand, step by step."
    listed = ("; ".join(map(str, labels)) for labels in (right, wrong))
    where = "It is right for: {}. It is wrong for: {}.".format(*listed)
    good, bad = ([examination.cases[k] for k in labels] for labels in (right, wrong))
    for name in common_arguments(pairs):
        if all(name in case for case in good):
            words = _only_one(name, [c[name] for c in good], [c[name] for c in bad])
            if words:
                return "some_cases", f"{words} {where}"
    return "some_cases", where


def _only_one(name, good, bad):
    """What sets the cases apart: one row or column against several, or a number that is 0 or 1."""
    values = [*good, *bad]
    if all(isinstance(v, np.ndarray) and v.ndim == 2 for v in values):
        for axis, word in ((0, "row"), (1, "column")):
            if all(v.shape[axis] == 1 for v in good) and all(v.shape[axis] > 1 for v in bad):
                return (
                    f"It is right only where `{name}` has a single {word}: over several {word}s "
                    "something is not summed, not averaged, or mixed up."
                )
    numbers = all(isinstance(v, (int, float)) for v in values)
    if numbers and good[0] in (0, 1) and all(v == good[0] for v in good) and good[0] not in bad:
        return f"It is right only where `{name}` is {good[0]}."
    return None


OF_WRONG_CASES = (
    *shapes.RELATIONS,
    zeros,
    one_number,
    functions.whole_numbers,
)
# What is said of these holds also where the answer is right.
OF_ALL_CASES = (*places.FIRST, *factors.RELATIONS, *functions.RELATIONS, *places.RELATIONS)
# These run the reference again, changed; so they come last.
BY_RUNNING = (neighbors.two_mistakes, as_if.explain, neighbors.changed_line)
