"""Hostile and broken submissions get the fair score, and nothing else on the machine suffers.

They are graded in one run, as a class; answers that only cheat, one after the other in one sandbox.
What each tries is told in `attacks/`; there most answers are right exactly if the attack succeeds.
So that a slip does not pass for safety, the same code is run without a sandbox, on stand-ins, where
it has to succeed; and the sandbox is opened here and there, where a point has to come of it.
"""

import contextlib
import csv
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from attacks import cheating, files, reaching, wasting  # noqa: F401  # which enter theirs
from attacks.base import ATTACKS, QUESTION, SET, with_answer
from joblib.externals.loky import get_reusable_executor
from machine import PATIENCE

from coursepkg.checks.comparing import agreement
from coursepkg.checks.running import wire
from coursepkg.grading import assignment, grade, judge, workers
from coursepkg.grading.reading import preflight
from coursepkg.grading.records import SEED, secret_seed
from coursepkg.grading.sandbox import bubblewrap
from coursepkg.grading.sandbox.toolbox import toolbox

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = assignment.load(SET)
SOLUTION = ASSIGNMENT.solution.read_bytes()
FULL = {name: question.total for name, question in ASSIGNMENT.questions.items()}
SECRET = "a token of the instructor's"
IN_ONE_SANDBOX = [*cheating.CHEATS, *wasting.TOO_LARGE]
# Of these, too, what might act on a page goes through the whole run.
IN_THE_CLASS = {
    name: each
    for name, each in ATTACKS.items()
    if name not in [*IN_ONE_SANDBOX, *wasting.ENDLESS] or "alert(1)" in each.code
}

pytestmark = pytest.mark.long


@pytest.fixture(scope="module", autouse=True)
def _needs_bubblewrap(missing):
    if shutil.which("bwrap") is None:
        missing(f"bubblewrap is not installed: {bubblewrap.INSTALL}")


@pytest.fixture(scope="module")
def top():
    """A folder that everybody may enter, so that only the sandbox keeps an answer out of it."""
    folder = Path(tempfile.mkdtemp(prefix="coursepkg-attacks-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


class Listener:
    """Waits for calls, and counts them."""

    def __init__(self, family, address):
        self.calls, self.socket = 0, socket.socket(family)
        self.socket.bind(address)
        self.socket.listen(100)
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        with contextlib.suppress(OSError):
            while True:
                self.socket.accept()[0].close()
                self.calls += 1


@pytest.fixture(scope="module")
def listeners(top):
    """By the name under which an attack knows them."""
    abstract = f"coursepkg-{os.getpid()}"
    every = {
        "port": Listener(socket.AF_INET, ("127.0.0.1", 0)),
        "socket": Listener(socket.AF_UNIX, str(top / "socket")),
        "abstract": Listener(socket.AF_UNIX, f"\0{abstract}"),
    }
    (top / "socket").chmod(0o777)
    port = every["port"].socket.getsockname()[1]
    yield SimpleNamespace(
        calls=lambda: {name: each.calls for name, each in every.items()},
        targets={"port": port, "socket": top / "socket", "abstract": abstract},
    )
    for each in every.values():
        each.socket.shutdown(socket.SHUT_RDWR)
        each.socket.close()


def stand_ins(folder):
    """{name: path} of what an attack may aim at, for everybody to read and to change."""
    names = ("home/notes.txt", "home/spoils/one", "gradebook.db", "neighbor.ipynb", "dropbox")
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SOLUTION)
        path.chmod(0o666)
    (folder / "tmp").mkdir()
    for name in (".", "home", "home/spoils", "tmp"):
        (folder / name).chmod(0o777)
    return {
        "home": folder / "home",
        "home_file": folder / "home/notes.txt",
        "spoils": folder / "home/spoils",
        "gradebook": folder / "gradebook.db",
        "neighbor": folder / "neighbor.ipynb",
        "dropbox": folder / "dropbox",
        "project": ROOT,
        "solution": ASSIGNMENT.solution,
        "exercise": ASSIGNMENT.release,
        "checks": ROOT / "coursepkg/checks/banks/one_weight.py",
        "path": os.environ["PATH"],
    }


def snapshot(*places):
    """{path: hash} of all files."""
    found = {}
    for place in places:
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                with open(path, "rb") as file:
                    found[path] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def in_sandboxes():
    """(number, start) of the processes on this machine that belong to some sandbox."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"/judge/coursepkg/" in (path / "cmdline").read_bytes():
                found.add((path.name, (path / "stat").read_text().rpartition(")")[2].split()[19]))
    return found


def memory():
    """Bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def hand_in(folder, student, data, name=SET):
    """Where the folder for the student's notebook is; with data, the notebook is put there."""
    place = folder / student / name
    place.mkdir(parents=True)
    if data is not None:
        (place / f"{name}.ipynb").write_bytes(data)
    return place


def the_class(folder, targets):
    """All hostile and broken submissions, and good ones and an untouched one beside them."""
    for student in ("good", "zz good", *files.NAMES):
        hand_in(folder, student, SOLUTION)
    hand_in(folder, "untouched", ASSIGNMENT.release.read_bytes())
    for name, each in IN_THE_CLASS.items():
        code = each.aimed(targets)
        hand_in(folder, name, with_answer(SOLUTION, each.question, code))
    for name, each in files.BROKEN.items():
        each.put(hand_in(folder, name, None), SOLUTION)


@pytest.fixture(scope="module")
def run(top, listeners):
    """The class, graded once; what was there before and after it."""
    targets = {**stand_ins(top / "stand-ins"), **listeners.targets, "tmp": "/tmp", "address": 4096}
    out, submitted, scratch = top / "results", top / "submitted", top / "scratch"
    scratch.mkdir()
    scratch.chmod(0o777)
    (out / "01_earlier").mkdir(parents=True)
    (out / "01_earlier/record.json").write_text("{}")
    secret_seed(out)
    places = [top / "stand-ins", out / SEED, out / "01_earlier"]
    places += [ROOT / "solutions", ROOT / "exercises", ROOT / "coursepkg/checks/banks"]
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim,
        pytest.MonkeyPatch.context() as patch,
    ):
        targets |= {"seed": out / SEED, "victim": victim.pid}
        the_class(submitted, targets)
        before, processes, memory_before = snapshot(*places, submitted), in_sandboxes(), memory()
        patch.setenv("ATTACK_SECRET", SECRET)
        patch.setenv("TMPDIR", str(scratch))
        patch.setattr(tempfile, "tempdir", None)
        records = grade.grade_class(submitted, SET, out, jobs=2)
        grown = memory() - memory_before
        get_reusable_executor().shutdown(wait=True)
        lives = victim.poll() is None
        victim.communicate(b"\n")
    return SimpleNamespace(
        records={record.student: record for record in records},
        submitted=submitted,
        out=out / SET,
        targets=targets,
        changed=before.items() ^ snapshot(*places, submitted).items(),
        left=in_sandboxes() - processes,
        scratch=list(scratch.iterdir()),
        calls=listeners.calls(),
        grown=grown,
        lives=lives,
    )


def earned(record):
    return {each.question: each.earned for each in record.questions}


def problems(record):
    return [record.notes, [each for each in record.questions if each.verdict != "right"]]


@pytest.mark.parametrize("name", IN_THE_CLASS)
def test_an_attack_gets_the_fair_score(run, name):
    record, each = run.records[name], ATTACKS[name]
    assert record.status == "graded", problems(record)
    assert earned(record) == {**FULL, each.question: each.earned}, problems(record)


@pytest.fixture(scope="module")
def sandboxes():
    """With half the time that a class gets, since two of the cheats never end."""
    with toolbox() as tools, contextlib.closing(judge.Sandboxes(tools, unsafe=False)) as kept:
        replace(tools / "coursepkg/checks/running/run.py", "SECONDS = 4.0", "SECONDS = 2.0")
        yield kept


@pytest.mark.parametrize("name", IN_ONE_SANDBOX)
def test_a_cheat_gets_the_fair_score_and_costs_neither_the_next_question_nor_time(name, sandboxes):
    """Time of the judge, on the processor; the process of the answer has a limit."""
    code, started = ATTACKS[name].code, time.process_time()
    sheet = preflight.read_sheet(with_answer(SOLUTION, QUESTION, code), FULL, ASSIGNMENT.words)
    for question, fair in ((QUESTION, ATTACKS[name].earned), (files.SECOND, FULL[files.SECOND])):
        record = judge.judge_answer(ASSIGNMENT.questions[question], sheet, 1, sandboxes)
        assert record.earned == fair, record
    assert time.process_time() - started < 5


@pytest.mark.parametrize("name", wasting.ENDLESS)
def test_an_endless_answer_is_ended(run, name):
    """With less time than a class gets."""
    with toolbox() as tools:
        replace(tools / "coursepkg/checks/running/run.py", "SECONDS = 4.0", "SECONDS = 0.5")
        replace(tools / "coursepkg/launcher.py", "SECONDS = 10", "SECONDS = 2")
        record = graded(name, run.targets, tools)
    assert earned(record)[QUESTION] == 0
    [finding] = record.questions[0].findings
    ends = {"never_ends"}
    if name == "fork_bomb":  # which may also be ended as a whole, or take its end for a failed fork
        ends |= {"ends_process", "returns_nothing"}
    assert finding.mistake in ends


@pytest.mark.parametrize("name", files.BROKEN)
def test_a_broken_submission_gets_the_fair_score(run, name):
    record, each = run.records[name], files.BROKEN[name]
    assert record.status == each.status, problems(record)
    if each.status == "unreadable":
        assert record.points is None
        assert record.questions == ()
        assert record.notes
    else:
        assert earned(record) == {**FULL, **dict.fromkeys(each.lost, 0)}, problems(record)
        assert bool(record.notes) == (each.status == "repaired")


@pytest.mark.parametrize("name", ["good", "zz good", *files.NAMES], ids=ascii)
def test_a_good_submission_gets_full_points_whatever_the_name(run, name):
    record = run.records[name]
    assert (record.status, record.notes) == ("graded", ())
    assert earned(record) == FULL


def test_an_untouched_release_is_not_started(run):
    record = run.records["untouched"]
    assert (record.status, record.points) == ("graded", 0)
    assert {each.verdict for each in record.questions} == {"not started"}


def test_nothing_on_the_machine_has_changed(run):
    assert run.changed == set()
    assert run.lives
    assert run.scratch == []


def test_no_process_is_left(run):
    """Others on this machine may grade, too; their sandboxes end like ours."""
    end = time.monotonic() + PATIENCE
    while left := run.left & in_sandboxes():
        assert time.monotonic() < end, left
        time.sleep(0.2)


def test_nobody_was_called(run):
    assert set(run.calls.values()) == {0}


def test_memory_stays_bounded(run):
    assert run.grown < 200 << 20


def test_what_is_written_down_is_harmless(run):
    pages = [path.read_text(encoding="utf-8") for path in run.out.rglob("*.html")]
    assert len(pages) == len(run.records) + 1
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\x1b" not in page
    for path in run.out.glob("*.csv"):
        with open(path, encoding="utf-8-sig", newline="") as file:
            cells = [each for line in csv.reader(file) for each in line]
        assert len(cells) > len(run.records)
        assert not [each for each in cells if each.startswith(("=", "+", "-", "@"))]
    sizes = [path.stat().st_size for path in (run.out / "records").iterdir()]
    assert max(sizes) < 200_000
    seed = (run.out.parent / SEED).read_text().strip()
    assert not any(seed in page or SECRET in page for page in pages)


def test_the_second_run_grades_nothing_again(run):
    """The times in the records would be others."""
    again = grade.grade_class(run.submitted, SET, run.out.parent, jobs=2)
    assert {record.student: record for record in again} == run.records


def test_a_list_of_words_takes_no_more_memory_than_its_words():
    """It is looked at in the process that judges, which has no limit."""
    tracemalloc.start()
    assert agreement.numbers(["x" * 1_000] + [""] * 10_000) is None
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


WORDS = [(name, question) for name, all_of in cheating.WORDS.items() for question in all_of]


@pytest.mark.parametrize(("name", "question"), WORDS)
def test_words_that_are_public_earn_nothing(name, question, tmp_path):
    chosen = assignment.load(name)
    examination = chosen.questions[question].examination()
    value = wire.encode(next(iter(examination.expected.values())).value)
    data = with_answer(
        chosen.solution.read_bytes(), question, cheating.forging_words(question, value)
    )
    hand_in(tmp_path / "submitted", "forger", data, name)
    [record] = grade.grade_class(tmp_path / "submitted", name, tmp_path / "out", jobs=1)
    full = {each.name: each.total for each in chosen.questions.values()}
    assert earned(record) == {**full, question: 0}, problems(record)


@pytest.fixture(scope="module")
def alone(run, top, listeners):
    """{attack: what it did without a sandbox}, on stand-ins of its own."""
    targets = {**stand_ins(top / "alone"), **listeners.targets, "tmp": top / "alone/tmp"}
    targets = {**targets, "seed": run.targets["seed"]}
    asked = {
        "targets": {name: str(target) for name, target in targets.items()},
        "codes": {name: each.code for name, each in ATTACKS.items() if each.alone},
    }
    done = subprocess.run(
        [sys.executable, ROOT / "tests/attacks/alone.py"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "ATTACK_SECRET": SECRET},
        timeout=5 * PATIENCE,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [name for name, each in ATTACKS.items() if each.alone])
def test_an_attack_succeeds_without_the_sandbox(alone, name):
    assert alone[name] == ATTACKS[name].alone


def graded(name, targets, tools):
    """The record of an attack, graded here and now."""
    data = with_answer(SOLUTION, QUESTION, ATTACKS[name].aimed(targets))
    return workers.grade_bytes("x", [], data, workers.Settings(SET, 1, tools))


def points(name, targets, tools):
    return earned(graded(name, targets, tools))[QUESTION]


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def bound(command, top):
    place = command.index("--remount-ro")
    return [*command[:place], "--ro-bind", str(top), str(top), *command[place:]]


def without_filter(command):
    place = command.index("--seccomp")
    return command[:place] + command[place + 2 :]


def with_network(command):
    command = without_filter(command)
    place = command.index("--unshare-all")
    return [*command[: place + 1], "--share-net", *command[place + 1 :]]


OPENED = {
    "reads_neighbor": bound,
    "memory_as_a_file": lambda command, top: without_filter(command),
    "talks_to_a_port": lambda command, top: with_network(command),
}


@pytest.mark.parametrize("name", OPENED)
def test_an_opened_sandbox_is_noticed(run, top, monkeypatch, name):
    closed = bubblewrap.command
    monkeypatch.setattr(bubblewrap, "command", lambda *given: OPENED[name](closed(*given), top))
    with toolbox() as tools:
        assert points(name, run.targets, tools) == FULL[QUESTION]


LOOSENED = {
    "memory_as_mmap": ("RLIMIT_AS: 1024", "RLIMIT_AS: 4096"),
    "a_large_file": ("RLIMIT_FSIZE: 4", "RLIMIT_FSIZE: 10"),
    "forks_many": ("RLIMIT_NPROC: 6", "RLIMIT_NPROC: 200"),
    "many_pipes": ("RLIMIT_NOFILE: 32", "RLIMIT_NOFILE: 500"),
}


@pytest.mark.parametrize("name", LOOSENED)
def test_a_looser_limit_is_noticed(run, name):
    with toolbox() as tools:
        replace(tools / "coursepkg/launcher.py", *LOOSENED[name])
        assert points(name, run.targets, tools) == FULL[QUESTION]
