"""Wrong answers found near the right one: two known mistakes at once, or a small change that gives
the same numbers. What is told is the wrong line, not the right one."""

import itertools
import time

from coursepkg.checks.comparing.agreement import agree, numbers
from coursepkg.checks.comparing.comparison import part_of
from coursepkg.checks.comparing.looks import look_at
from coursepkg.checks.explaining.mutants import mutants
from coursepkg.checks.running.run import run

SECONDS_EACH = 0.2  # a mutant may never end


def two_mistakes(comparison, part, pairs, end):
    """(id, sentence) if two known mistakes together give what came."""
    question = comparison.question
    models = {
        name: mistake.model
        for name, mistake in question.mistakes.items()
        if isinstance(mistake.model, dict)
    }
    for one, other in itertools.combinations(models, 2):
        if time.monotonic() > end:
            return None
        try:
            both = question.changed({**models[one], **models[other]})
        except (ValueError, SyntaxError):  # they change the same lines
            continue
        if _gives(comparison, part, both, pairs):
            sentences = (question.mistakes[name].sentence for name in (one, other))
            return f"{one}+{other}", f"Two mistakes at once. {' '.join(sentences)}"
    return None


def changed_line(comparison, part, pairs, end):
    """(id, sentence) if a small change of the reference gives what came."""
    question = comparison.question
    for mutant in mutants(question.source, wide=True):
        if time.monotonic() > end:
            return None
        try:
            model = question.compiled(mutant.source)
        except Exception:  # a change that is no Python, or fails at once
            continue
        if _gives(comparison, part, model, pairs):
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


def _gives(comparison, part, model, pairs):
    """Whether a model gives for a part what came, also where that was right."""
    came = what_came(comparison, part, pairs)
    first = pairs[0].label
    # One case tells most of them apart, and is quick.
    some = {first: came[first]}
    return all(gives(comparison, part, model, comparison.cases, each) for each in (some, came))


def what_came(comparison, part, pairs):
    """{label: what came for a part}: first where it is wrong, then where it is as expected."""
    came = {pair.label: pair.got for pair in pairs}
    for label in comparison.cases:
        if label not in came:
            came[label] = numbers(comparison.due[part][label])
    return came


def gives(comparison, part, model, cases, came):
    """Whether a model gives for a part the same as `came`, in the cases of `came`."""
    question = comparison.question
    some = {label: cases[label] for label in came}
    outcomes = look_at(question, some, run(model, question.use, some, SECONDS_EACH))
    return all(
        agree(part_of(question, outcomes[label], part), came[label], question.tolerance)
        for label in came
    )
