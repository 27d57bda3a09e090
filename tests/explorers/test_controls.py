"""What a control offers and what it makes of what was typed."""

import pytest

from coursepkg import explorers
from coursepkg.explorers.controls import choice, ladder, slider, switch

ALL = [getattr(explorers, name) for name in explorers.__all__]


def test_a_slider_has_round_values_and_whole_ones_if_it_is_whole():
    assert slider("x", 0.0, -0.2, 0.2, 0.1).values == (-0.2, -0.1, 0.0, 0.1, 0.2)
    assert slider("x", 0.5, 0.0, 1.0, 0.25).values == (0.0, 0.25, 0.5, 0.75, 1.0)
    whole = slider("n", 2, 1, 4)
    assert whole.values == (1, 2, 3, 4)
    assert all(type(value) is int for value in whole.values)
    assert type(whole.accept(3.4)) is int


def test_a_ladder_has_the_numbers_that_one_would_write_down():
    rungs = ladder("rate", 0.1, 0.08, 0.25).values
    assert rungs == (0.08, 0.09, 0.1, 0.12, 0.15, 0.2, 0.25)


@pytest.mark.parametrize(
    ("typed", "set_to"), [(0.15, 0.15), (0.045, 0.045), (5, 1.5), (-1, 0.001), (0.123456, 0.1235)]
)
def test_what_is_typed_is_what_is_set(typed, set_to):
    assert ladder("rate", 0.1, 0.001, 1.5).accept(typed) == set_to


def test_on_a_slider_the_nearest_value_counts():
    control = slider("x", 0.0, -1.0, 1.0, 0.1)
    assert [control.accept(x) for x in (0.34, 7, -7)] == [0.3, 1.0, -1.0]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "0.1", None, True])
def test_what_is_no_number_is_refused(wrong):
    for control in (ladder("rate", 0.1, 0.01, 1), slider("rate", 0.0, -1.0, 1.0, 0.1)):
        with pytest.raises((TypeError, ValueError), match="rate must be"):
            control.accept(wrong)


def test_what_is_not_offered_is_refused():
    with pytest.raises(ValueError, match="color must be one of"):
        choice("color", ["red", "blue"]).accept("green")
    with pytest.raises(ValueError, match="on must be one of"):
        switch("on", True).accept("yes")


def test_a_control_cannot_begin_where_it_cannot_go():
    with pytest.raises(ValueError, match="cannot begin at 0.13"):
        slider("x", 0.13, 0.0, 1.0, 0.1)


@pytest.mark.parametrize("explorer_class", ALL)
def test_each_value_is_short_and_is_accepted_as_itself(explorer_class):
    for control in explorer_class().controls.values():
        for value in control.values:
            assert control.accept(value) == value
            assert len(str(value)) <= 7 or control.kind == "choice"
