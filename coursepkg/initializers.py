"""Starting weights: each takes a random generator and the fans, and returns (fan_in, fan_out).

fan_in counts the numbers that enter a layer, fan_out those that leave it. The generator is passed
in, so that who calls decides what repeats. Bad arguments raise TypeError or ValueError.
"""

import numpy as np

from coursepkg.arguments import generator, real_number, whole_number


def zeros(rng, fan_in, fan_out):
    """All 0, float64. `rng` is left alone; it is asked for so that initializers can be exchanged.

    For biases; weights that are all equal never part (Rumelhart, Hinton and Williams, 1986).
    """
    return np.zeros(_shape(rng, fan_in, fan_out))


def normal(rng, fan_in, fan_out, scale=1.0):
    """Independent draws from a normal distribution of mean 0 and standard deviation `scale`.

    Source: LeCun, Bottou, Orr and Müller (1998), section 4.6, on small random weights.
    """
    shape = _shape(rng, fan_in, fan_out)
    return real_number(scale, "scale", low=0) * rng.standard_normal(shape)


def _shape(rng, fan_in, fan_out):
    generator(rng)
    return whole_number(fan_in, "fan_in", low=1), whole_number(fan_out, "fan_out", low=1)
