"""Central differences, with the rounding that each may carry; what cannot be compared is refused.

    central difference:  dL/dx ≈ (L(x + h) - L(x - h)) / (2h)

Its truncation error shrinks with h², its rounding error grows with 1/h; the step h = ε^(1/3) per
unit of x, with ε = 2.2e-16, keeps the sum of both near 1e-10 (chapter 01 shows the V). Source:
Press et al., Numerical Recipes (2007), section 5.7.
"""

from dataclasses import dataclass

import numpy as np

from coursepkg.arguments import finite_array, real_number

EPSILON = np.finfo(np.float64).eps
STEP = EPSILON ** (1 / 3)
# f is itself computed with some roundings; ten of them are allowed for.
ROUNDINGS = 10
QUARTERINGS = 8
COARSE = "whose rounding hides what a small step changes"


def as_float64(x):
    """x as an array of float64 to step in: finite, and no whole numbers (TypeError)."""
    x = np.asarray(x)
    if x.dtype.kind in "iu":
        raise TypeError(f"x must hold floats, got {x.dtype}: a small step in it rounds to nothing")
    return finite_array(x, "x").astype(np.float64)


def refuse_float32(value, name):
    """TypeError if what `name` returned has too few digits for so small a step as ours."""
    dtype = np.asarray(value).dtype
    if dtype.kind == "f" and dtype.itemsize < 8:
        raise TypeError(f"{name} must compute in float64, got {dtype}, {COARSE}")


@dataclass(frozen=True)
class Differences:
    """The central differences of f at x.

    x: float64, any shape. h: the step, or None for ε^(1/3) · max(1, |x|). size_of_terms: of the sum
    that f may be, whose rounding does not cancel as the terms do.
    """

    f: object
    x: np.ndarray
    h: float | None = None
    size_of_terms: float = 0.0

    def all(self):
        """The difference for each element, and the rounding error that it may carry."""
        numeric, rounding = np.empty_like(self.x), np.empty_like(self.x)
        for index in np.ndindex(self.x.shape):
            numeric[index], rounding[index] = self._one(index, self._step(index))
        return numeric, rounding

    def refuse_random(self, index):
        """ValueError unless f gives the same number when it is called twice, up to rounding."""
        x = self._moved(index, self._step(index))
        (first, eps), (second, _) = self._value(x.copy()), self._value(x)
        if abs(first - second) > ROUNDINGS * eps * max(abs(first), abs(second), self.size_of_terms):
            raise ValueError(
                f"f must give the same number for the same x, got {first:.6g} and then "
                f"{second:.6g}. If it draws random numbers, make its generator in f, each time "
                f"with the same seed"
            )

    def settled(self, index, tolerance):
        """Difference and rounding of one element, the step quartered until the difference settles.

        Where f bends sharply, a step may be too wide; a quarter of it has a sixteenth of the error.
        ValueError if the difference does not settle.
        """
        self.refuse_random(index)
        step = self._step(index)
        slope, rounding = self._one(index, step)
        for _ in range(QUARTERINGS):
            step /= 4
            finer, its_rounding = self._one(index, step)
            if abs(finer - slope) <= rounding + its_rounding:
                return slope, rounding
            if abs(finer - slope) <= tolerance * abs(finer):
                return finer, its_rounding
            if finer == 0:  # f has no digits left for a step so small
                break
            slope, rounding = finer, its_rounding
        raise ValueError(
            f"this check proves nothing: the central difference at {_name(index)} = "
            f"{self.x[index]:g} does not settle as h shrinks to {step:.0e}. Perhaps f jumps there, "
            f"or has too few digits"
        )

    def _step(self, index):
        if self.h is None:
            return STEP * max(1, abs(self.x[index]))
        return real_number(self.h, "h", above=0)

    def _one(self, index, step):
        """The difference for one element, and the rounding error that it may carry."""
        ahead, behind = self._moved(index, step), self._moved(index, -step)
        width = ahead[index] - behind[index]  # what the step became in floating point
        if width == 0:
            raise ValueError(f"h = {step:.0e} is lost against x = {self.x[index]:g}: enlarge h")
        (above, eps), (below, _) = self._value(ahead), self._value(behind)
        size = max(abs(above), abs(below), self.size_of_terms)
        return (above - below) / width, ROUNDINGS * eps * size / width

    def _moved(self, index, step):
        x = self.x.copy()
        x[index] += step
        return x

    def _value(self, x):
        """The number f(x), and the precision it has."""
        value = self.f(x)
        y = np.asarray(value)
        if y.size != 1 or y.dtype.kind not in "fiu":
            what = f"shape {y.shape}" if y.size != 1 else repr(value)
            raise ValueError(f"f must return one number, got {what}")
        if self.h is None:
            refuse_float32(y, "f")
        if not np.isfinite(y).all():
            raise ValueError(f"f must be finite near x, got {y.item()}; a smaller h stays nearer")
        return float(y.item()), np.finfo(y.dtype).eps if y.dtype.kind == "f" else EPSILON


def _name(index):
    return f"x[{', '.join(map(str, index))}]" if index else "x"
