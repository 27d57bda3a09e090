"""Many short texts as one artist; a `Text` for each would take most of the time to lay out."""

from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties

from coursepkg.figures import INK

SHARE_BEFORE = {"left": 0.0, "center": 0.5, "right": 1.0}  # of a text's length, before its place


@dataclass(frozen=True)
class Label:
    """A text at (x, y), in data coordinates, centered across its line.

    ha: which end of the text is at its place; upright: it reads from the bottom up.
    """

    x: float
    y: float
    text: str
    ha: str = "left"
    color: str = INK
    size: float = 9
    bold: bool = False
    upright: bool = False


class Labels(Artist):
    """Writes the labels of `labels` on its axes."""

    def __init__(self, zorder=6):
        super().__init__()
        self.set_zorder(zorder)
        self.labels, self.fonts, self.sizes = [], {}, {}

    def draw(self, renderer):
        gc = renderer.new_gc()
        for label in self.labels:
            font = self._font(label)
            length, height = self._size(renderer, label.text, font)
            x, y = self.axes.transData.transform((label.x, label.y))
            before = SHARE_BEFORE[label.ha] * length
            if label.upright:
                x, y = x + height / 2, y - before
            else:
                x, y = x - before, y - height / 2
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            gc.set_foreground(label.color)
            renderer.draw_text(gc, x, y, label.text, font, 90 if label.upright else 0)
        gc.restore()

    def _font(self, label):
        key = label.size, label.bold
        if key not in self.fonts:
            weight = "bold" if label.bold else "normal"
            self.fonts[key] = FontProperties(size=label.size, weight=weight)
        return self.fonts[key]

    def _size(self, renderer, text, font):
        """A text's length and the height of its digits, in pixels; each is measured once."""
        key = text, font.get_size(), font.get_weight(), renderer.points_to_pixels(1)
        if key not in self.sizes:
            both = (renderer.get_text_width_height_descent(t, font, False) for t in (text, "0"))
            (length, _, _), (_, height, _) = both
            self.sizes[key] = length, height
        return self.sizes[key]
