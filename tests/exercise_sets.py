"""The solutions of an exercise set as code: every answer with the names that its notebook gives."""

import importlib
from dataclasses import dataclass
from pathlib import Path

import nbformat

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"


@dataclass(frozen=True)
class Solutions:
    """sources: {question: the code of its answer cell}. given: what the other cells define."""

    sources: dict
    given: dict

    def answer(self, name, source=None):
        """The function or class `name`, from its own cell or from a changed source of it."""
        space = dict(self.given)
        exec(compile(source or self.sources[name], f"<{name}>", "exec"), space)
        return space[name]


def load(exercise_set):
    """The Solutions of a set. Answers do not see one another, as they may not in a grade."""
    path = SOLUTIONS / exercise_set.name / f"{exercise_set.name}.ipynb"
    sources, given = {}, {"__name__": "solutions"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        about = cell.metadata.get("nbgrader", {})
        if about.get("solution"):
            sources[about["grade_id"]] = cell.source
        elif not about.get("grade"):
            exec(compile(cell.source, f"<{cell.id}>", "exec"), given)
    return Solutions(sources, given)


def answers_of(exercise_set):
    """The module of a set in tests/answers: functions `question__style`, and EQUIVALENT."""
    return importlib.import_module(f"answers.{exercise_set.name[3:]}")


def variants(exercise_set, question):
    """{style: function}: right answers to a question, written in other ways."""
    prefix = f"{question.name}__"
    found = vars(answers_of(exercise_set)).items()
    return {name: function for name, function in found if name.startswith(prefix)}
