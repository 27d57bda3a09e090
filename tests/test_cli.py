"""The command line: words and exit codes, and JupyterLab really started."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from machine import PATIENCE, free_port

from coursepkg import cli
from coursepkg.learner import course_files, doctor, workspace


def notebook(source):
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A made-up clone of the course with two chapters; the learner's folder is in it by default."""
    (tmp_path / "notebooks").mkdir()
    for name in ("00_start_here", "03_one_weight"):
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(notebook("old"))
    monkeypatch.setattr(course_files, "clone_folder", lambda: tmp_path)
    monkeypatch.setattr(cli, "become", lambda *_: pytest.fail("started JupyterLab"))
    return tmp_path


def run(capsys, *arguments):
    """The exit code, what was printed, and what was printed as an error."""
    try:
        code = cli.main(list(map(str, arguments)))
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


# Words and exit codes


def test_a_sync_says_what_it_did(clone, capsys):
    mine = clone / "my-course"
    code, printed, _ = run(capsys, "lab", "--sync-only")
    assert code == 0
    assert printed == f"Your course is in {mine}\nNew: 00_start_here, 03_one_weight\n"
    (mine / "03_one_weight.ipynb").write_text("my work")
    for path in (clone / "notebooks").iterdir():
        path.write_text(notebook("new"))
    _, printed, _ = run(capsys, "lab", "--sync-only")
    assert "\nRenewed, you had not changed them: 00_start_here\n" in printed
    assert "\nKept: your 03_one_weight.ipynb. The course has a new version of it" in printed
    assert "beside yours as 03_one_weight.new.ipynb.\n" in printed
    _, printed, _ = run(capsys, "lab", "--sync-only")
    assert printed == f"Your course is in {mine}\nNothing new since last time.\n"


def test_reset_does_not_start_the_lab_and_says_how_to(clone, capsys):
    run(capsys, "lab", "--sync-only")
    (clone / "my-course" / "03_one_weight.ipynb").write_text("my work")
    code, printed, _ = run(capsys, "lab", "--reset", "3")
    assert code == 0
    assert "Yours is kept as 03_one_weight.backup-1.ipynb." in printed
    assert printed.endswith("\nOpen the course with: coursepkg lab\n")
    folder = clone / "my other course"
    _, printed, _ = run(capsys, "lab", "--reset", "3", "--folder", folder)
    assert printed.endswith(f"coursepkg lab --folder '{folder}'\n")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "command"),
        (["open"], 2, "invalid choice: 'open'"),
        (["lab", "--port", "70000"], 2, "--port: '70000' is not a number from 1 to 65535"),
        (["lab", "--port", "x"], 2, "--port: 'x' is not"),
        (["lab", "--reset"], 2, "--reset: expected one argument"),
        (["lab", "--reset", "7"], 2, "'7' is not a chapter. The chapters are 00_start_here, 03_"),
        (["lab", "--folder", "notebooks"], 2, "holds the course's own chapters"),
        (["lab", "--folder", "a-file"], 1, "cannot be used: it is a file"),
        (["lab", "--folder", "a-file/deeper"], 1, "cannot be used"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(clone, capsys, monkeypatch, arguments, code, words):
    monkeypatch.chdir(clone)
    Path("a-file").write_text("mine")
    got, printed, error = run(capsys, *arguments)
    assert (got, printed) == (code, "")
    assert words in error
    assert error.startswith("coursepkg")
    assert error.count("\n") == 1
    assert Path("a-file").read_text() == "mine"
    assert not Path("my-course").exists()


@pytest.mark.parametrize(
    "problem", [OSError(28, "No space left on device"), ModuleNotFoundError("x")]
)
def test_a_failure_on_the_way_is_one_line_too(clone, capsys, monkeypatch, problem):
    def fail(*_):
        raise problem

    monkeypatch.setattr(workspace, "sync", fail)
    code, _, error = run(capsys, "lab")
    assert code == 1
    assert str(problem) in error
    assert error.count("\n") == 1
    assert ("coursepkg doctor" in error) == isinstance(problem, ImportError)


def test_what_is_no_error_of_the_courses_own_shows_where_it_happened(clone, monkeypatch):
    """A mistake of ours in one line would hide where it is."""

    def broken(*_):
        return int("a bug")

    monkeypatch.setattr(workspace, "sync", broken)
    with pytest.raises(ValueError, match="invalid literal for int"):
        cli.main(["lab"])


def commands():
    """Every command, by name."""
    (action,) = [each for each in cli.make_parser()._actions if each.dest == "command"]
    return list(action.choices)


@pytest.fixture
def narrow(monkeypatch):
    """Standard output and errors of an encoding; what was written to them."""

    def replace(encoding):
        streams = [io.TextIOWrapper(io.BytesIO(), encoding, "strict") for _ in range(2)]
        for name, stream in zip(("stdout", "stderr"), streams, strict=True):
            monkeypatch.setattr(sys, name, stream)
        return streams

    return replace


def written(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself_in_any_encoding(narrow, encoding, command):
    printed, _ = narrow(encoding)
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    assert end.value.code == 0
    assert written(printed).startswith(f"usage: coursepkg {command} ")


@pytest.mark.parametrize(
    ("encoding", "name", "seen"),
    [
        ("cp1252", "课程", "\\u8bfe\\u7a0b"),
        ("ascii", "Übungen", "\\xdcbungen"),
        ("utf-8", "\udcff", "\\udcff"),
    ],
)
def test_folders_of_any_name_are_printed_in_any_encoding(clone, narrow, encoding, name, seen):
    mine = clone / name
    printed, errors = narrow(encoding)
    assert cli.main(["lab", "--sync-only", "--folder", str(mine)]) == 0
    assert cli.main(["progress", "--folder", str(mine)]) == 0
    assert cli.main(["lab", "--reset", "3", "--folder", str(mine)]) == 0
    assert seen in written(printed)
    assert (mine / "03_one_weight.ipynb").exists()
    shutil.rmtree(mine)
    mine.write_text("a file")
    assert cli.main(["lab", "--sync-only", "--folder", str(mine)]) == 1
    assert cli.main(["lab", "--reset", name]) == 2
    assert written(errors).count(seen) == 2


@pytest.mark.parametrize("damage", [lambda text: text[:-40], lambda text: "[]", lambda text: "{}"])
def test_a_damaged_notebook_of_the_course_is_named(clone, capsys, damage):
    exercise = clone / "exercises" / "03_one_weight" / "03_one_weight.ipynb"
    exercise.parent.mkdir(parents=True)
    exercise.write_text(damage(notebook("old")))
    for arguments in (["--sync-only"], ["--reset", "3"]):
        code, printed, error = run(capsys, "lab", *arguments)
        assert (code, printed) == (1, "")
        assert error.startswith(f"coursepkg: {exercise} is not a sound notebook: ")
        assert error.count("\n") == 1


def test_a_set_is_named_with_its_folder(clone, capsys):
    (clone / "exercises" / "03_one_weight").mkdir(parents=True)
    exercise = clone / "exercises" / "03_one_weight" / "03_one_weight.ipynb"
    exercise.write_text(notebook("old"))
    _, printed, _ = run(capsys, "lab", "--sync-only")
    assert printed.endswith("\nNew: 00_start_here, 03_one_weight, exercises/03_one_weight\n")
    mine = clone / "my-course" / "exercises" / "03_one_weight.ipynb"
    mine.write_text("my work")
    exercise.write_text(notebook("new"))
    _, printed, _ = run(capsys, "lab", "--sync-only")
    assert "\nKept: your exercises/03_one_weight.ipynb. The course has a new version" in printed
    assert "beside yours as exercises/03_one_weight.new.ipynb.\n" in printed
    code, printed, _ = run(capsys, "lab", "--reset", "exercises/03")
    assert code == 0
    assert "Yours is kept as exercises/03_one_weight.backup-1.ipynb." in printed


# Progress


@pytest.fixture
def passed(clone, monkeypatch):
    """A learner's folder in which one question of two is solved."""
    from coursepkg.checks import progress

    questions = [SimpleNamespace(name=name, total=4) for name in ("slope", "intercept")]
    sets = [SimpleNamespace(name="03_one_weight", questions=questions)]
    monkeypatch.setattr(progress, "_all_sets", lambda: sets)
    monkeypatch.chdir(clone)
    folder = clone / "my-course"
    (folder / "exercises").mkdir(parents=True)
    (folder / workspace.MANIFEST).write_text("{}")
    assert progress.record(SimpleNamespace(name="slope", earned=4), folder) == ""
    return folder / progress.FILE


LINE = "03 One weight, then two  #####-----  1 of 2 questions, 4 of 8 points\n"


def test_progress_is_found_by_default_from_inside_and_by_name(passed, capsys, monkeypatch):
    code, printed, error = run(capsys, "progress")  # in the clone: what `coursepkg lab` made
    assert (code, error) == (0, "")
    assert printed.startswith(LINE)
    assert "in words" in printed
    other = passed.parent.with_name("other")
    shutil.copytree(passed.parent, other)
    passed.unlink()
    assert "Nothing is recorded" in run(capsys, "progress")[1]
    assert run(capsys, "progress", "--folder", other)[1].startswith(LINE)
    monkeypatch.chdir(other / "exercises")
    assert run(capsys, "progress")[1].startswith(LINE)
    assert "Nothing is recorded" in run(capsys, "progress", "--folder", passed.parent)[1]


def test_without_any_record_it_says_how_to_begin(passed, capsys, monkeypatch):
    passed.unlink()
    code, printed, error = run(capsys, "progress")
    assert (code, error) == (0, "")
    assert printed.startswith(f"Nothing is recorded in {passed.parent} yet.")
    assert "Open the course with: coursepkg lab\n" in printed
    assert "run its check" in printed
    for folder in ("nowhere at all", "~nobody-has-this-name/x"):
        code, printed, error = run(capsys, "progress", "--folder", folder)
        assert (code, error) == (0, "")
        assert f"Open the course with: coursepkg lab --folder '{folder}'\n" in printed
        assert not Path(folder).exists()


def test_a_damaged_record_is_shown_as_far_as_it_goes(passed, capsys):
    before = b"\x00\xff{" * 99 + b"\n" + passed.read_bytes() + b'{"question": "inter'
    passed.write_bytes(before)
    code, printed, error = run(capsys, "progress")
    assert (code, error) == (0, "")
    assert printed.startswith(LINE)
    assert passed.read_bytes() == before


def test_a_record_that_is_no_file_is_one_line(passed, capsys):
    passed.unlink()
    passed.mkdir()
    code, printed, error = run(capsys, "progress")
    assert (code, printed) == (1, "")
    assert error == f"coursepkg: {passed} is not a file; rename it and try again.\n"


def test_a_record_that_may_not_be_read_is_one_line(passed, capsys, monkeypatch):
    def closed(path, mode):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", closed)
    code, printed, error = run(capsys, "progress")
    assert (code, printed) == (1, "")
    assert "Permission denied" in error
    assert error.count("\n") == 1


def test_without_jupyterlab_the_copies_are_made_and_the_doctor_is_named(clone, capsys, monkeypatch):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    code, _, error = run(capsys, "lab")
    assert code == 1
    assert error == (
        "coursepkg: JupyterLab is not installed; `coursepkg doctor` says how to mend that\n"
    )
    assert (clone / "my-course" / "00_start_here.ipynb").exists()


def test_ctrl_c_is_no_traceback(clone, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(workspace, "sync", interrupted)
    assert run(capsys, "lab") == (130, "", "")


@pytest.mark.parametrize("code", [0, 1])
def test_the_doctors_exit_code_is_passed_on(monkeypatch, capsys, code):
    monkeypatch.setattr(doctor, "report", lambda: code)
    assert run(capsys, "doctor")[0] == code


# JupyterLab


def test_the_command(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    command = cli.lab_command(Path("/a course"), 9000, no_browser=True)
    assert command == [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.root_dir=/a course",
        "--LabApp.default_url=/lab/tree/00_start_here.ipynb",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
        *("--ServerApp.port=9000", "--no-browser"),
    ]
    plain = cli.lab_command(Path("/a course"))
    assert set(command) - set(plain) == {"--ServerApp.port=9000", "--no-browser"}
    assert "--allow-root" not in plain
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert "--allow-root" in cli.lab_command(Path("/a course"))


def test_the_environment_adds_to_the_path_that_is_set(tmp_path, monkeypatch):
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    first = cli.lab_environment(tmp_path)["JUPYTER_CONFIG_PATH"]
    assert Path(first).parent == tmp_path
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/theirs")
    environment = cli.lab_environment(tmp_path)
    assert environment["JUPYTER_CONFIG_PATH"] == f"{first}{os.pathsep}/theirs"
    # One thread for each kernel, unless somebody wants it otherwise.
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert cli.lab_environment(tmp_path)["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert cli.lab_environment(tmp_path)["OMP_NUM_THREADS"] == "4"
    # So that a terminal of JupyterLab finds `coursepkg`.
    programs = str(Path(sys.executable).parent)
    assert environment["PATH"] == f"{programs}{os.pathsep}{os.environ['PATH']}"


@contextlib.contextmanager
def started(clone, *arguments, before="", **environment):
    """`coursepkg lab` with these arguments in a process of its own, on the made-up clone."""
    script = (
        "import sys, pathlib\nfrom coursepkg import cli\n"
        "from coursepkg.learner import course_files\n"
        f"course_files.clone_folder = lambda: pathlib.Path({str(clone)!r})\n"
        f"{before}\nsys.exit(cli.main(sys.argv[1:]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, "lab", *arguments],
        env={**os.environ, "HOME": str(clone / "home"), "PYTHONUNBUFFERED": "", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:  # with whatever it started, should that be left
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL) if os.name != "nt" else process.kill()


def test_the_exit_code_is_that_of_jupyterlab(clone):
    command = [sys.executable, "-c", "import os; print('lab', os.getpid(), flush=True); exit(7)"]
    replace = f"cli.lab_command = lambda *_: {command!r}; course_files.as_delivered = str.encode"
    with started(clone, before=replace) as process:
        printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 7
    assert printed.startswith("Your course is in")  # said before, and not lost
    if os.name != "nt":  # in place of our process: a signal to us is a signal to JupyterLab
        assert printed.endswith(f"lab {process.pid}\n")


def fetch(port, path, seconds=0):
    """The body of a page of the server; for so many seconds it is tried again."""
    end = time.monotonic() + seconds
    while True:
        try:
            page = f"http://127.0.0.1:{port}/{path}?token=secret"
            with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.mark.skipif(os.name == "nt", reason="ends it by a signal")
def test_jupyterlab_starts_at_the_first_chapter_without_a_question(clone):
    port = free_port()
    with started(clone, "--no-browser", "--port", str(port), JUPYTER_TOKEN="secret") as process:
        assert json.loads(fetch(port, "api/status", seconds=PATIENCE))["kernels"] == 0
        names = [file["name"] for file in json.loads(fetch(port, "api/contents"))["content"]]
        assert sorted(names) == ["00_start_here.ipynb", "03_one_weight.ipynb"]
        page = fetch(port, "lab/tree/00_start_here.ipynb")
        assert '"treePath": "00_start_here.ipynb"' in page
        assert '"news": {"disabled": true}' in page
        notification = "lab/api/settings/@jupyterlab/apputils-extension:notification"
        schema = json.loads(fetch(port, notification))["schema"]
        assert schema["properties"]["fetchNews"]["default"] == "false"
        assert json.loads(fetch(port, "lab/api/update")) == {"notification": None}
        assert json.loads(fetch(port, "lab/api/news")) == {"news": []}
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert f":{port}/lab/tree/00_start_here.ipynb?token=" in printed
    assert "Traceback" not in printed
