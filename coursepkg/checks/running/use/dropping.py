"""Dropout: what it does to many copies of a small input."""

import numpy as np

from coursepkg.checks.running.use.calls import NotAsAsked, value_and_vjp

SIDE_BY_SIDE = (40, 20)  # copies of a small input, below and beside each other
SIDE_BY_SIDE_EVALUATED = (10, 10)  # nothing should be random there, so fewer will do
SMALL, SMALL_CALLS = (3, 20), 40
NOT_THE_SHAPE = "`y` and the gradient must have the shape of `x`."


def dropout_of_copies(answer, arguments):
    """What dropout gives for many copies of x, as a dict.

    y, grad_x: in training; the exception in place of grad_x, if the vjp raises one. next_y,
    same_again, ones: where the outputs of three more calls are not 0, of the same generator, of a
    new one with the same seed, and with such a one for x all ones. evaluated: (y, grad_x) in
    evaluation. small: where ones survive in each of some small calls.
    arguments: x, rate, seed, grad_y. The answer is called as (x, rate, rng, training) and returns
    y and its vjp.
    """
    x, rate, seed, grad_y = arguments.values()
    value_and_vjp(answer, _called(x, rate, np.random.default_rng(seed), True, grad_y))
    # That was to see whether it changes x and grad_y themselves. From here on they are copies.
    many = np.tile(x, SIDE_BY_SIDE)

    def survivors(x, rng):
        return _shaped(answer(x.copy(), rate, rng, True)[0], x.shape) != 0

    rng = np.random.default_rng(seed)
    y, grad_x = _both_ways(answer, x, grad_y, rate, rng, True, SIDE_BY_SIDE)
    return {
        "y": y,
        "grad_x": grad_x,
        "next_y": survivors(many, rng),
        "same_again": survivors(many, np.random.default_rng(seed)),
        # The same dice for ones show the mask also where x is 0.
        "ones": survivors(np.ones_like(many), np.random.default_rng(seed)),
        "evaluated": _both_ways(answer, x, grad_y, rate, rng, False, SIDE_BY_SIDE_EVALUATED),
        "small": np.array([survivors(np.ones(SMALL), rng) for _ in range(SMALL_CALLS)]),
    }


def _both_ways(answer, x, grad_y, rate, rng, training, copies):
    """(y, grad_x) for copies of x, in its shape."""
    many, grad = np.tile(x, copies), np.tile(grad_y, copies)
    y, grad_x = value_and_vjp(answer, _called(many.copy(), rate, rng, training, grad))
    if not isinstance(grad_x, Exception):  # the vjp may have failed, and y be right all the same
        grad_x = _shaped(grad_x, many.shape)
    return _shaped(y, many.shape), grad_x


def _called(x, rate, rng, training, grad_y):
    return {"x": x, "rate": rate, "rng": rng, "training": training, "grad_y": grad_y}


def _shaped(values, shape):
    if np.shape(values) != shape:
        raise NotAsAsked(NOT_THE_SHAPE)
    return np.array(values)
