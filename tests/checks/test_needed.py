"""Which statements of a notebook an answer needs, and which of several definitions counts."""

import traceback

import pytest

from coursepkg.checks.running.answer import answer_of, notebook
from coursepkg.checks.running.needed import definition, needed, statements_of

STUB = 'def f(x):\n    """About f."""\n    # YOUR CODE HERE\n    raise NotImplementedError()\n'


def chosen(*cells, question="f"):
    """The statements that are run for a question, as text; cells are texts, or (text, question)."""
    cells = [cell if isinstance(cell, tuple) else (cell, "") for cell in cells]
    statements = statements_of(cells)
    target = definition(statements, question)
    if target is None:
        return None
    lines = [cells[s.cell][0].splitlines() for s in needed(statements, target, question)]
    places = [s.node for s in needed(statements, target, question)]
    return [line[node.lineno - 1] for line, node in zip(lines, places, strict=True)]


def value(*cells, question="f"):
    """What the answer to a question gives for 3, as the sandbox finds it."""
    cells = [cell if isinstance(cell, tuple) else (cell, "") for cell in cells]
    statements = statements_of(cells)
    target = definition(statements, question)
    answer = answer_of(statements, target, question, notebook())
    return None if answer is None else answer(3)


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """The notebook takes the place of `__main__`; here it is given back."""
    import sys

    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def test_only_what_is_read_is_run():
    cells = (
        "import numpy as np, os",
        "a = 1\nb = 2\nwhile True: pass",
        "def f(x): return np.exp(a)",
    )
    assert chosen(*cells) == ["import numpy as np, os", "a = 1", "def f(x): return np.exp(a)"]


def test_what_is_read_reads_something_in_turn():
    assert chosen("c = 2", "def g(x): return c * x", "def f(x): return g(x)", "d = 1") == [
        "c = 2",
        "def g(x): return c * x",
        "def f(x): return g(x)",
    ]


def test_names_of_functions_of_their_own_are_not_the_notebook_s():
    cells = ("x = 1 / 0", "y = 1 / 0", "def f(x):\n    y = 2\n    return [y for y in [x]]")
    assert chosen(*cells) == ["def f(x):"]


def test_names_of_attributes_are_no_names():
    cells = ("exp = 1 / 0", "import numpy as np", "def f(x): return np.exp(x)")
    assert chosen(*cells) == ["import numpy as np", "def f(x): return np.exp(x)"]


def test_the_last_definition_counts():
    assert value("def f(x): return 1", "def f(x): return 2") == 2


def test_the_questions_own_cell_goes_before_scratch_work_below():
    assert value(("def f(x): return 1", "f"), "def f(x): return 2") == 1


def test_of_two_cells_with_the_same_id_the_last_counts():
    assert value(("def f(x): return 1", "f"), ("def f(x): return 2", "f")) == 2


def test_what_is_done_goes_before_the_stub():
    assert value("def f(x): return 2", (STUB, "f")) == 2
    assert value(("def f(x): return 1", "f"), (STUB, "f")) == 1
    with pytest.raises(NotImplementedError):
        value((STUB, "f"))


def test_what_wraps_an_answer_needs_it():
    assert value("def f(x): return x\nf = (lambda g: lambda x: 10 * g(x))(f)") == 30


def test_a_helper_that_stands_below_is_found():
    assert value("def f(x): return g(x)", "def g(x): return x + 1") == 4


def test_of_a_name_that_is_used_again_the_value_before_the_answer_counts():
    assert value("a = 1", "def f(x): return a", "a = 'scratch'") == 1


def test_all_steps_that_make_a_value_are_run():
    assert value("a = 1", "a += 1", "def f(x): return a") == 2
    assert value("a = {}", "a['k'] = 5", "def f(x): return a['k']") == 5
    assert value("a = []", "a.append(6)", "def f(x): return a[0]") == 6
    assert value("a = []\nfor i in range(4):\n    a.append(i)", "def f(x): return len(a)") == 4
    assert value("class A: pass", "A.b = 7", "def f(x): return A.b") == 7


def test_a_library_is_not_patched_from_a_statement_of_its_own():
    cells = ("import math", "math.floor = lambda x: 99", "def f(x): return math.floor(x)")
    assert value(*cells) == 3


def test_an_answer_may_be_a_class_or_any_assignment():
    assert value("class f:\n    def __new__(cls, x): return 8") == 8
    assert value("f = lambda x: 9") == 9
    assert value("if True:\n    def f(x): return 10") == 10


def test_what_cannot_be_seen_is_found_by_running_all():
    assert value("exec('def f(x): return 11')") == 11
    assert value("globals()['f'] = lambda x: 12", "1 / 0") == 12
    assert value("x = 1") is None


STAR = "from math import *"
PYLAB = "get_ipython().run_line_magic('pylab', 'inline')"


def test_a_star_import_gives_names_that_are_not_written():
    assert value(STAR, "def f(x): return floor(x + 0.5)") == 3
    assert value("from numpy import *", "def f(x): return int(array([x, x]).sum())") == 6
    assert value(STAR, "def g(x): return floor(x)", "def f(x): return g(x)") == 3
    assert value("def f(x): return floor(x)", STAR) == 3


def test_a_star_import_may_stand_in_a_statement():
    guarded = "try:\n    from math import *\nexcept ImportError:\n    pass"
    assert value(guarded, "def f(x): return floor(x + 0.5)") == 3


def test_a_star_import_gives_names_anew():
    assert value("from numpy import *", "def f(x): return int(sum([[x, x]], axis=1)[0])") == 6
    assert value("def floor(x): return 'mine'", STAR, "def f(x): return floor(x)") == 3
    assert value(STAR, "def floor(x): return 'mine'", "def f(x): return floor(x)") == "mine"


def test_a_star_import_below_the_answer_changes_nothing_that_was_there():
    assert value("def f(x): return sum([x, x])", "from numpy import *") == 6
    assert chosen("def f(x): return sum([x])", "from numpy import *") == [
        "def f(x): return sum([x])"
    ]


def test_a_star_import_of_what_is_not_there_costs_only_its_names():
    assert value("from not_there_at_all import *", "def f(x): return x") == 3
    with pytest.raises(NameError):
        value("from not_there_at_all import *", "def f(x): return floor(x)")


@pytest.mark.parametrize(
    "hidden",
    [
        "exec('def g(x): return x + 1')",
        "globals()['g'] = lambda x: x + 1",
        "globals().update(g=lambda x: x + 1)",
        "vars()['g'] = lambda x: x + 1",
        "for n in 'gh':\n    exec(f'{n} = lambda x: x + 1')",
    ],
)
def test_what_hides_its_names_runs_for_a_name_that_is_found_nowhere(hidden):
    assert value("1 / 0", hidden, "def f(x): return g(x)") == 4
    assert value("import math\nh = 1", hidden, "def f(x): return x + h") == 4


@pytest.mark.parametrize("hidden", ["exec('while True: pass')", "globals()['x'] = 1 / 0"])
def test_what_hides_its_names_costs_no_answer_that_does_without(hidden):
    answer = "def f(x): return len([x, __name__, get_ipython, display])"
    assert chosen("def g(x): return 1", hidden, answer) == [answer]


def test_pylab_gives_the_names_of_numpy():
    assert value(PYLAB, "def f(x): return int(array([x, x]).sum() + np.zeros(1)[0])") == 6
    with pytest.raises(NameError):
        value(PYLAB.replace("pylab", "timeit"), "def f(x): return array([x])")


def test_other_magics_do_nothing():
    for magic in ("system('ls')", "run_line_magic('matplotlib', 'inline')", "getoutput('ls')"):
        assert value(f"a = get_ipython().{magic}", "def f(x): return a") is None


def test_a_cell_that_cannot_be_read_costs_only_itself():
    assert value("def f(x): return 1", "def g(:") == 1
    with pytest.raises(SyntaxError):
        value(("def f(x: return 1", "f"))
    assert value("def f(x): return 2", ("def f(x: return 1", "f")) == 2


def test_an_import_that_fails_costs_only_itself():
    assert value("import not_there_at_all, math", "def f(x): return math.floor(x)") == 3


def test_an_answer_whose_definition_fails_fails_so():
    with pytest.raises(ZeroDivisionError):
        value("@(1 / 0)\ndef f(x): return 1")


HARD = {
    "parentheses": "(" * 5000,
    "signs": "-" * 200_000 + "1",
    "attributes": "x" + ".x" * 100_000,
    "a zero byte": "\0",
    "a surrogate": "a = '\ud800'",
    "brackets": "[" * 90 + "]" * 90,
    "a long sum": "x = " + "+".join("1" * 50_000),
    "lambdas": "lambda: " * 3000 + "1",
    "tabs": "if x:\n" + " " * 99 + "\t1",
}


@pytest.mark.parametrize("source", HARD.values(), ids=HARD)
def test_sources_that_are_hard_to_read(source):
    assert value(source, "def f(x): return 1") == 1


def test_what_stands_below_in_the_answer_s_own_cell_belongs_to_it():
    """The check stands below the cell, and sees all of it."""
    scratch = "def g(x): return 'scratch'"
    assert value(scratch, "def f(x): return g(x)\ndef g(x): return 5") == 5
    assert value("a = 1\ndef f(x): return a\na = 2") == 2
    assert value("def f(x):\n    f.calls += 1\n    return f.calls\nf.calls = 6") == 7
    assert value("class f:\n    def __new__(cls, x): return cls.g(x)\nf.g = lambda x: x + 4") == 7


def test_a_stub_below_in_the_same_cell_does_not_take_its_place():
    assert value((f"def f(x):\n    return f and 4\n{STUB}", "f")) == 4


def test_a_guard_makes_no_stub():
    guarded = "def f(x):\n    if x is None:\n        raise NotImplementedError()\n    return 1"
    assert value((guarded, "f"), "def f(x): return 2") == 1
    vjp = "def f(x):\n    def vjp(g):\n        raise NotImplementedError()\n    return 1"
    assert value((vjp, "f"), "def f(x): return 2") == 2


def test_the_future_holds_for_all_cells():
    annotated = "def f(x: not_there) -> nor_this: return 1"
    assert value("from __future__ import annotations", annotated) == 1
    with pytest.raises(NameError):
        value("def f(x: not_there): return 1")


def test_what_only_reads_a_value_does_not_belong_to_it():
    cells = ("def g(): return 1", "a = [g]", "1 / a[0]", "a[0].x", "b = a", "g()", "''.join([])")
    assert chosen(*cells, "def f(x): return a, g()") == [*cells[:2], "def f(x): return a, g()"]


@pytest.mark.parametrize(
    "later",
    ["def h(): a.append(1)", "async def h(): a.append(1)", "h = lambda: a.append(1)"],
)
def test_what_is_changed_inside_of_a_function_is_changed_only_when_it_is_called(later):
    assert chosen("a = []", later, "def f(x): return a") == ["a = []", "def f(x): return a"]


def test_a_step_that_changes_two_values_belongs_to_both():
    names = [f"a{i}" for i in range(10)]
    cells = (", ".join(names) + " = " + "{}, " * 10, "a3['k'] = a7['k'] = 5")
    assert value(*cells, f"def f(x): return [{', '.join(names)}][7]['k']") == 5


def test_what_an_import_gave_is_not_patched_either():
    cells = ("from json import decoder", "decoder.NaN = 'patched'")
    assert value(*cells, "def f(x): return decoder.NaN") != "patched"


def test_a_name_that_is_said_to_be_global_is_seen():
    assert chosen("1 / 0", "if True:\n    global f\n    def f(x): return 1") == ["if True:"]


def test_a_future_that_is_not_there_costs_only_its_cell():
    assert value("from __future__ import nothing_at_all", "def f(x): return 1") == 1


def test_the_line_of_an_error_is_found():
    with pytest.raises(ZeroDivisionError) as caught:
        value("b = 0", "def f(x):\n    return x / b")
    assert str(caught.traceback[-1].path).endswith("<cell 1>")
    assert traceback.extract_tb(caught.tb)[-1].line == "return x / b"


def test_only_the_released_line_makes_a_stub():
    with pytest.raises(ValueError, match="not positive"):
        value(("def f(x):\n    raise ValueError('not positive')", "f"), "def f(x): return 2")
