"""From an answer to a verdict: it is run, compared with the reference, and explained."""

import dataclasses

from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.curve import curve_of
from coursepkg.checks.comparing.verdict import NOT_STARTED, RIGHT, WRONG, Verdict, short
from coursepkg.checks.explaining.explain import explain
from coursepkg.checks.explaining.form import NOT_WRITTEN
from coursepkg.checks.running.globals_read import globals_read as read_by
from coursepkg.checks.running.run import run


def diagnose(question, answer, **limits):
    """The verdict on an answer: a function, or a class, that was written for the question."""
    examination = question.examination()
    outcomes = run(answer, question.use, examination.cases, **limits)
    comparison = Comparison(examination, outcomes)
    verdict = verdict_on(comparison, read_by(answer))
    return dataclasses.replace(verdict, curve=curve_of(comparison))


def passes(question, answer, seed, **limits):
    """Whether an answer is right, without a word about why it is not."""
    examination = question.examination(seed)
    outcomes = run(answer, question.use, examination.cases, **limits)
    return not Comparison(examination, outcomes).wrong


def verdict_on(comparison, globals_read=()):
    """The verdict on an answer that was run and compared.

    globals_read: the names of the notebook that its code reads.
    """
    question, outcomes = comparison.question, comparison.outcomes.values()
    name, total, parts = question.name, question.total, question.parts
    if all(outcome.error == NOT_WRITTEN for outcome in outcomes):
        return Verdict(name, NOT_STARTED, total, notes=(f"`hint({name})` helps you to begin.",))
    if not comparison.wrong:
        passed = tuple((part, True) for part in parts)
        texts = sorted({short(text) for outcome in outcomes for text in outcome.warned})
        notes = (f"Right, though Python warned: {'; '.join(texts[:2])}.",) if texts else ()
        return Verdict(name, RIGHT, total, total, passed, notes=notes)
    findings = explain(comparison, globals_read)
    passed = tuple((part, part not in comparison.own) for part in parts)
    follows = tuple(p for p in parts if p in comparison.wrong and p not in comparison.own)
    notes = (f"`hint({name}, 1)` gives a hint; 2 and 3 give more.",)
    return Verdict(name, WRONG, total, comparison.earned, passed, follows, findings, notes)
