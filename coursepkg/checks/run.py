"""Run an answer on cases and note all that it did. Nothing here knows what is right."""

import contextlib
import copy
import io
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coursepkg.checks.time_limit import TimeIsUp, limited

SECONDS = 4.0  # for all cases together
KEPT = 2000  # characters of what an answer prints or an error says
HERE = str(Path(__file__).parent)


@dataclass(frozen=True)
class Outcome:
    """What an answer did on one case.

    value: what it returned, copied. error: the kind of exception, or None; message and line say
    what and where. changed: the arguments that are not as they were. printed: what it wrote.
    warned: the texts of the warnings.
    """

    value: object = None
    error: str | None = None
    message: str = ""
    line: str = ""
    changed: tuple = ()
    printed: str = ""
    warned: tuple = ()


def run(answer, use, cases, seconds=SECONDS):
    """{label: Outcome}; under the label None the first case once more, after all the others.

    When the time is up, the case that was running and those after it have the error TimeIsUp.
    """
    outcomes, end = {}, time.monotonic() + seconds
    for label, arguments in [*cases.items(), (None, next(iter(cases.values())))]:
        left = end - time.monotonic()
        outcomes[label] = _run_one(answer, use, arguments, left)
        if outcomes[label].error == TimeIsUp.__name__:
            return {**dict.fromkeys([*cases, None], outcomes[label]), **outcomes}
    return outcomes


def _run_one(answer, use, arguments, seconds):
    given, printed, value, problem = copy.deepcopy(arguments), io.StringIO(), None, {}
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
    ):
        warnings.simplefilter("always")
        try:
            value = _copied(limited(seconds, lambda: use(answer, given)))
        except (Exception, SystemExit) as error:
            problem = _described(error)
    return Outcome(
        value=value,
        changed=tuple(name for name in arguments if not same(arguments[name], given[name])),
        printed=printed.getvalue()[:KEPT].strip(),
        warned=tuple(sorted({str(warning.message) for warning in caught})),
        **problem,
    )


def _copied(value):
    """A copy that a later call cannot change."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_copied, value)) if type(value) in (tuple, list) else value
    return copy.deepcopy(value)


def _described(error):
    """The exception, and the line of the learner's own code in which it happened."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if HERE not in f.filename and "site-packages" not in f.filename]
    line = own[-1].line if own else ""
    return {"error": type(error).__name__, "message": str(error)[:KEPT], "line": line or ""}


def same(before, after):
    """Whether an argument is as it was."""
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        return before.dtype == after.dtype and np.array_equal(before, after, equal_nan=True)
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(same, before, after))
    return before == after
