"""What `check` says of all that learners really do, on one small question with two parts."""

import asyncio
import collections
import contextlib
import dataclasses
import functools
import html.parser
import os
import random
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from machine import PATIENCE

from coursepkg.activations import relu
from coursepkg.checks import check, hint, notebook
from coursepkg.checks.banks import QUESTIONS
from coursepkg.checks.comparing import verdict
from coursepkg.checks.diagnose import diagnose, passes
from coursepkg.checks.question import SEED, Mistake, Question
from coursepkg.checks.running.globals_read import globals_read
from coursepkg.checks.running.plain import Other, Raised
from coursepkg.checks.running.run import run
from coursepkg.checks.running.time_limit import TimeIsUp, limited
from coursepkg.checks.running.use import value_and_vjp

pytestmark = pytest.mark.long


def layer_gradients(x, grad_z):
    grad_weight = x.T @ grad_z
    grad_bias = np.sum(grad_z, axis=0)
    return grad_weight, grad_bias


def batches(rng):
    """x (rows, 2) and grad_z (rows, 3): one row, two, five."""
    return {
        f"{rows} rows": {"x": rng.normal(size=(rows, 2)), "grad_z": rng.normal(size=(rows, 3))}
        for rows in (1, 2, 5)
    }


def half(x):
    return x / 2


def numbers(rng):
    return {
        "two": {"x": np.array([0.3, -1.2])},
        "zeros": {"x": np.zeros(3)},
        "many": {"x": rng.normal(size=(4, 3))},
    }


HINTS = ("Where?", "What?", "`return x / 2`")
LAYER = Question(
    layer_gradients,
    points={"grad_weight": 2, "grad_bias": 1},
    cases=batches,
    hints=HINTS,
    mistakes={
        "bias_mean": Mistake("This is the mean.", {"np.sum(": "np.mean("}),
        "outer": Mistake("Only the first row.", {"x.T @ grad_z": "np.outer(x[0], grad_z[0])"}),
    },
)
HALF = Question(
    half,
    points=2,
    cases=numbers,
    hints=HINTS,
    mistakes={"third": Mistake("Three, not two.", {"/ 2": "/ 3"})},
)


def only(question, answer, **limits):
    """The one finding on a wrong answer."""
    verdict = diagnose(question, answer, **limits)
    assert not verdict.passed
    assert len(verdict.findings) == 1, str(verdict)
    return verdict.findings[0]


def test_right():
    verdict = diagnose(LAYER, lambda x, g: (x.T @ g, g.sum(0)))
    assert verdict
    assert (verdict.earned, verdict.points) == (3, 3)
    assert str(verdict) == "layer_gradients: right. 3 of 3 points."


def test_one_mistake_costs_one_part_and_is_named():
    verdict = diagnose(LAYER, lambda x, g: (x.T @ g, g.mean(0)))
    assert (verdict.earned, verdict.parts) == (2, (("grad_weight", True), ("grad_bias", False)))
    assert [(f.part, f.name, f.known) for f in verdict.findings] == [
        ("grad_bias", "bias_mean", True)
    ]
    assert "Right already: grad_weight." in str(verdict)


def test_two_mistakes_are_both_named():
    verdict = diagnose(LAYER, lambda x, g: (np.outer(x[0], g[0]), g.mean(0)))
    assert {f.name for f in verdict.findings} == {"outer", "bias_mean"}
    assert verdict.earned == 0


def test_the_example_is_the_smallest_case_that_is_wrong():
    finding = only(LAYER, lambda x, g: (x.T @ g, g.mean(0)))
    assert finding.example.arguments["x"].shape == (2, 2)  # with one row, the mean is right
    assert np.allclose(
        finding.example.outputs["grad_bias, got"] * 2,
        finding.example.outputs["grad_bias, expected"],
    )
    text = str(diagnose(LAYER, lambda x, g: (x.T @ g, g.mean(0))))
    assert "expected" in text
    assert "got" in text


def not_started(x):
    raise NotImplementedError()


def test_not_started():
    verdict = diagnose(HALF, not_started)
    assert (verdict.status, verdict.earned, verdict.findings) == ("not started", 0, ())
    assert "hint(half)" in str(verdict)


def prints(x):
    print(x / 2)


def returns_nothing(x):
    x / 2


def forever(x):
    while True:
        pass


def forever_and_deaf(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def own_error(x):
    raise KeyError("oh")


def leaves(x):
    sys.exit(3)


def unknown(x):
    return x / tow  # noqa: F821


def in_place(x):
    x /= 2
    return x


def changes_and_is_wrong(x):
    x += 1
    return x


def keeps_state(x, calls=[]):  # noqa: B006
    calls.append(1)
    return x / 2 if len(calls) % 4 else x


def recursion(x):
    return recursion(x)


@pytest.mark.parametrize(
    ("answer", "name", "words"),
    [
        (prints, "prints", "`return`"),
        (returns_nothing, "returns_nothing", "`return`"),
        (own_error, "raises", "KeyError"),
        (leaves, "raises", "SystemExit"),
        (recursion, "raises", "RecursionError"),
        (unknown, "unknown_name", "tow"),
        (lambda x: x.T / 2 @ np.ones(99), "shapes", "shape"),
        (lambda: 1, "raises", "argument"),
        (in_place, "changes_input", "`x`"),
        (lambda x: (x / 2).tolist(), "list", "list"),
        (lambda x: [x, x], "list", "list"),
        (lambda x: str(x / 2), "text", "text"),
        (lambda x: np.abs, "function", "parentheses"),
        (lambda x: (x / 2).astype(object), "kind", "object"),
        (lambda x: x / 2 + 0j, "kind", "complex"),
        (lambda x: {"x": x}, "kind", "dict"),
        (lambda x: np.round(x / 2, 7), "rounds", "rounding"),
        (lambda x: np.round(x / 2, 3), "rounds", "3 decimals"),
        (lambda x: (x / 2 + 1.2).astype(int), "integers", "whole"),
        (lambda x: x / 2 / (x != 0), "not_finite", "NaN"),
        (lambda x: x / 2 + np.where(x == 0, np.inf, 0), "not_finite", "infinity"),
        (lambda x: x * 0, "zeros", "zero"),
        (lambda x: x * 0 + 7, "one_number", "7 whatever"),
        (lambda x: x, "an_input", "unchanged"),
        (lambda x: x + 0 * x + 1e-300, "an_input", "unchanged"),
        (lambda x: 4 * x / 4 * 2, "factor", "4 times"),
        (lambda x: -x / 2, "factor", "sign"),
        (lambda x: (x / 2)[None], "shape", "shape"),
        (lambda x: np.sum(x / 2), "extra_sum", "sum"),
        (lambda x: x / 2 + 1, "offset", "1 too large"),
        (lambda x: np.abs(x / 2), "function", "sign"),
        (lambda x: np.where(x < 0, x, x / 2), "places", "`x` is negative"),
        (lambda x: x / 2 * 1e305, "factor", "1e+305"),
        (lambda x: np.tanh(x) ** 3 + np.cos(x), "different", "by hand"),
        (lambda x: x / 3, "third", "Three"),
        (keeps_state, "second_call", "again"),
    ],
)
def test_what_learners_do_is_told(answer, name, words):
    finding = only(HALF, answer)
    assert finding.name == name, finding
    assert words in finding.sentence
    assert diagnose(HALF, answer).earned == 0
    assert not passes(HALF, answer, SEED)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda x, g: ((x.T @ g).T, g.sum(0)), "transposed"),
        (lambda x, g: (x.T @ g, g.sum(0, keepdims=True)), "shape"),
        (lambda x, g: (x.T @ g, g), "no_sum"),
        (lambda x, g: (x.T @ g, g.sum(0) / len(x) ** 2), "size_factor"),
        (lambda x, g: (x.T @ g / len(x), g.sum(0)), "size_factor"),
        (lambda x, g: x.T @ g, "parts"),
        (lambda x, g: (x.T @ g, g.sum(0), 1), "parts"),
        (lambda x, g: np.vstack([x.T @ g, g.sum(0)]), "parts"),
        (lambda x, g: (x.T @ g, g.sum(1)), "shape"),
        (lambda x, g: (x.T @ g, g[0]), "some_cases"),
        (lambda x, g: (x.T @ g + 0.001, g.sum(0)), "offset"),
        (lambda x, g: (x.T @ (g * 1.001), g.sum(0)), "factor"),
        (lambda x, g: (x.T @ np.abs(g), g.sum(0)), "as_if"),
        (lambda x, g: (x[::-1].T @ g, g.sum(0)), "as_if"),
    ],
)
def test_relations_of_arrays(answer, name):
    assert only(LAYER, answer).name == name


def test_where_a_part_is_right_is_no_cause_if_another_one_is_wrong_there():
    """With one row, the last row is the sum: that says something only if all else is right."""
    alone = only(LAYER, lambda x, g: (x.T @ g, g[-1]))
    assert alone.name == "some_cases"
    assert "only where `x` has a single row" in alone.sentence
    _, beside = diagnose(LAYER, lambda x, g: (x.T @ np.cos(g), g[-1])).findings
    assert (beside.part, beside.name) == ("grad_bias", "some_cases")
    assert beside.sentence.startswith("It is right for: 1 rows.")


def mixed(x):
    return x, 3 * x + 1, -x


MIXED = Question(mixed, points={"p": 1, "q": 1, "r": 1}, cases=numbers, hints=HINTS, mistakes={})


def test_outputs_in_another_order():
    finding = only(MIXED, lambda x: (-x, x, 3 * x + 1))
    assert finding.name == "another_order"
    assert "as r, p, q. Asked for is p, q, r." in finding.sentence
    # The same part twice is another mistake.
    assert only(MIXED, lambda x: (x, -x, -x)).name == "another_part"


def test_a_second_fault_beside_a_wrong_result():
    """A changed input is told beside what is wrong with the numbers."""
    found = {finding.name for finding in diagnose(HALF, changes_and_is_wrong).findings}
    assert "changes_input" in found
    assert len(found) == 2


@pytest.mark.parametrize("answer", [forever, forever_and_deaf])
def test_never_ends(answer):
    finding = only(HALF, answer, seconds=0.3)
    assert finding.name == "never_ends"
    assert threading.active_count() < 10


def test_the_answers_before_the_endless_one_are_kept():
    def slow(x):
        return x / 2 if x.any() else forever(x)

    outcomes = run(slow, HALF.use, HALF.examination().cases, seconds=1.0)
    assert [outcome.error for outcome in outcomes.values()] == [None, *["TimeIsUp"] * 3]


def test_control_c_is_not_mistaken_for_the_limit():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        diagnose(HALF, interrupted)
    before = signal.getsignal(signal.SIGINT), sys.gettrace()
    with pytest.raises(TimeIsUp):
        limited(0.05, lambda: forever_and_deaf(1))
    assert before == (signal.getsignal(signal.SIGINT), sys.gettrace())


def test_without_a_limit_elsewhere_than_in_the_main_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(diagnose(HALF, half)))
    thread.start()
    thread.join()
    assert found[0].passed


@pytest.mark.parametrize(
    ("value", "spoil"),
    [
        ([1.0, [2.0]], lambda v: v.__setitem__(1, 2.0)),
        ([(1.0, 2.0)], lambda v: v.__setitem__(0, 5.0)),
        ({"a": np.ones(2)}, lambda v: v["a"].__setitem__(0, 0.0)),
        ({"a": 1.0}, lambda v: v.pop("a")),
        (np.ones(2), lambda v: v.__setitem__(1, np.nan)),
        ([1.0, 2.0], lambda v: v.sort(reverse=True)),
        ([1.0, 2.0], lambda v: v.append(3.0)),
    ],
)
def test_every_change_of_an_input_is_seen(value, spoil):
    cases = {"only": {"x": value}}
    outcomes = run(lambda x: (spoil(x), 0.0)[1], HALF.use, cases)
    assert outcomes["only"].changed == ("x",)
    assert run(lambda x: 0.0, HALF.use, cases)["only"].changed == ()


shift = 0.25


def test_globals_that_are_read():
    def uses_global(x):
        return (x - shift) / 2

    finding = diagnose(HALF, uses_global).findings[0]
    assert finding.name == "reads_global"
    assert "`shift`" in finding.sentence


def test_a_constant_in_capitals_is_no_fault():
    assert diagnose(HALF, lambda x: x / TWO).passed


TWO = 2


def test_warnings_are_noted_and_never_shown(recwarn):
    def warns(x):
        np.array([1.0]) / 0
        return x / 2

    verdict = diagnose(HALF, warns)
    assert verdict.passed
    assert "divide by zero" in verdict.notes[0]
    assert not recwarn.list
    quiet = Question(half, points=1, cases=numbers, hints=HINTS, mistakes={}, quiet=True)
    assert only(quiet, warns).name == "warns"


def test_nothing_is_printed_by_an_answer(capsys):
    diagnose(HALF, prints)
    assert capsys.readouterr() == ("", "")


def test_the_cases_cannot_be_spoilt():
    before = HALF.examination().cases["two"]["x"].copy()
    diagnose(HALF, in_place)
    assert np.array_equal(HALF.examination().cases["two"]["x"], before)


def chain(x):
    first = 3 * x
    return first, first**2


FOLLOWED = Question(
    chain,
    points={"first": 1, "second": 2},
    cases=numbers,
    hints=HINTS,
    mistakes={"two": Mistake("Two, not three.", {"3 * x": "2 * x"})},
    follow=lambda outputs, x: {"first": 3 * x, "second": outputs["first"] ** 2},
)


def test_what_only_follows_from_a_mistake_costs_nothing():
    verdict = diagnose(FOLLOWED, lambda x: (2 * x, 4 * x**2))
    assert verdict.earned == 2
    assert [(f.part, f.name) for f in verdict.findings] == [("first", "two")]
    assert "counted: second" in verdict.headline()
    assert "Right already" not in verdict.headline()
    # Right by luck is not right: 9x² does not follow from 2x, but it is what was asked for.
    assert diagnose(FOLLOWED, lambda x: (2 * x, 9 * x**2)).earned == 2
    assert diagnose(FOLLOWED, lambda x: (2 * x, 5 * x**2)).earned == 0
    assert diagnose(FOLLOWED, lambda x: (3 * x, 5 * x**2)).earned == 1
    # From what was not computed nothing follows.
    assert diagnose(FOLLOWED, lambda x: (0 * x, 0 * x)).earned == 0
    assert diagnose(FOLLOWED, lambda x: (0 * x + 2, 0 * x + 4)).earned == 0


def test_parts_that_only_follow_from_one_another_are_wrong():
    circle = Question(
        chain,
        points={"first": 1, "second": 1},
        cases=numbers,
        hints=HINTS,
        mistakes={},
        follow=lambda outputs, x: dict(outputs),
    )
    assert diagnose(circle, lambda x: (2 * x, x)).earned == 0


def test_followers_that_cannot_be_computed_are_just_wrong():
    """The learner's own first part divides by zero in `follow`."""
    inverse = Question(
        chain,
        points={"first": 1, "second": 1},
        cases=lambda rng: {"one": {"x": 2.0}, "two": {"x": 3.0}},
        hints=HINTS,
        mistakes={},
        follow=lambda outputs, x: {"first": 3 * x, "second": 1 / outputs["first"]},
    )
    assert diagnose(inverse, lambda x: (0.0, 1.0)).earned == 0


def test_the_example_of_nan_shows_nan():
    finding = only(HALF, lambda x: np.log(x - x.min()) if x.any() else x)
    assert finding.name == "not_finite"
    assert not np.isfinite(finding.example.outputs["got"]).all()


def test_a_model_with_other_numbers_is_not_named_for_its_warnings():
    def overflow(x):
        return x / 3 + 0 * np.exp(np.float64(1e4) - 1e4 * x.any()) + 0 / np.exp(np.float64(1e4))

    loud = Mistake("It overflows.", overflow)
    quiet = Question(
        half, points=1, cases=numbers, hints=HINTS, mistakes={"loud": loud}, quiet=True
    )
    assert only(quiet, overflow).name == "loud"
    found = diagnose(quiet, lambda x: x / 5 + 0 / np.exp(np.float64(1e4))).findings
    assert {finding.name for finding in found} == {"factor"}


def scaled(x, by):
    total = np.sum(x, axis=0)
    return total * by + 1


def word():
    return "momentum"


def test_to_fail_in_the_same_cases_is_no_sign_of_a_mistake():
    """Both fail but for a square weight, and with other numbers there."""

    def factors_exchanged(x, weight, bias, grad_z):
        return x @ weight.T + bias, weight @ grad_z.T, grad_z.T @ x, grad_z.sum(axis=0)

    question = QUESTIONS["torch_linear"]
    findings = diagnose(question, factors_exchanged).findings
    assert [finding.name for finding in findings] == ["shapes"]
    assert not findings[0].known


def test_two_known_mistakes_at_once_in_one_part():
    question = Question(
        scaled,
        points=1,
        cases=lambda rng: {n: {"x": rng.normal(size=(n, 2)), "by": n + 0.5} for n in (2, 3, 4)},
        hints=HINTS,
        mistakes={
            "mean": Mistake("A mean.", {"np.sum": "np.mean"}),
            "no_one": Mistake("One is missing.", {" + 1": ""}),
            "later": Mistake("Not this.", {"    return": "    total = 2\n    return"}),
            "overlaps": Mistake("Nor this.", {"+ 1": "+ (\n1)", "total * by": "total"}),
        },
    )
    finding = only(question, lambda x, by: x.mean(0) * by)
    assert finding.name == "mean+no_one"
    assert "A mean. One is missing." in finding.sentence


def test_a_line_that_explains_the_numbers_is_told():
    def curved(x):
        inner = np.exp(x) + x
        return inner * np.cos(inner)

    question = Question(curved, points=1, cases=numbers, hints=HINTS, mistakes={})
    finding = only(question, lambda x: (np.exp(x) + x) * np.sin(np.exp(x) + x))
    assert finding.name == "changed_line"
    assert "`np.sin(inner)` stands in the place" in finding.sentence
    assert "np.cos" not in finding.sentence


def fraction(x):
    return (x + 1) / (x * x + 2)


def test_lost_parentheses_are_told():
    question = Question(fraction, points=1, cases=numbers, hints=HINTS, mistakes={})
    finding = only(question, lambda x: x + 1 / (x * x + 2))
    assert (finding.name, "`return x + 1 / (x * x + 2)`" in finding.sentence) == (
        "changed_line",
        True,
    )


def test_as_if():
    def decay(x, rate):
        return np.cumsum(x) * rate + np.exp(-rate)

    def cases(rng):
        return {n: {"x": rng.normal(size=n), "rate": rng.uniform(1, 2)} for n in (2, 3, 4)}

    question = Question(decay, points=1, cases=cases, hints=HINTS, mistakes={})
    for wrong, words in (
        (lambda x, rate: np.cumsum(x) * 0.9 + np.exp(-0.9), "`rate` were always 0.9"),
        (lambda x, rate: decay(x, rate**2), "`rate` were squared"),
        (lambda x, rate: decay(x[::-1], rate), "`x` were reversed"),
    ):
        finding = only(question, wrong)
        assert (finding.name, words in finding.sentence) == ("as_if", True), finding.sentence


def test_a_reference_that_fails_is_no_question():
    def broken(x):
        raise TypeError("oh")

    question = Question(broken, points=1, cases=numbers, hints=HINTS, mistakes={})
    with pytest.raises(RuntimeError, match="the reference fails"):
        diagnose(question, broken)


def walk(start, steps):
    return start + np.cumsum(steps)


def test_the_right_axis_is_asked_for():
    def rows(x):
        return x / x.sum(axis=1, keepdims=True)

    def cases(rng):
        return {s: {"x": rng.uniform(1, 2, s)} for s in ((1, 3), (2, 3), (4, 2))}

    question = Question(rows, points=1, cases=cases, hints=HINTS, mistakes={})
    assert only(question, lambda x: x / x.sum(axis=0)).name == "axis"
    assert only(question, lambda x: x / x.sum()).name == "axis"
    assert only(question, lambda x: rows(x) / rows(x).max()).name == "by_itself"


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda start, steps: np.full(len(steps), start + np.sum(steps)), "one_array"),
        (lambda start, steps: start + np.cumsum(steps) - steps, "term"),
        (lambda start, steps: start + 3 * np.cumsum(steps), "steps"),
        (lambda start, steps: start + np.cumsum(steps * [1, *[0] * (len(steps) - 1)]), "beginning"),
        (lambda start, steps: 7 + np.cumsum(steps), "offset"),
    ],
)
def test_relations_of_paths(answer, name):
    def cases(rng):
        return {n: {"start": rng.normal(), "steps": rng.normal(size=n)} for n in (3, 4, 6)}

    question = Question(walk, points=1, cases=cases, hints=HINTS, mistakes={}, path=True)
    assert only(question, answer).name == name


def test_a_secret_is_not_shown():
    question = Question(
        word,
        points=1,
        cases=lambda rng: {"the word": {}},
        hints=HINTS,
        mistakes={"adam": Mistake("Adam it is not.", {"momentum": "adam"})},
        secret=True,
    )
    assert only(question, lambda: "adam").name == "adam"
    assert only(question, lambda: "sgd").name == "no_such_word"
    for wrong in (lambda: "adam", lambda: "sgd", lambda: 3, lambda: None):
        assert "momentum" not in str(diagnose(question, wrong))
    assert diagnose(question, lambda: " momentum ").passed


def test_numbers_are_short():
    assert verdict.shown(np.float64(7.352319158968089)) == "7.3523"
    assert verdict.shown(np.array(2 / 3)) == "0.66667"
    assert verdict.shown((1, "a", [0.5])) == "(1, 'a', [0.5])"
    assert "shape (100, 3)" in verdict.shown(np.zeros((100, 3)))


def double(x):
    return 2 * x, lambda grad: 2 * grad


DOUBLE = Question(
    double,
    points={"a": 1, "grad_x": 2},
    cases=lambda rng: {n: {"x": rng.normal(size=n), "grad": rng.normal(size=n)} for n in (1, 3)},
    hints=HINTS,
    mistakes={},
    use=value_and_vjp,
)


def fails(grad):
    raise KeyError("oh")


def test_a_vjp_that_fails_leaves_the_value_its_point():
    said = diagnose(DOUBLE, lambda x: (2 * x, fails))
    assert (said.earned, said.parts) == (1, (("a", True), ("grad_x", False)))
    assert "KeyError" in said.findings[0].sentence
    assert only(DOUBLE, lambda x: (2 * x, 2 * x)).name == "not_as_asked"


def test_a_vjp_that_spoils_what_it_remembers():
    def spoils(x):
        slope = np.full(x.shape, 2.0)

        def vjp(grad):
            slope[...] *= grad
            return slope.copy()

        return 2 * x, vjp

    assert only(DOUBLE, spoils).name == "not_as_asked"
    assert "second time" in only(DOUBLE, spoils).sentence


def test_a_question_that_was_replaced_draws_examinations_of_its_own():
    before = HALF.examination()
    third = dataclasses.replace(HALF, reference=lambda x: x / 3, mistakes={})
    assert third.examination().question is third
    assert third.examination() is third.examination()
    assert HALF.examination() is before
    assert diagnose(third, lambda x: x / 3).passed
    assert not diagnose(third, lambda x: x / 2).passed


def test_a_warning_beside_wrong_numbers_costs_nothing_more():
    def warns(x):
        return 2 * x + 0 / np.zeros(x.shape), lambda grad: 2 * grad

    quiet = dataclasses.replace(DOUBLE, quiet=True)
    assert diagnose(quiet, warns).earned == 2


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.open = "", []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_page_says_what_the_text_says_and_runs_nothing():
    def hostile(x):
        raise ValueError("<script>alert(1)</script>")

    for answer in (half, hostile, not_started, lambda x: x / 3):
        said = diagnose(HALF, answer)
        bundle = said._repr_mimebundle_()
        reader = Reader()
        reader.feed(bundle["text/html"])
        assert reader.open == []
        assert "script" not in bundle["text/html"].replace("&lt;script&gt;", "").replace(
            "&lt;/script&gt;", ""
        )
        for finding in said.findings:
            assert finding.sentence.replace("`", "") in reader.text
        assert bundle["text/plain"] == str(said)


def test_nbgrader_gets_the_points(monkeypatch):
    verdict = diagnose(LAYER, lambda x, g: (x.T @ g, g.mean(0)))
    monkeypatch.setitem(os.environ, "NBGRADER_EXECUTION", "autograde")
    assert verdict._repr_mimebundle_() == {"text/plain": "2"}


def test_check_finds_the_question_by_its_name():
    def sigmoid_slope(z):
        return np.exp(-z) / (1 + np.exp(-z)) ** 2

    assert check(sigmoid_slope).passed
    assert check(sigmoid_slope).name == "sigmoid_slope"


def test_check_finds_the_name_of_a_lambda_in_the_notebook(monkeypatch):
    slope = lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2  # noqa: E731

    class Shell:
        user_ns = {"sigmoid_slope": slope}

    monkeypatch.setattr(notebook, "get_ipython", Shell)
    assert check(slope).name == "sigmoid_slope"


def sigmoid_slop(z):
    return z


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (0.25, TypeError, "the function itself, got float"),
        ("sigmoid_slope", TypeError, "got str"),
        (None, TypeError, "got NoneType"),
        (sigmoid_slop, ValueError, "is it sigmoid_slope"),
        (print, ValueError, "no question of the course has the name 'print'"),
    ],
)
def test_what_cannot_be_checked_is_refused(answer, error, words):
    for function in (check, hint):
        with pytest.raises(error, match="answer") as caught:
            function(answer)
        assert words in str(caught.value)


def test_hints():
    def sigmoid_slope(z):
        raise NotImplementedError

    texts = [str(hint(sigmoid_slope, level)) for level in (1, 2, 3)]
    assert len(set(texts)) == 3
    assert str(hint(sigmoid_slope)) == texts[0]
    html = hint(sigmoid_slope, 2)._repr_html_()
    assert "<strong>Hint 2 of 3 for <code>sigmoid_slope</code>.</strong>" in html
    assert r"$\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$" in html.replace("&#x27;", "'")
    for level in (0, 4, "1", None, 1.5):
        with pytest.raises(ValueError, match="level must be 1, 2 or 3"):
            hint(sigmoid_slope, level)


class Hostile:
    """An object that fails, or never ends, as soon as anybody looks at it."""

    def fail(self, *args, **kwargs):
        raise RuntimeError("do not touch")

    __eq__ = __repr__ = __len__ = __iter__ = __bool__ = __float__ = __hash__ = fail
    __deepcopy__ = __array__ = fail

    def __str__(self):
        return forever(self)


class HostileError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def raises(error):
    def answer(*args):
        raise error

    return answer


def yields(x):
    yield x / 2


Pair = collections.namedtuple("Pair", "weight bias")


@pytest.mark.parametrize(
    ("answer", "name", "words"),
    [
        (lambda x: Hostile(), "kind", "`Hostile`"),
        (lambda x: [Hostile()], "kind", "`list`"),
        (yields, "kind", "`generator`"),
        (lambda x: np.ma.masked_array(x / 2, mask=np.ones(x.shape)), "kind", "`masked array`"),
        (lambda x: x > 0, "booleans", "True and False"),
        (lambda x: np.where(x > 0, x / 2, None), "kind", "`array of object`"),
        (lambda x: (x / 2).astype(str), "kind", "`<U32`"),
        (lambda x: np.broadcast_to(0.5, (10**5, 10**5)), "too_much", "10000000000 numbers"),
        (lambda x: [0.5] * (2 * 10**6), "too_much", "a list of 2000000"),
        (lambda x: [10**400] * 3, "kind", "`list`"),
        (raises(HostileError()), "raises", "HostileError"),
        (raises(SystemExit(Hostile())), "never_ends", "0.3 seconds"),
        (raises(GeneratorExit()), "raises", "GeneratorExit"),
        (raises(asyncio.CancelledError()), "raises", "CancelledError"),
        (raises(ValueError("a \ud800 b")), "raises", "a ? b"),
        (lambda x: setattr(np, "sum", 3) or x / 2, "changes_numpy", "`np.sum`"),
        (lambda x: time.sleep(9), "never_ends", "0.3 seconds"),
    ],
)
def test_nothing_that_an_answer_gives_breaks_the_check(answer, name, words):
    seconds = 0.3 if name == "never_ends" else PATIENCE
    finding = only(HALF, answer, seconds=seconds)
    assert finding.name == name, finding
    assert words in finding.sentence
    bundle = diagnose(HALF, answer, seconds=seconds)._repr_mimebundle_()
    assert "".join(bundle.values()).encode()


class Everything(type):
    """Classes that say they are every other class, and have a name of their own kind."""

    def __eq__(self, other):
        return True

    __hash__ = type.__hash__
    __name__ = property(lambda self: Text("int"))


class Sly(metaclass=Everything):
    pass


class SlyError(Exception, metaclass=Everything):
    __traceback__ = property(lambda self: Hostile(), lambda self, value: None)

    def __str__(self):
        return Text("said")


class Text(str):
    def __getitem__(self, key):
        return Hostile()

    encode = strip = __str__ = __format__ = None


class Numbers(np.ndarray):
    size = shape = dtype = Hostile()


class Sequence(list):
    def __iter__(self):
        return iter([Hostile()])


class Single(np.float64):
    pass


MARKED = np.dtype(float, metadata={"it": Hostile()})


@pytest.mark.parametrize(
    "value",
    [
        Sly(),
        Sly,
        HostileError(),
        SlyError(),
        Text("said"),
        np.zeros(3).view(Numbers),
        Sequence([1, Text("said"), Sly()]),
        Single(1.5),
        {"it": Sly(), Text("more"): 1},
        Pair(Sly(), SlyError()),
        np.zeros(3, dtype=MARKED),
        (ValueError(Sly()), [[Sequence([Hostile()])]]),
    ],
    ids=range(12),
)
def test_nothing_of_the_learners_own_classes_is_left(value):
    outcome = run(lambda x: value, HALF.use, HALF.examination().cases)["two"]
    assert outcome.error is None
    ours = {type(None), bool, int, float, complex, str, tuple, list, dict, np.ndarray, np.float64}
    left = [outcome.value]
    for each in left:
        kind = type(each)
        assert any(kind is one for one in (*ours, Raised, Other))
        if kind in (Raised, Other):
            left += vars(each).values()
        if kind in (tuple, list, dict):
            left += each.values() if kind is dict else each
        if kind is np.ndarray:
            assert each.dtype.metadata is None


def test_an_error_that_hides_what_it_is():
    outcome = run(raises(SlyError()), HALF.use, HALF.examination().cases)["two"]
    assert (outcome.error, outcome.message) == ("SlyError", "said")
    assert {type(outcome.error), type(outcome.message), type(outcome.line)} == {str}


def test_what_an_answer_reads_is_found_without_touching_it():
    class Claims:
        __class__ = type(half)

    class Pretends:
        __class__ = list

    class Space(dict):
        def get(self, name, default=None):
            raise RuntimeError("do not touch")

    Claims.claims = Claims()
    space = Space(rate=0.5, thing=Pretends(), __builtins__={})
    exec("def answer(x):\n    return x * rate + thing", space)
    assert globals_read(space["answer"]) == ("rate",)
    assert globals_read(Claims()) == globals_read(Claims) == globals_read(Hostile()) == ()


@pytest.mark.parametrize("value", [np.array(0.5), np.array([0.25, 1.0]), 0.5, [1.5]])
def test_numbers_where_a_word_is_asked_for(value):
    finding = only(QUESTIONS["mistake_in_a"], lambda *arguments: value)
    assert finding.name == "not_a_word"


def test_lists_in_lists_without_end():
    def endless(x):
        inside = []
        inside.append(inside)
        return inside

    assert only(HALF, endless).name == "kind"


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, g: Pair(x.T @ g, g.sum(0)),
        lambda x, g: [x.T @ g, g.sum(0)],
        lambda x, g: {"grad_bias": g.sum(0), "grad_weight": x.T @ g, "more": 1, 2: 3},
        functools.partial(lambda by, x, g: (x.T @ g / by, g.sum(0)), 1),
    ],
)
def test_other_containers_and_callables_are_accepted(answer):
    assert diagnose(LAYER, answer).passed


def test_a_part_that_is_none():
    assert "`None`" in only(LAYER, lambda x, g: (None, g.sum(0))).sentence


@contextlib.contextmanager
def kept(get):
    before = get()
    yield
    assert str(get()) == str(before)


@pytest.mark.parametrize(
    ("get", "spoil"),
    [
        (lambda: sys.stdout, lambda: setattr(sys, "stdout", None)),
        (lambda: sys.stdout.closed, lambda: sys.stdout.close()),
        (lambda: sys.stderr, lambda: setattr(sys, "stderr", None)),
        (lambda: signal.getsignal(signal.SIGINT), lambda: signal.signal(signal.SIGINT, print)),
        (sys.gettrace, lambda: sys.settrace(lambda *_: None)),
        (sys.getprofile, lambda: sys.setprofile(lambda *_: None)),
        (sys.getrecursionlimit, lambda: sys.setrecursionlimit(5000)),
        (np.geterr, lambda: np.seterr(all="raise")),
        (np.get_printoptions, lambda: np.set_printoptions(precision=1)),
        (np.random.get_state, lambda: np.random.seed(3)),  # noqa: NPY002
        (random.getstate, lambda: random.seed(3)),
        (os.getcwd, lambda: os.chdir(os.path.dirname(os.getcwd()))),
        (lambda: warnings.filters, lambda: warnings.simplefilter("error")),
        (lambda: np.mean, lambda: setattr(np, "mean", 1)),
    ],
)
def test_what_an_answer_sets_is_put_back(get, spoil, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def spoils(x):
        spoil()
        return x / 2

    def spoils_and_fails(x):
        spoil()
        raise KeyError

    for answer in (spoils, spoils_and_fails):
        with kept(get):
            diagnose(HALF, answer)


def test_what_an_answer_prints_and_warns_is_kept_only_in_part():
    def loud(x):
        for i in range(100):
            print("a" * 1000)
            warnings.warn(f"{i}", stacklevel=1)
        return x

    outcome = run(loud, HALF.use, HALF.examination().cases)["two"]
    assert len(outcome.printed) == 2000
    assert len(outcome.warned) == 5


def test_no_time_is_left_for_the_second_case():
    def deaf_in_c(x):
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.sleep(1.5)
        signal.signal(signal.SIGINT, before)
        return x / 2

    outcomes = run(deaf_in_c, HALF.use, HALF.examination().cases, seconds=0.5)
    assert [outcome.error for outcome in outcomes.values()] == [None, *["TimeIsUp"] * 3]
    assert {outcome.message for outcome in outcomes.values()} == {"", "0.5 seconds"}


def test_a_vjp_that_gives_nan_or_nothing_is_not_said_to_differ():
    assert only(DOUBLE, lambda x: (2 * x, lambda grad: grad * np.nan)).name == "not_finite"
    assert only(DOUBLE, lambda x: (2 * x, lambda grad: None)).name == "returns_nothing"
    assert only(DOUBLE, lambda x: (2 * x, lambda grad: Hostile())).name == "kind"


def test_a_vjp_that_returns_what_it_remembers():
    """Both times it is the very same array, so that only copies differ."""

    def remembers(x):
        total = np.zeros(x.shape)

        def vjp(grad):
            total[...] += 2 * grad
            return total

        return 2 * x, vjp

    assert "second time" in only(DOUBLE, remembers).sentence


def test_no_sentence_warns_by_itself(recwarn):
    diagnose(HALF, lambda x: np.zeros((0, *x.shape)))
    assert not recwarn.list


def test_an_answer_that_says_it_has_every_attribute():
    class Anything:
        def __getattr__(self, name):
            return self

        def __call__(self, x):
            return x / 3

    assert only(HALF, Anything()).name == "third"


def test_a_long_list_is_shown_in_part():
    assert len(str(diagnose(HALF, lambda x: [0.5] * 10000))) < 2000


def test_a_failure_in_some_cases_says_where_it_works():
    def fails_for_tables(x):
        return x / 2 if x.ndim == 1 else x / "2"

    finding = only(HALF, fails_for_tables)
    assert finding.name == "raises"
    assert "TypeError" in finding.sentence
    assert finding.sentence.endswith(" It is right for: two; zeros.")


def test_a_failure_beside_wrong_numbers_is_not_said_to_be_right_there():
    def fails_for_tables(x):
        return x / 5 if x.ndim == 1 else x / "2"

    sentence = only(HALF, fails_for_tables).sentence
    assert "It is right for: zeros." in sentence
    assert sentence.endswith("It runs, but with other numbers, for: two.")


def test_numbers_come_before_the_nan_beside_them():
    finding = only(HALF, lambda x: x / 2 / (x != 0) * (4 if x.any() else 1))
    assert finding.name == "factor"
    assert "4 times" in finding.sentence
    assert finding.sentence.endswith("And it gives NaN or infinity for: zeros.")


def test_complex_numbers_are_told():
    finding = only(HALF, lambda x: x / 2 + 1j * (x < 0) if x.any() else x / 2)
    assert finding.name == "not_finite"
    assert "a negative number" in finding.sentence


def test_it_is_made_of_the_arguments_alone():
    def step(params, grad, rate):
        return params - rate * grad**2

    def cases(rng):
        return {
            n: {"params": rng.normal(size=n), "grad": rng.normal(size=n), "rate": rng.uniform()}
            for n in (3, 4)
        } | {"more": {"params": rng.normal(size=5), "grad": rng.normal(size=5), "rate": 0.3}}

    question = Question(step, points=1, cases=cases, hints=HINTS, mistakes={})
    finding = only(question, lambda params, grad, rate: params * (1 - rate))
    assert (finding.name, "nothing else is in it" in finding.sentence) == ("only_arguments", True)


def test_the_smallest_case_is_told_line_by_line():
    lines = str(diagnose(HALF, lambda x: x / 3)).split("\n")
    assert lines[1:] == [
        "  Three, not two.",
        "    the smallest case that shows it:",
        "      x         [ 0.3 -1.2]",
        "      expected  [ 0.15 -0.6 ]",
        "      got       [ 0.1 -0.4]",
        "  `hint(half, 1)` gives a hint; 2 and 3 give more.",
    ]


def test_the_kind_of_a_failure_in_a_vjp_comes_first():
    assert only(DOUBLE, lambda x: (2 * x, fails)).sentence.endswith("KeyError: 'oh'.")


def test_nothing_follows_from_nan():
    verdict = diagnose(QUESTIONS["learning_rates"], lambda x: (float("nan"),) * 3)
    assert (verdict.earned, verdict.follows) == (0, ())


def test_a_part_that_is_none_costs_that_part_and_no_second_call():
    for missing in (None, {}, [[], [1]], Sly()):
        assert diagnose(LAYER, lambda x, g, it=missing: (x.T @ g, it)).earned == 2
        said = diagnose(DOUBLE, lambda x, it=missing: (2 * x, lambda grad: it))
        assert (said.earned, len(said.findings)) == (1, 1)
    again = []
    assert only(LAYER, lambda x, g: (x.T @ g, again.append(1) or g.sum(0) * (len(again) < 4))).name
    assert diagnose(LAYER, lambda x, g: (x.T @ g * (len(again) < 7), again.append(1))).earned == 1


def test_it_is_not_started_only_if_nothing_of_it_is():
    def halves_one(x):
        return x / 2 if x.ndim == 1 else not_started(x)

    said = diagnose(HALF, halves_one)
    assert (said.status, said.findings[0].name) == ("not right yet", "not_written")
    assert said.findings[0].sentence.endswith("It is right for: two; zeros.")


def test_a_vjp_that_is_not_written_leaves_the_value_its_point():
    said = diagnose(DOUBLE, lambda x: (2 * x, not_started))
    assert (said.status, said.earned) == ("not right yet", 1)
    assert [finding.name for finding in said.findings] == ["not_written"]
    assert "`vjp` is not written yet" in str(said)


@pytest.mark.parametrize(
    ("vjp", "name", "words"),
    [(fails, "raises", "KeyError"), (not_started, "not_written", "`vjp` is not written yet")],
)
def test_dropout_with_a_vjp_that_fails_keeps_what_is_right_forward(vjp, name, words):
    question = QUESTIONS["dropout"]
    finding = only(question, lambda *arguments: (question.reference(*arguments)[0], vjp))
    assert finding.name == name
    assert words in finding.sentence
    said = diagnose(question, lambda *arguments: (question.reference(*arguments)[0], vjp))
    assert said.parts == (("mask", True), ("scale", True), ("grad_x", False), ("evaluation", False))

    def only_in_training(x, rate, rng, training):
        y, right = question.reference(x, rate, rng, training)
        return y, vjp if training else right

    assert diagnose(question, only_in_training).earned == 3


def test_the_line_of_a_syntax_error_is_the_one_that_is_no_python():
    def no_python(x):
        raise SyntaxError("never closed", ("<cell 3>", 2, 5, "    y = f(x\n", 2, 9))

    assert "in line 2, `y = f(x`. SyntaxError: never closed" in only(HALF, no_python).sentence

    class Odd(SyntaxError):
        text = property(lambda self: forever(self))

    assert "Odd" in only(HALF, raises(Odd("oh"))).sentence
    error = SyntaxError("oh")
    error.text = Hostile()
    assert "oh" in only(HALF, raises(error)).sentence


def test_no_line_of_the_course_is_said_to_be_the_learners():
    """Such an error was caught elsewhere in the course, where a cell is read, and comes later."""

    def raised_in_the_course(x):
        relu(None)

    outcome = run(raised_in_the_course, HALF.use, HALF.examination().cases)["two"]
    assert outcome.error
    assert outcome.line == "relu(None)"


NOT_FOLLOWING = {
    "clip_gradients": (3, lambda grads, most: (list(grads), 1e-9 * (1 + grads[0].size))),
    "batch_norm_backward": (
        5,
        lambda grad_y, n, inverse_std, gamma: (
            gamma * inverse_std * grad_y,
            1e-12 * grad_y.sum(0),
            1e-12 * (1 + grad_y.sum(0)),
        ),
    ),
    "accuracy_and_error": (2, lambda z, labels: (float(len(labels) % 2), 1e-15 * len(labels))),
    "ravine_settings": (2, lambda curvatures: (1e-12 * len(curvatures), 1 / curvatures.max())),
}


@pytest.mark.parametrize("name", NOT_FOLLOWING)
def test_nothing_follows_from_nearly_nothing(name):
    points, answer = NOT_FOLLOWING[name]
    verdict = diagnose(QUESTIONS[name], answer)
    assert (verdict.points, verdict.earned, verdict.follows) == (points, 0, ())


def test_nothing_follows_where_all_that_is_due_is_zero():
    circle = dataclasses.replace(
        FOLLOWED, follow=lambda outputs, x: {"first": 3 * x, "second": 0 * x}
    )
    assert diagnose(circle, lambda x: (2 * x, 1e-14 * (x == 0))).earned == 0


@pytest.mark.parametrize(
    ("name", "mistake", "earned"),
    [
        ("gate_gradients", "slope_at_z", 3),  # an honest 0, where nothing goes through the gate
        ("accuracy_and_error", "smallest_logit", 1),
        ("training_batches", "last_filled_up", 3),  # words follow, too
    ],
)
def test_what_follows_from_an_honest_mistake_counts(name, mistake, earned):
    question = QUESTIONS[name]
    assert diagnose(question, question.wrong_model(mistake)).earned == earned


def test_what_is_shown_is_never_long():
    assert verdict.shown(np.zeros((2,) * 7)) == f"an array of shape {(2,) * 7}"
    assert "0." in verdict.shown(np.zeros((2, 2, 2, 2)))
    long = [
        np.zeros((2,) * 19),
        np.full((6, 6, 6), -1.2345e-100),
        np.zeros((2, 2, 2, 2, 2, *[1] * 27)),
        [[["a" * 500] * 60] * 60] * 5,
        "a" * 10**6,
    ]
    for value in long:
        assert len(verdict.shown(value)) < 3100


@pytest.mark.parametrize(
    "answer",
    [
        lambda *arguments: "GRADE HIM " * 45_000,
        lambda *arguments: ["GRADE HIM " * 45_000] * 4,
        raises(ValueError("GRADE HIM " * 450)),
        raises(type("GRADE_HIM" * 450, (Exception,), {})()),
        lambda *arguments: type("GRADE_HIM" * 450, (), {})(),
        lambda *arguments: warnings.warn("GRADE HIM " * 450, stacklevel=1),
    ],
    ids=range(6),
)
def test_little_of_what_a_learner_returned_is_repeated(answer):
    for name in ("mistake_in_a", "line_gradient", "leaky_relu"):
        said = diagnose(QUESTIONS[name], answer)
        assert all(len(finding.sentence) < 1200 for finding in said.findings)
        assert len(str(said)) < 3000
    quiet = dataclasses.replace(HALF, quiet=True)
    for question in (HALF, quiet):
        told = diagnose(question, lambda x: answer(x) and x / 2 if not x.any() else x / 2)
        assert len(str(told)) < 3000


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda real: np.eye(real.shape[1], dtype=bool)[::-1] & real[:, None], "some_cases"),
        (lambda real: 2 * (np.tri(real.shape[1]) * real[:, None]), "factor"),
    ],
    ids=("truths", "numbers"),
)
def test_where_true_and_false_are_asked_for_they_are_not_the_fault(answer, name):
    assert only(QUESTIONS["causal_mask"], answer).name == name
