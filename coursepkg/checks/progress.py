"""What a learner has passed: `progress.jsonl` in the learner's folder, one JSON object a line.

The file is only ever appended to. Whatever else is in it is skipped, so a damaged line
costs only itself; of several records for one question the best one counts.
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coursepkg.chapters import CHAPTERS
from coursepkg.learner.workspace import MANIFEST

FILE = "progress.jsonl"
BLOCK, LONGEST = 1 << 20, 1000  # bytes: what is read at once, and how long a record may be
RECORD = re.compile(rb"\{[^{}\n]{1,%d}\}" % (LONGEST - 2))
IN_WORDS = "Questions answered in words have no check; they are not counted here."


@dataclass(frozen=True)
class SetProgress:
    """How far a learner is in one exercise set."""

    name: str
    earned: float
    points: int
    passed: int
    questions: int

    @property
    def title(self):
        return f"{self.name[:2]} {CHAPTERS[int(self.name[:2])].title}"

    @property
    def share(self):
        return self.earned / self.points if self.points else 0.0

    @property
    def words(self):
        return (
            f"{self.passed} of {self.questions} questions, "
            f"{round(self.earned, 1):g} of {self.points} points"
        )


def find_folder(start=None):
    """The nearest of `start` and the folders above it that is a learner's, or None.

    start: the working directory unless given. A learner's folder holds `.coursepkg.json`.
    """
    try:
        start = Path(start or "").resolve()
    except (OSError, RuntimeError):  # the working directory was deleted; links in a circle
        return None
    return next((f for f in (start, *start.parents) if os.path.isfile(f / MANIFEST)), None)


def record(verdict, folder=None, sets=None):
    """Note a verdict that is better than the best so far. Returns what to tell the learner.

    That is "" if all is well, also if there is nothing to note (no learner's folder, a question of
    no set, no better than before), else one sentence: why it was not recorded. Never raises.
    """
    try:
        folder = folder or find_folder()
        question, set_name = _questions(sets).get(verdict.name, (None, None))
        if folder is None or question is None:
            return ""
        path, points = Path(folder) / FILE, question.total
        earned = _clip(float(verdict.earned), points)
        if earned > _scan(path).get(verdict.name, 0):
            date = datetime.now(UTC).isoformat(timespec="seconds")
            note = {"set": set_name, "question": verdict.name, "earned": earned}
            _append(path, json.dumps({**note, "points": points, "date": date}))
    except Exception as error:  # whatever it is, the answer to the exercise matters more
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        reason = words.partition("\n")[0]
        return f"This was not recorded in {FILE}: {reason}."
    return ""


def read(folder, sets=None):
    """{name of a question: the most that was earned}; empty without a file that can be read."""
    try:
        best = _scan(Path(folder) / FILE)
    except OSError:
        return {}
    questions = _questions(sets)
    return {
        name: _clip(earned, questions[name][0].total)
        for name, earned in best.items()
        if name in questions
    }


def summary(folder, sets=None):
    """One `SetProgress` for each exercise set. folder: the learner's, or None if there is none."""
    best = {} if folder is None else read(folder, sets)
    return [_summary_of(one, best) for one in (_all_sets() if sets is None else sets)]


def _summary_of(one, best):
    worth = {question.name: question.total for question in one.questions}
    earned = {name: best.get(name, 0) for name in worth}
    passed = sum(earned[name] >= worth[name] for name in worth)
    return SetProgress(
        one.name, sum(earned.values()), sum(worth.values()), passed, len(one.questions)
    )


def text(summary):
    """The summary as lines for a terminal, one a set."""
    width = max((len(one.title) for one in summary), default=0)
    lines = []
    for one in summary:
        bar = "#" * int(10 * one.share + 1e-9)  # the last # only for all of the points
        lines.append(f"{one.title:{width}}  {bar:-<10}  {one.words}")
    return "\n".join([*lines, IN_WORDS])


def describe(summary):
    """The summary as a sentence, for somebody who does not see the figure."""
    passed, questions = sum(s.passed for s in summary), sum(s.questions for s in summary)
    if not any(one.earned for one in summary):
        start = f"Every bar stands at zero: none of {questions} questions has been passed yet. "
    else:
        start = f"{passed} of {questions} questions passed. "
    return start + "; ".join(f"{one.title}: {one.words}" for one in summary) + "."


def _all_sets():
    from coursepkg.checks.banks import SETS  # here, because the checks import this module

    return SETS


def _questions(sets):
    sets = _all_sets() if sets is None else sets
    return {question.name: (question, one.name) for one in sets for question in one.questions}


def _clip(earned, points):
    earned = min(points, max(0, earned))  # 0 first: of 0 and NaN, max takes the first
    return int(earned) if earned == int(earned) else earned


def _scan(path):
    """{name: the most earned} from all that looks like a record, whatever lies between."""
    best, rest = {}, b""
    for block in _blocks(path):
        for match in RECORD.findall(rest + block):
            name, earned = _parse(match)
            best[name] = max(best.get(name, 0), earned)
        # A record may lie across two blocks. One that is found twice counts no more than once.
        rest = (rest + block)[-LONGEST:]
    return best


def _blocks(path):
    if not os.path.lexists(path):
        return
    if not os.path.isfile(path):
        raise OSError("it is not a file")
    with open(path, "rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


def _parse(line):
    """(name, earned) of a record; ("", 0) if it is none."""
    try:
        found = json.loads(line)
        name, earned = found.get("question"), found.get("earned")
        if type(name) is str and type(earned) in (int, float):
            return name, earned
    except (ValueError, RecursionError):
        pass
    return "", 0


def _append(path, line):
    """Add one line in one write, so that the lines of two kernels never mix."""
    with open(path, "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        cut = file.read(1) not in (b"", b"\n")  # an earlier write that the disk had no room for
        data = b"\n" * cut + line.encode() + b"\n"
        if file.write(data) < len(data):
            raise OSError("the disk is full")
