"""Grading many submissions at once: joblib's processes on this machine, or Dask's on several."""

import atexit
import contextlib
import functools
import hashlib
import os
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

import joblib

from coursepkg.grading import assignment as assignments
from coursepkg.grading import judge
from coursepkg.grading.reading import preflight
from coursepkg.grading.record import Record
from coursepkg.grading.records import GradingError
from coursepkg.grading.sandbox.toolbox import toolbox

# Judging an answer catches NumPy's warnings for all threads of a worker, so: one at a time.
ALONE = threading.Lock()


class WorkerEnded(Exception):
    """A worker was ended from outside, perhaps for want of memory."""


@dataclass(frozen=True)
class Settings:
    """What a worker needs to know beside the submission.

    jobs: how many at once. cluster: the address of a Dask scheduler, or None. tools: the `toolbox`
    on this machine. command: the process that was begun by hand.
    """

    name: str
    seed: int
    tools: Path
    unsafe: bool = False
    jobs: int | None = None
    cluster: str | None = None
    command: int = field(default_factory=os.getpid)

    @property
    def fingerprint(self):
        return assignments.fingerprint(self.name, self.seed, self.unsafe)

    @property
    def at_once(self):
        return self.jobs or len(os.sched_getaffinity(0))


def grade_many(submissions, folder, settings):
    """The Records of submissions below `folder`, in the order in which they are done.

    WorkerEnded if a worker is gone, with the submission that it was grading.
    """
    task = joblib.delayed(grade_bytes if settings.cluster else grade_file)
    with parallel(settings) as workers:
        if settings.cluster:  # whose machines need not see the folder
            tasks = (task(*read_submission(each, folder), settings) for each in submissions)
        else:
            tasks = (task(each, folder, settings) for each in submissions)
        try:
            yield from workers(tasks)
        except gone() as error:
            raise WorkerEnded from error


@contextlib.contextmanager
def parallel(settings):
    """joblib's workers: on this machine, or those of a Dask scheduler."""
    options = {"return_as": "generator_unordered", "batch_size": 1}
    if settings.cluster is None:
        yield joblib.Parallel(settings.at_once, **options)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise GradingError(f"--cluster needs Dask, {error}: run make grading") from None
    try:
        client = Client(settings.cluster, timeout=10)
    except (OSError, ValueError) as error:
        raise GradingError(f"cluster: no scheduler at {settings.cluster!r} ({error})") from None
    try:
        client.wait_for_workers(1, timeout=10)
    except TimeoutError:
        client.close()
        why = f"no worker is at {settings.cluster!r}; start one: dask worker {settings.cluster}"
        raise GradingError(f"cluster: {why}") from None
    with client, joblib.parallel_config("dask"):
        yield joblib.Parallel(**options)


def gone():
    """The exceptions by which joblib and Dask report that a worker is gone."""
    if "distributed" not in sys.modules:
        return BrokenProcessPool
    from distributed.scheduler import KilledWorker

    return BrokenProcessPool, KilledWorker


def grade_file(submission, folder, settings):
    """The Record of a Submission, which is read here, where it is graded."""
    return grade_bytes(*read_submission(submission, folder), settings)


def read_submission(submission, folder):
    """(student, notes, data): data is None where it cannot be read, and the last note says why."""
    student, notes = submission.student, list(submission.notes)
    if submission.problem:
        return student, [*notes, submission.problem], None
    try:
        return student, notes, preflight.read(submission.path, folder)
    except preflight.Unreadable as error:
        return student, [*notes, str(error)], None


def grade_bytes(student, notes, data, settings):
    """The Record of one submission. It never fails: what goes wrong is in the record."""
    if os.getppid() == settings.command:
        end_with(settings.command)
    record = ungraded(student, notes, data, settings)
    if data is None:
        return record
    assignment = assignments.load(settings.name)
    points = {name: question.total for name, question in assignment.questions.items()}
    try:
        others = assignments.others(settings.name)
        sheet = preflight.read_sheet(data, points, assignment.words, others)
        return with_verdicts(record, sheet, assignment, settings)
    except preflight.Unreadable as error:
        return replace(record, notes=(*record.notes, str(error)))
    except Exception as error:
        return failed(record, f"{type(error).__name__}: {error}")


def with_verdicts(record, sheet, assignment, settings):
    """The Record with all that the judge finds in a sheet."""
    with ALONE:
        started = time.monotonic()
        tools = own_tools() if settings.cluster else settings.tools
        questions = judge.judge_answers(sheet, assignment, settings.seed, tools, settings.unsafe)
        seconds = round(time.monotonic() - started, 3)
    notes = (*record.notes, *sheet.repairs)
    status, points = "repaired" if notes else "graded", sum(each.earned for each in questions)
    words = judge.answers_in_words(sheet, assignment)
    graded = {"points": points, "questions": questions, "words": words, "seconds": seconds}
    return replace(record, status=status, notes=notes, **graded)


def ungraded(student, notes, data, settings):
    """The Record of a submission of which nothing is known but its bytes, or that it has none."""
    of = assignments.load(settings.name).exercise_set.points
    hashes = digest(data), settings.fingerprint
    return Record(student, settings.name, "unreadable", *hashes, of, tuple(notes))


def digest(data):
    return None if data is None else hashlib.sha256(data).hexdigest()


def failed(record, why):
    """The Record if the submission is not to blame for a failure: the next run tries again."""
    return replace(record, status="failed", notes=(*record.notes, f"The judge failed: {why}"))


@functools.cache
def end_with(parent):
    """End this worker when its parent is killed; joblib's own would go on waiting for minutes."""

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def own_tools():
    """The toolbox of this process, on another machine than where the run was begun."""
    folder = made_tools()
    os.utime(folder)  # so that it does not look stale
    return folder


@functools.cache
def made_tools():
    kept = contextlib.ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(toolbox())
