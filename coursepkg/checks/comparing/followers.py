"""Which parts of an answer are wrong only because an earlier part is. They cost no points."""

import numpy as np

from coursepkg.checks.running.plain import Raised

NEARLY_ZERO = 1e-3


def followers(comparison):
    """The wrong parts that would be right if the parts before them were."""
    parts = comparison.wrong.keys() & comparison.got.keys()
    if comparison.question.follow is None or len(parts) < 2:
        return set()
    if not all(may_follow(comparison, part) for part in parts):
        return set()
    nonzero = set()  # if 0 is due everywhere, anything that is nearly 0 agrees
    for label in {label for labels in comparison.wrong.values() for label in labels}:
        due = following(comparison, label)
        if due is None:
            return set()
        parts = {part for part in parts if comparison.is_right(part, label, due[part])}
        nonzero |= {part for part in parts if isinstance(due[part], str) or np.any(due[part])}
    return parts & nonzero


def following(comparison, label):
    """What each part should be, given the answer's own parts before it; None if that fails."""
    given = {part: got[label] for part, got in comparison.got.items()}
    if any(isinstance(value, Raised) for value in given.values()):
        return None
    try:
        with np.errstate(all="ignore"):
            return comparison.question.follow(given, **comparison.cases[label])
    except Exception:  # the earlier parts do not fit together, or are of a strange kind
        return None


def may_follow(comparison, part):
    """Whether a part was computed from earlier ones: it varies, is finite and not nearly zero."""
    got, due = comparison.got_numbers[part], comparison.due_numbers[part]
    for label in comparison.cases:
        if isinstance(comparison.got[part][label], str) and due[label] is None:
            continue  # a word where a word is expected
        if got[label] is None or not np.isfinite(got[label]).all():
            return False
        if nearly_zero(got[label], due[label]):
            return False
    return not constant(list(got.values()))


def nearly_zero(got, due):
    """Whether numbers are tiny beside what is due. An honest mistake may well lead to 0 itself,
    where a ReLU lets nothing through or nothing is counted."""
    size = 1 if due is None else np.abs(due).max(initial=0)
    return 0 < np.abs(got).max(initial=0) < NEARLY_ZERO * size


def constant(arrays):
    """Whether a part is one and the same number, or array, in all cases."""
    if any(array is None or array.size == 0 for array in arrays):
        return False
    flat = np.concatenate([np.ravel(array) for array in arrays])
    return bool(np.all(flat == flat[0])) or all(np.array_equal(a, arrays[0]) for a in arrays)
