"""Axes with names and without clutter."""


def clean_axes(axes, xlabel="", ylabel="", title=""):
    """Name the axes; leave out the frame lines that carry no scale."""
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title, fontsize="medium")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
