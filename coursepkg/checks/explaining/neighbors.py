"""Wrong answers found near the right one: two known mistakes at once, or a small change that gives
the same numbers. The sentence shows the wrong line, not the right one."""

import itertools
import time

from coursepkg.checks.comparing.agreement import agree
from coursepkg.checks.comparing.comparison import part_of
from coursepkg.checks.comparing.looks import look_at
from coursepkg.checks.explaining.mutants import mutants
from coursepkg.checks.running.run import run

SECONDS_EACH = 0.2  # a mutant may never end


def two_mistakes(comparison, part, pairs, end):
    """(id, sentence) if two known mistakes together give the same output."""
    question, known = comparison.question, comparison.examination.known
    models = {
        name: mistake.model
        for name, mistake in question.mistakes.items()
        if isinstance(mistake.model, dict) and part in known[name].wrong
    }
    for one, other in itertools.combinations(models, 2):
        if time.monotonic() > end:
            return None
        try:
            both = question.changed({**models[one], **models[other]})
        except (ValueError, SyntaxError):  # they change the same lines
            continue
        if gives(comparison, part, pairs, both):
            sentences = (question.mistakes[name].sentence for name in (one, other))
            return f"{one}+{other}", f"Two mistakes at once. {' '.join(sentences)}"
    return None


def changed_line(comparison, part, pairs, end):
    """(id, sentence) if a small change of the reference gives the same output."""
    question = comparison.question
    for mutant in mutants(question.source, wide=True):
        if time.monotonic() > end:
            return None
        try:
            model = question.compiled(mutant.source)
        except Exception:  # not Python any more, or it fails at once
            continue
        if gives(comparison, part, pairs, model):
            return "changed_line", _sentence(mutant)
    return None


def _sentence(mutant):
    solution = "It gives what a solution gives in which"
    if mutant.after in ("if True:", "if False:"):
        holds = "always" if mutant.after == "if True:" else "never"
        return f"{solution} the condition of an `if` {holds} holds."
    if mutant.part in ("", "pass"):
        subject = mutant.before.split("=")[0].strip(" +-*/")
        return f"{solution} a line about `{subject}` is missing."
    if "\n" in mutant.part:
        return f"{solution} lines are in another order: `{mutant.after}`."
    return f"{solution} `{mutant.part}` stands in the place of something else."


def gives(comparison, part, pairs, model, alter=lambda arguments: arguments):
    """Whether a model gives the answer's output for a part, in the right cases too.

    alter: changes the arguments of a case first; it returns None if it cannot.
    """
    question, came = comparison.question, dict(comparison.due_numbers[part])
    came.update((pair.label, pair.got) for pair in pairs)
    # One case tells most of them apart, and is quick.
    for labels in ([pairs[0].label], list(comparison.cases)):
        cases = {label: alter(comparison.cases[label]) for label in labels}
        if any(arguments is None for arguments in cases.values()):
            return False
        outcomes = look_at(question, cases, run(model, question.use, cases, SECONDS_EACH))
        got = {label: part_of(question, outcomes[label], part) for label in labels}
        if not all(agree(got[label], came[label], question.tolerance) for label in labels):
            return False
    return True
