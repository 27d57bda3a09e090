"""One real browser: Chromium opens what `make lab` starts, and a learner's hand moves a slider."""

import importlib.util
import re
import shutil

import nbformat
import pytest
from machine import free_port

from coursepkg.checks import progress
from coursepkg.learner import workspace

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def lab_browser(missing):
    if importlib.util.find_spec("playwright") is None:
        missing("the browser test needs Playwright: pip install -e '.[test]'")
    if shutil.which("make") is None:
        missing("the browser test needs make")
    import lab_browser

    if lab_browser.browser_path() is None:
        missing("the browser test needs Chromium: apt-get install chromium, or Google Chrome")
    return lab_browser


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The learner's folder."""
    return tmp_path_factory.mktemp("lab") / "course"


@pytest.fixture(scope="module")
def lab(lab_browser, course):
    with lab_browser.running_lab(course, free_port(), course.parent / "log") as address:
        yield address


@pytest.fixture(scope="module")
def page(lab, lab_browser):
    with lab_browser.open_page() as page:
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        yield page


def test_the_lab_opens_at_chapter_00(lab, page):
    host, token = lab
    page.goto(f"http://{host}/lab?token={token}")
    page.goto(f"http://{host}/?token={token}")  # the server's default address
    page.wait_for_selector("h1:has-text('00 · Start here')")
    assert page.locator(".jp-OutputArea-output").count() == 0  # a copy without answers


def test_a_chapter_that_was_opened_and_saved_does_not_count_as_changed(lab, page, course):
    host, token = lab
    chapter = course / "01_sigmoid_derivative.ipynb"
    delivered = chapter.read_bytes()
    page.goto(f"http://{host}/lab/tree/{chapter.name}?reset&token={token}")
    page.wait_for_selector("h1:has-text('01 · The sigmoid')")
    page.wait_for_selector("text=/Python 3.* Idle/")
    page.wait_for_timeout(1000)
    assert page.locator(".jp-mod-dirty").count() == 0  # nobody is asked whether to save
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1000)
    assert workspace.sync(course) == []
    assert workspace.fingerprint(chapter.read_bytes()) == workspace.fingerprint(delivered)


# An explorer of a training, one that fails where z is large, and one whose steps are a control.
EXPLORERS = [
    "from coursepkg.explorers import RegressionExplorer\nRegressionExplorer().show()"
    f"  # {'a line that is too long for a narrow window, ' * 4}",
    """
from coursepkg.explorers import TangentExplorer

class Failing(TangentExplorer):
    def compute(self, z, activation):
        if z > 5:
            raise ValueError("too far")
        return super().compute(z, activation)

Failing().show()""",
    "from coursepkg.explorers import TwoLayersExplorer\nTwoLayersExplorer().show()",
]


@pytest.fixture(scope="module")
def notebook(course):
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in EXPLORERS]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, course / "explorers.ipynb")
    return "explorers.ipynb"


@pytest.fixture(scope="module")
def shown(lab, lab_browser, page, notebook):
    lab_browser.run_notebook(page, lab, notebook)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    return page.locator(".jp-CodeCell")


@pytest.fixture
def cells(shown):
    """The cells with an explorer, each at its start."""
    for cell, name in ((shown.first, "learning rate"), (shown.nth(1), "z")):
        cell.get_by_role("button", name="Reset").click()
        agree(cell, name)
    return shown


def canvas(cell):
    return cell.locator("canvas.coursepkg-moving")


def agree(cell, name):
    """The sentence under the controls, once picture, handle, number and kernel tell the same."""
    cell.locator(".coursepkg-explorer:not([data-pending])").wait_for()
    handle = cell.get_by_role("slider", name=name, exact=True)
    field = cell.get_by_label(f"{name}, as a number")
    assert handle.get_attribute("aria-valuetext") == field.input_value()
    return cell.locator(".coursepkg-sentence").inner_text()


def test_an_arrow_key_moves_picture_sentence_and_number(lab_browser, page, cells):
    cell = cells.first
    handle = cell.get_by_role("slider", name="learning rate", exact=True)
    assert "Learning rate 0.1," in agree(cell, "learning rate")
    assert lab_browser.press(page, handle, canvas(cell), "ArrowRight") is not None
    assert "Learning rate 0.12," in agree(cell, "learning rate")
    cell.get_by_role("status").filter(has_text="Learning rate 0.12,").wait_for()  # at rest
    assert lab_browser.press(page, handle, canvas(cell), "End") is not None
    assert agree(cell, "learning rate").count("It diverged: the loss rose") == 1
    assert page.problems == []


@pytest.mark.parametrize("typed", ["0.15", "0,15", " .15"])
def test_what_is_typed_is_set(lab_browser, page, cells, typed):
    field = cells.first.get_by_label("learning rate, as a number")
    field.fill(typed)
    assert lab_browser.press(page, field, canvas(cells.first), "Enter") is not None
    assert "Learning rate 0.15," in agree(cells.first, "learning rate")
    assert field.input_value() == "0.15"
    field.fill("much")
    field.press("Enter")
    assert field.input_value() == "0.15"


def test_the_keys_of_a_control_are_its_own(page, cells):
    """JupyterLab's would leave the cell, turn it into raw text or Markdown, and delete it."""
    count, cell = cells.count(), cells.nth(1)
    controls = [cell.get_by_role("combobox"), cell.get_by_role("slider", name="z", exact=True)]
    for control in controls:
        for key in ("ArrowDown", "r", "m", "d", "d", "a", "b", "x"):
            control.focus()
            page.keyboard.press(key)
    assert page.locator(".jp-CodeCell").count() == count
    assert page.locator(".jp-RawCell, .jp-MarkdownCell").count() == 0
    assert cell.get_by_role("combobox").evaluate("e => e.closest('.jp-Cell') !== null")


def test_an_error_is_said_and_everything_agrees(lab_browser, page, cells):
    """An interrupt is not seen here: JupyterLab has such work done beside the kernel's main thread,
    which is the one that is interrupted."""
    cell = cells.nth(1)
    handle = cell.get_by_role("slider", name="z", exact=True)
    before = agree(cell, "z")
    handle.press("End")
    cell.locator(".coursepkg-problem").filter(has_text="ValueError: too far").wait_for()
    assert agree(cell, "z") == before
    assert cell.get_by_label("z, as a number").input_value() == "1"
    assert lab_browser.press(page, handle, canvas(cell), "ArrowRight") is not None
    assert "z = 1.1" in agree(cell, "z")
    assert not cell.locator(".coursepkg-problem").is_visible()


def test_a_run_is_played_and_scrubbed(page, cells):
    cell = cells.first
    player = cell.locator(".coursepkg-player")
    painted = "canvas => Number(canvas.dataset.painted)"
    before = canvas(cell).evaluate(painted)
    player.get_by_role("button", name="play the run").click()
    player.locator(".coursepkg-caption").filter(has_text=re.compile(r"step [2-4]\d:")).wait_for()
    assert canvas(cell).evaluate(painted) > before + 10
    player.get_by_role("button", name="play the run").click()  # now it pauses
    scrub = player.get_by_role("slider", name="step of the run")
    scrub.press("Home")
    assert "step 0: loss 6.46" in player.inner_text()
    scrub.press("ArrowRight")
    player.get_by_role("button", name="one step forward").click()
    assert "step 2: loss" in player.inner_text()
    assert scrub.input_value() == "2"


def test_axe_finds_nothing_to_object_to(page, cells):
    """And finds it where there is something."""
    from axe_playwright_python.sync_playwright import Axe

    def objections():
        found = Axe().run(page, context=".jp-CodeCell .coursepkg-explorer").response
        return [each["id"] for kind in ("violations", "incomplete") for each in found[kind]]

    assert objections() == []
    label = cells.first.locator("label").first
    label.evaluate("label => { label.htmlFor = 'nothing'; }")
    assert objections() == ["label"]
    label.evaluate("label => { label.htmlFor = label.parentElement.querySelector('input').id; }")


def test_no_line_of_code_is_cut_off_in_a_narrow_window(lab, page, cells):
    page.set_viewport_size({"width": 900, "height": 1000})
    widths = "lines => lines.map((line) => [line.scrollWidth, line.clientWidth])"
    for wide, seen in page.locator(".jp-CodeCell .cm-scroller").evaluate_all(widths):
        assert wide <= seen
    page.set_viewport_size({"width": 1400, "height": 1000})


def test_a_control_that_is_the_step_follows_the_player(lab_browser, page, cells):
    cell = cells.nth(2)
    scrub = cell.get_by_role("slider", name="step of the run")
    scrub.press("Home")
    cell.locator(".coursepkg-sentence").filter(has_text="Now go back.").wait_for()
    scrub.press("ArrowRight")
    assert "Step 1 of 4" in agree(cell, "steps back")
    assert cell.get_by_label("steps back, as a number").input_value() == "1"
    handle = cell.get_by_role("slider", name="x[1]", exact=True)
    assert lab_browser.press(page, handle, canvas(cell), "ArrowRight") is not None
    sentence = agree(cell, "steps back")
    assert "Step 1 of 4" in sentence  # and what is computed next is at this step
    assert "x = (0, 1.1)" in sentence


def test_what_is_dragged_is_set_to_round_values(page, cells):
    cell = cells.first
    before = agree(cell, "starting weight")
    stage = cell.locator(".coursepkg-stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function(
        """before => {
          const root = document.querySelector(".coursepkg-explorer");
          const [said, seen] = [".coursepkg-spoken", ".coursepkg-sentence"].map(
            (each) => root.querySelector(each).textContent);
          return said === seen && seen !== before && root.dataset.pending === undefined;
        }""",
        arg=before,
    )
    values = [
        float(cell.get_by_label(f"starting {name}, as a number").input_value())
        for name in ("weight", "bias")
    ]
    assert values != [-1.5, 0.0]
    assert f"start ({values[0]:g}, {values[1]:g})" in agree(cell, "starting weight")


def moves(page, cell, lab_browser):
    """Whether a key changes picture and sentence."""
    handle = cell.get_by_role("slider", name="starting weight", exact=True)
    before = agree(cell, "starting weight")
    assert lab_browser.press(page, handle, canvas(cell), "ArrowRight") is not None
    assert agree(cell, "starting weight") != before
    assert not cell.locator(".coursepkg-twin").is_visible()


def test_after_a_reload_and_in_a_second_tab_the_picture_moves(lab, lab_browser, page, cells):
    moves(page, cells.first, lab_browser)
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    page.reload()
    canvas(cells.first).wait_for()
    moves(page, cells.first, lab_browser)
    host, token = lab
    with page.context.new_page() as tab:
        tab.goto(f"http://{host}/lab/workspaces/second/tree/explorers.ipynb?token={token}")
        cell = tab.locator(".jp-CodeCell").first
        canvas(cell).wait_for()
        moves(tab, cell, lab_browser)
        here = cells.first.locator(".coursepkg-sentence")
        here.filter(has_text=agree(cell, "starting weight")).wait_for()  # the first tab follows
    assert page.problems == []


def test_a_saved_page_shows_a_true_picture_and_no_error(lab_browser, page, lab, notebook):
    lab_browser.run_notebook(page, lab, notebook)
    cell = page.locator(".jp-CodeCell").first
    handle = cell.get_by_role("slider", name="learning rate", exact=True)
    assert lab_browser.press(page, handle, canvas(cell), "ArrowRight") is not None
    sentence = agree(cell, "learning rate")
    cell.locator(f'.coursepkg-twin img[alt="{sentence}"]').wait_for(state="attached")
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    page.click(".lm-MenuBar-item:has-text('Kernel')")
    page.click(".lm-Menu-item:has-text('Shut Down Kernel') >> nth=0")
    page.wait_for_selector("text=/No Kernel|Unknown/")
    page.reload()
    picture = page.locator(".jp-CodeCell").first.locator(".coursepkg-twin img")
    picture.wait_for()
    assert picture.get_attribute("alt") == sentence
    assert page.locator("text=Run this cell to move the controls.").first.is_visible()
    for words in ("Error displaying widget", "Loading widget"):
        for each in page.locator(f"text={words}").all():
            assert not each.is_visible()


def solve(path, question, code):
    """Write an answer into an exercise set, as a learner would."""
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == question]
    cell.source = code
    nbformat.write(notebook, path)


def test_an_exercise_names_the_mistake_and_keeps_what_was_passed(lab, page, lab_browser, course):
    path = course / "exercises" / "01_sigmoid_derivative.ipynb"
    solve(path, "sigmoid_slope", "def sigmoid_slope(z):\n    return z * (1 - z)")
    solve(path, "tanh_slope_from_output", "tanh_slope_from_output = lambda a: 1 - a * a")
    solve(path, "gaussian", "def gaussian(z):\n    while True:\n        pass")
    lab_browser.run_notebook(page, lab, f"exercises/{path.name}")
    wrong = page.locator("text=not right yet. 0 of 1 point.").first
    wrong.wait_for()
    page.locator("text=This is z (1 − z).").first.wait_for()
    assert page.locator("table:has(caption:has-text('The smallest case'))").first.is_visible()
    page.locator("text=tanh_slope_from_output: right. 1 of 1 point.").first.wait_for()
    page.locator("text=It does not come to an end").first.wait_for()
    page.locator("text=log_sigmoid: not started.").first.wait_for()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert progress.read(course) == {"tanh_slope_from_output": 1}
    assert page.problems == []
