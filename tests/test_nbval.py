"""The comparison of outputs is itself compared: a changed number in any notebook must be found.

Of all notebooks nbval's comparison is asked alone; the shortest is run as well.
"""

import copy
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import nbformat
import pytest
from conftest import ROOT
from nbval.plugin import IPyNbFile, coalesce_streams

PATHS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")])
SHORTEST = ROOT / "notebooks/00_start_here.ipynb"


def change_a_digit(text):
    """`text` with its last digit another one, or None if it holds no digit."""
    found = re.search(r"\d(?=\D*$)", text)
    if not found:
        return None
    other = str((int(found[0]) + 1) % 10)
    return text[: found.start()] + other + text[found.end() :]


def spoil(output):
    """Change one digit of an output; whether there was any."""
    holder, key = (output, "text") if "text" in output else (output.data, "text/plain")
    changed = change_a_digit(holder[key])
    holder[key] = changed or holder[key]
    return changed is not None


def is_compared(cell):
    return "nbval-ignore-output" not in cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_changed_number_is_another_output(path, request):
    file = IPyNbFile.from_parent(request.session, path=path)
    file.setup_sanitize_files()
    seen = 0
    for item in file.collect():
        stored = coalesce_streams(item.cell.outputs)
        assert item.options["check"] == is_compared(item.cell)
        assert item.compare_outputs(copy.deepcopy(stored), stored)
        for output in stored:
            changed = copy.deepcopy(output)
            if spoil(changed):
                assert not item.compare_outputs([changed], [output]), item.name
                seen += 1
    assert seen >= 3


def failing_cells(path, folder):
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", f"--rootdir={ROOT}"]
    command += ["-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    cases = ET.parse(report).iter("testcase")
    failed = {int(c.get("name").split()[-1]) for c in cases if c.find("failure") is not None}
    return result.returncode, failed


def test_each_changed_number_fails_the_run_in_its_own_cell(tmp_path):
    notebook, due = nbformat.read(SHORTEST, as_version=4), set()
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(codes):
        changed = [spoil(output) for output in cell.outputs]
        if any(changed) and is_compared(cell):
            due.add(number)
    assert len(due) >= 3
    assert not all(map(is_compared, codes))
    nbformat.write(notebook, tmp_path / SHORTEST.name)
    code, failed = failing_cells(tmp_path / SHORTEST.name, tmp_path)
    assert code == 1
    assert failed == due
