"""What is set in an explorer: each control offers a list of round values.

A value is what is shown, what is set and what is computed with. A slider has evenly spaced values,
a ladder those that one would write down, such as 0.1, 0.12, 0.15, 0.2. Numbers can be typed, too.
"""

import math
from dataclasses import asdict, dataclass
from decimal import Decimal

from coursepkg.arguments import real_number

RUNGS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)


@dataclass(frozen=True)
class Control:
    """kind: "slider", "ladder", "choice" or "switch". values: all that can be reached."""

    kind: str
    label: str
    values: tuple
    value: object

    def __post_init__(self):
        if self.accept(self.value) != self.value:
            raise ValueError(f"{self.label} cannot begin at {self.value!r}, which it cannot reach")

    def accept(self, value):
        """The value as it is set. ValueError if it is none of this control's.

        A number outside is moved to the nearer end; on a slider it becomes the nearest of the
        values, on a ladder it stays as it was typed.
        """
        if self.kind in ("choice", "switch"):
            if value not in self.values:
                raise ValueError(f"{self.label} must be one of {self.values}, got {value!r}")
            return value
        real_number(value, self.label)
        if self.kind == "ladder":
            return min(max(float(f"{value:.4g}"), self.values[0]), self.values[-1])
        return min(self.values, key=lambda each: abs(each - value))

    def as_dict(self):
        return asdict(self)


def slider(label, value, low, high, step=1):
    """Evenly spaced values from low to high; whole numbers if low and step are."""
    digits = max(0, -Decimal(str(step)).as_tuple().exponent)
    values = (low + step * k for k in range(round((high - low) / step) + 1))
    return Control("slider", label, tuple(round(each, digits) for each in values), value)


def ladder(label, value, low, high):
    """Round values from low to high, each about a fifth more than the one before."""
    exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    rungs = (float(f"{rung}e{exponent}") for exponent in exponents for rung in RUNGS)
    return Control("ladder", label, tuple(each for each in rungs if low <= each <= high), value)


def choice(label, options, value=None):
    options = tuple(options)
    return Control("choice", label, options, options[0] if value is None else value)


def switch(label, value):
    return Control("switch", label, (False, True), value)
