"""The cases of one part as pairs of arrays, among which we look for relations."""

from dataclasses import dataclass

import numpy as np

from coursepkg.checks.comparing.agreement import close


@dataclass(frozen=True, eq=False)
class Pair:
    """One case of a part. got, expected: the answer's output and the right one. others: what is
    expected for the other parts. right: the labels of the right cases that are not all zero. path:
    whether the first axis is the steps of a path."""

    label: str
    got: np.ndarray
    expected: np.ndarray
    arguments: dict
    others: dict
    right: tuple
    path: bool
    tolerance: float

    def alike(self, value, other=None):
        """Whether two arrays are the same, shapes included; without `other`, that is `expected`."""
        value, other = np.asarray(value), self.expected if other is None else np.asarray(other)
        return value.shape == other.shape and close(value, other, self.tolerance)


def common_arguments(pairs):
    """The names of the arguments that all of some cases have; some arguments are optional."""
    return [name for name in pairs[0].arguments if all(name in p.arguments for p in pairs)]
