"""Shared by the tests: a missing part of the system is a failure in CI, elsewhere a skip."""

import os
from pathlib import Path

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent

# The same examples on every run, so that what is green here is green there.
hypothesis.settings.register_profile("course", derandomize=True, deadline=None, max_examples=60)
hypothesis.settings.load_profile("course")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def missing():
    """Call it with what is missing and how to install it."""

    def say(what):
        if os.environ.get("CI", "").lower() in ("true", "1"):
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
