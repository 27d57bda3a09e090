"""The sandbox starts wherever it should, says why where it does not, and shows only what it should.

What submissions try against it is in `test_grading_attacks.py`.
"""

import json
import os
import resource
import shutil
import stat
import struct
import subprocess
import sys
from contextlib import closing

import pytest

from coursepkg.checks.running import answer, wire
from coursepkg.checks.running.run import Outcome
from coursepkg.grading.sandbox import bubblewrap, seccomp, toolbox

CASE = {"x": 1.0}


@pytest.fixture(autouse=True)
def needs_bubblewrap(missing):
    if shutil.which("bwrap") is None:
        missing("bubblewrap is not installed: " + bubblewrap.INSTALL)


@pytest.fixture(scope="module")
def tools():
    with toolbox.toolbox() as folder:
        yield folder


def asked(tools, source, **options):
    """What `look(x)`, defined by source, returned in the sandbox; its error, if it failed."""
    job = {"cells": [[source, "look"]], "question": "look", "use": "call", "cases": [CASE_WIRE]}
    with closing(bubblewrap.Sandbox(tools, **options)) as box:
        reply = box.ask(job)
    assert reply.ended == "exit 0"
    outcome = json.loads(reply.raw)["outcomes"][0]
    return outcome["error"] or outcome["value"]


CASE_WIRE = {"dict": CASE}


def test_an_answer_is_run_and_its_value_comes_back(tools):
    assert asked(tools, "def look(x): return x + 1") == 2.0


def test_an_answer_that_is_not_there_is_said_to_be_missing(tools):
    job = {"cells": [["a = 1", ""]], "question": "look", "use": "call", "cases": [CASE_WIRE]}
    with closing(bubblewrap.Sandbox(tools)) as box:
        assert box.ask(job) == bubblewrap.Reply("exit 0", b'{"found": false}')


def test_every_limit_holds_inside(tools):
    names = ("AS", "CPU", "FSIZE", "NPROC", "NOFILE", "CORE", "MEMLOCK", "MSGQUEUE")
    code = "import resource\ndef look(x): return [resource.getrlimit(i) for i in {}]"
    numbers = [getattr(resource, f"RLIMIT_{name}") for name in names]
    limits = [pair["tuple"] for pair in asked(tools, code.format(numbers))["list"]]
    most = [1024 << 20, 12, 4 << 20, 6, 32, 0, 0, 0]
    here = [resource.getrlimit(number)[1] for number in numbers]
    least = [
        a if b == resource.RLIM_INFINITY else min(a, b) for a, b in zip(most, here, strict=True)
    ]
    assert limits == [[number, number] for number in least]
    beside = asked(tools, code.format(numbers), unsafe=True)["list"]
    beside = dict(zip(names, [pair["tuple"] for pair in beside], strict=True))
    assert beside["AS"] == limits[0]
    assert beside["NPROC"][1] == here[names.index("NPROC")]  # it counts all that the user has


def test_where_something_is_left_nothing_else_is_run(tools):
    source = "def look(x): return open('/tmp/left', 'w').close()"
    job = {"cells": [[source, "look"]], "question": "look", "use": "call", "cases": [CASE_WIRE]}
    with closing(bubblewrap.Sandbox(tools)) as box:
        assert box.ask(job).ended == "exit 0"
        with pytest.raises(bubblewrap.Lost):
            box.ask(job)


def test_the_cell_of_the_answer_and_what_it_reads_are_told(tools):
    cells = [["a = 5", ""], ["def look(x): return x + a", "look"]]
    job = {"cells": cells, "question": "look", "use": "call", "cases": [CASE_WIRE] * 2}
    with closing(bubblewrap.Sandbox(tools)) as box:
        told = json.loads(box.ask(job).raw)
    assert (told["cell"], told["globals_read"]) == (1, ["a"])
    assert [each["value"] for each in told["outcomes"]] == [6.0] * 3


def test_what_there_is_no_room_for_is_an_error():
    outcomes = [Outcome(value="a" * 1000), Outcome(value="b"), Outcome(value="c" * 1000)]
    lengths = [len(json.dumps(wire.encode_outcome(each))) for each in outcomes]

    def errors(room):
        raw = answer.as_bytes({"cell": 0}, outcomes, room)
        return [each["error"] for each in json.loads(raw)["outcomes"]]

    assert errors(sum(lengths)) == [None, None, None]
    assert errors(sum(lengths) - 1) == [None, None, "TooMuch"]
    assert errors(lengths[0] - 1)[0] == "TooMuch"


def test_what_it_sees_of_the_system(tools):
    top = asked(tools, "import os\ndef look(x): return sorted(os.listdir('/'))")["list"]
    first = {"dev", "etc", "judge", "lib", "lib32", "lib64", "tmp", "usr"}
    first |= {sys.base_prefix.split("/")[1], sys.executable.split("/")[1]}
    first.add(os.path.realpath(sys.executable).split("/")[1])
    assert set(top) <= first
    inside = asked(tools, "import os\ndef look(x): return os.listdir('/judge')")["list"]
    assert set(inside) <= {"coursepkg", "numpy", "numpy.libs"}
    assert asked(tools, "import os\ndef look(x): return os.listdir('/dev')")["list"] == ["null"]


def test_nothing_that_knows_right_answers_is_inside(tools):
    files = (
        "import os\ndef look(x): return [f for *_, fs in os.walk('/judge/coursepkg') for f in fs]"
    )
    names = set(asked(tools, files)["list"])
    assert "answer.py" in names
    assert not names & {
        "sets",
        "diagnose.py",
        "looks.py",
        "relations.py",
        "judge.py",
        "question.py",
    }
    assert asked(tools, "def look(x):\n    import coursepkg.checks.banks") == "ModuleNotFoundError"


def test_its_environment_is_its_own(tools, monkeypatch):
    monkeypatch.setenv("SECRET", "4711")
    names = asked(tools, "import os\ndef look(x): return sorted(os.environ)")["list"]
    assert set(names) <= {*bubblewrap.environment(), "PWD"}


def test_it_has_no_privileges(tools):
    ids = asked(tools, "import os\ndef look(x): return [os.getuid(), os.getpid(), os.getppid()]")
    assert ids["list"][0] != 0
    assert ids["list"][1] > 1
    assert ids["list"][2] == 1


def test_as_root_the_modes_of_files_do_not_matter(tmp_path):
    if not toolbox.is_root():
        pytest.skip("only for root is anything copied")
    mask = os.umask(0o077)
    try:
        with toolbox.toolbox() as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o755
            assert asked(folder, "def look(x): return x") == 1.0
    finally:
        os.umask(mask)


def test_what_is_linked_for_root_keeps_its_mode(tmp_path):
    private, public = tmp_path / "private", tmp_path / "public"
    private.write_text("a")
    private.chmod(0o600)
    public.write_text("b")
    public.chmod(0o644)
    folder = tmp_path / "tools"
    folder.mkdir()
    for path in (private, public):
        toolbox.link_or_copy(path, folder / path.name)
    toolbox.let_everybody_read(folder)
    assert stat.S_IMODE((folder / "private").stat().st_mode) == 0o644
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert (folder / "public").samefile(public)


def test_the_toolbox_is_gone_afterward():
    with toolbox.toolbox() as folder:
        assert (folder / "numpy").exists()
    assert not folder.exists()


def test_what_a_killed_run_has_left_is_removed_later(tmp_path, monkeypatch):
    monkeypatch.setattr(toolbox.tempfile, "tempdir", str(tmp_path))
    old, new, other = (tmp_path / name for name in (f"{toolbox.NAME}a", f"{toolbox.NAME}b", "c"))
    for folder in (old, new, other):
        (folder / "inside").mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    with toolbox.toolbox():
        assert not old.exists()
        assert (new / "inside").exists()
        assert (other / "inside").exists()


def test_a_sandbox_that_does_not_start_says_why(tools, monkeypatch):
    monkeypatch.setattr(bubblewrap, "command", lambda *given: ["bwrap", "--no-such-option"])
    with pytest.raises(bubblewrap.SandboxError, match="no-such-option"):
        bubblewrap.Sandbox(tools)
    monkeypatch.setattr(bubblewrap, "command", lambda *given: ["/bin/sh", "-c", "echo broken >&2"])
    with pytest.raises(bubblewrap.SandboxError, match="broken"):
        bubblewrap.check(tools)
    monkeypatch.setattr(bubblewrap, "command", lambda *given: ["/not/there"])
    with pytest.raises(bubblewrap.SandboxError, match="does not start"):
        bubblewrap.Sandbox(tools)


@pytest.mark.parametrize("said", ["", "{}", '{"ready": false}', "no json", "x" * 500, "[]"])
def test_whatever_else_it_says_is_no_start(said, tools, monkeypatch):
    monkeypatch.setattr(bubblewrap, "command", lambda *given: ["/bin/sh", "-c", f"echo '{said}'"])
    with pytest.raises(bubblewrap.SandboxError, match="does not start"):
        bubblewrap.Sandbox(tools)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        '{"ended": "exit 0", "bytes": 99}\nshort',
        '{"ended": "exit 0", "bytes": 99999999999}',
        '{"ended": "exit 0", "bytes": -1}',
        '{"ended": "exit 0"}',
        "nonsense",
    ],
)
def test_a_sandbox_that_speaks_nonsense_is_lost(reply, tools, monkeypatch):
    script = f"echo '{{\"ready\": true}}'; read job; echo '{reply}'"
    monkeypatch.setattr(bubblewrap, "command", lambda *given: ["/bin/sh", "-c", script])
    with closing(bubblewrap.Sandbox(tools)) as box, pytest.raises(bubblewrap.Lost):
        box.ask({})
    assert box.process.returncode is not None


def run_filter(lines, machine, number, argument):
    """What the kernel would return: a few lines that know the four instructions."""
    architecture = seccomp.MACHINES.get(machine, (None, 0x40000003))[1]
    given = {
        seccomp.NUMBER: number,
        seccomp.ARCHITECTURE: architecture,
        seccomp.FIRST_ARGUMENT: argument,
    }
    place = value = 0
    while True:
        code, yes, no, operand = lines[place]
        place += 1
        if code == seccomp.LOAD:
            value = given[operand]
        elif code == seccomp.RETURN:
            return operand
        else:
            taken = value == operand if code == seccomp.IF_EQUAL else value >= operand
            place += yes if taken else no


def test_the_filter_knows_its_machines():
    for machine in seccomp.MACHINES:
        lines = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
        assert lines[-2:] == [
            (seccomp.RETURN, 0, 0, seccomp.ALLOW),
            (seccomp.RETURN, 0, 0, seccomp.REFUSE),
        ]
        assert run_filter(lines, machine, 63, 0) == seccomp.ALLOW  # uname, read
        for numbers in seccomp.REFUSED.values():
            number = numbers[seccomp.MACHINES[machine][0]]
            assert run_filter(lines, machine, number, 0) == seccomp.REFUSE
            assert run_filter(lines, machine, number | seccomp.OTHER_NUMBERS, 0) == seccomp.REFUSE
        prlimit = seccomp.OF_ITSELF[seccomp.MACHINES[machine][0]]
        assert run_filter(lines, machine, prlimit, 0) == seccomp.ALLOW
        assert run_filter(lines, machine, prlimit, 1) == seccomp.REFUSE
        assert run_filter(lines, "i386", 63, 0) == seccomp.REFUSE
    assert seccomp.program("pdp11") == b""


@pytest.mark.parametrize(
    "call", ["shmget", "memfd_create", "socket", "ptrace", "unshare", "vmsplice"]
)
def test_refused_system_calls_are_refused(call, tools):
    column, _ = seccomp.MACHINES.get(os.uname().machine, (None, None))
    if column is None:
        pytest.skip("the numbers of this machine are not known")
    number = seccomp.REFUSED[call][column]
    code = (
        "import ctypes\n"
        "def look(x):\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        f"    given = libc.syscall({number}, 0, 0, 0)\n"
        "    return [given, ctypes.get_errno()]"
    )
    assert asked(tools, code)["list"] == [-1, 1]  # EPERM
    # Without the filter the kernel finds another fault, or none.
    outside = subprocess.run(
        [sys.executable, "-c", code + "\nprint(look(1))"], capture_output=True, text=True
    )
    assert outside.stdout.strip() != "[-1, 1]" or call in ("ptrace", "unshare")


def test_a_question_cannot_limit_those_after_it(tools):
    code = (
        "import resource\n"
        "def look(x):\n"
        "    try:\n"
        "        resource.prlimit(1, resource.RLIMIT_AS, (10**6, 10**6))\n"
        "    except PermissionError:\n"
        "        return 'refused'"
    )
    assert asked(tools, code) == "refused"


def test_without_bubblewrap_only_on_request(tools):
    assert asked(tools, "import os\ndef look(x): return os.getppid() != 1", unsafe=True) is True
