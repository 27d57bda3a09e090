"""What is compared where the values are not: made of data that a submission may have forged."""

import dataclasses
import time
import tracemalloc
import warnings

import numpy as np
import pytest

from coursepkg.checks.banks import QUESTIONS
from coursepkg.checks.comparing.amount import amount
from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.comparing.looks import LOOKS, look_at
from coursepkg.checks.diagnose import diagnose, passes, verdict_on
from coursepkg.checks.running.plain import Other, Raised
from coursepkg.checks.running.run import Outcome, run
from coursepkg.checks.running.use import USES

LOOKED_AT = [question for question in QUESTIONS.values() if question.use in LOOKS]
BY_NAME = {question.name: question for question in LOOKED_AT}
MOST_BYTES = 1_000_000
STRANGE = (
    0, -1, True, 10**400, 1.5, np.nan, np.inf, 1e308, 1j, "", "0", "random", [], (), {}, [[]],
    [1.0, 10**400], [[1], [2, 3]], [(1, 2)] * 300, list(range(-3, 40)), "word" * 10_000,
    (None, None), (0, 0), ([], []), ([], [], []), ([()], [()], [()]), {"y": 0}, Other("thing"),
    Raised("ValueError", "no"), np.float32(1), np.array(2), np.array("a"), np.array(["a", "b"]),
    np.zeros(0), np.zeros((0, 3)), np.zeros((1,) * 30), np.full((4, 3), np.nan), np.array([1j, 2]),
    np.array(["2020-01-01"], dtype="M8[D]"), np.zeros(1_000_000), [0] * 1_000_000,
    [np.zeros(3)] * 10_000, (np.full((2000, 3), np.inf), np.full((20, 3), np.inf)),
)  # fmt: skip


def raw(name, answer=None):
    """(the question, its examination, what `run` notes before anybody looks at it)."""
    question = BY_NAME[name]
    examination = question.examination()
    return question, examination, run(answer or question.reference, question.use, examination.cases)


def numbers_of(value):
    """All numbers and arrays in a value, in dicts and lists, too."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [number for item in value for number in numbers_of(item)]
    return [value]


def test_every_question_uses_an_answer_in_a_way_that_has_a_name():
    for question in QUESTIONS.values():
        assert USES[question.use.__name__] is question.use
    assert set(LOOKS) < set(USES.values())
    assert {question.use for question in LOOKED_AT} == set(LOOKS)


@pytest.mark.parametrize("name", BY_NAME)
def test_what_comes_back_is_data_in_which_no_word_is_said(name):
    """A word that is compared could be said by anybody; and all is small enough to be sent."""
    _, _, outcomes = raw(name)
    values = [n for outcome in outcomes.values() for n in numbers_of(outcome.value)]
    assert not any(isinstance(value, str) for value in values)
    assert sum(np.asarray(value).nbytes for value in values) < MOST_BYTES


@pytest.mark.parametrize("name", BY_NAME)
def test_what_is_compared_cannot_be_sent_in_its_place(name):
    """Whoever sends the expected words and counts themselves gets nothing for them."""
    _, examination, _ = raw(name)
    first = next(iter(examination.cases))
    verdict = verdict_on(
        Comparison(examination, {**examination.expected, None: examination.expected[first]})
    )
    assert verdict.status == "not right yet"
    assert verdict.earned == 0
    assert verdict_on(Comparison(examination, raw(name)[2])).passed


def forgeries(value):
    """What came, spoiled in one place."""
    yield from STRANGE
    if isinstance(value, np.ndarray):
        spoiled = value.astype(float)
        spoiled.flat[: value.size // 2] = np.inf
        yield from (np.full(value.shape, np.inf), np.full(value.shape, np.nan), spoiled)
    if isinstance(value, dict):
        for key, came in value.items():
            yield {k: v for k, v in value.items() if k != key}
            yield from ({**value, key: other} for other in forgeries(came))
    if isinstance(value, (list, tuple)):
        for i in range(min(len(value), 3)):
            yield value[:i] + value[i + 1 :]
            for other in forgeries(value[i]):
                yield type(value)([*value[:i], other, *value[i + 1 :]])


@pytest.mark.parametrize("name", BY_NAME)
def test_whatever_is_forged_is_an_error_or_wrong(name):
    question, examination, outcomes = raw(name)
    label, came = next(iter(outcomes.items()))
    case, begin, tried = {label: examination.cases[label]}, time.process_time(), 0
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")  # of which a teacher who grades should see none
        for value in forgeries(came.value):
            found = look_at(question, case, {label: dataclasses.replace(came, value=value)})[label]
            assert found.error or amount(found.value) < 100
            tried += 1
    assert tried > 80
    assert not warned
    assert time.process_time() - begin < 0.1 * tried


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("value", [STRANGE[0], STRANGE[4], STRANGE[20], STRANGE[-1]])
def test_what_is_forged_gets_a_verdict(name, value):
    _, examination, outcomes = raw(name)
    verdict = verdict_on(
        Comparison(examination, {label: Outcome(value=value) for label in outcomes})
    )
    assert verdict.earned == 0
    assert verdict.findings
    assert str(verdict)


def test_an_error_and_nothing_at_all_stay_what_they_are():
    for question in LOOKED_AT:
        cases = question.examination().cases
        label = next(iter(cases))
        for outcome in (Outcome(error="ValueError", message="no"), Outcome(value=None)):
            assert look_at(question, cases, {label: outcome, None: outcome}) == {
                label: outcome,
                None: outcome,
            }


def test_the_second_call_is_looked_at_with_the_first_case():
    question, examination, outcomes = raw("order_nodes")
    found = look_at(question, examination.cases, outcomes)
    first = next(iter(examination.cases))
    for value, other in zip(found[None].value, found[first].value, strict=True):
        assert np.array_equal(value, other)


def test_an_empty_batch_is_counted_and_no_exception():
    def with_an_empty_one(x, targets, batch_size, epochs, rng):
        yield x[:0], targets[:0]
        yield from BY_NAME["training_batches"].reference(x, targets, batch_size, epochs, rng)

    question, examination, outcomes = raw("training_batches", with_an_empty_one)
    found = look_at(question, examination.cases, outcomes)
    assert not any(outcome.error for outcome in found.values())
    assert all(0 in outcome.value[0] for outcome in found.values())


def test_batches_are_kept_as_they_were_handed_out():
    """A generator may fill the same two arrays for every batch."""

    def in_the_same_arrays(x, targets, batch_size, epochs, rng):
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x), batch_size):
                chosen = order[start : start + batch_size]
                rows, own = x[chosen], targets[chosen]
                yield rows, own
                rows[...], own[...] = 0, 0

    _, examination, outcomes = raw("training_batches", in_the_same_arrays)
    assert verdict_on(Comparison(examination, outcomes)).passed


def test_what_never_ends_is_cut_off():
    def nodes_without_end(nodes, arrows):
        while True:
            yield 0

    def batches_without_end(x, targets, batch_size, epochs, rng):
        while True:
            yield x, targets

    for name, answer in (
        ("order_nodes", nodes_without_end),
        ("training_batches", batches_without_end),
    ):
        _, examination, outcomes = raw(name, answer)
        verdict = verdict_on(Comparison(examination, outcomes))
        assert not verdict.passed
        assert all(finding.name != "never_ends" for finding in verdict.findings)


MUCH = {
    "a long list": [0] * 250_000,
    "empty lists": [[]] * 60_000 + [[0]],
    "many numbers": np.zeros(1_600_000),
    "short axes": np.zeros((2,) * 19),
    "empty, with giant axes": np.zeros((0, 2**39, 2**23), np.int8),
    "a column": np.zeros((10**6, 1, 1)),
    "lists in lists": [[[0.5] * 100] * 100] * 60,
    "arrays": [np.zeros((30, 30))] * 700,
}
ODD = {
    "long double": np.full(3, np.longdouble("1e4000")),
    "many digits": 10**5000,
    "a text": "word" * 100_000,
    "a date": np.array(["2020-01-01"], dtype="M8[D]"),
    "complex": np.array([1j, 2]),
    "dicts": {"y": {"y": {"y": [None]}}},
    "no parts": Other("thing"),
    "an error": Raised("ValueError", "no" * 1000),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_strange_and_huge_things_are_wrong_and_quickly_so(name):
    """Alone, and in the place of each part; no question may raise, or take long, or much memory."""
    question = QUESTIONS[name]
    examination = question.examination()
    assert examination.known  # which is computed once
    for kind, value in (MUCH | ODD).items():
        for came in (value, (value,) * len(question.parts)):
            outcomes = {label: Outcome(value=came) for label in examination.expected}
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                begin = time.process_time()
                verdict = verdict_on(Comparison(examination, outcomes))
                text = str(verdict)
                assert time.process_time() - begin < 5, kind
            assert (verdict.status, verdict.earned) == ("not right yet", 0), kind
            assert len(text) < 10_000, kind
            if kind in MUCH and question.use not in LOOKS:
                assert [finding.name for finding in verdict.findings] == ["too_much"], kind


def test_what_is_far_too_much_takes_little_memory():
    question = QUESTIONS["line_gradient"]
    examination = question.examination()
    assert len(question.parts) == 3
    assert examination.known
    for kind, value in MUCH.items():
        outcomes = {label: Outcome(value=(value, value, value)) for label in examination.expected}
        tracemalloc.start()
        verdict_on(Comparison(examination, outcomes))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 10_000_000, kind


def test_check_and_passes_say_the_same_of_too_much():
    question = QUESTIONS["line_gradient"]
    for much in (MUCH["short axes"], MUCH["empty, with giant axes"], MUCH["arrays"]):
        assert not passes(question, lambda *arguments, it=much: (it, it), 1)
    finding = diagnose(question, lambda *arguments: [0] * 250_000).findings[0]
    assert finding.name == "too_much"
    assert "250000 entries" in finding.sentence
