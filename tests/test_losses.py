import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, shapes

from coursepkg.gradient_check import gradient_check, vjp_check
from coursepkg.losses import mean_squared_error


@given(shape=shapes, data=st.data())
def test_vjp_agrees_with_central_differences(shape, data):
    prediction = data.draw(arrays(shape=shape))
    # At least 1 away somewhere, for at the target itself every gradient is zero.
    targets = prediction + 1 + data.draw(arrays(0, 3, shape=shape))
    assert vjp_check(
        lambda p: mean_squared_error(p, targets), prediction, np.random.default_rng(2)
    ).passed


def test_a_hand_computed_value():
    loss, vjp = mean_squared_error(np.array([1.0, 2.0, 5.0]), np.array([0.0, 2.0, 3.0]))
    assert loss == pytest.approx(5 / 3, rel=1e-15)  # (1 + 0 + 4) / 3
    assert vjp() == pytest.approx(np.array([2 / 3, 0, 4 / 3]), rel=1e-15)
    assert vjp(3.0) == pytest.approx(np.array([2, 0, 4]), rel=1e-15)


def test_float32_stays_float32():
    loss, vjp = mean_squared_error(np.ones(3, np.float32), np.zeros(3, np.float32))
    assert loss.dtype == vjp().dtype == np.float32


def test_a_gradient_of_the_loss_that_is_no_number_is_refused_by_name():
    _, vjp = mean_squared_error(np.ones(3), np.zeros(3))
    with pytest.raises(TypeError, match="grad_loss must be a number"):
        vjp(np.ones(3))


def test_the_gradient_without_the_mean_would_be_found():
    prediction, targets = np.array([1.0, 2.0, 5.0]), np.array([0.0, 1.0, 3.0])
    without_mean = 2 * (prediction - targets)
    report = gradient_check(lambda p: mean_squared_error(p, targets)[0], prediction, without_mean)
    assert not report.passed


@pytest.mark.parametrize(
    ("prediction", "targets", "message"),
    [
        (np.ones(3), np.ones((3, 1)), r"targets must have shape \(3,\), got \(3, 1\)"),
        (np.ones(0), np.ones(0), "prediction must hold at least one number"),
        (np.array([1.0, np.nan]), np.ones(2), r"prediction\[1\] is nan"),
        (np.ones(2), np.array([np.inf, 1.0]), r"targets\[0\] is inf"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_by_name(prediction, targets, message):
    with pytest.raises(ValueError, match=message):
        mean_squared_error(prediction, targets)


def test_what_is_not_numeric_is_refused_by_name():
    with pytest.raises(TypeError, match="prediction must hold real numbers"):
        mean_squared_error(["a"], [1.0])
