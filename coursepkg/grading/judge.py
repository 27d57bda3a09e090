"""Judge the answers of one submission: they run in the sandbox, and their verdicts are found here.

What comes out of the sandbox counts as what an answer gave, and as nothing else: it is compared
with what is right, which the sandbox does not know.
"""

import contextlib
import json

from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.verdict import NOT_STARTED, WRONG, Finding, Verdict
from coursepkg.checks.diagnose import verdict_on
from coursepkg.checks.running import wire
from coursepkg.grading.record import FindingRecord, QuestionRecord, WordsRecord
from coursepkg.grading.sandbox.bubblewrap import Lost, Sandbox

NOT_FOUND = "not found"
MOST_NAMES = 20
LONGEST_ANSWER = 20_000  # characters of an answer that are kept and shown
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


def judge_answers(sheet, assignment, seed, folder, unsafe=False):
    """A QuestionRecord for each question in code.

    sheet: what `preflight` read. seed: a whole number, the secret of the class. folder: the
    `toolbox` of the sandbox.
    """
    with contextlib.closing(Sandboxes(folder, unsafe)) as sandboxes:
        questions = assignment.questions.values()
        return tuple(judge_answer(question, sheet, seed, sandboxes) for question in questions)


def answers_in_words(sheet, assignment):
    """A WordsRecord for each question in words; a person will grade them."""
    return tuple(
        WordsRecord(name, points, sheet.words.get(name, "")[:LONGEST_ANSWER])
        for name, points in assignment.words.items()
    )


class Sandboxes:
    """One sandbox after the other: a new one when the last was lost."""

    def __init__(self, folder, unsafe):
        self.folder, self.unsafe, self.current = folder, unsafe, None

    def close(self):
        if self.current:
            self.current.close()
        self.current = None

    def ask(self, job):
        """The Reply to a job, from a new sandbox if an earlier question has ended the last one."""
        for attempt in (1, 2):
            if self.current is None:
                self.current = Sandbox(self.folder, self.unsafe)
            try:
                return self.current.ask(job)
            except Lost:
                self.close()
                if attempt == 2:
                    raise


def judge_answer(question, sheet, seed, sandboxes):
    """The QuestionRecord of the answer to one question."""
    verdict, cell = ask_sandbox(question.examination(seed), sheet, sandboxes)
    if cell not in range(len(sheet.cells)):  # the sandbox does not say which one it took
        own = [i for i, each in enumerate(sheet.cells) if each.question == question.name]
        cell = own[-1] if own else None
    answer = "" if cell is None else sheet.cells[cell].source
    return question_record(verdict, answer[:LONGEST_ANSWER])


def ask_sandbox(examination, sheet, sandboxes):
    """(the verdict on an answer that runs in the sandbox, the number of its cell or None)."""
    question = examination.question
    job = {
        "cells": [[cell.source, cell.question] for cell in sheet.cells],
        "question": question.name,
        "use": question.use.__name__,
        "cases": [wire.encode(arguments) for arguments in examination.cases.values()],
    }
    try:
        reply = sandboxes.ask(job)
        if reply.ended != "exit 0" or not reply.raw:
            return without_result(question, reply.ended), None
        result = decoded(reply.raw, examination)
    except Lost:
        if not sandboxes.unsafe:  # nobody can end it from inside, so this is no fault of the answer
            raise
        return without_result(question, "signal 9"), None
    except wire.Forged:
        return without_result(question, "forged"), None
    if result is None:
        return Verdict(question.name, NOT_FOUND, question.total), None
    outcomes, globals_read, cell = result
    return verdict_from(examination, outcomes, globals_read), cell


def without_result(question, ended):
    """The verdict on an answer whose process left nothing that counts."""
    name, sentence = ENDS.get(ended, ("ends_process", ENDED.format(ended)))
    parts = tuple((part, False) for part in question.parts)
    findings = (Finding("", name, sentence),)
    return Verdict(question.name, WRONG, question.total, 0, parts, (), findings)


def decoded(raw, examination):
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


def verdict_from(examination, outcomes, globals_read=()):
    """The verdict. If the explanation fails, the points count all the same."""
    question = examination.question
    try:
        comparison = Comparison(examination, outcomes)
    except Exception:  # it cannot be compared with what is right
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
    """The notes that are of use after the grade; `hint` no longer is."""
    if verdict.status == NOT_STARTED:
        return ("`raise NotImplementedError()` still stands in it, which belongs to the stub.",)
    return () if verdict.status == WRONG else verdict.notes


def question_record(verdict, answer):
    headline = verdict.headline()
    if verdict.status == NOT_FOUND:
        headline = f"{verdict.name}: no cell defines it. 0 of {verdict.points} points."
    findings = tuple(
        FindingRecord(each.part, each.name, each.known, each.sentence, tuple(each.lines))
        for each in verdict.findings
    )
    scores = (verdict.name, verdict.points, verdict.earned, verdict.status)
    return QuestionRecord(*scores, headline, notes_of(verdict), findings, answer)
