"""Whether two outputs agree, and in which of its aspects an answer is not as the reference."""

import numpy as np

from coursepkg.checks.running.plain import Raised

NO_SIZE = 1e-7  # stands for the size of an output that should be zero everywhere
INPUTS, AGAIN, DIGITS, WARNINGS = "its inputs", "a second call", "its digits", "its warnings"


class Missing:
    """Stands where an output should be: an error, or a return value without this part."""

    FORM = "form"  # the kind where not so many things were returned as were asked for

    def __init__(self, kind, message=""):
        self.kind, self.message = kind, message

    def __repr__(self):
        return f"{self.kind}: {self.message}".rstrip(": ")


def part_of(question, outcome, part):
    """What an outcome has for one part of the question; `Missing` if there is none."""
    if outcome.error:
        return Missing(outcome.error, outcome.message)
    value = outcome.value
    if len(question.parts) > 1:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, (tuple, list)) and len(value) == len(question.parts):
            value = value[question.parts.index(part)]
        else:
            return Missing(Missing.FORM, "array" if isinstance(value, np.ndarray) else "")
    if isinstance(value, Raised):  # one part failed, and the others did not
        return Missing(value.kind, value.message)
    return value


def has_text(value):
    """Whether there is a text in lists in lists. NumPy would make all as long as the longest."""
    if isinstance(value, (list, tuple)):
        return any(map(has_text, value))
    return isinstance(value, str)


def numbers(value):
    """The numbers of a value as an array, or None if it is nothing of that kind."""
    if has_text(value):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):  # a ragged list
        return None
    # A root of a negative number is told as where NaN comes from. Where all numbers are real, only
    # their kind is wrong, and that is told.
    if array.dtype.kind == "c" and np.any(array.imag):
        array = np.where(array.imag == 0, array.real, np.nan)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # a long double may be too large
        with np.errstate(over="ignore"):
            array = array.astype(float)
    return array if array.dtype.kind in "fiub" else None


def finite(value):
    """Whether a value holds numbers, and none of them is NaN or infinite."""
    array = numbers(value)
    return array is not None and bool(np.isfinite(array).all())


def common_arguments(pairs):
    """The names of the arguments that every one of some cases has; an optional one may be left."""
    return [name for name in pairs[0].arguments if all(name in p.arguments for p in pairs)]


def count(value):
    """How many numbers and words there are, in lists of lists, too."""
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(count, value)) if isinstance(value, (list, tuple)) else np.size(value)


def agree(value, other, tolerance):
    """Whether two outputs are the same: within `tolerance` of the largest number of `other`."""
    if isinstance(value, Missing) or isinstance(other, Missing):
        return (
            isinstance(value, Missing) and isinstance(other, Missing) and value.kind == other.kind
        )
    if isinstance(other, str) or isinstance(value, str):
        return isinstance(value, str) and isinstance(other, str) and value.strip() == other.strip()
    value, other = numbers(value), numbers(other)
    if value is None or other is None:  # neither numbers nor words, which no question asks for
        return False
    return value.shape == other.shape and close(value, other, tolerance)


def close(value, other, tolerance):
    """`agree` for arrays of one shape; what is not finite must be the same in both."""
    value, other = value.astype(float), other.astype(float)
    finite = np.isfinite(other)
    if not np.array_equal(np.isfinite(value), finite):
        return False
    if not np.array_equal(value[~finite], other[~finite], equal_nan=True):
        return False
    size = np.abs(other[finite]).max(initial=0) or NO_SIZE
    with np.errstate(over="ignore"):
        return bool(np.all(np.abs(value[finite] - other[finite]) <= tolerance * size))


def is_right(value, expected, tolerance):
    """`agree`, and of the right kind: a list is not an array."""
    if isinstance(value, (list, tuple)) and not isinstance(expected, (list, tuple)):
        return False
    return agree(value, expected, tolerance)


def wrong_aspects(question, expected, outcomes):
    """{part or side effect: the labels of the cases in which it is not as it should be}."""
    labels = [label for label in expected if label is not None]
    wrong = {}
    for part in question.parts:
        wrong[part] = [
            label
            for label in labels
            if not is_right(
                part_of(question, outcomes[label], part),
                part_of(question, expected[label], part),
                question.tolerance,
            )
        ]
    ran = [label for label in labels if not outcomes[label].error]
    wrong[INPUTS] = [label for label in ran if outcomes[label].changed]
    wrong[WARNINGS] = [label for label in ran if question.quiet and outcomes[label].warned]
    wrong[DIGITS] = _rounded(question, outcomes, expected, ran)
    if _differs_again(question, outcomes[labels[0]], outcomes[None]):
        wrong[AGAIN] = labels[:1]
    return {aspect: where for aspect, where in wrong.items() if where}


def _differs_again(question, first, again):
    """Whether a part with numbers or words is another one in the second call."""
    both = [
        [part_of(question, outcome, part) for outcome in (first, again)] for part in question.parts
    ]
    return any(
        (isinstance(one, str) or numbers(one) is not None) and not agree(other, one, 1e-12)
        for one, other in both
    )


def _rounded(question, outcomes, expected, labels):
    """The cases in which a part, right in all of them, is not exact because it was rounded."""
    for part in question.parts:
        got = [numbers(part_of(question, outcomes[label], part)) for label in labels]
        due = [numbers(part_of(question, expected[label], part)) for label in labels]
        both = list(zip(got, due, strict=True))
        # A float32 has about eight decimals by nature.
        if any(g is None or d is None or g.dtype != float or g.shape != d.shape for g, d in both):
            continue
        with np.errstate(over="ignore"):
            cut = all(np.array_equal(g, np.round(g, 8)) for g in got)
        if cut and all(close(g, d, question.tolerance) for g, d in both):
            inexact = [not close(g, d, 1e-10) for g, d in both]
            return [label for label, is_inexact in zip(labels, inexact, strict=True) if is_inexact]
    return []
