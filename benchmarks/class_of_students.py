"""A synthetic class: submissions for which the right verdict on each answer is known.

Each answer is the solution, a correct one in another style, a mistake of the bank, or the untouched
stub. Its expected verdict is that of `check` with the secret seed of the class, which must agree
with what the answer was made to be.
"""

import functools
import inspect
import json
import re
import symtable
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import exercise_sets

from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.verdict import NOT_STARTED, RIGHT, WRONG
from coursepkg.checks.diagnose import verdict_on
from coursepkg.checks.question import SEED, changed, source_of
from coursepkg.checks.running.globals_read import globals_read
from coursepkg.checks.running.run import run
from coursepkg.grading import assignment as assignments

SHARES = {RIGHT: 0.5, WRONG: 0.35, NOT_STARTED: 0.15}
SAVED = {  # what JupyterLab adds to an executed notebook
    "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py",
    "mimetype": "text/x-python", "name": "python", "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3", "version": "3.11.7",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """The source of an answer cell. kind: right, not right yet or not started. mistake: its id in
    the bank, or empty."""

    source: str
    kind: str
    mistake: str = ""


@dataclass(frozen=True)
class Due:
    """The expected result of an answer. mistake: the id the table should name first, or empty."""

    earned: int
    verdict: str
    mistake: str


class Class:
    """The answers from which submissions to an assignment are assembled.

    name: as in `coursepkg grade`. grading_seed: the number in secret-seed.txt.
    """

    def __init__(self, name, grading_seed):
        self.assignment = assignments.load(name)
        self.solutions = exercise_sets.load(self.assignment.exercise_set)
        self.release = json.loads(self.assignment.release.read_text(encoding="utf-8"))
        self.answers = {q.name: self._answers(q) for q in self.assignment.questions.values()}
        self.grading_seed = grading_seed

    def _answers(self, question):
        """{kind: [Answer, …]}: the known right, wrong and untouched answers."""
        exercise_set = self.assignment.exercise_set
        styles = exercise_sets.variants(exercise_set, question).values()
        right = [self.solutions.sources[question.name]]
        right += [standing_alone(style, question.name) for style in styles]
        stub = next(c for c in self.release["cells"] if c["id"] == question.name)["source"]
        return {
            RIGHT: [Answer(source, RIGHT) for source in right],
            WRONG: [Answer(with_mistake(question, m), WRONG, m) for m in question.mistakes],
            NOT_STARTED: [Answer("".join(stub), NOT_STARTED)],
        }

    @functools.cache  # noqa: B019, a class of students lives as long as the process
    def verdict(self, question, answer, seed):
        """The verdict on an answer, computed in this process."""
        examination = self.assignment.questions[question].examination(seed)
        function = self.solutions.answer(question, answer.source)
        outcomes = run(function, examination.question.use, examination.cases)
        return verdict_on(Comparison(examination, outcomes), globals_read(function))

    def due(self, question, answer):
        """The `Due` of an answer; ValueError if its verdict is not what it was made to get."""
        verdict = self.verdict(question, answer, self.grading_seed)
        named = [finding.name for finding in verdict.findings]
        if (verdict.status, named) != (answer.kind, [answer.mistake] if answer.mistake else []):
            raise ValueError(f"{question}: made to be {answer}, but it is {verdict}")
        return Due(verdict.earned, verdict.status, answer.mistake)

    def draw(self, rng):
        """A random student's answers, {question: Answer}."""
        chosen = {}
        for question, answers in self.answers.items():
            kind = rng.choice(list(SHARES), p=list(SHARES.values()))
            chosen[question] = answers[kind][rng.integers(len(answers[kind]))]
        return chosen

    def right(self):
        """The solution's answers, {question: Answer}."""
        return {question: answers[RIGHT][0] for question, answers in self.answers.items()}

    def notebook(self, answers):
        """A submission with these answers as JupyterLab saves it, with counts and outputs."""
        notebook = json.loads(json.dumps(self.release))
        notebook["metadata"]["language_info"] = SAVED
        number = 0
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                number += 1
                cell["execution_count"] = number
            elif "nbgrader" in cell["metadata"]:
                cell["source"] = "Her steps are n/2 times as long, so the loss grows."
            if cell["id"] in answers:
                cell["source"] = answers[cell["id"]].source
            question = cell["id"].removeprefix("check-")
            if cell["id"] != question:
                cell["outputs"] = [self._output(question, answers[question], number)]
        return notebook

    def _output(self, question, answer, number):
        data = self.verdict(question, answer, SEED)._repr_mimebundle_()
        return {
            "output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data
        }  # fmt: skip


def make(folder, count, seed, name, grading_seed):
    """Write `count` submissions in nbgrader's layout; returns {student: {question: Due}}.

    folder: is created. seed: decides who makes which mistake. The rest: see `Class`.
    """
    students, rng, due = Class(name, grading_seed), np.random.default_rng(seed), {}
    for number in range(1, count + 1):
        student, answers = f"student-{number:04d}", students.draw(rng)
        save(folder, student, students.assignment.name, students.notebook(answers))
        due[student] = {q: students.due(q, answer) for q, answer in answers.items()}
    return due


def save(folder, student, name, notebook):
    path = folder / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def with_mistake(question, mistake):
    """The source of one of the bank's mistakes, under the name of the question."""
    model = question.mistakes[mistake].model
    if isinstance(model, dict):
        return changed(question.source, model)
    return standing_alone(model, question.name)


def standing_alone(function, name):
    """The source of a function under another name, preceded by what it uses from its module."""
    source = "\n\n".join([*dict.fromkeys(needed(function)), source_of(function)])
    source = re.sub(rf"\b{name}\b", f"other_{name}", source)  # it may call the reference
    return re.sub(rf"\b{function.__name__}\b", name, source)


def needed(function):
    """The sources a function uses from its module, except NumPy, which every notebook imports."""
    module = inspect.getmodule(function)
    for name in sorted(names_read(source_of(function)) - {"np", function.__name__}):
        value = vars(module).get(name)
        if isinstance(value, types.ModuleType):
            yield f"import {value.__name__}"
        elif value is not None:
            yield from needed(value)
            yield source_of(value)


def names_read(source):
    """The global names that a source reads anywhere."""
    tables, names = [symtable.symtable(source, "<answer>", "exec")], set()
    while tables:
        table = tables.pop()
        names |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
        tables += table.get_children()
    return names
