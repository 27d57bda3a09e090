"""How much an answer returned: far more than was asked for is not looked at any further.

To compare and explain it could take any amount of time and memory.
"""

import dataclasses
import math

from coursepkg.checks.running.plain import TooMuch

TIMES, MORE = 10, 1000  # up to so much more than expected is still compared and explained


def without_too_much(expected, outcomes):
    """The outcomes; one that holds far more than expected gets the error TooMuch."""
    return {label: _limited(outcome, expected[label]) for label, outcome in outcomes.items()}


def _limited(outcome, expected):
    due = amount(expected.value)
    came = amount(outcome.value, TIMES * due + MORE)
    if came <= TIMES * due + MORE:
        return outcome
    message = f"at least {came} entries, where there should be {due}"
    return dataclasses.replace(outcome, value=None, error=TooMuch.__name__, message=message)


def amount(value, most=math.inf):
    """How many numbers, words and items in containers there are; counting stops after `most`.

    The axes of an empty array count too: arrays made from it need not be empty.
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
