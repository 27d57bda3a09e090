"""The explorer of chapter 06: what it computes, what its artists hold, what it says."""

import numpy as np
import pytest

from coursepkg.clinic import MISTAKES, NAMES, start, story, train
from coursepkg.explorers import ClinicExplorer
from coursepkg.explorers.clinic import LABELS, SMALLEST, X, visit
from coursepkg.figures import BLUE, VERMILION

TITLES = [mistake.title for mistake in MISTAKES.values()]


def drawn(**values):
    explorer = ClinicExplorer()
    explorer.render()
    result = explorer.compute(**{**explorer.values, **values})
    explorer.draw(result)
    return explorer, result


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_visit_finds_what_the_mistake_names(mistake):
    result = visit(mistake.title, 0.5, 1.0)
    wrong = tuple(name for name in NAMES if result.findings[name].passed is False)
    assert wrong == mistake.caught
    assert len(result.right) == 201
    assert np.isfinite(result.wrong).all()


def test_the_same_settings_give_the_same_visit():
    first, second = (visit(TITLES[0], 0.5, 1.0) for _ in range(2))
    assert (first.right == second.right).all()
    assert (first.wrong == second.wrong).all()


def test_the_curves_and_marks_hold_the_result():
    explorer, result = drawn(mistake=MISTAKES["penalty_left_out"].title)
    assert explorer.right_curve.get_ydata() == pytest.approx(result.right)
    assert explorer.wrong_curve.get_ydata() == pytest.approx(result.wrong)
    assert list(explorer.wrong_curve.get_xdata()) == list(range(201))
    places, errors = explorer.failed.get_data()
    assert list(places) == [0, 2]
    assert errors == pytest.approx([result.findings[name].error for name in ("W1", "W2")])
    assert list(explorer.passed.get_xdata()) == [1, 3]
    assert (explorer.passed.get_ydata() >= SMALLEST).all()
    assert [text.get_text() for text in explorer.verdicts] == ["9 %", "right", "8 %", "right"]
    assert (explorer.passed.get_color(), explorer.failed.get_color()) == (BLUE, VERMILION)


def test_a_wrong_shape_is_named_in_picture_and_sentence():
    explorer, result = drawn(mistake=MISTAKES["bias_per_example"].title)
    assert [text.get_text() for text in explorer.verdicts] == ["right", "shape", "right", "shape"]
    assert "b1 WRONG, shape (150, 5)" in explorer.describe(result)


def test_a_blind_check_says_so():
    explorer, result = drawn(mistake=MISTAKES["softmax_twice"].title)
    assert "The check sees nothing." in explorer.describe(result)
    assert list(explorer.failed.get_xdata()) == []


def test_divergence_ends_the_curve_and_is_said():
    explorer, result = drawn(mistake=MISTAKES["derivative_at_z"].title, learning_rate=10.0)
    assert len(result.wrong) < 20
    assert np.isfinite(explorer.wrong_curve.get_ydata()).all()
    assert f"with the mistake: {story(result.wrong)}" in explorer.describe(result)


def test_learning_rate_and_scale_reach_the_training():
    right = MISTAKES["sign"].steps()[0]
    expected = train(right, start(np.random.default_rng(0), 0.3), X, LABELS, 0.2)
    assert visit(MISTAKES["sign"].title, 0.2, 0.3).right == pytest.approx(expected)


def test_no_setting_between_the_extremes_breaks_it():
    explorer = ClinicExplorer()
    rng = np.random.default_rng(0)
    for title in TITLES:
        rate, scale = 10 ** rng.uniform(-2, 1), 10 ** rng.uniform(-1, 1)
        result = explorer.compute(mistake=title, learning_rate=rate, scale=scale)
        explorer.draw(result)
        assert "nan" not in explorer.describe(result)
