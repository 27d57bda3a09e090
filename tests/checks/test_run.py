"""What an answer did to its arguments."""

import math

import numpy as np
import pytest

from coursepkg.checks.running.run import run
from coursepkg.checks.running.use import call

NAN = math.nan
UNTOUCHED = [
    NAN,
    np.float64(NAN),
    np.float32(NAN),
    complex(NAN, 1),
    np.datetime64("NaT"),
    [NAN, 1.0],
    (NAN, [NAN]),
    {"a": NAN, "b": np.array([NAN])},
    np.array(NAN),
    np.array([NAN, 1.0]),
    np.array([complex(NAN, 1)]),
    np.array([NAN, "a", None, [NAN]], dtype=object),
    np.array(["a", "b"]),
    np.array([(1, NAN)], dtype=[("count", "i4"), ("share", "f8")]),
    "a",
    None,
    True,
]


@pytest.mark.parametrize("argument", UNTOUCHED, ids=repr)
def test_what_was_left_alone_is_no_change_even_if_it_is_not_equal_to_itself(argument):
    outcomes = run(lambda x: 1, call, {"a case": {"x": argument}})
    assert [outcome.error for outcome in outcomes.values()] == [None, None]
    assert [outcome.changed for outcome in outcomes.values()] == [(), ()]


def put(place, value):
    def answer(x):
        x[place] = value

    return answer


@pytest.mark.parametrize(
    ("argument", "answer"),
    [
        ([NAN], put(0, 1.0)),
        ([1.0], put(0, NAN)),
        ({"a": NAN}, put("a", 0.0)),
        ([1], put(0, 1.0)),
        (np.array([NAN, 1.0]), put(1, NAN)),
        (np.array(["a", "b"]), put(0, "b")),
        (np.array([NAN, "a"], dtype=object), put(0, "a")),
        (np.array([(1, NAN)], dtype=[("count", "i4"), ("share", "f8")]), put(0, (2, NAN))),
        (np.arange(4), lambda x: x.resize((2, 2), refcheck=False)),
        (np.array([["a"]]), lambda x: x.resize((1, 2), refcheck=False)),
        ([1, 2], lambda x: x.append(3)),
    ],
)
def test_what_was_changed_is_named(argument, answer):
    outcomes = run(answer, call, {"a case": {"x": argument}})
    assert [outcome.changed for outcome in outcomes.values()] == [("x",), ("x",)]
