import numpy as np
import pytest

from coursepkg.initializers import normal, zeros


def test_shapes_are_fan_in_by_fan_out(rng):
    assert zeros(rng, 3, 5).shape == normal(rng, 3, 5).shape == (3, 5)


def test_zeros_are_zero_and_leave_the_generator_alone():
    used, fresh = np.random.default_rng(7), np.random.default_rng(7)
    assert not zeros(used, 4, 4).any()
    assert used.random() == fresh.random()


def test_normal_has_the_mean_and_the_deviation_it_promises(rng):
    weights = normal(rng, 200, 500, scale=0.3)
    n = weights.size
    # Four standard errors: of a mean, scale/√n; of a deviation, scale/√(2n).
    assert abs(weights.mean()) < 4 * 0.3 / np.sqrt(n)
    assert abs(weights.std() - 0.3) < 4 * 0.3 / np.sqrt(2 * n)


def test_normal_is_normal(rng):
    weights = normal(rng, 200, 500)
    # Of a normal distribution 68.3 % lie within one deviation, of a uniform one 57.7 %.
    assert abs((np.abs(weights) < 1).mean() - 0.6827) < 4 * np.sqrt(0.68 * 0.32 / weights.size)


def test_the_same_generator_state_gives_the_same_weights():
    first, second = (normal(np.random.default_rng(5), 2, 3) for _ in range(2))
    assert (first == second).all()
    assert not (normal(np.random.default_rng(6), 2, 3) == first).any()


@pytest.mark.parametrize("initializer", [zeros, normal])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 3, 5), TypeError, "rng must be a numpy.random.Generator"),
        ((None, 0, 5), ValueError, "fan_in must be at least 1, got 0"),
        ((None, 3, -1), ValueError, "fan_out must be at least 1, got -1"),
        ((None, 2.5, 1), TypeError, "fan_in must be a whole number"),
        ((None, 2, True), TypeError, "fan_out must be a whole number"),
    ],
)
def test_bad_arguments_are_refused_by_name(initializer, arguments, error, message, rng):
    first = rng if arguments[0] is None else arguments[0]
    with pytest.raises(error, match=message):
        initializer(first, *arguments[1:])


def test_a_negative_scale_is_refused_by_name(rng):
    with pytest.raises(ValueError, match="scale must be at least 0"):
        normal(rng, 2, 2, scale=-1)
