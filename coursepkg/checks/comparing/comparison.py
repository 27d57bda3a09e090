"""An answer beside the reference: what each of them gave, part by part, and where they differ."""

import functools

import numpy as np

from coursepkg.checks.comparing.agreement import agree, close, is_right, numbers
from coursepkg.checks.comparing.amount import without_too_much
from coursepkg.checks.comparing.followers import followers
from coursepkg.checks.comparing.looks import look_at
from coursepkg.checks.comparing.verdict import Example
from coursepkg.checks.running.plain import Raised

WRONG_FORM = "form"  # of a `Raised`: another number of things was returned than was asked for
INPUTS, AGAIN, DIGITS, WARNINGS = "its inputs", "a second call", "its digits", "its warnings"


class Comparison:
    """What an answer did and what the reference does, on the cases of an `Examination`.

    outcomes: {label: Outcome} as `run` noted them, perhaps in another process, where they may have
    been forged; the label None is the second call. got, due: {part: {label: value or `Raised`}}
    of the answer and of the reference; got_numbers, due_numbers: these as arrays, or None.
    wrong: {aspect: labels of the cases where it is wrong}; an aspect is a part or a side effect.
    """

    def __init__(self, examination, outcomes):
        self.examination, self.question = examination, examination.question
        self.cases = examination.cases
        looked_at = look_at(self.question, self.cases, outcomes)
        self.outcomes = without_too_much(examination.expected, looked_at)
        self.got = by_part(self.question, self.outcomes)
        self.due = by_part(self.question, examination.expected)
        self.got_numbers, self.due_numbers = arrays(self.got), arrays(self.due)
        aspects = {
            part: [label for label in self.cases if not self.is_right(part, label, due[label])]
            for part, due in self.due.items()
        }
        aspects |= self._side_effects()
        self.wrong = {aspect: labels for aspect, labels in aspects.items() if labels}

    def _side_effects(self):
        ran = [label for label in self.cases if not self.outcomes[label].error]
        quiet = self.question.quiet
        return {
            INPUTS: [label for label in ran if self.outcomes[label].changed],
            WARNINGS: [label for label in ran if quiet and self.outcomes[label].warned],
            DIGITS: self._rounded(ran),
            AGAIN: list(self.cases)[:1] if self._differs_again() else [],
        }

    def _rounded(self, labels):
        """The cases in which a part, right in all of them, is not exact because it was rounded."""
        for part in self.got:
            got, due = self.got_numbers[part], self.due_numbers[part]
            both = [(got[label], due[label]) for label in labels]
            if cut_short(both, self.question.tolerance):
                return [label for label in labels if not close(got[label], due[label], 1e-10)]
        return []

    def _differs_again(self):
        """Whether a part with numbers or words is another one in the second call."""
        first = next(iter(self.cases))
        return any(
            (isinstance(got[first], str) or self.got_numbers[part][first] is not None)
            and not agree(got[None], got[first], 1e-12)
            for part, got in self.got.items()
        )

    def is_right(self, part, label, due):
        """Whether a part is in one case what is due there."""
        return is_right(self.got[part][label], due, self.question.tolerance)

    @functools.cached_property
    def own(self):
        """`wrong` without the parts that are wrong only because an earlier part is, and without
        warnings where a part is wrong: most likely they come from the same mistake."""
        follow = followers(self)
        # Something must be wrong by itself, or there is nothing to follow from.
        own = {a: labels for a, labels in self.wrong.items() if a not in follow} or self.wrong
        if own.keys() & self.got.keys():
            own = {aspect: labels for aspect, labels in own.items() if aspect != WARNINGS}
        return own

    @property
    def earned(self):
        """The points for the parts without a mistake of their own; a side effect costs one."""
        earned = sum(map(self.question.worth, self.got.keys() - self.own.keys()))
        if self.own.keys() <= self.got.keys():
            return earned
        return max(0, earned - 1) if len(self.got) > 1 else 0

    def same_as(self, other, aspect):
        """Whether another answer did the same in one aspect, on all cases."""
        if aspect in self.got:
            got, its, tolerance = self.got[aspect], other.got[aspect], self.question.tolerance
            return all(agree(got[label], its[label], tolerance) for label in self.cases)
        both = [(self.outcomes[label], other.outcomes[label]) for label in self.cases]
        if aspect == INPUTS:
            return all(one.changed == two.changed for one, two in both)
        if aspect == WARNINGS:
            return all(bool(one.warned) == bool(two.warned) for one, two in both)
        return aspect == AGAIN  # that both differ the second time is all there is to compare

    def example(self, part, labels):
        """The smallest of some cases."""
        label = self.examination.small_first(labels)[0]
        of = f"{part}, " if part else ""
        due = {} if self.question.secret else {f"{of}expected": self.due[part][label]}
        return Example(self.cases[label], {**due, f"{of}got": self.got[part][label]})


def by_part(question, outcomes):
    """{part: {label: what an outcome has for it}}."""
    return {
        part: {label: part_of(question, outcome, part) for label, outcome in outcomes.items()}
        for part in question.parts
    }


def part_of(question, outcome, part):
    """What an outcome has for one part of the question; `Raised` if there is none."""
    if outcome.error:
        return Raised(outcome.error, outcome.message)
    value = outcome.value
    if len(question.parts) > 1:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, (tuple, list)) and len(value) == len(question.parts):
            value = value[question.parts.index(part)]
        else:
            return Raised(WRONG_FORM, "array" if isinstance(value, np.ndarray) else "")
    return value


def arrays(parts):
    """{part: {label: the numbers of a value as an array, or None}}."""
    return {
        part: {label: numbers(value) for label, value in values.items()}
        for part, values in parts.items()
    }


def cut_short(both, tolerance):
    """Whether arrays are right and rounded to eight decimals or fewer. both: [(got, due), …]."""
    # A float32 has about eight decimals by nature.
    if any(g is None or d is None or g.dtype != float or g.shape != d.shape for g, d in both):
        return False
    with np.errstate(over="ignore"):
        cut = all(np.array_equal(g, np.round(g, 8)) for g, _ in both)
    return cut and all(close(g, d, tolerance) for g, d in both)
