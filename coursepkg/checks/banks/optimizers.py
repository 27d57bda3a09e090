"""Exercises 07: update rules that keep their state, the memory of a running mean, schedules."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def gradient_shares(beta, t):
    age = t - np.arange(1, t + 1)
    return (1 - beta) * beta**age


class Momentum:
    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)

    def step(self):
        self.velocity = self.momentum * self.velocity + self.grads
        self.params -= self.learning_rate * self.velocity


class Nesterov:
    def __init__(self, params, grads, learning_rate, momentum):
        self.params, self.grads = params, grads
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = np.zeros_like(params)

    def step(self):
        self.velocity = self.momentum * self.velocity + self.grads
        self.params -= self.learning_rate * (self.grads + self.momentum * self.velocity)


class RMSprop:
    def __init__(self, params, grads, learning_rate, rho, eps):
        self.params, self.grads = params, grads
        self.learning_rate, self.rho, self.eps = learning_rate, rho, eps
        self.mean_square = np.zeros_like(params)

    def step(self):
        self.mean_square = self.rho * self.mean_square + (1 - self.rho) * self.grads**2
        self.params -= self.learning_rate * self.grads / (np.sqrt(self.mean_square) + self.eps)


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


def warm_up_cosine(learning_rate, warm_up, total, final):
    def schedule(step):
        if step < warm_up:
            return learning_rate * (step + 1) / warm_up
        done = min((step - warm_up) / (total - warm_up), 1.0)
        return final + (learning_rate - final) * (1 + np.cos(np.pi * done)) / 2

    return schedule


def ravine_settings(curvatures):
    root = np.sqrt(curvatures.max() / curvatures.min())
    factor = (root - 1) / (root + 1)
    return factor**2, (1 + factor) ** 2 / curvatures.max()


def shares(rng):
    """beta and t. 0.5 stays away: there both shares of a running mean are alike."""
    return {
        "three gradients": {"beta": 0.8, "t": 3},
        "one gradient": {"beta": 0.9, "t": 1},
        "the usual mean": {"beta": 0.9, "t": 12},
        "a short memory": {"beta": float(rng.uniform(0.1, 0.4)), "t": 5},
        "a long memory": {"beta": 0.999, "t": 40},
    }


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


def with_mean_square(rng):
    return journeys(
        rng,
        rho=(0.9, 0.8, 0.9, 0.6, 0.9, 0.9, 0.95),
        eps=(1e-8, 0.5, 1e-8, 1e-8, 1e-8, 1e-8, 0.001),
    )


BETAS = {
    "beta1": (0.9, 0.8, 0.9, 0.6, 0.9, 0.9, 0.85),
    "beta2": (0.999, 0.9, 0.999, 0.8, 0.999, 0.999, 0.97),
    "eps": (1e-8, 0.5, 1e-8, 1e-8, 1e-8, 1e-8, 0.001),
}


def with_two_means(rng):
    return journeys(rng, **BETAS)


def with_decay(rng):
    return journeys(rng, weight_decay=(0.1, 0.5, 0.2, 0.5, 0.5, 0.1, 0.4), **BETAS)


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


def ravines(rng):
    """Curvatures in no order, so that their places say nothing."""
    return {
        "the ravine": {"curvatures": np.array([1.0, 49.0])},
        "three directions": {"curvatures": np.array([9.0, 1.0, 4.0])},
        "a flat bowl": {"curvatures": np.array([0.25, 0.01, 0.2, 0.16])},
        "any": {"curvatures": np.append(rng.uniform(0.5, 20, 5), 3.0)},
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


REBINDS = (
    "`params` never changes. `self.params = self.params - …` makes a new array, and the model goes "
    "on with the old one: write into it, with `-=`."
)
CLIMBS = "It climbs: the step has to be subtracted from the parameters."
STEP = "self.params -= self.learning_rate"
FIRST, SECOND = "m = self.m / (1 - self.beta1**self.t)", "v = self.v / (1 - self.beta2**self.t)"
ADAM = STEP + " * m / (np.sqrt(v) + self.eps)"
WARM_UP = "if step < warm_up:\n            return learning_rate * (step + 1) / warm_up\n"
DECAY = "self.params *= 1 - self.learning_rate * self.weight_decay"

FIRST_GRADIENT_KEPT = Mistake(
    "In the first step the velocity becomes the array `grads` itself, into which the model writes "
    "the next gradient: the first one is forgotten, and the second counts 1 + μ times. Take a "
    "copy.",
    {
        "np.zeros_like(params)": "None",
        "self.velocity = self.momentum * self.velocity + self.grads": "old = self.velocity\n"
        "        self.velocity = self.grads if old is None else self.momentum * old + self.grads",
    },
)


def of_the_class(name, words):
    """The state is made once, in the class, and a second optimizer goes on with it."""
    return Mistake(
        f"{words} belongs to the class, so that all optimizers share it: a second one goes on "
        "with what the first one left, even if the shapes do not fit. Make it anew in `__init__`, "
        "in `self`.",
        {
            f"self.{name} = np.zeros_like(params)": f"if not hasattr(self, '{name}'):\n"
            f"            type(self).{name} = np.zeros_like(params)",
            f"        self.{name} = self.": f"        type(self).{name} = self.",
        },
    )


VELOCITY = "self.velocity = self.momentum * self.velocity + self.grads"
OF_THE_VELOCITY = {
    "mu_on_the_gradient": Mistake(
        "μ multiplies the new gradient, and the old velocity never fades. It belongs to the old "
        "velocity; the gradient enters whole.",
        {VELOCITY: "self.velocity += self.momentum * self.grads"},
    ),
    "share_enters_and_nothing_fades": Mistake(
        "The gradient enters with 1 − μ, and the old velocity never fades. μ belongs to the old "
        "velocity; the gradient enters whole.",
        {VELOCITY: "self.velocity += (1 - self.momentum) * self.grads"},
    ),
    "velocity_of_the_class": of_the_class("velocity", "The velocity"),
}
AFTER_THE_END = "if step >= total:\n            return final\n        done = (step - warm_up) / "
DONE = "done = min((step - warm_up) / (total - warm_up), 1.0)"
WAVE = "(1 + np.cos(np.pi * done)) / 2"
MEANS = "self.m, self.v = np.zeros_like(params), np.zeros_like(params)\n        self.t = 0"

OF_ADAM = {
    "no_correction": Mistake(
        "The bias correction is missing. Both means begin at zero and are too small at "
        "first: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ.",
        {FIRST: "m = self.m", SECOND: "v = self.v"},
    ),
    "second_not_corrected": Mistake(
        "m is corrected and v is not. v is at first a thousandth of the square, so the "
        "steps are far too long; divide it by 1 − β₂ᵗ.",
        {SECOND: "v = self.v"},
    ),
    "first_not_corrected": Mistake(
        "v is corrected and m is not, so that the first steps are too short: divide m by 1 − β₁ᵗ.",
        {FIRST: "m = self.m"},
    ),
    "t_from_zero": Mistake(
        "In the first step t is still 0, and both corrections divide by 1 − β⁰ = 0. "
        "Count the step first.",
        {
            "        self.t += 1\n": "",
            "(np.sqrt(v) + self.eps)": "(np.sqrt(v) + self.eps)\n        self.t += 1",
        },
    ),
    "t_one_ahead": Mistake(
        "t is 2 in the first step: it begins at 1 and is counted up before it is used.",
        {"self.t = 0": "self.t = 1"},
    ),
    "t_stands_still": Mistake(
        "t stays at 1: every step is corrected like the first. It has to be kept in "
        "`self` and counted up.",
        {"self.t += 1": "self.t = 1"},
    ),
    "times_t": Mistake(
        "The correction has β · t, where the power βᵗ belongs. For t = 1 they are "
        "alike, later 1 − β · t is negative and its root NaN.",
        {"beta1**self.t": "beta1 * self.t", "beta2**self.t": "beta2 * self.t"},
    ),
    "correction_stays": Mistake(
        "The corrected means are stored in place of the means, and in the next step "
        "they are corrected again. Keep m and v as they are; correct a copy.",
        {FIRST: "m = self." + FIRST, SECOND: "v = self." + SECOND},
    ),
    "eps_inside": Mistake(
        "ε stands under the root, where its root counts: 10⁻⁸ becomes 10⁻⁴. Here it is "
        "added to the root.",
        {"(np.sqrt(v) + self.eps)": "np.sqrt(v + self.eps)"},
    ),
    "eps_before_correction": Mistake(
        "ε is added to the root of v before the correction, as Keras does, and is then "
        "divided by √(1 − β₂ᵗ) with it. Here it is added to the corrected root.",
        {"+ self.eps)": "+ self.eps / np.sqrt(1 - self.beta2**self.t))"},
    ),
    "no_eps": Mistake(
        "ε is missing. It is there for a parameter that has never had a gradient, "
        "which without it gets 0/0, and that is NaN.",
        {"(np.sqrt(v) + self.eps)": "np.sqrt(v)"},
    ),
    "eps_outside": Mistake(
        "ε is added to the whole step, not to the root: there are no parentheses "
        "around root plus ε.",
        {"(np.sqrt(v) + self.eps)": "np.sqrt(v) + self.eps"},
    ),
    "root_missing": Mistake(
        "The root is missing: v is a mean of squares, and only its root has the unit "
        "of a gradient.",
        {"np.sqrt(v) +": "v +"},
    ),
    "betas_exchanged": Mistake(
        "β₁ and β₂ are exchanged: β₁ belongs to the mean of the gradients, β₂ to that "
        "of their squares.",
        {"= beta1, beta2, eps": "= beta2, beta1, eps"},
    ),
    "first_beta_in_both_means": Mistake(
        "v is computed with β₁, as m is. To the mean of the squares belongs β₂.",
        {"self.beta2 * self.v + (1 - self.beta2)": "self.beta1 * self.v + (1 - self.beta1)"},
    ),
    "first_beta_in_both_corrections": Mistake(
        "v is divided by 1 − β₁ᵗ, as m is. To v belongs 1 − β₂ᵗ.",
        {"self.beta2**self.t": "self.beta1**self.t"},
    ),
    "power_of_difference": Mistake(
        "The power is taken of 1 − β. The correction is 1 − βᵗ: first the power, then "
        "the difference.",
        {
            "(1 - self.beta1**self.t)": "(1 - self.beta1) ** self.t",
            "(1 - self.beta2**self.t)": "(1 - self.beta2) ** self.t",
        },
    ),
    "means_lost": Mistake(
        "The means are lost between two steps: each knows only the gradient of its own "
        "step. Keep the new m and v in `self`.",
        {"self.beta1 * self.m + ": "", "self.beta2 * self.v + ": ""},
    ),
    "entry_shares_missing": Mistake(
        "The gradient and its square enter whole. In a running mean they enter with "
        "1 − β₁ and 1 − β₂, and only to such means do the corrections fit.",
        {
            "(1 - self.beta1) * self.grads\n": "self.grads\n",
            "(1 - self.beta2) * self.grads**2": "self.grads**2",
        },
    ),
    "square_missing": Mistake(
        "v is the mean of the gradients themselves, which can be negative. Their "
        "squares belong into it.",
        {"self.grads**2": "self.grads"},
    ),
    "one_array_for_both": Mistake(
        "`self.m = self.v = …` is one array with two names: what is written into one "
        "of them is in both. Make an array for each.",
        {
            "self.m, self.v = np.zeros_like(params), np": "self.m = self.v = np",
            "self.m = self.beta1 * self.m + ": "self.m *= self.beta1\n        self.m += ",
            "self.v = self.beta2 * self.v + ": "self.v *= self.beta2\n        self.v += ",
        },
    ),
    "shares_exchanged": Mistake(
        "The shares are exchanged in both means: β is what the old mean keeps, 1 − β "
        "what the new number gets.",
        {
            "self.beta1 * self.m + (1 - self.beta1) *": "(1 - self.beta1) * self.m + self.beta1 *",
            "self.beta2 * self.v + (1 - self.beta2) *": "(1 - self.beta2) * self.v + self.beta2 *",
        },
    ),
    "gradient_for_mean": Mistake(
        "Above the root stands the gradient of this step. It should be m, the "
        "corrected mean; without it this is RMSprop with a correction.",
        {"self.learning_rate * m /": "self.learning_rate * self.grads /"},
    ),
    "corrections_multiplied": Mistake(
        "The means are multiplied by 1 − βᵗ, which makes them smaller still. They begin at zero "
        "and are too small at first: divide.",
        {FIRST: FIRST.replace("/", "*"), SECOND: SECOND.replace("/", "*")},
    ),
    "t_counts_parameters": Mistake(
        "t is counted up for each parameter and not for each step, so that with several "
        "parameters it runs ahead. Count once, before the loop over them.",
        {
            "self.t = 0": "self.t = 1 - np.arange(params.size, 0, -1)",
            "self.t += 1": "self.t += self.params.size",
        },
    ),
    "rebinds": Mistake(REBINDS, {STEP: STEP.replace("-=", "= self.params -")}),
    "climbs": Mistake(CLIMBS, {STEP: STEP.replace("-=", "+=")}),
    "nothing_fades": Mistake(
        "The old means keep all of themselves, so that they only pile up. They keep "
        "the shares β₁ and β₂.",
        {"self.beta1 * self.m + ": "self.m + ", "self.beta2 * self.v + ": "self.v + "},
    ),
    "betas_on_the_new": Mistake(
        "β₁ multiplies the gradient and β₂ its square, and the old means never "
        "fade. The old means keep the shares β; what is new enters with 1 − β.",
        {
            "self.beta1 * self.m + (1 - self.beta1) *": "self.m + self.beta1 *",
            "self.beta2 * self.v + (1 - self.beta2) *": "self.v + self.beta2 *",
        },
    ),
    "square_of_the_mean": Mistake(
        "v is a mean of the gradients that is squared afterwards, so that gradients "
        "of opposite signs cancel. Square first: v is a mean of squares.",
        {"self.grads**2": "self.grads", SECOND: "v = (self.v / (1 - self.beta2**self.t)) ** 2"},
    ),
    "mean_squared_for_v": Mistake(
        "Into v enters the square of m, in which gradients of opposite signs "
        "cancel. The square of the gradient itself belongs there.",
        {"self.grads**2": "self.m**2"},
    ),
    "share_squared": Mistake(
        "In v the share 1 − β₂ is squared together with the gradient. Only the "
        "gradient is squared.",
        {"(1 - self.beta2) * self.grads**2": "((1 - self.beta2) * self.grads) ** 2"},
    ),
    "means_of_the_class": Mistake(
        "m, v and t belong to the class, so that all optimizers share them: a "
        "second one goes on with what the first one left, even if the shapes do not "
        "fit. Make them anew in `__init__`, in `self`.",
        {
            MEANS: "if not hasattr(self, 'm'):\n"
            "            type(self).m = type(self).v = np.zeros_like(params)\n"
            "            type(self).t = 0",
            "(np.sqrt(v) + self.eps)": "(np.sqrt(v) + self.eps)\n"
            "        type(self).m, type(self).v, type(self).t = self.m, self.v, self.t",
        },
    ),
}

SET = ExerciseSet(
    "07_optimizers",
    (
        Question(
            gradient_shares,
            points=1,
            cases=shares,
            mistakes={
                "newest_first": Mistake(
                    "The shares are right, but in reversed order: the oldest gradient, the first, "
                    "has been multiplied by β most often and has the smallest share.",
                    {"t - np.arange(1, t + 1)": "np.arange(t)"},
                ),
                "entry_share_missing": Mistake(
                    "The factor 1 − β is missing, with which each gradient enters.",
                    {"(1 - beta) * beta**age": "beta**age"},
                ),
                "shares_exchanged": Mistake(
                    "The two shares are exchanged in front: a gradient enters with 1 − β; β is "
                    "what the old mean keeps.",
                    {"(1 - beta) * beta**age": "beta * beta**age"},
                ),
                "one_step_too_old": Mistake(
                    "Each gradient is multiplied by β once too often. The newest has just come in "
                    "and has not been multiplied by β at all.",
                    {"t - np.arange(1, t + 1)": "t + 1 - np.arange(1, t + 1)"},
                ),
                "corrected": Mistake(
                    "These shares add up to 1, so they are those of m / (1 − βᵗ), after the bias "
                    "correction. Asked for is m itself.",
                    {"beta**age": "beta**age / (1 - beta**t)"},
                ),
                "begins_at_first_gradient": Mistake(
                    "This is a mean that begins at the first gradient. Here it begins at zero, so "
                    "the first gradient enters with 1 − β like all others.",
                    {"(1 - beta) * beta": "np.where(age == t - 1, 1, 1 - beta) * beta"},
                ),
                "plain_mean": Mistake(
                    "This is the plain mean, in which all gradients count alike. A running mean "
                    "forgets: each older one counts β times as much as the next.",
                    {"(1 - beta) * beta**age": "beta ** (0 * age) / t"},
                ),
            },
            hints=(
                "Follow one gradient: what happens to it when it enters, and what in each step "
                "after that?",
                "It enters with the factor 1 − β. Gradient number i then goes through t − i more "
                "steps, and each of them multiplies it by β.",
                "`age = t - np.arange(1, t + 1)` counts these steps, oldest gradient first; then "
                "`return (1 - beta) * beta**age`.",
            ),
        ),
        Question(
            Momentum,
            points=2,
            cases=with_momentum,
            use=use.scheduled_steps,
            path=True,
            mistakes={
                "velocity_lost": Mistake(
                    "These are the steps of plain gradient descent: nothing of the velocity "
                    "reaches the next step. Keep it in `self`, and step along it.",
                    {"self.momentum * self.velocity + self.grads": "self.grads"},
                ),
                "rate_inside": Mistake(
                    "The learning rate is inside the velocity, so that old gradients keep the "
                    "rate they came in with. Here it stands outside, and a new rate applies to "
                    "the whole velocity.",
                    {
                        "+ self.grads": "+ self.learning_rate * self.grads",
                        STEP + " * self.velocity": "self.params -= self.velocity",
                    },
                ),
                "running_mean": Mistake(
                    "The gradient enters with the factor 1 − μ, as in a running mean. That makes "
                    "the steps 1 − μ times as long; here it enters whole.",
                    {"+ self.grads": "+ (1 - self.momentum) * self.grads"},
                ),
                "shares_exchanged": Mistake(
                    "The shares are exchanged: μ is what the old velocity keeps. Here it "
                    "multiplies the gradient, and the velocity keeps 1 − μ.",
                    {
                        "self.momentum * self.velocity + self.grads": "(1 - self.momentum)"
                        " * self.velocity + self.momentum * self.grads"
                    },
                ),
                "gradient_fades_at_once": Mistake(
                    "Every step is μ times too short: μ multiplies the new gradient, or the step, "
                    "as well. It belongs to the old velocity alone.",
                    {
                        "self.momentum * self.velocity + self.grads": "self.momentum"
                        " * (self.velocity + self.grads)"
                    },
                ),
                "nothing_fades": Mistake(
                    "The velocity keeps all of itself, as if μ were 1: a ball without friction. It "
                    "has to be multiplied by μ in each step.",
                    {"self.momentum * self.velocity + self.grads": "self.velocity + self.grads"},
                ),
                "old_velocity": Mistake(
                    "The step is taken along the old velocity, before the new gradient has been "
                    "added to it, so that everything comes one step late.",
                    {
                        "        self.velocity = self.momentum": "        old = self.velocity\n"
                        "        self.velocity = self.momentum",
                        "self.learning_rate * self.velocity": "self.learning_rate * old",
                    },
                ),
                "nesterov": Mistake(
                    "This is Nesterov's step, along the gradient plus μ times the velocity. "
                    "Momentum goes along the velocity itself.",
                    {
                        "self.learning_rate * self.velocity": "self.learning_rate"
                        " * (self.grads + self.momentum * self.velocity)"
                    },
                ),
                "gradient_twice": Mistake(
                    "The gradient counts twice: it is in the velocity already, and is added to the "
                    "step once more.",
                    {
                        "self.learning_rate * self.velocity": "self.learning_rate"
                        " * (self.grads + self.velocity)"
                    },
                ),
                "velocity_is_the_gradient": Mistake(
                    "The velocity is the array `grads` itself and not one of its own: whoever "
                    "writes into one of them writes into both. Begin with `np.zeros_like(params)`.",
                    {
                        "np.zeros_like(params)": "grads",
                        "self.velocity = self.momentum * self.velocity + self": "self.velocity *= "
                        "self.momentum\n        self.velocity += self",
                    },
                ),
                "first_gradient_kept": FIRST_GRADIENT_KEPT,
                "rebinds": Mistake(REBINDS, {STEP: STEP.replace("-=", "= self.params -")}),
                "climbs": Mistake(CLIMBS, {STEP: STEP.replace("-=", "+=")}),
                **OF_THE_VELOCITY,
            },
            hints=(
                "Two things happen in a step. Which of the class's arrays changes first, and which "
                "must still be there in the next step?",
                "First the velocity: a share μ of the old one, plus the gradient. Then the "
                "parameters: minus the learning rate times the new velocity, in place.",
                "`self.velocity = self.momentum * self.velocity + self.grads`; it begins with "
                "`np.zeros_like(params)`, and the step is a `-=`.",
            ),
        ),
        Question(
            Nesterov,
            points=2,
            cases=with_momentum,
            use=use.scheduled_steps,
            path=True,
            mistakes={
                "plain_momentum": Mistake(
                    "This is plain momentum. The gradient plus μ times the old velocity is just "
                    "the velocity; Nesterov's step goes along the gradient plus μ times the new "
                    "one.",
                    {"(self.grads + self.momentum * self.velocity)": "self.velocity"},
                ),
                "gradient_missing": Mistake(
                    "The step is only μ times the velocity. The gradient itself belongs to it, "
                    "too.",
                    {"(self.grads + self.momentum": "(self.momentum"},
                ),
                "momentum_missing": Mistake(
                    "The whole velocity is in the step. There it has to be multiplied by μ once "
                    "more.",
                    {"self.grads + self.momentum * self.velocity)": "self.grads + self.velocity)"},
                ),
                "momentum_of_both": Mistake(
                    "μ multiplies the gradient as well. In the step it belongs to the velocity "
                    "alone.",
                    {
                        "(self.grads + self.momentum * self.velocity)": "self.momentum"
                        " * (self.grads + self.velocity)"
                    },
                ),
                "running_mean": Mistake(
                    "The gradient enters the velocity with the factor 1 − μ, as in a running mean. "
                    "Here it enters whole.",
                    {
                        "self.velocity + self.grads\n": "self.velocity"
                        " + (1 - self.momentum) * self.grads\n"
                    },
                ),
                "parentheses": Mistake(
                    "The learning rate multiplies the gradient alone. It stands before the whole "
                    "step, so parentheses are needed.",
                    {
                        "(self.grads + self.momentum * self.velocity)": "self.grads"
                        " + self.momentum * self.velocity"
                    },
                ),
                "ahead_twice": Mistake(
                    "It goes ahead by ημv and makes the whole step of momentum from there. The "
                    "parameters are the point ahead already, so the old velocity counts twice.",
                    {
                        "        self.velocity = self.momentum": "        self.params -= "
                        "self.learning_rate * self.momentum * self.velocity\n"
                        "        self.velocity = self.momentum",
                        "(self.grads + self.momentum * self.velocity)": "self.velocity",
                    },
                ),
                "velocity_lost": Mistake(
                    "The velocity of the step before is lost: the new one is the gradient alone, "
                    "and each step is 1 + μ times one of gradient descent.",
                    {"self.momentum * self.velocity + self.grads\n": "self.grads\n"},
                ),
                "rate_inside": Mistake(
                    "The learning rate is inside the velocity, so that old gradients keep the rate "
                    "they came in with. Here it stands outside and multiplies the whole step.",
                    {
                        "self.velocity + self.grads": "self.velocity"
                        " + self.learning_rate * self.grads",
                        STEP + " * (self.grads + self.momentum": "self.params -= ("
                        "self.learning_rate * self.grads + self.momentum",
                    },
                ),
                "writes_into_gradient": Mistake(
                    "The steps are right, but the look ahead is added into `self.grads`. That "
                    "array is the model's, and is only to be read: use one of your own.",
                    {
                        STEP + " * (self.grads + self.momentum * self.velocity)": "self.grads += "
                        "self.momentum * self.velocity\n        " + STEP + " * self.grads"
                    },
                ),
                "first_gradient_kept": FIRST_GRADIENT_KEPT,
                "rebinds": Mistake(REBINDS, {STEP: STEP.replace("-=", "= self.params -")}),
                "climbs": Mistake(CLIMBS, {STEP: STEP.replace("-=", "+=")}),
                "sign_in_the_parentheses": Mistake(
                    "μ times the velocity has the wrong sign: it is taken off from the gradient, "
                    "as when parentheses are missing. Both are added, and their sum is the step.",
                    {"(self.grads + self.momentum": "(self.grads - self.momentum"},
                ),
                "momentum_step_as_well": Mistake(
                    "It makes the step of momentum, along the whole velocity, and another one "
                    "along μ times velocity plus gradient. Only the gradient and μ times the "
                    "velocity belong to the step.",
                    {
                        "(self.grads + self.momentum * self.velocity)": "(self.velocity"
                        " + self.momentum * (self.velocity + self.grads))"
                    },
                ),
                "velocity_for_gradient": Mistake(
                    "Beside μ times the velocity stands the whole velocity. There should be the "
                    "gradient alone.",
                    {"(self.grads + self.momentum": "(self.velocity + self.momentum"},
                ),
                **OF_THE_VELOCITY,
                "shares_exchanged": Mistake(
                    "The shares in the velocity are exchanged: μ is what the old velocity "
                    "keeps. Here it multiplies the gradient, and the velocity keeps 1 − μ.",
                    {
                        VELOCITY: "self.velocity = (1 - self.momentum) * self.velocity"
                        " + self.momentum * self.grads"
                    },
                ),
                "gradient_fades_at_once": Mistake(
                    "In the velocity μ multiplies the new gradient as well. There it belongs to "
                    "the old velocity alone.",
                    {VELOCITY: "self.velocity = self.momentum * (self.velocity + self.grads)"},
                ),
                "nothing_fades": Mistake(
                    "The velocity keeps all of itself, as if μ were 1: a ball without friction. "
                    "It has to be multiplied by μ in each step.",
                    {VELOCITY: "self.velocity = self.velocity + self.grads"},
                ),
            },
            hints=(
                "The velocity is that of momentum, in the same line. Only the step is another one.",
                "From the chapter: pₜ₊₁ = pₜ − η (g + μ vₜ₊₁). The v in it is the one that has "
                "already taken in g.",
                "`self.params -= self.learning_rate * (self.grads + self.momentum * "
                "self.velocity)`, after the velocity has been brought up to date.",
            ),
        ),
        Question(
            RMSprop,
            points=2,
            cases=with_mean_square,
            use=use.scheduled_steps,
            path=True,
            mistakes={
                "sum_of_squares": Mistake(
                    "The squares pile up and nothing fades, which is AdaGrad: its steps get ever "
                    "shorter. Here the mean keeps a share ρ and takes in 1 − ρ.",
                    {"self.rho * self.mean_square + (1 - self.rho) *": "self.mean_square +"},
                ),
                "entry_share_missing": Mistake(
                    "The new square enters whole. In a running mean it enters with 1 − ρ; "
                    "otherwise it is not a mean, but several times as large.",
                    {"(1 - self.rho) * self.grads**2": "self.grads**2"},
                ),
                "shares_exchanged": Mistake(
                    "The shares are exchanged: ρ is what the old mean keeps, 1 − ρ what the new "
                    "square gets.",
                    {
                        "self.rho * self.mean_square + (1 - self.rho) *": "(1 - self.rho)"
                        " * self.mean_square + self.rho *"
                    },
                ),
                "mean_lost": Mistake(
                    "The mean is lost between two steps: each divides by the root of (1 − ρ) g², "
                    "its own gradient alone. Keep the mean in `self`.",
                    {"self.rho * self.mean_square + (1": "(1"},
                ),
                "old_mean": Mistake(
                    "The step divides by the old mean, which does not know the new gradient. In "
                    "the first step that is zero. Bring the mean up to date first.",
                    {
                        "        self.mean_square = self.rho": "        old = self.mean_square\n"
                        "        self.mean_square = self.rho",
                        "np.sqrt(self.mean_square)": "np.sqrt(old)",
                    },
                ),
                "eps_inside": Mistake(
                    "ε stands under the root, where its root counts: 10⁻⁸ becomes 10⁻⁴. Here it is "
                    "added to the root.",
                    {"square) + self.eps)": "square + self.eps))"},
                ),
                "no_eps": Mistake(
                    "ε is missing. It is there for a parameter that has never had a gradient, "
                    "which without it gets 0/0, and that is NaN.",
                    {"(np.sqrt(self.mean_square) + self.eps)": "np.sqrt(self.mean_square)"},
                ),
                "eps_outside": Mistake(
                    "ε is added to the whole step, not to the root: there are no parentheses "
                    "around root plus ε.",
                    {
                        "(np.sqrt(self.mean_square) + self.eps)": "np.sqrt(self.mean_square)"
                        " + self.eps"
                    },
                ),
                "root_missing": Mistake(
                    "The root is missing: the gradient is divided by the mean of its squares, so "
                    "that small gradients make the longest steps.",
                    {"np.sqrt(self.mean_square) +": "self.mean_square +"},
                ),
                "bias_corrected": Mistake(
                    "The mean is divided by 1 − ρᵗ, as Adam does. RMSprop has no such correction, "
                    "and its first steps are longer.",
                    {
                        "self.mean_square = np": "self.t = 0\n        self.mean_square = np",
                        "self.mean_square = self": "self.t += 1\n        self.mean_square = self",
                        "np.sqrt(self.mean_square)": "np.sqrt(self.mean_square"
                        " / (1 - self.rho**self.t))",
                    },
                ),
                "one_mean_for_all": Mistake(
                    "The mean is taken over all parameters, so that all are divided by the same "
                    "number. It is a mean over time, for each parameter by itself.",
                    {"self.grads**2": "np.mean(self.grads**2)"},
                ),
                "square_missing": Mistake(
                    "The mean is that of the gradients' sizes, without the squares: the root then "
                    "has the wrong unit. Square them before they enter.",
                    {"self.grads**2": "np.abs(self.grads)"},
                ),
                "rebinds": Mistake(REBINDS, {STEP: STEP.replace("-=", "= self.params -")}),
                "climbs": Mistake(CLIMBS, {STEP: STEP.replace("-=", "+=")}),
                "nothing_fades": Mistake(
                    "The new square enters with 1 − ρ, but the old mean keeps all of itself, so "
                    "that it only grows. It keeps a share ρ.",
                    {"self.rho * self.mean_square +": "self.mean_square +"},
                ),
                "rho_on_the_square": Mistake(
                    "ρ multiplies the new square, and the old mean never fades. The old mean "
                    "keeps the share ρ; the square enters with 1 − ρ.",
                    {
                        "self.rho * self.mean_square + (1 - self.rho) *": "self.mean_square"
                        " + self.rho *"
                    },
                ),
                "square_of_the_mean": Mistake(
                    "The mean is taken of the gradients and squared afterwards, so that "
                    "gradients of opposite signs cancel. Square first: it is a mean of squares.",
                    {
                        "self.grads**2": "self.grads",
                        "np.sqrt(self.mean_square)": "np.sqrt(self.mean_square**2)",
                    },
                ),
                "share_squared": Mistake(
                    "The share 1 − ρ is squared together with the gradient. Only the gradient "
                    "is squared.",
                    {"(1 - self.rho) * self.grads**2": "((1 - self.rho) * self.grads) ** 2"},
                ),
                "mean_of_the_class": of_the_class("mean_square", "The mean"),
            },
            hints=(
                "Read the name backward: the mean of the squares, then the root. What is kept, and "
                "what is computed anew in each step?",
                "Keep the mean square: a share ρ of the old one and 1 − ρ of the new g². Then "
                "divide the gradient by its root plus ε.",
                "`self.params -= self.learning_rate * self.grads / (np.sqrt(self.mean_square) + "
                "self.eps)`, after `mean_square` has taken in the new squares.",
            ),
        ),
        Question(
            Adam,
            points=3,
            cases=with_two_means,
            use=use.scheduled_steps,
            path=True,
            mistakes=OF_ADAM,
            hints=(
                "Three things must survive from step to step. And the first of all steps is a good "
                "test: without ε it has the length η whatever the gradient.",
                "Count t up. Bring m and v up to date, each with its own β. Divide m by 1 − β₁ᵗ "
                "and v by 1 − β₂ᵗ, into new variables. Then η times the one over the root of the "
                "other, plus ε.",
                "`m = self.m / (1 - self.beta1**self.t)`, likewise `v`; then `self.params -= "
                "self.learning_rate * m / (np.sqrt(v) + self.eps)`.",
            ),
        ),
        Question(
            AdamW,
            points=2,
            cases=with_decay,
            use=use.scheduled_steps,
            path=True,
            mistakes={
                **OF_ADAM,
                "no_decay": Mistake(
                    "This is Adam: the weights do not decay.",
                    {DECAY + "\n        self.t": "self.t"},
                ),
                "l2_in_gradient": Mistake(
                    "The decay is in the gradient, as an L2 term, and goes through m and v: what "
                    "is left of it depends on the scale of the gradient. It belongs beside Adam's "
                    "step.",
                    {
                        DECAY: "grads = self.grads + self.weight_decay * self.params",
                        "(1 - self.beta1) * self.grads": "(1 - self.beta1) * grads",
                        "(1 - self.beta2) * self.grads**2": "(1 - self.beta2) * grads**2",
                    },
                ),
                "decay_over_root": Mistake(
                    "The decay is added to m and is divided by the root of v with it. It belongs "
                    "outside the fraction, alike for all parameters.",
                    {
                        DECAY + "\n        self.t": "self.t",
                        "rate * m /": "rate * (m + self.weight_decay * self.params) /",
                    },
                ),
                "rate_missing": Mistake(
                    "The weights shrink by the factor 1 − α. It should be 1 − ηα: the decay is "
                    "multiplied by the learning rate.",
                    {"1 - self.learning_rate * self.weight_decay": "1 - self.weight_decay"},
                ),
                "same_for_all": Mistake(
                    "Every weight loses the same amount, ηα. A decay takes from each a share of "
                    "itself: ηα times the weight.",
                    {DECAY: "self.params -= self.learning_rate * self.weight_decay"},
                ),
                "decays_after": Mistake(
                    "The decay comes after Adam's step and shrinks this step as well. It applies "
                    "to the weights as they were before.",
                    {DECAY + "\n        self.t": "self.t", ADAM: ADAM + "\n        " + DECAY},
                ),
                "grows": Mistake(
                    "The weights grow by the factor 1 + ηα in each step. A decay makes them "
                    "smaller.",
                    {"1 - self.learning_rate * self": "1 + self.learning_rate * self"},
                ),
                "twice": Mistake(
                    "The decay is twice too strong. The factor 2 comes from a penalty α ‖w‖² "
                    "without its ½; here the weights shrink by 1 − ηα.",
                    {"1 - self.learning_rate * self": "1 - 2 * self.learning_rate * self"},
                ),
                "rate_frozen": Mistake(
                    "The decay keeps the learning rate with which the optimizer was made. A "
                    "schedule changes `self.learning_rate`: look at it in each step.",
                    {
                        "self.t = 0": "self.t, self.keep = 0, 1 - learning_rate * weight_decay",
                        DECAY: "self.params *= self.keep",
                    },
                ),
                "no_correction": Mistake(
                    "The decay is right, but the bias correction of Adam is missing: m belongs "
                    "divided by 1 − β₁ᵗ and v by 1 − β₂ᵗ.",
                    {FIRST: "m = self.m", SECOND: "v = self.v"},
                ),
                "rebinds": Mistake(
                    "`params` never changes. `self.params = self.params * …` makes a new array, "
                    "and the model goes on with the old one: write into it, with `*=` and `-=`.",
                    {
                        DECAY: "self.params = self.params * (1 - self.learning_rate"
                        " * self.weight_decay)"
                    },
                ),
                "step_rebinds": Mistake(
                    "Only the first decay reaches `params`. `self.params = self.params - …` makes "
                    "a new array, and all that follows is done to that one: write into the old "
                    "one, with `-=`.",
                    {STEP + " * m": "self.params = self.params - self.learning_rate * m"},
                ),
            },
            hints=(
                "Suppose that all gradients are zero. Adam stands still then; what should the "
                "weights do here?",
                "Before Adam's step all weights are multiplied by 1 − ηα, in place. The gradient "
                "does not hear of it.",
                "`self.params *= 1 - self.learning_rate * self.weight_decay`, then Adam's step.",
            ),
        ),
        Question(
            warm_up_cosine,
            points=2,
            cases=schedules,
            use=use.values_of,
            path=True,
            mistakes={
                "begins_at_zero": Mistake(
                    "The first step has the rate 0 and is wasted: after `step` steps the next one "
                    "is number step + 1.",
                    {"(step + 1) / warm_up": "step / warm_up"},
                ),
                "zero_to_full": Mistake(
                    "The line begins at 0, so that the first step is wasted. It has warm_up parts, "
                    "and the first step has one of them already.",
                    {"(step + 1) / warm_up": "step / (warm_up - 1)"},
                ),
                "ends_below": Mistake(
                    "The line is divided into warm_up + 1 parts, so that the last step of the "
                    "warm-up has not yet the full rate.",
                    {"(step + 1) / warm_up": "(step + 1) / (warm_up + 1)"},
                ),
                "begins_at_final": Mistake(
                    "The warm-up rises from `final`. Here its rates are shares of "
                    "`learning_rate`; `final` belongs to the end.",
                    {
                        "return learning_rate * (step": "return final"
                        " + (learning_rate - final) * (step"
                    },
                ),
                "no_warm_up": Mistake(
                    "There is no warm-up: the rate is at its largest from the first step on.",
                    {
                        WARM_UP + "        done": "done",
                        "min((step - warm_up) /": "min(max(step - warm_up, 0) /",
                    },
                ),
                "two_at_once": Mistake(
                    "The cosine runs from step 0, as in the chapter, and the warm-up only "
                    "multiplies it, so that the full rate is never reached. Here it begins when "
                    "the warm-up ends.",
                    {
                        WARM_UP + "        done = min((step - warm_up) / (total - warm_up), 1.0)\n"
                        "        return final": "done = min(step / total, 1.0)\n"
                        "        return min((step + 1) / warm_up, 1.0) * (final",
                        "/ 2\n": "/ 2)\n",
                    },
                ),
                "cosine_from_zero": Mistake(
                    "After the warm-up the cosine is as far as if it had begun in step 0, and the "
                    "rate jumps down. It begins at the full rate when the warm-up ends.",
                    {"(step - warm_up) / (total - warm_up)": "step / total"},
                ),
                "too_long": Mistake(
                    "The cosine takes `total` steps beginning at the end of the warm-up, and so "
                    "ends too late. It has only total − warm_up steps.",
                    {"/ (total - warm_up)": "/ total"},
                ),
                "one_step_ahead": Mistake(
                    "The cosine is one step ahead. At `warm_up` steps done it only begins, and the "
                    "rate is the full one once more.",
                    {"min((step - warm_up) /": "min((step + 1 - warm_up) /"},
                ),
                "rises_again": Mistake(
                    "After `total` steps the cosine turns and the rate rises again. The share that "
                    "is done must not go beyond 1.",
                    {
                        "min((step - warm_up) / (total - warm_up), 1.0)": "(step - warm_up)"
                        " / (total - warm_up)"
                    },
                ),
                "ends_at_zero": Mistake(
                    "It goes down to 0. It should end at `final`.",
                    {"final + (learning_rate - final)": "learning_rate"},
                ),
                "final_on_top": Mistake(
                    "`final` is added on top, so that the cosine begins at learning_rate + final. "
                    "Only the difference of the two is multiplied by the cosine.",
                    {"(learning_rate - final)": "learning_rate"},
                ),
                "whole_swing": Mistake(
                    "The cosine goes from 1 to −1, and here the rate follows it below `final`. "
                    "(1 + cos) / 2 goes from 1 to 0.",
                    {"(1 + np.cos(np.pi * done)) / 2": "np.cos(np.pi * done)"},
                ),
                "quarter_wave": Mistake(
                    "This is a quarter of a wave, cos(π/2 · done): it falls steeply at the end. "
                    "Half a wave lets the rate arrive gently.",
                    {"(1 + np.cos(np.pi * done)) / 2": "np.cos(np.pi / 2 * done)"},
                ),
                "straight_line": Mistake(
                    "The rate falls on a straight line. It should follow half a wave of the "
                    "cosine.",
                    {"(1 + np.cos(np.pi * done)) / 2": "(1 - done)"},
                ),
                "final_as_a_floor": Mistake(
                    "The cosine runs down to 0 and is cut off where it falls below `final`. It "
                    "should itself run from `learning_rate` to `final`.",
                    {
                        "final + (learning_rate - final) * ": "max(final, learning_rate * ",
                        WAVE: WAVE + ")",
                    },
                ),
                "jumps_up_to_final": Mistake(
                    "The cosine runs down to 0, and at `total` the rate jumps up to `final`. The "
                    "cosine itself should end there.",
                    {
                        DONE: AFTER_THE_END + "(total - warm_up)",
                        "final + (learning_rate - final)": "learning_rate",
                    },
                ),
                "jumps_down_to_final": Mistake(
                    "The cosine is stretched over `total` steps, so that it is not yet down when "
                    "the rate jumps to `final`. It has only total − warm_up steps.",
                    {DONE: AFTER_THE_END + "total"},
                ),
                "whole_wave": Mistake(
                    "The cosine runs through a whole wave, 2π: in the middle the rate is down at "
                    "`final`, then it rises to the full one again. Half a wave is enough.",
                    {"np.pi * done": "2 * np.pi * done"},
                ),
                "whole_wave_and_jump": Mistake(
                    "The cosine runs through a whole wave, 2π: the rate is down in the middle, "
                    "rises again and jumps to `final` at the end. Half a wave is enough.",
                    {DONE: AFTER_THE_END + "(total - warm_up)", "np.pi * done": "2 * np.pi * done"},
                ),
                "whole_swing_and_jump": Mistake(
                    "The cosine goes from 1 to −1, so that the rate falls below `final` and jumps "
                    "up to it at the end. (1 + cos) / 2 goes from 1 to 0.",
                    {DONE: AFTER_THE_END + "(total - warm_up)", WAVE: "np.cos(np.pi * done)"},
                ),
            },
            hints=(
                "There are three stretches: up, down, and rest. Where are their borders?",
                "Up: (step + 1) / warm_up of the full rate. Down: let `done` go from 0 at warm_up "
                "to 1 at total, and (1 + cos(π · done)) / 2 goes from 1 to 0. Rest: keep `done` "
                "at 1.",
                "`done = min((step - warm_up) / (total - warm_up), 1.0)`, and then `return final + "
                "(learning_rate - final) * (1 + np.cos(np.pi * done)) / 2`.",
            ),
        ),
        Question(
            ravine_settings,
            points={"momentum": 1, "learning_rate": 1},
            cases=ravines,
            follow=rate_from_momentum,
            mistakes={
                "not_squared": Mistake(
                    "This is √μ, the factor by which a step shrinks the distance. The momentum is "
                    "its square.",
                    {"return factor**2": "return factor"},
                ),
                "without_root": Mistake(
                    "Here stands κ where √κ belongs: (κ − 1) / (κ + 1) is the factor of plain "
                    "gradient descent.",
                    {
                        "np.sqrt(curvatures.max() / curvatures.min())": "curvatures.max()"
                        " / curvatures.min()"
                    },
                ),
                "descent_rate": Mistake(
                    "2 / (λ_max + λ_min) is the best rate of plain gradient descent. With "
                    "momentum a larger one is best: the edges of the band tell which.",
                    {
                        "(1 + factor) ** 2 / curvatures.max()": "2 / (curvatures.max()"
                        " + curvatures.min())"
                    },
                ),
                "at_the_edge": Mistake(
                    "2 (1 + μ) / λ_max is the edge beyond which momentum explodes. The right end "
                    "of the band lies a little before it.",
                    {"(1 + factor) ** 2 /": "2 * (1 + factor**2) /"},
                ),
                "ends_exchanged": Mistake(
                    "(1 − √μ)² is the left end of the band, where the flattest direction lies: it "
                    "is divided by λ_min. To the steepest belongs (1 + √μ)².",
                    {"(1 + factor)": "(1 - factor)"},
                ),
                "momentum_in_band": Mistake(
                    "The band ends at (1 + √μ)², and here stands (1 + μ)².",
                    {"(1 + factor)": "(1 + factor**2)"},
                ),
                "first_and_last": Mistake(
                    "It takes the first and the last curvature for the flattest and the steepest. "
                    "They come in any order.",
                    {
                        "curvatures.max() / curvatures.min()": "curvatures[-1] / curvatures[0]",
                        "** 2 / curvatures.max()": "** 2 / curvatures[-1]",
                    },
                ),
            },
            hints=(
                "Only two of the directions count. Which are they?",
                "From the chapter: √(η λ_min) = 1 − √μ and √(η λ_max) = 1 + √μ. Divide the second "
                "by the first, and η drops out.",
                "`root = np.sqrt(curvatures.max() / curvatures.min())`; then √μ is `(root - 1) / "
                "(root + 1)`, and η follows from either equation.",
            ),
        ),
    ),
)
