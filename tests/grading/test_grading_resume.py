"""A run of `coursepkg grade` that was killed goes on: nothing is lost, nothing is graded twice."""

import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from coursepkg.grading.sandbox import bubblewrap

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from class_of_students import make
from grading_runs import NAME, SEED, Run, different, unequal, workspace

pytestmark = pytest.mark.long

COUNT = 6
# `coursepkg grade` that ends one of its workers after so many records, and itself after so many.
KILLED = """
import os, signal, sys
import psutil
from coursepkg import cli
from coursepkg.grading.records import Records

os.setpgrp()
put, done = Records.put, 0
def counted(self, record):
    global done
    put(self, record)
    done += 1
    if done == {worker}:
        children = psutil.Process().children()
        next(c for c in children if "popen_loky" in " ".join(c.cmdline())).kill()
    if done == {command}:
        os.kill(os.getpid(), signal.SIGKILL)
Records.put = counted
cli.main(sys.argv[1:])
"""


def test_killed_twice_and_resumed(missing):
    if shutil.which("bwrap") is None:
        missing("bubblewrap is not installed: " + bubblewrap.INSTALL)
    with workspace() as folder, contextlib.ExitStack() as rest:
        submissions, once, again = (folder / name for name in ("submitted", "once", "again"))
        due = make(submissions, COUNT, 3, NAME, SEED)
        Run(submissions, once).finish()
        assert not different(once, due)
        kept = {}
        for numbers in ({"worker": 0, "command": 2}, {"worker": 1, "command": 3}):
            run = Run(submissions, again, program=("-c", KILLED.format(**numbers)))
            rest.callback(end_workers, run.process.pid)  # in the end: the next run has to bear them
            assert run.process.wait() == -signal.SIGKILL, run.tail(2000)
            records = run.records()
            assert len(records) == len(kept) + numbers["command"]
            assert kept.items() <= records.items(), "graded twice, or lost"
            kept = records
        run = Run(submissions, again)
        run.finish()
        assert len(run.records()) == COUNT
        assert kept.items() <= run.records().items(), "graded twice, or lost"
        assert not unequal(once, again)


def end_workers(group):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
