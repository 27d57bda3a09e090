import numpy as np
import pytest

from coursepkg.search import learning_rate_search, log_uniform
from coursepkg.training import Diverged


def valley(rate):
    """Lowest at 0.1; above 1 it diverges, at 1 it ends as nan."""
    if rate > 1:
        raise Diverged("too large")
    return np.nan if rate == 1 else abs(np.log10(rate) + 1)


def test_the_best_is_found_and_what_diverged_counts_as_infinite():
    search = learning_rate_search(valley, [0.001, 0.1, 0.01, 1.0, 10.0])
    assert search.best == 0.1
    assert search.scores == pytest.approx([2, 0, 1, np.inf, np.inf])
    assert search.candidates.tolist() == [0.001, 0.1, 0.01, 1.0, 10.0]


def test_if_all_diverge_there_is_no_best():
    search = learning_rate_search(valley, [10.0, 100.0])
    with pytest.raises(ValueError, match="candidates have all diverged"):
        _ = search.best


def test_a_rate_of_zero_may_be_tried_too():
    assert learning_rate_search(lambda rate: 1 - rate, [0.0, 0.5]).scores.tolist() == [1, 0.5]


def test_another_error_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        learning_rate_search(lambda rate: 1 / 0, [0.1])


def test_log_uniform_gives_each_factor_of_ten_its_share(rng):
    draws = log_uniform(rng, 1e-4, 1e-1, 30_000)
    assert 1e-4 <= draws.min() < draws.max() < 1e-1
    for decade in (1e-4, 1e-3, 1e-2):
        share = ((draws >= decade) & (draws < 10 * decade)).mean()
        assert abs(share - 1 / 3) < 4 * np.sqrt(2 / 9 / 30_000)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda rng: learning_rate_search(valley, []), ValueError, "learning_rates must be a list"),
        (lambda rng: learning_rate_search(valley, 0.1), ValueError, "learning_rates must be a li"),
        (lambda rng: learning_rate_search(valley, [-1.0]), ValueError, "must be at least 0"),
        (lambda rng: learning_rate_search(valley, [np.nan]), ValueError, r"learning_rates\[0\] is"),
        (lambda rng: log_uniform(rng, 0, 1, 3), ValueError, "low must be greater than 0"),
        (lambda rng: log_uniform(rng, 1, 1, 3), ValueError, "high must be greater than 1"),
        (lambda rng: log_uniform(rng, 1, 2, 0), ValueError, "n must be at least 1"),
        (lambda rng: log_uniform(0, 1, 2, 3), TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, error, message, rng):
    with pytest.raises(error, match=message):
        make(rng)
