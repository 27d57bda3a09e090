"""Run chapters and solutions from top to bottom and store their outputs: `make notebooks`.

Each notebook runs in its own kernel and its own empty folder. What varies between runs without a
meaning (timings, widget ids, the Python version) is left out, so that a difference in git is a
difference in what the reader sees. A notebook in which a cell fails is not written.
"""

import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
PATTERNS = ("notebooks/*.ipynb", "solutions/[0-9]*/*.ipynb")
KEPT = ("nbgrader", "tags")  # of a cell's metadata
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def run(path):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=120, record_timing=False, store_widget_state=False
    )
    # Outside the clone no parent folder is a learner's, so `check` records no progress.
    with tempfile.TemporaryDirectory() as folder:
        client.execute(cwd=folder)
    nbformat.write(tidy(notebook), path)


def tidy(notebook):
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in KEPT if key in cell.metadata}
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET_VIEW, None)
    return notebook


def joined(outputs):
    """Join printed output that arrived in pieces, since the pieces depend on timing.

    Of a progress bar, which returns to the start of its line, the last state is kept.
    """
    result = []
    for output in outputs:
        last = result[-1] if result else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            result.append(output)
    for output in result:
        if output.output_type == "stream":
            output.text = re.sub(r"[^\r\n]*\r(?!\n)", "", output.text)
    return result


def main():
    every = [path for pattern in PATTERNS for path in sorted(ROOT.glob(pattern))]
    for path in [Path(name) for name in sys.argv[1:]] or every:
        print(f"running {path.name}", flush=True)
        run(path)


if __name__ == "__main__":
    main()
