"""How an answer is used: a function is called, a vjp is asked, an optimizer makes its steps.

Each takes the learner's answer and the arguments of one case by name, and returns what the answer
gave: numbers, arrays or words, a tuple of them if there are several. Nothing here knows the right
answers: for a grade this file goes with the learner's code into its own process.
"""

import itertools

import numpy as np

from coursepkg.checks.plain import plain
from coursepkg.checks.time_limit import TimeIsUp


class NotAsAsked(Exception):
    """The answer has not the form that was asked for; the message is for the learner."""


def call(answer, arguments):
    """answer(...), the arguments in their order, whatever the learner calls them."""
    return answer(*arguments.values())


def value_and_vjp(answer, arguments):
    """(value, gradient): the last argument is what the vjp is asked with."""
    *inputs, grad = arguments.values()
    returned = answer(*inputs)
    if not (isinstance(returned, tuple) and len(returned) == 2 and callable(returned[1])):
        raise NotAsAsked("It must return two things: the value, and the function `vjp` itself.")
    value, vjp = returned
    try:
        return value, asked_twice(vjp, grad)
    except (NotImplementedError, NotAsAsked, TimeIsUp):
        raise
    except Exception as error:  # the value may be right all the same
        return value, error


def asked_twice(vjp, grad):
    """What a vjp gives; it must be the same when it is asked again."""
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


DRAWS = 800  # of a small layer's weights: enough to know a scale to about one percent


def initial_weights(answer, arguments):
    """(shape, [standard deviation, size that 99 % stay under, mean]) of an initializer's draws.

    The first argument of the case is a seed; the answer is asked with a generator made from it.
    """
    seed, *others = arguments.values()
    one, same = np.random.default_rng(seed), np.random.default_rng(seed)
    first, repeated, second = answer(one, *others), answer(same, *others), answer(one, *others)
    if not (isinstance(first, np.ndarray) and first.ndim and first.dtype.kind == "f"):
        raise NotAsAsked("It must return the weights: a NumPy array of floats.")
    if not np.isfinite(first).all():
        raise NotAsAsked("Some of the weights are NaN or infinite.")
    if not np.array_equal(first, repeated):
        raise NotAsAsked(
            "Two generators with the same seed give different weights: every number must be drawn "
            "from the `rng` that is passed, not with `np.random` or a generator of your own."
        )
    if np.array_equal(first, second):
        raise NotAsAsked(
            "A second draw gives the same weights once more: draw from the `rng` that is passed, "
            "which goes on from where it is, and do not make a new one."
        )
    if any(np.ptp(first, axis=axis).min() == 0 for axis in range(first.ndim)):
        raise NotAsAsked("A whole row or column of weights is equal: each needs a draw of its own.")
    drawn = np.array([answer(one, *others) for _ in range(DRAWS)])
    numbers = [drawn.std(), np.quantile(np.abs(drawn), 0.99), drawn.mean()]
    return np.array(first.shape), np.array(numbers)


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


def order_of_nodes(answer, arguments):
    """(how often each node is listed, how many of its parents' arrows come from before it).

    Of a graph there are many right orders, so what is compared is not the order itself.
    """
    nodes, arrows = arguments["nodes"], list(arguments["arrows"])
    returned = answer(*arguments.values())
    if returned is None:
        return None
    try:
        order = [range(nodes).index(node) for node in returned]
    except (TypeError, ValueError):
        raise NotAsAsked(
            f"It must return a list of the nodes, which are numbered from 0 to {nodes - 1}."
        ) from None
    listed = np.array([order.count(node) for node in range(nodes)])
    before = np.zeros(nodes, dtype=int)
    for parent, node, *_ in arrows:
        if node in order:
            before[node] += parent in order[: order.index(node)]
    return listed, before


STARTS, AGAIN = (
    1600,
    20,
)  # so many that the words below are the same for every right answer and every seed


def starting_values(answer, arguments):
    """What the arrays are like, in words, that answer(rng, sizes ..., scale) draws.

    arguments: seed, the sizes, scale. Drawn many times from one generator, and once more from
    another one of the same seed.
    """
    seed, *others = arguments.values()
    arrays = _starts(answer, seed, others, STARTS)
    again = _starts(answer, seed, others, AGAIN)
    return tuple(_in_words(*both, others[-1]) for both in zip(arrays, again, strict=True))


def _starts(answer, seed, others, count):
    """For each array that is returned: its draws, stacked along a new first axis."""
    rng = np.random.default_rng(seed)
    starts = [answer(rng, *others) for _ in range(count)]
    for arrays in starts:
        several = isinstance(arrays, (tuple, list))
        if not several or not all(isinstance(array, np.ndarray) for array in arrays):
            raise NotAsAsked("It must return NumPy arrays, with commas between them.")
    return [np.array(same_array) for same_array in zip(*starts, strict=True)]


def _in_words(values, again, scale):
    shape = values.shape[1:]
    if not values.any():
        return f"zeros, shape {shape}"
    if np.ptp(values) == 0:
        return f"the same number everywhere, shape {shape}"
    if not np.array_equal(values[:AGAIN], again):
        return f"random, but not drawn from rng, shape {shape}"
    if np.array_equal(values[0], values[1]):
        return f"the same numbers each time, shape {shape}"
    for axis, words in ((-1, "all columns equal"), (1, "all rows equal")):
        if len(shape) == 2 and values.shape[axis] > 1 and not np.ptp(values, axis=axis).any():
            return f"random, but {words}, shape {shape}"
    mean, spread = values.mean() / scale, values.std() / scale
    form = "bell-shaped" if np.abs(values / scale - mean).max() > 2.5 * spread else "no tails"
    # Coarse steps, so that chance does not matter: 0.2 for the mean, times 1.15 for the spread.
    mean, spread = round(5 * mean) / 5 + 0.0, 1.15 ** round(np.log(spread) / np.log(1.15))
    return f"random, {form}, mean {mean:.1f} and spread {spread:.2g} times scale, shape {shape}"


def scheduled_steps(answer, arguments):
    """The parameters after each step of an optimizer, (steps, n), under a schedule.

    A rate that differs from the one before is written into the optimizer. arguments: params (n,),
    gradients (steps, n), learning_rates (steps,), and what else the class is made with. An answer
    that writes into its `grads` has changed the case's `gradients`.
    """
    settings = dict(arguments)
    params, gradients = settings.pop("params").copy(), settings.pop("gradients")
    rates = settings.pop("learning_rates").tolist()
    grads = np.ones_like(params)  # of an earlier step: no optimizer should look at them yet
    optimizer = answer(params, grads, learning_rate=rates[0], **settings)
    path = []
    for i, gradient in enumerate(gradients):
        if i > 0 and rates[i] != rates[i - 1]:  # it was made with the first
            optimizer.learning_rate = rates[i]
        grads[...] = gradient
        optimizer.step()
        gradient[...] = grads
        path.append(params.copy())
    return np.array(path)


def values_of(answer, arguments):
    """What the function that an answer returns gives at the places in the last argument."""
    *settings, places = arguments.values()
    function = answer(*settings)
    if not callable(function):
        raise NotAsAsked("It must return a function itself, without parentheses behind its name.")
    return np.array([function(place) for place in places.tolist()])


MOST_BATCHES = 10_000  # of an iterator that never ends


def batches_of_epochs(answer, arguments):
    """(sizes of the batches, which samples are in them, whose targets, in which order).

    arguments: x, targets, batch_size, epochs, seed. There are many right orders, so that all but
    the sizes is told in words. No two entries (or rows) of x are equal.
    """
    known = arguments["x"].copy(), arguments["targets"].copy()
    one = _batches(answer, arguments, known, 0)
    if one is None:
        return None
    copied = {**arguments, "x": known[0].copy(), "targets": known[1].copy()}
    again, other = (_batches(answer, copied, known, stream) for stream in (0, 1))
    rounds, again, other = (_rounds(each, arguments["epochs"]) for each in (one, again, other))
    sizes, n = np.array([len(positions) for positions, _ in one], dtype=int), len(known[0])
    paired = all(paired for _, paired in one)
    pairs = "each sample has its own target" if paired else "samples have targets of others"
    return sizes, _samples_in_words(rounds, n), pairs, _order_in_words(rounds, again, other, n)


def _batches(answer, arguments, known, stream):
    """For each batch where its samples stand in x, and whether their targets are theirs."""
    *given, seed = arguments.values()
    returned = answer(*given, np.random.default_rng([seed, stream]))
    if returned is None:
        return None
    if isinstance(returned, tuple):
        raise NotAsAsked("It returns once and is done. A generator hands out with `yield`.")
    located = [_located(pair, *known) for pair in itertools.islice(returned, MOST_BATCHES)]
    if not located:
        raise NotAsAsked("It hands out no batch at all.")
    return located


def _located(pair, x, targets):
    if not (isinstance(pair, tuple) and len(pair) == 2):
        raise NotAsAsked("Each batch must be a pair: entries of `x`, and their targets.")
    rows, own = np.array(pair[0]), np.array(pair[1])
    if rows.shape[1:] != x.shape[1:] or own.shape != (len(rows), *targets.shape[1:]):
        raise NotAsAsked(
            f"For x {x.shape} and targets {targets.shape} a batch has the shapes {rows.shape} and "
            f"{own.shape}: its two arrays must be equally long, and their rows whole."
        )
    found = (rows[:, None] == x).reshape(len(rows), len(x), -1).all(axis=-1)
    if not found.any(axis=1).all():
        raise NotAsAsked("There is something in a batch that is not in `x`.")
    positions = found.argmax(axis=1)
    return positions, np.array_equal(own, targets[positions])


def _rounds(batches, epochs):
    """The batches of each epoch, if they are divided evenly; at least an empty one."""
    each = max(1, len(batches) // epochs)
    positions = [tuple(positions.tolist()) for positions, _ in batches]
    return [positions[i * each : (i + 1) * each] for i in range(epochs)]


def _samples_in_words(rounds, n):
    counts = np.array([np.bincount(sum(batches, ()), minlength=n) for batches in rounds])
    if (counts == 1).all():
        return "each once in each epoch"
    return ", ".join(
        words
        for words, wrong in (("some are left out", counts == 0), ("some come twice", counts > 1))
        if wrong.any()
    )


def _order_in_words(rounds, again, other, n):
    orders = [sum(batches, ()) for batches in rounds]
    if orders[0] == tuple(range(n)):
        return "as they stand in x"
    if rounds != again:
        return "random, but not drawn from rng"
    if rounds == other:
        return "the same for every rng" + " and in each epoch" * (orders[0] == orders[1])
    if orders[0] == orders[1]:
        return "the same in each epoch"
    one, next_one = ({frozenset(batch) for batch in batches} for batches in rounds[:2])
    if one == next_one and 1 < len(rounds[0][0]) < n:
        return "the same batches in each epoch"
    return "new in each epoch"


def stopped_training(answer, arguments):
    """(epochs done, the best parameters that were kept, the parameters after `restore`).

    arguments: losses (epochs,), and what the class is made with. Both parameters are 1 in the first
    epoch, 2 in the second, and so on, written into one and the same array. In the end they are
    set to 0, as if somebody had spoiled them, and then restored.
    """
    losses, *settings = arguments.values()
    params, epochs = np.zeros(2), 0
    stopping = answer(*settings)
    for loss in losses.tolist():
        epochs += 1
        params[:] = epochs
        said = stopping.update(loss, params)
        if not isinstance(said, (bool, np.bool_)):
            raise NotAsAsked(f"`update` must return True or False. It returned {said!r}.")
        if said:
            break
    params[:] = 0
    kept = getattr(stopping, "best_params", None)
    if np.shape(kept) != params.shape:
        raise NotAsAsked(f"`best_params` must be an array like `params`. It is {kept!r}.")
    kept = np.array(kept)
    stopping.restore(params)
    return epochs, kept, params


SIDE_BY_SIDE = (60, 20)  # copies of a small input, below and beside each other


def dropout_in_words(answer, arguments):
    """What dropout does to many copies of x, in words: (mask, scale, grad_x, evaluation).

    arguments: x, rate, seed, grad_y. The answer is called as (x, rate, rng, training) and returns
    y and its vjp.
    """
    x, rate, seed, grad_y = arguments.values()
    answer(x, rate, np.random.default_rng(seed), True)  # it must not change x itself
    many, grad = np.tile(x, SIDE_BY_SIDE), np.tile(grad_y, SIDE_BY_SIDE)

    def factors(rng, training):
        called = {"x": many.copy(), "rate": rate, "rng": rng, "training": training, "grad": grad}
        y, grad_x = value_and_vjp(answer, called)
        if np.shape(y) != many.shape or np.shape(grad_x) != many.shape:
            raise NotAsAsked("`y` and the gradient must have the shape of `x`.")
        return np.divide(y, many, out=np.full_like(many, np.nan), where=many != 0), grad_x / grad

    # The same dice for ones show the mask also where x is 0.
    ones = answer(np.ones_like(many), rate, np.random.default_rng(seed), True)[0]
    rng = np.random.default_rng(seed)
    y, grad_x = factors(rng, True)
    further = factors(rng, True)[0], factors(np.random.default_rng(seed), True)[0]
    evaluated = [_one_number(each[many != 0]) for each in factors(rng, False)]
    small = [answer(np.ones((3, 20)), rate, rng, True)[0] for _ in range(40)]
    numbers_kept = {np.count_nonzero(each) for each in small}
    return (
        _mask_in_words(y, *further, numbers_kept),
        _one_number(y[(many != 0) & (y != 0)]),
        _backward_in_words(y, grad_x, ones != 0),
        "x times {}, grad_y times {}".format(*evaluated),
    )


DIFFERING = "differing numbers"


def _one_number(factors):
    """The factor as a word, if it is the same everywhere."""
    if factors.size == 0:
        return "nothing"
    if not np.ptp(factors) <= 1e-4 * np.abs(factors).max():  # also if there are NaNs
        return DIFFERING
    return f"{np.median(factors):.4g}"


def _mask_in_words(y, next_y, same_again, numbers_kept):
    """How y is masked; NaN stands where x is 0, so that nothing can be seen."""
    seen, kept = ~np.isnan(y), y != 0
    if kept[seen].all():
        blurred = _one_number(y[seen]) == DIFFERING
        return "nothing is dropped" + ", but all is changed" * blurred
    if not np.array_equal(kept, same_again != 0):
        return "random, but not drawn from rng"
    if np.array_equal(kept, next_y != 0):
        return "the same in each call"
    for axis, words in ((0, "the same for all samples"), (1, "whole samples at once")):
        if ((kept | ~seen).all(axis) | (~kept | ~seen).all(axis)).all():
            return words
    if len(numbers_kept) == 1:
        return "equally many in each call"
    # Whole tens, so that chance does not matter.
    return f"{10 * round(10 * kept[seen].mean())} % kept, each number by itself"


def _backward_in_words(y, grad_x, kept):
    seen = ~np.isnan(y)
    if np.allclose(grad_x[seen], y[seen], rtol=1e-4, atol=1e-6):
        words = "grad_y times the mask"
    elif np.array_equal(grad_x[seen] != 0, y[seen] != 0):
        words = f"the same mask, but grad_y times {_one_number(grad_x[seen & (y != 0)])}"
    elif grad_x[seen].all():
        words = f"not masked, grad_y times {_one_number(grad_x[seen])}"
    else:
        words = "another mask than forward"
    hidden, known = grad_x[~seen] != 0, np.array_equal(kept[seen], y[seen] != 0)
    if np.array_equal(hidden, kept[~seen]) or (hidden.any() and not known):
        return words
    return words + f" and {'another mask' if hidden.any() else '0'} where x is 0"


def word(answer, arguments):
    """The word that an answer gives; capitals do not matter."""
    given = answer(*arguments.values())
    return given.lower() if isinstance(given, str) else given
