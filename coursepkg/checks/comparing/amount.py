"""How much came: what is far more than was asked for is not looked at any further.

To compare it, and to seek what is wrong with it, would take time and memory without end.
"""

import dataclasses
import math

from coursepkg.checks.running.plain import TooMuch

TIMES, MORE = 10, 1000  # so much more than is expected in a case is still compared and explained


def without_too_much(expected, outcomes):
    """The outcomes; one with far more in it than is expected in its case has the error TooMuch."""
    return {label: _limited(outcome, expected[label]) for label, outcome in outcomes.items()}


def _limited(outcome, expected):
    due = amount(expected.value)
    came = amount(outcome.value, TIMES * due + MORE)
    if came <= TIMES * due + MORE:
        return outcome
    message = f"at least {came} entries, where there should be {due}"
    return dataclasses.replace(outcome, value=None, error=TooMuch.__name__, message=message)


def amount(value, most=math.inf):
    """How many numbers, words and things in containers there are; none is counted after `most`.

    The axes of an empty array count, too: others that are made of it may not be empty.
    """
    found, left = 0, [value]
    while left and found <= most:
        value = left.pop()
        if isinstance(value, dict):
            value = tuple(value.values())
        if isinstance(value, (list, tuple)):
            found += len(value)
            left += value
        else:
            found += math.prod(max(1, size) for size in getattr(value, "shape", ()))
    return found
