"""What is wrong with an answer before its numbers are looked at: it returned nothing, or the wrong
kind of thing, or raised an exception."""

import numpy as np

from coursepkg.checks.comparing.comparison import WRONG_FORM
from coursepkg.checks.comparing.verdict import short
from coursepkg.checks.running.plain import Other, Raised
from coursepkg.checks.running.run import Outcome

NOT_WRITTEN = "NotImplementedError"  # what the released stub raises


def first_fault(comparison):
    """(id, sentence, label of the case) of the first fault in form, or None."""
    for label in comparison.cases:
        if fault := of_case(comparison, label):
            raised = bool(comparison.outcomes[label].error)
            name, sentence = fault
            return name, sentence + elsewhere(comparison) * raised, label
    return None


def elsewhere(comparison):
    """In which cases an answer that raises does not, in words."""
    wrong = {label for labels in comparison.wrong.values() for label in labels}
    ran = [label for label in comparison.cases if comparison.outcomes[label].error is None]
    right = [label for label in ran if label not in wrong]
    words = f" It is right for: {'; '.join(map(str, right))}." if right else ""
    if len(right) < len(ran):
        rest = "; ".join(str(label) for label in ran if label in wrong)
        words += f" It runs, but with other numbers, for: {rest}."
    return words


def another_order(comparison):
    """(id, sentence) if all parts are right, but not in the order that was asked for."""
    parts = comparison.question.parts

    def is_always(part, other):
        due = comparison.due[other]
        return all(comparison.is_right(part, label, due[label]) for label in comparison.cases)

    found = [[other for other in parts if is_always(part, other)] for part in parts]
    if not all(found) or all(part in others for part, others in zip(parts, found, strict=True)):
        return None
    order = [others[0] for others in found]
    if set(order) != set(parts):
        return None
    words = f"All is there, but as {', '.join(order)}. Asked for is {', '.join(parts)}."
    return "another_order", words


def of_case(comparison, label):
    """What is wrong with the form of what an answer did on one case: (id, sentence) or None."""
    outcome = comparison.outcomes[label]
    if outcome.error:
        return of_error(outcome)
    if outcome.value is None:
        if outcome.printed:
            return "prints", "It prints its answer and returns nothing. Give it back with `return`."
        return "returns_nothing", "It returns nothing (`None`): is there a `return` at its end?"
    for part in comparison.question.parts:
        if fault := of_part(comparison, part, label):
            return fault
    return None


def of_error(outcome):
    message = short(outcome.message)
    where = f" in line {outcome.number}, `{short(outcome.line)}`" if outcome.line else ""
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
        return "changes_numpy", (
            f"It assigns to {message}, which belongs to NumPy and is lost then for the "
            "whole notebook. Give what you compute a name of its own."
        )
    if outcome.error in ("SyntaxError", "IndentationError", "TabError"):
        return "no_python", f"Python cannot read it{where}. {what}"
    if outcome.error in ("NameError", "UnboundLocalError"):
        return "unknown_name", f"A name has no value{where}. Python says: {what}"
    if "shapes" in outcome.message or "broadcast" in outcome.message or "matmul" in outcome.message:
        return "shapes", f"Two shapes do not fit{where}. Write the shape of each beside it. {what}"
    return "raises", f"It stops with an exception{where}. {what}"


def of_part(comparison, part, label):
    """What is wrong with the kind of one output."""
    value, due = comparison.got[part][label], comparison.due[part][label]
    if isinstance(value, Raised) and value.kind == NOT_WRITTEN:
        # Only a vjp can fail alone, while the value is there.
        return "not_written", "Its `vjp` is not written yet: it still raises `NotImplementedError`."
    if isinstance(value, Raised) and value.kind == WRONG_FORM:
        return of_parts(comparison.question.parts, value)
    if isinstance(value, Raised):
        return of_error(Outcome(error=value.kind, message=value.message))
    if isinstance(due, str):
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
    if comparison.got_numbers[part][label] is None:
        kind = getattr(value, "dtype", type(value).__name__)
        kind = short(value.kind if isinstance(value, Other) else str(kind), 100)
        return "kind", f"It returns a `{kind}`, where numbers of the kind float are expected."
    if isinstance(value, (list, tuple)):
        wanted = "a NumPy array" if np.ndim(due) else "a single number"
        return "list", f"It returns a {type(value).__name__}, where {wanted} is expected."
    return None


def of_parts(parts, value):
    """What is wrong if several things should have been returned."""
    words = f"It should return {len(parts)} things: {', '.join(parts)}, in this order"
    if value.message == "array":
        return "parts", f"{words}, with commas between them and not in one array."
    return "parts", f"{words}."
