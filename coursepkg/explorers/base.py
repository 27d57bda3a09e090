"""The base of all explorers: Matplotlib decides what a figure shows, the browser paints it.

An explorer is three functions. `compute` is pure mathematics, from the values of the controls to
a result; `draw` moves existing artists; `describe` states the result in words. What stays is
recorded once; each change records only the moving artists, and the browser paints them over it.
Whole runs are recorded on request and played in the browser, without the kernel.

Beside the live view the notebook keeps a static twin, a picture with alt text, which is what a
reader without a kernel sees. The view hides it while it lives.
"""

import struct
import uuid
import zlib

import numpy as np
from IPython import get_ipython
from IPython.display import display, update_display

from coursepkg.explorers.recorder import Recorder
from coursepkg.explorers.view import View
from coursepkg.figures import CSS_PIXELS_PER_INCH, bundle, encode_png, new_figure

DPI = CSS_PIXELS_PER_INCH  # so that the recorder's pixels are the browser's
MOST_FRAMES = 300  # of a run that is played
SHOWN = {}  # {cell of the notebook: (number of its execution, explorers shown there)}


class Explorer:
    """Base of the explorers. A subclass sets `size` and `title` and defines the methods below."""

    size = (9.0, 3.4)  # inches
    title = ""
    tries = {}  # {what a button says: {name of a control: value}}
    ghosts = ()  # names of attributes: artists whose last run stays in gray

    def make_controls(self):
        """A dict of controls; its keys are the arguments of `compute`."""
        raise NotImplementedError

    def build(self, figure):
        """Create the axes and all artists; return the list of artists that move."""
        raise NotImplementedError

    def compute(self, **values):
        """The result for these values: no drawing, no widgets."""
        raise NotImplementedError

    def draw(self, result):
        """Move the artists; call `redraw_still` if a static artist has changed."""
        raise NotImplementedError

    def describe(self, result):
        """The picture in words, for readers who cannot see it: what came out first."""
        raise NotImplementedError

    def steps(self, result):
        """How many steps of this result can be played; 0 if it is no run."""
        return 0

    def place(self, result):
        """The step at which `draw` shows it: the last."""
        return self.steps(result)

    def positions(self, result):
        """The steps that get a frame each, from 0 to the last; parts of a step where it moves."""
        steps = self.steps(result)
        return np.linspace(0, steps, min(steps, MOST_FRAMES) + 1).round().astype(int).tolist()

    def draw_step(self, result, step):
        """Move the artists to where they are after so many steps; returns a caption."""
        raise NotImplementedError

    def dragged(self, axes, x, y, values):
        """The values of controls that put something at (x, y) of these axes; {} if nothing is
        dragged there. values: those of all controls now."""
        return {}

    draggable = ()  # names of attributes: the axes in which something can be dragged

    def __init__(self, **values):
        self.controls = self.make_controls()
        self.start = {name: control.value for name, control in self.controls.items()}
        self.values = self.start | self._accepted(values)
        self.figure = new_figure(*self.size, dpi=DPI)
        self.moving = sorted(self.build(self.figure), key=lambda artist: artist.get_zorder())
        for artist in self.moving:
            artist.set_animated(True)
        for name in self.ghosts:
            for artist in np.ravel(getattr(self, name)):
                artist.set_gid("ghost")
        self.recorder = Recorder(self.figure)
        self.still = self.result = None
        self.display_id = uuid.uuid4().hex
        self.view = None

    def _accepted(self, values):
        unknown = values.keys() - self.controls.keys()
        if unknown:
            known = ", ".join(self.controls)
            raise ValueError(f"{type(self).__name__} has no {sorted(unknown)[0]!r}, only {known}")
        return {name: self.controls[name].accept(value) for name, value in values.items()}

    def redraw_still(self):
        self.still = None

    def render(self, **values):
        """Set these values; compute, draw, and return the sentence and the recording.

        If that fails nothing is changed.
        """
        values = self.values | self._accepted(values)
        try:
            result = self.compute(**values)
            self.draw(result)
            answer = self.describe(result), self._record()
        except BaseException:
            if self.result is not None:
                self.draw(self.result)
            raise
        self.values, self.result = values, result
        return answer

    def _record(self):
        if self.still is None:
            self.figure.set_layout_engine("constrained")
            # At first until it comes to rest.
            for _ in range(3 if self.result is None else 1):
                self.figure.get_layout_engine().execute(self.figure)
            self.figure.set_layout_engine("none")  # keep the axes where they are
            self.still = self._record_still()
        return self.recorder.record(self.moving)

    def _record_still(self):
        papers = [self.figure.patch, *(axes.patch for axes in self.figure.axes)]
        for paper in papers:
            paper.set_visible(False)  # the page's own color, light or dark, shows through
        still = self.recorder.record([self.figure])  # leaves out the animated artists
        for paper in papers:
            paper.set_visible(True)
        return still

    def record_run(self):
        """All frames of the present run with their captions, compressed, for `player.js`."""
        frames = []
        for step in self.positions(self.result):
            caption = self.draw_step(self.result, step).encode()
            frame = self.recorder.record(self.moving)
            frames.append(struct.pack("<fII", step, len(caption), len(frame)) + caption + frame)
        self.draw(self.result)
        return zlib.compress(b"".join(frames), 1)

    def show(self):
        """Show the explorer; what an earlier run of the same cell has shown ends."""
        sentence, frame = self.render()
        replace(self)
        width, height = (round(side * DPI) for side in self.size)
        self.view = View(
            title=self.title, width=width, height=height, still=self.still,
            controls={name: control.as_dict() for name, control in self.controls.items()},
            tries=[[words, values] for words, values in self.tries.items()],
            frame=frame, axes=self._axes(), **self._state(sentence),
        )  # fmt: skip
        self.view.observe(self._on_asked, "asked")
        self.view.on_msg(self._on_message)
        live, _ = self.view._repr_mimebundle_()
        live["text/plain"] = self._controls_in_words()
        display(live, raw=True)
        display(self._static_twin(), raw=True, display_id=self.display_id)

    def close(self):
        """End the view and free the figure."""
        if self.view:
            self.view.layout.close()  # a widget, too
            self.view.close()
        self.figure.clear()

    def _state(self, sentence):
        """What the view shows of a result, beside the picture."""
        return {
            "values": self.values, "sentence": sentence, "steps": self.steps(self.result),
            "place": self.place(self.result),
            "line": self.as_python(), "run": b"", "problem": "",
        }  # fmt: skip

    def as_python(self):
        """These settings as a line of Python; what is as at the start is left out."""
        changed = {k: v for k, v in self.values.items() if v != self.start[k]}
        arguments = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        return f"{type(self).__name__}({arguments}).show()"

    def _controls_in_words(self):
        parts = [f"{c.label} = {self.values[name]}" for name, c in self.controls.items()]
        return "Controls, to be moved in a running notebook: " + ", ".join(parts)

    def _axes(self):
        """For each of the axes where it is, in CSS pixels, and what its edges are."""
        found = []
        for axes in self.figure.axes:
            box = axes.bbox
            place = [box.x0, self.figure.bbox.height - box.y1, box.width, box.height]
            names = [axis.get_label_text() for axis in (axes.xaxis, axes.yaxis)]
            drags = any(axes is getattr(self, name) for name in self.draggable)
            found.append({
                "box": [round(float(side), 2) for side in place], "names": names, "drag": drags,
                "x": [*map(float, axes.get_xlim()), axes.get_xscale() == "log"],
                "y": [*map(float, axes.get_ylim()), axes.get_yscale() == "log"],
            })  # fmt: skip
        return found

    def _on_asked(self, change):
        asked = change.new
        try:
            values = asked.get("values", {})
            if "point" in asked:
                number, x, y = asked["point"]
                values = self.dragged(self.figure.axes[number], x, y, self.values)
            sentence, frame = self.render(**values)
        except (Exception, KeyboardInterrupt) as error:
            self._answer(asked, values=dict(self.values), problem=_problem(error))
            return
        still = {}
        if self.still != self.view.still:
            still = {"still": self.still, "axes": self._axes()}
        self._answer(asked, frame=frame, **still, **self._state(sentence))

    def _answer(self, asked, **state):
        with self.view.hold_sync():
            for name, value in {**state, "answered": asked["id"]}.items():
                setattr(self.view, name, value)

    def _on_message(self, _view, message, _buffers):
        if message.get("want") == "answer" and self.view.answered != self.view.asked["id"]:
            # An interrupt came before `_on_asked` was there to notice.
            self._answer(self.view.asked, values=dict(self.values), problem=INTERRUPTED)
        elif message.get("want") == "run":
            self.view.run = self.record_run()
        elif message.get("want") == "twin":
            update_display(self._static_twin(), raw=True, display_id=self.display_id)

    def _static_twin(self):
        """The picture as it is now, whole and drawn by Matplotlib, and the words for it."""
        for artist in self.moving:
            artist.set_animated(False)
        self.figure.dpi = 1.5 * DPI
        self.figure.canvas.draw()
        png = encode_png(self.figure.canvas, compress_level=9)
        self.figure.dpi = DPI
        for artist in self.moving:
            artist.set_animated(True)
        found = bundle(self.figure, png, self.describe(self.result))
        found["text/html"] = f'<div class="coursepkg-twin">{found["text/html"]}{RUN_IT}</div>'
        return found


# For those who open a notebook without a kernel. The style hides what JupyterLab then has where the
# live view was: "Loading widget" or "Error displaying widget".
RUN_IT = """
<p><small>Run this cell to move the controls.</small></p>
<style>.jp-OutputArea-child:not(:has(.coursepkg-explorer)):has(+ * .coursepkg-twin)
{ display: none }</style>
"""


INTERRUPTED = "Interrupted. The picture is the one before."


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
    earlier, explorers = SHOWN.get(cell, (execution, []))
    if earlier != execution:
        for old in explorers:
            old.close()
        explorers = []
    SHOWN[cell] = execution, [*explorers, explorer]
