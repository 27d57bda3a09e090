"""The learner's own copies of chapters and exercises: bring them, renew them, never lose an edit.

A sync looks first and acts afterward. `plan` compares hashes of what lies in the learner's folder
and decides, file by file; it changes nothing. `_act` then does one step of the plan, and looks
again if the learner saved that file in the meantime. A small manifest in the folder remembers what
was delivered; without it, every file that differs from the course counts as the learner's work.
An exercise set is a chapter here whose name holds its folder, `exercises/03_one_weight.ipynb`.

How a file is written so that nothing can be lost or cut in half is in safe_files.py.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

from coursepkg.errors import RequestError
from coursepkg.learner.course_files import (
    EXERCISES,
    WorkspaceError,
    find_chapter,
    load_course,
    notebooks_folder,
)
from coursepkg.safe_files import (
    NOT_A_FILE,
    check_writable,
    create_if_free,
    hash_bytes,
    hash_file,
    remove_stale,
    replace_if_unchanged,
    write_file,
)

MANIFEST = ".coursepkg.json"
EMPTY = hash_bytes(b"")


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


def fingerprint(data):
    """The hash of what a learner can have changed in a notebook: its cells and their outputs.

    JupyterLab rewrites the metadata of a notebook as soon as it is opened; that is no change.
    """
    try:
        return hash_bytes(json.dumps(json.loads(data)["cells"], sort_keys=True).encode())
    except (ValueError, KeyError, TypeError, RecursionError):
        return hash_bytes(data)


def _look(path):
    """The hash of a file and its fingerprint, from one reading; no fingerprint of what is none."""
    try:
        data = path.read_bytes()
    except OSError:
        return hash_file(path), None
    return hash_bytes(data), fingerprint(data)


def decide(new, mine, delivered=None, offered=None):
    """The action for one chapter; all four are fingerprints, None for a file or record not there.

    `new` is the course's version and `mine` the learner's file; `delivered` was last put under the
    chapter's own name and `offered` last put beside it.
    """
    if mine is None:
        return "bring"
    if mine == new:
        return "same"
    if mine in (delivered, offered, EMPTY):  # nothing of the learner's is in it
        return "replace"
    if new in (delivered, offered):
        return "keep"
    return "offer"


def plan(course, folder, manifest):
    """One `Step` for each chapter of `course`; looks and changes nothing."""
    return [_plan_chapter(name, course[name], folder, manifest.get(name, {})) for name in course]


def _plan_chapter(name, data, folder, entry):
    seen, mine = _look(folder / name)
    if seen == NOT_A_FILE:
        raise WorkspaceError(
            f"{folder / name} is not a file, and the chapter needs its name. Rename it, try again."
        )
    action = decide(fingerprint(data), mine, entry.get("delivered"), entry.get("offered"))
    return Step(name, action, seen)


def sync(folder, notebooks=None):
    """Bring the learner's `folder` up to date with the chapters; return the list of `Change`s."""
    notebooks = notebooks or notebooks_folder()
    course = load_course(notebooks)
    folder = _open_folder(folder, notebooks, course)
    before = read_manifest(folder)
    manifest = {name: dict(entry) for name, entry in before.items()}
    changes = []
    for step in plan(course, folder, manifest):
        data, entry = course[step.chapter], manifest.setdefault(step.chapter, {})
        change = _act(step, folder, data, entry)
        if change.action == "offer":
            entry["offered"] = fingerprint(data)
        elif change.action != "keep":
            entry["delivered"] = fingerprint(data)
        changes.append(change)
    if manifest != before:
        _write_manifest(folder, manifest)  # last: a killed sync is simply done again
    return [change for change in changes if change.action not in ("keep", "same")]


def _act(step, folder, data, entry):
    """Do one step. If the learner saved the file meanwhile, look again and do what is right now."""
    path, done, beside = folder / step.chapter, True, None
    if step.action == "bring":
        done = create_if_free(path, data)
    elif step.action == "replace":
        done = replace_if_unchanged(path, data, step.seen)
    elif step.action == "offer":
        labels = itertools.chain(["new"], (f"new-{n}" for n in itertools.count(2)))
        beside = _put_beside(folder, step.chapter, labels, data, ours=entry.get("offered"))
    if not done:
        return _act(_plan_chapter(step.chapter, data, folder, entry), folder, data, entry)
    return Change(step.chapter, step.action, beside)


def reset(chapter, folder, notebooks=None):
    """Put one chapter back to the course's version, with a backup; say in words what was done.

    chapter: its number, `3` or `03`, or its name, `03_one_weight`, with or without `.ipynb`; with
    `exercises/` before it, the exercise set of that chapter.
    """
    notebooks = notebooks or notebooks_folder()
    course = load_course(notebooks)
    name = find_chapter(chapter, course)
    folder = _open_folder(folder, notebooks, [name])
    path, data, manifest = folder / name, course[name], read_manifest(folder)
    step = _plan_chapter(name, data, folder, {})
    if step.seen == hash_bytes(data):  # to the byte: its metadata may be what is broken
        return f"{name} is the course's version already; nothing was changed."
    if step.action == "bring":
        done, words = create_if_free(path, data), f"{name} was missing; it is there again."
    else:
        done, backup = _back_up_and_replace(folder, name, data)
        words = f"{name} is the course's version again. Yours is kept as {backup}."
    if not done:
        raise WorkspaceError(f"{name} was saved during the reset and was left alone. Try again.")
    manifest.setdefault(name, {})["delivered"] = fingerprint(data)
    _write_manifest(folder, manifest)
    return words


def _back_up_and_replace(folder, name, data):
    """The backup has its name, complete, before the learner's own file is touched."""
    mine = (folder / name).read_bytes()
    backup = _put_beside(folder, name, (f"backup-{n}" for n in itertools.count(1)), mine)
    return replace_if_unchanged(folder / name, data, hash_bytes(mine)), backup


def read_manifest(folder):
    """`{chapter: {"delivered": hash, "offered": hash}}`; empty if it is missing or damaged."""
    try:
        chapters = json.loads((folder / MANIFEST).read_bytes())["chapters"]
        return {name: dict(entry) for name, entry in chapters.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write_manifest(folder, manifest):
    about = "What `coursepkg lab` delivered here, as SHA-256 of the cells."
    text = {"about": about, "chapters": manifest}
    write_file(folder / MANIFEST, (json.dumps(text, indent=1, sort_keys=True) + "\n").encode())


def _open_folder(folder, notebooks, names):
    """The learner's folder, and those in it that `names` need: there, writable, without leftovers.

    Leftovers are the temporary files of a killed run.
    """
    place = folder
    try:
        folder = place = Path(folder).expanduser().resolve()
        for place in dict.fromkeys([folder, *((folder / name).parent for name in names)]):
            _refuse_ours(place.resolve(), notebooks)
            place.mkdir(parents=True, exist_ok=True)
            check_writable(place)
            remove_stale(place)
    except (OSError, RuntimeError) as error:  # RuntimeError: no such user, links in a circle
        reason = "it is a file" if Path(place).is_file() else str(error).rstrip(".")
        raise WorkspaceError(f"The folder {place} cannot be used: {reason}.") from error
    if (folder / MANIFEST).is_dir():
        raise WorkspaceError(f"{folder / MANIFEST} is a folder; rename it and try again.")
    return folder


def _refuse_ours(place, notebooks):
    for ours, what in ((notebooks, "chapters"), (notebooks.parent / EXERCISES, "exercises")):
        if ours.resolve() in (place, *place.parents):
            raise RequestError(f"folder: {place} holds the course's own {what}; choose another.")


def _put_beside(folder, name, labels, data, ours=None):
    """Keep `data` beside the chapter, as `name.label.ipynb` with the first label that will do.

    Will do: a free name, a file of this very content, an empty one, and one that still has the
    fingerprint `ours`, because it is an earlier offer that the learner did not touch.
    """
    for label in labels:
        beside = f"{name.removesuffix('.ipynb')}.{label}.ipynb"
        target = folder / beside
        seen, content = _look(target)
        if seen is None:
            done = create_if_free(target, data)
        elif content and content in (ours, EMPTY):
            done = replace_if_unchanged(target, data, seen)
        else:
            done = seen == hash_bytes(data)
        if done:
            return beside
