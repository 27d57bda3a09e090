"""What a question is: cases, a reference, the mistakes that are known, and hints."""

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from coursepkg.checks.comparing.amount import amount
from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.looks import look_at
from coursepkg.checks.running.run import run
from coursepkg.checks.running.use import call

SEED = 2026  # the notebook's cases are the same for everybody; a grade takes a secret seed


def question(cases, **settings):
    """Decorator that makes a reference function or class the right answer to a question.

    cases: rng -> {label: arguments}, small ones first. The arguments of a case are a dict, or a
    tuple in the order of the reference's; a list of numbers stands for an array. settings: `use`,
    `follow`, `tolerance`, `quiet`, `secret`, `path` of the `Question`.
    """

    def mark(reference):
        reference.asked = {"cases": cases, **settings}
        return reference

    return mark


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make: the sentence that names it, and the wrong model itself.

    model: a function like the reference, or a dict of pieces of its source and what they become.
    """

    sentence: str
    model: Callable | dict


@dataclass(frozen=True)
class Question:
    """Something for the learner to write, and all that is known about right and wrong answers.

    reference: the right function or class; its name is the question's. points: a whole number, or a
    dict of the parts that the answer returns, in order, with the points of each. cases: see
    `question`. mistakes: {id: Mistake}. hints: three texts, the last a worked line.
    use: how an answer is used, one of `checks.running.use`. follow: (outputs, **arguments) -> what
    each part should be, given the learner's own earlier parts, so that one mistake costs one part.
    tolerance: of the largest number of an output; float32 passes 1e-5. quiet: a warning is a fault,
    because to avoid it is the point. secret: what was expected is not shown, because it is the
    answer. path: the first axis of what is returned is time, step after step.
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
    cache: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def name(self):
        return self.reference.__name__

    @property
    def parts(self):
        """The names of what an answer returns; a single output has no name of its own."""
        return tuple(self.points) if isinstance(self.points, dict) else ("",)

    def worth(self, part):
        return self.points[part] if isinstance(self.points, dict) else self.points

    @property
    def total(self):
        return sum(map(self.worth, self.parts))

    @functools.cached_property
    def source(self):
        """The code of the reference, without its decorator."""
        return source_of(self.reference)

    def compiled(self, source):
        """The function or class that a changed source of the reference defines."""
        namespace = dict(vars(sys.modules[self.reference.__module__]))
        exec(source, namespace)
        return namespace[self.name]

    def changed(self, changes):
        """The reference with each key of `changes`, found exactly once, become its value."""
        return self.compiled(changed(self.source, changes))

    def wrong_model(self, mistake):
        """The wrong function or class of a mistake, as it would be in a notebook."""
        model = self.mistakes[mistake].model
        try:
            return self.changed(model) if isinstance(model, dict) else model
        except SyntaxError as error:
            raise ValueError(f"{self.name}: {mistake} is no Python: {error.text}") from error

    def examination(self, seed=SEED):
        """The cases of a seed with what the reference answers. Made once for each seed."""
        if seed not in self.cache:
            self.cache[seed] = Examination(self, seed)
        return self.cache[seed]


def source_of(reference):
    """The code of a function or class, without decorators."""
    text = textwrap.dedent(inspect.getsource(reference))
    first = ast.parse(text).body[0].lineno  # which is the line of `def` or `class`
    return "".join(text.splitlines(keepends=True)[first - 1 :])


def changed(source, changes):
    """A source in which each key of `changes`, found exactly once, became its value."""
    for right, wrong in changes.items():
        if (count := source.count(right)) != 1:
            raise ValueError(f"`{right.strip()}` is found {count} times, and must be found once")
        source = source.replace(right, wrong)
    return source


class Examination:
    """A question with its cases drawn: what the reference and the wrong models do with them.

    expected: {label: Outcome} of the reference. RuntimeError if it fails on a case of its own.
    """

    def __init__(self, question, seed):
        self.question = question
        drawn = question.cases(np.random.default_rng(seed))
        self.cases = {label: arguments(case, question.reference) for label, case in drawn.items()}
        outcomes = run(question.reference, question.use, self.cases)
        self.expected = look_at(question, self.cases, outcomes)
        for label, outcome in self.expected.items():
            if outcome.error:  # every answer that fails as well would be called right
                raise RuntimeError(f"{question.name}, {label}: the reference fails: {outcome}")

    def small_first(self, labels):
        """The labels of some cases, those of the smallest first."""
        return sorted(labels, key=lambda label: amount(self.cases[label]))

    @functools.cached_property
    def known(self):
        """{mistake: the Comparison of its model}; needed only once somebody is wrong."""
        models = {name: self.question.wrong_model(name) for name in self.question.mistakes}
        outcomes = {name: run(models[name], self.question.use, self.cases) for name in models}
        return {name: Comparison(self, each) for name, each in outcomes.items()}


def arguments(case, reference):
    """{name: value} of a case."""
    if isinstance(case, tuple):
        case = dict(zip(inspect.signature(reference).parameters, case, strict=True))
    return arrays(case)


def arrays(values):
    """A dict, and the dicts in it, with an array in place of each list of numbers."""
    if isinstance(values, dict):
        return {name: arrays(value) for name, value in values.items()}
    return np.array(values) if is_numbers(values) else values


def is_numbers(value):
    """Whether a value is a list that holds, at any depth, nothing but numbers."""
    return isinstance(value, list) and all(
        isinstance(each, (int, float)) or is_numbers(each) for each in value
    )


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
