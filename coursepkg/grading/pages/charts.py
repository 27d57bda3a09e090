"""The charts of the class page, as SVG inside the page, which gives it its colors."""

import io
import re
import textwrap
import warnings

import matplotlib
from markupsafe import Markup

from coursepkg.figures import BLUE, GRAY, ORANGE, new_figure
from coursepkg.grading.pages.html import readable
from coursepkg.grading.pages.tally import by_question

INK = "#010203"  # no color of ours: it becomes the color of the page's text, light or dark
COLORS = {INK: "currentColor", BLUE: "var(--bar)", GRAY: "var(--line)"}
WIDTH = 5.0  # inches; narrow, so that the words are still read where a phone shows it
LINE, BAR, GAP, HEADING = 0.155, 0.13, 0.13, 0.36  # heights in inches
LETTERS = 80  # in a line of a sentence
LONGEST = 0.92  # the longest bar, as a share of the width; its number is at its end


def svg(figure, alt):
    """The figure as an SVG element. alt: a text or Markup, for those who do not see the figure.

    What a standalone file needs is left out: names, which must not be twice in a page, the size,
    and a style sheet, which the page's policy forbids.
    """
    file = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    drawn = {"svg.fonttype": "none", "svg.hashsalt": "class"}
    with matplotlib.rc_context(drawn), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about signs that its font lacks: the browser has more
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    text = re.sub(r'<style.*?</style>|(?<=<g) id="[^"]*"', "", file.getvalue(), flags=re.DOTALL)
    text = text[text.index("<svg") :]
    for color, name in COLORS.items():
        text = re.sub(color, name, text, flags=re.IGNORECASE)
    label = Markup(" ").join(alt.split())  # escaped by this
    box = re.search(r'viewBox="[^"]*"', text)[0]
    links = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    start = f'<svg {links} {box} role="img" aria-label="{label}">'
    return Markup(start + text[text.index(">") + 1 :])


def mistakes_chart(shown, alt):
    """Horizontal bars, grouped by question: how many students made each of the mistakes."""
    groups = by_question(shown)
    height = HEADING * len(groups) + sum(row_height(sentence_lines(each)) for each in shown)
    figure, axes = bare(height)
    axes.set(xlim=(0, 1), ylim=(height, 0))
    unit = LONGEST / max(mistake.students for mistake in shown)
    top = 0.0
    for question, group in groups.items():
        write_text(axes, 0, top + HEADING / 2, question, size=10, weight="bold")
        top += HEADING
        for mistake in group:
            lines = sentence_lines(mistake)
            draw_mistake(axes, top, mistake, lines, unit)
            top += row_height(lines)
    return svg(figure, alt)


def sentence_lines(mistake):
    """The sentence as lines: two at most, the tables below the chart have all of it."""
    text = readable(mistake.sentence).replace("`", "")
    return textwrap.wrap(text, LETTERS, max_lines=2, placeholder=" …")


def row_height(lines):
    return LINE * (1 + len(lines)) + BAR + GAP


def draw_mistake(axes, top, mistake, lines, unit):
    """Name and sentence, and below them the bar with its number at the end."""
    name = mistake.mistake + ("" if mistake.known else " (none of the known mistakes)")
    write_text(axes, 0, top + LINE / 2, name, size=8.5, weight="bold", family="monospace")
    for number, line in enumerate(lines, 1):
        write_text(axes, 0, top + LINE * (number + 0.5), line, size=8)
    look = {"color": BLUE} if mistake.known else {"fc": ORANGE, "ec": INK, "hatch": "////"}
    middle = top + LINE * (1 + len(lines)) + BAR / 2
    axes.barh(middle, unit * mistake.students, 0.8 * BAR, **look)
    write_text(axes, unit * mistake.students + 0.015, middle, f"{mistake.students}", size=8.5)


def points_chart(counts, of, alt):
    """How many students have how many points. counts: {points: students}."""
    figure, axes = bare(1.9)
    axes.set_position((0.1, 0.24, 0.89, 0.73))
    axes.bar(list(counts), list(counts.values()), width=0.8, color=BLUE)
    axes.set(xlim=(-0.6, of + 0.6))
    axes.set_axis_on()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    axes.grid(axis="y", color=GRAY, linewidth=0.5)
    axes.set_axisbelow(True)
    for axis, label in ((axes.xaxis, f"points, of {of:g}"), (axes.yaxis, "students")):
        axis.get_major_locator().set_params(integer=True)
        axis.set_tick_params(colors=INK, labelsize=8, length=0)
        axis.set_label_text(label, color=INK, fontsize=8)
    return svg(figure, alt)


def bare(height):
    """A figure of this height in inches with axes over all of it, that show nothing yet."""
    figure = new_figure(WIDTH, height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def write_text(axes, x, y, text, size, **look):
    """A text as it is: a dollar sign in a sentence begins no formula."""
    look = look | {"fontsize": size, "va": "center", "color": INK, "parse_math": False}
    axes.text(x, y, readable(text), **look)
