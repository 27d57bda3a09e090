"""What a learner calls: `check(my_function)` and `hint(my_function, 1)`."""

import dataclasses
import difflib

from IPython import get_ipython

from coursepkg.checks import progress
from coursepkg.checks.banks import QUESTIONS
from coursepkg.checks.comparing.verdict import boxed, marked
from coursepkg.checks.diagnose import diagnose


def check(answer):
    """Say whether an answer is right, and if not, which mistake it is. Returns a Verdict.

    answer: the function or class that was written for a question, under the question's name.
    TypeError if it is neither, ValueError if no question has its name. Progress is
    recorded in the folder that `coursepkg lab` made.
    """
    question = find(answer)
    verdict = diagnose(question, answer)
    not_recorded = progress.record(verdict)
    return dataclasses.replace(verdict, notes=(*verdict.notes, *filter(None, [not_recorded])))


def hint(answer, level=1):
    """A hint for a question: 1 says where to look, 2 says more, 3 is a worked line.

    answer: the function or class, as for `check`. ValueError if level is none of the three.
    """
    question = find(answer)
    if level not in (1, 2, 3):
        raise ValueError(f"level must be 1, 2 or 3, got {level!r}")
    return Hint(question.name, level, question.hints[level - 1])


@dataclasses.dataclass(frozen=True)
class Hint:
    """A hint, in the frame of a verdict; JupyterLab typesets the mathematics in its text."""

    name: str
    level: int
    text: str

    def __str__(self):
        return f"Hint {self.level} of 3 for {self.name}: {self.text}"

    __repr__ = __str__

    def _repr_html_(self):
        heading = f"<strong>Hint {self.level} of 3 for <code>{self.name}</code>.</strong>"
        return boxed("hint", f"<p>{heading} {marked(self.text)}</p>")


def find(answer):
    """The question that an answer is for."""
    if not callable(answer):
        raise TypeError(
            f"answer must be the function itself, got {type(answer).__name__}: write check(name), "
            "the name without parentheses and quotes"
        )
    for name in [getattr(answer, "__name__", ""), *notebook_names(answer)]:
        if name in QUESTIONS:
            return QUESTIONS[name]
    name = getattr(answer, "__name__", repr(answer))
    near = difflib.get_close_matches(name, QUESTIONS, n=3)
    meant = f"; is it {' or '.join(near)}?" if near else ""
    raise ValueError(f"answer: no question of the course has the name {name!r}{meant}")


def notebook_names(answer):
    """The names that an object has in the notebook: a lambda does not know its own."""
    shell = get_ipython()
    space = shell.user_ns if shell else {}
    return [name for name, value in space.items() if value is answer]
