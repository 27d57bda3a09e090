import numpy as np
import pytest

from coursepkg.schedules import cosine, step_decay, warm_up


def test_step_decay_by_hand():
    schedule = step_decay(0.8, every=3, factor=0.5)
    assert [schedule(step) for step in range(8)] == [0.8] * 3 + [0.4] * 3 + [0.2] * 2


def test_cosine_begins_halves_ends_and_stays():
    schedule = cosine(1.0, total=10, final=0.2)
    rates = [schedule(step) for step in range(12)]
    assert [rates[0], rates[5], rates[10], rates[11]] == pytest.approx([1.0, 0.6, 0.2, 0.2])
    assert (np.diff(rates[:11]) < 0).all()
    assert rates[5] - rates[6] > rates[0] - rates[1]  # flat at both ends, steep in the middle


def test_warm_up_rises_in_a_line_and_hands_over():
    schedule = warm_up(4, step_decay(0.8, every=6, factor=0.5))
    expected = [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.4]
    assert [schedule(step) for step in range(7)] == pytest.approx(expected)


def test_what_is_taken_if_nothing_is_said():
    assert step_decay(1, 1)(2) == pytest.approx(0.01)
    assert cosine(1, 4)(4) == pytest.approx(0, abs=1e-15)


def test_the_smallest_and_largest_that_is_allowed():
    assert step_decay(0, 1, 0.5)(3) == 0
    assert cosine(0, 1)(0) == 0
    assert warm_up(1, cosine(0.5, 9))(0) == 0.5


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: step_decay(-1, 3), ValueError, "learning_rate must be at least 0"),
        (lambda: step_decay(1, 0), ValueError, "every must be at least 1"),
        (lambda: step_decay(1, 3, 0), ValueError, "factor must be greater than 0"),
        (lambda: step_decay(1, 3, 1.5), ValueError, "factor must be at most 1"),
        (lambda: warm_up(3, 0.1), TypeError, "schedule must be a function"),
        (lambda: cosine(np.nan, 3), ValueError, "learning_rate must be finite"),
        (lambda: cosine(1, 2.5), TypeError, "total must be a whole number"),
        (lambda: cosine(1, 2, -1), ValueError, "final must be at least 0"),
        (lambda: warm_up(0, cosine(1, 2)), ValueError, "steps must be at least 1"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()
