"""The widget of an explorer: controls, sentence, canvas and player in one, drawn by `canvas/`."""

import base64
from pathlib import Path

import anywidget
from traitlets import Bytes, Dict, Int, List, Unicode

from coursepkg.figures import FONT, FONTS

FOLDER = Path(__file__).parent / "canvas"


def script():
    """The parts of the browser's side as one module, which is all that a widget can have."""
    names = ("paint.js", "player.js", "controls.js", "pointer.js", "view.js")
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)


def style():
    """The style sheet, with the typeface of the figures in it."""
    rules = [(FOLDER / "view.css").read_text(encoding="utf-8")]
    for path in FONTS:
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        weight = 700 if path.stem.endswith("Bold") else 400
        rules.append(
            f'@font-face {{ font-family: "{FONT}"; font-weight: {weight}; '
            f"src: url(data:font/ttf;base64,{data}) }}"
        )
    return "\n".join(rules)


class View(anywidget.AnyWidget):
    """What the browser knows of an explorer. It asks by `asked`; all else is Python's answer."""

    _esm = script()
    _css = style()

    title = Unicode().tag(sync=True)
    controls = Dict().tag(sync=True)  # {name: Control as a dict}
    tries = List().tag(sync=True)  # [[what a button says, {name: value}], ...]
    width, height = Int().tag(sync=True), Int().tag(sync=True)  # CSS pixels
    axes = List().tag(sync=True)  # where each is and what its limits are

    asked = Dict().tag(sync=True)  # {"id": ..., "values" or "point": ...}, set by the browser
    answered = Unicode().tag(sync=True)  # the id of the last question that was answered
    values = Dict().tag(sync=True)
    sentence = Unicode().tag(sync=True)
    line = Unicode().tag(sync=True)  # this setting as a line of Python
    problem = Unicode().tag(sync=True)  # why the last question could not be answered
    still = Bytes().tag(sync=True)  # a recording of what stays
    frame = Bytes().tag(sync=True)  # a recording of what moves
    steps = Int().tag(sync=True)  # of the training that can be played, or 0
    place = Int().tag(sync=True)  # the step that the picture shows
    run = Bytes().tag(sync=True)  # all of its frames, once they were asked for
