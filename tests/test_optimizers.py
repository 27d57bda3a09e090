from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg import optimizers
from coursepkg.losses import mean_squared_error
from coursepkg.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)

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


ALL = [SGD, Momentum, Nesterov, AdaGrad, RMSprop, Adam, AdamW]


def test_every_rule_there_is_has_the_common_step_and_is_tested_here():
    there = [c for c in vars(optimizers).values() if isinstance(c, type) and c is not Optimizer]
    assert set(there) == set(ALL)
    assert all(issubclass(c, Optimizer) and c.step is Optimizer.step for c in ALL)


TRAINED = np.array([1.0, -2.0, 0.5, 3.0, -0.1])


def gradients(steps=100):
    """The same for all: of all sizes, now and then all but zero, as the gradients of a network."""
    rng = np.random.default_rng(11)
    return rng.standard_normal((steps, 5)) * 10.0 ** rng.integers(-6, 3, size=(steps, 5))


# Each rule as a textbook prints it, new arrays in every line, nothing shared with the package.


def sgd(w, g, t, s, lr):
    return w - lr * g


def momentum(w, g, t, s, lr, mu=0.9):
    s["v"] = mu * s.get("v", 0) + g
    return w - lr * s["v"]


def nesterov(w, g, t, s, lr, mu=0.9):
    s["v"] = mu * s.get("v", 0) + g
    return w - lr * (g + mu * s["v"])


def adagrad(w, g, t, s, lr, eps=1e-10):
    s["G"] = s.get("G", 0) + g**2
    return w - lr * g / (np.sqrt(s["G"]) + eps)


def rmsprop(w, g, t, s, lr, rho=0.9, eps=1e-8):
    s["E"] = rho * s.get("E", 0) + (1 - rho) * g**2
    return w - lr * g / (np.sqrt(s["E"]) + eps)


def adam(w, g, t, s, lr, b1=0.9, b2=0.999, eps=1e-8):
    s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0) + (1 - b2) * g**2
    return w - lr * s["m"] / (1 - b1**t) / (np.sqrt(s["v"] / (1 - b2**t)) + eps)


def adamw(w, g, t, s, lr, decay=0.01):
    return adam(w - lr * decay * w, g, t, s, lr)


TEXTBOOK = list(zip(ALL, [sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw], strict=True))


@pytest.mark.parametrize(("optimizer_class", "rule"), TEXTBOOK)
def test_a_hundred_steps_in_place_are_a_hundred_by_the_textbook(optimizer_class, rule):
    params, grads = TRAINED.copy(), np.empty(5)
    optimizer = optimizer_class(params, grads, learning_rate=0.01)
    expected, state = TRAINED, {}
    for t, gradient in enumerate(gradients(), start=1):
        grads[...] = gradient
        optimizer.step()
        expected = rule(expected, gradient, t, state, 0.01)
        assert params == pytest.approx(expected, rel=1e-12), f"step {t}"


@pytest.mark.parametrize(
    ("optimizer_class", "rule", "options", "textbook_options"),
    [
        (Momentum, momentum, {"momentum": 0.5}, {"mu": 0.5}),
        (Nesterov, nesterov, {"momentum": 0.5}, {"mu": 0.5}),
        (AdaGrad, adagrad, {"eps": 0.1}, {"eps": 0.1}),
        (RMSprop, rmsprop, {"rho": 0.5, "eps": 0.1}, {"rho": 0.5, "eps": 0.1}),
        (Adam, adam, {"beta1": 0.3, "beta2": 0.6, "eps": 0.1}, {"b1": 0.3, "b2": 0.6, "eps": 0.1}),
        (AdamW, adamw, {"weight_decay": 0.5}, {"decay": 0.5}),
    ],
)
def test_every_option_is_used(optimizer_class, rule, options, textbook_options):
    params, grads = TRAINED.copy(), np.empty(5)
    optimizer = optimizer_class(params, grads, learning_rate=0.01, **options)
    expected, state = TRAINED, {}
    for t, gradient in enumerate(gradients(10), start=1):
        grads[...] = gradient
        optimizer.step()
        expected = rule(expected, gradient, t, state, 0.01, **textbook_options)
    assert params == pytest.approx(expected, rel=1e-12)


def test_the_options_if_nothing_is_said():
    made = {c.__name__: vars(c(np.ones(1), np.ones(1), 0.1)) for c in ALL}
    assert made["Momentum"]["momentum"] == made["Nesterov"]["momentum"] == 0.9
    assert made["AdaGrad"]["eps"] == 1e-10
    assert (made["RMSprop"]["rho"], made["RMSprop"]["eps"]) == (0.9, 1e-8)
    for name in ("Adam", "AdamW"):
        assert [made[name][o] for o in ("beta1", "beta2", "eps")] == [0.9, 0.999, 1e-8]
    assert made["AdamW"]["weight_decay"] == 0.01


def test_memory_may_be_none_at_all():
    for optimizer_class, name in ((Momentum, "momentum"), (Nesterov, "momentum"), (RMSprop, "rho")):
        params = np.ones(1)
        optimizer_class(params, np.ones(1), 0.5, **{name: 0}).step()
        assert params[0] == pytest.approx(0.5, rel=1e-6)


def test_adamw_hands_the_options_to_adam():
    params = TRAINED.copy()
    optimizer = AdamW(params, np.ones(5), 0.01, weight_decay=0.1, beta1=0.5, beta2=0.6, eps=0.1)
    assert (optimizer.beta1, optimizer.beta2, optimizer.eps) == (0.5, 0.6, 0.1)


def test_the_first_step_of_adam_has_the_length_of_the_learning_rate():
    for size in (1e-4, 1.0, 1e6):
        params = np.zeros(2)
        Adam(params, np.array([size, -size]), learning_rate=0.1).step()
        assert params == pytest.approx([-0.1, 0.1], rel=1e-3)


def test_without_a_gradient_momentum_coasts_and_only_adamw_decays():
    for optimizer_class in ALL:
        params, grads = np.ones(1), np.zeros(1)
        optimizer = optimizer_class(params, grads, learning_rate=0.1)
        optimizer.step()
        assert (params[0] == 1) == (optimizer_class is not AdamW)
        grads[0] = 1.0
        optimizer.step()
        pushed = params[0]
        grads[0] = 0.0
        optimizer.step()
        coasts = optimizer_class in (Momentum, Nesterov, Adam, AdamW)
        assert (params[0] < pushed) == coasts


@pytest.mark.parametrize("optimizer_class", ALL)
def test_a_step_changes_params_in_place_and_nothing_else(optimizer_class):
    memory = np.array([9.0, 1.0, 2.0, 9.0])
    params, grads = memory[1:3], np.array([10.0, -10.0])
    optimizer = optimizer_class(params, grads, learning_rate=0.1)
    optimizer.step()
    optimizer.step()
    assert optimizer.params is params
    assert memory[[0, 3]].tolist() == [9, 9]
    assert memory[1] < 1
    assert memory[2] > 2 - 0.1  # AdamW draws it back a little
    assert grads.tolist() == [10, -10]


def test_the_learning_rate_may_change_between_steps():
    params, grads = np.zeros(1), np.ones(1)
    optimizer = SGD(params, grads, learning_rate=0.1)
    optimizer.step()
    optimizer.learning_rate = 1.0
    optimizer.step()
    assert params[0] == pytest.approx(-1.1, rel=1e-15)


@pytest.mark.parametrize(("optimizer_class", "rule"), TEXTBOOK)
def test_float32_stays_float32(optimizer_class, rule):
    params, grads = np.zeros(2, np.float32), np.ones(2, np.float32)
    optimizer = optimizer_class(params, grads, learning_rate=0.1)
    optimizer.step()
    assert params == pytest.approx(rule(np.zeros(2), np.ones(2), 1, {}, 0.1), rel=1e-5)
    arrays = [value for value in vars(optimizer).values() if isinstance(value, np.ndarray)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


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


@pytest.mark.parametrize("optimizer_class", ALL)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_step_along_what_is_not_finite_is_refused_and_nothing_changes(optimizer_class, bad):
    params = np.array([1.0, 2.0])
    optimizer = optimizer_class(params, np.array([1.0, bad]), learning_rate=0.1)
    with pytest.raises(ValueError, match="grads must be finite"):
        optimizer.step()
    assert params.tolist() == [1, 2]
    for name in optimizer.state_names:
        assert not np.any(getattr(optimizer, name)), name


@pytest.mark.parametrize("optimizer_class", ALL)
def test_a_gradient_whose_square_overflows_is_refused(optimizer_class):
    params = np.ones(2, np.float32)
    optimizer = optimizer_class(params, np.array([1e20, 1.0], np.float32), learning_rate=0.1)
    with pytest.raises(ValueError, match="grads must be finite, and their squares"):
        optimizer.step()
    assert params.tolist() == [1, 1]


def test_a_spoiled_gradient_among_many_is_found():
    grads = np.ones(20_000)
    grads[12_345] = np.nan
    with pytest.raises(ValueError, match="grads must be finite"):
        SGD(np.ones(20_000), grads, 0.1).step()


def test_a_rate_of_any_kind_is_one_number_from_then_on():
    optimizer = SGD(np.ones(1), np.ones(1), 0.1)
    optimizer.learning_rate = np.float64(0.3) / 3
    optimizer.step()
    assert type(optimizer.learning_rate) is float


class Sign(Optimizer):
    """A rule of one's own."""

    def update(self):
        self.params -= self.learning_rate * np.sign(self.grads)


def test_a_rule_of_ones_own_is_one_method():
    params, grads = np.zeros(2), np.array([5.0, -0.1])
    optimizer = Sign(params, grads, learning_rate=0.5)
    optimizer.step()
    assert params.tolist() == [-0.5, 0.5]
    for spoil in (np.nan, np.inf, 1e200):
        grads[0] = spoil
        with pytest.raises(ValueError, match="grads must be finite"):
            optimizer.step()
    assert params.tolist() == [-0.5, 0.5]
    with pytest.raises(ValueError, match=r"grads must have shape \(2,\)"):
        Sign(params, np.zeros(3), 0.5)


def test_an_optimizer_without_a_rule_does_not_step():
    with pytest.raises(NotImplementedError):
        Optimizer(np.zeros(1), np.ones(1), 0.1).step()


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
@pytest.mark.parametrize("optimizer_class", ALL)
def test_bad_arguments_are_refused_by_name(
    optimizer_class, params, grads, learning_rate, error, message
):
    with pytest.raises(error, match=message):
        optimizer_class(params, grads, learning_rate)


@pytest.mark.parametrize(
    ("optimizer_class", "options", "message"),
    [
        (Momentum, {"momentum": 1.0}, "momentum must be less than 1, got 1.0"),
        (Nesterov, {"momentum": -0.1}, "momentum must be at least 0, got -0.1"),
        (AdaGrad, {"eps": 0.0}, "eps must be greater than 0, got 0.0"),
        (RMSprop, {"rho": 1.5}, "rho must be less than 1, got 1.5"),
        (RMSprop, {"eps": -1.0}, "eps must be greater than 0"),
        (Adam, {"beta1": 1.0}, "beta1 must be less than 1"),
        (Adam, {"beta2": np.nan}, "beta2 must be finite"),
        (Adam, {"eps": 0.0}, "eps must be greater than 0"),
        (AdamW, {"weight_decay": -0.1}, "weight_decay must be at least 0"),
        (AdamW, {"beta2": 2.0}, "beta2 must be less than 1"),
    ],
)
def test_bad_options_are_refused_by_name(optimizer_class, options, message):
    with pytest.raises(ValueError, match=message):
        optimizer_class(np.ones(2), np.ones(2), 0.1, **options)
