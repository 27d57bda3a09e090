"""What a question is: cases, a reference, the mistakes that are known, and hints."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from coursepkg.checks.comparing.agreement import count
from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.looks import look_at
from coursepkg.checks.running.run import run
from coursepkg.checks.running.use import call
from coursepkg.clinic.tools import change

SEED = 2026  # the notebook's cases are the same for everybody; a grade takes a secret seed


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make: the sentence that names it, and the wrong model itself.

    model: a function like the reference, or a dict of lines of the reference and what they become.
    """

    sentence: str
    model: Callable | dict


@dataclass(frozen=True)
class Question:
    """Something for the learner to write, and all that is known about right and wrong answers.

    reference: the right function or class; its name is the question's. points: a whole number, or
    a dict of the parts that the answer returns, in order, with the points of each. cases: rng ->
    {label: {argument: value}}, small ones first. mistakes: {id: Mistake}. hints: three texts, the
    last a worked line. use: how an answer is used, one of `coursepkg.checks.running.use`. follow:
    (outputs, **arguments) -> what each part should be, given the learner's own earlier parts, so
    that one mistake costs one part. tolerance: of the largest number of an output; float32 passes
    1e-5. quiet: a warning is a fault, because to avoid it is the point.
    secret: what was expected is not shown, because it is the answer.
    path: the first axis of what is returned is time, step after step.
    """

    reference: Callable
    points: int | dict
    cases: Callable
    mistakes: dict
    hints: tuple
    use: Callable = call
    follow: Callable | None = None
    tolerance: float = 1e-5
    quiet: bool = False
    secret: bool = False
    path: bool = False
    cache: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self):
        return self.reference.__name__

    @property
    def parts(self):
        """The names of what an answer returns; a single output has no name of its own."""
        return tuple(self.points) if isinstance(self.points, dict) else ("",)

    def worth(self, part):
        """The points of one part."""
        return self.points[part] if isinstance(self.points, dict) else self.points

    @property
    def total(self):
        return sum(map(self.worth, self.parts))

    def wrong_model(self, mistake):
        """The wrong function or class of a mistake, as it would stand in a notebook."""
        model = self.mistakes[mistake].model
        return change(self.reference, model) if isinstance(model, dict) else model

    def examination(self, seed=SEED):
        """The cases of a seed with what the reference answers. Made once for each seed."""
        if seed not in self.cache:
            self.cache[seed] = Examination(self, seed)
        return self.cache[seed]


class Examination:
    """A question with its cases drawn: what the reference and the wrong models do with them.

    expected: {label: Outcome} of the reference. RuntimeError if it fails on a case of its own.
    """

    def __init__(self, question, seed):
        self.question = question
        self.cases = question.cases(np.random.default_rng(seed))
        outcomes = run(question.reference, question.use, self.cases)
        self.expected = look_at(question, self.cases, outcomes)
        for label, outcome in self.expected.items():
            if outcome.error:  # every answer that fails as well would be called right
                raise RuntimeError(f"{question.name}, {label}: the reference fails: {outcome}")

    def small_first(self, labels):
        """The labels of some cases, those of the smallest first."""
        return sorted(labels, key=lambda label: count(self.cases[label]))

    @functools.cached_property
    def known(self):
        """{mistake: the Comparison of its model}; needed only once somebody is wrong."""
        models = {name: self.question.wrong_model(name) for name in self.question.mistakes}
        outcomes = {name: run(models[name], self.question.use, self.cases) for name in models}
        return {name: Comparison(self, each) for name, each in outcomes.items()}


@dataclass(frozen=True)
class ExerciseSet:
    """The questions of a chapter, in the order of the notebook. name: 01_sigmoid_derivative."""

    name: str
    questions: tuple

    @property
    def number(self):
        return int(self.name[:2])

    @property
    def points(self):
        return sum(question.total for question in self.questions)
