"""Computation graphs: a box for each node, with its value and gradient."""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from coursepkg.autodiff import topological_order
from coursepkg.figures import BLUE, GRAY, VERMILION

SIGNS = {"*": "×", "-": "−", "**2": "square"}
BOX_WIDTH, BOX_HEIGHT = 0.70, 0.66  # as shares of the column and row spacing


@dataclass
class GraphDrawing:
    """The artists of a drawn computation graph, by node, for an explorer to update."""

    order: list
    boxes: dict
    data_texts: dict
    grad_texts: dict
    arrows: dict
    local_texts: dict


def draw_graph(axes, root, gradients=True, local_grads=False):
    """Draw the graph that computed `root`, inputs left, result right; returns its artists.

    Each box holds the name and operation, the value in blue and, if `gradients`, the gradient in
    orange-red. If `local_grads`, each arrow carries its local derivative.
    """
    order = topological_order(root)
    places = graph_layout(root)
    drawing = GraphDrawing(order, {}, {}, {}, {}, {})
    for node in order:
        _draw_node(axes, node, places[node], drawing, gradients)
        for which, parent in enumerate(node.parents):
            # A parent that is used twice gets two arrows, one above the other.
            shift = (0.14, -0.14)[which] if node.parents.count(parent) == 2 else 0.0
            start, end = (np.array(places[n]) + (0, shift) for n in (parent, node))
            arrow = _arrow(start, end)
            if local_grads:
                label = _label_arrow(axes, start, end, shift, node.local_grads[which])
                drawing.local_texts.setdefault((parent, node), []).append(label)
            drawing.arrows.setdefault((parent, node), []).append(axes.add_patch(arrow))
    columns, rows = np.array(list(places.values())).T
    axes.set(xlim=(columns.min() - 0.5, columns.max() + 0.5))
    axes.set(ylim=(rows.min() - 0.5, rows.max() + 0.5))
    axes.set_axis_off()
    return drawing


def graph_layout(root):
    """The (column, row) of each node: a result right of its parents, a leaf just before first use.

    The leaves of the first column are stacked. A leaf that joins later is placed below the row of
    its result, so that the main path stays straight.
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
            row[node] = _free_row(np.mean(settled), column[node], row, column)
            for parent in node.parents:
                if parent not in row:
                    row[parent] = _free_row(row[node] - 1, column[parent], row, column)
    return {node: (column[node], row[node]) for node in order}


def _free_row(wanted, in_column, row, column):
    """The first free row of a column, searched from `wanted` downward in steps of ½."""
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
    bend = 0.0 if x1 - x0 < 1.5 else -0.25  # bend around the nodes between distant columns
    return FancyArrowPatch(
        (x0 + BOX_WIDTH / 2 + 0.02, y0), (x1 - BOX_WIDTH / 2 - 0.03, y1),
        arrowstyle="-|>", mutation_scale=9, color=GRAY, zorder=1,
        connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0,
    )  # fmt: skip


def _label_arrow(axes, start, end, shift, local_grad):
    level = abs(end[1] - start[1]) < 0.1
    lift = (-0.11 if shift < 0 else 0.1) if level else 0.0  # beside a level arrow, on a sloped one
    x, y = (start + end) / 2
    return axes.text(
        x - 0.01, y + lift, f"{local_grad:.2g}", fontsize=7, ha="center", va="center", zorder=3,
        bbox=None if level else {"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip
