"""`make lab` and its like, whatever the environment holds."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

# pip itself is there, so that nothing is fetched; NumPy is what most of the course imports.
PROBE = """probe:
\t@$(PIP) pip
\t@.venv/bin/python -m pip config list
\t@.venv/bin/python -c 'import numpy, coursepkg; numpy.ones(2) @ numpy.ones(2)'
"""


@pytest.fixture
def clone(tmp_path):
    """A folder with the Makefile, in which `.venv/bin/python` is the Python of the tests."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    (tmp_path / "probe.mk").write_text(PROBE)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "pip.conf").write_text("[global]\nuser = true\n")
    shadows = tmp_path / "shadows"
    shadows.mkdir()
    for name in ("numpy", "pip", "coursepkg"):
        (shadows / f"{name}.py").write_text("raise ImportError('that of somebody else')")
    return tmp_path


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize(
    "settings",
    [
        {"PIP_USER": "1", "PIP_TARGET": "elsewhere", "PYTHONPATH": "shadows"},
        {"PIP_CONFIG_FILE": "pip.conf", "PIP_PREFIX": "elsewhere", "PIP_ROOT": "elsewhere"},
        {"PIP_USER": "true", "PYTHONHOME": "elsewhere"},
    ],
)
def test_settings_for_other_installations_do_not_stop_it(clone, settings):
    environment = dict(os.environ)
    for name, value in settings.items():
        environment[name] = str(clone / value) if (clone / value).exists() else value
    done = subprocess.run(
        ["make", "-f", "Makefile", "-f", "probe.mk", "probe"],
        cwd=clone,
        env={**environment, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "elsewhere" not in done.stdout  # nor would pip install anything there
