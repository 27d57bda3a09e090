"""Summaries of outputs that can be right in many ways, so that they can be compared.

A graph has many right orders, and random numbers are right in many ways. So a use returns the
output as it is, and a look summarizes it in words and numbers on which all right answers agree. A
look knows what is asked for, so it runs in the process that judges, and its input may be forged in
any way. It never calls the answer again: it sees only data.
"""

import dataclasses
import itertools

import numpy as np

from coursepkg.checks.comparing import looks_at_batches, looks_at_dropout
from coursepkg.checks.comparing.agreement import numbers
from coursepkg.checks.running import use
from coursepkg.checks.running.plain import name_of, text_of
from coursepkg.checks.running.use.graphs import MOST_NODES, NO_LIST
from coursepkg.checks.running.use.starts import AGAIN, STARTS


def look_at(question, cases, outcomes):
    """The outcomes of `run`, with summaries instead of outputs where the question needs them.

    If a look fails, that is an error of the outcome, as if the answer had raised it.
    """
    look = LOOKS.get(question.use)
    if look is None:
        return outcomes
    first = next(iter(cases))
    return {
        label: _looked(look, cases[first if label is None else label], outcome)
        for label, outcome in outcomes.items()
    }


def _looked(look, arguments, outcome):
    if outcome.error or outcome.value is None:
        return outcome
    try:
        with np.errstate(all="ignore"):
            return dataclasses.replace(outcome, value=look(outcome.value, arguments))
    except Exception as error:
        name, message = name_of(type(error)), text_of(error)
        return dataclasses.replace(outcome, value=None, error=name, message=message)


def order_of_nodes(listed, arguments):
    """(how often each node is listed, how many of its parents' arrows come from before it)."""
    nodes, arrows = arguments["nodes"], list(arguments["arrows"])
    try:
        order = [range(nodes).index(node) for node in itertools.islice(listed, MOST_NODES)]
    except (TypeError, ValueError):
        raise use.NotAsAsked(NO_LIST.format(nodes - 1)) from None
    counts = np.bincount(np.array(order, dtype=int), minlength=nodes)
    before = np.zeros(nodes, dtype=int)
    for parent, node, *_ in arrows:
        if node in order:
            before[node] += parent in order[: order.index(node)]
    return counts, before


def starting_values(drawn, arguments):
    """What each array is like, in words."""
    values, again = drawn
    scale = arguments["scale"]
    return tuple(_start(*both, scale) for both in zip(values, again, strict=True))


def _start(values, again, scale):
    values, again = numbers(values), numbers(again)
    if values is None or again is None or values.shape[:1] != (STARTS,):
        raise use.NotAsAsked("It must return NumPy arrays of numbers.")
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
    # In coarse steps, so that chance does not matter: 0.2 for the mean, times 1.15 for the spread.
    mean, spread = round(5 * mean) / 5 + 0.0, 1.15 ** round(np.log(spread) / np.log(1.15))
    return f"random, {form}, mean {mean:.1f} and spread {spread:.2g} times scale, shape {shape}"


LOOKS = {
    use.batches_of_epochs: looks_at_batches.in_words,
    use.dropout_of_copies: looks_at_dropout.in_words,
    use.order_of_nodes: order_of_nodes,
    use.starting_values: starting_values,
}
