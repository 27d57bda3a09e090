"""What `check` says, as words, as HTML, and as points."""

import html
import os
import re
from dataclasses import dataclass

import numpy as np

RIGHT, WRONG, NOT_STARTED = "right", "not right yet", "not started"
COLORS = {RIGHT: "#009E73", WRONG: "#D55E00", NOT_STARTED: "#6B6B6B"}  # the words say it, too
MOST = 3000  # characters of a value that is shown


@dataclass(frozen=True)
class Example:
    """The smallest case that shows a mistake. outputs: the expected one and the answer's."""

    arguments: dict
    outputs: dict


@dataclass(frozen=True)
class Finding:
    """One mistake. part: of the answer, or empty. name: its id. known: it is in the bank."""

    part: str
    name: str
    sentence: str
    example: Example | None = None
    known: bool = False

    @property
    def lines(self):
        """(name, value) of each argument and output of the example, as texts."""
        example = self.example or Example({}, {})
        both = {**example.arguments, **example.outputs}
        return [(name, shown(value)) for name, value in both.items()]


@dataclass(frozen=True)
class Verdict:
    """What `check` returns. parts: ((name, whether it counts as right), …). follows: parts
    that count because they would be right if an earlier one were. findings: the best first.
    curve: a `Curve` to be shown beside them, where an answer is one."""

    name: str
    status: str
    points: int
    earned: int = 0
    parts: tuple = ()
    follows: tuple = ()
    findings: tuple = ()
    notes: tuple = ()
    curve: object = None

    @property
    def passed(self):
        return self.status == RIGHT

    def __bool__(self):
        return self.passed

    def __str__(self):
        return as_text(self.headline(), self.findings, self.notes)

    def headline(self):
        unit = "point" if self.points == 1 else "points"
        line = f"{self.name}: {self.status}. {self.earned} of {self.points} {unit}."
        if self.passed or len(self.parts) < 2:
            return line
        right = [part for part, passed in self.parts if passed and part not in self.follows]
        if right:
            line += f" Right already: {', '.join(right)}."
        if self.follows:
            follows = ", ".join(self.follows)
            line += f" Wrong only because of what comes before, and counted: {follows}."
        return line

    def _repr_mimebundle_(self, include=None, exclude=None):
        # nbgrader takes a bare number for the points of a cell, and a text for all of them.
        if os.environ.get("NBGRADER_EXECUTION"):
            return {"text/plain": str(self.earned)}
        return {"text/plain": str(self), "text/html": self.as_html()}

    def as_html(self):
        """A box with words first, then tables that can be read line by line, then a picture."""
        body = body_html(self.headline(), self.findings, self.notes)
        return boxed(self.status, body + (self.curve.as_html() if self.curve else ""))


def as_text(headline, findings, notes):
    """A verdict as text. findings: Findings, or what a record keeps of them."""
    lines = [headline]
    for finding in findings:
        lines.append(f"  {finding_text(finding)}")
        if finding.lines:
            lines.append("    the smallest case that shows it:")
            lines += [f"      {line}" for line in in_columns(finding.lines)]
    return "\n".join([*lines, *(f"  {note}" for note in notes)])


def finding_text(finding):
    return (f"{finding.part}: " if finding.part else "") + finding.sentence


def boxed(status, body, attributes=""):
    """The box of a verdict: a line at the left, in the color of the status."""
    color = COLORS.get(status, COLORS[NOT_STARTED])
    look = f"border-left: 4px solid {color}; padding: 2px 0 2px 12px"
    return f'<div {attributes}style="{look}">{body}</div>'


def body_html(headline, findings, notes):
    """A verdict as HTML, without its box. findings: as in `as_text`."""
    parts = [f"<p><strong>{marked(headline)}</strong></p>", *map(finding_html, findings)]
    return "".join([*parts, *(f"<p>{marked(note)}</p>" for note in notes)])


def finding_html(finding):
    where = f"<code>{html.escape(finding.part)}</code>: " if finding.part else ""
    text = f"<p>{where}{marked(finding.sentence)}</p>"
    return text + (example_html(finding.lines) if finding.lines else "")


def example_html(lines):
    """An example as a table of names and texts."""
    left = "text-align: left; vertical-align: top"
    rows = "".join(
        f'<tr><th scope="row" style="{left}">{html.escape(name)}</th><td style="{left}">'
        f'<pre style="margin: 0; background: none">{html.escape(value)}</pre></td></tr>'
        for name, value in lines
    )
    caption = f"{left}; caption-side: top; white-space: nowrap"
    return (
        f'<table style="margin: 0 0 8px 0"><caption style="{caption}">'
        f"The smallest case that shows it</caption>{rows}</table>"
    )


def marked(text):
    """HTML of a text with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def in_columns(lines):
    """Names and values as aligned lines; a value of several lines keeps its indentation."""
    width = max(len(name) for name, _ in lines)
    gap = "\n" + " " * (width + 2)
    text = "\n".join(f"{name:<{width}}  {value.replace(chr(10), gap)}" for name, value in lines)
    return text.split("\n")


def short(text, most=300):
    """The beginning of a text that may be of any length."""
    return text if len(text) <= most else f"{text[:most]} …"


def shown(value):
    """A value with four digits; a long array with its shape, which its brackets do not show."""
    return short(_shown(value), MOST)


def _shown(value):
    if isinstance(value, (np.ndarray, np.generic)) and value.ndim == 0:
        value = value.item()
    if isinstance(value, np.ndarray) and value.size > 60 and value.ndim > 3:
        return f"an array of shape {value.shape}"  # NumPy does not abbreviate short axes
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=4, threshold=60, edgeitems=3, linewidth=72):
            text = short(str(value), MOST - 400)
            return text if value.size <= 60 else f"{text}  shape {value.shape}"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, (tuple, list)):
        items = ", ".join(map(_shown, value[:60])) + ", …" * (len(value) > 60)
        return f"({items})" if isinstance(value, tuple) else f"[{items}]"
    return short(repr(value))
