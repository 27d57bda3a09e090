"""`coursepkg grade`: the whole way from a folder of submissions to the results.

What is graded is written down at once, so that a run that was killed goes on where it was.
"""

import atexit
import collections
import contextlib
import dataclasses
import functools
import hashlib
import os
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import joblib
from tqdm import tqdm

from coursepkg.grading import assignment as assignments
from coursepkg.grading import judge, preflight, report, sandbox, submissions
from coursepkg.grading.records import GradingError, Records, only_one, secret_seed
from coursepkg.grading.toolbox import toolbox

UNSAFE = (
    "--unsafe: submissions run without a sandbox. They can read and write whatever you can: files, "
    "other submissions, the secret seed, the network. Limits on time and memory hold for each "
    "process, but not for processes that it starts."
)
# While an answer is judged, NumPy's warnings are caught, which holds for all threads of a worker.
ALONE = threading.Lock()


@dataclass(frozen=True)
class Settings:
    """What a worker needs to know beside the submission. tools: the `toolbox`, or None where it
    has to make its own. command: the process that was begun by hand."""

    name: str
    seed: int
    tools: Path | None
    unsafe: bool
    command: int = field(default_factory=os.getpid)

    @property
    def fingerprint(self):
        return assignments.fingerprint(self.name, self.seed)


def grade(folder, name, out, jobs=None, cluster=None, unsafe=False):
    """Grade the submissions in `folder` to the assignment `name`; the records, by student.

    out: the folder of the class, which holds its secret seed, and for each assignment a folder with
    tables, pages and records. jobs: how many at once, default all processors. cluster: the address
    of a Dask scheduler. unsafe: without bubblewrap.
    """
    assignment = assignments.load(name)
    found = submissions.find(folder, assignment.name)
    target = out / assignment.name
    target.mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)  # it holds grades, and the seed
    with only_one(target), toolbox() as tools:
        settings = Settings(assignment.name, secret_seed(out), tools, unsafe)
        check_itself(assignment, settings)
        if cluster:
            settings = dataclasses.replace(settings, tools=None)
        records = Records(target / "records")
        run(found, folder, records, settings, jobs, cluster)
        graded = [records.get(each.student) for each in found]
        report.write(target, graded, assignment.name)
    return graded


def check_itself(assignment, settings):
    """GradingError unless the solution gets full points, with this seed and on this machine."""
    try:
        if not settings.unsafe:
            sandbox.check(settings.tools)
    except sandbox.SandboxError as error:
        more = "Nothing was graded. --unsafe grades without protection."
        raise GradingError(f"{error}. {more}") from None
    result = grade_one("", [], assignment.solution.read_bytes(), settings)
    if result["points"] != assignment.exercise_set.points:
        lines = [each["headline"] for each in result["questions"] if each["verdict"] != "right"]
        raise GradingError(
            "the solution itself does not get full points here, so nothing was graded: "
            + " ".join(lines or result["notes"])
        )


def run(found, folder, records, settings, jobs, cluster):
    """Grade what has no record yet, many at once, and write each record as it comes."""
    waiting = [each for each in found if not is_done(each, folder, records, settings.fingerprint)]
    with tqdm(total=len(found), initial=len(found) - len(waiting), unit="student") as progress:
        if not waiting:
            return
        task = joblib.delayed(grade_one)
        tasks = (task(*loaded(each, folder), settings) for each in waiting)
        with parallel(jobs, cluster) as workers:
            try:
                for record in workers(tasks):
                    if record["fingerprint"] != settings.fingerprint:
                        raise GradingError("a worker has another version of the course")
                    records.put(record)
                    progress.update()
            except BrokenProcessPool:
                raise GradingError(
                    "a worker was ended from outside, perhaps for want of memory. What is graded "
                    "is kept: run the same command again, with fewer --jobs if it was the memory"
                ) from None


def is_done(submission, folder, records, fingerprint):
    """Whether these very bytes were graded by this very code."""
    *_, data = loaded(submission, folder)
    return data is not None and records.is_done(submission.student, digest(data), fingerprint)


def loaded(submission, folder):
    """(student, notes, data): data is None where it cannot be read, and the last note says why."""
    student, notes = submission.student, list(submission.notes)
    if submission.problem:
        return student, [*notes, submission.problem], None
    try:
        return student, notes, preflight.read(submission.path, folder)
    except preflight.Unreadable as error:
        return student, [*notes, str(error)], None


def digest(data):
    return None if data is None else hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def parallel(jobs, cluster):
    """joblib's workers: on this machine, or those of a Dask scheduler."""
    options = {"return_as": "generator_unordered", "batch_size": 1}
    if cluster is None:
        yield joblib.Parallel(jobs or len(os.sched_getaffinity(0)), **options)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise GradingError(f"--cluster needs Dask, {error}: install the extra `grading`") from None
    try:
        client = Client(cluster, timeout=10)
    except (OSError, ValueError) as error:
        raise GradingError(f"cluster: no scheduler answers at {cluster!r} ({error})") from None
    with client, joblib.parallel_config("dask"):
        yield joblib.Parallel(**options)


def grade_one(student, notes, data, settings):
    """The record of one submission. It never fails: what goes wrong stands in the record."""
    if os.getppid() == settings.command:
        end_with(settings.command)
    assignment = assignments.load(settings.name)
    record = {
        "student": student,
        "assignment": settings.name,
        "sha256": digest(data),
        "fingerprint": settings.fingerprint,
        "status": "unreadable",
        "notes": notes,
        "points": None,
        "of": assignment.exercise_set.points,
        "questions": [],
        "words": [],
    }
    if data is None:
        return record
    try:
        points = {name: question.total for name, question in assignment.questions.items()}
        sheet = preflight.sheet(data, points, assignment.words, assignments.others(settings.name))
        notes = [*notes, *sheet.repairs]
        with ALONE:
            tools = settings.tools or own_tools()
            result = judge.grade(sheet, assignment, settings.seed, tools, settings.unsafe)
        return {**record, **result, "status": "repaired" if notes else "graded", "notes": notes}
    except preflight.Unreadable as error:
        return {**record, "notes": [*notes, str(error)]}
    except Exception as error:  # ours, and not the learner's: it is tried again
        problem = f"The judge failed: {type(error).__name__}: {error}"
        return {**record, "status": "failed", "notes": [*notes, problem]}


@functools.cache
def end_with(parent):
    """End this worker when its parent is killed; joblib's would wait for more for minutes."""

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def summary(graded, out):
    """What was done, in words, line by line."""
    count = collections.Counter(record["status"] for record in graded)
    lines = [", ".join(f"{number} {status}" for status, number in sorted(count.items()))]
    for record in graded:
        if record["status"] in ("unreadable", "failed"):
            name = record["student"].encode("utf-8", "backslashreplace").decode("utf-8")
            lines.append(f"{name!r}, {record['status']}: {' '.join(record['notes'])}")
    place = out / graded[0]["assignment"]
    return [*lines, f"Open {place / 'class.html'}; the pages for the students are beside it."]


def into_gradebook(graded, database):
    """Write the records into nbgrader's gradebook; sentences about what was left out."""
    from coursepkg.grading import gradebook  # here, because nbgrader is slow to import

    release = assignments.load(graded[0]["assignment"]).release
    return [*gradebook.write(graded, release, database), f"Written into {database}."]


@functools.cache
def own_tools():
    """A toolbox of this process, on another machine than where the run was begun."""
    kept = contextlib.ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(toolbox())
