"""The comparison of outputs is itself compared: a changed number in any chapter must be found."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import nbformat
import pytest
from conftest import ROOT

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def change_a_digit(text):
    """`text` with its last digit another one, or None if it holds no digit."""
    found = re.search(r"\d(?=\D*$)", text)
    if not found:
        return None
    other = str((int(found[0]) + 1) % 10)
    return text[: found.start()] + other + text[found.end() :]


def spoil(notebook):
    """Change one digit in the output of every cell that prints any.

    Returns the numbers of the cells that must fail: all of them, but for those that nbval is told
    to run without comparing.
    """
    spoiled = set()
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        for output in cell.outputs:
            holder, key = (output, "text") if "text" in output else (output.data, "text/plain")
            changed = change_a_digit(holder[key])
            if changed:
                holder[key] = changed
                if "NBVAL_IGNORE_OUTPUT" not in cell.source:
                    spoiled.add(number)
    return spoiled


def failing_cells(path, folder):
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", f"--rootdir={ROOT}"]
    command += ["-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    cases = ET.parse(report).iter("testcase")
    failed = {int(c.get("name").split()[-1]) for c in cases if c.find("failure") is not None}
    return result.returncode, failed


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_each_changed_number_fails_the_run_in_its_own_cell(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    spoiled = spoil(notebook)
    assert len(spoiled) >= 3
    nbformat.write(notebook, tmp_path / path.name)
    code, failed = failing_cells(tmp_path / path.name, tmp_path)
    assert code == 1
    assert failed == spoiled
