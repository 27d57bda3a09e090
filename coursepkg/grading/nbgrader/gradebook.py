"""The records in nbgrader's gradebook: `coursepkg grade … --gradebook`.

nbgrader's own `autograde` would run what learners wrote in front of the gradebook. Here the judge's
points go in through nbgrader's interface instead, and its formgrader, feedback and export work on
them: a person grades the answers in words, and may change any score. What a person has given is
never changed: not scores, not comments, not extra points. Where the answer has changed since, the
score is kept and marked as one to look at again.

Only graded and repaired submissions are written. Others get no entry, since in a gradebook no
score looks like 0; a student who handed in to nbgrader's `submitted` is shown there as one who
still has to be graded.
"""

import contextlib
import json
import os
import re
import secrets
import sys
from pathlib import Path

import nbformat

from coursepkg.errors import RequestError
from coursepkg.grading.nbgrader.graded_copy import CHECK, comment, graded_copy
from coursepkg.grading.pages.html import readable
from coursepkg.grading.record import GRADED
from coursepkg.safe_files import TEMPORARY, remove_stale, write_file

try:
    from nbgrader.api import Gradebook, MissingEntry
    from nbgrader.preprocessors import SaveCells
    from sqlalchemy.engine import URL
    from sqlalchemy.exc import DatabaseError
except ImportError as error:
    raise ImportError(
        "The gradebook needs nbgrader. In the clone of the course, run: "
        ".venv/bin/python -m pip install --editable '.[grading]'"
    ) from error

COURSE = "backpropagation"  # as in nbgrader_config.py
# nbgrader makes a folder, addresses and patterns of file names of a student's name.
NAME = re.compile(r"\w[\w@-]*([ .][\w@-]+)*")
LONGEST_NAME = 128  # characters, in the gradebook


def write(records, release, database):
    """Write the Records of one assignment into the gradebook at the path `database`.

    release: the path of the released notebook, `exercises/NN_topic/NN_topic.ipynb`. The notebooks
    that nbgrader shows go into `autograded` beside the database. Returns sentences about what was
    left out. RequestError, and nothing is written, if a record does not belong to the release.
    Writing the same records twice changes nothing.
    """
    release, database = Path(release), Path(database)
    notebook = read_release(release)
    check_records(records, notebook, release.stem)
    left_out = []
    try:
        with open_gradebook(database, notebook, release.stem) as gradebook:
            for record in records:
                if why := why_not(record):
                    left_out.append(why + earlier(gradebook, record))
                else:
                    folder = database.parent / "autograded" / record.student / release.stem
                    write_one(gradebook, record, notebook, folder / release.name)
    except DatabaseError as error:  # not a database, locked for long, the disk is full
        raise RequestError(f"database: {database} cannot be written: {error.orig}") from error
    return left_out


def read_release(path):
    """The released notebook; RequestError if the file is damaged."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError:
        raise
    except Exception as error:  # nbformat raises many kinds
        reason = str(error).partition("\n")[0]
        raise RequestError(f"release: {path} is not a sound notebook: {reason}") from error


def why_not(record):
    """Why a record does not go into the gradebook, as a sentence; empty if it does."""
    student = ascii(record.student)
    if record.status not in GRADED:
        return f"{student} gets no score in the gradebook: {record.status}."
    if not NAME.fullmatch(record.student) or len(record.student) > LONGEST_NAME:
        return (
            f"{student} is not in the gradebook: a name there consists of letters, digits, _, - "
            f"and @, with single dots or spaces between, {LONGEST_NAME} characters at most."
        )
    return ""


def earlier(gradebook, record):
    """A sentence if the gradebook has an older entry of a student who gets none now."""
    try:
        gradebook.find_submission(record.assignment, readable(record.student))
    except MissingEntry:
        return ""
    return " What was graded earlier is still there."


def check_records(records, notebook, assignment):
    """Raise RequestError if a record belongs to another assignment, or if a student comes twice."""
    about = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    released = {cell.grade_id.removeprefix(CHECK): cell.points for cell in about if cell.grade}
    students = set()
    for record in records:
        who = f"records: {ascii(record.student)}"
        if record.assignment != assignment:
            raise RequestError(f"{who} was graded for {record.assignment!r}, not {assignment!r}")
        if record.student in students:
            raise RequestError(f"{who} comes twice")
        students.add(record.student)
        found = {q.question: q.points for q in (*record.questions, *record.words)}
        if found and found != released:
            raise RequestError(
                f"{who} has other questions or points than {assignment}; grade again"
            )


@contextlib.contextmanager
def open_gradebook(database, notebook, assignment):
    """The gradebook, made if there is none, with the cells of the assignment and their points."""
    address = URL.create("sqlite", database=str(database.absolute()))
    if not database.exists():
        create(database)
    with contextlib.closing(Gradebook(address, course_id=COURSE)) as gradebook:
        gradebook.update_or_create_assignment(assignment)
        about = {"notebook": assignment, "assignment": assignment, "db_url": address}
        try:  # as `nbgrader generate_assignment` does
            SaveCells().preprocess(notebook, {"nbgrader": about})
        except RuntimeError as error:
            raise RequestError(f"release: not as in the gradebook any more. {error}") from error
        yield gradebook


def create(database):
    """Make an empty gradebook; it gets its name when it is complete."""
    database.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(database.parent)
    temporary = database.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    address = URL.create("sqlite", database=str(temporary.absolute()))
    with programs_of_this_python():
        Gradebook(address, course_id=COURSE).close()
    os.replace(temporary, database)


@contextlib.contextmanager
def programs_of_this_python():
    """nbgrader calls `alembic`, which lies beside the Python that runs, on PATH or not."""
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        yield
    finally:
        os.environ["PATH"] = path


def write_one(gradebook, record, notebook, path):
    """One submission: the scores in one transaction, then the notebook.

    In this order, because the old notebook tells which answers have changed: after a run that was
    killed between the two, the next one sees the same changes again.
    """
    data = graded_copy(notebook, record)
    changed = changed_answers(path, data)
    gradebook.update_or_create_student(record.student)
    with gradebook.db.no_autoflush:  # else SQLAlchemy warns of how nbgrader adds a submission
        submission = gradebook.update_or_create_submission(path.stem, record.student)
    (entry,) = submission.notebooks
    questions = {CHECK + question.question: question for question in record.questions}
    for grade in entry.grades:
        earned = questions[grade.name].earned if grade.name in questions else None
        set_score(grade, earned, grade.name.removeprefix(CHECK) in changed)
    for answer in entry.comments:
        if CHECK + answer.name in questions:
            answer.auto_comment = comment(questions[CHECK + answer.name])
    gradebook.db.commit()
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(path.parent)
    if not path.exists() or path.read_bytes() != data:
        write_file(path, data)


def set_score(grade, earned, changed):
    """earned: None if only a person can grade it, which is not 0. changed: since the last run."""
    if grade.manual_score is None and grade.extra_credit is None:
        grade.needs_manual_grade = earned is None
    elif changed or grade.auto_score != earned:
        grade.needs_manual_grade = True
    grade.auto_score = earned


def changed_answers(path, data):
    """The ids of the cells whose source is not that of the last graded copy at `path`."""
    try:
        before = sources(path.read_bytes())
    except (FileNotFoundError, ValueError):  # nobody knows which answer a score was for
        before = {}
    return {name for name, source in sources(data).items() if before.get(name) != source}


def sources(data):
    """{id: source} of the cells of a graded copy that nbgrader knows."""
    cells = [cell for cell in json.loads(data)["cells"] if "nbgrader" in cell["metadata"]]
    return {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"]) for cell in cells}
