"""Which notebooks a folder of submissions holds, and whose they are.

Two layouts are known, and may be mixed: nbgrader's, `<student>/<assignment>/<assignment>.ipynb`,
and notebooks that lie in the folder itself, `<student>.ipynb`. Names are whatever a file system
allows. Only names and kinds of files are looked at here; no file is opened, no link is followed.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from coursepkg.errors import RequestError

TWICE = "There are two of this name: {}. Remove or rename one."
LINK = "{} is a link. Links are not followed: hand in the file itself."


@dataclass(frozen=True)
class Submission:
    """What one student handed in for an assignment.

    path: the notebook to read, below the folder of submissions. problem: why there is nothing to
    read, for the instructor, or empty; path is then the place that was looked at. notes: what was
    tolerated, as whole sentences.
    """

    student: str
    path: Path
    problem: str = ""
    notes: tuple = ()


def find(folder, assignment):
    """The Submissions of an assignment below `folder`, sorted by student.

    A student without a folder for this assignment did not submit and is not listed. Raises
    RequestError if there is nothing to grade.
    """
    if assignment in ("", ".", "..") or "/" in assignment or "\0" in assignment:
        raise RequestError(f"assignment: {assignment!r} is not the name of an assignment")
    folder, found, elsewhere = Path(folder), {}, set()
    if not folder.is_dir():
        raise RequestError(f"submissions: {str(folder)!r} is not a folder")
    for entry in entries_of(folder):
        submission = of_entry(entry, assignment, elsewhere)
        if submission is None:
            continue
        if submission.student in found:  # nobody can tell which is meant, and others do not wait
            places = (found[submission.student].path, submission.path)
            both = " and ".join(str(path.relative_to(folder)) for path in places)
            submission = Submission(submission.student, submission.path, TWICE.format(both))
        found[submission.student] = submission
    if not found:
        raise RequestError(nothing(folder, assignment, elsewhere))
    return [found[student] for student in sorted(found)]


def entries_of(folder):
    """The entries of a folder, by name. OSError if it cannot be opened."""
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def passed_over(folder):
    """The names of files in `folder` that are no notebooks, and so nobody's submission."""
    names = (e.name for e in entries_of(folder) if e.is_file() and not is_notebook(e))
    return [name for name in names if not name.startswith(".")]


def is_notebook(entry):
    """Whether the name is a notebook's. Hidden ones are copies that a system made."""
    return entry.name.lower().endswith(".ipynb") and not entry.name.startswith(".")


def of_entry(entry, assignment, elsewhere):
    """The Submission that an entry of the folder is, or None; other assignments go to elsewhere."""
    path = Path(entry.path)
    if entry.is_dir(follow_symlinks=False):
        return of_student(path, assignment, elsewhere)
    if is_notebook(entry):
        return Submission(path.stem, path, problem_with(entry))
    if entry.is_symlink() and not entry.name.startswith("."):  # perhaps to somebody's folder
        return Submission(entry.name, path, LINK.format("The student's folder"))
    return None


def of_student(path, assignment, elsewhere):
    """What lies in the folder of a student for the assignment, or None."""
    place = path / assignment
    try:
        names = [entry.name for entry in entries_of(path)]
        if assignment not in names:
            elsewhere.update(name for name in names if not name.startswith("."))
            return None
        if place.is_symlink():
            return Submission(path.name, place, LINK.format("The folder of the assignment"))
        if not place.is_dir():
            return Submission(path.name, place, "There is a file where its folder should be.")
        return in_folder(path.name, place, assignment)
    except OSError as error:
        return Submission(path.name, place, f"The folder cannot be opened: {error.strerror}.")


def in_folder(student, place, assignment):
    """The notebook of an assignment's folder: by its name, else the one that comes closest.

    Closest is the name that begins like the assignment's for the longest, small and capital letters
    alike; of several the shortest, then the first of the alphabet. A link comes last.
    """
    notebooks = {entry.name: entry for entry in entries_of(place) if is_notebook(entry)}
    if not notebooks:
        return Submission(student, place, "There is no notebook in the folder.")

    def distance(name):
        alike = len(os.path.commonprefix([name.lower(), assignment.lower()]))
        return notebooks[name].is_symlink(), -alike, len(name), name

    wanted = f"{assignment}.ipynb"
    name = wanted if wanted in notebooks else min(notebooks, key=distance)
    notes = ()
    if name != wanted:
        which = "the only one there" if len(notebooks) == 1 else "of several the closest"
        notes = (f"No notebook is called `{wanted}`; {which}, `{name}`, was taken.",)
    return Submission(student, place / name, problem_with(notebooks[name]), notes)


def problem_with(entry):
    """Why a notebook is not read, by its kind, or an empty text."""
    if entry.is_symlink():
        return LINK.format("The notebook")
    return "" if entry.is_file(follow_symlinks=False) else "The notebook is not an ordinary file."


def nothing(folder, assignment, elsewhere):
    """The sentence for a folder without submissions: what was looked for, and what is there."""
    names = sorted(elsewhere) or [entry.name for entry in entries_of(folder)]
    there = ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5} more" * (len(names) > 5))
    what = "The folders of students hold" if elsewhere else "There is"
    return (
        f"submissions: {str(folder)!r} holds neither <student>/{assignment}/ nor <student>.ipynb. "
        f"{what} {there or 'nothing at all'}."
    )
