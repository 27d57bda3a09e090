"""Read `topic.md`; `loading.py` says how it is written."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from coursepkg.errors import CourseError

TITLE = re.compile(r"# Exercises (\d+): .+")
QUESTION = re.compile(r"## (\w+) \(points: (.+)\)")
HINT = re.compile(r"\d\. (.+)")
MISTAKE = re.compile(r"- ([\w{}]+):(.*)")
BORROWED = re.compile(r"As in `(\w+)`: (.+)")
CHANGE = re.compile(r"`([^`]+)` → (?:`([^`]+)`|nothing)(?:, |$)")


class BankError(CourseError):
    """A bank of questions cannot be used; the message names file and line."""


@dataclass
class Item:
    """A heading, a hint, a mistake or a paragraph: a line that is not indented, and those below."""

    path: Path
    line: int
    head: str
    below: list = field(default_factory=list)

    @property
    def text(self):
        return " ".join([self.head, *map(str.strip, self.below)]).strip()

    def error(self, problem):
        return BankError(f"{self.path.parent.name}/{self.path.name}:{self.line}: {problem}")


@dataclass
class Entry:
    """What is said of a mistake. changes: pairs of pieces of source; diffs: lists of lines;
    function: the name of a wrong model."""

    name: str
    sentence: str
    changes: list
    diffs: list
    function: str
    item: Item


@dataclass
class Words:
    """What is said of a question. borrowed: (earlier question, mistake, Item) for each mistake."""

    name: str
    points: int | dict
    item: Item
    hints: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    borrowed: list = field(default_factory=list)


def read(path):
    """(number of the chapter, the Words of each question)."""
    title, *others = items(path)
    if not (match := TITLE.fullmatch(title.text)):
        raise title.error("a bank begins with `# Exercises NN: ...`")
    questions = []
    for item in others:
        if heading := QUESTION.fullmatch(item.text):
            questions.append(Words(heading[1], points(heading[2], item), item))
        elif item.head.startswith("#") or not questions:
            raise item.error("a question begins with `## name (points: 1)`")
        else:
            add(item, questions[-1])
    return int(match[1]), questions


def items(path):
    """The Items of a file, in order."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line and not line[0].isspace():
            found.append(Item(path, number, line))
        elif line and found:
            found[-1].below.append(line)
    return found or [Item(path, 1, "")]


def points(text, item):
    """`2` as a number, `a 1, grad_z 2` as a dict."""
    if text.isdecimal():
        return int(text)
    pairs = [part.split() for part in text.split(",")]
    if not all(len(pair) == 2 and pair[1].isdecimal() for pair in pairs):
        raise item.error(f"points are `2` or `a 1, grad_z 2`, not `{text}`")
    return {part: int(number) for part, number in pairs}


def add(item, words):
    """Put a hint, a mistake or `As in` to the Words of its question."""
    if match := HINT.fullmatch(item.text):
        words.hints.append(match[1])
    elif match := MISTAKE.match(item.head):
        words.entries += family(*match.groups(), item)
    elif match := BORROWED.fullmatch(item.text):
        words.borrowed += [(match[1], name, item) for name in match[2].split(", ")]
    else:
        raise item.error(f"a hint is `1. text`, a mistake `- name: change`; this is: {item.head}")


def family(name, head, item):
    """The Entries of one item: one, or one for each row of the table below its sentence."""
    below = [line.strip() for line in item.below if line.strip().startswith("|")]
    if not below:
        return [entry(name, head, item.below, item)]
    columns, _, *rows = ([cell.strip() for cell in row.strip("|").split("|")] for row in below)
    text = "\n".join([name, head, *(s for s in item.below if not s.strip().startswith("|"))])
    entries = []
    for row in rows:
        if len(row) != len(columns):
            raise item.error(f"a row of the table has {len(row)} cells, and not {len(columns)}")
        filled = text
        for column, cell in zip(columns, row, strict=True):
            filled = filled.replace(f"{{{column}}}", cell)
        name, head, *rest = filled.split("\n")
        entries.append(entry(name, head, rest, item))
    return entries


def entry(name, head, below, item):
    """The Entry that a head (what follows the id in its line) and the lines below it say."""
    below = [line.removeprefix("  ") for line in below]
    head = head.strip()
    while head.endswith(","):
        head += f" {below.pop(0).strip()}"
    diffs = []
    while below and below[0].startswith("```"):
        if "```" not in below[1:]:
            raise item.error("its diff has no end")
        end = below.index("```", 1)
        diffs.append(below[1:end])
        below = below[end + 1 :]
    changes = [(match[1], match[2] or "") for match in CHANGE.finditer(head)]
    function = re.fullmatch(r"`(\w+)`", head)
    if head and not function and CHANGE.sub("", head):
        raise item.error(f"a change is written `right` → `wrong`, not {head}")
    if not (sentence := " ".join(map(str.strip, below))):
        raise item.error(f"{name} has no sentence")
    return Entry(name, sentence, changes, diffs, function[1] if function else "", item)
