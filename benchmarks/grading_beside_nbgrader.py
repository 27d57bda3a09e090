"""The same submissions graded by `nbgrader autograde` and by `coursepkg grade`: times and scores.

Some submissions come from the class, others attack. In the attacks defined here the first four
answers are right and the others untouched; in those of `tests/attacks` all are right except the one
that attacks. nbgrader runs all of it in one process with the checks. Here that process runs in
bubblewrap, to protect this machine.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from attacks import base, cheating  # noqa: F401  # the import registers its attacks
from class_of_students import Class, make, save
from grading_runs import NAME, SEED, Run
from nbgrader.api import Gradebook, MissingEntry

from coursepkg.checks.comparing.verdict import NOT_STARTED
from coursepkg.learner.course_files import notebooks_folder

RIGHT_ANSWERS = 4
PATIENCE = 300  # seconds that an nbgrader command may take
CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.Execute.timeout = 15
"""
FIRST_UNTOUCHED = "learning_rates"
NAMES_OF_THE_REST = ("learning_rates", "standardize", "train_epoch", "valley")


FROM_TESTS = (  # of tests/attacks: aimed at a checker, none that occupies nbgrader for minutes
    *("patches_numpy_testing", "patches_numpy_allclose", "patches_numpy_asarray"),
    *("patches_numpy_errstate", "patches_all_of_builtins", "patches_check", "patches_run"),
    *("imports_the_checks", "looks_for_what_is_expected"),
)


def own_cell(source):
    """An attack in a new cell, right after the imports."""

    def attack(notebook):
        cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": source}
        notebook["cells"].insert(2, {**cell, "outputs": [], "execution_count": 1})

    return attack


def in_answer(source):
    """An attack in the answer to the first untouched question."""

    def attack(notebook):
        answer(notebook, FIRST_UNTOUCHED)["source"] = source

    return attack


def answer(notebook, question):
    """The answer cell of a question."""
    return next(cell for cell in notebook["cells"] if cell["id"] == question)


def skip_checks(notebook):
    for cell in notebook["cells"]:
        if cell["id"].startswith("check-"):
            cell["metadata"]["tags"] = ["skip-execution"]


def copy_a_cell(notebook):
    """Copy an answer cell with its metadata, as an editor does."""
    cell = answer(notebook, "descent_step")
    notebook["cells"].insert(notebook["cells"].index(cell), cell)


IGNORED = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
ATTACKS = {
    "another check": own_cell("def check(answer):\n    pass"),
    "the checker patched": own_cell(
        "from coursepkg.checks import diagnose\n"
        "from coursepkg.checks.comparing import comparison\n"
        "diagnose.NOT_WRITTEN = ''\n"
        "comparison.is_right = lambda *arguments: True"
    ),
    "solutions taken from the course": own_cell(
        "from coursepkg.checks.banks import QUESTIONS as q\n"
        f"solved = {{name: q[name].reference for name in {NAMES_OF_THE_REST}}}\n"
        "import coursepkg.checks.notebook as n\n"
        "real = check\n"
        "def check(answer):\n"
        "    return real(solved.get(answer.__name__, answer))"
    ),
    "checks tagged skip-execution": skip_checks,
    "an answer cell copied": copy_a_cell,
    "os._exit in an answer": in_answer("import os\nos._exit(0)"),
    "endless loop": in_answer("while True:\n    pass"),
    "endless loop, SIGINT ignored": in_answer(IGNORED + "while True:\n    pass"),
    "NaN as an answer": in_answer("def learning_rates(x):\n    return (float('nan'),) * 3"),
}


class Course:
    """A course folder of nbgrader, which runs there inside bubblewrap."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(notebooks_folder().parent / "solutions" / NAME, folder / "solutions" / NAME)
        (folder / "nbgrader_config.py").write_text(CONFIG)
        self.run("generate_assignment", NAME)
        if not (folder / "release" / NAME / f"{NAME}.ipynb").exists():
            raise RuntimeError("nbgrader does not run here: there is nothing to compare with")

    def run(self, *arguments):
        """Run an nbgrader command; returns the seconds it took."""
        place = str(self.folder)
        seen = (sys.prefix, str(notebooks_folder().parent))  # these may be below /tmp
        command = [
            *("bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"),
            *("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--bind", place, place),
            *(part for path in seen for part in ("--ro-bind", path, path)),
            *("--chdir", place, "--setenv", "HOME", place),
            *(sys.executable, "-m", "nbgrader", *arguments),
        ]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        begin = time.perf_counter()
        own = {"PATH": path, "OMP_NUM_THREADS": "1"}
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command, env={**os.environ, **own}, capture_output=True, timeout=PATIENCE
            )
        return time.perf_counter() - begin

    def score(self, student):
        """The points for code; None if nbgrader has graded nothing."""
        if not (self.folder / "autograded" / student).exists():
            return None
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            try:
                [notebook] = gradebook.find_submission(NAME, student).notebooks
            except MissingEntry:
                return None
            return sum(grade.auto_score for grade in notebook.grades if grade.auto_score)


def ours(submissions, results):
    """(seconds, {student: record}) of `coursepkg grade`, one submission at a time."""
    run = Run(submissions, results, jobs=1)
    seconds = run.finish()
    records = [json.loads(path.read_bytes()) for path in (run.table / "records").iterdir()]
    return seconds, {record["student"]: record for record in records}


def honest(course, folder, count):
    """Grade part of the class with both; returns whether all our scores are as expected."""
    due = make(course.folder / "submitted", count, 2, NAME, SEED)
    theirs = course.run("autograde", NAME)
    seconds, records = ours(course.folder / "submitted", folder / "honest")
    print(f"{count} submissions, one after the other, with the start of the command:")
    print(f"  nbgrader autograde  {theirs / count:.2f} s each")
    print(
        f"  coursepkg grade     {seconds / count:.2f} s each: {theirs / seconds:.1f} times as fast"
    )
    fair = {student: sum(d.earned for d in each.values()) for student, each in due.items()}
    equal = sum(course.score(student) == points for student, points in fair.items())
    print(f"  fair scores: nbgrader {equal} of {count}, coursepkg ", end="")
    scores = {student: record["points"] for student, record in records.items()}
    print(f"{sum(scores[s] == points for s, points in fair.items())} of {count}")
    shutil.rmtree(course.folder / "submitted")
    return scores == fair


def attacks(students):
    """{name: (notebook, fair score)} of the attacks here and those in FROM_TESTS."""
    right = students.right()
    totals = {name: question.total for name, question in students.assignment.questions.items()}
    half, known = dict(right), list(right)[:RIGHT_ANSWERS]
    for question in right.keys() - set(known):
        [half[question]] = students.answers[question][NOT_STARTED]
    found = {}
    for name, attack in ATTACKS.items():
        notebook = students.notebook(half)
        attack(notebook)
        found[name] = notebook, sum(totals[question] for question in known)
    for each in base.ATTACKS.values():
        if each.name in FROM_TESTS:
            notebook = students.notebook(right)
            answer(notebook, each.question)["source"] = each.code
            lost = totals[each.question] - each.earned
            found[each.name.replace("_", " ")] = notebook, sum(totals.values()) - lost
    return found


def hostile(course, folder):
    """Grade the attacks with both; returns whether we give each the fair score."""
    found, submitted = attacks(Class(NAME, SEED)), course.folder / "submitted"
    for name, (notebook, _) in found.items():
        save(submitted, name, NAME, notebook)
    course.run("autograde", NAME)
    left = [name for name in found if course.score(name) is None]
    print(f"{len(found)} attacks; nbgrader, asked for all, graded {len(found) - len(left)} of them")
    for name in left:  # retry one by one
        course.run("autograde", NAME, f"--student={name}")
    _, records = ours(submitted, folder / "hostile")
    print(f"  {'':34s}{'fair':>6s}{'nbgrader':>10s}{'coursepkg':>11s}")
    unfair = 0
    for name, (_, fair) in found.items():
        score = course.score(name)
        told = "nothing" if score is None else f"{score:g}"
        print(f"  {name:34s}{fair:6d}{told:>10s}{records[name]['points']:>11}")
        unfair += score != fair
    good = [name for name, (_, fair) in found.items() if records[name]["points"] == fair]
    print(f"  fair scores: nbgrader {len(found) - unfair}, coursepkg {len(good)} of {len(found)}")
    return len(good) == len(found)


def beside(count, folder):
    """Print both comparisons; returns whether every score of `coursepkg grade` is fair."""
    (folder / "course").mkdir()
    course = Course(folder / "course")
    return honest(course, folder, count) & hostile(course, folder)
