"""A random walk over every explorer in a real browser: `make walk`.

Keys, typing, buttons, the pointer, playing, interrupts, reloads and a second tab come in random
order. After each, the controls say which values are set; a new explorer with these values is asked
here for its sentence and its picture, and the page has to show the same.
"""

import argparse
import contextlib
import json
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
from lab_browser import open_page, run_notebook, running_lab
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook

from coursepkg import explorers
from coursepkg.explorers.recorder import PARTS

PORT = 8953
NEAR = 0.3  # pixels; a second layout may come out a little differently


class Walk:
    """One explorer in a page, and what can be done to it."""

    def __init__(self, page, address, name, rng):
        self.page, self.address, self.name, self.rng = page, address, name, rng
        self.made = getattr(explorers, name)
        self.controls = self.made().controls
        self.actions = [
            self.press, self.press, self.type, self.choose, self.push, self.drag, self.play,
            self.interrupt, self.reload, self.second_tab,
        ]  # fmt: skip

    def root(self, page=None):
        return (page or self.page).locator(".coursepkg-explorer")

    def of_kind(self, *kinds):
        found = [each for each in self.controls.values() if each.kind in kinds]
        return found[self.rng.integers(len(found))] if found else None

    # What a hand does; each returns a few words, or None if the explorer has nothing of the kind.

    def press(self, page=None):
        control = self.of_kind("slider", "ladder")
        key = self.rng.choice(["ArrowRight", "ArrowLeft", "PageUp", "PageDown", "Home", "End"])
        self.root(page).get_by_role("slider", name=control.label, exact=True).press(key)
        return f"{key} on {control.label}"

    def type(self):
        control = self.of_kind("slider", "ladder")
        value = control.values[self.rng.integers(len(control.values))]
        text = self.rng.choice([f"{value}", f"{value * 1.03:.3g}".replace(".", ","), "much", ""])
        field = self.root().get_by_label(f"{control.label}, as a number")
        field.fill(str(text))
        field.press("Enter")
        return f"{text!r} typed into {control.label}"

    def choose(self):
        control = self.of_kind("choice", "switch")
        if control and control.kind == "switch":
            self.root().get_by_role("checkbox", name=control.label).press("Space")
            return f"Space on {control.label}"
        if control:
            key = self.rng.choice(["ArrowDown", "ArrowUp", "End"])
            self.root().get_by_role("combobox", name=control.label).press(key)
            return f"{key} on {control.label}"

    def push(self):
        buttons = self.root().locator(".coursepkg-buttons button").all()
        button = buttons[self.rng.integers(len(buttons))]
        if not button.inner_text().startswith("Cop"):
            button.click()
            return f"button {button.inner_text()}"

    def drag(self):
        if self.made.draggable:
            box = self.root().locator(".coursepkg-stage").bounding_box()
            x, y = self.rng.uniform(0.05, 0.95, 2)
            self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            self.page.mouse.down()
            self.page.mouse.move(box["x"] + x * box["width"] + 9, box["y"] + y * box["height"] - 7)
            self.page.mouse.up()
            return f"a drag at {x:.2f}, {y:.2f}"

    def play(self):
        player = self.root().locator(".coursepkg-player")
        if player.is_visible():
            canvas = self.root().locator("canvas.coursepkg-moving")
            before = canvas.evaluate("canvas => canvas.dataset.painted")
            player.get_by_role("button", name="play the run").click()
            self.page.wait_for_timeout(300)
            scrub = player.get_by_role("slider", name="step of the run")
            scrub.press("Home")
            scrub.press("ArrowRight")
            scrub.press("End")
            self.page.wait_for_function(  # the run may come only now
                """before => document.querySelector("canvas.coursepkg-moving").dataset.painted
                             !== before""",
                arg=before,
            )
            return "played and scrubbed"

    def interrupt(self):
        done = self.press()
        host, token = self.address
        with contextlib.suppress(Exception):
            self.page.evaluate(
                """async (token) => {
                  const kernels = await (await fetch(`/api/kernels?token=${token}`)).json();
                  for (const { id } of kernels)
                    await fetch(`/api/kernels/${id}/interrupt?token=${token}`, { method: "POST" });
                }""",
                token,
            )
        return f"{done}, and an interrupt"

    def reload(self):
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(500)
        self.page.reload()
        self.root().locator("canvas.coursepkg-moving").wait_for()
        self.page.wait_for_timeout(500)
        return "a reload"

    def second_tab(self):
        host, token = self.address
        self.page.keyboard.press("Control+s")  # the tab shows what is in the file
        self.page.wait_for_timeout(500)
        with self.page.context.new_page() as tab:
            tab.goto(f"http://{host}/lab/workspaces/second/tree/{self.name}.ipynb?token={token}")
            self.root(tab).locator("canvas.coursepkg-moving").wait_for()
            tab.wait_for_timeout(500)
            done = self.press(tab)
            self.compare(tab)
            self.page.wait_for_timeout(300)
        return f"in a second tab {done}"

    # What the page shows, and what it should show.

    def values(self, page):
        found = {}
        for key, control in self.controls.items():
            root = self.root(page)
            if control.kind == "choice":
                shown = root.get_by_role("combobox", name=control.label).input_value()
                found[key] = next(each for each in control.values if str(each) == shown)
            elif control.kind == "switch":
                found[key] = root.get_by_role("checkbox", name=control.label).is_checked()
            else:
                handle = root.get_by_role("slider", name=control.label, exact=True)
                field = root.get_by_label(f"{control.label}, as a number").input_value()
                assert field == handle.get_attribute("aria-valuetext"), control.label
                found[key] = float(field)
        return found

    def compare(self, page=None):
        root = self.root(page)
        self.page.wait_for_timeout(100)
        root.and_((page or self.page).locator(":not([data-pending])")).wait_for()
        values = self.values(page)
        sentence, frame = self.made(**values).render()
        shown = root.locator(".coursepkg-sentence").inner_text()
        if self.name == "GuessExplorer":  # which keeps what was tried before
            assert shown.partition(". ")[0] == sentence.partition(". ")[0], (shown, sentence)
            return
        assert shown == sentence, (values, shown, sentence)
        steps = self.made(**values)
        steps.render()
        if steps.place(steps.result) == steps.steps(steps.result):  # or it was scrubbed elsewhere
            painted = root.locator("canvas.coursepkg-moving").evaluate(
                "canvas => [canvas.shown.operations.length, Array.from(canvas.shown.points)]"
            )
            count, points = expected(frame)
            assert painted[0] == count, (values, "operations", painted[0], count)
            far = np.abs(np.array(painted[1]) / PARTS - points).max(initial=0)
            assert far < NEAR, (values, "pixels", far)

    def go(self, count):
        done = []
        while len(done) < count:
            action = self.actions[self.rng.integers(len(self.actions))]
            if words := action():
                done.append(words)
                try:
                    self.compare()
                except AssertionError as error:
                    last = "; ".join(done[-3:])
                    raise SystemExit(f"{self.name}, action {len(done)}: {last}: {error}") from error


def expected(frame):
    """The number of operations and the coordinates of a recording."""
    head, points = struct.unpack("<II", frame[:8])
    operations = json.loads(frame[8 : 8 + head])
    return len(operations), np.frombuffer(frame[8 + head : 8 + head + points], "<i2") / PARTS


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=explorers.__all__)
    parser.add_argument("--actions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name in options.names:
        walk(name, options.actions, np.random.default_rng(options.seed))
        print(f"{name}: {options.actions} actions, everything agrees", flush=True)


def walk(name, actions, rng):
    """One explorer in a JupyterLab of its own, which reopens no other notebook after a reload."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cell = new_code_cell(f"from coursepkg.explorers import {name}\n{name}().show()")
    notebook = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        course.mkdir()
        write(notebook, course / f"{name}.ipynb")
        with running_lab(course, PORT, Path(folder) / "log") as address, open_page() as page:
            problems = []
            page.on("pageerror", lambda error: problems.append(str(error)))
            run_notebook(page, address, f"{name}.ipynb")
            Walk(page, address, name, rng).go(actions)
            if problems:
                sys.exit(f"errors in the page: {problems}")


if __name__ == "__main__":
    main()
