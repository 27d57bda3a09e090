"""What may import what. The directions of the arrows are in `pyproject.toml`, for import-linter."""

import pkgutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, mathematics

import coursepkg.checks
from coursepkg.checks import running

PRINT = "print(*(n for n, m in sys.modules.items() if getattr(m, '__file__', None)))"
EMPTY = """
import types
checks = sys.modules["coursepkg.checks"] = types.ModuleType("coursepkg.checks")
checks.__path__ = [{path!r}]
"""


def loaded(*modules, before=""):
    """The modules that are in memory after these were imported, in a new process."""
    code = f"import sys\n{before}\nimport {', '.join(modules)}\n{PRINT}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_arrows_go_one_way():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mathematics_knows_nothing_of_plots():
    names = loaded(*mathematics())
    assert {"coursepkg.training.loop", "coursepkg.layers.linear"} <= names
    assert not names & {"matplotlib", "IPython", "ipywidgets", "coursepkg.plots"}


def test_plots_know_nothing_of_widgets():
    names = loaded("coursepkg.plots", "coursepkg.figures")
    assert "matplotlib" in names
    assert not names & {"ipywidgets", "anywidget", "coursepkg.explorers"}


def test_what_runs_beside_a_submission_needs_numpy_only():
    """`coursepkg.checks` itself loads what a notebook needs: an empty package stands in for it."""
    before = EMPTY.format(path=coursepkg.checks.__path__[0])
    room = f"{running.__name__}."
    modules = [each.name for each in pkgutil.iter_modules(running.__path__, room)]
    names = loaded(*modules, before=before)
    ours = {name for name in names if name.startswith("coursepkg.")}
    assert set(modules) <= ours
    assert all(f"{name}.".startswith(room) for name in ours)
    every_process = loaded("json")  # what the environment loads
    others = {name.partition(".")[0] for name in names - every_process}
    others -= set(sys.stdlib_module_names)
    # Python has a module of its own for each system, which is not in its list.
    assert {n for n in others if not n.startswith("_sysconfigdata")} == {"coursepkg", "numpy"}
