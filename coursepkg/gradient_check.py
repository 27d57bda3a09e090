"""Compare a gradient with central differences, and refuse to call an empty comparison a success.

    central difference:  dL/dx ≈ (L(x + h) - L(x - h)) / (2h)

Its truncation error shrinks with h², its rounding error grows with 1/h; the step h = ε^(1/3) per
unit of x, with ε = 2.2e-16, keeps the sum of both near 1e-10 (chapter 01 shows the V). Source:
Press et al., Numerical Recipes (2007), section 5.7.
"""

from dataclasses import dataclass

import numpy as np

from coursepkg.arguments import finite_array, generator, real_number

EPSILON = np.finfo(np.float64).eps
STEP = EPSILON ** (1 / 3)
# f is itself computed with some roundings; ten of them are allowed for.
ROUNDINGS = 10


@dataclass(frozen=True)
class Report:
    """The result of a check: the worst element, both its values, and the verdict."""

    passed: bool
    error: float
    index: tuple
    analytic: float
    numeric: float
    tolerance: float
    count: int
    unresolved: int  # too small beside the rounding of f for `tolerance` of them to be seen

    def __bool__(self):
        return self.passed

    def __str__(self):
        if self.passed:
            seen = f"gradient correct: {self.count} compared, all within {self.tolerance:.0e}"
            return seen + (f" ({self.unresolved} within rounding)" if self.unresolved else "")
        where = f"[{', '.join(map(str, self.index))}]" if self.index else "the only one"
        return (
            f"gradient WRONG: {self.count} compared, the worst is {where}\n"
            f"    given               {self.analytic: .6g}\n"
            f"    central difference  {self.numeric: .6g}\n"
            f"    relative error      {self.error: .1e}, allowed {self.tolerance:.0e}"
        )


def central_difference(f, x, h=None):
    """The gradient of f at x by central differences, one element of x after the other.

    f: takes an array like x and returns one number. x: floats, any shape. h: the step, the same
    for all elements; by default ε^(1/3) · max(1, |x|), element by element. Returns an array
    shaped like x. x itself is never changed. TypeError for whole numbers, where a step would be
    rounded away; ValueError if x, f(x ± h) or h is not finite, or h is lost against x.
    """
    return _difference(f, _float64(x), h)[0]


def relative_error(analytic, numeric):
    """|analytic - numeric| / max(|analytic|, |numeric|), by elements; 0 where both are 0.

    analytic, numeric: the same shape, which the result has, too; ValueError otherwise.
    """
    analytic = finite_array(analytic, "analytic")
    numeric = finite_array(numeric, "numeric", shape=analytic.shape)
    scale = np.maximum(np.abs(analytic), np.abs(numeric))
    return np.abs(analytic - numeric) / np.where(scale == 0, 1, scale)


def gradient_check(f, x, grad, h=None, tolerance=1e-6):
    """Check that `grad` is the gradient of the number f(x). Returns a Report; prints well.

    f: takes an array like x, but always of float64, and returns one number. x: floats, any shape;
    grad: the same shape. An element passes if the two values differ by at most `tolerance` of the
    larger, or by no more than rounding may have put into the difference. Rounding is judged by the
    size of f: if f is a sum whose terms cancel it may be more (`vjp_check` knows its terms).

    A check that proves nothing is refused with a ValueError: both gradients zero, a step h so
    small that rounding decides, values that are not finite; whole numbers, with a TypeError.
    """
    return _check(f, x, grad, h, tolerance, size_of_terms=0.0)


def _check(f, x, grad, h, tolerance, size_of_terms):
    x = _float64(x)
    grad = finite_array(grad, "grad", shape=x.shape)
    tolerance = real_number(tolerance, "tolerance", above=0)
    if x.size == 0:
        raise ValueError("x must hold at least one number, or there is nothing to check")
    numeric, rounding = _difference(f, x, h, size_of_terms)
    size = np.maximum(np.abs(grad), np.abs(numeric))
    _refuse_vacuous(size, rounding, tolerance)
    # Below rounding/tolerance an element cannot be resolved to `tolerance` of itself: there the
    # difference is held against the rounding instead, which is the same as this floor.
    scale = np.maximum(size, rounding / tolerance)
    error = np.abs(grad - numeric) / np.where(scale == 0, 1, scale)
    worst = np.unravel_index(np.argmax(error), error.shape)
    return Report(
        passed=bool(error[worst] <= tolerance),
        error=float(relative_error(grad[worst], numeric[worst])),
        index=tuple(int(i) for i in worst),
        analytic=float(grad[worst]),
        numeric=float(numeric[worst]),
        tolerance=tolerance,
        count=x.size,
        unresolved=int(np.sum((rounding > tolerance * size) & (grad != numeric))),
    )


def vjp_check(function, x, rng, tolerance=1e-6):
    """Check the vjp of `function: x -> (value, vjp)` along a random direction.

    A vjp can be asked for any grad_value, so one is drawn from rng and L(x) = Σ grad_value · value
    is differentiated. A vector of ones would miss a vjp that ignores what it is given. x: floats,
    any shape; value: any shape; the vjp must return the shape of x. Returns a Report and raises
    as `gradient_check` does, and TypeError if rng is not a numpy.random.Generator.
    """
    x = _float64(x)
    value, vjp = function(x)
    grad_value = generator(rng).standard_normal(np.shape(value))
    return _check(
        lambda x: np.sum(grad_value * function(x)[0]),
        x,
        vjp(grad_value),
        h=None,
        tolerance=tolerance,
        size_of_terms=np.sum(np.abs(grad_value * value)),
    )


def _float64(x):
    x = np.asarray(x)
    if x.dtype.kind in "iu":
        raise TypeError(f"x must hold floats, got {x.dtype}: a small step in it rounds to nothing")
    return finite_array(x, "x").astype(np.float64)


def _difference(f, x, h, size_of_terms=0.0):
    """The central differences at x and the rounding error that each may carry."""
    steps = _steps(x, h)
    numeric, rounding = np.empty_like(x), np.empty_like(x)
    for index in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[index] += steps[index]
        behind[index] -= steps[index]
        width = ahead[index] - behind[index]  # what the step became in floating point
        if width == 0:
            raise ValueError(f"h = {steps[index]:.0e} is lost against x = {x[index]:g}: enlarge h")
        above, below = _number(f, ahead), _number(f, behind)
        numeric[index] = (above - below) / width
        size = max(abs(above), abs(below), size_of_terms)
        rounding[index] = ROUNDINGS * EPSILON * size / width
    return numeric, rounding


def _steps(x, h):
    if h is None:
        return STEP * np.maximum(1, np.abs(x))
    return np.full(x.shape, real_number(h, "h", above=0))


def _number(f, x):
    value = f(x)
    y = np.asarray(value)
    if y.size != 1 or y.dtype.kind not in "fiu":
        what = f"shape {y.shape}" if y.size != 1 else repr(value)
        raise ValueError(f"f must return one number, got {what}")
    if not np.isfinite(y).all():
        raise ValueError(f"f must be finite near x, got {y.item()}")
    return float(y.item())


def _refuse_vacuous(size, rounding, tolerance):
    if not size.any():
        raise ValueError(
            "this check proves nothing: both gradients are zero everywhere. Choose an x or an f "
            "at which the gradient is not zero"
        )
    largest = np.unravel_index(np.argmax(size), size.shape)
    if rounding[largest] > tolerance * size[largest]:
        raise ValueError(
            f"this check proves nothing: rounding alone can move the central difference by "
            f"{rounding[largest]:.0e}, but {tolerance:.0e} of {size[largest]:.0e}, the largest "
            f"gradient, is to be seen. Enlarge h or tolerance"
        )
