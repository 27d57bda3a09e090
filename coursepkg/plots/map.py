"""A map of the chapters, and a learner's progress."""

from matplotlib.patches import FancyBboxPatch

from coursepkg.figures import BLUE, GRAY


def draw_course_map(axes, chapters):
    """Draw the chapters as boxes in reading order, one column per part."""
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
    """Draw a bar for each exercise set, its length the share of points earned, with the numbers.

    summary: the result of `coursepkg.checks.progress.summary`.
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
