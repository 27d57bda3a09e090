"""Arrows go one way: mathematics knows nothing of plots, plots know nothing of widgets."""

import subprocess
import sys
from pathlib import Path

import pytest

import coursepkg.checks

MATHEMATICS = (
    "activations", "augmentation", "autodiff", "clinic", "datasets", "gradient_check",
    "initializers", "layers", "losses", "model", "optimizers", "saving", "schedules", "search",
    "training",
)  # fmt: skip


def loaded(*modules):
    """What is in memory after these modules of the package have been imported, in a new process."""
    code = f"import sys, {', '.join('coursepkg.' + name for name in modules)}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("forbidden", ["matplotlib", "IPython", "ipywidgets", "coursepkg.plots"])
def test_mathematics_knows_nothing_of_plots(forbidden):
    names = loaded(*MATHEMATICS)
    assert "coursepkg.training" in names
    assert forbidden not in names


def test_plots_know_nothing_of_widgets():
    names = loaded("plots", "figures")
    assert "matplotlib" in names
    assert not names & {"ipywidgets", "anywidget", "coursepkg.explorers"}


# What goes into the sandbox with a submission, of `coursepkg.checks`.
SENT = {"globals_read", "plain", "run", "surroundings", "time_limit", "use"}
ALONE = """
import sys, types
before = set(sys.modules)
checks = sys.modules["coursepkg.checks"] = types.ModuleType("coursepkg.checks")
checks.__path__ = [{path!r}]
import {modules}
new = set(sys.modules) - before
print(*(name for name in new if getattr(sys.modules[name], "__file__", None)))
"""


def test_what_runs_beside_a_submission_needs_numpy_only():
    """It holds no right answers either: those are in modules that it does not need.

    `coursepkg.checks` itself loads what a notebook needs; so an empty package stands in for it.
    """
    modules = ", ".join(f"coursepkg.checks.{name}" for name in sorted(SENT))
    code = ALONE.format(path=str(Path(coursepkg.checks.__file__).parent), modules=modules)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = set(run.stdout.split())
    ours = {name for name in names if name.partition(".")[0] == "coursepkg"}
    parts = {name.split(".")[2] for name in ours - {"coursepkg"}}
    assert parts == SENT, "what is needed and what is sent differ"
    others = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    # Python has a module of its own for each system, which is not in its list.
    assert {n for n in others if not n.startswith("_sysconfigdata")} == {"coursepkg", "numpy"}
