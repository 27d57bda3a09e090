"""What goes into the sandbox comes out the same, and what no run leaves behind is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursepkg.checks.banks import QUESTIONS
from coursepkg.checks.running.plain import DEEPEST, Other, Raised, plain
from coursepkg.checks.running.run import Outcome
from coursepkg.checks.running.wire import (
    LONGEST_NAME,
    Forged,
    decode,
    decode_outcome,
    encode,
    encode_outcome,
)

ARRAYS = hnp.arrays(
    st.one_of(
        hnp.floating_dtypes(endianness="="), hnp.integer_dtypes(endianness="="), st.just(bool)
    ),
    hnp.array_shapes(min_dims=0, min_side=0),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63) + 1, 2**63 - 1), st.floats(), ARRAYS,
    st.text(st.characters(exclude_categories=["Cs"])), st.complex_numbers(),
)  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_NAME)  # more is cut off
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(NAMES, inner),
    ),
    max_leaves=10,
)


def through_the_wire(value):
    return decode(json.loads(json.dumps(encode(value))))


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, (np.ndarray, np.generic)):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return repr(one) == repr(other)  # NaN, and both zeros


@given(VALUES)
def test_plain_data_comes_out_as_it_went_in(value):
    assert same(through_the_wire(value), value)


def test_what_the_cases_of_every_question_hold_comes_out_as_it_went_in():
    for question in QUESTIONS.values():
        for arguments in question.examination().cases.values():
            assert same(through_the_wire(arguments), arguments), question.name


def test_arrays_that_are_not_contiguous_and_of_the_other_byte_order():
    array = np.arange(24.0).reshape(4, 6)[::2, ::-1]
    assert np.array_equal(through_the_wire(array), array)
    turned = array.astype(array.dtype.newbyteorder())
    assert np.array_equal(through_the_wire(turned), array)
    assert through_the_wire(np.longdouble(0.5)) == 0.5


def test_an_array_that_came_out_can_be_written_to():
    array = through_the_wire(np.zeros(3))
    array += 1
    assert array.sum() == 3


def test_what_is_no_number_is_told_by_its_kind():
    for number in (10**400, 2**63, -(2**63)):
        other = through_the_wire(number)
        assert (other.kind, other.is_callable) == ("int", False)
    other = through_the_wire(np.array(["a"]))
    assert (other.kind, other.is_callable) == ("array of <U1", False)
    assert through_the_wire(Other("list", True)).is_callable
    raised = through_the_wire(Raised("ValueError", "a\ud800"))
    assert (raised.kind, raised.message) == ("ValueError", "a?")


FORGED = [
    10**30,
    2**63,
    [1],
    [1, 2],
    {},
    {"a": 1, "b": 2},
    {"pickle": "gASV"},
    {"list": 3},
    {"tuple": {"0": 1}},
    {"dict": [1]},
    {"array": None},
    {"array": ["float64", [2]]},
    {"array": ["object", [1], "AAAAAAAAAAA="]},
    {"array": ["float64", [2], "AAAAAAAAAAA="]},
    {"array": ["float64", [-1], ""]},
    {"array": ["float64", [2**62, 0], ""]},
    {"array": ["float64", [1.0], "AAAAAAAAAAA="]},
    {"array": ["float64", [1] * 65, "AAAAAAAAAAA="]},
    {"array": ["float64", [1], "no base64!"]},
    {"array": ["float64", [True], "AAAAAAAAAAA="]},
    {"array": ["float64", [1] * 33, "AAAAAAAAAAA="]},
    {"array": ["float64", [2**31 + 1, 0], ""]},
    {"array": ["U2", [1], "AAAAAAAAAAA="]},
    {"array": ["datetime64[s]", [1], "AAAAAAAAAAA="]},
    {"array": ["V8", [1], "AAAAAAAAAAA="]},
    {"array": [["float64"], [1], "AAAAAAAAAAA="]},
    {"array": ["float64", "1", "AAAAAAAAAAA="]},
    {"number": ["float64", [1], "AAAAAAAAAAA="]},
    {"complex": ["1", "2"]},
    {"complex": [1.0]},
    {"complex": ["1", 2.0]},
    {"complex": [1.0, "2"]},
    {"raised": "ValueError"},
    {"raised": ["ValueError", 3]},
    {"raised": [3, "no"]},
    {"other": ["list", 1]},
]


@pytest.mark.parametrize("data", FORGED, ids=str)
def test_what_no_encoder_writes_is_refused(data):
    with pytest.raises(Forged):
        decode(data)


def test_nesting_has_an_end():
    data = 1.0
    for _ in range(40):
        data = {"list": [data]}
    with pytest.raises(Forged):
        decode(data)


def test_lists_in_lists_come_out_as_deep_as_they_are_kept():
    value = 1.0
    for _ in range(2 * DEEPEST):
        value = [value]
    assert count_lists(through_the_wire(plain(value))) == count_lists(plain(value)) == DEEPEST


def count_lists(value):
    return 1 + count_lists(value[0]) if isinstance(value, list) else 0


def test_what_is_said_of_a_forged_kind_is_short():
    with pytest.raises(Forged) as caught:
        decode({"a" * 10**5: 1})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("code", "?bhilBHILefdFD")
def test_numbers_of_every_kind_come_out_as_they_went_in(code):
    array = np.array([0, 1], code)
    assert same(through_the_wire(array), array)
    assert same(through_the_wire(array[1]), array[1])


def test_what_is_not_known_is_not_sent():
    with pytest.raises(TypeError, match="a object cannot be sent"):
        encode(object())


OUTCOME = Outcome(value=(1.0, np.ones(2)), changed=("x",), printed="hello", warned=("careful",))


def test_an_outcome_comes_out_as_it_went_in():
    data = json.loads(json.dumps(encode_outcome(OUTCOME)))
    outcome = decode_outcome(data, {"x": 1, "y": 2})
    assert same(outcome.value, OUTCOME.value)
    assert vars(outcome) | {"value": 0} == vars(OUTCOME) | {"value": 0}


@pytest.mark.parametrize(
    "change",
    [
        {"passed": True},
        {"error": 3},
        {"message": None},
        {"line": ["a"]},
        {"number": "3"},
        {"number": -1},
        {"number": True},
        {"number": 10**12},
        {"changed": "x"},
        {"printed": 0},
        {"warned": None},
        {"warned": [1]},
        {"value": [1]},
    ],
    ids=str,
)
def test_a_forged_outcome_is_refused(change):
    with pytest.raises(Forged):
        decode_outcome(json.loads(json.dumps(encode_outcome(OUTCOME))) | change, {"x": 1})


def test_a_forged_outcome_cannot_be_large_or_name_what_is_not_there():
    long = "a" * 10**6
    forged = {"error": long, "message": long, "line": long, "printed": long, "warned": [long] * 99}
    outcome = decode_outcome(encode_outcome(OUTCOME) | forged | {"changed": ["z", "x"]}, {"x": 1})
    assert len(str(vars(outcome))) < 20_000
    assert outcome.changed == ("x",)
