"""Drawing functions that chapters and explorers share; each draws on the Axes it is given."""

from coursepkg.plots.axes import EndLabels, clean_axes
from coursepkg.plots.boundaries import draw_boundary, draw_classes
from coursepkg.plots.graphs import draw_graph
from coursepkg.plots.map import draw_progress, show_course_map
from coursepkg.plots.surfaces import draw_line_loss, draw_path

__all__ = [
    "EndLabels", "clean_axes", "draw_boundary", "draw_classes", "draw_graph",
    "draw_line_loss", "draw_path", "draw_progress", "show_course_map",
]  # fmt: skip
