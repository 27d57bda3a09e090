"""The base of all explorers: Matplotlib decides what a figure shows, the browser paints it.

An explorer is three functions. `compute` is pure mathematics, from the values of the controls to
a result; `draw` moves existing artists; `describe` states the result in words. What stays is
recorded once; each change records only the moving artists, and the browser paints them over it.
Whole runs are recorded on request and played in the browser, without the kernel.
"""

import struct
import zlib

import numpy as np

from coursepkg.explorers.recorder import Recorder
from coursepkg.explorers.showing import Showing
from coursepkg.figures import CSS_PIXELS_PER_INCH, new_figure

DPI = CSS_PIXELS_PER_INCH  # so that the recorder's pixels are the browser's
MOST_FRAMES = 300  # of a run that is played


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
        self.showing = None

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
        self.recorder.texts.clear()  # the axes may have moved under them
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

    def as_python(self):
        """These settings as a line of Python; what is as at the start is left out."""
        changed = {k: v for k, v in self.values.items() if v != self.start[k]}
        arguments = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        return f"{type(self).__name__}({arguments}).show()"

    def show(self):
        """Show the explorer; what an earlier run of the same cell has shown ends."""
        self.showing = Showing(self)

    def close(self):
        """End what is shown and free the figure."""
        if self.showing:
            self.showing.close()
        self.figure.clear()


def recolor(text, color):
    """Set a text's color; one that has it already need not be recorded again."""
    if text.get_color() != color:
        text.set_color(color)
