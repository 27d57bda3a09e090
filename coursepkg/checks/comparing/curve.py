"""An answer that is a curve: what is expected and what the answer gives, as a small picture."""

from dataclasses import dataclass

import numpy as np

LEAST = 20  # points, from which on one sees a curve


@dataclass(frozen=True)
class Curve:
    """Points of a curve from left to right. argument: the name of x; all else is (points,)."""

    argument: str
    x: np.ndarray
    expected: np.ndarray
    got: np.ndarray

    def words(self):
        """The picture in words."""
        k = self.farthest
        return (
            f"Expected and yours, over {self.argument}. They are farthest apart at "
            f"{self.argument} = {self.x[k]:.3g}: expected {self.expected[k]:.3g}, yours "
            f"{self.got[k]:.3g}."
        )

    @property
    def farthest(self):
        return int(np.argmax(np.abs(self.got - self.expected)))

    def as_html(self):
        # Only where it is shown: a grader has no use for Matplotlib.
        from coursepkg.figures import BLUE, VERMILION, bundle, encode_png, new_figure
        from coursepkg.plots import EndLabels, clean_axes

        figure = new_figure(5.4, 2.3)
        axes = figure.subplots()
        clean_axes(axes, self.argument)
        axes.plot(self.x, self.expected, color=BLUE, label="expected")
        axes.plot(self.x, self.got, "--", color=VERMILION, label="yours")
        both = self.x[[self.farthest]], self.got[[self.farthest]]
        axes.plot(*both, "o", color=VERMILION, fillstyle="none", markersize=11, mew=2)
        EndLabels(axes)
        figure.canvas.draw()
        return bundle(figure, encode_png(figure.canvas, compress_level=9), self.words())[
            "text/html"
        ]


def curve_of(comparison):
    """The first curve among the wrong parts of an answer, or None."""
    if comparison.question.secret:
        return None
    for part in comparison.got:
        for label in comparison.wrong.get(part, ()):
            due, got = comparison.due_numbers[part][label], comparison.got_numbers[part][label]
            axis = axis_of(comparison.cases[label], part, due)
            if axis and is_line(got) and got.shape == due.shape and np.isfinite(got).all():
                name, x = axis
                order = np.argsort(x, kind="stable")
                return Curve(name, x[order], due[order], got[order])
    return None


def is_line(values):
    """Whether values are enough real numbers, one after the other."""
    return (
        isinstance(values, np.ndarray)
        and values.dtype.kind in "fiu"
        and values.ndim == 1
        and len(values) >= LEAST
    )


def axis_of(case, part, due):
    """(name, values) of what a part is a function of, number by number; None if it is of none."""
    if not is_line(due):
        return None
    name, first = next(iter(case.items()))
    # A gradient depends on the one that arrives, too, which has a value of its own at each point.
    others = [key for key, value in case.items() if np.ndim(value) and key != name]
    if part.startswith("grad") or any(not key.startswith("grad") for key in others):
        return None
    return (name, first) if is_line(first) and first.shape == due.shape else None
