"""Two classes of points in the plane, and a model's decision boundary."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from coursepkg.figures import BLUE, ORANGE

GRID = 81  # points along each side at which a model is evaluated
# Light, so that the points remain visible; white where a model is undecided.
TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", ["#8FC1E3", "white", "#F6CF85"])


def draw_boundary(axes, outputs, x, labels, limit=2.0, border=0.5):
    """Shade a square by a model's outputs; draw their contour at `border`, and the points.

    outputs: a function from (n, 2) to (n, 1). If border is ½, 0 is shaded blue and 1 orange.
    x: (n, 2); labels: (n,), 0 or 1. On both axes the square runs from -limit to limit or, if limit
    is a (low, high) pair, from low to high. Returns the image, the contour line, and the points of
    each class.
    """
    low, high = (-limit, limit) if np.isscalar(limit) else limit
    heights = outputs(square_grid(low, high)).reshape(GRID, GRID)
    image = axes.imshow(
        heights, cmap=TWO_CLASSES, vmin=border - 0.5, vmax=border + 0.5, zorder=0,
        extent=(low, high, low, high), origin="lower", interpolation="bilinear",
    )  # fmt: skip
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.grid(visible=False)
    (line,) = axes.plot(*border_line(axes, heights, border), color="black", linewidth=1.6, zorder=3)
    return image, line, *draw_classes(axes, x, labels)


def draw_classes(axes, x, labels):
    """Draw label 0 as blue circles and label 1 as orange squares; returns the two artists."""
    style = {"linestyle": "none", "markeredgecolor": "black", "markeredgewidth": 0.6}
    return [
        axes.plot(*x[labels == label].T, marker, color=color, markersize=4.5, zorder=4, **style)[0]
        for label, marker, color in ((0, "o", BLUE), (1, "s", ORANGE))
    ]


def square_grid(low, high):
    """The grid points of the square from low to high, row by row from the bottom: (GRID², 2)."""
    side = np.linspace(low, high, GRID)
    return np.column_stack([part.ravel() for part in np.meshgrid(side, side)])


def border_line(axes, heights, border=0.5):
    """The contour of heights at `border` on a grid over the axes: (2, n), NaN after each piece."""
    if not heights.min() < border < heights.max():
        return np.empty((2, 0))
    x, y = (np.linspace(*ends, GRID) for ends in (axes.get_xlim(), axes.get_ylim()))
    contours = axes.contour(x, y, heights, [border])
    contours.remove()
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in contours.allsegs[0] for part in (piece, gap)]).T
