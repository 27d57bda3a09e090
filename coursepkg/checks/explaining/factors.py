"""Relations between numbers: a factor or a term is missing, or is there once too often."""

import itertools

import numpy as np

from coursepkg.activations import sigmoid
from coursepkg.checks.explaining.pairs import common_arguments

SIMPLE = {
    -1.0: "It has the wrong sign",
    2.0: "It is twice what it should be",
    0.5: "It is half of what it should be",
    -2.0: "It is −2 times what it should be",
    -0.5: "It is −½ of what it should be",
}
POWERS = {1: "{}", -1: "{}", 2: "{}, twice", -2: "{}, twice", 0.5: "the root of {}",
          -0.5: "the root of {}"}  # fmt: skip
SIZE = (
    "It is what it should be, {verb} by {size}{also}: is a mean taken for a sum, or the other way "
    "round, or is a factor 1/n there twice or not at all?"
)


def factor(pairs):
    """Off by a factor: the same in all cases, or one that follows a size."""
    pairs = [pair for pair in pairs if pair.expected.any() or pair.label not in pair.right]
    factors = [_factor(pair) for pair in pairs]
    if None in factors or sum(pair.expected.size for pair in pairs) < 2:
        return None
    for value, words in SIMPLE.items():
        if np.allclose(factors, value, rtol=1e-5):
            return "factor", f"{words}."
    if np.allclose(factors, factors[0], rtol=1e-5):
        return "factor", f"It is {factors[0]:.4g} times what it should be, in every case."
    found = _size_factor(pairs, np.array(factors))
    if found is None and all(p.expected.size > 1 and p.expected.dtype.kind == "f" for p in pairs):
        listed = ", ".join(f"{value:.3g}" for value in factors)
        return "scale", (
            f"It is right but for a factor, another one in each case ({listed}): the factor in "
            "front, or a size under a root in it, is not right."
        )
    return found


def _factor(pair):
    scale = np.sum(pair.expected * pair.expected)
    if scale == 0 or pair.got.size == 0:
        return None
    value = float(np.sum(pair.got * pair.expected) / scale)
    return value if value and pair.alike(pair.got, value * pair.expected) else None


def _size_factor(pairs, factors):
    floats = all(pair.expected.dtype.kind == "f" for pair in pairs)
    if sum(pair.expected.size for pair in pairs) < (3 if floats else 6):
        return None  # that so few numbers fit may be chance
    extras = {1: "", -1: " (with the wrong sign)", 2: " (and by 2)", 0.5: " (and by ½)"}
    for size in sizes(pairs[0]):
        n = np.array([sizes(pair).get(size, np.nan) for pair in pairs])
        if np.allclose(factors, n / np.where(n > 1, n - 1, np.nan), rtol=1e-5):
            return "size_factor", f"It is divided by {size} minus 1, and not by that number itself."
        for power, words in POWERS.items():
            for extra, also in extras.items():
                if np.allclose(factors, extra * n**power, rtol=1e-5):
                    verb = "multiplied" if power > 0 else "divided"
                    text = SIZE.format(verb=verb, size=words.format(size), also=also)
                    return "size_factor", text
    return None


def sizes(pair):
    """{words: size}: the lengths, rows, columns and entries of the arguments."""
    found = {}
    for name, value in pair.arguments.items():
        shape = np.shape(value)
        if len(shape) == 1:
            found[f"the length of `{name}`"] = float(shape[0])
        if len(shape) > 1:
            found[f"the number of rows of `{name}`"] = float(shape[0])
            found[f"the number of columns of `{name}`"] = float(shape[1])
            found[f"the number of entries of `{name}`"] = float(np.prod(shape))
    return found


OWN = {"sum": np.sum, "length": lambda v: np.sqrt(np.sum(v * v)), "largest number": np.max}


def by_itself(pairs):
    telling = [pair for pair in pairs if pair.expected.size > 1]
    if not telling or not all(pair.expected.any() for pair in pairs):
        return None
    for name, measure in OWN.items():
        if all(pair.alike(pair.got, pair.expected / measure(pair.expected)) for pair in pairs):
            return "by_itself", f"It is what it should be, divided by its own {name}."
    return None


def offset(pairs):
    """Off by the same number everywhere, or by one number in each case."""
    if not all(pair.got.size for pair in pairs) or max(pair.got.size for pair in pairs) < 2:
        return None
    shifts = [float((pair.got - pair.expected).flat[0]) for pair in pairs]
    if not any(shifts) or not all(
        pair.alike(pair.got, pair.expected + by) for pair, by in zip(pairs, shifts, strict=True)
    ):
        return None
    if np.allclose(shifts, shifts[0]):
        by = f"{abs(shifts[0]):.4g} too {'large' if shifts[0] > 0 else 'small'}"
        return "offset", f"It is {by}, everywhere."
    if pairs[0].right:
        return None
    return "offset", (
        "Each case is off by one and the same number everywhere, so a term is not right."
    )


GATE = "the gate `{0}` > 0"
# What an argument often contributes: words, and a function of it.
MADE_OF = {
    "`{0}`": lambda v: v,
    "`{0}`²": lambda v: v * v,
    "1 − `{0}`": lambda v: 1 - v,
    "1 + `{0}`": lambda v: 1 + v,
    "`{0}` (1 − `{0}`)": lambda v: v * (1 - v),
    "1 − `{0}`²": lambda v: 1 - v * v,
    "the sigmoid of `{0}`": lambda v: sigmoid(v)[0],
    "the slope of the sigmoid at `{0}`": lambda v: sigmoid(v)[0] * (1 - sigmoid(v)[0]),
    "the slope of tanh at `{0}`": lambda v: 1 - np.tanh(v) ** 2,
    GATE: lambda v: v > 0,
}
ALSO = {1: "", -1: " (and the sign is wrong)", 2: " (and it is 2 times too large)",
        0.5: " (and it is half as large)"}  # fmt: skip


def argument_factor(pairs):
    for words, values in _made_of_arguments(pairs):
        for extra, also in ALSO.items():
            if _all(pairs, values, lambda p, v, c=extra: p.alike(p.got * v, c * p.expected)):
                return "missing_factor", f"The factor {words} is missing{also}."
            if _all(pairs, values, lambda p, v, c=extra: p.alike(p.got, c * p.expected * v)):
                return "extra_factor", f"The factor {words} is there once too often{also}."
    return None


def only_arguments(pairs):
    """It is the product of two simple things made of arguments, and of nothing else."""
    if sum(pair.expected.size for pair in pairs) < 8:
        return None  # so many products are tried that some would fit by chance
    made = list(_made_of_arguments(pairs))
    for (one, values), (other, factors) in itertools.combinations(made, 2):
        if all(
            _shape(v, f) == p.got.shape and p.alike(p.got, v * f)
            for p, v, f in zip(pairs, values, factors, strict=True)
        ):
            return "only_arguments", f"It is {one} times {other}, and nothing else is in it."
    return None


def another_factor(pairs):
    if sum(pair.expected.size for pair in pairs) < 4:
        return None  # so many factors are tried that some would fit by chance
    made = [m for m in _made_of_arguments(pairs) if _all(pairs, m[1], lambda p, v: True)]
    made = [(words, values) for words, values in made if any(v.size > 1 for v in values)]
    for right, due in made:
        # Multiply by the missing factor on one side and by the wrong one on the other.
        sides = [(p, p.got * v) for p, v in zip(pairs, due, strict=True)]
        for wrong, there in made:
            if wrong != right and all(
                p.alike(side, p.expected * v) for (p, side), v in zip(sides, there, strict=True)
            ):
                return "another_factor", f"It has the factor {wrong} where {right} should be."
    return None


def argument_term(pairs):
    """A term made of an argument is missing, or there once too often."""
    for words, values in _made_of_arguments(pairs):
        for sign in (1, -1):
            if _all(pairs, values, lambda p, v, s=sign: p.alike(p.got + s * v)):
                verb = "is missing" if sign > 0 else "should not be there"
                return "term", f"The term {words} {verb}, or it has the wrong sign."
            if _all(pairs, values, lambda p, v, s=sign: p.alike(p.got + 2 * s * v)):
                return "term", f"The term {words} has the wrong sign, or the wrong factor."
            if _all(pairs, values, lambda p, v, s=sign: p.alike(p.got, s * v - p.expected)):
                return "term", (
                    f"The term {words} is right or missing, and the rest has the wrong sign."
                )
    return None


def _all(pairs, values, holds):
    """Whether all values fit into the shape of what was expected, and `holds` is true of them."""
    return all(
        _shape(v, p.expected) == p.expected.shape and holds(p, v)
        for p, v in zip(pairs, values, strict=True)
    )


def _made_of_arguments(pairs):
    if not any(pair.expected.any() for pair in pairs):
        return  # 0 times anything is 0
    for name in common_arguments(pairs):
        arguments = [np.asarray(pair.arguments[name]) for pair in pairs]
        if any(argument.dtype.kind not in "fiu" for argument in arguments):
            continue
        for words, function in MADE_OF.items():
            if words == GATE and arguments[0].ndim == 0:
                continue
            with np.errstate(all="ignore"):
                values = [np.asarray(function(argument.astype(float))) for argument in arguments]
            if any(_telling(value) for value in values):
                yield words.format(name), values


def _telling(value):
    """Whether a product with it says anything: not if it is all 1, or all 0 and 1 but no gate."""
    if value.dtype == bool:
        return bool(value.any() and not value.all())
    return bool(np.any((value != 0) & (value != 1)))


def _shape(one, other):
    """The shape to which NumPy broadcasts two arrays, or None."""
    try:
        return np.broadcast_shapes(one.shape, other.shape)
    except ValueError:
        return None


RELATIONS = (
    by_itself,
    factor,
    offset,
    argument_factor,
    argument_term,
    another_factor,
    only_arguments,
)
