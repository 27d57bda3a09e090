"""Initial weights: each takes a random generator and returns an array (fan_in, fan_out).

fan_in is the number of inputs of a layer, fan_out the number of its outputs. The caller passes in
the generator and so decides what repeats. Bad arguments raise TypeError or ValueError. A uniform
draw from [-limit, limit) has the standard deviation limit / √3. Chapter 08 derives the scales.
"""

import numpy as np

from coursepkg.arguments import fans, real_number


def zeros(rng, fan_in, fan_out):
    """Zeros, float64. `rng` is checked but not used; it keeps initializers interchangeable.

    For biases: units with equal weights stay equal (Rumelhart, Hinton and Williams, 1986).
    """
    fans(rng, fan_in, fan_out)
    return np.zeros((fan_in, fan_out))


def normal(rng, fan_in, fan_out, scale=1.0):
    """Independent draws from a normal distribution of mean 0 and standard deviation `scale`.

    Source: LeCun, Bottou, Orr and Müller (1998), section 4.6, on small random weights.
    """
    fans(rng, fan_in, fan_out)
    scale = real_number(scale, "scale", low=0)
    return scale * rng.standard_normal((fan_in, fan_out))


def glorot_normal(rng, fan_in, fan_out):
    """Normal, variance 2 / (fan_in + fan_out): for tanh and sigmoid.

    Source: Glorot and Bengio (2010), equation 12.
    """
    fans(rng, fan_in, fan_out)
    scale = np.sqrt(2 / (fan_in + fan_out))
    return scale * rng.standard_normal((fan_in, fan_out))


def glorot_uniform(rng, fan_in, fan_out):
    """Uniform, variance 2 / (fan_in + fan_out).   Source: Glorot and Bengio (2010), equation 16."""
    fans(rng, fan_in, fan_out)
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def he_normal(rng, fan_in, fan_out):
    """Normal, variance 2 / fan_in: for ReLU.   Source: He, Zhang, Ren and Sun (2015)."""
    fans(rng, fan_in, fan_out)
    scale = np.sqrt(2 / fan_in)
    return scale * rng.standard_normal((fan_in, fan_out))


def he_uniform(rng, fan_in, fan_out):
    """Uniform, variance 2 / fan_in: for ReLU.   Source: He, Zhang, Ren and Sun (2015)."""
    fans(rng, fan_in, fan_out)
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def orthogonal(rng, fan_in, fan_out):
    """W with WᵀW = I, or W Wᵀ = I if fan_in < fan_out: a square W keeps every vector's length.

    The Q of a QR decomposition of normal draws; with the signs of R's diagonal every such matrix
    is equally likely (Mezzadri, 2007). Source: Saxe, McClelland and Ganguli (2014).
    """
    fans(rng, fan_in, fan_out)
    draws = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(draws)
    q *= np.sign(np.diag(r))
    return q if fan_in >= fan_out else q.T


def identity(rng, fan_in, fan_out):
    """1 on the diagonal and 0 elsewhere; `rng` is checked but not used.

    For a recurrent network of ReLUs, which then starts by keeping its state.
    Source: Le, Jaitly and Hinton (2015).
    """
    fans(rng, fan_in, fan_out)
    return np.eye(fan_in, fan_out)
