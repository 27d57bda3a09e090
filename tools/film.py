"""Film the explorer of chapter 03 at work, in a browser, into docs/explorer.webp: `make film`."""

import io
import tempfile
from pathlib import Path

import nbformat
from lab_browser import ROOT, open_page, run_notebook, running_lab
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

PORT = 8949
SOURCE = """
from coursepkg.explorers import RegressionExplorer
RegressionExplorer(learning_rate=RATE, standardized=False).show()
"""
RATES = (0.02, 0.052)  # well below the edge of 0.055, and just below it
STEPS = [*range(0, 12), *range(12, 30, 3), *range(30, 61, 10)]
MILLISECONDS, LAST = 110, 1500  # for a frame, and for the last of a run


def film(page, cell):
    """Pictures of the explorer at each of STEPS of its run."""
    root = cell.locator(".coursepkg-explorer")
    handle = cell.get_by_role("slider", name="step of the run")
    frames = []
    for step in STEPS:
        handle.fill(str(step))
        page.wait_for_function(
            "([root, step]) => root.querySelector('output').textContent.startsWith(step)",
            arg=[root.element_handle(), f"step {step}:"],
        )
        picture = Image.open(io.BytesIO(root.screenshot()))
        frames.append(picture.convert("RGB"))
    return frames


def main():
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [new_code_cell(SOURCE.strip().replace("RATE", str(rate))) for rate in RATES]
    frames, times = [], []
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        course.mkdir()
        made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(made, course / "film.ipynb")
        with running_lab(course, PORT, Path(folder) / "log") as address, open_page() as page:
            run_notebook(page, address, "film.ipynb")
            for place in range(len(RATES)):
                frames += film(page, page.locator(".jp-CodeCell").nth(place))
                times += [MILLISECONDS] * (len(STEPS) - 1) + [LAST]
    size = (0, 0, min(one.width for one in frames), min(one.height for one in frames))
    frames = [one.crop(size) for one in frames]
    path = ROOT / "docs" / "explorer.webp"
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=times, loop=0, quality=70
    )


if __name__ == "__main__":
    main()
