"""Compare a gradient with central differences, and refuse to call an empty comparison a success.

An element is called wrong only after a closer look: where f bends so sharply that the step is too
wide, the step shrinks until the difference settles. If it never does, or f is random or computes
in float32, there is nothing to compare with. `differences.py` forms the differences.
"""

from dataclasses import dataclass, replace

import numpy as np

from coursepkg.arguments import finite_array, generator, real_number, whole_number
from coursepkg.differences import Differences, as_float64, refuse_float32


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
    compared: str = "compared"  # or "directions compared"

    def __bool__(self):
        return self.passed

    def __str__(self):
        seen = f"{self.count} {self.compared}"
        if self.passed:
            seen = f"gradient correct: {seen}, all within {self.tolerance:.0e}"
            return seen + (f" ({self.unresolved} within rounding)" if self.unresolved else "")
        where = f"[{', '.join(map(str, self.index))}]" if self.index else "the only one"
        return (
            f"gradient WRONG: {seen}, the worst is {where}\n"
            f"    given               {self.analytic: .6g}\n"
            f"    central difference  {self.numeric: .6g}\n"
            f"    relative error      {self.error: .1e}, allowed {self.tolerance:.0e}"
        )


def central_difference(f, x, h=None):
    """The gradient of f at x by central differences, one element of x after the other.

    f: takes an array like x and returns one number. x: floats, any shape. h: the step, the same
    for all elements; by default ε^(1/3) · max(1, |x|), element by element. Returns an array
    shaped like x. x itself is never changed. TypeError for whole numbers in x, where a step would
    be rounded away, and, without an h, for an f that computes in float32 and rounds away what the
    step changes. ValueError if x, f(x ± h) or h is not finite, or h is lost against x.
    """
    return Differences(f, as_float64(x), h).all()[0]


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
    small that rounding decides, differences that do not settle as h shrinks, an f that is random,
    values that are not finite. With a TypeError: whole numbers in x, and, without an h, an f that
    computes in float32. (There h = 5e-3 and a tolerance of 1e-2 do, as chapter 06 says.)
    """
    return _check(Differences(f, as_float64(x), h), grad, tolerance)


def _check(differences, grad, tolerance):
    x = differences.x
    grad = finite_array(grad, "grad", shape=x.shape)
    tolerance = real_number(tolerance, "tolerance", above=0)
    if x.size == 0:
        raise ValueError("x must hold at least one number, or there is nothing to check")
    differences.refuse_random((0,) * x.ndim)
    numeric, rounding = differences.all()
    _refuse_vacuous(np.maximum(np.abs(grad), np.abs(numeric)), rounding, tolerance)
    error = _errors(grad, numeric, rounding, tolerance)
    looked_at = set()  # most of a right gradient needs no closer look, of a wrong one a single one
    while (worst := _worst(error)) not in looked_at and error[worst] > tolerance:
        looked_at.add(worst)
        numeric[worst], rounding[worst] = differences.settled(worst, tolerance)
        error[worst] = _errors(grad[worst], numeric[worst], rounding[worst], tolerance)
    size = np.maximum(np.abs(grad), np.abs(numeric))
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


def _errors(grad, numeric, rounding, tolerance):
    # Below rounding/tolerance an element cannot be resolved to `tolerance` of itself: there the
    # difference is held against the rounding instead, which is the same as this floor.
    scale = np.maximum(np.maximum(np.abs(grad), np.abs(numeric)), rounding / tolerance)
    return np.asarray(np.abs(grad - numeric) / np.where(scale == 0, 1, scale))


def _worst(error):
    return np.unravel_index(np.argmax(error), error.shape)


def vjp_check(function, x, rng, tolerance=1e-6):
    """Check the vjp of `function: x -> (value, vjp)` along a random direction.

    A vjp can be asked for any grad_value, so one is drawn from rng and L(x) = Σ grad_value · value
    is differentiated. A vector of ones would miss a vjp that ignores what it is given. x: floats,
    any shape; value: any shape; the vjp must return the shape of x. Returns a Report and raises
    as `gradient_check` does, and TypeError if rng is not a numpy.random.Generator.
    """
    x = as_float64(x)
    value, vjp = function(x)
    refuse_float32(value, "function")
    grad_value = generator(rng).standard_normal(np.shape(value))
    differences = Differences(
        lambda x: np.sum(grad_value * function(x)[0]),
        x,
        size_of_terms=np.sum(np.abs(grad_value * value)),
    )
    return _check(differences, vjp(grad_value), tolerance)


def direction_check(f, x, grad, rng, directions=5, tolerance=1e-6):
    """Check `grad` along random directions: grad · d against the central difference of f along d.

    The slope of t -> f(x + t d) at t = 0 is grad · d. So two evaluations of f test all elements of
    grad at once, and a model with thousands of parameters is checked in seconds. As many unit
    vectors d as `directions` says are drawn from rng. Any wrong element changes grad · d, but an
    error much smaller than the whole gradient may hide within `tolerance` of it. f, x and grad: as
    for `gradient_check`. Returns a Report, whose index is that of a direction, and raises as
    `gradient_check` does.
    """
    x = as_float64(x)
    grad = finite_array(grad, "grad", shape=x.shape)
    directions = whole_number(directions, "directions", low=1)
    units = generator(rng).standard_normal((directions, x.size))
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    along = Differences(lambda steps: f(x + (steps @ units).reshape(x.shape)), np.zeros(directions))
    return replace(_check(along, units @ grad.ravel(), tolerance), compared="directions compared")


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
