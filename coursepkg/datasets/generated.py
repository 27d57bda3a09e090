"""Data sets drawn from a generator: the same generator state gives the same data."""

from coursepkg.arguments import generator, real_number, whole_number


def line(rng, n=20, slope=2.0, intercept=0.0, noise=0.1):
    """Points near a straight line: targets = slope · x + intercept + noise · normal draw.

    Returns x and targets, each of shape (n,), without a unit; x is uniform in [-1, 1). noise is a
    standard deviation. Bad arguments raise TypeError or ValueError.
    """
    generator(rng)
    n = whole_number(n, "n", low=1)
    slope, intercept = real_number(slope, "slope"), real_number(intercept, "intercept")
    noise = real_number(noise, "noise", low=0)
    x = rng.uniform(-1, 1, size=n)
    return x, slope * x + intercept + noise * rng.standard_normal(n)
