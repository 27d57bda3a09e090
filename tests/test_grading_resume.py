"""A run of `coursepkg grade` that was killed goes on: nothing is lost, nothing is graded twice."""

import shutil
import sys
from pathlib import Path

from coursepkg.grading.sandbox import bubblewrap

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
from class_of_students import make
from grading_runs import NAME, SEED, Run, different, interrupted, unequal, workspace

COUNT = 12
KILLS = ((0.25, "command"), (0.6, "worker"))


def test_killed_twice_and_resumed(missing):
    if shutil.which("bwrap") is None:
        missing("bubblewrap is not installed: " + bubblewrap.INSTALL)
    with workspace() as folder:
        submissions, once, again = (folder / name for name in ("submitted", "once", "again"))
        due = make(submissions, COUNT, 3, NAME, SEED)
        Run(submissions, once).finish()
        assert not different(once, due)
        seen, lost = interrupted(submissions, again, COUNT, KILLS)
        assert len(seen) == len(KILLS)
        assert not lost, "graded twice, or lost"
        assert not unequal(once, again)
