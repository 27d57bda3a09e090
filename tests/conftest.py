"""Shared by the tests: a missing part of the system is a failure in CI, elsewhere a skip."""

import collections
import gc
import importlib.util
import os
import pkgutil
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from jupyter_client.connect import LocalPortCache
from machine import PATIENCE, free_port

import coursepkg

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in ("true", "1")
FRAMEWORKS = all(map(importlib.util.find_spec, ("torch", "tensorflow", "keras", "jax")))
EXERCISES = pytest.StashKey[collections.Counter]()

# The same examples on every run, so that what is green here is green there.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None, max_examples=60)
hypothesis.settings.load_profile("course")


def pytest_configure():
    """A kernel listens a moment after its ports were chosen: let no other process choose them."""

    def find_available_port(self, ip):
        while (port := free_port()) in self.currently_used_ports:
            pass
        self.currently_used_ports.add(port)
        return port

    LocalPortCache.find_available_port = find_available_port


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, for `-n auto`
def pytest_xdist_auto_num_workers():
    """One more than there are cores, since many tests wait for a kernel, a server or a sandbox."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


def pytest_collection_modifyitems(config, items):
    """Where several processes share the work, each takes whole files: the tests of a file share
    fixtures, the cells of a notebook their kernel. What takes longest begins first.
    """
    for item in items:
        item.output_timeout = PATIENCE  # nbval's, for what a cell has printed
        if item.path.name == "10_frameworks.ipynb" and not FRAMEWORKS and not IN_CI:
            item.add_marker(pytest.mark.skip("its frameworks are missing: run make frameworks"))
    if hasattr(config, "workerinput"):
        sizes = collections.Counter(item.path for item in items)
        items.sort(key=lambda item: (rank(item), -sizes[item.path], item.path))


def pytest_collection_finish():
    """Thousands of tests are not garbage: no collection need look at them again."""
    gc.freeze()


def rank(item):
    """0 for what is marked as long, then notebooks, then all else."""
    if item.get_closest_marker("long"):
        return 0
    return 1 if item.path.suffix == ".ipynb" else 2


def pytest_sessionfinish(session):
    """A worker hands over what it has counted."""
    if hasattr(session.config, "workeroutput"):
        counts = session.config.stash.get(EXERCISES, {})
        session.config.workeroutput["exercises"] = dict(counts)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_testnodedown(node):
    counts = node.config.stash.setdefault(EXERCISES, collections.Counter())
    counts.update(getattr(node, "workeroutput", {}).get("exercises", {}))


def pytest_terminal_summary(terminalreporter, config):
    """What the test of the exercises' checks has tried, in numbers."""
    counts = config.stash.get(EXERCISES, None)
    if counts:
        terminalreporter.section("the checks of the exercises")
        for line in lines_about(counts):
            terminalreporter.line(line)


def lines_about(counts):
    killed = counts["mutants"] - counts["equivalent"] - counts["survivors"]
    return (
        f"{counts['solutions']} solutions pass, {counts['variants']} right answers in other styles",
        f"{counts['named']} of {counts['mistakes']} mistakes are rejected and named",
        f"{counts['mutants']} mutants: {killed} rejected, {counts['equivalent']} listed as "
        f"equivalent, {counts['survivors']} survive",
        f"{counts['unseen rejected']} of {counts['unseen']} mistakes that are not in the bank are "
        f"rejected, {counts['unseen told']} get a sentence that points at the cause",
    )


@pytest.fixture(scope="session")
def counts(request):
    """What was tried on the exercises' checks, for the summary at the end."""
    return request.config.stash.setdefault(EXERCISES, collections.Counter())


@pytest.fixture(scope="session", autouse=True)
def patient():
    """What is said of an answer may not depend on how busy the machine is."""
    from coursepkg.checks.explaining import neighbors, relations

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relations, "SECONDS", PATIENCE)
        patch.setattr(neighbors, "SECONDS_EACH", 5.0)  # which some mutants use up
        yield


def mathematics():
    """The names of all modules of the package that show nothing and serve nobody: mathematics."""
    other = {"arguments", "chapters", "checks", "cli", "explorers", "figures", "grading", "learner"}
    other |= {"errors", "frameworks", "plots", "safe_files"}
    found = (each.name for each in pkgutil.walk_packages(coursepkg.__path__, "coursepkg."))
    return [name for name in found if name.split(".")[1] not in other]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def missing():
    """Call it with what is missing and how to install it."""

    def say(what):
        if IN_CI:
            pytest.fail(what)
        pytest.skip(what)

    return say


@pytest.fixture(scope="session")
def torch(missing):
    """PyTorch, to compare with."""
    try:
        import torch
    except ImportError:
        missing("PyTorch is not installed: run make frameworks")
    return torch
