"""The checker is checked: it must accept what is right, and refuse what is wrong or empty."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays

from coursepkg.activations import sigmoid
from coursepkg.differences import STEP
from coursepkg.gradient_check import (
    central_difference,
    direction_check,
    gradient_check,
    relative_error,
    vjp_check,
)
from coursepkg.layers import Dropout


def cubes(x):
    return np.sum(x**3)


@given(x=arrays(0.5, 3.0))
def test_the_right_gradient_passes(x):
    assert gradient_check(cubes, x, 3 * x**2).passed


@given(x=arrays(0.5, 3.0), factor=st.sampled_from([-1, 0.5, 2, 1 + 1e-4, 1 - 1e-5]))
def test_a_gradient_off_by_a_factor_fails(x, factor):
    assert not gradient_check(cubes, x, factor * 3 * x**2).passed


def test_one_wrong_element_among_many_is_found_and_named():
    x = np.linspace(1, 2, 12).reshape(3, 4)
    grad = 3 * x**2
    grad[2, 1] *= 1.01
    report = gradient_check(cubes, x, grad)
    assert not report.passed
    assert report.index == (2, 1)
    assert report.analytic == grad[2, 1]
    assert report.numeric == pytest.approx(3 * x[2, 1] ** 2, rel=1e-8)
    text = str(report)
    assert "WRONG" in text
    assert "[2, 1]" in text
    assert f"{grad[2, 1]:.6g}" in text


def test_a_tiny_element_beside_a_large_one_is_not_forgiven():
    x = np.array([1.0, 1.0])

    def f(x):
        return x[0] + 1e-5 * x[1]

    assert gradient_check(f, x, np.array([1.0, 1e-5])).passed
    assert not gradient_check(f, x, np.array([1.0, 2e-5])).passed
    assert not gradient_check(f, x, np.array([1.0, 0.0])).passed

    def g(x):
        return x[0] + 1e-8 * x[1]

    # Still a hundred times what rounding can do.
    assert gradient_check(g, x, np.array([1.0, 1e-8])).passed
    assert not gradient_check(g, x, np.array([1.0, 3e-8])).passed


def test_the_report_of_a_success_prints_no_digits_of_rounding():
    x = np.array([1.0, 2.0])
    assert (
        str(gradient_check(cubes, x, 3 * x**2)) == "gradient correct: 2 compared, all within 1e-06"
    )


# With these seeds the sum of the 200 terms comes out so small that its own size says nothing about
# its rounding; a check that looks at the sum alone calls each of them wrong.
@pytest.mark.parametrize("seed", [63, 76, 85, 97, 108, 136, 196, 217, 240, 243, 277, 295])
def test_saturated_values_of_a_sum_that_cancels_are_not_called_wrong(seed):
    rng = np.random.default_rng(seed)
    assert vjp_check(sigmoid, rng.uniform(-30, 30, size=200), rng).passed


def test_what_is_too_small_to_be_seen_is_not_claimed_to_be_right():
    def f(x):
        return 1e6 * x[0] + 1e-5 * x[1]

    report = gradient_check(f, np.ones(2), np.array([1e6, 0.0]))
    assert report.unresolved == 1
    assert str(report).endswith("all within 1e-06 (1 within rounding)")


def test_a_report_is_true_if_the_gradient_is_right():
    assert gradient_check(cubes, np.ones(2), 3 * np.ones(2))
    assert not gradient_check(cubes, np.ones(2), np.ones(2))


def test_the_relative_error_of_the_report():
    assert gradient_check(cubes, np.ones(1), np.array([6.0])).error == pytest.approx(0.5, rel=1e-6)


def test_float32_is_checked_in_float64():
    x = np.ones(2, np.float32)
    assert gradient_check(cubes, x, 3 * x).passed


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x.astype(np.float32) ** 2),
        lambda x: np.float16(np.sum(x**2)),
    ],
)
def test_an_f_that_computes_in_float32_is_refused(f):
    """Its rounding made a right gradient look wrong."""
    x = np.linspace(1, 2, 6)
    with pytest.raises(TypeError, match="f must compute in float64"):
        gradient_check(f, x, 2 * x)
    with pytest.raises(TypeError, match="f must compute in float64"):
        central_difference(f, x)


def test_a_function_that_computes_in_float32_is_refused():
    def square(x):
        return x.astype(np.float32) ** 2, lambda grad: 2 * x * grad

    with pytest.raises(TypeError, match="function must compute in float64, got float32"):
        vjp_check(square, np.linspace(1, 2, 6), np.random.default_rng(0))


def test_with_a_wide_step_and_a_wide_tolerance_float32_can_be_checked():
    """As chapter 06 says, where float64 is not to be had."""
    x = np.linspace(1, 2, 6)

    def f(x):
        return np.sum(x.astype(np.float32) ** 3)

    assert gradient_check(f, x, 3 * x**2, h=5e-3, tolerance=1e-2).passed
    assert not gradient_check(f, x, 3.1 * x**2, h=5e-3, tolerance=1e-2).passed
    with pytest.raises(ValueError, match="proves nothing: rounding"):
        gradient_check(f, x, 3 * x**2, h=5e-3)


def test_an_f_that_hides_its_float32_is_not_called_wrong():
    def f(x):
        return float(np.sum(x.astype(np.float32) ** 2))  # as `.item()` of a framework

    x = np.linspace(1, 2, 6)
    with pytest.raises(ValueError, match="does not settle"):
        gradient_check(f, x, 2 * x)


@pytest.mark.parametrize("seed", range(5))
def test_an_f_that_is_random_is_refused(seed):
    """Its noise made a right gradient look wrong."""
    layer, x = Dropout(0.5, np.random.default_rng(seed)), np.linspace(1, 2, 6)
    with pytest.raises(ValueError, match="f must give the same number for the same x.* seed"):
        vjp_check(lambda x: (layer.forward(x), layer.backward), x, np.random.default_rng(0))
    with pytest.raises(ValueError, match="f must give the same number for the same x"):
        gradient_check(lambda x: np.sum(layer.forward(x)), x, np.ones(6))

    def held(x):
        layer = Dropout(0.5, np.random.default_rng(seed))
        return layer.forward(x), layer.backward

    assert vjp_check(held, x, np.random.default_rng(0)).passed


SHARP = {
    "log": (np.log, lambda x: 1 / x),
    "root": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "inverse": (lambda x: 1 / x, lambda x: -1 / x**2),
    "quick sine": (lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x)),
}


@pytest.mark.parametrize(("function", "derivative"), SHARP.values(), ids=SHARP)
def test_where_f_bends_sharply_the_right_gradient_passes_and_a_wrong_one_fails(
    function, derivative
):
    """The step of 6e-6, too wide for 1e-3 and less, made right gradients look wrong."""
    x = np.array([1e-4, 3e-4, 1e-3, 1e-2, 1.0])
    grad = derivative(x)

    def f(x):
        return np.sum(function(x))

    assert gradient_check(f, x, grad).passed
    for index in range(x.size):
        for factor in (-1, 0.5, 1.001, 1 + 1e-5):
            wrong = grad.copy()
            wrong[index] *= factor
            report = gradient_check(f, x, wrong)
            assert (report.passed, report.index) == (False, (index,))
            assert report.numeric == pytest.approx(grad[index], rel=1e-6)


@pytest.mark.parametrize(
    ("f", "x", "grad", "h"),
    [
        (np.log, 1e-5, 1e5, None),
        (np.log, 6.1e-6, 1 / 6.1e-6, None),
        (np.abs, 1e-7, 1.0, None),  # the kink lies within the step
        (np.exp, 1.0, np.e, 1.0),
    ],
)
def test_a_step_that_is_far_too_wide_shrinks(f, x, grad, h):
    assert gradient_check(f, x, grad, h=h).passed
    assert not gradient_check(f, x, 1.001 * grad, h=h).passed


def test_where_the_difference_does_not_settle_nothing_is_called_wrong():
    with pytest.raises(ValueError, match="proves nothing: .* at x = 1e-12 does not settle"):
        gradient_check(lambda x: float(x > 0), 1e-12, 1.0)


def test_a_value_that_is_not_finite_says_what_to_do():
    with pytest.raises(ValueError, match="f must be finite near x, got inf; a smaller h stays"):
        gradient_check(lambda x: 1.0 if x > 1e-6 else np.inf, 2e-6, 1.0)


def test_both_gradients_zero_is_refused():
    with pytest.raises(ValueError, match="proves nothing: both gradients are zero"):
        gradient_check(lambda x: 7.0, np.ones(3), np.zeros(3))


@pytest.mark.parametrize("h", [1e-10, 1e-12, 1e-14])
def test_a_step_so_small_that_rounding_decides_is_refused(h):
    with pytest.raises(ValueError, match="proves nothing: rounding"):
        gradient_check(cubes, np.ones(3), 3 * np.ones(3), h=h)


def test_a_step_that_is_lost_entirely_is_refused():
    with pytest.raises(ValueError, match="lost against x"):
        central_difference(cubes, np.array([1e6]), h=1e-12)


def test_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="x must hold floats, got int"):
        gradient_check(cubes, np.array([1, 2]), np.array([3.0, 12.0]))


@pytest.mark.parametrize(
    ("x", "grad", "message"),
    [
        (np.array([np.nan, 1.0]), np.ones(2), "x must be finite"),
        (np.ones(2), np.array([np.inf, 1.0]), "grad must be finite"),
        (np.ones(2), np.ones((2, 1)), r"grad must have shape \(2,\), got \(2, 1\)"),
        (np.ones(0), np.ones(0), "x must hold at least one number"),
    ],
)
def test_bad_arrays_are_refused_by_name(x, grad, message):
    with pytest.raises(ValueError, match=message):
        gradient_check(cubes, x, grad)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x, "f must return one number"),
        (lambda x: np.inf, "f must be finite near x"),
        (lambda x: np.nan, "f must be finite near x"),
        (lambda x: None, "f must return one number, got None"),
        (lambda x: 1j, "f must return one number, got 1j"),
    ],
)
def test_bad_functions_are_refused_by_name(f, message):
    with pytest.raises(ValueError, match=message):
        gradient_check(f, np.ones(2), np.ones(2))


@pytest.mark.parametrize(("name", "value"), [("h", 0.0), ("h", -1e-5), ("tolerance", 0.0)])
def test_bad_options_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} must be greater than 0"):
        gradient_check(cubes, np.ones(2), 3 * np.ones(2), **{name: value})


def test_x_is_left_as_it_is_even_by_a_function_that_changes_its_argument():
    x = np.array([1.0, 2.0])

    def spoils(v):
        result = np.sum(v**2)
        v[:] = 0
        return result

    assert gradient_check(spoils, x, 2 * x).passed
    assert x.tolist() == [1, 2]


def test_central_difference_has_second_order():
    # For cubes the truncation error is exactly h²: ten times the step, a hundred times the error.
    errors = [central_difference(cubes, np.array([1.0]), h=h)[0] - 3 for h in (1e-2, 1e-1)]
    assert errors[1] / errors[0] == pytest.approx(100, rel=1e-6)


def test_the_default_step_follows_the_size_of_x():
    steps = []
    central_difference(lambda v: steps.append(v[0]) or float(v[0]), np.array([1e6]))
    assert steps[0] - 1e6 == pytest.approx(STEP * 1e6, rel=1e-3)


def test_a_number_without_dimensions_can_be_checked():
    assert gradient_check(lambda x: x**2, 3.0, 6.0).passed
    assert not gradient_check(lambda x: x**2, 3.0, 3.0).passed


def test_vjp_check_finds_a_vjp_that_ignores_what_it_is_given():
    def deaf(z):
        return z**2, lambda grad: 2 * z

    def right(z):
        return z**2, lambda grad: grad * 2 * z

    assert vjp_check(right, np.array([1.0, 2.0]), np.random.default_rng(0)).passed
    assert not vjp_check(deaf, np.array([1.0, 2.0]), np.random.default_rng(0)).passed


def test_vjp_check_wants_a_generator():
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        vjp_check(lambda z: (z, lambda g: g), np.ones(2), 0)


def test_relative_error():
    assert relative_error([1.0, 0.0, -1.0, 2.0], [1.0, 0.0, 1.0, 1.0]).tolist() == [0, 0, 2, 0.5]


# Along random directions: the whole gradient by a few evaluations of f.


@given(x=arrays(0.5, 3.0), seed=st.integers(0, 99))
def test_along_random_directions_the_right_gradient_passes(x, seed):
    assert direction_check(cubes, x, 3 * x**2, np.random.default_rng(seed))


@given(which=st.integers(0, 999), factor=st.sampled_from([-1, 0, 0.9, 1.001]))
def test_one_wrong_element_of_a_thousand_is_seen_along_every_direction(which, factor):
    x = np.linspace(1, 2, 1000).reshape(50, 20)
    grad = 3 * x**2
    grad.flat[which] *= factor
    report = direction_check(cubes, x, grad, np.random.default_rng(0))
    assert not report.passed
    assert len(report.index) == 1
    assert "gradient WRONG: 5 directions compared, the worst is [" in str(report)


def test_a_check_along_directions_evaluates_f_a_few_times_and_says_what_it_compared():
    x, calls = np.linspace(1, 2, 1000), []

    def f(x):
        calls.append(x)
        return cubes(x)

    report = direction_check(f, x, 3 * x**2, np.random.default_rng(0), directions=3)
    assert len(calls) < 20
    assert str(report) == "gradient correct: 3 directions compared, all within 1e-06"
    assert (x == np.linspace(1, 2, 1000)).all()


def test_the_directions_have_the_length_1(rng):
    seen = []

    def f(x):
        seen.append(np.linalg.norm(x))
        return np.sum(x)

    direction_check(f, np.zeros((4, 5)), np.ones((4, 5)), rng)
    assert seen == pytest.approx([STEP] * len(seen), rel=1e-9)


@pytest.mark.parametrize(
    ("f", "grad", "options", "error", "message"),
    [
        (lambda x: 3.0, np.zeros(4), {}, ValueError, "proves nothing: both gradients are zero"),
        (cubes, np.ones(3), {}, ValueError, r"grad must have shape \(4,\)"),
        (cubes, np.full(4, np.inf), {}, ValueError, r"grad\[0\] is inf"),
        (cubes, np.ones(4), {"directions": 0}, ValueError, "directions must be at least 1"),
        (cubes, np.ones(4), {"rng": 3}, TypeError, "rng must be a numpy.random.Generator"),
        (cubes, np.ones(4), {"tolerance": 0}, ValueError, "tolerance must be greater than 0"),
        (
            lambda x: np.float32(cubes(x)), np.ones(4), {}, TypeError,
            "f must compute in float64, got float32",
        ),
        (lambda x: x, np.ones(4), {}, ValueError, "f must return one number"),
    ],
)  # fmt: skip
def test_what_proves_nothing_along_directions_is_refused(f, grad, options, error, message, rng):
    with pytest.raises(error, match=message):
        direction_check(f, np.ones(4), grad, **{"rng": rng, **options})


def test_an_f_that_is_random_is_refused_along_directions_too(rng):
    noise = np.random.default_rng(1)
    with pytest.raises(ValueError, match="f must give the same number"):
        direction_check(lambda x: cubes(x) + noise.normal(), np.ones(4), 3 * np.ones(4), rng)
