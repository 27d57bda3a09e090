"""Labeled axes without clutter."""


def clean_axes(axes, xlabel="", ylabel="", title=""):
    """Label the axes, and draw a faint grid where there is no picture."""
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.grid(visible=not axes.images)  # it would lie over a picture
