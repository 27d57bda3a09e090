"""Generate the exercises from their solutions, with nbgrader: `make exercises`.

`solutions/NN_topic/NN_topic.ipynb` is the only source; `exercises/NN_topic/NN_topic.ipynb` is what
nbgrader releases of it: no solutions, no outputs, and the metadata that grading needs later. The
same source gives the same bytes. With names of sets only those are generated.
"""

import ast
import contextlib
import re
import sys
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import is_solution

from coursepkg.learner.course_files import strip_outputs
from coursepkg.safe_files import remove_stale, write_file

ROOT = Path(__file__).resolve().parent.parent
# What `nbgrader generate_assignment --no-db` does, without its folders and configuration files.
STEPS = [step for step in GenerateAssignment().preprocessors if step is not SaveCells]


class ExerciseError(Exception):
    """A solutions notebook cannot be released; the message says where and why."""


def release(source):
    """The bytes of the exercise set that belongs to the solutions notebook at the path `source`."""
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
    """Raise ValueError where nbgrader says nothing, or does not say which cell it means."""
    validator = MetadataValidator()
    for cell in notebook.cells:
        try:
            validator.validate_cell(cell)
        except Exception as error:  # validators raise many kinds
            reason = str(error).partition("\n")[0]
            raise ValueError(f"cell {cell.id}: nbgrader's metadata: {reason}") from error
        if problem := wrong_region(cell):
            raise ValueError(f"cell {cell.id}: {problem}")
    validator.validate_nb(notebook)  # no grade_id twice


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
    """Raise ValueError if an answer cell does not run any more once its solution is out."""
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


def sources(solutions):
    """The solutions notebooks by the name of their set, in order."""
    paths = sorted(solutions.glob("[0-9][0-9]_*/[0-9][0-9]_*.ipynb"))
    return {path.stem: path for path in paths if path.stem == path.parent.name}


def make(names=(), root=ROOT):
    """Write the exercises of the sets `names`, else of all; remove those that have no source.

    Nothing is written unless every set can be released.
    """
    known, exercises = sources(root / "solutions"), root / "exercises"
    if not known:
        raise ExerciseError(f"There is no exercise set in {root / 'solutions'}.")
    for name in names:
        if name not in known:
            raise ExerciseError(f"{name!r} is not a set; the sets are {', '.join(known)}.")
    made = {name: release(known[name]) for name in names or known}
    for name, data in made.items():
        folder = exercises / name
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale(folder)
        write_file(folder / f"{name}.ipynb", data)
        print(f"exercises/{name}/{name}.ipynb")
    remove_orphans(exercises, known)


def remove_orphans(exercises, known):
    """Remove the generated notebooks whose source is gone, with their folders if empty then."""
    for name, path in sources(exercises).items():
        if name not in known:
            path.unlink()
            with contextlib.suppress(OSError):  # something else lies there, which is not ours
                path.parent.rmdir()
            print(f"removed exercises/{name}/{name}.ipynb, which has no source")


if __name__ == "__main__":
    try:
        make(sys.argv[1:])
    except ExerciseError as error:
        sys.exit(str(error))
