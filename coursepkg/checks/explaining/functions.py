"""Relations between numbers: the output is a simple function of what was expected."""

import numpy as np

from coursepkg.checks.comparing.agreement import close

NEAR, TINY = 0.02, 1e-6
FUNCTIONS = {
    "but without its sign (an absolute value)": np.abs,
    "but squared": np.square,
    "but under a square root": lambda v: np.sqrt(np.where(v >= 0, v, np.nan)),
    "but inverted (1 divided by it)": lambda v: 1 / np.where(v == 0, np.nan, v),
    "but subtracted from 1": lambda v: 1 - v,
    "but as a logarithm": lambda v: np.log(np.where(v > 0, v, np.nan)),
    "but with `exp` applied to it": np.exp,
    "but cut to whole numbers": np.trunc,
    "but rounded to whole numbers": np.round,
    "but with its negative values cut off": lambda v: np.maximum(v, 0),
    "but with only its sign left": np.sign,
}
TRUTHS = "It holds True and False, as a comparison gives them, where numbers are expected."
WHOLE = (
    "It holds whole numbers: `//`, `int` and an array of integers that is assigned to cut off what "
    "stands behind the point."
)


def a_function(pairs):
    for words, function in FUNCTIONS.items():
        with np.errstate(all="ignore"):
            values = [np.asarray(function(pair.expected.astype(float))) for pair in pairs]
        if all(_is(pair, value) for pair, value in zip(pairs, values, strict=True)):
            return "function", f"It is what it should be, {words}."
    return None


def _is(pair, value):
    return bool(np.isfinite(value).all()) and pair.alike(pair.got, value)


def whole_numbers(pairs):
    if all(pair.got.dtype.kind == "b" for pair in pairs):
        return "booleans", TRUTHS
    if all(pair.got.dtype.kind in "iu" and pair.expected.dtype.kind == "f" for pair in pairs):
        return "integers", WHOLE
    return None


def rounded(pairs):
    for digits in range(1, 5):
        if all(_rounded_to(pair, digits) for pair in pairs):
            return "rounds", f"It is rounded to {digits} decimals: return all digits."
    return None


def _rounded_to(pair, digits):
    got = pair.got.astype(float)  # True and False cannot be rounded
    cut = np.array_equal(got, np.round(got, digits))
    return cut and np.allclose(pair.got, np.round(pair.expected, digits), rtol=0, atol=1e-12)


def zeros(pairs):
    """All zero: in every case, or in the wrong ones."""
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
    if all(close(pair.got, pair.expected, NEAR) for pair in pairs):
        return "near", (
            "It is near, but not equal: is there a rounding, an approximation, or a small constant "
            "(ε) in another place than the one that was asked for?"
        )
    return None


FIRST = (zeros, one_number, whole_numbers)
RELATIONS = (a_function, rounded)
