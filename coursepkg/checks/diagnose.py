"""From what an answer did to a verdict: what is right, and which mistake explains the rest."""

import dataclasses

import numpy as np

from coursepkg.checks.comparing import compare
from coursepkg.checks.comparing.amount import without_too_much
from coursepkg.checks.comparing.compare import Missing, agree, finite, part_of, wrong_aspects
from coursepkg.checks.comparing.looks import look_at
from coursepkg.checks.comparing.verdict import (
    NOT_STARTED,
    RIGHT,
    WRONG,
    Example,
    Finding,
    Verdict,
    short,
)
from coursepkg.checks.explaining import form, relations
from coursepkg.checks.running.globals_read import globals_read as read_by
from coursepkg.checks.running.run import run

MOST = 3  # findings that are shown: more at once help nobody
NEARLY_ZERO = 1e-3


def examine(question, answer, **limits):
    """The verdict on an answer: a function, or a class, that was written for the question."""
    examination = question.examination()
    outcomes = run(answer, question.use, examination.cases, **limits)
    return judge_raw(examination, outcomes, read_by(answer))


def passes(question, answer, seed, **limits):
    """Whether an answer is right, without a word about why it is not."""
    examination = question.examination(seed)
    outcomes = run(answer, question.use, examination.cases, **limits)
    return not wrong_aspects(question, examination.expected, compared(examination, outcomes))


def judge_raw(examination, outcomes, globals_read=()):
    """The verdict, from what `run` noted here or in another process, which may have forged it."""
    return judge(examination, compared(examination, outcomes), globals_read)


def compared(examination, outcomes):
    """The outcomes with what is compared in the place of what came."""
    looked_at = look_at(examination.question, examination.cases, outcomes)
    return without_too_much(examination.expected, looked_at)


def judge(examination, outcomes, globals_read=()):
    """The verdict, from what is compared of an answer on the cases of an `Examination`."""
    question = examination.question
    name, points = question.name, question.total
    if all(outcome.error == form.NOT_WRITTEN for outcome in outcomes.values()):
        note = f"`hint({name})` helps you to begin."
        return Verdict(name, NOT_STARTED, points, notes=(note,))
    wrong = wrong_aspects(question, examination.expected, outcomes)
    if not wrong:
        parts = tuple((part, True) for part in question.parts)
        return Verdict(name, RIGHT, points, points, parts, notes=warned(outcomes))
    own = without_followers(examination, outcomes, wrong)
    if own.keys() & set(question.parts):
        own.pop(compare.WARNINGS, None)  # what warns is, most likely, what is wrong
    findings = explain(examination, outcomes, own, globals_read)
    parts = tuple((part, part not in own) for part in question.parts)
    follows = tuple(part for part in question.parts if part in wrong and part not in own)
    earned = sum(question.worth(part) for part, passed in parts if passed)
    if own.keys() - set(question.parts):  # a side effect is a mistake, and costs as one
        earned = max(0, earned - 1) if len(parts) > 1 else 0
    notes = (f"`hint({name}, 1)` gives a hint; 2 and 3 give more.",)
    return Verdict(name, WRONG, points, earned, parts, follows, tuple(findings[:MOST]), notes)


def warned(outcomes):
    texts = sorted({short(text) for outcome in outcomes.values() for text in outcome.warned})
    return (f"Right, though Python warned: {'; '.join(texts[:2])}.",) if texts else ()


def without_followers(examination, outcomes, wrong):
    """Leave out the parts that are wrong only because an earlier part of the answer is."""
    question = examination.question
    if question.follow is None or sum(part in wrong for part in question.parts) < 2:
        return wrong
    followers = set(question.parts) & wrong.keys()
    if any(constant(question, outcomes, part) for part in followers):
        return wrong  # from a part that is not computed nothing follows
    labels = [label for label in outcomes if label is not None]
    if not all(sensible(examination, outcomes, k, p) for k in labels for p in followers):
        return wrong  # nor from NaN
    if any(nearly_zero(examination, outcomes, part) for part in followers):
        return wrong
    told = set()  # where all that is due is 0, whatever is nearly 0 agrees
    for label in {label for labels in wrong.values() for label in labels}:
        outcome = outcomes[label]
        given = {part: part_of(question, outcome, part) for part in question.parts}
        if any(isinstance(value, Missing) for value in given.values()):
            return wrong
        try:
            with np.errstate(all="ignore"):
                due = question.follow(given, **examination.cases[label])
        except Exception:  # its earlier parts do not even fit together, or are of a strange kind
            return wrong
        followers = {p for p in followers if compare.is_right(given[p], due[p], question.tolerance)}
        told |= {p for p in followers if isinstance(due[p], str) or np.any(due[p])}
    followers &= told
    # Something must be wrong by itself, or there is nothing to follow from.
    return {aspect: labels for aspect, labels in wrong.items() if aspect not in followers} or wrong


def sensible(examination, outcomes, label, part):
    """Whether a part holds numbers that are finite, or a word where one is expected."""
    both = [
        part_of(examination.question, each[label], part)
        for each in (outcomes, examination.expected)
    ]
    return all(isinstance(value, str) for value in both) or finite(both[0])


def nearly_zero(examination, outcomes, part):
    """Whether a part is, in some case, tiny beside what is expected. An honest mistake may well
    lead to 0 itself, where a ReLU lets nothing through or nothing is counted."""

    def size(outcome):
        value = compare.numbers(part_of(examination.question, outcome, part))
        return 1 if value is None else np.abs(value).max(initial=0)  # a word is as large as another

    sizes = [
        (size(outcomes[label]), size(examination.expected[label])) for label in examination.cases
    ]
    return any(0 < came < NEARLY_ZERO * due for came, due in sizes)


def constant(question, outcomes, part):
    """Whether a part is one and the same number, or array, in all cases."""
    values = [compare.numbers(part_of(question, outcome, part)) for outcome in outcomes.values()]
    if any(value is None or value.size == 0 for value in values):
        return False
    numbers = np.concatenate([np.ravel(value) for value in values])
    return bool(np.all(numbers == numbers[0])) or all(np.array_equal(v, values[0]) for v in values)


def explain(examination, outcomes, wrong, globals_read):
    """Findings for all that is wrong: known mistakes first; what they leave over is told by its
    form, or by a relation between the numbers."""
    findings, left = known(examination, outcomes, wrong)
    if (left or len(findings) > 1) and (fault := form.another_order(examination, outcomes)):
        return [Finding("", *fault)]
    if fault := form.explain(examination, outcomes) if left else None:
        name, sentence, label = fault
        findings.append(Finding("", name, sentence, Example(examination.cases[label], {})))
        left = []
    findings += [unknown(examination, outcomes, aspect, wrong) for aspect in left]
    if globals_read and not all(finding.known for finding in findings):
        findings.insert(0, Finding("", *form.reads_globals(globals_read)))
    return without_repetition(findings)


def without_repetition(findings):
    """The arguments of an example are not shown twice."""
    shown, result = [], []
    for finding in findings:
        given = finding.example.arguments if finding.example else None
        if given is not None and any(given is other for other in shown):
            finding = dataclasses.replace(finding, example=Example({}, finding.example.outputs))
        shown.append(given)
        result.append(finding)
    return result


def unknown(examination, outcomes, aspect, wrong):
    """The finding on a part or a side effect that no known mistake explains."""
    labels, question = wrong[aspect], examination.question
    if aspect in question.parts:
        name, sentence = relations.explain(examination, outcomes, aspect, labels)
        if name == "not_finite":
            labels = [k for k in labels if not finite(part_of(question, outcomes[k], aspect))]
    else:
        parts_right = not wrong.keys() & set(question.parts)
        name, sentence = form.side_effect(aspect, outcomes[labels[0]], parts_right)
    shown = example(examination, outcomes, aspect, smallest(examination, labels))
    return Finding(aspect if aspect in question.parts else "", name, sentence, shown)


def known(examination, outcomes, wrong):
    """(findings, aspects without one): known mistakes, the one that explains most first."""
    question, left, findings = examination.question, list(wrong), []
    while left:
        scores = {
            name: score(examination, outcomes, given, left)
            for name, given in examination.wrong.items()
        }
        name = max(scores, key=scores.get, default=None)
        if name is None or not scores[name][0]:
            break
        explained = scores[name][2]
        label = smallest(examination, wrong[explained[0]])
        findings.append(
            Finding(
                ", ".join(explained) if len(question.parts) > 1 else "",
                name,
                question.mistakes[name].sentence,
                example(examination, outcomes, explained[0], label),
                known=True,
            )
        )
        left = [aspect for aspect in left if aspect not in explained]
    return findings, left


def score(examination, outcomes, given, left):
    """How well a wrong model explains an answer: (aspects explained, parts alike, which)."""
    question, expected = examination.question, examination.expected
    its = wrong_aspects(question, expected, given)
    explained = [a for a in left if a in its and alike(question, outcomes, given, a)]
    if its.keys() & set(question.parts) and not set(explained) & set(question.parts):
        explained = []  # that it warns as well, say, is no sign of a model whose numbers differ
    parts = sum(alike(question, outcomes, given, part) for part in question.parts)
    return len(explained), parts, explained


def alike(question, outcomes, given, aspect):
    """Whether an answer and a wrong model did the same in one aspect, on all cases."""
    labels = [label for label in outcomes if label is not None]
    if aspect in question.parts:
        return all(
            agree(
                part_of(question, outcomes[label], aspect),
                part_of(question, given[label], aspect),
                question.tolerance,
            )
            for label in labels
        )
    if aspect == compare.INPUTS:
        return all(outcomes[label].changed == given[label].changed for label in labels)
    if aspect == compare.WARNINGS:
        return all(bool(outcomes[label].warned) == bool(given[label].warned) for label in labels)
    return aspect == compare.AGAIN  # that both differ the second time is all there is to compare


def smallest(examination, labels):
    """The label of the case with the fewest numbers."""
    return min(labels, key=lambda label: compare.count(examination.cases[label]))


def example(examination, outcomes, aspect, label):
    """A case as an Example; None for a side effect, which no output shows."""
    question = examination.question
    if aspect not in question.parts:
        return None
    of = f"{aspect}, " if aspect else ""
    outputs = {f"{of}expected": part_of(question, examination.expected[label], aspect)}
    if question.secret:
        outputs = {}
    outputs[f"{of}got"] = part_of(question, outcomes[label], aspect)
    return Example(examination.cases[label], outputs)
