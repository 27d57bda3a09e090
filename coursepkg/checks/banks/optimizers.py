"""Exercises 07: update rules that keep their state, the memory of a running mean, schedules."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def shares(rng):
    """beta and t. 0.5 stays away: there both shares of a running mean are alike."""
    return {
        "three gradients": (0.8, 3),
        "one gradient": (0.9, 1),
        "the usual mean": (0.9, 12),
        "a short memory": (float(rng.uniform(0.1, 0.4)), 5),
        "a long memory": (0.999, 40),
    }


@question(shares)
def gradient_shares(beta, t):
    age = t - np.arange(1, t + 1)
    return (1 - beta) * beta**age


def journeys(rng, **settings):
    """Gradients to walk along. settings: of each name its value in the five cases by hand, the
    tiny gradients and the many steps."""
    by_hand = {
        "by hand": ([1.0], [[2.0], [1.0]], [0.1, 0.1]),
        "by hand, other settings": ([1.0], [[2.0], [1.0]], [0.1, 0.1]),
        "a rate that falls": ([1.0], [[2.0], [1.0], [-1.5]], [0.2, 0.1, 0.05]),
        "two parameters": ([1.0, -2.0], [[1.0, -3.0], [0.5, 2.0], [-2.0, 1.0]], [0.2, 0.2, 0.2]),
        "one parameter never has a gradient": ([2.0, 1.0], [[0.0, 1.0], [0.0, -3.0]], [0.1, 0.1]),
    }
    walks = {**by_hand, "tiny gradients": tiny(rng), "many steps": many(rng)}
    return {
        label: {
            "params": np.array(params),
            "gradients": np.array(gradients),
            "learning_rates": np.array(rates),
            **{name: values[i] for name, values in settings.items()},
        }
        for i, (label, (params, gradients, rates)) in enumerate(walks.items())
    }


def tiny(rng):
    """One of two parameters has gradients as small as the usual ε."""
    return rng.normal(0, 1, 2), rng.normal(0, 1, (6, 2)) * [1e-8, 1.0], np.full(6, 0.1)


def many(rng):
    """Fourteen steps at changing rates; in one of them all gradients are zero."""
    gradients = rng.normal(0, 1, (14, 3))
    gradients[5] = 0
    return rng.normal(0, 1, 3), gradients, rng.uniform(0.02, 0.1, 14)


def with_momentum(rng):
    return journeys(rng, momentum=(0.9, 0.6, 0.9, 0.8, 0.9, 0.9, 0.95))


@question(with_momentum, use=use.scheduled_steps, path=True)
class Momentum:
    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)

    def step(self):
        self.velocity = self.momentum * self.velocity + self.grads
        self.params -= self.learning_rate * self.velocity


@question(with_momentum, use=use.scheduled_steps, path=True)
class Nesterov:
    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)

    def step(self):
        self.velocity = self.momentum * self.velocity + self.grads
        self.params -= self.learning_rate * (self.grads + self.momentum * self.velocity)


def with_mean_square(rng):
    return journeys(
        rng,
        rho=(0.9, 0.8, 0.9, 0.6, 0.9, 0.9, 0.95),
        eps=(1e-8, 0.5, 1e-8, 1e-8, 1e-8, 1e-8, 0.001),
    )


@question(with_mean_square, use=use.scheduled_steps, path=True)
class RMSprop:
    def __init__(self, params, grads, learning_rate, rho, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.rho, self.eps = learning_rate, rho, eps
        self.mean_square = np.zeros_like(params)

    def step(self):
        self.mean_square = self.rho * self.mean_square + (1 - self.rho) * self.grads**2
        self.params -= self.learning_rate * self.grads / (np.sqrt(self.mean_square) + self.eps)


BETAS = {
    "beta1": (0.9, 0.8, 0.9, 0.6, 0.9, 0.9, 0.85),
    "beta2": (0.999, 0.9, 0.999, 0.8, 0.999, 0.999, 0.97),
    "eps": (1e-8, 0.5, 1e-8, 1e-8, 1e-8, 1e-8, 0.001),
}


def with_two_means(rng):
    return journeys(rng, **BETAS)


@question(with_two_means, use=use.scheduled_steps, path=True)
class Adam:
    def __init__(self, params, grads, learning_rate, beta1, beta2, eps):
        self.params, self.grads = params, grads
        self.learning_rate = learning_rate
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m, self.v = np.zeros_like(params), np.zeros_like(params)
        self.t = 0

    def step(self):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * self.grads
        self.v = self.beta2 * self.v + (1 - self.beta2) * self.grads**2
        m = self.m / (1 - self.beta1**self.t)
        v = self.v / (1 - self.beta2**self.t)
        self.params -= self.learning_rate * m / (np.sqrt(v) + self.eps)


def with_decay(rng):
    return journeys(rng, weight_decay=(0.1, 0.5, 0.2, 0.5, 0.5, 0.1, 0.4), **BETAS)


@question(with_decay, use=use.scheduled_steps, path=True)
class AdamW:
    def __init__(self, params, grads, learning_rate, weight_decay, beta1, beta2, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m, self.v = np.zeros_like(params), np.zeros_like(params)
        self.t = 0

    def step(self):
        self.params *= 1 - self.learning_rate * self.weight_decay
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * self.grads
        self.v = self.beta2 * self.v + (1 - self.beta2) * self.grads**2
        m = self.m / (1 - self.beta1**self.t)
        v = self.v / (1 - self.beta2**self.t)
        self.params -= self.learning_rate * m / (np.sqrt(v) + self.eps)


def schedules(rng):
    rate, final = float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.001, 0.02))
    return {
        "six steps": {
            "learning_rate": 1.0, "warm_up": 2, "total": 6, "final": 0.2, "steps": np.arange(8)
        },
        "down to zero": {
            "learning_rate": 0.3, "warm_up": 5, "total": 15, "final": 0.0, "steps": np.arange(20)
        },
        "a long training": {
            "learning_rate": rate, "warm_up": 20, "total": 200, "final": final,
            "steps": np.arange(0, 260, 7),
        },
    }  # fmt: skip


@question(schedules, use=use.values_of, path=True)
def warm_up_cosine(learning_rate, warm_up, total, final):
    def schedule(step):
        if step < warm_up:
            return learning_rate * (step + 1) / warm_up
        done = min((step - warm_up) / (total - warm_up), 1.0)
        return final + (learning_rate - final) * (1 + np.cos(np.pi * done)) / 2

    return schedule


def ravines(rng):
    """Curvatures in no order, so that their places say nothing."""
    return {
        "the ravine": ([1.0, 49.0],),
        "three directions": ([9.0, 1.0, 4.0],),
        "a flat bowl": ([0.25, 0.01, 0.2, 0.16],),
        "any": (np.append(rng.uniform(0.5, 20, 5), 3.0),),
    }


def rate_from_momentum(given, curvatures):
    """The learning rate that belongs to the momentum that was given.

    With a wrong momentum the two ends of the band disagree; either one is right then.
    """
    shrink = np.sqrt(given["momentum"])
    ends = (1 - shrink) ** 2 / curvatures.min(), (1 + shrink) ** 2 / curvatures.max()
    return {
        "momentum": ravine_settings(curvatures)[0],
        "learning_rate": min(ends, key=lambda end: abs(end - given["learning_rate"])),
    }


@question(ravines, follow=rate_from_momentum)
def ravine_settings(curvatures):
    root = np.sqrt(curvatures.max() / curvatures.min())
    factor = (root - 1) / (root + 1)
    return factor**2, (1 + factor) ** 2 / curvatures.max()
