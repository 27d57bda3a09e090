"""`coursepkg doctor` in a whole environment and in broken ones."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from machine import PATIENCE

from coursepkg.learner import course_files, doctor
from coursepkg.learner.doctor import Checkup

CLONE = Path(__file__).resolve().parents[2]


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Put another kernel in the place of `python3`, that runs `code`; see that it ends."""
    pid = tmp_path / "pid"

    def replace(code):
        folder = tmp_path / "kernels" / "python3"
        folder.mkdir(parents=True)
        code = f"import os; open({str(pid)!r}, 'w').write(str(os.getpid()))\n{code}"
        argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    yield replace
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


START = "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"


def lines_of(text):
    """The lines of a report by the name of what was looked at: `{name: (status, detail)}`."""
    rows = [line for line in text.splitlines() if line.startswith(("ok ", "missing ", "optional "))]
    return {row[10:26].strip(): (row[:10].strip(), row[26:]) for row in rows}


# A real environment


def test_here_everything_is_present(monkeypatch, tmp_path, capsys):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").write_text("{}")
    monkeypatch.setattr(course_files, "clone_folder", lambda: tmp_path)
    assert doctor.report() == 0
    printed = capsys.readouterr().out
    lines = lines_of(printed)
    assert lines["numpy"] == ("ok", f"{importlib.metadata.version('numpy')} (wanted: >=2.1)")
    assert lines["pytest"][0] == "ok"
    assert "only for the tests" in lines["pytest"][1]
    assert lines["Python"][1].startswith(".".join(map(str, sys.version_info[:3])))
    assert lines["Jupyter kernel"] == ("ok", "starts and imports the course")
    assert lines["chapters"] == ("ok", f"1 in {tmp_path / 'notebooks'}")
    assert lines["your folder"][0] == "optional"
    assert "torch" not in lines
    assert "coursepkg" not in lines
    assert not re.search(r"wanted: *[,)]|\(\)", printed)
    assert printed.endswith("\nAll that a learner needs is here.\n")


def test_in_a_bare_interpreter_every_package_is_named_with_its_command(tmp_path):
    """-S: no site-packages, so that not even numpy, nbformat or packaging can be imported."""
    record = tmp_path / "coursepkg-0.1.0.dist-info"
    record.mkdir()
    needs = ["Requires-Dist: numpy>=2.1", "Requires-Dist: ipywidgets>=8.1"]
    needs.append('Requires-Dist: pytest>=8; extra == "test"')
    header = ["Metadata-Version: 2.1", "Name: coursepkg", "Version: 0.1.0", *needs]
    (record / "METADATA").write_text("\n".join(header))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(CLONE)])}
    command = [sys.executable, "-S", "-m", "coursepkg.cli"]
    done = subprocess.run(
        [*command, "doctor"],
        cwd=tmp_path,  # in the clone, the record that the installation left there would be found
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (1, "")
    for wanted in ("numpy>=2.1", "ipywidgets>=8.1"):
        assert f"remedy: {sys.executable} -m pip install '{wanted}'" in done.stdout
    lines = lines_of(done.stdout)
    assert [lines[n][0] for n in ("numpy", "ipywidgets", "packaging")] == ["missing"] * 3
    assert lines["Jupyter kernel"][0] == "missing"
    assert "jupyter_client" in lines["Jupyter kernel"][1]
    assert "pytest" not in lines
    missing = [status for status, _ in lines.values()].count("missing")
    assert f"\nMissing: {missing}. " in done.stdout


# Packages


def test_a_package_that_is_missing_or_too_old(monkeypatch):
    versions = {"numpy": "1.26.4", "tqdm": "4.66", "jupyterlab": "5.0.0rc1"}

    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    check, pip = doctor.check_requirement, f"{sys.executable} -m pip install"
    assert check("numpy>=2.1") == Checkup(
        "numpy", "missing", "1.26.4 (wanted: >=2.1)", f"{pip} 'numpy>=2.1'"
    )
    assert check("pillow<13,>=10") == Checkup(
        "pillow", "missing", "not installed (wanted: <13,>=10)", f"{pip} 'pillow<13,>=10'"
    )
    assert check("tqdm>=4.66") == Checkup("tqdm", "ok", "4.66 (wanted: >=4.66)")
    assert check("jupyterlab>=4.3").status == "ok"


def test_without_a_range_none_is_wanted(monkeypatch):
    versions = {"numpy": "2.1", "pytest": "8.0"}
    monkeypatch.setattr(doctor, "installed_version", versions.get)
    details = [
        doctor.check_requirement(line).detail
        for line in ("numpy", 'pytest; extra == "test"', "tqdm", 'nbval; extra == "test"')
    ]
    assert details == [
        "2.1",
        "8.0 (only for the tests)",
        "not installed",
        "not installed (only for the tests)",
    ]


def test_what_a_package_is_to_bring_along_is_in_the_remedy():
    finding = doctor.check_requirement('a-package-nobody-has[fast]>=1; python_version > "3"')
    assert finding.remedy.endswith("-m pip install 'a-package-nobody-has[fast]>=1'")


def test_extras_are_optional_or_nobodys_business():
    finding = doctor.check_requirement('a-package-nobody-has>=1; extra == "test"')
    assert finding.status == "optional"
    assert "only for the tests" in finding.detail
    assert doctor.check_requirement('a-package-nobody-has>=1; extra == "frameworks"') is None
    assert doctor.check_requirement('a-package-nobody-has; sys_platform == "nowhere"') is None


def test_where_only_packaging_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    missing = [finding for finding in doctor.check_packages() if finding.status == "missing"]
    assert [finding.name for finding in missing] == ["packaging"]


def test_where_the_course_itself_is_not_installed(monkeypatch):
    def requires(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    (finding,) = doctor.check_packages()
    assert (finding.name, finding.status) == ("coursepkg", "missing")
    assert finding.remedy.endswith(f"-m pip install --editable {CLONE}")


# The kernel


def test_a_kernel_that_dies(kernel):
    kernel("raise SystemExit(3)")
    finding = doctor.check_kernel()
    assert finding.status == "missing"
    assert "died" in finding.detail
    assert finding.remedy.endswith("--force-reinstall ipykernel jupyter_client")


def test_a_kernel_that_never_answers(kernel):
    kernel("import time; time.sleep(60)")
    finding = doctor.check_kernel(seconds=1)
    assert finding.status == "missing"
    assert "1 seconds" in finding.detail


def test_a_kernel_that_cannot_import_the_course(kernel):
    kernel(f"import sys; sys.modules['coursepkg'] = None; {START}")
    finding = doctor.check_kernel()
    assert finding.status == "missing"
    assert "ModuleNotFoundError" in finding.detail


def test_a_kernel_of_another_python(kernel):
    kernel(f"import sys; sys.prefix = '/elsewhere'; {START}")
    finding = doctor.check_kernel()
    assert finding.status == "missing"
    assert "/elsewhere" in finding.detail
    assert finding.remedy == f"{sys.executable} -m ipykernel install --sys-prefix"


# The course, the learner's folder, the browser


def test_missing_chapters(monkeypatch, tmp_path):
    monkeypatch.setattr(course_files, "clone_folder", lambda: tmp_path)
    assert doctor.check_chapters().status == "missing"
    (tmp_path / "notebooks").mkdir()
    assert doctor.check_chapters().status == "missing"
    (tmp_path / "notebooks" / "03_one_weight.ipynb").write_text("{}")
    assert doctor.check_chapters().status == "ok"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_learners_folder(tmp_path):
    folder = tmp_path / "mine"
    assert doctor.check_folder(folder).status == "optional"
    assert doctor.check_folder(folder).remedy == "coursepkg lab"
    folder.mkdir()
    assert doctor.check_folder(folder) == Checkup("your folder", "ok", f"{folder} can be written")
    assert list(folder.iterdir()) == []
    folder.rmdir()
    folder.write_text("a file")
    assert doctor.check_folder(folder).status == "missing"
    with tempfile.TemporaryDirectory() as closed:
        os.chmod(closed, 0o555)
        script = (
            "import os, sys, pathlib; from coursepkg.learner import doctor\n"
            "if os.geteuid() == 0: os.setgroups([]); os.setuid(65534)\n"
            "print(doctor.check_folder(pathlib.Path(sys.argv[1])))"
        )
        command = [sys.executable, "-c", script, closed]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
        assert "status='missing'" in done.stdout
        assert "Permission denied" in done.stdout


def test_a_browser_is_optional(monkeypatch):
    monkeypatch.setattr(shutil, "which", {"google-chrome": "/opt/chrome"}.get)
    assert doctor.check_browser() == Checkup("Chromium", "ok", "/opt/chrome (only for the tests)")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert doctor.check_browser().status == "optional"
