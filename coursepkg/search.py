"""Search for a learning rate, or another single number, by trying candidates."""

from dataclasses import dataclass

import numpy as np

from coursepkg.arguments import finite_array, generator, real_number, whole_number
from coursepkg.training import Diverged


@dataclass(frozen=True)
class Search:
    """candidates and scores, shape (n,), in the order tried; inf where training diverged."""

    candidates: np.ndarray
    scores: np.ndarray

    @property
    def best(self):
        """The candidate with the lowest score; ValueError if all have diverged."""
        if not np.isfinite(self.scores).any():
            raise ValueError("candidates have all diverged, so there is no best one")
        return float(self.candidates[np.argmin(self.scores)])


def learning_rate_search(train, learning_rates):
    """Call train(learning_rate) -> score for each rate; the score is a loss, the lower the better.

    train should start from scratch with the same seed, so that only the rate differs. A run
    that raises Diverged, or whose score is not finite, counts as inf. Returns a Search.
    """
    learning_rates = finite_array(learning_rates, "learning_rates")
    if learning_rates.ndim != 1 or learning_rates.size == 0:
        raise ValueError(f"learning_rates must be a list, got shape {learning_rates.shape}")
    if learning_rates.min() < 0:
        raise ValueError(f"learning_rates must be at least 0, got {learning_rates.min()}")
    return Search(learning_rates, np.array([_score(train, float(r)) for r in learning_rates]))


def _score(train, learning_rate):
    try:
        score = float(train(learning_rate))
    except Diverged:
        return np.inf
    return score if np.isfinite(score) else np.inf


def log_uniform(rng, low, high, n):
    """n random numbers between low > 0 and high > low, each factor of ten equally likely.

    Source: Bergstra and Bengio (2012), for searching at random.
    """
    generator(rng)
    low = real_number(low, "low", above=0)
    high = real_number(high, "high", above=low)
    n = whole_number(n, "n", low=1)
    return np.exp(rng.uniform(np.log(low), np.log(high), size=n))
