"""Relations between numbers: right ones in wrong places, or wrong ones in some places only."""

import numpy as np

from coursepkg.checks.explaining.pairs import common_arguments


def another_part(pairs):
    for name in pairs[0].others:
        if all(pair.others[name] is not None and pair.alike(pair.others[name]) for pair in pairs):
            continue
        if all(_is(pair, pair.others[name]) for pair in pairs):
            return "another_part", (
                f"That is what `{name}` should be: are two outputs exchanged, or was the array of "
                "this one written into?"
            )
    return None


def an_input(pairs):
    for name in common_arguments(pairs):
        if all(_is(pair, pair.arguments[name]) for pair in pairs):
            return "an_input", f"It gives back its input `{name}` unchanged."
    return None


def _is(pair, value):
    array = np.asarray(value)
    return array.dtype.kind in "fiu" and pair.alike(pair.got, array)


def order(pairs):
    """The right numbers in another order."""
    if any(pair.got.ndim == 0 or pair.got.size < 2 for pair in pairs):
        return None
    if all(pair.alike(pair.got[::-1]) for pair in pairs):
        return "reversed", "It is right, but in reversed order."
    if pairs[0].path and any(len(pair.got) > 2 for pair in pairs):
        if all(pair.alike(pair.got[1:], pair.expected[:-1]) for pair in pairs):
            return "late", "It is one step late: each entry is what the one before should be."
        if all(pair.alike(pair.got[:-1], pair.expected[1:]) for pair in pairs):
            return "early", "It is one step early: each entry is what the next one should be."
    for axes in (0, 1, (0, 1)):
        for by, words in ((1, "up or to the left"), (-1, "down or to the right")):
            if all(
                pair.got.ndim > np.max(axes) and pair.alike(np.roll(pair.got, by, axes))
                for pair in pairs
            ):
                return "rolled", (
                    f"Everything stands one place too far {words}: is it counted from 0?"
                )
    if all(pair.alike(np.sort(pair.got, None), np.sort(pair.expected, None)) for pair in pairs):
        return "order", "The numbers are the right ones, but not in their places."
    return None


def axis(pairs):
    """Each row should sum to 1, and each column does, or the whole."""
    pairs = [pair for pair in pairs if pair.got.ndim == 2 and min(pair.got.shape) > 1]
    if not pairs or all(pair.alike(pair.got) for pair in pairs):
        return None
    if not all(np.allclose(pair.expected.sum(axis=1), 1) for pair in pairs):
        return None
    if all(np.allclose(pair.got.sum(axis=0), 1) for pair in pairs):
        return "axis", "The columns sum to 1, where the rows should: look at `axis`."
    if all(np.isclose(pair.got.sum(), 1) for pair in pairs):
        return "axis", "All numbers together sum to 1, where each row should: look at `axis`."
    return None


PLACES = {
    "is negative": lambda v: v < 0,
    "is positive": lambda v: v > 0,
    "is 0": lambda v: v == 0,
    "is 0 or negative": lambda v: v <= 0,
    "is 0 or positive": lambda v: v >= 0,
    "is far from 0 (beyond ±20)": lambda v: np.abs(v) > 20,
}
MOST = 0.9


def some_places(pairs):
    """Wrong only where an argument of the same shape is negative, positive, zero or large."""
    wrong = [_wrong(pair) for pair in pairs]
    if all(mask.all() for mask in wrong):
        return None
    for name in common_arguments(pairs):
        arguments = [np.asarray(pair.arguments[name]) for pair in pairs]
        if any(
            a.shape != m.shape or a.dtype.kind not in "fiu"
            for a, m in zip(arguments, wrong, strict=True)
        ):
            continue
        given, missed = (np.concatenate([np.ravel(x) for x in y]) for y in (arguments, wrong))
        for words, where in PLACES.items():
            there = where(given)
            # If there are few other places, it says little that those are right.
            exact = not (missed & ~there).any() and there.any() and missed[there].mean() > MOST
            if exact and there.mean() < MOST:
                return "places", f"It is wrong where `{name}` {words}, and right elsewhere."
    return None


def _wrong(pair):
    """A mask of the numbers that are wrong."""
    size = np.abs(pair.expected).max(initial=0)
    return np.asarray(np.abs(pair.got - pair.expected) > pair.tolerance * size)


POSITIONS = {
    "on the diagonal": lambda v: np.eye(*v.shape, dtype=bool) if v.ndim == 2 else None,
    "off the diagonal": lambda v: ~np.eye(*v.shape, dtype=bool) if v.ndim == 2 else None,
    "in its first entry": lambda v: _at(v, 0),
    "in its last entry": lambda v: _at(v, -1),
    "in its first column": lambda v: _at(v.T, 0).T if v.ndim == 2 else None,
    "in its last column": lambda v: _at(v.T, -1).T if v.ndim == 2 else None,
}


def _at(array, index):
    mask = np.zeros(array.shape, dtype=bool)
    mask[index] = True
    return mask


def some_positions(pairs):
    """Wrong only on the diagonal, in a row or in a column."""
    if any(pair.expected.ndim == 0 or pair.expected.shape[0] == 0 for pair in pairs):
        return None
    wrong = [_wrong(pair) for pair in pairs]
    for words, mask in POSITIONS.items():
        masks = [mask(m) for m in wrong]
        if any(m is None for m in masks) or all(m.all() for m in masks):
            continue
        if not any((w & ~m).any() for w, m in zip(wrong, masks, strict=True)):
            return "positions", f"It is wrong only {words}."
    return None


def one_array(pairs):
    for pair in pairs:
        if not pair.path or len(pair.expected) < 2:
            return None
        last_is_right = pair.alike(pair.got[-1], pair.expected[-1])
        if not last_is_right or not all(np.array_equal(row, pair.got[0]) for row in pair.got):
            return None
    return "one_array", (
        "Every row is what the last should be: one and the same array was stored each time, and "
        "written into afterward. Store a copy."
    )


def step_lengths(pairs):
    """A path whose steps are all too long or too short by the same factor."""
    factors = []
    for pair in pairs:
        if not pair.path or len(pair.expected) < 3:
            return None
        due, came = np.diff(pair.expected, axis=0), np.diff(pair.got, axis=0)
        scale = np.sum(due * due)
        factors.append(float(np.sum(due * came) / scale) if scale else 0.0)
        if not factors[-1] or not pair.alike(came, factors[-1] * due):
            return None
    if np.ptp(factors) > 1e-5:
        return "steps", "Each step goes in the right direction, but not the right distance."
    if abs(factors[0] - 1) < 1e-5:
        return "start", "The steps are right, but the path begins elsewhere."
    return "steps", f"Each step goes {factors[0]:.4g} times as far as it should."


def beginning(pairs):
    """A path begins right and then goes wrong."""
    if not pairs[0].path or all(len(pair.expected) < 3 for pair in pairs):
        return None
    first = [_first_wrong(pair) for pair in pairs]
    if min(first) < 1:
        return None
    if max(first) == 1:
        return "beginning", (
            "The first entry is right and what follows is not: what is carried from one to the "
            "next is lost, or is not what it should be."
        )
    begins = f"the first {min(first)} entries" if min(first) > 1 else "the first entry"
    return "beginning", f"It begins right, at least {begins}, and goes wrong afterward."


def _first_wrong(pair):
    wrong = _wrong(pair)
    return int(np.argmax(wrong.reshape(len(wrong), -1).any(axis=1)))


FIRST = (another_part, an_input)
RELATIONS = (axis, one_array, order, some_places, some_positions, step_lengths)
