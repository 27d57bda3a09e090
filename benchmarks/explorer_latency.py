"""From key press to last pixel, for each explorer: beside `interact` with `plt.show()`, and beside
the floor, which is an explorer that shows a dot.

All are cells of one notebook in one browser, and keys are pressed in turn, so that the machine is
the same for all. Run it with `make bench`; it writes its table and its picture into README.md and
explorer_latency.png beside it. Only differences and ratios carry over to other machines.
"""

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from lab_browser import open_page, press, run_notebook, running_lab

from coursepkg import explorers
from coursepkg.figures import BLUE, GRAY, VERMILION, new_figure
from coursepkg.plots import clean_axes

HERE = Path(__file__).resolve().parent
PORT = 8947
PRESSES, WARM_UP = 20, 4
HELD = 2.0  # seconds for which a key is held, or a run is played
REPEATS = 1000 / 33  # key presses a second while it is held, as a keyboard sends them
MARK = "<!-- explorers -->"
TITLES = {name: name.removesuffix("Explorer") for name in explorers.__all__}

FLOOR = """
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import slider

class Floor(Explorer):
    size = (0.2, 0.2)
    def make_controls(self):
        return {"x": slider("x", 0, -50, 50)}
    def build(self, figure):
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-60, 60), ylim=(-1, 1))
        axes.set_axis_off()
        (self.dot,) = axes.plot([], [], "o")
        return [self.dot]
    def compute(self, x):
        return x
    def draw(self, x):
        self.dot.set_data([x], [0])
    def describe(self, x):
        return f"x = {x}"

Floor().show()
"""
# The same drawing as the explorer's, in a new figure each time.
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import SelectionSlider, fixed, interact
from coursepkg.explorers import NAME, base

def figure(**values):
    made = base.new_figure
    base.new_figure = lambda width, height, dpi: plt.figure(
        figsize=(width, height), dpi=110, layout="constrained")
    explorer = NAME()
    base.new_figure = made
    explorer.draw(explorer.compute(**values))
    for artist in explorer.moving:
        artist.set_animated(False)
    plt.show()

controls = {name: fixed(value) for name, value in NAME().start.items()}
controls["KEY"] = SelectionSlider(options=NAME().controls["KEY"].values, value=NAME().start["KEY"])
interact(figure, **controls);
"""


@dataclass
class Result:
    """Milliseconds from key press to last pixel; pictures a second with a key held, and played."""

    times: list
    interact: list
    held: float
    played: float | None

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def most(self):
        return statistics.quantiles(self.times, n=20)[-1]


def slider_of(name):
    """The slider with the most values: its key and its label."""
    controls = getattr(explorers, name)().controls
    key = max(controls, key=lambda each: len(controls[each].values))
    return key, controls[key].label


def write_notebook(path, names):
    sources = [FLOOR]
    for name in names:
        sources.append(f"from coursepkg.explorers import {name}\n{name}().show()")
        sources.append(INTERACT.replace("NAME", name).replace("KEY", slider_of(name)[0]))
    cells = [new_code_cell(source.strip()) for source in sources]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)


def presses(page, handle, picture, count):
    """Milliseconds of so many key presses, each to a new picture; from the last one, back again."""
    times, keys, still = [], ["ArrowRight", "ArrowLeft"], 0
    handle.press("Home")
    page.wait_for_timeout(1500)
    while len(times) < WARM_UP + count:
        elapsed = press(page, handle, picture, keys[0], seconds=5)
        if elapsed is None:  # the last picture: turn around, perhaps past several like it
            still += 1
            if still == 1:
                keys.reverse()
            if still > 5:
                raise RuntimeError("the picture did not change after either key")
            continue
        still = 0
        times.append(elapsed)
        page.wait_for_timeout(150)  # let the kernel become idle
    return times[WARM_UP:]


def held(page, handle, canvas):
    """Pictures a second while a key is held."""
    handle.focus()
    frames = "canvas => Number(canvas.dataset.frames)"
    before, number = canvas.evaluate(frames), 0
    for number in range(round(HELD * REPEATS)):
        page.keyboard.down("ArrowLeft" if number // 8 % 2 else "ArrowRight")
        page.wait_for_timeout(1000 / REPEATS)
    page.keyboard.up("ArrowLeft")
    seen = canvas.evaluate(frames) - before
    page.wait_for_timeout(1500)
    return seen / HELD


def played(page, cell, canvas):
    """Pictures a second while the run is played, or None if there is none."""
    button = cell.get_by_role("button", name="play the run")
    if not button.is_visible():
        return None
    cell.get_by_role("slider", name="step of the run").press("Home")
    cell.page.wait_for_timeout(2000)  # until the run has come
    button.click()
    rate = canvas.evaluate(
        """async (canvas, seconds) => {
          const painted = () => Number(canvas.dataset.painted), first = painted();
          const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
          while (painted() < first + 5) await wait(10);  // until the run has come
          const before = painted(), begin = performance.now();
          await wait(1000 * seconds);
          return 1000 * (painted() - before) / (performance.now() - begin);
        }""",
        HELD,
    )
    button.click()
    return rate


def measure(folder, names, port=PORT):
    """{name: Result}; "" is the floor."""
    course = Path(folder) / "course"
    course.mkdir()
    write_notebook(course / "latency.ipynb", names)
    found = {}
    with running_lab(course, port, Path(folder) / "lab.log") as address, open_page() as page:
        run_notebook(page, address, "latency.ipynb")
        cells = page.locator(".jp-CodeCell")
        for place, name in enumerate(["", *names]):
            cell = cells.nth(max(0, 2 * place - 1))
            canvas = cell.locator("canvas.coursepkg-moving")
            label = slider_of(name)[1] if name else "x"
            handle = cell.get_by_role("slider", name=label, exact=True)
            handle.scroll_into_view_if_needed()
            times = presses(page, handle, canvas, PRESSES)
            rates = held(page, handle, canvas), played(page, cell, canvas)
            slow = []
            if name:
                other = cells.nth(2 * place)
                image = other.locator(".jp-OutputArea-output img").first
                image.scroll_into_view_if_needed()
                slow = presses(page, other.locator(".noUi-handle").first, image, PRESSES // 2)
            found[name] = Result(times, slow, *rates)
            print(f"{name or 'floor':24s} {found[name].median:6.1f} ms", flush=True)
    return found


def table(found):
    """The results in Markdown."""
    floor = found[""]
    lines = [
        "| explorer | median, ms | above the floor | 19 of 20 below | `interact`, ms | ratio "
        "| a second, held | a second, played |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in found.items():
        cells = [TITLES.get(name, "the floor"), f"{one.median:.0f}"]
        cells += [f"{one.median - floor.median:+.0f}" if name else "", f"{one.most:.0f}"]
        slow = statistics.median(one.interact) if name else 0
        cells += [f"{slow:.0f}", f"{slow / one.median:.1f}"] if name else ["", ""]
        cells += [f"{one.held:.0f}", f"{one.played:.0f}" if one.played else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(found, path):
    figure = new_figure(8.4, 4.2, dpi=150)
    axes = figure.subplots()
    names = [name for name in found if name][::-1]
    for place, name in enumerate(names):
        one = found[name]
        axes.plot([one.median, statistics.median(one.interact)], [place] * 2, color="#DDDDDD", lw=1)
        axes.plot(statistics.median(one.interact), place, "s", color=GRAY)
        axes.plot(one.median, place, "o", color=VERMILION, markersize=8)
    axes.axvline(found[""].median, color=BLUE, linestyle=":")
    axes.set(yticks=range(len(names)), yticklabels=[TITLES[name] for name in names], xlim=(0, None))
    clean_axes(axes, "milliseconds from key press to last pixel", "")
    top = len(names) - 0.45
    axes.text(found[""].median, top, "the page itself", color=BLUE, ha="center")
    slow = statistics.median(found[names[-1]].interact)
    axes.text(slow, top, "interact + plt.show", color=GRAY, ha="center")
    axes.text(found[names[-1]].median + 8, len(names) - 1.3, "ours", color=VERMILION)
    axes.set_ylim(-0.6, len(names))
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="some of the explorers; then nothing is written")
    names = parser.parse_args().names
    with tempfile.TemporaryDirectory() as folder:
        found = measure(folder, names or explorers.__all__)
    print(table(found))
    if not names:
        readme = HERE / "README.md"
        before, _, after = readme.read_text(encoding="utf-8").partition(MARK)[0:3]
        after = after.partition(MARK)[2]
        readme.write_text(f"{before}{MARK}\n{table(found)}\n{MARK}{after}", encoding="utf-8")
        draw(found, HERE / "explorer_latency.png")


if __name__ == "__main__":
    main()
