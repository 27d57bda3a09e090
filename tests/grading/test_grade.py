"""`coursepkg grade`, from the folder of submissions to the tables, in the real sandbox."""

import contextlib
import csv
import dataclasses
import io
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT

from coursepkg import cli
from coursepkg.checks.banks import SETS
from coursepkg.grading import assignment as assignments
from coursepkg.grading import grade as grading
from coursepkg.grading import judge, records, workers
from coursepkg.grading.reading import preflight
from coursepkg.grading.record import Record
from coursepkg.grading.sandbox import bubblewrap
from coursepkg.grading.sandbox.toolbox import toolbox
from coursepkg.grading.submissions import Submission
from coursepkg.learner import course_files

NAME = "03_one_weight"

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def needs_bubblewrap(missing):
    if shutil.which("bwrap") is None:
        missing("bubblewrap is not installed: " + bubblewrap.INSTALL)


def notebook(folder, name=NAME):
    return nbformat.read(ROOT / folder / name / f"{name}.ipynb", as_version=4)


def hand_in(place, student, book, name=NAME):
    path = place / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(book if isinstance(book, str) else nbformat.writes(book), encoding="utf-8")
    return path


def with_answer(question, source, name=NAME):
    """The solution with another answer to one question."""
    book = notebook("solutions", name)
    [cell] = [cell for cell in book.cells if cell.id == question]
    cell.source = source
    return book


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    """Four submissions, graded once from the command line: the folder, and what it said."""
    folder, said = tmp_path_factory.mktemp("class"), io.StringIO()
    submit_four(folder / "submitted")
    arguments = [str(folder / "submitted"), "--assignment", "3", "--out", str(folder / "results")]
    with contextlib.redirect_stdout(said):
        assert cli.main(["grade", *arguments, "--jobs", "1"]) == 0
    return folder, said.getvalue()


@pytest.fixture
def graded(a_class, tmp_path):
    """A copy of the results of that class; its submissions are `class_of_four`."""
    return shutil.copytree(a_class[0] / "results", tmp_path / "results")


@pytest.fixture
def class_of_four(tmp_path):
    return submit_four(tmp_path / "submitted")


def submit_four(place):
    hand_in(place, "ada", notebook("solutions"))
    hand_in(place, "ben", notebook("exercises"))
    wrong = "def descent_step(w, grad_w, learning_rate):\n    return w + learning_rate * grad_w"
    hand_in(place, "cy", with_answer("descent_step", wrong))
    hand_in(place, "dee", '{"cells": [')
    return place


def table(out, name=NAME):
    text = (out / name / "results.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("exercise_set", SETS, ids=lambda each: each.name)
def test_the_solution_of_every_set_gets_full_points_and_the_release_none(exercise_set, counts):
    assignment = assignments.load(exercise_set.name)
    points = {name: question.total for name, question in assignment.questions.items()}
    with toolbox() as tools:
        for path, earned in ((assignment.solution, exercise_set.points), (assignment.release, 0)):
            sheet = preflight.read_sheet(path.read_bytes(), points, assignment.words)
            questions = judge.judge_answers(sheet, assignment, 2**127 + 5, tools)
            assert sum(each.points for each in questions) == exercise_set.points
            assert sum(each.earned for each in questions) == earned
            verdicts = {each.verdict for each in questions}
            assert verdicts == ({"right"} if earned else {"not started"})
    counts["solutions"] += len(points)


def test_a_class_is_graded_and_told(a_class, graded):
    _, said = a_class
    assert "3 graded, 1 unreadable" in said
    assert "dee, unreadable: " in said
    lines = table(graded)
    earned = {
        student: [line["earned"] for line in lines if line["student"] == student]
        for student in ("ada", "ben", "cy", "dee")
    }
    full = [str(question.total) for question in SETS[2].questions]
    assert earned["ada"] == [*full, ""]  # the question in words
    assert earned["ben"] == ["0"] * len(full) + [""]
    assert earned["cy"] == [full[0], "0", *full[2:], ""]
    assert earned["dee"] == [""]
    [line] = [line for line in lines if line["mistake"]]
    assert (line["student"], line["question"]) == ("cy", "descent_step")
    assert line["mistake"] in assignments.load("3").questions["descent_step"].mistakes


def test_the_same_submissions_give_the_same_tables_in_any_number_of_jobs(
    class_of_four, graded, tmp_path
):
    two = tmp_path / "two"
    two.mkdir()
    shutil.copy(graded / records.SEED, two)
    grading.grade_class(class_of_four, NAME, two, jobs=2)
    for name in ("results.csv", "students.csv", "results.json", "class.html"):
        assert (graded / NAME / name).read_bytes() == (two / NAME / name).read_bytes(), name


def test_what_is_graded_is_not_graded_again_unless_it_changed(class_of_four, graded, monkeypatch):
    done = []
    grade_bytes = workers.grade_bytes

    def counted(student, *others):
        done.append(student)
        return grade_bytes(student, *others)

    monkeypatch.setattr(workers, "grade_bytes", counted)
    grading.grade_class(class_of_four, NAME, graded, jobs=1)
    assert done == [""]  # the solution
    hand_in(class_of_four, "dee", notebook("solutions"))
    hand_in(class_of_four, "eve", notebook("solutions"))
    done.clear()
    again = grading.grade_class(class_of_four, NAME, graded, jobs=1)
    assert sorted(done) == ["", "dee", "eve"]
    assert [each.points for each in again] == [18, 0, 17, 18, 18]
    done.clear()
    (graded / records.SEED).write_text("4711\n")
    grading.grade_class(class_of_four, NAME, graded, jobs=1)
    assert sorted(done) == ["", "ada", "ben", "cy", "dee", "eve"]


def test_a_failure_of_the_judge_is_no_score_and_is_tried_again(class_of_four, graded, monkeypatch):
    whole = judge.judge_answers

    def fails_for_the_class(sheet, *others):
        if failing and len(sheet.cells) != number:
            raise OSError("no space left")
        return whole(sheet, *others)

    number, failing = None, True
    data = assignments.load(NAME).solution.read_bytes()
    number = len(preflight.read_sheet(data, list(assignments.load(NAME).questions), ()).cells)
    book = notebook("solutions")
    book.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    hand_in(class_of_four, "fay", book)
    monkeypatch.setattr(judge, "judge_answers", fails_for_the_class)
    *_, fay = grading.grade_class(class_of_four, NAME, graded, jobs=1)
    assert (fay.student, fay.status, fay.points) == ("fay", "failed", None)
    assert "no space left" in fay.notes[-1]
    assert [line["earned"] for line in table(graded) if line["student"] == "fay"] == [""]
    failing = False
    *_, fay = grading.grade_class(class_of_four, NAME, graded, jobs=1)
    assert (fay.student, fay.status, fay.points) == ("fay", "graded", 18)


def test_a_failure_of_the_judge_is_told_by_the_exit_code(class_of_four, tmp_path, monkeypatch):
    failed = Record("ada", NAME, "failed", None, "", 18, ("It broke.",))
    monkeypatch.setattr(grading, "grade_class", lambda *given, **more: [failed])
    arguments = [str(class_of_four), "--assignment", "3", "--out", str(tmp_path / "results")]
    assert cli.main(["grade", *arguments]) == 1


def test_nothing_is_graded_where_the_solution_itself_fails(class_of_four, tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "judge_answer", lambda question, *others: judge_nothing(question))
    with pytest.raises(grading.GradingError, match="the solution itself does not get full points"):
        grading.grade_class(class_of_four, NAME, tmp_path / "results", jobs=1)
    assert not list((tmp_path / "results" / NAME).glob("*.csv"))


def judge_nothing(question):
    return judge.question_record(judge.without_result(question, "signal 9"), "")


def test_without_bubblewrap_nothing_is_graded_and_it_is_said_what_to_install(
    class_of_four, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "results"
    arguments = ["grade", str(class_of_four), "--assignment", "3", "--out", str(out), "--jobs", "1"]
    assert cli.main(arguments) == 1
    said = capsys.readouterr().err
    assert "bubblewrap" in said
    assert "apt install bubblewrap" in said
    assert "--unsafe" in said
    assert not list((out / NAME).glob("*.csv"))
    assert cli.main([*arguments, "--unsafe"]) == 0
    assert "submissions run without a sandbox" in capsys.readouterr().err
    assert [line["earned"] for line in table(out) if line["student"] == "cy"][:2] == ["1", "0"]


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone of the course with this one assignment."""
    for folder in ("exercises", "solutions"):
        shutil.copytree(ROOT / folder / NAME, tmp_path / "clone" / folder / NAME)
    (tmp_path / "clone" / "notebooks").mkdir()
    monkeypatch.setattr(course_files, "clone_folder", lambda: tmp_path / "clone")
    assignments.load.cache_clear()
    yield tmp_path / "clone"
    assignments.load.cache_clear()


DAMAGE = {
    "truncated": lambda data: data[:4995],
    "deep": lambda data: b"[" * 100_000,
    "no cells": lambda data: b"{}",
    "no metadata": lambda data: b'{"cells": [{"id": "a"}]}',
    "a number": lambda data: b'{"cells": 3}',
    "not UTF-8": lambda data: data[:500] + b"\xff" + data[500:],
}
# A solution is read as submissions are, which may hold such a byte.
DAMAGED = [*itertools.product(["exercises", "solutions"], DAMAGE)][:-1]


@pytest.mark.parametrize(("folder", "damage"), DAMAGED)
def test_a_damaged_notebook_of_the_course_is_named(
    clone, class_of_four, tmp_path, capsys, folder, damage
):
    path = clone / folder / NAME / f"{NAME}.ipynb"
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    out = tmp_path / "results"
    arguments = ["grade", str(class_of_four), "--assignment", "3", "--out", str(out), "--jobs", "1"]
    assert cli.main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"coursepkg: {path} is ")
    assert error.count("\n") == 1
    assert not list(out.glob("**/*.csv"))


def test_an_out_that_leads_in_a_circle_is_refused_in_one_line(class_of_four, tmp_path, capsys):
    out = tmp_path / "circle"
    out.symlink_to(out)
    assert cli.main(["grade", str(class_of_four), "--assignment", "3", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"coursepkg: out: there can be no folder {out}: ")
    assert error.count("\n") == 1


def test_two_at_once_in_one_folder_do_not_disturb_each_other(class_of_four, tmp_path):
    out = tmp_path / "results"
    (out / NAME).mkdir(parents=True)
    with (
        records.only_one(out / NAME),
        pytest.raises(grading.GradingError, match="another `coursepkg grade` is at work"),
    ):
        grading.grade_class(class_of_four, NAME, out, jobs=1)


def test_the_seed_is_secret_and_stays(tmp_path):
    seed = records.secret_seed(tmp_path)
    assert seed > 2**64
    assert records.secret_seed(tmp_path) == seed
    assert (tmp_path / records.SEED).stat().st_mode & 0o777 == 0o600
    (tmp_path / records.SEED).write_text("")  # left by a run that was killed
    assert records.secret_seed(tmp_path) > 2**64
    for damaged in (b"no number", b"\xff\xfe1", b"9" * 5000, "٣".encode(), b"-3"):
        (tmp_path / records.SEED).write_bytes(damaged)
        with pytest.raises(grading.GradingError, match=f"{records.SEED} does not hold a whole"):
            records.secret_seed(tmp_path)
        assert (tmp_path / records.SEED).read_bytes() == damaged


def test_the_results_are_for_the_instructor_alone(a_class):
    folder, _ = a_class
    assert (folder / "results").stat().st_mode & 0o777 == 0o700


def test_damaged_records_are_made_anew(class_of_four, graded):
    before = (graded / NAME / "results.json").read_bytes()
    kept = records.Records(graded / NAME / "records")
    kept.path("ada").write_text("{")
    kept.path("ben").write_text("[]")
    kept.path("cy").write_text(json.dumps({"student": "ada"}))
    grading.grade_class(class_of_four, NAME, graded, jobs=1)
    assert (graded / NAME / "results.json").read_bytes() == before


def test_the_fingerprint_follows_code_release_and_seed(monkeypatch):
    first = assignments.fingerprint(NAME, 1, False)
    assert assignments.fingerprint(NAME, 1, False) == first
    assert assignments.fingerprint(NAME, 2, False) != first
    assert assignments.fingerprint(NAME, 1, True) != first
    assert assignments.fingerprint("04_two_layer_network", 1, False) != first
    changed = dataclasses.replace(assignments.load(NAME), release_text="{}")
    monkeypatch.setattr(assignments, "load", lambda name: changed)
    assert assignments.fingerprint(NAME, 1, False) != first
    monkeypatch.undo()
    monkeypatch.setattr(assignments, "CODE", assignments.code_of_package() + "x")
    assert assignments.fingerprint(NAME, 1, False) != first


@pytest.mark.parametrize(
    "path",
    ["checks/comparing/agreement.py", "checks/banks/losses.py", "grading/sandbox/launcher.py"],
)
def test_the_hash_of_the_code_is_of_all_that_judges(path, tmp_path, monkeypatch):
    copy = shutil.copytree(assignments.PACKAGE, tmp_path / "coursepkg")
    monkeypatch.setattr(assignments, "PACKAGE", copy)
    assert assignments.code_of_package() == assignments.CODE
    (copy / path).write_text((copy / path).read_text() + "# changed")
    assert assignments.code_of_package() != assignments.CODE


def test_a_submission_that_ends_its_worker_costs_nobody_else(class_of_four, tmp_path, monkeypatch):
    """As if the system ended the worker: what it had in hand is tried alone."""
    grade_many = workers.grade_many

    def ended(submissions, folder, settings):
        for each in submissions:
            if each.student == "ben":
                raise workers.WorkerEnded
            yield from grade_many([each], folder, settings)

    monkeypatch.setattr(workers, "grade_many", ended)
    for _ in range(2):  # it is tried again, and again costs nobody else
        records = grading.grade_class(class_of_four, NAME, tmp_path / "results", jobs=1)
        statuses = [record.status for record in records]
        assert statuses == ["graded", "failed", "graded", "unreadable"]
    assert "its worker was ended" in records[1].notes[-1]
    monkeypatch.undo()
    records = grading.grade_class(class_of_four, NAME, tmp_path / "results", jobs=1)
    assert records[1].status == "graded"


def test_a_worker_that_is_killed_is_noticed(class_of_four, tmp_path):
    settings = workers.Settings(NAME, 1, tmp_path, jobs=2)
    killing = [Killing("ada", class_of_four / "ada" / NAME / f"{NAME}.ipynb")]
    with pytest.raises(workers.WorkerEnded):
        list(workers.grade_many(killing, class_of_four, settings))


class Killing(Submission):
    """Whoever looks at it is killed."""

    @property
    def notes(self):
        os.kill(os.getpid(), signal.SIGKILL)

    @notes.setter
    def notes(self, value):
        pass


def test_a_folder_that_was_there_keeps_its_mode(tmp_path):
    out = tmp_path / "shared"
    out.mkdir(mode=0o755)
    hand_in(tmp_path / "submitted", "dee", "{")
    grading.grade_class(tmp_path / "submitted", NAME, out, jobs=1)
    assert out.stat().st_mode & 0o777 == 0o755
    assert (out / NAME).stat().st_mode & 0o777 == 0o700
    assert (out / records.SEED).stat().st_mode & 0o777 == 0o600


def test_names_that_no_terminal_takes_are_told(tmp_path, capfd):
    place = tmp_path / "submitted"
    place.mkdir()
    for name in (b"\xff\x1b[31m.ipynb", b"\xff\x1b[31m.IPYNB"):
        (place / os.fsdecode(name)).write_text("{}")
    hand_in(place, "ada", notebook("solutions"))
    arguments = ["grade", str(place), "--assignment", "3", "--out", str(tmp_path / "results")]
    assert cli.main([*arguments, "--jobs", "1"]) == 0
    said = capfd.readouterr().out
    said.encode("utf-8")
    assert "\x1b" not in said
    assert "There are two of this name" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--assignment", "33"], "assignment: there is no '33'"),
        (["--assignment", "3", "--jobs", "0"], "is not a whole number from 1 on"),
    ],
)
def test_what_cannot_be_is_refused_by_name(arguments, words, class_of_four, tmp_path):
    command = [sys.executable, "-m", "coursepkg.cli", "grade", str(class_of_four)]
    command += ["--out", str(tmp_path / "results"), *arguments]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode in (1, 2)
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_a_scheduler_that_is_not_there_is_said(class_of_four, tmp_path, monkeypatch, capsys):
    distributed = pytest.importorskip("distributed")
    client = distributed.Client  # which tries as long as it is told to
    monkeypatch.setattr(distributed, "Client", lambda address, timeout: client(address, timeout=1))
    arguments = [str(class_of_four), "--assignment", "3", "--out", str(tmp_path / "results")]
    assert cli.main(["grade", *arguments, "--cluster", "tcp://127.0.0.1:9"]) == 1
    assert "no scheduler at 'tcp://127.0.0.1:9'" in capsys.readouterr().err


def test_a_folder_without_submissions_is_refused(tmp_path, capsys):
    arguments = ["grade", str(tmp_path), "--assignment", "3", "--out", str(tmp_path / "results")]
    assert cli.main(arguments) == 2
    assert "submissions" in capsys.readouterr().err


@pytest.fixture
def scheduler():
    """A Dask scheduler with two workers, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.filterwarnings("default")  # Dask's own
def test_a_cluster_grades_the_same(class_of_four, graded, tmp_path, scheduler):
    there = tmp_path / "there"
    there.mkdir()
    shutil.copy(graded / records.SEED, there)
    grading.grade_class(class_of_four, NAME, there, cluster=scheduler)
    for name in ("results.csv", "students.csv", "results.json"):
        assert (graded / NAME / name).read_bytes() == (there / NAME / name).read_bytes(), name


def test_late_work_in_another_folder_does_not_empty_the_class(graded, tmp_path, capsys):
    late = tmp_path / "late"
    hand_in(late, "zoe", notebook("solutions"))
    (late / "notes.txt").write_text("")
    arguments = ["grade", str(late), "--assignment", "3", "--out", str(graded), "--jobs", "1"]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "In tables and pages are 4 more, graded before and not in this folder." in said
    assert "Not looked at, being no notebooks: notes.txt" in said
    assert {line["student"] for line in table(graded)} == {"ada", "ben", "cy", "dee", "zoe"}


def test_results_do_not_lie_among_what_learners_handed_in(class_of_four, capsys):
    for out in (class_of_four, class_of_four / "results"):
        arguments = [str(class_of_four), "--assignment", "3", "--out", str(out)]
        assert cli.main(["grade", *arguments]) == 2
        assert "is where the submissions are" in capsys.readouterr().err
        assert not (out / records.SEED).exists()


def test_results_that_cannot_be_written_are_refused_by_name(class_of_four, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "results"
    assert cli.main(["grade", str(class_of_four), "--assignment", "3", "--out", str(out)]) == 2
    assert f"out: there can be no folder {out}" in capsys.readouterr().err


def test_an_interrupted_run_says_how_to_go_on(class_of_four, tmp_path, monkeypatch, capsys):
    def interrupted(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(grading, "grade_class", interrupted)
    arguments = [str(class_of_four), "--assignment", "3", "--out", str(tmp_path / "results")]
    assert cli.main(["grade", *arguments]) == 130
    assert "run the same command again" in capsys.readouterr().err


def test_a_library_that_is_not_there_is_named_where_it_is_used(tmp_path):
    source = "import not_there as other\n\ndef weight_gradient(w, x, targets):\n    {}    return "
    right = "2 / x.size * np.sum((w * x - targets) * x)"
    place = tmp_path / "submitted"
    hand_in(place, "ada", with_answer("weight_gradient", source.format("other.f(x)\n") + right))
    hand_in(place, "ben", with_answer("weight_gradient", source.format("\n") + right))
    ada, ben = grading.grade_class(place, NAME, tmp_path / "results", jobs=1)
    assert ben.points == 18
    assert ada.points == 17
    [finding] = ada.questions[0].findings
    assert "No module named 'not_there'" in finding.sentence
    assert "there are only NumPy and Python's standard library" in finding.sentence


def test_a_cell_that_is_no_python_is_told_by_its_line(tmp_path):
    broken = "def weight_gradient(w, x, targets):\n    return 2 * np.mean(x"
    hand_in(tmp_path / "submitted", "ada", with_answer("weight_gradient", broken))
    [ada] = grading.grade_class(tmp_path / "submitted", NAME, tmp_path / "results", jobs=1)
    assert ada.points == 17
    [finding] = ada.questions[0].findings
    assert finding.mistake == "no_python"
    assert "Python cannot read it in line 2, `return 2 * np.mean(x`." in finding.sentence
