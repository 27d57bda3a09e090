"""The learner's folder: every rule of a sync, and that nothing a learner saved is ever lost.

The chapters here are small made-up ones. A crash is tried in three ways: an error at every single
file-system step, a process that dies at every single step (no cleaning up), and a real `kill -9`.
"""

import builtins
import contextlib
import errno
import functools
import itertools
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from machine import PATIENCE

from coursepkg import safe_files
from coursepkg.learner import course_files, workspace
from coursepkg.learner.course_files import WorkspaceError, as_delivered
from coursepkg.learner.workspace import decide, reset, sync

NAMES = ("00_start_here", "01_sigmoid", "02_chain_rule", "03_one_weight", "10_frameworks")


def notebook(source, **cell):
    """The text of a chapter that was run: one code cell with an output, one cell of prose."""
    code = {
        "cell_type": "code",
        "id": "code-1",
        "source": source,
        "metadata": {"tags": ["shown"], "execution": {"iopub.execute_input": "12:00"}},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "0.25\n"}],
        "execution_count": 7,
        **cell,
    }
    prose = {"cell_type": "markdown", "id": "text-1", "source": "# A title", "metadata": {}}
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "widgets": {"a": {}}}
    content = {"cells": [prose, code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content)


class Course:
    """A made-up clone (`notebooks`) and a learner's folder (`mine`) under one temporary folder."""

    def __init__(self, root):
        self.notebooks, self.mine = root / "notebooks", root / "mine"
        self.notebooks.mkdir(exist_ok=True)

    def publish(self, name, source):
        """Commit a version of a chapter; return the bytes that a learner should get."""
        text = notebook(source)
        (self.notebooks / f"{name}.ipynb").write_text(text, encoding="utf-8")
        return as_delivered(text)

    def publish_set(self, name, source):
        """The same for an exercise set."""
        folder = self.notebooks.parent / "exercises" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = notebook(source)
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
        return as_delivered(text)

    def sync(self):
        return sync(self.mine, self.notebooks)

    def reset(self, chapter):
        return reset(chapter, self.mine, self.notebooks)

    def path(self, name):
        return self.mine / f"{name}.ipynb"

    def save(self, name, text):
        """What JupyterLab does when the learner saves."""
        self.path(name).write_text(text, encoding="utf-8")
        return text.encode()

    def files(self):
        """All files in the learner's folder and in `exercises/`, without the manifest."""
        paths = [*self.mine.iterdir(), *self.mine.glob("exercises/*")]
        found = {p.relative_to(self.mine).as_posix(): p.read_bytes() for p in paths if p.is_file()}
        found.pop(workspace.MANIFEST, None)
        return found


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def said(changes):
    return [(c.chapter.removesuffix(".ipynb"), c.action, c.beside) for c in changes]


# What a learner gets


def test_a_copy_has_no_trace_of_a_run_and_everything_else():
    copy = nbformat.reads(as_delivered(notebook("sigmoid(0)")).decode(), as_version=4)
    prose, code = copy.cells
    assert (code.outputs, code.execution_count, code.source) == ([], None, "sigmoid(0)")
    assert (prose.id, code.id, prose.source) == ("text-1", "code-1", "# A title")
    assert code.metadata == {"tags": ["shown"]}
    assert copy.metadata.kernelspec.name == "python3"
    assert copy.metadata.language_info.version == platform.python_version()


def test_another_run_of_the_same_chapter_gives_the_same_bytes():
    first = as_delivered(notebook("x = 1"))
    again = notebook("x = 1", outputs=[], execution_count=99, metadata={"tags": ["shown"]})
    assert as_delivered(again) == first
    assert as_delivered(first.decode()) == first
    assert first.endswith(b"}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        (notebook("x")[:60], "Unterminated string"),
        ("[]", "."),
        ('{"cells": 3}', "."),
        (notebook("x", id="text-1"), "every cell needs an id of its own"),
        (notebook("x").replace('"id": "code-1", ', ""), "every cell needs an id of its own"),
        (notebook("x").replace('"source": "x"', '"source": 5'), "5 is not valid"),
    ],
    ids=["empty", "cut short", "a list", "no cells", "equal ids", "no id", "invalid"],
)
def test_a_damaged_chapter_is_named_and_nothing_is_changed(course, text, reason):
    course.publish("00_start_here", "x")
    (course.notebooks / "01_sigmoid.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(
        WorkspaceError, match=rf"01_sigmoid\.ipynb is not a sound notebook: {reason}"
    ):
        course.sync()
    assert not course.mine.exists()


def test_only_chapters_are_copied(course):
    course.publish("00_start_here", "x")
    for other in ("scratch.ipynb", "01_a.new.ipynb", "notes.md", ".01_b.ipynb"):
        (course.notebooks / other).write_text(notebook("x"), encoding="utf-8")
    (course.notebooks / "02_folder.ipynb").mkdir()
    course.sync()
    assert list(course.files()) == ["00_start_here.ipynb"]


def test_without_the_clone_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(course_files, "clone_folder", lambda: tmp_path)
    with pytest.raises(WorkspaceError, match="Clone the course.*pip install --editable"):
        sync(tmp_path / "mine")
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(WorkspaceError, match="There is no chapter in"):
        sync(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


# The rules


@pytest.mark.parametrize(
    ("new", "mine", "delivered", "offered", "action"),
    [
        ("v1", None, None, None, "bring"),
        ("v2", None, "v1", "v2", "bring"),
        ("v1", "v1", None, None, "same"),
        ("v2", "v2", "v1", None, "same"),
        ("v2", "v1", "v1", None, "replace"),
        ("v3", "v1", "v1", "v2", "replace"),
        ("v1", "edit", "v1", None, "keep"),
        ("v2", "edit", "v1", "v2", "keep"),
        ("v2", "edit", "v1", None, "offer"),
        ("v3", "edit", "v1", "v2", "offer"),
        ("v2", "v1", None, None, "offer"),
        ("v2", "v1", "v0", "v1", "replace"),
    ],
)
def test_decisions(new, mine, delivered, offered, action):
    assert decide(new, mine, delivered, offered) == action


def test_planning_changes_nothing(course):
    course.publish("00_start_here", "x")
    course.mine.mkdir()
    steps = workspace.plan(workspace.load_course(course.notebooks), course.mine, {})
    assert [(s.chapter, s.action) for s in steps] == [("00_start_here.ipynb", "bring")]
    assert list(course.mine.iterdir()) == []


def reopened(path):
    """Save a chapter as JupyterLab does when it was only opened: with metadata of its own."""
    content = json.loads(path.read_bytes())
    content["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_chapter_that_was_only_opened_is_renewed(course):
    name = "02_chain_rule"
    course.publish(name, "one")
    sync(course.mine, course.notebooks)
    reopened(course.mine / f"{name}.ipynb")
    assert sync(course.mine, course.notebooks) == []
    reopened(course.mine / f"{name}.ipynb")
    data = course.publish(name, "two")
    assert [change.action for change in sync(course.mine, course.notebooks)] == ["replace"]
    assert (course.mine / f"{name}.ipynb").read_bytes() == data


def test_a_reset_repairs_the_metadata_too(course):
    name = "02_chain_rule"
    data = course.publish(name, "one")
    sync(course.mine, course.notebooks)
    path = course.mine / f"{name}.ipynb"
    path.write_bytes(data.replace(b'"python3"', b'"gone"'))
    broken = path.read_bytes()
    assert broken != data
    reset("02", course.mine, course.notebooks)
    assert path.read_bytes() == data
    assert path.with_name(f"{name}.backup-1.ipynb").read_bytes() == broken


@pytest.mark.parametrize("field", ["source", "outputs", "metadata"])
def test_a_change_of_any_part_of_a_cell_counts_as_the_learners(course, field):
    name = "02_chain_rule"
    course.publish(name, "one")
    sync(course.mine, course.notebooks)
    path = course.mine / f"{name}.ipynb"
    content = json.loads(path.read_bytes())
    stream = {"output_type": "stream", "name": "stdout", "text": "mine"}
    mine = {"source": "mine", "outputs": [stream], "metadata": {"mine": True}}
    content["cells"][1][field] = mine[field]
    path.write_text(json.dumps(content), encoding="utf-8")
    before = path.read_bytes()
    course.publish(name, "two")
    assert [change.action for change in sync(course.mine, course.notebooks)] == ["offer"]
    assert path.read_bytes() == before


def test_missing_chapters_are_brought_once(course):
    first, second = course.publish("00_start_here", "x"), course.publish("01_sigmoid", "y")
    assert said(course.sync()) == [("00_start_here", "bring", None), ("01_sigmoid", "bring", None)]
    assert course.files() == {"00_start_here.ipynb": first, "01_sigmoid.ipynb": second}
    times = {p: p.stat().st_mtime_ns for p in course.mine.iterdir()}
    assert course.sync() == []
    assert {p: p.stat().st_mtime_ns for p in course.mine.iterdir()} == times
    course.path("01_sigmoid").unlink()
    assert said(course.sync()) == [("01_sigmoid", "bring", None)]


def test_an_unchanged_chapter_is_renewed(course):
    course.publish("01_sigmoid", "old")
    course.sync()
    new = course.publish("01_sigmoid", "new")
    assert said(course.sync()) == [("01_sigmoid", "replace", None)]
    assert course.files() == {"01_sigmoid.ipynb": new}
    newer = course.publish("01_sigmoid", "newer")
    course.sync()
    assert course.files() == {"01_sigmoid.ipynb": newer}


def test_a_changed_chapter_is_left_alone_while_the_course_stands_still(course):
    course.publish("01_sigmoid", "old")
    course.sync()
    edit = course.save("01_sigmoid", "my work")
    assert course.sync() == []
    assert course.files() == {"01_sigmoid.ipynb": edit}


def test_a_changed_chapter_is_kept_and_the_new_version_lies_beside_it(course):
    course.publish("03_one_weight", "old")
    course.sync()
    edit, new = course.save("03_one_weight", "my work"), course.publish("03_one_weight", "new")
    kept = ("03_one_weight", "offer", "03_one_weight.new.ipynb")
    assert said(course.sync()) == [kept]
    assert course.files() == {"03_one_weight.ipynb": edit, "03_one_weight.new.ipynb": new}
    assert course.sync() == []  # said once
    (course.mine / "03_one_weight.new.ipynb").unlink()
    assert course.sync() == []  # and not brought back
    newer = course.publish("03_one_weight", "newer")
    assert said(course.sync()) == [kept]
    assert course.files() == {"03_one_weight.ipynb": edit, "03_one_weight.new.ipynb": newer}


def test_an_untouched_offer_is_renewed_and_a_touched_one_kept(course):
    course.publish("03_one_weight", "v1")
    course.sync()
    edit = course.save("03_one_weight", "my work")
    course.publish("03_one_weight", "v2")
    course.sync()
    v3 = course.publish("03_one_weight", "v3")
    assert said(course.sync()) == [("03_one_weight", "offer", "03_one_weight.new.ipynb")]
    assert course.files() == {"03_one_weight.ipynb": edit, "03_one_weight.new.ipynb": v3}
    notes = course.save("03_one_weight.new", "my notes on the new version")
    v4 = course.publish("03_one_weight", "v4")
    assert said(course.sync()) == [("03_one_weight", "offer", "03_one_weight.new-2.ipynb")]
    v5 = course.publish("03_one_weight", "v5")
    assert v4 != v5
    assert said(course.sync()) == [("03_one_weight", "offer", "03_one_weight.new-2.ipynb")]
    assert course.files() == {
        "03_one_weight.ipynb": edit,
        "03_one_weight.new.ipynb": notes,
        "03_one_weight.new-2.ipynb": v5,
    }


def test_names_beside_are_taken_by_whatever_has_them(course):
    course.publish("03_one_weight", "old")
    course.sync()
    course.save("03_one_weight", "my work")
    (course.mine / "03_one_weight.new.ipynb").mkdir()
    (course.mine / "03_one_weight.new-2.ipynb").symlink_to("nowhere")
    theirs = course.save("03_one_weight.new-3", "mine too")
    new = course.publish("03_one_weight", "new")
    assert said(course.sync()) == [("03_one_weight", "offer", "03_one_weight.new-4.ipynb")]
    assert course.path("03_one_weight.new-3").read_bytes() == theirs
    assert course.path("03_one_weight.new-4").read_bytes() == new
    assert (course.mine / "03_one_weight.new-2.ipynb").is_symlink()


def test_a_new_version_that_is_beside_already_is_not_put_there_twice(course):
    course.publish("03_one_weight", "old")
    course.sync()
    course.save("03_one_weight", "my work")
    new = course.publish("03_one_weight", "new")
    course.path("03_one_weight.new").write_bytes(new)
    assert said(course.sync()) == [("03_one_weight", "offer", "03_one_weight.new.ipynb")]
    assert len(course.files()) == 2


@pytest.mark.parametrize("sync_between", [True, False])
@pytest.mark.parametrize("source", ["01_sigmoid.new", "first"])
def test_a_learner_who_gave_up_all_edits_gets_the_next_version(course, source, sync_between):
    course.path("first").parent.mkdir()
    course.path("first").write_bytes(course.publish("01_sigmoid", "v1"))
    course.sync()
    course.save("01_sigmoid", "my work")
    course.publish("01_sigmoid", "v2")
    course.sync()
    course.path("01_sigmoid").write_bytes(course.path(source).read_bytes())
    if sync_between and source != "first":
        assert course.sync() == []
    v3 = course.publish("01_sigmoid", "v3")
    assert said(course.sync()) == [("01_sigmoid", "replace", None)]
    assert course.path("01_sigmoid").read_bytes() == v3


def test_looking_at_a_kept_chapter_again_does_not_make_it_delivered(course):
    v1 = course.publish("01_sigmoid", "v1")
    course.sync()
    course.save("01_sigmoid", "my work")
    course.publish("01_sigmoid", "v2")
    course.sync()
    course.sync()
    course.path("01_sigmoid").write_bytes(v1)
    assert said(course.sync()) == [("01_sigmoid", "replace", None)]


@pytest.mark.parametrize(
    "damage",
    [
        None,
        b"",
        b'{"chapters": {"01_sigmoid.ipynb": {"deliv',
        b"\x00\xff\xfe\x80 binary",
        b"\xff\xfe\x00\xd8",
        b"[" * 100_000,
        b"[]",
        b"3",
        b'{"chapters": []}',
        b'{"chapters": {"01_sigmoid.ipynb": "abc"}}',
        b'{"chapters": {"01_sigmoid.ipynb": null}}',
        b'{"chapters": {"01_sigmoid.ipynb": {"delivered": 5}}}',
        b'{"chapters": {"01_sigmoid.ipynb": {"delivered": ["a"], "offered": {}}}}',
    ],
    ids=lambda damage: "missing" if damage is None else repr(damage[:40]),
)
def test_without_a_sound_manifest_every_different_file_is_the_learners(course, damage):
    old = course.publish("01_sigmoid", "old")
    same = course.publish("02_chain_rule", "same")
    course.sync()
    manifest = course.mine / workspace.MANIFEST
    manifest.unlink() if damage is None else manifest.write_bytes(damage)
    new = course.publish("01_sigmoid", "new")
    assert said(course.sync()) == [("01_sigmoid", "offer", "01_sigmoid.new.ipynb")]
    expected = {"01_sigmoid.ipynb": old, "01_sigmoid.new.ipynb": new, "02_chain_rule.ipynb": same}
    assert course.files() == expected
    assert course.sync() == []  # the manifest is sound again
    renewed = course.publish("02_chain_rule", "renewed")
    course.sync()
    assert course.files() == {**expected, "02_chain_rule.ipynb": renewed}


def test_a_chapter_that_leaves_the_course_for_a_while_is_still_known(course):
    course.publish("00_start_here", "x")
    course.publish("01_sigmoid", "old")
    course.sync()
    (course.notebooks / "01_sigmoid.ipynb").unlink()
    course.publish("00_start_here", "y")
    course.sync()
    course.publish("01_sigmoid", "new")
    assert said(course.sync()) == [("01_sigmoid", "replace", None)]


def test_the_learners_other_files_are_not_touched(course):
    course.publish("01_sigmoid", "old")
    course.mine.mkdir()
    others = {"notes.txt": b"a", "mine.ipynb": b"b", ".hidden": b"c", "01_sigmoid.txt": b"d"}
    for name, content in others.items():
        (course.mine / name).write_bytes(content)
    (course.mine / "data").mkdir()
    (course.mine / "data" / "01_sigmoid.ipynb").write_bytes(b"e")
    course.sync()
    new = course.publish("01_sigmoid", "new")
    course.sync()
    assert course.files() == {**others, "01_sigmoid.ipynb": new}
    assert (course.mine / "data" / "01_sigmoid.ipynb").read_bytes() == b"e"


def test_what_a_killed_run_left_is_removed_and_only_that(course):
    course.publish("01_sigmoid", "x")
    course.mine.mkdir()
    stale = course.mine / f"{safe_files.TEMPORARY}0123"
    stale.write_bytes(b"half of a no")
    (course.mine / f"{safe_files.TEMPORARY}folder").mkdir()
    (course.mine / "coursepkg-tmp-mine").write_bytes(b"mine")
    course.sync()
    assert set(course.files()) == {"01_sigmoid.ipynb", "coursepkg-tmp-mine"}
    assert (course.mine / f"{safe_files.TEMPORARY}folder").is_dir()


# Exercise sets


def test_a_set_is_brought_into_a_folder_of_its_own(course):
    chapter = course.publish("03_one_weight", "x")
    second, first = course.publish_set("05_losses", "c"), course.publish_set("03_one_weight", "b")
    brought = [
        ("03_one_weight", "bring", None),
        ("exercises/03_one_weight", "bring", None),
        ("exercises/05_losses", "bring", None),
    ]
    assert said(course.sync()) == brought
    assert course.files() == {
        "03_one_weight.ipynb": chapter,
        "exercises/03_one_weight.ipynb": first,
        "exercises/05_losses.ipynb": second,
    }
    assert course.sync() == []
    course.path("exercises/05_losses").unlink()
    assert said(course.sync()) == [brought[2]]


def test_an_untouched_set_is_renewed(course):
    course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "old")
    course.sync()
    new = course.publish_set("03_one_weight", "new")
    assert said(course.sync()) == [("exercises/03_one_weight", "replace", None)]
    assert course.path("exercises/03_one_weight").read_bytes() == new


def test_a_solved_set_is_kept_and_its_new_version_lies_beside_it(course):
    chapter = course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "old")
    course.sync()
    mine = course.save("exercises/03_one_weight", "my solutions")
    assert course.sync() == []
    course.publish_set("03_one_weight", "new")
    kept = ("exercises/03_one_weight", "offer", "exercises/03_one_weight.new.ipynb")
    assert said(course.sync()) == [kept]
    notes = course.save("exercises/03_one_weight.new", "and into the new one, too")
    newer = course.publish_set("03_one_weight", "newer")
    second = "exercises/03_one_weight.new-2.ipynb"
    assert said(course.sync()) == [(*kept[:2], second)]
    assert course.files() == {
        "03_one_weight.ipynb": chapter,
        "exercises/03_one_weight.ipynb": mine,
        "exercises/03_one_weight.new.ipynb": notes,
        second: newer,
    }


def test_what_a_learner_had_there_before_the_course_had_sets_is_kept(course):
    chapter = course.publish("03_one_weight", "x")
    course.sync()
    old = json.loads((course.mine / workspace.MANIFEST).read_text())
    assert list(old["chapters"]) == ["03_one_weight.ipynb"]  # a manifest from before
    (course.mine / "exercises").mkdir()
    mine = course.save("exercises/03_one_weight", "a notebook of mine")
    other = course.save("exercises/notes", "my notes")
    new = course.publish_set("03_one_weight", "x")
    course.sync()
    assert course.files() == {
        "03_one_weight.ipynb": chapter,
        "exercises/03_one_weight.ipynb": mine,
        "exercises/03_one_weight.new.ipynb": new,
        "exercises/notes.ipynb": other,
    }
    manifest = workspace.read_manifest(course.mine)
    assert manifest["03_one_weight.ipynb"] == old["chapters"]["03_one_weight.ipynb"]


def test_only_sets_are_copied_and_there_may_be_none(course):
    course.publish("03_one_weight", "x")
    exercises = course.notebooks.parent / "exercises"
    exercises.write_text("not even a folder")
    course.sync()
    exercises.unlink()
    exercises.mkdir()
    course.sync()
    for other in ("03_one_weight/04_b", "a/03_e/03_e", "03_c"):
        (exercises / other).parent.mkdir(parents=True, exist_ok=True)
        (exercises / f"{other}.ipynb").write_text(notebook("x"), encoding="utf-8")
    (exercises / "notes").mkdir()
    (exercises / "notes" / "notes.ipynb").write_text(notebook("x"), encoding="utf-8")
    (exercises / "05_d" / "05_d.ipynb").mkdir(parents=True)
    assert course.sync() == []
    assert [path.name for path in course.mine.glob("[!.]*")] == ["03_one_weight.ipynb"]


def test_a_damaged_set_is_named_and_nothing_is_changed(course):
    course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "x")
    damaged = course.notebooks.parent / "exercises" / "03_one_weight" / "03_one_weight.ipynb"
    damaged.write_text(notebook("x", id="text-1"), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"03_one_weight.03_one_weight\.ipynb is not a sound"):
        course.sync()
    assert not course.mine.exists()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "exercises/3",
            "exercises/03",
            "exercises/03_one_weight",
            "exercises/03_one_weight.ipynb",
        ),
        *("exercises\\3", "exercises\\03_one_weight", ".\\exercises\\03_one_weight.ipynb"),
        *("./exercises/3", "exercises/3/", "exercises\\003\\"),
    ],
)
def test_reset_of_a_set_and_of_its_chapter(course, name):
    chapter, exercise = (
        course.publish("03_one_weight", "x"),
        course.publish_set("03_one_weight", ""),
    )
    course.sync()
    lesson, mine = course.save("03_one_weight", "a"), course.save("exercises/03_one_weight", "b")
    words = course.reset(name)
    assert "exercises/03_one_weight.ipynb is the course's version again" in words
    assert "Yours is kept as exercises/03_one_weight.backup-1.ipynb." in words
    expected = {
        "03_one_weight.ipynb": lesson,
        "exercises/03_one_weight.ipynb": exercise,
        "exercises/03_one_weight.backup-1.ipynb": mine,
    }
    assert course.files() == expected
    course.reset("03")
    backup = {"03_one_weight.ipynb": chapter, "03_one_weight.backup-1.ipynb": lesson}
    assert course.files() == {**expected, **backup}
    assert course.sync() == []
    course.save("exercises/03_one_weight", "c")
    course.path("exercises/03_one_weight").unlink()
    assert "was missing; it is there again" in course.reset(name)


@pytest.mark.parametrize("name", ["exercises/4", "exercises", "exercises/", "/3", "3/3", "05"])
def test_reset_of_an_unknown_set_lists_what_there_is(course, name):
    course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "x")
    course.publish_set("05_losses", "x")
    known = "The chapters are 03_one_weight. The exercise sets are exercises/03_one_weight, exer"
    with pytest.raises(ValueError, match=f"is not a chapter. {known}"):
        course.reset(name)
    assert not course.mine.exists()


def test_stale_files_are_removed_beside_the_sets_too(course):
    course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "x")
    course.sync()
    for place in (course.mine, course.mine / "exercises"):
        (place / f"{safe_files.TEMPORARY}0123").write_bytes(b"half of a no")
    course.sync()
    assert set(course.files()) == {"03_one_weight.ipynb", "exercises/03_one_weight.ipynb"}


@pytest.mark.parametrize("command", ["sync", "reset"])
def test_a_file_where_the_folder_of_the_sets_belongs(course, command):
    course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "x")
    course.mine.mkdir()
    (course.mine / "exercises").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"mine.exercises cannot be used: it is a file"):
        course.sync() if command == "sync" else course.reset("exercises/3")
    assert course.files() == {"exercises": b"mine"}
    course.reset("3")  # a chapter does not need that folder
    assert (course.mine / "exercises").read_text() == "mine"


def test_the_sets_of_the_clone_are_never_taken_for_the_learners(course):
    """With the clone itself as folder, a learner's sets would lie among the generated ones."""
    course.publish("03_one_weight", "x")
    course.publish_set("03_one_weight", "x")
    clone = course.notebooks.parent
    course.mine.mkdir()
    (course.mine / "exercises").symlink_to(clone / "exercises")
    for folder in (clone, clone / "exercises", clone / "exercises" / "mine", course.mine):
        with pytest.raises(ValueError, match="folder: .* holds the course's own exercises"):
            sync(folder, course.notebooks)
    assert [path.name for path in (clone / "exercises").iterdir()] == ["03_one_weight"]


# Folders that cannot be used


def test_a_file_in_place_of_the_folder(course):
    course.publish("01_sigmoid", "x")
    course.mine.write_text("mine")
    for folder in (course.mine, course.mine / "deeper"):
        with pytest.raises(WorkspaceError, match="cannot be used"):
            sync(folder, course.notebooks)
    assert course.mine.read_text() == "mine"


@pytest.mark.parametrize("taken", ["02_chain_rule.ipynb", workspace.MANIFEST])
def test_a_folder_in_place_of_a_file_stops_the_sync_before_it_begins(course, taken):
    for name in NAMES:
        course.publish(name, "x")
    (course.mine / taken).mkdir(parents=True)
    with pytest.raises(WorkspaceError, match=taken):
        course.sync()
    with pytest.raises(WorkspaceError, match=taken):
        course.reset("02_chain_rule")
    assert [p.name for p in course.mine.iterdir()] == [taken]


def test_a_link_to_nowhere_in_place_of_a_chapter(course):
    course.publish("01_sigmoid", "x")
    course.mine.mkdir()
    course.path("01_sigmoid").symlink_to("nowhere")
    with pytest.raises(WorkspaceError, match="is not a file"):
        course.sync()


def test_the_courses_own_folder_is_refused(course):
    course.publish("01_sigmoid", "x")
    for folder in (course.notebooks, course.notebooks / "mine"):
        with pytest.raises(ValueError, match="folder: .* holds the course's own chapters"):
            sync(folder, course.notebooks)
    assert [p.name for p in course.notebooks.iterdir()] == ["01_sigmoid.ipynb"]


# Runs in a process of its own, with chapters that are stripped already: nbformat takes long to load
SCRIPT = """
import os, sys, time, random, signal
from pathlib import Path
from coursepkg.learner import course_files, workspace
from coursepkg import safe_files

workspace.load_course = lambda notebooks: {
    path.name: path.read_bytes() for path in course_files.chapter_files(notebooks)
}
notebooks, mine = Path(sys.argv[1]), Path(sys.argv[2])
def attempt():
    try:
        workspace.sync(mine, notebooks)
    except (workspace.WorkspaceError, OSError) as error:
        print(type(error).__name__, error)
"""


def run_script(course, lines):
    command = [sys.executable, "-c", SCRIPT + lines, course.notebooks, course.mine]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_folder_that_may_not_be_written():
    with tempfile.TemporaryDirectory() as root:  # tmp_path is closed to other users
        os.chmod(root, 0o755)
        course = Course(Path(root))
        old = course.publish("01_sigmoid", "old")
        course.sync()
        course.publish("01_sigmoid", "new")
        course.publish("02_chain_rule", "x")
        os.chmod(course.mine, 0o555)
        drop_root = "if os.geteuid() == 0: os.setgroups([]); os.setuid(65534)\n"
        printed = run_script(course, drop_root + "attempt()")
        assert "WorkspaceError" in printed
        assert "mine cannot be used" in printed
        assert "Permission denied" in printed
        os.chmod(course.mine, 0o755)
        assert course.files() == {"01_sigmoid.ipynb": old}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_full_disk(course):
    """A real limit of the system: no file may grow beyond 20,000 bytes."""
    old = {name: course.publish(name, "old") for name in NAMES[:3]}
    course.sync()
    edit = course.save("01_sigmoid", "e" * 50_000)
    new = {name: course.publish(name, "new" if name < "01" else "n" * 40_000) for name in NAMES[:3]}
    for name, data in new.items():
        (course.notebooks / f"{name}.ipynb").write_bytes(data)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    printed = run_script(course, limit + "attempt()")
    assert printed.startswith("OSError [Errno 27] File too large")
    assert course.files() == {
        "00_start_here.ipynb": new["00_start_here"],
        "01_sigmoid.ipynb": edit,
        "02_chain_rule.ipynb": old["02_chain_rule"],
    }
    reset_it = "try: workspace.reset('1', mine, notebooks)\nexcept OSError as error: print(error)"
    assert "File too large" in run_script(course, limit + reset_it)
    assert course.path("01_sigmoid").read_bytes() == edit
    course.sync()
    assert course.files() == {
        "00_start_here.ipynb": new["00_start_here"],
        "01_sigmoid.ipynb": edit,
        "01_sigmoid.new.ipynb": new["01_sigmoid"],
        "02_chain_rule.ipynb": new["02_chain_rule"],
    }


# Reset


@pytest.mark.parametrize("chapter", ["3", "03", "03_one_weight", "03_one_weight.ipynb"])
def test_reset_keeps_the_learners_version_as_a_backup(course, chapter):
    new = course.publish("03_one_weight", "x")
    other = course.publish("10_frameworks", "x")
    course.sync()
    edit = course.save("03_one_weight", "my work")
    done = course.reset(chapter)
    assert "03_one_weight.ipynb is the course's version again" in done
    assert "03_one_weight.backup-1.ipynb" in done
    assert course.files() == {
        "03_one_weight.ipynb": new,
        "03_one_weight.backup-1.ipynb": edit,
        "10_frameworks.ipynb": other,
    }
    assert course.sync() == []
    second = course.save("03_one_weight", "my second try")
    assert "backup-2" in course.reset(chapter)
    assert course.path("03_one_weight.backup-1").read_bytes() == edit
    assert course.path("03_one_weight.backup-2").read_bytes() == second
    course.save("03_one_weight", "my third try")
    course.publish("03_one_weight", "y")
    course.reset(chapter)
    newest = course.publish("03_one_weight", "z")
    assert said(course.sync()) == [("03_one_weight", "replace", None)]
    assert course.path("03_one_weight").read_bytes() == newest


def test_reset_of_an_unchanged_and_of_a_missing_chapter(course):
    new = course.publish("03_one_weight", "x")
    assert "was missing" in course.reset("3")
    assert "already; nothing was changed" in course.reset("3")
    assert course.files() == {"03_one_weight.ipynb": new}


def test_reset_never_overwrites_what_has_the_backups_name(course):
    course.publish("03_one_weight", "x")
    course.sync()
    edit, own = (
        course.save("03_one_weight", "my work"),
        course.save("03_one_weight.backup-1", "own"),
    )
    assert "backup-2" in course.reset("3")
    assert course.path("03_one_weight.backup-1").read_bytes() == own
    assert course.path("03_one_weight.backup-2").read_bytes() == edit


@pytest.mark.parametrize(
    "chapter", ["4", "33", "one_weight", "", "03_one", "-3", "³", "../03", "9" * 5000]
)
def test_reset_of_an_unknown_chapter_lists_the_chapters(course, chapter):
    course.publish("03_one_weight", "x")
    course.publish("10_frameworks", "x")
    with pytest.raises(ValueError, match="chapter: .* chapters are 03_one_weight, 10_frameworks.$"):
        course.reset(chapter)
    assert not course.mine.exists()


def test_reset_of_an_ambiguous_number(course):
    course.publish("03_one_weight", "x")
    course.publish("03_two_weights", "x")
    with pytest.raises(ValueError, match="'3' is more than one chapter"):
        course.reset("3")
    course.reset("03_two_weights")


# A learner who saves while a sync is running


def no_links(source, target):
    raise OSError(errno.EPERM, "Operation not permitted")


def race(monkeypatch, moment, action):
    """Let `action` happen just before the `moment`-th flush; a flush precedes every final step."""
    flush, count = os.fsync, itertools.count(1)

    def fsync(file):
        if next(count) == moment:
            action()
        flush(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return count


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("command", ["sync brings", "sync renews", "reset"])
def test_a_save_at_any_moment_survives(tmp_path, command, links, monkeypatch):
    refused = []
    for moment in itertools.count(1):
        (tmp_path / str(moment)).mkdir()
        course = Course(tmp_path / str(moment))
        course.publish("01_sigmoid", "old")
        if command != "sync brings":
            course.sync()
        if command == "reset":
            course.save("01_sigmoid", "an earlier edit")
        course.publish("01_sigmoid", "new")
        with monkeypatch.context() as patch:
            if not links:
                patch.setattr(os, "link", no_links)
            count = race(patch, moment, functools.partial(course.save, "01_sigmoid", "late work"))
            try:
                course.reset("1") if command == "reset" else course.sync()
            except WorkspaceError as error:
                assert "was saved during the reset" in str(error)  # noqa: PT017
                refused.append(moment)
            flushes = next(count) - 1
        if moment > flushes:
            break
        course.sync()
        assert b"late work" in course.files().values()
        if command == "reset" and moment > 1:  # at the first, it was edited before it was read
            assert b"an earlier edit" in course.files().values()
    # A look at the folder, the backup, the new file, the manifest; two files to take a free name.
    assert flushes == 3 + (command == "reset") + (command != "sync renews" and not links)
    assert refused == (list(range(2, flushes)) if command == "reset" else [])


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_chapter_that_the_learner_makes_during_the_sync_is_kept(course, links, monkeypatch):
    new = course.publish("01_sigmoid", "new")
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    race(monkeypatch, 2, lambda: course.save("01_sigmoid", "late work"))
    assert said(course.sync()) == [("01_sigmoid", "offer", "01_sigmoid.new.ipynb")]
    assert course.files() == {"01_sigmoid.ipynb": b"late work", "01_sigmoid.new.ipynb": new}


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_name_beside_that_the_learner_takes_during_the_sync_is_kept(course, links, monkeypatch):
    new, edit = course.publish("01_sigmoid", "new"), b"my work"
    course.mine.mkdir()
    course.path("01_sigmoid").write_bytes(edit)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    race(monkeypatch, 2, lambda: course.save("01_sigmoid.new", "late work"))
    assert said(course.sync()) == [("01_sigmoid", "offer", "01_sigmoid.new-2.ipynb")]
    assert list(course.files().values()).count(new) == 1
    assert {edit, b"late work"} < set(course.files().values())


def test_a_chapter_that_vanishes_during_the_sync_is_brought(course, monkeypatch):
    course.publish("01_sigmoid", "old")
    course.sync()
    new = course.publish("01_sigmoid", "new")
    race(monkeypatch, 2, course.path("01_sigmoid").unlink)
    assert said(course.sync()) == [("01_sigmoid", "bring", None)]
    assert course.files() == {"01_sigmoid.ipynb": new}


# Crashes


class Crash(BaseException):
    """Not an Exception, so that no handler swallows it."""


class Disaster:
    """Makes the n-th step that changes the file system fail, and with `dead` all later ones too.

    A `dead` process does nothing after the step, not even clean up: what `kill -9` does. A write
    that fails has written half. `links=False` is a file system without hard links.
    """

    def __init__(self, patch, at, error=Crash, dead=False, links=True):
        self.at, self.error, self.dead, self.count, self.victim = at, error, dead, 0, None
        for name in ("replace", "link", "fsync", "unlink"):
            patch.setattr(os, name, self.step(getattr(os, name)))
        if not links:
            patch.setattr(os, "link", self.step(no_links))
        patch.setattr(safe_files, "open", self.open, raising=False)

    @property
    def happened(self):
        return self.count >= self.at

    def strike(self, name):
        self.count += 1
        self.victim = self.victim or (name if self.count == self.at else None)
        return self.count == self.at or (self.dead and self.count > self.at)

    def step(self, function):
        def wrapped(*args, **kwargs):
            if self.strike(function.__name__):
                raise self.error(errno.ENOSPC, "No space left on device")
            return function(*args, **kwargs)

        return wrapped

    def open(self, path, mode):
        file = self.step(builtins.open)(path, mode, buffering=0)
        return HalfWriter(file, self)


class HalfWriter:
    def __init__(self, file, disaster):
        self.file, self.disaster = file, disaster

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        struck = self.disaster.strike("write")
        self.file.write(data[: len(data) // 2] if struck else data)
        if struck:
            raise self.disaster.error(errno.ENOSPC, "No space left on device")


def quick_fsync(file):
    """What is tested is the order of the steps, which needs no disk."""


def a_learner_in_the_middle(course):
    """Give the next sync something to do of every kind; return all contents, and the learner's."""
    whole = [course.publish(name, "old") for name in NAMES]
    course.sync()
    whole.append(course.save("02_chain_rule", '"my work"'))
    whole.append(course.save("03_one_weight", '"my other work"'))
    whole += [course.publish(name, "newer") for name in NAMES[2:4]]
    course.sync()
    whole.append(course.save("03_one_weight.new", '"my notes"'))
    whole.append(course.save("10_frameworks", '"my last work"'))
    whole.append(course.publish_set("03_one_weight", "old"))
    course.sync()
    whole.append(course.save("exercises/03_one_weight", '"my solutions"'))
    whole.append(course.publish_set("03_one_weight", "new"))
    whole.append(course.save("03_one_weight.backup-1", '"my old backup"'))
    whole += [course.publish(name, "newest") for name in NAMES[:4]]
    course.path("00_start_here").unlink()
    (course.mine / f"{safe_files.TEMPORARY}stale").write_bytes(b"half")
    saved = [text for text in whole if text.startswith(b'"my ')]
    return whole, saved


COMMANDS = {
    "sync": lambda course: course.sync(),
    "reset": lambda course: course.reset("3"),
    "reset of a missing one": lambda course: course.reset("0"),
    "reset of a set": lambda course: course.reset("exercises/3"),
}


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("kind", ["error", "interrupt", "death"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_crash_at_every_step(tmp_path, monkeypatch, command, kind, links):
    monkeypatch.setattr(os, "fsync", quick_fsync)
    monkeypatch.setattr(course_files, "as_delivered", functools.cache(as_delivered))
    (tmp_path / "start").mkdir()
    whole, saved = a_learner_in_the_middle(Course(tmp_path / "start"))
    shutil.copytree(tmp_path / "start", tmp_path / "whole")
    reference = Course(tmp_path / "whole")
    COMMANDS[command](reference)
    error, dead, victims = OSError if kind == "error" else Crash, kind == "death", set()
    for step in itertools.count(1):
        shutil.copytree(tmp_path / "start", tmp_path / str(step))
        course = Course(tmp_path / str(step))
        with monkeypatch.context() as patch:
            disaster = Disaster(patch, step, error, dead, links)
            try:
                COMMANDS[command](course)
            except (OSError, Crash, WorkspaceError):
                assert disaster.happened
        victims.add(disaster.victim)
        files = course.files()
        found = {name: data for name, data in files.items() if name.endswith(".ipynb")}
        assert set(saved) <= set(found.values())
        broken = [name for name, data in found.items() if data not in whole]
        if dead and not links:  # then an empty file may have been left to keep a name
            broken = [name for name in broken if found[name]]
        assert broken == []
        if not disaster.happened:
            break
        if not dead and disaster.victim != "unlink":
            left = [name for name in files if safe_files.TEMPORARY in name]
            assert left in ([], [f"{safe_files.TEMPORARY}stale"])
        COMMANDS[command](course)  # a plain run finishes the work
        assert {n: d for n, d in course.files().items() if d} == reference.files()
        course.sync()
        once = course.files()
        assert course.sync() == []
        assert course.files() == once
    assert step > 8
    assert {"open", "write", "replace"} <= victims


# One process forks a child that syncs without end between two versions of the course, and kills it
# after the time it is told. The learner's only unchanged chapter that vanishes is deleted by the
# child itself, so that chapters are brought all the time, not only replaced.
KILLED = """
versions = [Path(sys.argv[1]), Path(sys.argv[3])]
loaded = {path: workspace.load_course(path) for path in versions}
workspace.load_course = loaded.get
def work():
    while True:
        for version in versions:
            (mine / "00_start_here.ipynb").unlink(missing_ok=True)
            workspace.sync(mine, version)
            workspace.reset("10", mine, version)
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(1)
    time.sleep(float(line))
    os.kill(child, signal.SIGKILL)
    print(os.WTERMSIG(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kill_9_at_any_moment(course, tmp_path):
    second = tmp_path / "second"
    second.mkdir()
    whole = []
    for name in NAMES:
        for folder, letter in ((course.notebooks, "a"), (second, "b")):
            # Long, so that a write takes its time.
            whole.append(as_delivered(notebook(letter * 500_000)))
            (folder / f"{name}.ipynb").write_bytes(whole[-1])
    course.mine.mkdir()
    whole.append(course.save("02_chain_rule", '"my work"'))
    saved = {whole[-1]}
    changing = course.path("10_frameworks")
    command = [sys.executable, "-c", SCRIPT + KILLED, course.notebooks, course.mine, second]
    chance = random.Random(5)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            for turn in range(15):
                if changing.exists():  # what the learner himself overwrites he may lose
                    saved.discard(changing.read_bytes())
                whole.append(course.save("10_frameworks", f'"my try {turn}"'))
                saved.add(whole[-1])
                process.stdin.write(f"{chance.uniform(0.005, 0.1)}\n")
                process.stdin.flush()
                assert process.stdout.readline().strip() == "9"
                found = [data for n, data in course.files().items() if n.endswith(".ipynb")]
                assert saved <= set(found)
                assert set(found) <= set(whole)
        finally:
            process.stdin.close()
            process.wait(timeout=PATIENCE)
    course.sync()
    files = course.files()
    assert not [name for name in files if name.startswith(safe_files.TEMPORARY)]
    assert {f"{name}.ipynb" for name in NAMES} <= set(files)
    assert saved <= set(files.values())
    assert course.sync() == []


# Any history whatever


class History(RuleBasedStateMachine):
    """Edits, deletions, new versions, syncs, crashes, in any order: no saved text is ever lost."""

    names = (*NAMES[:2], f"exercises/{NAMES[1]}")
    chapters = st.sampled_from(names)

    def __init__(self):
        super().__init__()
        self.root = tempfile.TemporaryDirectory()
        self.course = Course(Path(self.root.name))
        self.texts = map("my text {}".format, itertools.count())
        self.saved, self.published = set(), set()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(os, "fsync", quick_fsync)
        self.patch.setattr(course_files, "as_delivered", functools.cache(as_delivered))
        for name in self.names:
            self.publish(name, 0)

    def teardown(self):
        self.patch.undo()
        self.root.cleanup()

    def learner_writes(self, path, text=None):
        """The learner replaces or deletes what is there: that text is his own to lose."""
        if path.exists():
            self.saved.discard(path.read_bytes())
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            self.saved.add(text.encode())

    def files(self):
        return sorted(self.course.mine.rglob("*.ipynb"))

    @rule(name=chapters, version=st.integers(0, 3))
    def publish(self, name, version):
        publish = self.course.publish_set if "/" in name else self.course.publish
        self.published.add(publish(name.removeprefix("exercises/"), f"{name} {version}"))

    @rule()
    def sync(self):
        self.course.sync()
        assert self.course.sync() == []

    @rule(name=chapters)
    def reset(self, name):
        self.course.reset(name)

    @precondition(lambda self: self.course.mine.exists())
    @rule(name=chapters)
    def edit(self, name):
        self.learner_writes(self.course.path(name), next(self.texts))

    @precondition(lambda self: self.course.mine.exists() and self.files())
    @rule(data=st.data(), delete=st.booleans())
    def edit_or_delete_any(self, data, delete):
        path = data.draw(st.sampled_from(self.files()))
        self.learner_writes(path, None if delete else next(self.texts))

    @precondition(lambda self: self.course.mine.exists())
    @rule(rest=st.sampled_from([None, 0, 30, 90]))
    def damage_the_manifest(self, rest):
        manifest = self.course.mine / workspace.MANIFEST
        content = manifest.read_bytes() if manifest.exists() else b""
        manifest.unlink(missing_ok=True)
        if rest is not None:
            manifest.write_bytes(content[:rest])

    @rule(
        at=st.integers(1, 30),
        dead=st.booleans(),
        links=st.booleans(),
        chapter=st.none() | chapters,
    )
    def crash(self, at, dead, links, chapter):
        with pytest.MonkeyPatch.context() as patch:
            Disaster(patch, at, Crash, dead, links)
            with contextlib.suppress(Crash):
                self.course.reset(chapter) if chapter else self.course.sync()

    @invariant()
    def nothing_saved_is_lost_and_nothing_is_half(self):
        found = {path.read_bytes() for path in self.files()} if self.course.mine.exists() else set()
        assert self.saved <= found
        mine = {text for text in found if text.startswith(b"my text ")}
        assert found - mine <= {*self.published, b""}


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=50, stateful_step_count=20, deadline=None, derandomize=True, database=None
)
