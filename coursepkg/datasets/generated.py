"""Data sets drawn from a random generator: the same state gives the same data.

`xor` is not random; it is here because chapters use it together with the others.
"""

import numpy as np

from coursepkg.arguments import generator, real_number, whole_number


def line(rng, n=20, slope=2.0, intercept=0.0, noise=0.1):
    """Points near a straight line: targets = slope · x + intercept + noise · normal draw.

    Returns x and targets, each of shape (n,), without a unit; x is uniform in [-1, 1). noise is a
    standard deviation. Bad arguments raise TypeError or ValueError.
    """
    generator(rng)
    n = whole_number(n, "n", low=1)
    slope, intercept = real_number(slope, "slope"), real_number(intercept, "intercept")
    noise = real_number(noise, "noise", low=0)
    x = rng.uniform(-1, 1, size=n)
    return x, slope * x + intercept + noise * rng.standard_normal(n)


def xor():
    """The four corners of a square; the label is 1 where exactly one of the two inputs is 1.

    Returns x, float64 of shape (4, 2), and labels, int64 of shape (4,). No straight line
    separates the two classes. Source: Minsky and Papert (1969), who call it parity.
    """
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    return corners.astype(np.float64), (corners[:, 0] ^ corners[:, 1]).astype(np.int64)


def moons(rng, n=200, noise=0.1):
    """Two half circles of radius 1, each with one end inside the other; half of the points on each.

    Class 0 is the upper half of the circle around (-½, -¼); class 1 is that arc rotated by 180°
    about the origin. Then noise · normal draw is added. Returns x, float64 of shape (n, 2), and
    labels, int64 of shape (n,), 0 or 1 in random order; class 0 has one more point if n is odd.
    noise is a standard deviation. Bad arguments raise TypeError or ValueError.
    """
    n, noise = _check(rng, n, noise)
    labels = _draw_labels(rng, n)
    angle = np.pi * rng.uniform(size=n)
    arc = np.column_stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25])  # (n, 2)
    return _rotate_class_1(arc, labels) + noise * rng.standard_normal((n, 2)), labels


def spirals(rng, n=200, noise=0.1, turns=1.0):
    """Two spirals that wind around the origin `turns` times, half of the points on each.

    While the angle of class 0 goes from 0 to 2π · turns, its radius grows linearly from ¼ to 1½;
    class 1 is that arm rotated by 180°. Then noise · normal draw is added. Returns x, float64 of
    shape (n, 2), and labels, int64 of shape (n,), 0 or 1 in random order; class 0 has one more
    point if n is odd. noise is a standard deviation; turns is greater than 0. Bad arguments raise
    TypeError or ValueError. Source of the idea: Lang and Witbrock (1988).
    """
    n, noise = _check(rng, n, noise)
    turns = real_number(turns, "turns", above=0)
    labels = _draw_labels(rng, n)
    along = rng.uniform(size=n)  # 0 at the inner end, 1 at the outer
    radius, angle = 0.25 + 1.25 * along, 2 * np.pi * turns * along
    arm = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])  # (n, 2)
    return _rotate_class_1(arm, labels) + noise * rng.standard_normal((n, 2)), labels


def adding_problem(rng, batch, length):
    """Two numbers to find in a long sequence and to add: the marked ones.

    Returns x, float64 of shape (batch, length, 2), length >= 2, and targets, (batch, 1). At each
    step x holds a number, uniform in [0, 1), and a mark, which is 1 at one step of each half and 0
    elsewhere; the target is the sum of the two marked numbers. Always to answer 1, their mean, has
    an expected squared error of 1/6. Bad arguments raise TypeError or ValueError. Source:
    Hochreiter and Schmidhuber (1997), whose numbers, marks and targets are scaled otherwise.
    """
    generator(rng)
    batch, length = whole_number(batch, "batch", low=1), whole_number(length, "length", low=2)
    numbers, marks = rng.random((batch, length)), np.zeros((batch, length))
    rows = np.arange(batch)
    marks[rows, rng.integers(0, length // 2, batch)] = 1
    marks[rows, rng.integers(length // 2, length, batch)] = 1
    return np.stack([numbers, marks], axis=2), (numbers * marks).sum(axis=1, keepdims=True)


def _check(rng, n, noise):
    generator(rng)
    return whole_number(n, "n", low=2), real_number(noise, "noise", low=0)


def _draw_labels(rng, n):
    """n labels, alternately 0 and 1, then shuffled."""
    return rng.permutation(np.arange(n, dtype=np.int64) % 2)


def _rotate_class_1(points, labels):
    """Rotate class 1 by 180° about the origin, which flips both signs."""
    return np.where(labels[:, None] == 1, -points, points)
