"""From key press to last pixel: the explorer of chapter 03 against `interact` with `plt.show()`.

Both draw the same three panels from the same training run, in one notebook and one browser, with
alternating key presses. Run it with `make bench`; only the ratio carries over to other machines.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from lab_browser import open_page, press, run_notebook, running_lab

PORT = 8947
PRESSES = 24
WARM_UP = 4

WITH_INTERACT = """
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import Checkbox, FloatLogSlider, FloatSlider, interact
from coursepkg.explorers.regression import WIDTH, inputs, descend
from coursepkg.plots import clean_axes, draw_line_loss, draw_path

@interact(
    learning_rate=FloatLogSlider(description="rate", value=0.1, min=-3, max=0.2, step=0.02),
    weight=FloatSlider(description="start", value=-1.5, min=-2, max=3, step=0.1),
    standardized=Checkbox(description="standardize", value=True),
)
def figure(learning_rate, weight, standardized):
    run = descend(learning_rate, weight, standardized)
    x = inputs(standardized)
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(10.4, 3.5), dpi=110, layout="constrained")
    clean_axes(left, "step", "mean squared error (cm²)", "loss")
    left.set(xlim=(-1, 61), ylim=(0.02, 2e3), yscale="log")
    left.plot(run.losses, color="C3")
    clean_axes(middle, "weight", "bias (cm)", "loss surface, path")
    draw_line_loss(middle, x, WIDTH, (-2.6, 3.6), (-2.5, 3.5))
    draw_path(middle, run.path)
    clean_axes(right, "petal length", "petal width (cm)", "fit")
    right.plot(x, WIDTH, ".", alpha=0.6)
    right.set(xlim=(x.min() - 0.3, x.max() + 0.3), ylim=(-0.6, 3.2))
    ends = np.array(right.get_xlim())
    for weight, bias in (run.path[0], run.path[-1]):
        right.plot(ends, weight * ends + bias)
    plt.show()
"""
WITH_EXPLORER = """
from coursepkg.explorers import RegressionExplorer
RegressionExplorer().show()
"""


def write_notebook(path):
    cells = [new_code_cell(source.strip()) for source in (WITH_EXPLORER, WITH_INTERACT)]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)


def measure(folder, port=PORT):
    """Milliseconds from key press to picture, as two lists: the explorer's and interact's."""
    course = Path(folder) / "course"
    course.mkdir()
    write_notebook(course / "latency.ipynb")
    times = {0: [], 1: []}
    with running_lab(course, port, Path(folder) / "lab.log") as address, open_page() as page:
        run_notebook(page, address, "latency.ipynb")
        cells = page.locator(".jp-CodeCell")
        for number in range(WARM_UP + PRESSES):
            key = "ArrowRight" if number % 8 < 4 else "ArrowLeft"  # there and back, always visible
            for which in (0, 1):
                cell = cells.nth(which)
                image = cell.locator(".jp-OutputArea-output img").first
                image.scroll_into_view_if_needed()
                elapsed = press(page, cell.locator(".noUi-handle").first, image, key)
                if elapsed is None:
                    raise RuntimeError("the picture did not change after the key")
                times[which].append(elapsed)
                page.wait_for_timeout(150)  # let the kernel become idle
    return times[0][WARM_UP:], times[1][WARM_UP:]


def main():
    with tempfile.TemporaryDirectory() as folder:
        explorer, interact = measure(folder)
    for name, times in (("explorer", explorer), ("interact + plt.show", interact)):
        median, most = statistics.median(times), statistics.quantiles(times, n=10)[-1]
        print(f"{name:20s} median {median:6.1f} ms, 9 of 10 below {most:6.1f} ms")
    print(f"ratio of the medians {statistics.median(interact) / statistics.median(explorer):.1f}")


if __name__ == "__main__":
    main()
