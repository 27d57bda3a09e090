"""The plain ways of using an answer: it is called, and what it returns may be called in turn."""

import numpy as np

from coursepkg.checks.running.plain import plain
from coursepkg.checks.running.time_limit import TimeIsUp


class NotAsAsked(Exception):
    """The answer does not have the form that was asked for; the message is for the learner."""


def call(answer, arguments):
    """answer(...), the arguments in their order, whatever the learner calls them."""
    return answer(*arguments.values())


def value_and_vjp(answer, arguments):
    """(value, gradient): the last argument is passed to the vjp."""
    *inputs, grad = arguments.values()
    returned = answer(*inputs)
    if not (isinstance(returned, tuple) and len(returned) == 2 and callable(returned[1])):
        raise NotAsAsked("It must return two things: the value, and the function `vjp` itself.")
    value, vjp = returned
    try:
        return value, asked_twice(vjp, grad)
    except (NotAsAsked, TimeIsUp):
        raise
    except Exception as error:  # the value may be right all the same
        return value, error


def asked_twice(vjp, grad):
    """What a vjp gives; a second call must give the same."""
    first, second = (plain(vjp(np.copy(grad))) for _ in range(2))
    arrays = isinstance(first, np.ndarray) and isinstance(second, np.ndarray)
    if arrays and first.dtype.kind in "fiub" and not np.array_equal(first, second, equal_nan=True):
        raise NotAsAsked(
            "Its `vjp` gives something else when it is asked a second time: it changes what it "
            "remembers from the forward pass."
        )
    return vjp(grad)


FUNCTIONS = {
    "cube": lambda z: z**3,
    "sine": np.sin,
    "exponential": np.exp,
    "sum_of_cubes": lambda params: np.sum(params**3),
    "log_sum_exp": lambda params: np.log(np.sum(np.exp(params))),
}


def call_with_function(answer, arguments):
    """answer(f, ...), where the first argument of the case is the name of a function."""
    name, *others = arguments.values()
    return answer(FUNCTIONS[name], *others)


def list_and_number(answer, arguments):
    """(all numbers of the list in one row, the number), where the answer gives (list, number).

    The first argument of the case is a dict of arrays; the answer is given a list of them.
    """
    named, *others = arguments.values()
    returned = answer(list(named.values()), *others)
    if not (isinstance(returned, tuple) and len(returned) == 2 and isinstance(returned[0], list)):
        raise NotAsAsked("It must return two things: a list of arrays, and a number.")
    arrays, number = returned
    if [np.shape(array) for array in arrays] != [array.shape for array in named.values()]:
        raise NotAsAsked("The list must hold an array for each that came, in the same shape.")
    return np.concatenate([np.ravel(array) for array in arrays]), number


def values_of(answer, arguments):
    """What the function that an answer returns gives at the places in the last argument."""
    *settings, places = arguments.values()
    function = answer(*settings)
    if not callable(function):
        raise NotAsAsked("It must return a function itself, without parentheses behind its name.")
    return np.array([function(place) for place in places.tolist()])


def word(answer, arguments):
    """The word that an answer gives; capitals do not matter."""
    given = answer(*arguments.values())
    return given.lower() if isinstance(given, str) else given
