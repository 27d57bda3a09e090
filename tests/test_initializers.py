import numpy as np
import pytest

from coursepkg.initializers import (
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    identity,
    normal,
    orthogonal,
    zeros,
)

ALL = [zeros, identity, normal, orthogonal, glorot_normal, glorot_uniform, he_normal, he_uniform]


@pytest.mark.parametrize("initializer", ALL)
def test_shapes_are_fan_in_by_fan_out(initializer, rng):
    assert initializer(rng, 3, 5).shape == (3, 5)


def test_zeros_and_identity_are_what_they_say_and_leave_the_generator_alone():
    used, fresh = np.random.default_rng(7), np.random.default_rng(7)
    assert not zeros(used, 4, 4).any()
    assert identity(used, 2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert used.random() == fresh.random()


@pytest.mark.parametrize("shape", [(5, 5), (7, 4), (4, 7), (1, 1)])
def test_orthogonal_is(shape, rng):
    weights = orthogonal(rng, *shape)
    short = weights if shape[0] < shape[1] else weights.T
    assert weights.shape == shape
    assert short @ short.T == pytest.approx(np.eye(min(shape)), abs=1e-14)


def test_each_sign_of_an_orthogonal_matrix_is_equally_likely(rng):
    # Without R's signs LAPACK leaves the first entry with one sign. Four standard errors of 1/2.
    positive = np.mean([orthogonal(rng, 3, 3)[0, 0] > 0 for _ in range(1000)])
    assert abs(positive - 0.5) < 4 * np.sqrt(0.25 / 1000)


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


FANS = (100, 400)  # not equal, so that a wrong fan shows


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [
        (glorot_normal, 2 / 500),
        (glorot_uniform, 2 / 500),
        (he_normal, 2 / 100),
        (he_uniform, 2 / 100),
    ],
)
def test_the_variance_is_the_papers(initializer, variance, rng):
    weights = initializer(rng, *FANS)
    # The standard error of a variance is at most variance √(2/n), that of a normal distribution.
    assert abs(weights.var() - variance) < 4 * variance * np.sqrt(2 / weights.size)
    assert abs(weights.mean()) < 4 * np.sqrt(variance / weights.size)


@pytest.mark.parametrize("initializer", [glorot_uniform, he_uniform])
def test_uniform_is_flat_between_its_limits(initializer, rng):
    weights = initializer(rng, *FANS)
    limit = np.sqrt(3 * (2 / 500 if initializer is glorot_uniform else 2 / 100))
    assert np.abs(weights).max() <= limit
    n = weights.size
    for quarter in (-0.5, 0, 0.5):
        share = (weights < quarter * limit).mean()
        assert abs(share - (1 + quarter) / 2) < 4 * np.sqrt(0.25 / n)


@pytest.mark.parametrize("initializer", [glorot_normal, he_normal])
def test_normal_reaches_beyond_the_limits_of_uniform(initializer, rng):
    weights = initializer(rng, *FANS)
    assert abs((np.abs(weights) < weights.std()).mean() - 0.6827) < 0.01


@pytest.mark.parametrize("initializer", ALL[2:])
def test_the_same_generator_state_gives_the_same_weights(initializer):
    first, second = (initializer(np.random.default_rng(5), 2, 3) for _ in range(2))
    assert (first == second).all()
    assert not (initializer(np.random.default_rng(6), 2, 3) == first).any()


@pytest.mark.parametrize("initializer", ALL)
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
