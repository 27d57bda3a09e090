"""`coursepkg grade`: the whole way from a folder of submissions to the results.

Every record is written at once, so a run that was killed can go on where it stopped.
"""

import collections
import dataclasses

from tqdm import tqdm

from coursepkg.checks.comparing.verdict import RIGHT
from coursepkg.errors import RequestError
from coursepkg.grading import assignment as assignments
from coursepkg.grading import report, submissions, workers
from coursepkg.grading.pages.html import readable
from coursepkg.grading.record import WITHOUT_POINTS
from coursepkg.grading.records import GradingError, Records, only_one, secret_seed
from coursepkg.grading.sandbox import bubblewrap
from coursepkg.grading.sandbox.toolbox import toolbox

UNSAFE = (
    "--unsafe: submissions run without a sandbox. They can read and write whatever you can: files, "
    "other submissions, the secret seed, the network. Limits on time and memory hold for each "
    "process, but not for processes that it starts."
)


def grade_class(folder, name, out, jobs=None, cluster=None, unsafe=False):
    """Grade the submissions in `folder` to the assignment `name`; their Records, by student.

    out: the folder of the class, which holds its secret seed, and for each assignment a folder with
    tables, pages and records. jobs: how many at once, default all processors. cluster: the address
    of a Dask scheduler. unsafe: without bubblewrap.
    """
    assignment = assignments.load(name)
    found = submissions.find(folder, assignment.name)
    target = results_folder(out, folder, assignment)
    with only_one(target), toolbox() as tools:
        settings = workers.Settings(assignment.name, secret_seed(out), tools, unsafe, jobs, cluster)
        check_solution(assignment, settings)
        records = Records(target / "records")
        grade_missing(found, folder, records, settings)
        report.write(target, records.all(), assignment.name)
        return [records.get(each.student) for each in found]


def results_folder(out, folder, assignment):
    """The folder of the results. RequestError if none can be made, or out holds submissions."""
    try:
        inside = out.resolve().is_relative_to(folder.resolve())
        for place in (out, out / assignment.name) if not inside else ():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        reason = getattr(error, "strerror", None) or error
        raise RequestError(f"out: there can be no folder {out}: {reason}") from None
    if inside:
        raise RequestError(f"out: {out} is where the submissions are; results are not for learners")
    return place


def check_solution(assignment, settings):
    """GradingError unless the solution gets full points, with this seed and on this machine."""
    try:
        if not settings.unsafe:
            bubblewrap.check(settings.tools)
    except bubblewrap.SandboxError as error:
        more = "Nothing was graded. --unsafe grades without protection."
        raise GradingError(f"{error}. {more}") from None
    here = dataclasses.replace(settings, cluster=None)
    record = workers.grade_bytes("", (), assignment.solution.read_bytes(), here)
    if record.status == "unreadable":
        why = " ".join(record.notes)
        raise GradingError(f"{assignment.solution} is damaged, so nothing was graded: {why}")
    if record.points != record.of:
        lines = [each.headline for each in record.questions if each.verdict != RIGHT]
        raise GradingError(
            "the solution itself does not get full points here, so nothing was graded: "
            + " ".join(lines or record.notes)
        )


def grade_missing(found, folder, records, settings):
    """Grade what has no record yet, many at once, and write each record as it comes."""
    left = [each for each in found if not is_done(each, folder, records, settings)]
    with tqdm(total=len(found), initial=len(found) - len(left), unit="student") as progress:
        while left:
            try:
                store(workers.grade_many(left, folder, settings), records, settings, progress)
                return
            except workers.WorkerEnded:
                left = [each for each in left if not is_done(each, folder, records, settings)]
            # The submission that ended the worker is among the first; grade those one by one.
            many = 4 * settings.at_once
            for each in left[:many]:
                store(grade_alone(each, folder, settings), records, settings, progress)
            left = left[many:]


def store(graded, records, settings, progress):
    """Write each Record as it comes. GradingError if other code has graded it."""
    for record in graded:
        if record.fingerprint != settings.fingerprint:
            raise GradingError("a worker has another version of the course")
        records.put(record)
        progress.update()


def grade_alone(submission, folder, settings):
    """The Record of a submission that may have ended its worker."""
    try:
        return list(workers.grade_many([submission], folder, settings))
    except workers.WorkerEnded:
        record = workers.ungraded(*workers.read_submission(submission, folder), settings)
        return [workers.failed(record, "its worker was ended, perhaps for want of memory")]


def is_done(submission, folder, records, settings):
    """Whether there is a record of these very bytes, graded by this very code."""
    *_, data = workers.read_submission(submission, folder)
    sha256 = workers.digest(data)
    return sha256 is not None and records.is_done(submission.student, sha256, settings.fingerprint)


def describe(records, folder, out):
    """What was done, in words, line by line. records: those that `grade_class` returned."""
    place = out / records[0].assignment
    count = collections.Counter(record.status for record in records)
    lines = [", ".join(f"{number} {status}" for status, number in sorted(count.items()))]
    if others := submissions.passed_over(folder):
        lines.append(readable(f"Not looked at, being no notebooks: {', '.join(others)}"))
    if more := len(Records(place / "records").all()) - len(records):
        lines.append(f"In tables and pages are {more} more, graded before and not in this folder.")
    for record in records:
        if record.status in WITHOUT_POINTS:
            line = f"{record.student}, {record.status}: {' '.join(record.notes)}"
            lines.append(readable(line))
    return [*lines, f"Open {place / 'class.html'}; the pages for the students are beside it."]


def into_gradebook(records, database):
    """Write the Records into nbgrader's gradebook; sentences about what was left out."""
    from coursepkg.grading.nbgrader import gradebook  # here, because nbgrader is slow to import

    release = assignments.load(records[0].assignment).release
    return [*gradebook.write(records, release, database), f"Written into {database}."]
