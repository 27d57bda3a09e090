"""The cases of one part as pairs of arrays, in which relations are looked for."""

from dataclasses import dataclass

import numpy as np

from coursepkg.checks.comparing.agreement import close


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


def common_arguments(pairs):
    """The names of the arguments that every one of some cases has; an optional one may be left."""
    return [name for name in pairs[0].arguments if all(name in p.arguments for p in pairs)]
