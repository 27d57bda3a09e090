"""The learner's own copies of the chapters: bring them, renew them, never lose an edit.

A sync looks first and acts afterward. `plan` compares hashes of what lies in the learner's folder
and decides, file by file; it changes nothing. `_act` then does one step of the plan, and looks
again if the learner saved that file in the meantime. A small manifest in the folder remembers what
was delivered; without it, every file that differs from the course counts as the learner's work.

Nothing is written in place. Content goes to a temporary file in the same folder, is flushed to the
disk, and only then gets its name: by a replace where the old content is known and not needed, and
everywhere else by an operation that fails when the name is taken.
"""

import contextlib
import hashlib
import itertools
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

CHAPTER = re.compile(r"\d\d_[\w-]+\.ipynb")
MANIFEST = ".coursepkg.json"
TEMPORARY = ".coursepkg-tmp-"
NOT_A_FILE = "not a file"  # stands where a hash would, and equals none


class WorkspaceError(Exception):
    """The course or the learner's folder cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Step:
    """What a sync will do with one chapter, decided when its file had the hash `seen`."""

    chapter: str
    action: str  # what `decide` returned
    seen: str | None


@dataclass(frozen=True)
class Change:
    """What a sync did with one chapter; `beside` names the file that holds an offered version."""

    chapter: str
    action: str
    beside: str | None = None


def clone_folder():
    """The folder that holds this package, which is the clone of the course."""
    return Path(__file__).resolve().parent.parent


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


def strip_outputs(text):
    """The bytes of a notebook without what running it left behind: same text, same bytes."""
    import nbformat  # here, so that `coursepkg doctor` can run and report that it is missing

    notebook = nbformat.from_dict(json.loads(text))
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        # nbformat would invent random ids, and every sync would find a "new version".
        raise ValueError("every cell needs an id of its own")
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the times of a run
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def load_course(notebooks):
    """The chapters as a learner gets them, `{name: bytes}`, in order."""
    course = {}
    for path in chapter_files(notebooks):
        try:
            course[path.name] = strip_outputs(path.read_text(encoding="utf-8"))
        except ImportError:
            raise
        except Exception as error:  # nbformat raises many kinds; each means a damaged chapter
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise WorkspaceError(f"{path} is not a sound notebook: {reason}") from error
    return course


def decide(new, mine, delivered=None, offered=None):
    """The action for one chapter; all four are hashes, None for a file or a record not there.

    `new` is the course's version and `mine` the learner's file; `delivered` was last put under the
    chapter's own name and `offered` last put beside it.
    """
    if mine is None:
        return "bring"
    if mine == new:
        return "same"
    if mine in (delivered, offered, _hash(b"")):  # nothing of the learner's is in it
        return "replace"
    if new in (delivered, offered):
        return "keep"
    return "offer"


def plan(course, folder, manifest):
    """One `Step` for each chapter of `course`; looks and changes nothing."""
    return [_plan_chapter(name, course[name], folder, manifest.get(name, {})) for name in course]


def _plan_chapter(name, data, folder, entry):
    seen = _hash_file(folder / name)
    if seen == NOT_A_FILE:
        raise WorkspaceError(
            f"{folder / name} is not a file, and the chapter needs its name. Rename it, try again."
        )
    action = decide(_hash(data), seen, entry.get("delivered"), entry.get("offered"))
    return Step(name, action, seen)


def sync(folder, notebooks=None):
    """Bring the learner's `folder` up to date with the chapters; return the list of `Change`s."""
    notebooks = notebooks or notebooks_folder()
    course = load_course(notebooks)
    folder = _open_folder(folder, notebooks)
    before = read_manifest(folder)
    manifest = {name: dict(entry) for name, entry in before.items()}
    changes = []
    for step in plan(course, folder, manifest):
        data, entry = course[step.chapter], manifest.setdefault(step.chapter, {})
        change = _act(step, folder, data, entry)
        if change.action == "offer":
            entry["offered"] = _hash(data)
        elif change.action != "keep":
            entry["delivered"] = _hash(data)
        changes.append(change)
    if manifest != before:
        _write_manifest(folder, manifest)  # last: a killed sync is simply done again
    return [change for change in changes if change.action not in ("keep", "same")]


def _act(step, folder, data, entry):
    """Do one step. If the learner saved the file meanwhile, look again and do what is right now."""
    path, done, beside = folder / step.chapter, True, None
    if step.action == "bring":
        done = _create(path, data)
    elif step.action == "replace":
        done = _replace(path, data, step.seen)
    elif step.action == "offer":
        labels = itertools.chain(["new"], (f"new-{n}" for n in itertools.count(2)))
        beside = _put_beside(path, labels, data, ours=entry.get("offered"))
    if not done:
        return _act(_plan_chapter(step.chapter, data, folder, entry), folder, data, entry)
    return Change(step.chapter, step.action, beside)


def reset(chapter, folder, notebooks=None):
    """Put one chapter back to the course's version, with a backup; say in words what was done.

    chapter: its number, `3` or `03`, or its name, `03_one_weight`, with or without `.ipynb`.
    """
    notebooks = notebooks or notebooks_folder()
    course = load_course(notebooks)
    name = find_chapter(chapter, course)
    folder = _open_folder(folder, notebooks)
    path, data, manifest = folder / name, course[name], read_manifest(folder)
    action = _plan_chapter(name, data, folder, {}).action
    if action == "same":
        return f"{name} is the course's version already; nothing was changed."
    if action == "bring":
        done, words = _create(path, data), f"{name} was missing; it is there again."
    else:
        done, backup = _back_up_and_replace(path, data)
        words = f"{name} is the course's version again. Yours is kept as {backup}."
    if not done:
        raise WorkspaceError(f"{name} was saved during the reset and was left alone. Try again.")
    manifest.setdefault(name, {})["delivered"] = _hash(data)
    _write_manifest(folder, manifest)
    return words


def _back_up_and_replace(path, data):
    """The backup has its name, complete, before the learner's own file is touched."""
    mine = path.read_bytes()
    backup = _put_beside(path, (f"backup-{n}" for n in itertools.count(1)), mine)
    return _replace(path, data, _hash(mine)), backup


def find_chapter(chapter, course):
    """The file name of the chapter that a person calls `chapter`."""
    number = f"{int(chapter):02d}_" if chapter.isdecimal() else None
    names = [
        name
        for name in course
        if chapter in (name, name.removesuffix(".ipynb")) or (number and name.startswith(number))
    ]
    if len(names) != 1:
        known = ", ".join(name.removesuffix(".ipynb") for name in course)
        problem = "is more than one chapter" if names else "is not a chapter"
        raise ValueError(f"chapter: {chapter!r} {problem}. The chapters are {known}.")
    return names[0]


def read_manifest(folder):
    """`{chapter: {"delivered": hash, "offered": hash}}`; empty if it is missing or damaged."""
    try:
        chapters = json.loads((folder / MANIFEST).read_bytes())["chapters"]
        return {name: dict(entry) for name, entry in chapters.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write_manifest(folder, manifest):
    text = {"about": "What `coursepkg lab` delivered here, by SHA-256.", "chapters": manifest}
    write_file(folder / MANIFEST, (json.dumps(text, indent=1, sort_keys=True) + "\n").encode())


def _open_folder(folder, notebooks):
    """The learner's folder: made if it is missing, writable, and free of what a killed run left."""
    try:
        folder = Path(folder).expanduser().resolve()
        if notebooks.resolve() in (folder, *folder.parents):
            raise ValueError(f"folder: {folder} holds the course's own chapters; choose another.")
        folder.mkdir(parents=True, exist_ok=True)
        check_writable(folder)
    except (OSError, RuntimeError) as error:  # RuntimeError: no such user, links in a circle
        reason = "it is a file" if Path(folder).is_file() else str(error).rstrip(".")
        raise WorkspaceError(f"The folder {folder} cannot be used: {reason}.") from error
    if (folder / MANIFEST).is_dir():
        raise WorkspaceError(f"{folder / MANIFEST} is a folder; rename it and try again.")
    for stale in folder.glob(f"{TEMPORARY}*"):
        if stale.is_file():
            stale.unlink(missing_ok=True)
    return folder


def check_writable(folder):
    """Raise OSError unless a file can be written in `folder`; permissions alone do not tell."""
    with _temporary(folder, b"probe"):
        pass


def _hash(data):
    return hashlib.sha256(data).hexdigest()


def _hash_file(path):
    """The hash of a file, None if nothing has that name, NOT_A_FILE for a folder and the like."""
    if not os.path.lexists(path):
        return None
    return _hash(path.read_bytes()) if path.is_file() else NOT_A_FILE


@contextlib.contextmanager
def _temporary(folder, data):
    """A complete file of `data`, flushed to the disk; whoever wants to keep it gives it a name."""
    path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        with open(path, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        with contextlib.suppress(OSError):  # it has its name by now, or the next sync removes it
            os.unlink(path)


def write_file(path, data):
    """Replace whatever `path` holds; at every moment it has all of the old or all of the new."""
    with _temporary(path.parent, data) as temporary:
        os.replace(temporary, path)


def _replace(path, data, seen):
    """Replace the file if its hash is still `seen`; say whether."""
    with _temporary(path.parent, data) as temporary:
        # POSIX cannot compare and replace in one operation. So the file is looked at once more, as
        # late as can be: a save would have to fall between this line and the next to be lost.
        if unchanged := _hash_file(path) == seen:
            os.replace(temporary, path)
    return unchanged


def _create(path, data):
    """Write `data` under a free name; say whether the name was free. Never overwrites."""
    with _temporary(path.parent, data) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError:  # no hard links here: memory sticks, some network drives
            return _reserve_and_fill(path, data)
    return True


def _reserve_and_fill(path, data):
    """`_create` without hard links: an empty file takes the name, then the content replaces it.

    A run killed in between leaves that empty file behind, never half of a notebook, and the next
    sync fills it.
    """
    try:
        open(path, "xb").close()
    except FileExistsError:
        return False
    try:
        return _replace(path, data, _hash(b""))
    except BaseException:
        if _hash_file(path) == _hash(b""):
            os.unlink(path)
        raise


def _put_beside(path, labels, data, ours=None):
    """Keep `data` beside `path`, as `stem.label.ipynb` with the first label that will do.

    Will do: a free name, a file of this very content, an empty one, and one that still has the
    hash `ours`, because it is an earlier offer that the learner did not touch.
    """
    for label in labels:
        target = path.with_name(f"{path.stem}.{label}{path.suffix}")
        seen = _hash_file(target)
        if seen is None:
            done = _create(target, data)
        elif seen in (ours, _hash(b"")):
            done = _replace(target, data, seen)
        else:
            done = seen == _hash(data)
        if done:
            return target.name
