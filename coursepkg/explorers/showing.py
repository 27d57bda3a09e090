"""An explorer in the notebook: the live view, and the static twin beside it.

The twin is a picture with alt text, which is what a reader without a kernel sees. The view hides it
while it lives.
"""

import gc
import threading
import uuid

from IPython import get_ipython
from IPython.display import display, update_display

from coursepkg.explorers.view import View
from coursepkg.figures import bundle, encode_png

SHARPER = 1.5  # the twin's pixels, to a CSS pixel
INTERRUPTED = "Interrupted. The picture is the one before."
# Each page asks from a thread of its own; Matplotlib and the recorder do one thing at a time.
ONE_AT_A_TIME = threading.RLock()
OPEN = {}  # {cell of the notebook: (number of its execution, explorers shown there)}


class Showing:
    """Shows an explorer and answers what its view asks."""

    def __init__(self, explorer):
        self.explorer = explorer
        self.display_id = uuid.uuid4().hex
        sentence, frame = explorer.render()
        replace(explorer)
        width, height = (round(side) for side in explorer.figure.bbox.size)
        self.view = View(
            title=explorer.title, width=width, height=height, still=explorer.still,
            controls={name: control.as_dict() for name, control in explorer.controls.items()},
            tries=[[words, values] for words, values in explorer.tries.items()],
            frame=frame, axes=self._axes(), **self._state(sentence),
        )  # fmt: skip
        self.view.observe(self._on_asked, "asked")
        self.view.on_msg(self._on_message)
        live, _ = self.view._repr_mimebundle_()
        live["text/plain"] = self._controls_in_words()
        display(live, raw=True)
        display(self._twin(), raw=True, display_id=self.display_id)

    def close(self):
        self.view.layout.close()  # a widget, too
        self.view.close()

    def _state(self, sentence):
        """What the view shows of a result, beside the picture."""
        explorer = self.explorer
        return {
            "values": explorer.values, "sentence": sentence,
            "steps": explorer.steps(explorer.result), "place": explorer.place(explorer.result),
            "line": explorer.as_python(), "run": b"", "problem": "",
        }  # fmt: skip

    def _controls_in_words(self):
        values, controls = self.explorer.values, self.explorer.controls
        parts = [f"{control.label} = {values[name]}" for name, control in controls.items()]
        return "Controls, to be moved in a running notebook: " + ", ".join(parts)

    def _axes(self):
        """For each of the axes where it is, in CSS pixels, and what its edges are."""
        figure, found = self.explorer.figure, []
        draggable = [getattr(self.explorer, name) for name in self.explorer.draggable]
        for axes in figure.axes:
            box = axes.bbox
            place = [box.x0, figure.bbox.height - box.y1, box.width, box.height]
            found.append({
                "box": [round(float(side), 2) for side in place],
                "names": [axis.get_label_text() for axis in (axes.xaxis, axes.yaxis)],
                "drag": any(axes is each for each in draggable),
                "x": [*map(float, axes.get_xlim()), axes.get_xscale() == "log"],
                "y": [*map(float, axes.get_ylim()), axes.get_yscale() == "log"],
            })  # fmt: skip
        return found

    def _on_asked(self, change):
        with ONE_AT_A_TIME:
            self._do(change.new)

    def _do(self, asked):
        explorer = self.explorer
        try:
            values = asked.get("values", {})
            if "point" in asked:
                number, x, y = asked["point"]
                values = explorer.dragged(explorer.figure.axes[number], x, y, explorer.values)
            sentence, frame = explorer.render(**values)
        except (Exception, KeyboardInterrupt) as error:
            self._answer(asked, values=dict(explorer.values), problem=_problem(error))
            return
        still = {}
        if explorer.still != self.view.still:
            still = {"still": explorer.still, "axes": self._axes()}
        self._answer(asked, frame=frame, **still, **self._state(sentence))

    def _answer(self, asked, **state):
        with self.view.hold_sync():
            for name, value in {**state, "answered": asked["id"]}.items():
                setattr(self.view, name, value)

    def _on_message(self, _view, message, _buffers):
        with ONE_AT_A_TIME:
            self._give(message)

    def _give(self, message):
        if message.get("want") == "answer" and self.view.answered != self.view.asked["id"]:
            # An interrupt came before `_on_asked` was there to notice.
            self._answer(self.view.asked, values=dict(self.explorer.values), problem=INTERRUPTED)
        elif message.get("want") == "run":
            self.view.run = self.explorer.record_run()
        elif message.get("want") == "twin":
            update_display(self._twin(), raw=True, display_id=self.display_id)

    def _twin(self):
        """The picture as it is now, whole and drawn by Matplotlib, and the words for it."""
        explorer = self.explorer
        figure, dpi = explorer.figure, explorer.figure.dpi
        for artist in explorer.moving:
            artist.set_animated(False)
        figure.dpi = SHARPER * dpi
        figure.canvas.draw()
        png = encode_png(figure.canvas, compress_level=9)
        figure.dpi = dpi
        for artist in explorer.moving:
            artist.set_animated(True)
        found = bundle(figure, png, explorer.describe(explorer.result))
        found["text/html"] = f'<div class="coursepkg-twin">{found["text/html"]}{RUN_IT}</div>'
        return found


# For those who open a notebook without a kernel. The style hides what JupyterLab then has where the
# live view was: "Loading widget" or "Error displaying widget".
RUN_IT = """
<p><small>Run this cell to move the controls.</small></p>
<style>.jp-OutputArea-child:not(:has(.coursepkg-explorer)):has(+ * .coursepkg-twin)
{ display: none }</style>
"""


def _problem(error):
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return f"That did not work ({type(error).__name__}: {error}). The picture is the one before."


def replace(explorer):
    """Close what an earlier execution of this cell has shown, and note that this one is here."""
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId", type(explorer).__name__)
    execution = parent.get("header", {}).get("msg_id")
    earlier, explorers = OPEN.get(cell, (execution, []))
    another = earlier != execution
    OPEN[cell] = execution, [explorer] if another else [*explorers, explorer]
    if another:
        while explorers:
            explorers.pop().close()
        gc.collect()  # a figure is full of cycles, and would wait for its turn with all its pixels
