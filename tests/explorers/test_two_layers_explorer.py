"""The walk back through two layers of chapter 04: its numbers, and what its artists show."""

import numpy as np
import pytest

from coursepkg.explorers import TwoLayersExplorer
from coursepkg.explorers.two_layers import BIAS1, LINES, VERMILION, WEIGHT1, walk
from coursepkg.gradient_check import gradient_check

SAMPLE = {"x0": 0.5, "x1": -1.0, "target": 1, "weight": 2.0}


def loss(weight1, weight2):
    x = np.array([SAMPLE["x0"], SAMPLE["x1"]])
    z2 = np.tanh(x @ weight1 + BIAS1) @ weight2
    return (1 / (1 + np.exp(-z2)) - SAMPLE["target"]) ** 2


def test_its_gradients_are_those_of_the_loss():
    way = walk(4, **SAMPLE)
    assert way.loss == pytest.approx(loss(WEIGHT1, way.weight2))
    assert gradient_check(lambda w: loss(w, way.weight2), WEIGHT1, way.grad_weight1).passed
    assert gradient_check(lambda w: loss(WEIGHT1, w), way.weight2, way.grad_weight2).passed


def test_chapter_04_has_the_same_numbers():
    way = walk(4, 0.0, 1.0, 1, 1.0)
    assert way.grad_weight1[1, 0] == pytest.approx(-0.2317, abs=5e-5)  # as the page checks
    assert way.a2 == pytest.approx(0.30, abs=0.006)


@pytest.fixture(scope="module")
def explorer():
    return TwoLayersExplorer(**SAMPLE)


@pytest.mark.parametrize("step", range(5))
def test_each_step_lights_its_equation_its_code_and_what_is_known(explorer, step):
    explorer.render(step=step)
    lit = [{text.get_color() for text in line} == {VERMILION} for line in explorer.lines]
    assert lit == [number == step for number in range(1, len(LINES) + 1)]
    h0, h1, h2, output = [text.get_text() != "" for text in explorer.deltas]
    assert output == (step >= 1)
    assert h0 == h1 == h2 == (step >= 3)
    known = [
        ["∂" in wire.labels[1].get_text() for wire in each]
        for each in (explorer.second, explorer.first)
    ]
    assert known == [[step >= 2] * 3, [step >= 4] * 6]


def test_a_line_is_as_thick_as_its_gradient_is_large(explorer):
    explorer.render(step=4)
    way = explorer.result
    grads = np.abs([*way.grad_weight2, *way.grad_weight1.ravel()])
    widths = [wire.flow.get_linewidth() - 1 for wire in [*explorer.second, *explorer.first]]
    assert widths == pytest.approx(6 * grads / grads.max())


def test_the_deltas_travel_from_the_output_to_the_hidden_neurons(explorer):
    explorer.render(step=4)
    places = []
    for step in (2.25, 2.5, 2.75):
        explorer.draw_step(explorer.result, step)
        places.append([pulse.get_xydata()[0] for pulse in explorer.pulses])
    x = np.array(places)[..., 0]
    assert np.all(np.diff(x, axis=0) < 0)
    assert x.min() > 1
    assert x.max() < 2
