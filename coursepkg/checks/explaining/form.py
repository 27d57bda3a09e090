"""What is wrong with an answer before its numbers are looked at: nothing came back, or the wrong
kind of thing, or an exception; and the side effects that no number shows."""

import numpy as np

from coursepkg.checks.comparing import compare
from coursepkg.checks.comparing.compare import Missing, numbers, part_of
from coursepkg.checks.comparing.verdict import short
from coursepkg.checks.running.plain import Other
from coursepkg.checks.running.run import Outcome

NOT_WRITTEN = "NotImplementedError"  # what the released stub raises


def explain(examination, outcomes):
    """(id, sentence, label of the case) of the first fault in form, or None."""
    for label, outcome in outcomes.items():
        if label is None:
            continue
        fault = of_outcome(examination.question, outcome, examination.expected[label])
        if fault:
            name, sentence = fault
            return name, sentence + elsewhere(examination, outcomes) * bool(outcome.error), label
    return None


def elsewhere(examination, outcomes):
    """Where an answer that raises in some cases does not, in words."""
    question, expected = examination.question, examination.expected
    ran = [label for label in outcomes if label and outcomes[label].error is None]
    wrong = compare.wrong_aspects(question, expected, outcomes)
    right = [label for label in ran if not any(label in labels for labels in wrong.values())]
    words = f" It is right for: {'; '.join(map(str, right))}." if right else ""
    if len(right) < len(ran):
        rest = "; ".join(str(label) for label in ran if label not in right)
        words += f" It runs, but with other numbers, for: {rest}."
    return words


def another_order(examination, outcomes):
    """(id, sentence) if all parts are right, but not in the order that was asked for."""
    question, expected = examination.question, examination.expected
    parts = question.parts

    def is_always(part, other):
        return all(
            compare.is_right(
                part_of(question, outcomes[label], part),
                part_of(question, expected[label], other),
                question.tolerance,
            )
            for label in expected
            if label is not None
        )

    found = [[other for other in parts if is_always(part, other)] for part in parts]
    if not all(found) or all(part in others for part, others in zip(parts, found, strict=True)):
        return None
    came = [others[0] for others in found]
    if set(came) != set(parts):
        return None
    words = f"All is there, but as {', '.join(came)}. Asked for is {', '.join(parts)}."
    return "another_order", words


def of_outcome(question, outcome, expected):
    if outcome.error:
        return of_error(outcome)
    if outcome.value is None:
        if outcome.printed:
            return "prints", "It prints its answer and returns nothing. Give it back with `return`."
        return "returns_nothing", "It returns nothing (`None`): is there a `return` at its end?"
    for part in question.parts:
        fault = of_value(
            question, part_of(question, outcome, part), part_of(question, expected, part)
        )
        if fault:
            return fault
    return None


def of_error(outcome):
    message = short(outcome.message)
    where = f" in the line `{short(outcome.line)}`" if outcome.line else ""
    what = f"{short(outcome.error, 100)}: {message}".rstrip(": .") + "."
    if outcome.error == "TimeIsUp":
        return "never_ends", (
            f"It does not come to an end, or is much too slow: after {message} it was "
            "stopped. Look at its loops."
        )
    if outcome.error == NOT_WRITTEN:
        return "not_written", f"It is not written to its end yet{where}. Python says: {what}"
    if outcome.error == "NotAsAsked":
        return "not_as_asked", message
    if outcome.error == "TooMuch":
        return "too_much", f"It returns much more than is asked for: {message}."
    if outcome.error == "NumPyChanged":
        return (
            "changes_numpy",
            f"It assigns to {message}, which belongs to NumPy and is lost then for the "
            "whole notebook. Give what you compute a name of its own.",
        )
    if outcome.error in ("SyntaxError", "IndentationError", "TabError"):
        return "no_python", f"Python cannot read it{where}. {what}"
    if outcome.error in ("NameError", "UnboundLocalError"):
        return "unknown_name", f"A name has no value{where}. Python says: {what}"
    if "shapes" in outcome.message or "broadcast" in outcome.message or "matmul" in outcome.message:
        return "shapes", f"Two shapes do not fit{where}. Write the shape of each beside it. {what}"
    return "raises", f"It stops with an exception{where}. {what}"


def of_value(question, value, expected):
    """What is wrong with the kind of one output."""
    if isinstance(value, Missing) and value.kind == NOT_WRITTEN:
        # Only a vjp fails by itself, beside a value that is there.
        return "not_written", "Its `vjp` is not written yet: it still raises `NotImplementedError`."
    if isinstance(value, Missing) and value.kind != Missing.FORM:
        return of_error(Outcome(error=value.kind, message=value.message))
    if isinstance(value, Missing):
        return of_parts(question, value)
    if isinstance(expected, str):
        return (
            None if isinstance(value, str) else ("not_a_word", "It should return a word, a `str`.")
        )
    if value is None:
        return (
            "returns_nothing",
            "One of the things that it gives is `None`: is a `return` missing?",
        )
    if isinstance(value, Other) and value.is_callable:
        return "function", "It returns a function and not its result: are the parentheses missing?"
    if isinstance(value, str):
        return "text", "It returns a text, where numbers are expected."
    if numbers(value) is None:
        kind = getattr(value, "dtype", type(value).__name__)
        kind = short(value.kind if isinstance(value, Other) else str(kind), 100)
        return "kind", f"It returns a `{kind}`, where numbers of the kind float are expected."
    if isinstance(value, (list, tuple)):
        wanted = "a NumPy array" if np.ndim(expected) else "a single number"
        return "list", f"It returns a {type(value).__name__}, where {wanted} is expected."
    return None


def of_parts(question, value):
    """What is wrong where several things should have been returned."""
    names = ", ".join(question.parts)
    words = f"It should return {len(question.parts)} things: {names}, in this order"
    if value.message == "array":
        return "parts", f"{words}, with commas between them and not in one array."
    return "parts", f"{words}."


def side_effect(aspect, outcome, parts_right):
    """One thing that an answer does beside its result, as (id, sentence)."""
    but = "The result is right, but it" if parts_right else "It"
    if aspect == compare.INPUTS:
        names = " and ".join(f"`{name}`" for name in outcome.changed)
        return (
            "changes_input",
            f"{but} changes its input {names}, which belongs to whoever called it. What is written "
            "as `x += 1`, `x[0] = 1` or `x.sort()` works on the very thing that was given; make a "
            "new one.",
        )
    if aspect == compare.DIGITS:
        return "rounds", "The result is right but for rounding: return all digits, round in print."
    if aspect == compare.WARNINGS:
        texts = "; ".join(short(text, 100) for text in outcome.warned)
        return "warns", f"{but} makes Python warn: {texts}. Here none should."
    return (
        "second_call",
        f"{but} answers differently when it is called again with the same input: something is kept "
        "between two calls that should begin anew.",
    )


def reads_globals(names):
    listed = ", ".join(f"`{name}`" for name in names)
    return (
        "reads_global",
        f"It reads {listed} from the notebook and not from its arguments, so it sees that value "
        "whatever it is given.",
    )
