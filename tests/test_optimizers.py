from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.losses import mean_squared_error
from coursepkg.optimizers import SGD

X = np.array([-1.0, 0.0, 1.0, 2.0])
TARGETS = 2 * X
CURVATURE = 2 * np.mean(X**2)  # λ = 3, and the goal is w = 2


def distances(learning_rate, steps, start=0.0):
    """w - 2 before the first and after each step of gradient descent on w x."""
    params, grads = np.array([start]), np.zeros(1)
    optimizer = SGD(params, grads, learning_rate)
    result = [params[0] - 2]
    for _ in range(steps):
        _, vjp = mean_squared_error(params[0] * X, TARGETS)
        grads[0] = np.sum(vjp() * X)
        optimizer.step()
        result.append(params[0] - 2)
    return np.array(result)


@given(st.floats(0.001, 1.2), st.floats(-3, 1.5))
def test_each_step_multiplies_the_distance_by_the_exact_factor(learning_rate, start):
    factor = 1 - learning_rate * CURVATURE
    expected = (start - 2) * factor ** np.arange(11)
    scale = max(1, abs(factor)) ** np.arange(11)
    assert np.allclose(distances(learning_rate, 10, start) / scale, expected / scale, atol=1e-12)


def test_below_one_over_curvature_it_comes_from_one_side():
    path = distances(0.99 / CURVATURE, 20)
    assert (np.diff(np.abs(path)) <= 0).all()
    assert (path <= 1e-12).all()


def test_at_one_over_curvature_one_step_is_enough():
    assert distances(1 / CURVATURE, 1)[1] == pytest.approx(0, abs=1e-15)


def test_below_the_edge_it_swings_in():
    path = distances(0.99 * 2 / CURVATURE, 200)
    assert (path[1:] * path[:-1] < 0).all()
    assert (np.diff(np.abs(path)) < 0).all()


def test_at_the_edge_it_swings_for_ever():
    path = distances(2 / CURVATURE, 200)
    assert np.abs(path) == pytest.approx(2, rel=1e-10)
    assert (path[1:] * path[:-1] < 0).all()


def test_above_the_edge_it_swings_out():
    path = distances(1.01 * 2 / CURVATURE, 200)
    assert (np.diff(np.abs(path)) > 0).all()


def test_a_step_changes_params_in_place_and_nothing_else():
    memory = np.array([9.0, 1.0, 2.0, 9.0])
    params, grads = memory[1:3], np.array([10.0, -10.0])
    SGD(params, grads, learning_rate=0.1).step()
    assert memory.tolist() == [9, 0, 3, 9]
    assert grads.tolist() == [10, -10]


def test_the_learning_rate_may_change_between_steps():
    params, grads = np.zeros(1), np.ones(1)
    optimizer = SGD(params, grads, learning_rate=0.1)
    optimizer.step()
    optimizer.learning_rate = 1.0
    optimizer.step()
    assert params[0] == pytest.approx(-1.1, rel=1e-15)


def test_float32_stays_float32():
    params, grads = np.zeros(2, np.float32), np.ones(2, np.float32)
    SGD(params, grads, learning_rate=0.1).step()
    assert params.dtype == np.float32
    assert params == pytest.approx(-0.1, rel=1e-6)


def test_a_learning_rate_that_was_spoiled_is_refused_and_nothing_changes():
    params = np.ones(1)
    optimizer = SGD(params, np.ones(1), learning_rate=0.1)
    optimizer.learning_rate = np.nan
    with pytest.raises(ValueError, match="learning_rate must be finite"):
        optimizer.step()
    assert params[0] == 1


def test_a_huge_number_and_a_fraction_are_numbers():
    assert SGD(np.ones(1), np.ones(1), Fraction(1, 4)).learning_rate == 0.25
    with pytest.raises(ValueError, match="learning_rate must be finite"):
        SGD(np.ones(1), np.ones(1), 10**400)


def test_two_views_that_do_not_overlap_are_accepted():
    memory = np.ones(4)
    SGD(memory[0::2], memory[1::2], learning_rate=0.5).step()
    assert memory.tolist() == [0.5, 1, 0.5, 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_step_along_what_is_not_finite_is_refused_and_nothing_changes(bad):
    params = np.array([1.0, 2.0])
    optimizer = SGD(params, np.array([1.0, bad]), learning_rate=0.1)
    with pytest.raises(ValueError, match="grads must be finite"):
        optimizer.step()
    assert params.tolist() == [1, 2]


SHARED = np.zeros(2)


@pytest.mark.parametrize(
    ("params", "grads", "learning_rate", "error", "message"),
    [
        ([0.0], np.zeros(1), 0.1, TypeError, "params must be a numpy array of floats"),
        (np.zeros(1), np.zeros(1, int), 0.1, TypeError, "grads must be a numpy array of floats"),
        (np.zeros((2, 2)), np.zeros(4), 0.1, ValueError, r"params must be one flat vector"),
        (np.zeros(0), np.zeros(0), 0.1, ValueError, r"params must be one flat vector"),
        (np.zeros(2), np.zeros(3), 0.1, ValueError, r"grads must have shape \(2,\)"),
        (SHARED, SHARED, 0.1, ValueError, "must be two arrays"),
        (np.zeros(1), np.zeros(1), -0.1, ValueError, "learning_rate must be at least 0, got -0.1"),
        (np.zeros(1), np.zeros(1), np.nan, ValueError, "learning_rate must be finite"),
        (np.zeros(1), np.zeros(1), "fast", TypeError, "learning_rate must be a number"),
    ],
)
def test_bad_arguments_are_refused_by_name(params, grads, learning_rate, error, message):
    with pytest.raises(error, match=message):
        SGD(params, grads, learning_rate)
