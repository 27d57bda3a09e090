"""A map of the chapters, and a learner's progress."""

import html

from IPython.display import display

from coursepkg.figures import BLUE, GRAY

STYLE = """
<style>
.coursepkg-map { display: flex; flex-wrap: wrap; gap: 8px 24px; }
.coursepkg-map > div > ol { list-style: none; margin: 0; padding: 0; }
.coursepkg-map li { box-sizing: border-box; width: 19.5em; margin: 7px 0; padding: 5px 12px;
  border: 1px dashed var(--jp-border-color1, #999); border-radius: 6px; }
.coursepkg-map li:has(a) { border: 1px solid #0072b2; border-left-width: 5px; }
.coursepkg-map a { display: block; }
</style>"""


def show_course_map(chapters):
    """Show the chapters, a column for each part, each that is ready with a link to its notebook."""
    parts = dict.fromkeys(chapter.part for chapter in chapters)
    columns, words = [], []
    for part in parts:
        members = [chapter for chapter in chapters if chapter.part == part]
        entries = "\n".join(f"<li>{_entry(chapter)}</li>" for chapter in members)
        columns.append(f"<div><b>Part {part}</b>\n<ol>\n{entries}\n</ol></div>")
        titles = (f"  {c.number:02d} {c.title}{'' if c.file else ' (to come)'}" for c in members)
        words += [f"Part {part}", *titles]
    page = f'<div class="coursepkg-map">{"".join(columns)}</div>{STYLE}'
    display({"text/html": page, "text/plain": "\n".join(words)}, raw=True)


def _entry(chapter):
    title = html.escape(f"{chapter.number:02d} · {chapter.title}")
    return f'<a href="{chapter.file}">{title}</a>' if chapter.file else title


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
