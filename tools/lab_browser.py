"""Start the course as a learner does, and drive it with a real browser.

The browser test and the latency benchmark use it. Chromium comes from the system; Playwright only
controls it.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from coursepkg.learner.doctor import BROWSERS

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds, for a machine that has a lot else to do
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip

# Waits, inside the page, until a cell shows a new picture: a canvas that was painted again, or an
# image with another src, decoded; then two frames. `window.answered` resolves to the milliseconds
# since the key was pressed.
WATCH = """
(picture) => {
  const cell = picture.closest(".jp-Cell"), canvas = picture.tagName === "CANVAS";
  const state = (each) => canvas ? each.dataset.frames : each.src;
  const selector = canvas ? "canvas.coursepkg-moving" : ".jp-OutputArea-output img";
  const before = state(picture);
  window.pressed = null;
  addEventListener("keydown", () => { window.pressed = performance.now(); },
                   { capture: true, once: true });
  window.answered = new Promise((resolve) => {
    const look = async () => {
      const now = cell.querySelector(selector);
      if (!now || state(now) === before || window.pressed === null) return;
      observer.disconnect();
      if (!canvas) await now.decode();
      requestAnimationFrame(() => requestAnimationFrame(
        () => resolve(performance.now() - window.pressed)));
    };
    const observer = new MutationObserver(look);
    observer.observe(cell, { subtree: true, childList: true, attributes: true });
  });
}
"""


def browser_path():
    """Where the system's Chromium is, or None."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@contextlib.contextmanager
def running_lab(folder, port, log):
    """Run `make lab` on a learner's folder; yields its address and token, then stops it."""
    arguments = f"--no-browser --port {port} --folder {shlex.quote(str(folder))}"
    command = ["make", "lab", f"ARGS={arguments}"]
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    # Separate settings; otherwise JupyterLab would also reopen the tabs its user left open.
    environment["JUPYTER_CONFIG_DIR"] = str(Path(log).parent / "jupyter-config")
    with open(log, "w", encoding="utf-8") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield _address(server, log)
        finally:
            with contextlib.suppress(ProcessLookupError):  # it may never have started
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=PATIENCE)


def _address(server, log, seconds=PATIENCE):
    for _ in range(seconds * 5):
        text = Path(log).read_text(encoding="utf-8")
        found = re.search(r"http://(localhost:\d+)/lab\S*\?token=(\w+)", text)
        if found:
            return found.groups()
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{Path(log).read_text(encoding='utf-8')}")


@contextlib.contextmanager
def open_page():
    """A page in headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        try:
            page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            page.set_default_timeout(1000 * PATIENCE)
            yield page
        finally:
            browser.close()


def run_notebook(page, address, name):
    """Open a notebook and run all its cells; returns when the last one has run."""
    host, token = address
    page.goto(f"http://{host}/lab/tree/{name}?reset&token={token}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=/Python 3.* Idle/")
    page.click(".lm-MenuBar-item:has-text('Run')")
    page.click(".lm-Menu-item:has-text('Run All Cells') >> nth=0")
    page.locator(".jp-CodeCell").last.scroll_into_view_if_needed()
    last = page.locator(".jp-CodeCell .jp-InputArea-prompt").last
    for _ in range(10 * PATIENCE):
        if re.search(r"\[\d+\]", last.inner_text()):
            page.wait_for_selector("text=/Python 3.* Idle/")
            page.wait_for_timeout(500)  # JupyterLab still turns to the last cell, and takes focus
            return
        time.sleep(0.1)
    raise RuntimeError(f"the last cell of {name} has not run; it shows {last.inner_text()!r}")


def press(page, handle, picture, key, seconds=PATIENCE):
    """Press a key on a control; the milliseconds until the new picture shows, None if it does not.

    picture: the canvas of an explorer, or an image.
    """
    handle.scroll_into_view_if_needed()
    _hold_focus(page, handle)
    picture.evaluate(WATCH)
    page.keyboard.press(key)
    return page.evaluate(
        f"Promise.race([window.answered, new Promise(r => setTimeout(r, {1000 * seconds}, null))])"
    )


def _hold_focus(page, handle):
    """Focus the handle; retry if something else takes the focus within 100 ms."""
    for _ in range(20):
        handle.focus()
        page.wait_for_timeout(100)
        if handle.evaluate("element => element === document.activeElement"):
            return
    raise RuntimeError("the slider's handle cannot be focused")
