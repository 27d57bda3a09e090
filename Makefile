# Everything a learner or a developer does, each by one word. `make` alone lists them.
PYTHON ?= python3
# --no-user, since `user = true` in somebody's pip.conf stops pip in an environment of its own.
PIP := .venv/bin/python -m pip --disable-pip-version-check install --no-user --quiet --constraint requirements.lock

# What is set for another installation would take the packages elsewhere, or take others for ours.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PYTHONHOME PYTHONPATH
# Otherwise each process of the tests compiles the same modules again.
unexport PYTHONDONTWRITEBYTECODE

# As `coursepkg lab` has it: the matrices of the course are too small for more than one thread.
export OMP_NUM_THREADS ?= 1

# An environment knows its place: in a folder that was moved or copied it is made anew.
ifneq ($(shell cat .venv/place 2>/dev/null),$(CURDIR))
CLEAR := --clear
$(shell rm -f .venv/lab.stamp .venv/grading.stamp .venv/test.stamp .venv/frameworks.stamp)
endif

.PHONY: help lab test grading frameworks notebooks exercises bench film walk

help:
	@echo "make lab        open the course in JupyterLab (installs it first, once)"
	@echo "make test       style, unit tests, every notebook, one real browser"
	@echo "make grading    installs what grading a class needs (INSTRUCTORS.md)"
	@echo "make frameworks installs PyTorch, TensorFlow, Keras and JAX, for chapter 10 (about 650 MB)"
	@echo "make notebooks  run the chapters and solutions anew and store their outputs"
	@echo "make exercises  generate the exercises from their solutions"
	@echo "make bench      measure a training step, the explorers in a browser, the grading of a class"
	@echo "make walk       take each explorer on a random walk in a browser"
	@echo "make film       film the explorer of chapter 03 for the README"

lab: .venv/lab.stamp
	.venv/bin/python -m coursepkg.cli lab $(ARGS)

test: .venv/test.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m pytest -n auto $(ARGS)

grading: .venv/grading.stamp
	@command -v bwrap >/dev/null || echo "bubblewrap is missing; coursepkg grade says how to install it."

frameworks: .venv/frameworks.stamp

notebooks: .venv/test.stamp
	.venv/bin/python tools/run_notebooks.py $(ARGS)

exercises: .venv/test.stamp
	.venv/bin/python tools/make_exercises.py $(ARGS)

walk: .venv/test.stamp
	.venv/bin/python tools/walk_explorers.py $(ARGS)

film: .venv/test.stamp
	.venv/bin/python tools/film.py

bench: .venv/frameworks.stamp
	.venv/bin/python benchmarks/step.py
	.venv/bin/python benchmarks/explorer_latency.py
	.venv/bin/python benchmarks/grading.py

# A stamp is written last, so an interrupted installation is simply done again.
.venv/lab.stamp: pyproject.toml requirements.lock
	@echo "Installing the course into .venv. This takes a minute or two, once."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The course needs Python 3.11 or newer; this is " + sys.version)'
	@$(PYTHON) -m venv $(CLEAR) .venv
	@$(PIP) --editable .
	@echo "$(CURDIR)" > .venv/place
	@touch $@

.venv/grading.stamp: .venv/lab.stamp
	@echo "Installing what grading needs into .venv."
	@$(PIP) --editable '.[grading]'
	@touch $@

.venv/test.stamp: .venv/lab.stamp
	@echo "Installing what the tests need into .venv."
	@$(PIP) --editable '.[test]'
	@touch $@

.venv/frameworks.stamp: .venv/test.stamp
	@echo "Installing PyTorch, TensorFlow, Keras and JAX into .venv: about 650 MB to download, 2.8 GB"
	@echo "on disk; some gigabytes more where PyTorch comes with CUDA."
	@$(PIP) --editable '.[test,frameworks]'
	@touch $@
