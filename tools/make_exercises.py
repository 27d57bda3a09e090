"""Generate the exercises from their solutions, with nbgrader: `make exercises`.

`solutions/NN_topic/NN_topic.ipynb` is the only source; `exercises/NN_topic/NN_topic.ipynb` is
nbgrader's release of it, without solutions and outputs, with the metadata that grading needs. The
same source gives the same bytes. Given the names of sets, it generates only those.

A question of the bank that a solutions notebook lacks is first added at the end of that notebook.
"""

import ast
import contextlib
import inspect
import re
import sys
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import is_solution

from coursepkg.checks.banks import SETS
from coursepkg.learner.course_files import strip_outputs
from coursepkg.safe_files import remove_stale, write_file

ROOT = Path(__file__).resolve().parent.parent
# The steps of `nbgrader generate_assignment --no-db`, without its folders and configuration.
STEPS = [step for step in GenerateAssignment().preprocessors if step is not SaveCells]


class ExerciseError(Exception):
    """A solutions notebook cannot be released; the message says where and why."""


def release(source):
    """The bytes of the exercise notebook for the solutions notebook at the path `source`."""
    try:
        # The first strip_outputs refuses cells without an id before nbformat invents one.
        notebook = nbformat.reads(strip_outputs(source.read_text(encoding="utf-8")), as_version=4)
        check_source(notebook)
        for step in STEPS:
            notebook, _ = step()(notebook, {})
        check_release(notebook)
        return strip_outputs(nbformat.writes(notebook))
    except Exception as error:  # nbformat and nbgrader raise many kinds; each means a bad source
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ExerciseError(f"{source}: {reason}") from error


def check_source(notebook):
    """Raise ValueError, naming the cell, for faults that nbgrader misses or does not locate."""
    validator = MetadataValidator()
    for cell in notebook.cells:
        try:
            validator.validate_cell(cell)
        except Exception as error:  # validators raise many kinds
            reason = str(error).partition("\n")[0]
            raise ValueError(f"cell {cell.id}: nbgrader's metadata: {reason}") from error
        if problem := wrong_region(cell):
            raise ValueError(f"cell {cell.id}: {problem}")
    validator.validate_nb(notebook)  # refuses a repeated grade_id


def wrong_region(cell):
    """What is wrong with the solution regions of a cell, or None."""
    found = (re.search(r"(BEGIN|END) SOLUTION", line) for line in cell.source.splitlines())
    marks = [mark[1] for mark in found if mark]
    if marks != ["BEGIN", "END"] * (len(marks) // 2):
        return "each ### BEGIN SOLUTION needs its ### END SOLUTION, on a line of its own"
    if is_solution(cell) and not marks:
        return "an answer cell needs a region ### BEGIN SOLUTION … ### END SOLUTION"
    if marks and not is_solution(cell):
        return "a solution region stands only in an answer cell (nbgrader's solution: true)"
    return None


def check_release(notebook):
    """Raise ValueError if an answer cell fails to run once its solution is removed."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_solution(cell):
            try:
                raises = any(isinstance(line, ast.Raise) for line in ast.parse(cell.source).body)
            except SyntaxError:
                raises = True
            if raises:
                raise ValueError(
                    f"cell {cell.id}: without its solution it fails; the region belongs into a "
                    "function or class, and ### BEGIN SOLUTION is indented like the code around it"
                )


def ask_new_questions(path, exercise_set):
    """Add the questions that a set's solutions notebook lacks, with task and check."""
    notebook = nbformat.read(path, as_version=4)
    asked = {cell.id for cell in notebook.cells}
    new = [question for question in exercise_set.questions if question.name not in asked]
    for question in new:
        notebook.cells += cells_for(question)
        print(f"{path.name} asks {question.name} now: edit its text, then run make notebooks")
    if new:
        title, more = notebook.cells[0], sum(question.total for question in new)
        title.source = re.sub(
            r"(\d+) points", lambda m: f"{int(m[1]) + more} points", title.source, count=1
        )
        write_file(path, nbformat.writes(notebook).encode() + b"\n")


def cells_for(question):
    """The task (the docstring of the reference), the solution and the check of a question."""
    task = inspect.getdoc(question.reference)
    if not task or inspect.isclass(question.reference):
        raise ExerciseError(f"{question.name}: give its function a docstring, which is the task")
    points = "1 point" if question.total == 1 else f"{question.total} points"
    if len(question.parts) > 1:
        points += ": " + ", ".join(
            f"{question.worth(part)} for `{part}`" for part in question.parts
        )
    about = {"schema_version": 3, "task": False}
    answer = {**about, "grade_id": question.name, "grade": False, "locked": False, "solution": True}
    checked = {**about, "grade_id": f"check-{question.name}", "grade": True, "locked": True}
    checked |= {"solution": False, "points": question.total}
    new, dashed = nbformat.v4, question.name.replace("_", "-").lower()
    return [
        new.new_markdown_cell(f"**{question.name}** ({points}). {task}", id=f"ask-{dashed}"),
        new.new_code_cell(with_region(question), id=question.name, metadata={"nbgrader": answer}),
        new.new_code_cell(
            f"check({question.name})", id=checked["grade_id"], metadata={"nbgrader": checked}
        ),
    ]


def with_region(question):
    """The reference with its solution marked; what is returned in parts stays to be seen."""
    lines, body = question.source.splitlines(), ast.parse(question.source).body[0].body
    start, end = body[0].end_lineno, len(lines)
    if len(question.parts) > 1 and isinstance(body[-1], ast.Return):
        end = body[-1].lineno - 1
    inner = ["    ### BEGIN SOLUTION", *lines[start:end], "    ### END SOLUTION"]
    return "\n".join([*lines[:start], *inner, *lines[end:]])


def sources(solutions):
    """The notebooks in a folder of exercise sets, by the name of the set, in order."""
    paths = sorted(solutions.glob("[0-9][0-9]_*/[0-9][0-9]_*.ipynb"))
    return {path.stem: path for path in paths if path.stem == path.parent.name}


def make(names=(), root=ROOT):
    """Write the exercises of the sets `names`, or of all sets; remove those without a source.

    No exercise is written unless every set can be released.
    """
    known, exercises = sources(root / "solutions"), root / "exercises"
    if not known:
        raise ExerciseError(f"There is no exercise set in {root / 'solutions'}.")
    for name in names:
        if name not in known:
            raise ExerciseError(f"{name!r} is not a set; the sets are {', '.join(known)}.")
    for exercise_set in SETS:
        if exercise_set.name in (names or known):
            ask_new_questions(known[exercise_set.name], exercise_set)
    made = {name: release(known[name]) for name in names or known}
    for name, data in made.items():
        folder = exercises / name
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale(folder)
        write_file(folder / f"{name}.ipynb", data)
        print(f"exercises/{name}/{name}.ipynb")
    remove_orphans(exercises, known)


def remove_orphans(exercises, known):
    """Remove the generated notebooks whose source is gone, and their folders if then empty."""
    for name, path in sources(exercises).items():
        if name not in known:
            path.unlink()
            with contextlib.suppress(OSError):  # the folder holds files that are not ours
                path.parent.rmdir()
            print(f"removed exercises/{name}/{name}.ipynb, which has no source")


if __name__ == "__main__":
    try:
        make(sys.argv[1:])
    except ExerciseError as error:
        sys.exit(str(error))
