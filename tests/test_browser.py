"""One real browser: Chromium opens what `make lab` starts, and a learner's hand moves a slider."""

import importlib.util
import shutil

import nbformat
import pytest
from machine import PATIENCE, free_port

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


def picture_of(cell):
    return cell.locator(".jp-OutputArea-output img").first


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


@pytest.fixture(scope="module")
def regression(lab, lab_browser, page):
    """The explorer's cell in chapter 03, all of which has been run."""
    lab_browser.run_notebook(page, lab, "03_one_weight.ipynb")
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    return page.locator(".jp-CodeCell", has_text="RegressionExplorer().show()")


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
    page.keyboard.press("Control+s")
    for _ in range(5 * PATIENCE):
        if chapter.read_bytes() != delivered:  # JupyterLab has added metadata of its own
            break
        page.wait_for_timeout(200)
    assert chapter.read_bytes() != delivered
    assert workspace.sync(course) == []
    assert workspace.fingerprint(chapter.read_bytes()) == workspace.fingerprint(delivered)


def test_an_arrow_key_on_the_learning_rate_changes_picture_and_text(lab_browser, page, regression):
    cell = regression
    handle = cell.get_by_role("slider", name="learning rate")  # the name a screen reader says
    status = cell.get_by_role("status")
    handle.scroll_into_view_if_needed()
    picture, alt = (picture_of(cell).get_attribute(name) for name in ("src", "alt"))
    status.filter(has_text="Learning rate").wait_for()  # on a busy machine it comes a moment later
    assert status.inner_text() == alt
    assert "weight 0.731" in alt
    assert "Learning rate 0.1000" in alt
    assert lab_browser.press(page, handle, picture_of(cell), "ArrowRight") is not None
    assert picture_of(cell).get_attribute("src") != picture
    assert "Learning rate 0.1047" in picture_of(cell).get_attribute("alt")
    assert status.inner_text() == picture_of(cell).get_attribute("alt")
    assert handle.get_attribute("aria-valuetext") == "0.1047"  # the reading, not the exponent
    assert page.problems == []


def test_divergence_is_shown_and_said(lab_browser, page, regression):
    handle = regression.get_by_role("slider", name="learning rate")
    assert lab_browser.press(page, handle, picture_of(regression), "End") is not None
    assert picture_of(regression).get_attribute("alt").count("diverged, the loss rose") == 1
    assert page.problems == []


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
