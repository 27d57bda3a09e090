"""Why an answer is wrong, as findings: the known mistakes first, then its form, then relations."""

import dataclasses

from coursepkg.checks.comparing.comparison import DIGITS, INPUTS, WARNINGS
from coursepkg.checks.comparing.verdict import Example, Finding, short
from coursepkg.checks.explaining import form
from coursepkg.checks.explaining.known import known_mistakes
from coursepkg.checks.explaining.relations import relation_of

MOST = 3  # findings that are shown: more at once help nobody


def explain(comparison, globals_read):
    """The Findings on a wrong answer, the best first.

    globals_read: the names of the notebook that its code reads.
    """
    findings, left = known_mistakes(comparison)
    if (left or len(findings) > 1) and (fault := form.another_order(comparison)):
        return (Finding("", *fault),)
    if left and (fault := form.first_fault(comparison)):
        name, sentence, label = fault
        findings.append(Finding("", name, sentence, Example(comparison.cases[label], {})))
        left = []
    parts = [part for part in left if part in comparison.got]
    findings += [relation_of(comparison, part) for part in parts]
    but = "It" if comparison.own.keys() & comparison.got.keys() else "The result is right, but it"
    for aspect in left[len(parts) :]:
        outcome = comparison.outcomes[comparison.own[aspect][0]]
        findings.append(Finding("", *side_effect(aspect, outcome, but)))
    if globals_read and not all(finding.known for finding in findings):
        findings.insert(0, Finding("", *reads_globals(globals_read)))
    return tuple(without_repetition(findings[:MOST]))


def side_effect(aspect, outcome, but):
    """One thing that an answer does beside its result, as (id, sentence). but: how that begins."""
    if aspect == INPUTS:
        names = " and ".join(f"`{name}`" for name in outcome.changed)
        return "changes_input", (
            f"{but} changes its input {names}, which belongs to whoever called it. What is written "
            "as `x += 1`, `x[0] = 1` or `x.sort()` works on the very thing that was given; make a "
            "new one."
        )
    if aspect == DIGITS:
        return "rounds", "The result is right but for rounding: return all digits, round in print."
    if aspect == WARNINGS:
        texts = "; ".join(short(text, 100) for text in outcome.warned)
        return "warns", f"{but} makes Python warn: {texts}. Here none should."
    return "second_call", (
        f"{but} answers differently when it is called again with the same input: something is kept "
        "between two calls that should begin anew."
    )


def reads_globals(names):
    listed = ", ".join(f"`{name}`" for name in names)
    return "reads_global", (
        f"It reads {listed} from the notebook and not from its arguments, so it sees that value "
        "whatever it is given."
    )


def without_repetition(findings):
    """The findings, where the arguments of an example are not shown twice."""
    shown = []
    for finding in findings:
        example = finding.example
        if example and any(example.arguments is other for other in shown):
            finding = dataclasses.replace(finding, example=Example({}, example.outputs))
        elif example:
            shown.append(example.arguments)
        yield finding
