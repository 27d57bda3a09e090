"""The base of all explorers: each keeps one figure, and a change redraws only what moves.

An explorer is three functions. `compute` is pure mathematics, from the values of the controls to
a result; `draw` moves existing artists; `describe` states the result in a sentence. The static
artists are drawn once and kept as a picture. Each change restores that picture and draws only the
moving artists over it, which is more than ten times faster than making a new figure.
"""

import uuid

from IPython.display import display, update_display
from ipywidgets import FloatLogSlider, Layout, VBox

from coursepkg.explorers.voice import Voice
from coursepkg.figures import bundle, encode_png, new_figure


class Explorer:
    """Base of the explorers. A subclass sets `size` and defines the five methods below."""

    size = (9.0, 3.4)  # inches
    dpi = 110

    def make_controls(self):
        """A dict of ipywidgets controls; its keys are the arguments of `compute`."""
        raise NotImplementedError

    def build(self, figure):
        """Create the axes and all artists; return the list of artists that move."""
        raise NotImplementedError

    def compute(self, **values):
        """The result for these values: no drawing, no widgets."""
        raise NotImplementedError

    def draw(self, result):
        """Move the artists; call `redraw_background` if a static artist has changed."""
        raise NotImplementedError

    def describe(self, result):
        """The picture in a sentence or two, for readers who cannot see it."""
        raise NotImplementedError

    def __init__(self):
        self.controls = self.make_controls()
        self.figure = new_figure(*self.size, dpi=self.dpi)
        self._moving = sorted(self.build(self.figure), key=lambda artist: artist.get_zorder())
        for artist in self._moving:
            artist.set_animated(True)
        self._background = None
        self._display_id = uuid.uuid4().hex
        self.voice = Voice()
        for control in self.controls.values():
            control.observe(self._on_change, names="value")

    @property
    def values(self):
        return {name: control.value for name, control in self.controls.items()}

    def redraw_background(self):
        self._background = None

    def render(self):
        """Compute, draw, and return the picture (PNG bytes) and the sentence."""
        result = self.compute(**self.values)
        self.draw(result)
        canvas = self.figure.canvas
        if self._background is None:
            self.figure.set_layout_engine("constrained")
            canvas.draw()  # leaves out the animated artists
            self.figure.set_layout_engine("none")  # keep the axes where they are
            self._background = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self._background)
        for artist in self._moving:
            self.figure.draw_artist(artist)
        return encode_png(canvas), self.describe(result)

    def show(self):
        """Show the controls, the sentence and the picture."""
        png, self.voice.text = self.render()
        box = VBox([*self.controls.values(), self.voice], layout=Layout(width="auto"))
        box.add_class("coursepkg-controls")
        controls = box._repr_mimebundle_()
        controls["text/plain"] = self._controls_in_words()
        display(controls, raw=True)
        picture = bundle(self.figure, png, self.voice.text)
        display(picture, raw=True, display_id=self._display_id)

    def _controls_in_words(self):
        parts = [f"{c.description} = {c.value}" for c in self.controls.values()]
        return "Controls, to be moved in a running notebook: " + ", ".join(parts)

    def _on_change(self, _):
        png, self.voice.text = self.render()
        picture = bundle(self.figure, png, self.voice.text)
        update_display(picture, raw=True, display_id=self._display_id)


def wide(slider_class, description, **options):
    """A control with room for its description; a slider responds while it is dragged."""
    return slider_class(
        description=description,
        style={"description_width": "150px"},
        layout=Layout(width="480px"),
        **options,
    )


def log_slider(description, value, low, high, step, digits):
    """A wide slider from 10**low to 10**high, each step a factor 10**step; for rates and scales."""
    return wide(
        FloatLogSlider, description, value=value, min=low, max=high, step=step,
        readout_format=f".{digits}f",
    )  # fmt: skip
