"""Labeled axes without clutter, and curves that carry their names."""

import numpy as np
from matplotlib.colors import to_rgb


def clean_axes(axes, xlabel="", ylabel="", title=""):
    """Label the axes, and draw a faint grid where there is no picture."""
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.grid(visible=not axes.images)  # it would lie over a picture


class EndLabels:
    """The name of each curve at its right end, in its color, in place of a legend.

    lines: the curves; if it is left out, all of `axes` that have a label. Where the curves move,
    call `place` after them; `texts` are artists that move.
    """

    def __init__(self, axes, lines=None, size=10):
        if lines is None:
            lines = [line for line in axes.get_lines() if not line.get_label().startswith("_")]
        self.axes, self.lines = axes, lines
        style = {"transform": axes.transAxes, "va": "center", "fontsize": size}
        names = [line.get_label() for line in lines]
        axes.text(1.02, 0.5, max(names, key=len), alpha=0.0, **style)  # keeps room beside the axes
        self.texts = [axes.text(1.02, 0.5, name, **style) for name in names]
        for text in self.texts:
            text.set_in_layout(False)
        self.place()

    def place(self):
        """Put each name where its curve ends or leaves the axes; one without points has none."""
        ends = {}
        for line, text in zip(self.lines, self.texts, strict=True):
            end = self._end(line)
            text.set_alpha(0.0 if end is None else 1.0)
            text.set_color(0.7 * np.array(to_rgb(line.get_color())))  # dark enough to be read
            if end is not None:
                ends.setdefault(end[0].round(1), []).append((end[1], end[0], text))
        gap = 1.25 * self.texts[0].get_fontsize() / 72 * self.axes.figure.dpi
        for side_by_side in ends.values():
            heights, places, texts = zip(*sorted(side_by_side, key=lambda end: end[0]), strict=True)
            heights = spread(heights, gap / self.axes.bbox.height)
            for x, height, text in zip(places, heights, texts, strict=True):
                text.set_position((x + 0.02, height))

    def _end(self, line):
        """The last point of a curve that is inside the axes, as shares of them; if none is, the
        last of all; None without points."""
        self.axes.get_xlim()  # settles the limits
        to_axes = self.axes.transData - self.axes.transAxes
        points = to_axes.transform(line.get_xydata())
        points = points[np.isfinite(points).all(axis=1)]
        inside = points[((points >= -0.01) & (points <= 1.01)).all(axis=1)]
        found = inside if len(inside) else np.clip(points, 0.0, 1.0)
        return found[-1] if len(found) else None


def spread(heights, gap):
    """Sorted heights, moved as little as needed: `gap` apart, and half of it from 0 and 1."""
    top = 1.0 - gap / 2
    moved = np.clip(heights, gap / 2, top)
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + gap)
    for k in reversed(range(len(moved))):
        moved[k] = min(moved[k], top)
        top = moved[k] - gap
    return moved
