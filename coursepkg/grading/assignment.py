"""What is graded: an exercise set with its questions in code, and those in words."""

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from coursepkg.checks.banks import SETS
from coursepkg.checks.question import ExerciseSet
from coursepkg.errors import CourseError, RequestError
from coursepkg.learner import course_files

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Assignment:
    """exercise_set: the questions in code. words: {id of a question in words: its points}.
    release, solution: the notebook that learners got, and the one it was made from."""

    exercise_set: ExerciseSet
    words: dict
    release: Path
    solution: Path
    release_text: str

    @property
    def name(self):
        return self.exercise_set.name

    @property
    def questions(self):
        return {question.name: question for question in self.exercise_set.questions}


def code_of_package():
    """A hash of the whole package, because a grade may depend on any of it."""
    code = hashlib.sha256()
    for path in sorted(path for kind in ("py", "md") for path in PACKAGE.glob(f"**/*.{kind}")):
        code.update(path.read_bytes())
    return code.hexdigest()


CODE = code_of_package()  # now, as it is imported: a worker may live longer than the files


def fingerprint(name, seed, unsafe):
    """A hash of everything but the submission that a grade depends on. If it differs, a record is
    out of date."""
    parts = (CODE, name, load(name).release_text, str(seed), str(unsafe))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@functools.cache
def load(name):
    """The Assignment `name`: 03_one_weight, or 03. RequestError if there is none."""
    names = {each.name: each for each in SETS}
    number = f"{name.lstrip('0'):0>2}"
    found = [key for key in names if name == key or (name.isdecimal() and number == key[:2])]
    if not found:
        raise RequestError(f"assignment: there is no {name!r}; there are {', '.join(names)}")
    [key] = found
    clone = course_files.notebooks_folder().parent
    paths = [clone / folder / key / f"{key}.ipynb" for folder in ("exercises", "solutions")]
    for path in paths:
        if not path.is_file():
            raise CourseError(f"{path} is not there; is the clone complete?")
    text, words = released(paths[0])
    return Assignment(names[key], words, *paths, text)


def released(path):
    """(text, {id of a question in words: its points}) of the notebook that learners got."""
    try:
        text = path.read_text(encoding="utf-8")
        about = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(text)["cells"]]
        return text, {each["grade_id"]: each["points"] for each in about if by_hand(each)}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CourseError(f"{path} is not a sound notebook: {error}") from error


def others(name):
    """{question: set} of all sets but `name`, to say which one a notebook belongs to."""
    return {q.name: each.name for each in SETS if each.name != name for q in each.questions}


def by_hand(about):
    """Whether nbgrader's metadata of a cell make it a question in words."""
    return bool(about.get("grade") and about.get("solution"))
