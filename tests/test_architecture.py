"""Arrows go one way: mathematics knows nothing of plots, plots know nothing of widgets."""

import subprocess
import sys

import pytest

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
