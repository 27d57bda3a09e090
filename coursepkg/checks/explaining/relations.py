"""Sentences for wrong numbers that no known mistake explains: relations between output and
expectation. The first one that holds in every wrong case becomes the sentence."""

import time

import numpy as np

from coursepkg.checks.comparing.verdict import Finding, short
from coursepkg.checks.explaining import as_if, factors, functions, neighbors, places, shapes
from coursepkg.checks.explaining.pairs import Pair

SECONDS = 0.5  # for each of those relations that run the reference again


def relation_of(comparison, part):
    """The Finding on a wrong part that no known mistake explains."""
    labels = comparison.own[part]
    if isinstance(comparison.due[part][labels[0]], str):
        name, sentence = another_word(comparison, part, comparison.got[part][labels[0]])
        return Finding(part, name, sentence, comparison.example(part, labels))
    pairs, every = pairs_of(comparison, part)
    with np.errstate(all="ignore"):
        name, sentence = of_finite(comparison, part, pairs, every)
    if name == "not_finite":
        pairs = [pair for pair in pairs if not np.isfinite(pair.got).all()]
    return Finding(part, name, sentence, comparison.example(part, [pair.label for pair in pairs]))


def pairs_of(comparison, part):
    """(the Pairs of the wrong cases, those and the right ones that are not 0)."""
    question, due, labels = comparison.question, comparison.due[part], comparison.own[part]
    others = [label for label in comparison.cases if label not in labels and due[label] is not None]
    right = tuple(label for label in others if np.any(due[label]))

    def pair(label):
        arrays = [each[part][label] for each in (comparison.got_numbers, comparison.due_numbers)]
        if arrays[1].dtype.kind == "b":  # as 1 and 0, which can be subtracted
            arrays = [array.astype(float) for array in arrays]
        others = {k: dues[label] for k, dues in comparison.due_numbers.items() if k != part}
        rest = (others, right, question.path, question.tolerance)
        return Pair(label, *arrays, comparison.cases[label], *rest)

    labels = comparison.examination.small_first(labels)
    pairs = [pair(label) for label in (*labels, *right)]
    return pairs[: len(labels)], pairs


def another_word(comparison, part, said):
    """The sentence for a wrong word that no known mistake gives."""
    if not comparison.question.secret:
        return "another_word", "That is not as asked: compare what was expected with what came."
    models = comparison.examination.known.values()
    if all(said not in model.got[part].values() for model in models):
        return "no_such_word", f"`{short(said, 60)}` is none of the words to choose from."
    return "another_word", "That is not it."


def of_finite(comparison, part, pairs, every):
    """The sentence, from the cases with numbers; it also mentions NaN and infinity."""
    good = [pair for pair in pairs if np.isfinite(pair.got).all()]
    bad = not_finite(pairs)
    if bad is None or not good:
        return bad or of_numbers(comparison, part, pairs, every)
    finite = [pair for pair in every if np.isfinite(pair.got).all()]
    name, sentence = of_numbers(comparison, part, good, finite)
    if name in ("different", "some_cases"):  # these say less
        return bad
    where = "; ".join(str(pair.label) for pair in pairs if pair not in good)
    return name, f"{sentence} And it gives NaN or infinity for: {where}."


def of_numbers(comparison, part, pairs, every):
    """The first relation that holds."""
    for relation in OF_WRONG_CASES:
        if found := relation(pairs):
            return found
    for relation in OF_ALL_CASES:
        if found := relation(every):
            return found
    for relation in BY_RUNNING:
        if found := relation(comparison, part, pairs, time.monotonic() + SECONDS):
            return found
    for relation in (places.order, places.beginning, functions.near):
        if found := relation(pairs):
            return found
    return some_cases(comparison, pairs)


def not_finite(pairs):
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


def some_cases(comparison, pairs):
    """If nothing else can be said: in which cases it is right, if any."""
    wrong, right = [pair.label for pair in pairs], pairs[0].right
    if not right:
        return "different", "The numbers differ; compute the smallest case by hand, step by step."
    listed = ("; ".join(map(str, labels)) for labels in (right, wrong))
    where = "It is right for: {}. It is wrong for: {}.".format(*listed)
    parts = comparison.own.keys() & comparison.got.keys()
    if any(label in comparison.own[part] for part in parts for label in right):
        return "some_cases", where  # another part is wrong there: what differs is not the cause
    good, bad = ([comparison.cases[k] for k in labels] for labels in (right, wrong))
    for name in bad[0]:
        if all(name in case for case in (*good, *bad)):
            words = _only_one(name, [c[name] for c in good], [c[name] for c in bad])
            if words:
                return "some_cases", f"{words} {where}"
    return "some_cases", where


def _only_one(name, good, bad):
    """How the right cases differ: they have a single row or column, or a number that is 0 or 1."""
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


OF_WRONG_CASES = (*shapes.RELATIONS, *functions.FIRST)
# These must hold in the right cases too.
OF_ALL_CASES = (*places.FIRST, *factors.RELATIONS, *functions.RELATIONS, *places.RELATIONS)
# These run changed references, so they come last.
BY_RUNNING = (neighbors.two_mistakes, as_if.altered_argument, neighbors.changed_line)
