"""Learning-rate schedules: each returns a function from the number of steps done to the rate.

`fit` calls it before each step. Bad arguments raise TypeError or ValueError.
"""

import math

from coursepkg.arguments import a_function, real_number, whole_number


def step_decay(learning_rate, every, factor=0.1):
    """learning_rate * factor ** (step // every): constant for `every` steps, 0 < factor <= 1."""
    learning_rate = real_number(learning_rate, "learning_rate", low=0)
    every = whole_number(every, "every", low=1)
    factor = real_number(factor, "factor", above=0)
    if factor > 1:
        raise ValueError(f"factor must be at most 1, got {factor}")

    def schedule(step):
        return learning_rate * factor ** (step // every)

    return schedule


def cosine(learning_rate, total, final=0.0):
    """Half a cosine wave from learning_rate down to `final` at step `total`, then `final`.

    Source: Loshchilov and Hutter (2017), without restarts.
    """
    learning_rate = real_number(learning_rate, "learning_rate", low=0)
    total = whole_number(total, "total", low=1)
    final = real_number(final, "final", low=0)

    def schedule(step):
        done = min(step / total, 1.0)
        return final + (learning_rate - final) * (1 + math.cos(math.pi * done)) / 2

    return schedule


def warm_up(steps, schedule):
    """`schedule`, multiplied by 1/steps, 2/steps, … 1 during the first `steps` steps.

    Source: Goyal et al. (2017).
    """
    steps = whole_number(steps, "steps", low=1)
    schedule = a_function(schedule, "schedule")

    def warmed(step):
        return schedule(step) * min((step + 1) / steps, 1.0)

    return warmed
