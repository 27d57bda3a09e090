"""Run one answer of a submission on the cases of its question, and note what it did."""

import json
import sys
import types
import warnings

import numpy.ma  # noqa: F401  # which NumPy loads when it is first needed: once for all questions

from coursepkg.checks.running.globals_read import globals_read
from coursepkg.checks.running.needed import definition, needed, statements_of
from coursepkg.checks.running.run import SECONDS, Outcome, run
from coursepkg.checks.running.time_limit import TimeIsUp, limited
from coursepkg.checks.running.use import USES
from coursepkg.checks.running.wire import decode, encode_outcome

MOST_BYTES = 4_000_000  # of all that an answer gave; the questions need a quarter of it
MOST_NAMES = 20
ONLY = "Where answers are graded, there are only NumPy and Python's standard library"


def run_job(job, most_bytes=MOST_BYTES):
    """What is sent back for a job, as bytes. job: {cells, question, use, cases}."""
    question, cases = job["question"], list(map(decode, job["cases"]))
    statements = statements_of(job["cells"])
    target = definition(statements, question)
    space = notebook()
    answer = answer_of(statements, target, question, space)
    if answer is None:
        return json.dumps({"found": False}).encode()
    outcomes = run(answer, USES[job["use"]], dict(enumerate(cases)))
    result = {
        "found": True,
        "cell": target.cell if target else None,
        "globals_read": list(globals_read(answer))[:MOST_NAMES],
    }
    return as_bytes(result, outcomes.values(), most_bytes)


def as_bytes(result, outcomes, most_bytes):
    """The result with its outcomes; one that does not fit is replaced by an error."""
    texts, room = [], most_bytes
    for outcome in outcomes:
        text = json.dumps(encode_outcome(outcome))
        if len(text) > room:
            much = Outcome(error="TooMuch", message=f"{len(text)} bytes, with what came before")
            text = json.dumps(encode_outcome(much))
        room -= len(text)
        texts.append(text)
    head = json.dumps(result)[:-1]
    return f'{head}, "outcomes": [{", ".join(texts)}]}}'.encode()


def answer_of(statements, target, question, space):
    """The learner's function or class. None if there is no such name."""
    if target is None and question in statements.broken:
        return failing(statements.broken[question])
    # A name that is bound out of sight, say by `exec`, is found by running everything.
    for each in needed(statements, target, question) if target else statements.all:
        try:
            execute(each, space)
        except ModuleNotFoundError as error:
            # It fails where it is used: a mere import does no harm.
            space.update(dict.fromkeys(each.binds, NotThere(error)))
        except BaseException as error:  # SystemExit and the like, too
            if each is target or isinstance(error, TimeIsUp):
                return failing(error)
    return space.get(question)


def execute(statement, space):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limited(SECONDS, lambda: exec(statement.code, space))


def failing(error):
    """An answer that fails like its definition, so that the learner reads why."""

    def fail(*arguments, **others):
        raise error

    return fail


def notebook():
    """The names of a fresh notebook: what IPython puts there does nothing here."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    module.get_ipython = lambda: Shell(module)
    module.display = Nothing
    return vars(module)


class NotThere:
    """Replaces a module that is not here, and says so when it is used."""

    def __init__(self, error):
        self.__dict__["_error"] = error

    def __getattr__(self, name):
        raise ModuleNotFoundError(f"{self._error}. {ONLY}")

    def __call__(self, *arguments, **others):
        raise ModuleNotFoundError(f"{self._error}. {ONLY}")


class Nothing:
    """Takes every call and every attribute, and gives nothing: magics have no effect on answers."""

    def __init__(self, *arguments, **others):
        pass

    def __getattr__(self, name):
        return lambda *arguments, **others: None


class Shell(Nothing):
    """What `get_ipython()` gives: of all magics only `%pylab` has an effect, the names of NumPy."""

    def __init__(self, module):
        self.space = vars(module)

    def run_line_magic(self, magic, *arguments, **others):
        if magic == "pylab":
            exec("import numpy as np\nfrom numpy import *", self.space)
