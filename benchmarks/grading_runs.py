"""Runs of `coursepkg grade` on a class, some killed midway, and checks of their tables."""

import contextlib
import csv
import os
import sys
import tempfile
import time
from dataclasses import astuple
from pathlib import Path

import psutil

NAME = "03_one_weight"
SEED = 20260  # the class's secret-seed.txt: the same submissions get the same points
JOBS = 2
PATIENCE = 3  # seconds for the children of a killed command to end
TABLES = ("results.csv", "students.csv", "results.json")


@contextlib.contextmanager
def workspace():
    """A temporary folder that the judge can read, even with fewer permissions than ours."""
    with tempfile.TemporaryDirectory(prefix="class-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class Run:
    """`coursepkg grade` in a process of its own.

    results: the folder RESULTS, in a `workspace`. program: what Python runs.
    """

    def __init__(self, submissions, results, jobs=JOBS, program=("-m", "coursepkg.cli")):
        temporary = results.with_name("tmp")  # a killed run leaves something there
        for folder in (results, temporary):
            folder.mkdir(exist_ok=True)
        (results / "secret-seed.txt").write_text(f"{SEED}\n")
        self.table, self.begin = results / NAME, time.perf_counter()
        command = [sys.executable, *program, "grade", str(submissions)]
        command += ["--assignment", NAME, "--out", str(results), "--jobs", str(jobs)]
        own = {"OMP_NUM_THREADS": "1", "TMPDIR": str(temporary)}
        self.said = temporary / "said.txt"
        with open(self.said, "wb") as said:
            self.process = psutil.Popen(
                command, stdout=said, stderr=said, env={**os.environ, **own}
            )

    def records(self):
        """{name of a record: inode and time, which change if it is written again}."""
        found = {}
        for path in (self.table / "records").glob("*.json"):
            about = path.stat()
            found[path.name] = about.st_ino, about.st_mtime_ns
        return found

    def until(self, count, seconds=0.05):
        """Wait for `count` records; yields their number before each wait of `seconds`."""
        records = self.table / "records"
        while (done := len(list(records.glob("*.json")))) < count and self.process.poll() is None:
            yield done
            time.sleep(seconds)

    def finish(self):
        """Wait for the end; returns the seconds since the start. RuntimeError if grading failed."""
        code = self.process.wait()
        if code:
            raise RuntimeError(f"`coursepkg grade` ended with {code}:\n{self.tail(2000)}")
        return time.perf_counter() - self.begin

    def tail(self, length):
        """The end of its output."""
        return self.said.read_text(encoding="utf-8")[-length:].strip()


def workers_of(process):
    """The joblib workers of a command."""
    with contextlib.suppress(psutil.Error):
        return [c for c in process.children() if "popen_loky" in " ".join(c.cmdline())]
    return []


def kill(run, whom):
    """kill -9 the command, or a worker first; returns (what happened, all its workers)."""
    workers, below = workers_of(run.process), run.process.children(recursive=True)
    if whom == "worker":
        workers[0].kill()
        done = len(run.records())
        for _ in run.until(done + 2):
            pass
        gone_on = f"it went on to {len(run.records())} records, then was killed itself; "
    else:
        gone_on = ""
    run.process.kill()
    run.process.wait()
    _, alive = psutil.wait_procs(below, timeout=PATIENCE)
    said = f"{gone_on}{len(alive)} of {len(below)} processes below it are left after {PATIENCE} s"
    return said, workers


def interrupted(submissions, results, count, kills):
    """Grade a class, killed and resumed several times: (sentences about what happened, names of
    records that were written again or lost).

    kills: ((share of the class graded by then, "command" or "worker"), …).
    """
    seen, kept, lost, left = [], {}, set(), []
    for share, whom in (*kills, (1, None)):
        run = Run(submissions, results)
        for _ in run.until(share * count):
            pass
        if whom is None:
            run.finish()
        elif run.process.poll() is not None:
            raise RuntimeError(f"it ended before it could be killed:\n{run.tail(2000)}")
        else:
            said, workers = kill(run, whom)
            left += workers
        records = run.records()
        lost |= {name for name in kept if records.get(name) != kept[name]}
        kept = records
        if whom:
            seen.append(f"kill -9 of the {whom} with {len(records)} of {count} records: {said}")
    for worker in left:  # only now: the resumed run must cope with them
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.kill()
    return seen, lost


def different(results, due):
    """The lines of the table that differ from what is due, as sentences."""
    wrong, seen = [], set()
    with open(results / NAME / "results.csv", encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            student, question = line["student"], line["question"]
            if line["verdict"] == "by hand":
                continue
            seen.add((student, question))
            wanted = due.get(student, {}).get(question)
            got = (line["status"], line["earned"], line["verdict"], line["mistake"])
            if wanted is None or got != ("graded", *map(str, astuple(wanted))):
                wrong.append(f"{student}, {question}: {got} instead of {wanted}")
    missing = {(s, q) for s, questions in due.items() for q in questions} - seen
    return wrong + [f"{student}, {question}: no line" for student, question in sorted(missing)]


def unequal(first, second):
    """The names of the tables that are not byte-identical in both RESULTS."""
    return [
        name
        for name in TABLES
        if (first / NAME / name).read_bytes() != (second / NAME / name).read_bytes()
    ]
