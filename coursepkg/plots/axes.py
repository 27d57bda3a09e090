"""Labeled axes without clutter."""


def clean_axes(axes, xlabel="", ylabel="", title=""):
    """Label the axes, hide the spines without a scale, and draw a faint grid."""
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title, fontsize="medium")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
