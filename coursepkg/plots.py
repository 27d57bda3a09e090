"""What the chapters and explorers draw more than once, on an Axes they are given."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from coursepkg.autodiff import topological_order
from coursepkg.figures import BLUE, GRAY, ORANGE, VERMILION

SIGNS = {"*": "×", "-": "−", "**2": "square"}
GRID = 81  # nodes along each side, where a model is asked for its boundary
# Light enough for the points on it; white where a model cannot tell.
TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", ["#8FC1E3", "white", "#F6CF85"])
BOX_WIDTH, BOX_HEIGHT = 0.70, 0.66  # of the distance between two columns, two rows


@dataclass
class GraphDrawing:
    """The artists of a drawn computation graph, by node: what an explorer moves."""

    order: list
    boxes: dict
    data_texts: dict
    grad_texts: dict
    arrows: dict


def clean_axes(axes, xlabel="", ylabel="", title=""):
    """Name the axes; leave out the frame lines that carry no scale."""
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title, fontsize="medium")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def draw_graph(axes, root, gradients=True, local_grads=False):
    """Draw the graph that computed `root`, inputs left, result right; returns its artists.

    In each box: name and operation; the value in blue; if `gradients`, the gradient below it in
    orange-red. On each arrow, if `local_grads`, the local derivative.
    """
    order = topological_order(root)
    places = graph_layout(root)
    drawing = GraphDrawing(order, {}, {}, {}, {})
    for node in order:
        _draw_node(axes, node, places[node], drawing, gradients)
        for which, parent in enumerate(node.parents):
            # A node that enters twice has two arrows, one above the other.
            shift = (0.14, -0.14)[which] if node.parents.count(parent) == 2 else 0.0
            start, end = (np.array(places[n]) + (0, shift) for n in (parent, node))
            arrow = _arrow(start, end)
            if local_grads:
                _label_arrow(axes, start, end, shift, node.local_grads[which])
            drawing.arrows.setdefault((parent, node), []).append(axes.add_patch(arrow))
    columns, rows = np.array(list(places.values())).T
    axes.set(xlim=(columns.min() - 0.5, columns.max() + 0.5))
    axes.set(ylim=(rows.min() - 0.5, rows.max() + 0.5))
    axes.set_axis_off()
    return drawing


def graph_layout(root):
    """Where each node stands, (column, row): a result right of its parents, a leaf just before use.

    Leaves that enter together are stacked; a leaf that joins later stands below the others'
    row, so that the main path runs straight.
    """
    order = topological_order(root)
    column = {node: 0 for node in order}
    for node in order:
        column[node] = max((column[parent] + 1 for parent in node.parents), default=0)
    for node in reversed(order):
        for parent in node.parents:
            if not parent.parents:
                uses = [column[child] for child in order if parent in child.parents]
                column[parent] = min(uses) - 1
    return _rows(order, column)


def _rows(order, column):
    row, free = {}, {}
    for node in order:
        if not node.parents and column[node] == 0:
            row[node] = -float(free.get(0, 0))
            free[0] = free.get(0, 0) + 1
    for node in order:
        if node.parents:
            settled = [row[parent] for parent in node.parents if parent in row]
            row[node] = _clear(np.mean(settled), column[node], row, column)
            for parent in node.parents:
                if parent not in row:
                    row[parent] = _clear(row[node] - 1, column[parent], row, column)
    return {node: (column[node], row[node]) for node in order}


def _clear(wanted, in_column, row, column):
    """The row nearest below `wanted` that no other node of this column stands in the way of."""
    taken = [row[node] for node in row if column[node] == in_column]
    while any(abs(wanted - other) < 0.99 for other in taken):
        wanted -= 0.5
    return wanted


def _draw_node(axes, node, place, drawing, gradients):
    x, y = place
    style = "round,pad=0.02,rounding_size=0.08" if node.parents else "square,pad=0.02"
    box = FancyBboxPatch(
        (x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2), BOX_WIDTH, BOX_HEIGHT,
        boxstyle=style, facecolor="white", edgecolor=GRAY, linewidth=1.2, zorder=2,
    )  # fmt: skip
    drawing.boxes[node] = axes.add_patch(box)
    op = SIGNS.get(node.op, node.op)
    label = f"{node.name} ({op})" if node.name and op else node.name or op or "constant"
    text = dict(ha="center", va="center", zorder=4)
    lift = 0.21 if gradients else 0.13
    axes.text(x, y + lift, label, fontsize=9, fontweight="bold", **text)
    data = axes.text(x, y - (0 if gradients else 0.13), f"{node.data:.4g}", color=BLUE, **text)
    drawing.data_texts[node] = data
    if gradients:
        grad = axes.text(x, y - 0.21, f"{node.grad:.4g}", color=VERMILION, **text)
        drawing.grad_texts[node] = grad


def _arrow(start, end):
    (x0, y0), (x1, y1) = start, end
    bend = 0.0 if x1 - x0 < 1.5 else -0.25  # an arrow over several columns goes around
    return FancyArrowPatch(
        (x0 + BOX_WIDTH / 2 + 0.02, y0), (x1 - BOX_WIDTH / 2 - 0.03, y1),
        arrowstyle="-|>", mutation_scale=9, color=GRAY, zorder=1,
        connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0,
    )  # fmt: skip


def _label_arrow(axes, start, end, shift, local_grad):
    level = abs(end[1] - start[1]) < 0.1
    lift = (-0.11 if shift < 0 else 0.1) if level else 0.0  # beside a level arrow, on a steep one
    x, y = (start + end) / 2
    axes.text(
        x - 0.01, y + lift, f"{local_grad:.2g}", fontsize=7, ha="center", va="center", zorder=3,
        bbox=None if level else {"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def draw_line_loss(axes, x, targets, weights, biases):
    """Contour lines of the mean squared error of the line w x + b, with a star at its lowest point.

    x, targets: shape (n,). weights, biases: the ranges to show, each a (low, high). Returns the
    contour set and the star.
    """
    w, b = np.meshgrid(np.linspace(*weights, 90), np.linspace(*biases, 90))
    # mean (w x + b - t)², multiplied out, needs five means instead of n values for each point.
    xx, xt, tt = np.mean(x * x), np.mean(x * targets), np.mean(targets**2)
    x_mean, t_mean = np.mean(x), np.mean(targets)
    loss = w**2 * xx + 2 * w * b * x_mean + b**2 - 2 * (w * xt + b * t_mean) + tt
    best = np.polyfit(x, targets, 1)
    lowest = np.mean((best[0] * x + best[1] - targets) ** 2)
    levels = lowest + np.geomspace(0.003, 1, 12) * (loss.max() - lowest)
    contours = axes.contour(w, b, loss, levels, colors=GRAY, linewidths=0.7)
    (star,) = axes.plot(*best, "*", color=ORANGE, markersize=13, zorder=6)
    axes.set(xlim=weights, ylim=biases)
    return contours, star


def draw_path(axes, path, markersize=5):
    """Draw a path (steps + 1, 2) over a loss surface, its end larger; returns line and end."""
    (line,) = axes.plot(
        *path.T, ".-", color=VERMILION, linewidth=markersize / 5, markersize=markersize, zorder=3
    )
    (end,) = axes.plot(*path[-1:].T, "o", color=VERMILION, markersize=7, zorder=4)
    return line, end


def draw_course_map(axes, chapters):
    """Draw the chapters as boxes, one column a part, in the order they are read."""
    parts = list(dict.fromkeys(chapter.part for chapter in chapters))
    for column, part in enumerate(parts):
        axes.text(column, 0.75, f"Part {part}", ha="center", fontweight="bold")
        members = [chapter for chapter in chapters if chapter.part == part]
        for row, chapter in enumerate(members):
            _draw_chapter(axes, chapter, column, -row)
            if row:
                start, end = (column, 1 - row - 0.3), (column, 0.31 - row)
                axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": GRAY})
    longest = max(sum(chapter.part == part for chapter in chapters) for part in parts)
    axes.set(xlim=(-0.5, len(parts) - 0.5), ylim=(0.5 - longest, 1.1))
    axes.set_axis_off()


def _draw_chapter(axes, chapter, x, y):
    style = {"edgecolor": BLUE, "facecolor": "#DCEBF5"} if chapter.ready else {
        "edgecolor": GRAY, "facecolor": "white", "linestyle": "--"
    }  # fmt: skip
    axes.add_patch(
        FancyBboxPatch((x - 0.44, y - 0.26), 0.88, 0.52, boxstyle="round,pad=0.02", **style)
    )
    axes.text(x, y, f"{chapter.number:02d}  {chapter.title}", ha="center", va="center", fontsize=9)


def draw_progress(axes, summary):
    """Draw one bar for each exercise set, as long as the share of its points, and say the numbers.

    summary: what `coursepkg.checks.progress.summary` returns.
    """
    rows = range(len(summary))
    axes.barh(rows, [1.0] * len(summary), color="white", edgecolor=GRAY, height=0.6)
    axes.barh(rows, [one.share for one in summary], color=BLUE, height=0.6)
    for row, one in zip(rows, summary, strict=True):
        axes.text(1.02, row, one.words, va="center", fontsize=9)
    axes.set_yticks(rows, [one.title for one in summary])
    axes.set(xlim=(-0.005, 1.005), ylim=(len(summary) - 0.5, -0.5))  # the first set on top
    axes.set_xticks([0, 0.5, 1], ["0", "half", "all of the points"])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def draw_boundary(axes, outputs, x, labels, limit=2.0, border=0.5):
    """Shade a square by what a model says, with a line where it says `border`, and the points.

    outputs: a function from (n, 2) to (n, 1); if border is ½, 0 is shaded blue and 1 orange.
    x: (n, 2), labels: (n,), 0 or 1. The square reaches from -limit to limit or, if limit is a
    pair, from its first number to its second. Returns the image, the line, and the points of
    each class.
    """
    low, high = (-limit, limit) if np.isscalar(limit) else limit
    heights = outputs(square_grid(low, high)).reshape(GRID, GRID)
    image = axes.imshow(
        heights, cmap=TWO_CLASSES, vmin=border - 0.5, vmax=border + 0.5, zorder=0,
        extent=(low, high, low, high), origin="lower", interpolation="bilinear",
    )  # fmt: skip
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    (line,) = axes.plot(*border_line(axes, heights, border), color="black", linewidth=1.6, zorder=3)
    return image, line, *draw_classes(axes, x, labels)


def draw_classes(axes, x, labels):
    """Blue circles for label 0, orange squares for label 1; returns the two sets of points."""
    style = {"linestyle": "none", "markeredgecolor": "black", "markeredgewidth": 0.6}
    return [
        axes.plot(*x[labels == label].T, marker, color=color, markersize=4.5, zorder=4, **style)[0]
        for label, marker, color in ((0, "o", BLUE), (1, "s", ORANGE))
    ]


def square_grid(low, high):
    """The nodes of a grid over the square from low to high, row by row upward: (GRID², 2)."""
    side = np.linspace(low, high, GRID)
    return np.column_stack([part.ravel() for part in np.meshgrid(side, side)])


def border_line(axes, heights, border=0.5):
    """Where heights on a grid over these axes pass `border`: x and y of a line, broken by NaN."""
    if not heights.min() < border < heights.max():
        return np.empty((2, 0))
    x, y = (np.linspace(*ends, GRID) for ends in (axes.get_xlim(), axes.get_ylim()))
    contours = axes.contour(x, y, heights, [border])
    contours.remove()
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in contours.allsegs[0] for part in (piece, gap)]).T
