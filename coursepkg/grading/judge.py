"""Grade one submission: its answers run in the sandbox, and are judged here.

Nothing that comes out of the sandbox is believed but as what an answer gave: it is compared with
what is right, which the sandbox does not know.
"""

import json
import time

from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.verdict import NOT_STARTED, WRONG, Finding, Verdict
from coursepkg.checks.diagnose import verdict_on
from coursepkg.checks.running import wire
from coursepkg.grading.sandbox.bubblewrap import Lost, Sandbox

NOT_FOUND = "not found"
MOST_NAMES = 20
LONGEST_ANSWER = 20_000  # characters of an answer that are kept, to be shown
ENDS = {
    "time": (
        "never_ends",
        "It does not come to an end, and does not let itself be interrupted either: it was ended "
        "after 10 seconds. Look at its loops.",
    ),
    "too much": (
        "too_much",
        "It leaves much more behind than is asked for: more than 5 MB, or a thousand files.",
    ),
    "incomparable": ("incomparable", "What it gives cannot be compared with what is right."),
    "forged": (
        "forged",
        "What came back is not what a run of this function leaves behind, so nothing of it counts.",
    ),
}
ENDED = "It ends the whole process in which it runs ({}), so that nothing it gave could be seen."


def grade(sheet, assignment, seed, folder, unsafe=False):
    """The points and verdicts of a submission, as the parts of its record that say them.

    sheet: what `preflight` read. seed: a whole number, the secret of the class. folder: the
    `toolbox` of the sandbox.
    """
    started = time.monotonic()
    with Sandboxes(folder, unsafe) as sandboxes:
        questions = [
            graded(question, sheet, seed, sandboxes) for question in assignment.questions.values()
        ]
    return {
        "points": sum(each["earned"] for each in questions),
        "of": assignment.exercise_set.points,
        "questions": questions,
        "words": [
            {
                "question": name,
                "points": points,
                "answer": sheet.words.get(name, "")[:LONGEST_ANSWER],
            }
            for name, points in assignment.words.items()
        ],
        "seconds": round(time.monotonic() - started, 3),
    }


class Sandboxes:
    """One sandbox after the other: a new one when the last was lost."""

    def __init__(self, folder, unsafe):
        self.folder, self.unsafe, self.current = folder, unsafe, None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        if self.current:
            self.current.close()
        self.current = None

    def ask(self, job):
        """The Reply to a job; it may be that an earlier question had ended the sandbox."""
        for attempt in (1, 2):
            if self.current is None:
                self.current = Sandbox(self.folder, self.unsafe)
            try:
                return self.current.ask(job)
            except Lost:
                self.close()
                if attempt == 2:
                    raise


def graded(question, sheet, seed, sandboxes):
    """The record of one question."""
    examination = question.examination(seed)
    job = {
        "cells": [[cell.source, cell.question] for cell in sheet.cells],
        "question": question.name,
        "use": question.use.__name__,
        "cases": [wire.encode(arguments) for arguments in examination.cases.values()],
    }
    own = [cell.source for cell in sheet.cells if cell.question == question.name]
    answer = own[-1] if own else ""  # unless the sandbox says that another one was taken
    try:
        reply = sandboxes.ask(job)
        if reply.ended != "exit 0" or not reply.raw:
            return record(question, without_result(question, reply.ended), answer)
        result = read(reply.raw, examination)
    except Lost:
        if not sandboxes.unsafe:  # from inside nobody can end it: this is no fault of the answer
            raise
        return record(question, without_result(question, "signal 9"), answer)
    except wire.Forged:
        return record(question, without_result(question, "forged"), answer)
    if result is None:
        return record(question, Verdict(question.name, NOT_FOUND, question.total), answer)
    outcomes, globals_read, cell = result
    if cell in range(len(sheet.cells)):
        answer = sheet.cells[cell].source
    return record(question, judged(examination, outcomes, globals_read), answer)


def without_result(question, ended):
    """The verdict on an answer whose process left nothing that counts."""
    name, sentence = ENDS.get(ended, ("ends_process", ENDED.format(ended)))
    parts = tuple((part, False) for part in question.parts)
    findings = (Finding("", name, sentence),)
    return Verdict(question.name, WRONG, question.total, 0, parts, (), findings)


def read(raw, examination):
    """(outcomes, names of globals, number of the cell) from what the sandbox sent; None if the
    submission has no such function. Forged if it is anything else."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise wire.Forged("it is no JSON") from error
    if data == {"found": False}:
        return None
    try:
        labels = [*examination.cases, None]
        arguments = [*examination.cases.values(), next(iter(examination.cases.values()))]
        outcomes = {
            label: wire.decode_outcome(each, given)
            for label, each, given in zip(labels, data["outcomes"], arguments, strict=True)
        }
        names = [wire.text(name, wire.LONGEST_NAME) for name in data["globals_read"][:MOST_NAMES]]
        cell = data["cell"]
        return outcomes, tuple(names), cell if type(cell) is int else None
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise wire.Forged("it has not the form of a result") from error


def judged(examination, outcomes, globals_read=()):
    """The verdict. If no explanation can be found, the points stand all the same."""
    question = examination.question
    try:
        comparison = Comparison(examination, outcomes)
    except Exception:  # it is nothing that can be compared with what is right
        return without_result(question, "incomparable")
    try:
        return verdict_on(comparison, globals_read)
    except Exception as error:
        parts = tuple((part, part not in comparison.wrong) for part in question.parts)
        earned = sum(question.worth(part) for part, passed in parts if passed)
        sentence = f"It is not right; why could not be found out ({type(error).__name__})."
        findings = (Finding("", "unexplained", sentence),)
        return Verdict(question.name, WRONG, question.total, earned, parts, (), findings)


def notes_of(verdict):
    """What is worth telling in the end; that `hint` helps is not."""
    if verdict.status == NOT_STARTED:
        return ["`raise NotImplementedError()` still stands in it, which belongs to the stub."]
    return [] if verdict.status == WRONG else list(verdict.notes)


def record(question, verdict, answer):
    """A verdict as plain data."""
    headline = verdict.headline()
    if verdict.status == NOT_FOUND:
        headline = f"{question.name}: no cell defines it. 0 of {question.total} points."
    return {
        "question": question.name,
        "points": verdict.points,
        "earned": verdict.earned,
        "verdict": verdict.status,
        "headline": headline,
        "notes": notes_of(verdict),
        "findings": [
            {
                "part": finding.part,
                "mistake": finding.name,
                "known": finding.known,
                "sentence": finding.sentence,
                "example": [list(line) for line in finding.example.lines()]
                if finding.example
                else [],
            }
            for finding in verdict.findings
        ],
        "answer": answer[:LONGEST_ANSWER],
    }
