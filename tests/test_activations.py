import numpy as np
import pytest
from hypothesis import given
from strategies import arrays, away_from_zero

from coursepkg.activations import gelu, leaky_relu, log_sigmoid, relu, sigmoid, softplus, tanh
from coursepkg.gradient_check import vjp_check

SMOOTH = [sigmoid, log_sigmoid, tanh, softplus, gelu]
KINKED = [relu, leaky_relu]
ALL = SMOOTH + KINKED


@pytest.mark.parametrize("function", SMOOTH)
@given(z=arrays(-3, 3))  # farther out all slopes may be too flat for differences to resolve
def test_smooth_vjp_agrees_with_central_differences(function, z):
    assert vjp_check(function, z, np.random.default_rng(1)).passed


@pytest.mark.parametrize("function", KINKED)
@given(z=away_from_zero())
def test_kinked_vjp_agrees_with_central_differences(function, z):
    z.flat[0] = abs(z.flat[0])  # all negative: relu's gradients are zero, which proves nothing
    assert vjp_check(function, z, np.random.default_rng(1)).passed


def test_values_known_from_elsewhere():
    # log 3 makes the sigmoid 3/4 and its slope 3/16; tanh(log 3) = (9 - 1) / (9 + 1).
    z = np.log(3)
    assert sigmoid(z)[0] == pytest.approx(3 / 4, rel=1e-15)
    assert sigmoid(z)[1](1.0) == pytest.approx(3 / 16, rel=1e-15)
    assert tanh(z)[0] == pytest.approx(0.8, rel=1e-15)
    assert softplus(z)[0] == pytest.approx(np.log(4), rel=1e-15)
    assert log_sigmoid(z)[0] == pytest.approx(np.log(3 / 4), rel=1e-15)
    assert relu(np.array([-2.0, 0.0, 3.0]))[0].tolist() == [0, 0, 3]
    # z Φ(z) at 1 is 0.841345; the tanh is known to come within 5e-4 of it.
    assert gelu(1.0)[0] == pytest.approx(0.841192, abs=5e-7)
    assert gelu(0.0)[1](1.0) == 0.5
    assert leaky_relu(np.array([-2.0, 0.0, 3.0]), slope=0.1)[0].tolist() == [-0.2, 0, 3]


def test_relu_and_leaky_relu_take_the_left_slope_at_zero():
    assert relu(np.zeros(1))[1](np.ones(1)) == 0
    assert leaky_relu(np.zeros(1))[1](np.ones(1)) == 0.01


@pytest.mark.parametrize("function", ALL)
def test_huge_arguments_give_no_overflow_and_the_right_limit(function):
    z = np.array([-1000.0, 1000.0])
    limits = {
        "sigmoid": [0, 1], "log_sigmoid": [-1000, 0], "tanh": [-1, 1],
        "relu": [0, 1000], "leaky_relu": [-10, 1000], "softplus": [0, 1000],
        "gelu": [0, 1000],
    }  # fmt: skip
    with np.errstate(all="raise", under="ignore"):
        a, vjp = function(z)
        slopes = vjp(np.ones(2))
    assert a.tolist() == limits[function.__name__]
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize("function", ALL)
def test_float32_stays_float32_and_arguments_stay_as_they_are(function):
    z = np.array([[-1.5, 2.0]], dtype=np.float32)
    before, grad = z.copy(), np.ones_like(z)
    a, vjp = function(z)
    assert a.dtype == vjp(grad).dtype == np.float32
    assert (z == before).all()
    assert (grad == 1).all()


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("bad", ["1.0", None, [1 + 2j], [[1.0], [1.0, 2.0]], [True, False]])
def test_what_is_not_numeric_is_refused_by_name(function, bad):
    with pytest.raises(TypeError, match="z must"):
        function(bad)


@pytest.mark.parametrize("function", ALL)
def test_a_gradient_of_another_shape_is_refused_by_name(function):
    _, vjp = function(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"grad_a must have shape \(2, 3\), got \(3,\)"):
        vjp(np.ones(3))


def test_the_slope_of_leaky_relu_by_name_or_position_serves_both_passes():
    for a, vjp in (leaky_relu(np.array([-2.0]), 0.3), leaky_relu(np.array([-2.0]), slope=0.3)):
        assert a[0] == pytest.approx(-0.6)
        assert vjp(np.ones(1))[0] == pytest.approx(0.3)


@pytest.mark.parametrize("function", ALL)
def test_nan_stays_nan(function):
    with np.errstate(invalid="ignore"):
        assert np.isnan(function(np.array([np.nan]))[0]).all()


def test_a_slope_that_is_no_number_is_refused_by_name():
    with pytest.raises(TypeError, match="slope must be a number"):
        leaky_relu(np.ones(2), slope="steep")
