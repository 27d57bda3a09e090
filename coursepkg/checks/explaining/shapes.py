"""Relations between shapes: transposed, an axis too many, a sum that was not taken."""

import numpy as np

AXES = ((0, "first axis (the batch)"), (-1, "last axis"), (None, "whole array"))
REDUCTIONS = (("sum", np.sum), ("mean", np.mean))


def transposed(pairs):
    turned = all(p.got.ndim == 2 and p.got.shape == p.expected.shape[::-1] for p in pairs)
    if turned and all(p.alike(p.got.T) for p in pairs):
        return "transposed", "It is right, but transposed: rows and columns are exchanged."
    return None


def extra_axis(pairs):
    """Right numbers, but (1, n) or (n, 1) in place of (n,), or the other way round."""
    if any(p.got.shape == p.expected.shape or p.got.size != p.expected.size for p in pairs):
        return None
    if all(p.alike(p.got.reshape(p.expected.shape)) for p in pairs):
        return "shape", f"The numbers are right, but the shape is {_both(pairs[0])}."
    return None


def not_summed(pairs):
    """It has an extra axis; summed or averaged over it, it is right."""
    for name, reduce in REDUCTIONS:
        for axis, words in AXES:
            if all(_reduces(p, p.got, p.expected, reduce, axis) for p in pairs):
                shape = f"the shape is {_both(pairs[0])}"
                return f"no_{name}", f"The {name} over the {words} is missing: {shape}."
    return None


def summed(pairs):
    for name, reduce in REDUCTIONS:
        for axis, words in AXES:
            if all(_reduces(p, p.expected, p.got, reduce, axis) for p in pairs):
                return f"extra_{name}", f"It takes a {name} over the {words} too many."
    return None


def _reduces(pair, long, short, reduce, axis):
    if long.ndim <= short.ndim or long.size == 0:
        return False
    reduced = reduce(long, axis=axis)
    return reduced.size == short.size and pair.alike(reduced.reshape(short.shape), short)


def spread(pairs):
    """(n,) against (n, 1) gives (n, n)."""
    if all(p.got.size == p.expected.size**2 and p.expected.size > 1 for p in pairs):
        return "broadcast", (
            f"The shape is {_both(pairs[0])}: (n,) and (n, 1) were combined, and NumPy spreads "
            "each over the other. Give both the same shape."
        )
    return None


def other_shape(pairs):
    for pair in pairs:
        if pair.got.shape != pair.expected.shape:
            return "shape", f"The shape is {_both(pair)}."
    return None


def _both(pair):
    expected = pair.expected.shape or "a single number"
    return f"{pair.got.shape or 'a single number'} where {expected} is expected"


RELATIONS = (transposed, extra_axis, not_summed, summed, spread, other_shape)
