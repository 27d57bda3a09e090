"""Run an answer on cases and note all that it did. Nothing here knows what is right."""

import contextlib
import copy
import os
import sysconfig
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coursepkg.checks.running.plain import KEPT, name_of, plain, text_of
from coursepkg.checks.running.surroundings import Printed, numpy_as_it_is, put_back
from coursepkg.checks.running.time_limit import Clock, TimeIsUp

SECONDS = 4.0  # for all cases together
MOST_WARNINGS = 5
NOT_THE_LEARNERS = (f"{Path(__file__).parents[2]}{os.sep}", sysconfig.get_path("stdlib"))


@dataclass(frozen=True)
class Outcome:
    """What an answer did on one case.

    value: what it returned, as `plain` data. error: the kind of exception, or None; message says
    what, line and its number in the cell where. changed: the arguments that are not as they were.
    printed: what it wrote. warned: the texts of the warnings.
    """

    value: object = None
    error: str | None = None
    message: str = ""
    line: str = ""
    number: int = 0
    changed: tuple = ()
    printed: str = ""
    warned: tuple = ()


def run(answer, use, cases, seconds=SECONDS):
    """{label: Outcome}; under the label None the first case once more, after all the others.

    When the time is up, the case that was running and those after it have the error TimeIsUp.
    """
    outcomes = {}
    with put_back(), Clock(seconds) as clock:
        for label, arguments in [*cases.items(), (None, next(iter(cases.values())))]:
            outcomes[label] = _run_one(answer, use, arguments, clock)
            if outcomes[label].error == TimeIsUp.__name__:
                stopped = Outcome(error=TimeIsUp.__name__, message=f"{seconds:.2g} seconds")
                return {**dict.fromkeys([*cases, None], stopped), **outcomes, label: stopped}
    return outcomes


def _run_one(answer, use, arguments, clock):
    given, printed = copy.deepcopy(arguments), Printed(KEPT)
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
    ):
        warnings.simplefilter("always")
        try:
            did = clock.watch(lambda: _did(answer, use, given, caught))
        except TimeIsUp as error:
            did = _described(error)
    return Outcome(
        changed=tuple(name for name in arguments if not same(arguments[name], given[name])),
        printed=printed.getvalue().strip(),
        **did,
    )


def _did(answer, use, given, caught):
    """The part of an outcome that touches the learner's objects, and so may never end."""
    try:
        with numpy_as_it_is():
            returned = use(answer, given)
        did = {"value": plain(returned)}
    except (KeyboardInterrupt, TimeIsUp):
        raise
    except BaseException as error:  # GeneratorExit and SystemExit, too
        did = _described(error)
    texts = {text_of(warning.message) for warning in caught}
    return {**did, "warned": tuple(sorted(texts)[:MOST_WARNINGS])}


def _described(error):
    """The exception, and the line of the learner's own code in which it happened."""
    frames = traceback.extract_tb(BaseException.__traceback__.__get__(error))
    own = [f for f in frames if not f.filename.startswith(NOT_THE_LEARNERS)]
    own = [f for f in own if "-packages" not in f.filename]  # site- and dist-
    line, number = _unreadable(error) or ((own[-1].line, own[-1].lineno) if own else ("", 0))
    said = {"error": name_of(type(error)), "message": text_of(error)}
    return {**said, "line": line or "", "number": number or 0}


def _unreadable(error):
    """The line of a SyntaxError that is not Python, and its number; None of other errors."""
    if not issubclass(type(error), SyntaxError):
        return None
    # Of a subclass they may be anything.
    text, number = SyntaxError.text.__get__(error), SyntaxError.lineno.__get__(error)
    if type(text) is not str or type(number) is not int:
        return None
    return text_of(text.strip()), number


def same(before, after):
    """Whether an argument is as it was."""
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        if before.dtype != after.dtype or before.shape != after.shape:
            return False
        if before.dtype.kind in "OSUV":  # which know no NaN of their own, but may hold one
            return same(before.tolist(), after.tolist())
        return np.array_equal(before, after, equal_nan=True)
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(same, before, after))
    return before == after or (before != before and after != after)  # NaN equals nothing
