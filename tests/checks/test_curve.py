"""The small picture of a verdict, for answers that are curves."""

import numpy as np
import pytest

from coursepkg.checks.banks import QUESTIONS
from coursepkg.checks.diagnose import diagnose


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def curve(name, answer):
    return diagnose(QUESTIONS[name], answer).curve


def test_it_is_the_answer_over_its_argument_from_left_to_right():
    found = curve("sigmoid_slope", lambda z: z * (1 - z))
    assert found.argument == "z"
    assert np.all(np.diff(found.x) > 0)
    assert found.expected == pytest.approx(sigmoid(found.x) * (1 - sigmoid(found.x)))
    assert found.got == pytest.approx(found.x * (1 - found.x))
    x = found.x[found.farthest]
    assert np.max(np.abs(found.got - found.expected)) == pytest.approx(
        abs(x * (1 - x) - sigmoid(x) * (1 - sigmoid(x)))
    )
    assert f"at z = {x:.3g}: expected " in found.words()


def test_a_right_part_is_not_drawn_and_neither_is_a_gradient():
    def gaussian(z):
        return np.exp(-(z**2)), lambda grad_a: grad_a * np.exp(-(z**2))

    assert curve("gaussian", gaussian) is None
    wrong = curve("gaussian", lambda z: (np.exp(-z), gaussian(z)[1]))
    assert wrong.got == pytest.approx(np.exp(-wrong.x))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("sigmoid_slope", lambda z: sigmoid(z) * (1 - sigmoid(z))),
        ("sigmoid_slope", lambda z: np.sum(z)),
        ("sigmoid_slope", lambda z: z.no_such_thing),
        ("sigmoid_slope", lambda z: z * np.nan),
        ("sigmoid_slope", lambda z: "a word"),
        ("weight_gradient", lambda w, x, targets: 0.0),
    ],
    ids=["right", "another shape", "an exception", "not finite", "a word", "no curve"],
)
def test_what_is_no_curve_has_no_picture(name, answer):
    assert curve(name, answer) is None


def test_the_picture_is_in_the_box_and_has_words():
    verdict = diagnose(QUESTIONS["sigmoid_slope"], lambda z: z * (1 - z))
    html = verdict.as_html()
    assert html.count("<img") == 1
    assert f'alt="{verdict.curve.words()}"' in html
    assert html.endswith("</div>")
    assert (
        "<img"
        not in diagnose(QUESTIONS["sigmoid_slope"], np.tanh)._repr_mimebundle_()["text/plain"]
    )
