"""What the course delivers to a learner: chapters and exercise sets, without their outputs."""

import json
import platform
import re
from pathlib import Path, PureWindowsPath

from coursepkg.errors import CourseError, RequestError

CHAPTER = re.compile(r"\d\d_[\w-]+\.ipynb")
EXERCISES = "exercises"  # the folder of the sets, in the clone and in the learner's folder


class WorkspaceError(CourseError):
    """The course or the learner's folder cannot be used; the message says why and what to do."""


def clone_folder():
    """The folder that holds this package, which is the clone of the course."""
    return Path(__file__).resolve().parents[2]


def notebooks_folder():
    """The folder of the chapters in the clone."""
    notebooks = clone_folder() / "notebooks"
    if not notebooks.is_dir():
        raise WorkspaceError(
            f"{notebooks} is not there: the package was installed without the course. Clone the "
            "course and, in the clone, run: python -m pip install --editable ."
        )
    return notebooks


def default_folder():
    """Where the learner's copies lie unless another folder is named."""
    return clone_folder() / "my-course"


def chapter_files(notebooks):
    """The paths of the chapters in `notebooks`, in order."""
    files = sorted(p for p in notebooks.iterdir() if CHAPTER.fullmatch(p.name) and p.is_file())
    if not files:
        raise WorkspaceError(f"There is no chapter in {notebooks}; is the clone complete?")
    return files


def set_files(notebooks):
    """The paths of the exercise sets in the clone, `exercises/NN_topic/NN_topic.ipynb`, in order.

    There may be none: the sets are generated, and the chapters can be read without them.
    """
    files = sorted((notebooks.parent / EXERCISES).glob("*/*.ipynb"))
    return [
        p for p in files if CHAPTER.fullmatch(p.name) and p.stem == p.parent.name and p.is_file()
    ]


# What JupyterLab would add as soon as it opens a notebook, and then ask whether to save.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py",
        "mimetype": "text/x-python", "name": "python", "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3", "version": platform.python_version(),
    },
}  # fmt: skip


def as_delivered(text):
    """The bytes of a notebook as a learner gets it: without outputs, and as JupyterLab saves it."""
    return strip_outputs(text, METADATA)


def strip_outputs(text, metadata=()):
    """The bytes of a notebook without what running it left behind: same text, same bytes.

    metadata: what that of the notebook takes over.
    """
    import nbformat  # here, so that `coursepkg doctor` can run and report that it is missing

    notebook = nbformat.from_dict(json.loads(text))
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        # nbformat would invent random ids, and every sync would find a "new version".
        raise ValueError("every cell needs an id of its own")
    notebook.metadata.pop("widgets", None)
    notebook.metadata.update(metadata)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the times of a run
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def load_course(notebooks):
    """The chapters, then the exercise sets, as a learner gets them: `{name: bytes}`, in order.

    The name is the path in the learner's folder: `03_one_weight.ipynb`, and with the folder
    `exercises/` before it the set of that chapter.
    """
    course = {path.name: _load(path) for path in chapter_files(notebooks)}
    course |= {f"{EXERCISES}/{path.name}": _load(path) for path in set_files(notebooks)}
    return course


def _load(path):
    try:
        return as_delivered(path.read_text(encoding="utf-8"))
    except ImportError:
        raise
    except Exception as error:  # nbformat raises many kinds; each means a damaged notebook
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise WorkspaceError(f"{path} is not a sound notebook: {reason}") from error


def find_chapter(chapter, course):
    """The name in `course` of what a person calls `3`, `03_one_weight` or `exercises/3`.

    On Windows they write `exercises\\3`, and a shell completes it to `./exercises/`.
    """
    path = PureWindowsPath(chapter).as_posix()
    folder, slash, short = path.rpartition("/")
    number = f"{folder}{slash}{short.lstrip('0'):0>2}_" if short.isdecimal() else None
    names = [
        name
        for name in course
        if path in (name, name.removesuffix(".ipynb")) or (number and name.startswith(number))
    ]
    if len(names) != 1:
        problem = "is more than one chapter" if names else "is not a chapter"
        raise RequestError(f"chapter: {chapter!r} {problem}. {_known(course)}")
    return names[0]


def _known(course):
    names = [name.removesuffix(".ipynb") for name in course]
    sets = [name for name in names if "/" in name]
    words = f"The chapters are {', '.join(name for name in names if name not in sets)}."
    return words + (f" The exercise sets are {', '.join(sets)}." if sets else "")
