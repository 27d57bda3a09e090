"""The record of what was passed: what is noted, and that no state of the file does any harm."""

import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from machine import PATIENCE

from coursepkg.checks import progress
from coursepkg.learner import workspace


def question(name, points):
    return SimpleNamespace(name=name, total=points)


SETS = (
    SimpleNamespace(
        name="01_sigmoid_derivative",
        questions=(question("sigmoid", 2), question("tanh", 3), question("softplus", 4)),
    ),
    SimpleNamespace(name="03_one_weight", questions=(question("slope", 5),)),
)
PARAMETERS = {"sigmoid": 2, "tanh": 3, "softplus": 4, "slope": 5}
GOOD = b'{"set": "03_one_weight", "question": "slope", "earned": 4, "points": 5, "date": "x"}\n'


def verdict(name, earned):
    points = PARAMETERS.get(name, 1)
    return SimpleNamespace(name=name, points=points, earned=earned, passed=earned == points)


def record(name, earned, folder):
    return progress.record(verdict(name, earned), folder, SETS)


@pytest.fixture
def folder(tmp_path):
    """A learner's folder."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / workspace.MANIFEST).write_text("{}")
    return mine


def lines(folder):
    return (folder / progress.FILE).read_text().splitlines()


# The learner's folder


def test_the_nearest_folder_with_a_manifest_is_the_learners(folder, monkeypatch):
    deeper = folder / "exercises" / "scratch"
    deeper.mkdir(parents=True)
    for start in (folder, folder / "exercises", deeper):
        assert progress.find_folder(start) == folder
        monkeypatch.chdir(start)
        assert progress.find_folder() == folder
    (deeper / workspace.MANIFEST).write_text("damaged")
    assert progress.find_folder(deeper) == deeper
    assert progress.find_folder(str(deeper)) == deeper


def test_elsewhere_there_is_none(folder, monkeypatch):
    assert progress.find_folder(folder.parent) is None
    (folder.parent / workspace.MANIFEST).mkdir()  # a folder of that name is no manifest
    assert progress.find_folder(folder.parent) is None
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    if os.name != "nt":
        gone.rmdir()
        assert progress.find_folder() is None
        assert progress.record(verdict("tanh", 3), sets=SETS) == ""


def test_a_check_that_runs_elsewhere_records_nothing(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert progress.record(verdict("tanh", 3), sets=SETS) == ""
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


# What is recorded


def test_a_record_is_one_line_with_all_that_is_known(folder, monkeypatch):
    (folder / "exercises").mkdir()
    monkeypatch.chdir(folder / "exercises")
    assert progress.record(verdict("tanh", 3), sets=SETS) == ""
    (line,) = lines(folder)
    noted = json.loads(line)
    date = datetime.fromisoformat(noted.pop("date"))
    assert date.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=1)
    known = {"set": "01_sigmoid_derivative", "question": "tanh", "earned": 3, "points": 3}
    assert noted == known
    assert os.listdir(folder / "exercises") == []


def test_only_what_is_better_than_before_is_recorded(folder):
    for earned in (0, 1, 1, 0.5, 2.25, 2, 3, 0, 3):
        assert record("tanh", earned, folder) == ""
    assert [json.loads(line)["earned"] for line in lines(folder)] == [1, 2.25, 3]
    assert progress.read(folder, SETS) == {"tanh": 3}


def test_nothing_earned_leaves_no_file(folder):
    assert record("tanh", 0, folder) == ""
    assert record("of_no_set", 1, folder) == ""
    assert os.listdir(folder) == [workspace.MANIFEST]


@pytest.mark.parametrize(
    ("earned", "noted"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(2), 2),
        (2.0, 2),
        (99, 3),
        (math.inf, 3),
        (1 / 3, 1 / 3),
    ],
)
def test_what_is_noted_is_a_plain_number_within_the_points(folder, earned, noted):
    assert record("tanh", earned, folder) == ""
    assert json.loads(lines(folder)[0])["earned"] == noted
    assert type(json.loads(lines(folder)[0])["earned"]) is type(noted)
    assert record("tanh", earned, folder) == ""
    assert len(lines(folder)) == 1


@pytest.mark.parametrize("earned", [math.nan, -1, -math.inf])
def test_what_is_no_gain_is_not_noted(folder, earned):
    assert record("tanh", earned, folder) == ""
    assert not (folder / progress.FILE).exists()


def test_the_best_of_several_records_counts_and_other_names_do_not(folder):
    rows = [("tanh", 2), ("tanh", 1), ("sigmoid", 99), ("softplus", -7), ("older", 1), ("", 1)]
    text = "".join(json.dumps({"question": q, "earned": e}) + "\n" for q, e in rows)
    (folder / progress.FILE).write_text(text)
    assert progress.read(folder, SETS) == {"tanh": 2, "sigmoid": 2, "softplus": 0}


# Damage


def damaged(earned):
    """A line that has the form of a record, but for the value of `earned`."""
    return b'{"question": "slope", "earned": ' + earned + b"}\n"


DAMAGE = {
    "nothing": b"",
    "a cut line": GOOD[:60] + b"\n",
    "a cut line without an end": GOOD[:60],
    "a sound line without an end": GOOD[:-1],
    "Windows line ends": GOOD.replace(b"\n", b"\r\n"),
    "binary": bytes(range(256)) * 50,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "zeros": bytes(5000),
    "open braces": b"{" * 5000,
    "deep": b"[" * 5000 + b"\n" + damaged(b"[" * 960),
    "not an object": b'3\n"question"\n["question", "earned"]\nnull\n',
    "other types": b"".join(map(damaged, (b'"5"', b"null", b"true", b"[5]", b"{}", b"-3"))),
    "a name of another type": b'{"question": ["slope"], "earned": 5}\n{"question": 1, "earned": 5}',
    "odd numbers": damaged(b"NaN") + damaged(b"-Infinity") + damaged(b"-" + b"9" * 900),
    "a long line": b"x" * 3_000_000 + b"\n",
    "a conflict of git": b"<<<<<<< HEAD\n" + GOOD + b"=======\n>>>>>>> theirs\n",
}
damage_of_any_kind = pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)


@damage_of_any_kind
def test_damage_costs_its_own_lines_and_is_never_touched(folder, damage):
    path = folder / progress.FILE
    before = b'{"question": "tanh", "earned": 2}\n' + damage
    path.write_bytes(before)
    best = progress.read(folder, SETS)
    assert best["tanh"] == 2
    assert best.get("slope", 0) == (4 if GOOD.strip() in damage else 0)
    assert record("tanh", 2, folder) == ""
    assert path.read_bytes() == before
    assert record("sigmoid", 1, folder) == ""
    assert record("slope", 5, folder) == ""
    after = progress.read(folder, SETS)
    assert after == {"tanh": 2, "sigmoid": 1, "slope": 5}
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().endswith(b"}\n")
    assert path.read_bytes().count(b'"set": "01_sigmoid_derivative", "question": "sigmoid"') == 1


def test_a_line_whose_end_was_lost_does_not_swallow_the_next(folder):
    (folder / progress.FILE).write_bytes(GOOD[:40])
    assert record("tanh", 3, folder) == ""
    cut, whole = lines(folder)
    assert cut == GOOD[:40].decode()
    assert json.loads(whole)["question"] == "tanh"


@pytest.mark.parametrize("block", [1, 64, 1000, 1 << 20])
def test_a_record_may_lie_across_blocks(folder, monkeypatch, block):
    monkeypatch.setattr(progress, "BLOCK", block)
    chance = random.Random(3)
    rubbish = [chance.randbytes(chance.randrange(300)).replace(b"{", b"") for _ in range(8)]
    names = [*PARAMETERS, *PARAMETERS]
    rows = [
        json.dumps({"question": name, "earned": 1 + (place > 3)}).encode()
        for place, name in enumerate(names)
    ]
    content = b"".join(r + b"\n" + row + b"\n" for r, row in zip(rubbish, rows, strict=True))
    (folder / progress.FILE).write_bytes(content)
    assert progress.read(folder, SETS) == dict.fromkeys(PARAMETERS, 2)


@pytest.mark.parametrize("kind", ["random", "one line", "open braces", "like records"])
def test_megabytes_of_rubbish_take_neither_long_nor_much_memory(folder, kind):
    block = {
        "random": random.Random(5).randbytes(1 << 20),
        "one line": b"a" * (1 << 20),
        "open braces": b"{" * (1 << 20),
        "like records": (b'{"question": ' + b" " * 500) * 2000,
    }[kind]
    with open(folder / progress.FILE, "wb") as file:
        file.write(GOOD)
        for _ in range(25):
            file.write(block)
        file.write(b"\n" + GOOD.replace(b"slope", b"tanh").replace(b"4", b"2"))
    begin = time.process_time()
    tracemalloc.start()
    try:
        assert progress.read(folder, SETS) == {"slope": 4, "tanh": 2}
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6
    assert time.process_time() - begin < 5
    size = (folder / progress.FILE).stat().st_size
    assert record("sigmoid", 2, folder) == ""
    assert (folder / progress.FILE).stat().st_size > size


def test_the_best_found_is_clipped_not_refused(folder):
    (folder / progress.FILE).write_bytes(damaged(b"1e999") + damaged(b"9" * 400))
    assert progress.read(folder, SETS) == {"slope": 5}


# A file that cannot be used


def hold(folder, kind):
    path = folder / progress.FILE
    if kind == "folder":
        path.mkdir()
    elif kind == "link to nowhere":
        path.symlink_to(folder / "nowhere" / "deeper")
    elif kind == "pipe":
        os.mkfifo(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
@pytest.mark.parametrize("kind", ["folder", "link to nowhere", "pipe"])
def test_something_else_of_that_name_is_said_and_left_alone(folder, kind):
    hold(folder, kind)
    before = sorted(os.listdir(folder))
    said = record("tanh", 3, folder)
    assert said == "This was not recorded in progress.jsonl: it is not a file."
    assert progress.read(folder, SETS) == {}
    assert [one.earned for one in progress.summary(folder, SETS)] == [0, 0]
    assert sorted(os.listdir(folder)) == before


def test_a_folder_that_is_gone_is_said(folder):
    said = record("tanh", 3, folder / "gone")
    assert said == "This was not recorded in progress.jsonl: No such file or directory."
    assert progress.read(folder / "gone", SETS) == {}


def test_a_strange_verdict_or_a_broken_set_is_no_traceback(folder, monkeypatch):
    assert "not recorded" in progress.record(SimpleNamespace(name="tanh"), folder, SETS)
    assert "not recorded" in record("tanh", "three", folder)

    def broken():
        raise KeyError
        yield

    said = "This was not recorded in progress.jsonl: {}."
    assert progress.record(verdict("tanh", 3), folder, broken()) == said.format("KeyError")
    monkeypatch.setattr(progress, "_all_sets", lambda: json.loads("{}\n{"))
    assert progress.record(verdict("tanh", 3), folder).startswith(said.format("Extra data")[:-1])
    monkeypatch.setattr(progress, "_scan", lambda path: (_ for _ in ()).throw(OSError("a\nb")))
    assert record("tanh", 3, folder) == said.format("a")
    assert not (folder / progress.FILE).exists()


# Runs in a process of its own: with other rights, with limits, or several at once
SCRIPT = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from coursepkg.checks import progress

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def attempt(name="tanh", earned=3):
    question = SimpleNamespace(name=name, total=3)
    sets = [SimpleNamespace(name="01_sigmoid_derivative", questions=[question])]
    return progress.record(SimpleNamespace(name=name, points=3, earned=earned), folder, sets)
"""


def start(script, folder, name="tanh", count=0):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT + script, folder, name, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output(process):
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, printed
    return printed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("closed", ["the folder", "the file for writing", "the file"])
def test_without_permission_it_is_said(closed):
    with tempfile.TemporaryDirectory() as root:  # tmp_path is closed to other users
        os.chmod(root, 0o755)
        folder, path = Path(root), Path(root) / progress.FILE
        if closed == "the folder":
            os.chmod(root, 0o555)
        else:
            path.write_bytes(GOOD)
            os.chmod(path, 0o444 if closed == "the file for writing" else 0o000)
            os.chmod(root, 0o777)
        drop_root = "if os.geteuid() == 0: os.setgroups([]); os.setuid(65534)\n"
        printed = output(start(drop_root + "print(attempt(), progress.read(folder, []))", folder))
        assert printed == "This was not recorded in progress.jsonl: Permission denied. {}\n"
        os.chmod(root, 0o755)
        assert (path.read_bytes() if path.exists() else GOOD) == GOOD


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("room", [0, 30])
def test_a_full_disk_is_said_and_costs_no_other_line(folder, room):
    path = folder / progress.FILE
    path.write_bytes(GOOD)
    size = len(GOOD) + room
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    said = output(start(limit + "print(attempt())", folder))
    reason = "the disk is full" if room else "File too large"
    assert said == f"This was not recorded in progress.jsonl: {reason}.\n"
    assert path.read_bytes().startswith(GOOD)
    assert path.stat().st_size == size
    assert progress.read(folder, SETS) == {"slope": 4}
    assert record("tanh", 3, folder) == ""
    assert progress.read(folder, SETS) == {"slope": 4, "tanh": 3}


def test_kernels_that_record_at_the_same_time_do_not_mix_their_lines(folder):
    """Each process waits for the file to appear, so that all of them write at once."""
    write = (
        "print('ready', flush=True)\n"
        "while not (folder / progress.FILE).exists(): pass\n"
        "for i in range(count): progress._append(folder / progress.FILE, name * (40 + i % 60))\n"
    )
    processes = [start(write, folder, name, 400) for name in "abc"]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    (folder / progress.FILE).touch()
    for process in processes:
        assert output(process) == ""
    written = [line for line in lines(folder) if line]  # an empty line between two is no harm
    assert len(written) == 1200
    expected = {name * (40 + i) for name in "abc" for i in range(60)}
    assert set(written) == expected


# What is shown


def test_a_summary_has_every_set_in_order(folder):
    for name, earned in (("sigmoid", 2), ("softplus", 1.25)):
        record(name, earned, folder)
    first, second = progress.summary(folder, SETS)
    assert first == progress.SetProgress("01_sigmoid_derivative", 3.25, 9, 1, 3)
    assert second == progress.SetProgress("03_one_weight", 0, 5, 0, 1)
    assert first.title == "01 The sigmoid and its derivative"
    assert first.words == "1 of 3 questions, 3.2 of 9 points"
    assert first.share == 3.25 / 9
    assert progress.summary(None, SETS) == [
        progress.SetProgress("01_sigmoid_derivative", 0, 9, 0, 3),
        second,
    ]


def test_the_text_has_one_line_a_set(folder):
    for name, earned in (("sigmoid", 2), ("softplus", 4), ("slope", 5)):
        record(name, earned, folder)
    assert progress.text(progress.summary(folder, SETS)).splitlines() == [
        "01 The sigmoid and its derivative  ######----  2 of 3 questions, 6 of 9 points",
        "03 One weight, then two            ##########  1 of 1 questions, 5 of 5 points",
        progress.IN_WORDS,
    ]
    assert "words" in progress.IN_WORDS


def test_the_bar_is_full_only_with_all_points():
    parts = [progress.SetProgress("03_one_weight", e, 30, 0, 3) for e in (0, 2.9, 3, 29.9, 30)]
    bars = [line.split("  ")[1] for line in progress.text(parts).splitlines()[:-1]]
    assert bars == ["-" * 10, "-" * 10, "#" + "-" * 9, "#" * 9 + "-", "#" * 10]
    empty = progress.SetProgress("03_one_weight", 0, 0, 0, 0)
    assert "----------" in progress.text([empty])


def test_the_sentence_for_those_who_do_not_see_the_figure(folder):
    nothing = progress.describe(progress.summary(folder, SETS))
    assert nothing.startswith("Every bar stands at zero: none of 4 questions has been passed yet.")
    record("sigmoid", 1, folder)
    some = progress.describe(progress.summary(folder, SETS))
    assert some.startswith("0 of 4 questions passed. 01 The sigmoid")
    record("slope", 5, folder)
    assert progress.describe(progress.summary(folder, SETS)) == (
        "1 of 4 questions passed. 01 The sigmoid and its derivative: 0 of 3 questions, 1 of 9 "
        "points; 03 One weight, then two: 1 of 1 questions, 5 of 5 points."
    )
