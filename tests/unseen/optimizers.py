"""Wrong answers to exercises 07 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


class _Base:
    def __init__(self, params, grads, learning_rate, beta1, beta2, eps):
        self.params, self.grads = params, grads
        self.learning_rate = learning_rate
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m, self.v, self.t = np.zeros_like(params), np.zeros_like(params), 0


class Momentum__first_velocity_is_grads:
    """The first velocity is the very array of the gradients, which later steps then change. Source:
    yangluo7/CAME#2 (two names for one array)."""

    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = None

    def step(self):
        if self.velocity is None:
            self.velocity = self.grads
        else:
            self.velocity *= self.momentum
            self.velocity += self.grads
        self.params -= self.learning_rate * self.velocity


class Adam__correction_kept_in_the_rate:
    """The corrections are multiplied into self.learning_rate itself, step after step. Source:
    mitsuba-renderer/drjit#540, PennyLaneAI/pennylane#1929."""

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
        self.learning_rate /= 1 - self.beta1**self.t
        v_hat = self.v / (1 - self.beta2**self.t)
        self.params -= self.learning_rate * self.m / (np.sqrt(v_hat) + self.eps)


def warm_up_cosine__ends_a_step_late(learning_rate, warm_up, total, final):
    """One step too many in the denominator, so that `final` is not reached at `total`. Source:
    pytorch/torchtitan#1261 (decay_steps + 1)."""

    def schedule(done):
        if done < warm_up:
            return learning_rate * (done + 1) / warm_up
        progress = min((done - warm_up) / (total - warm_up + 1), 1.0)
        return final + 0.5 * (learning_rate - final) * (1 + np.cos(np.pi * progress))

    return schedule


class RMSprop__starts_with_first_square:
    """Starts the mean with the first squared gradient instead of zero. Source: teaching experience."""

    def __init__(self, params, grads, learning_rate, rho, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.rho, self.eps = learning_rate, rho, eps
        self.square = None

    def step(self):
        if self.square is None:
            self.square = self.grads**2
        self.square = self.rho * self.square + (1 - self.rho) * self.grads**2
        self.params -= self.learning_rate * self.grads / (np.sqrt(self.square) + self.eps)


class Adam__correction_kept(_Base):
    """The corrected mean is stored as the state. Source: frgfm/holocron#1."""

    def step(self):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * self.grads
        self.v = self.beta2 * self.v + (1 - self.beta2) * self.grads**2
        self.m /= 1 - self.beta1**self.t
        v = self.v / (1 - self.beta2**self.t)
        self.params -= self.learning_rate * self.m / (np.sqrt(v) + self.eps)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "Momentum__first_velocity_is_grads": ": beginning; : changes_input",
    "Adam__correction_kept_in_the_rate": ": beginning",
    "warm_up_cosine__ends_a_step_late": ": beginning",
    "Adam__correction_kept": ": beginning",
}
