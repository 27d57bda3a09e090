"""The explorer of chapter 05: what it computes, and what its artists hold."""

import numpy as np
import pytest

from coursepkg.explorers.one_neuron import (
    LOSSES,
    NAMES,
    STEPS,
    OneNeuronExplorer,
    learn,
    squared_error,
)
from coursepkg.gradient_check import gradient_check

SQUARED, CROSS = NAMES


@pytest.mark.parametrize(
    ("weight", "bias", "first", "last"), [(0.6, 0.9, 0.8176, 0.0940), (2.0, 2.0, 0.9820, 0.2028)]
)
def test_the_squared_error_goes_where_nielsen_says(weight, bias, first, last):
    run = learn(LOSSES[SQUARED], 0.15, weight, bias)
    assert run.outputs[0] == pytest.approx(first, abs=5e-5)
    assert run.outputs[-1] == pytest.approx(last, abs=5e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_gradient_descent_written_out(name):
    slopes = {SQUARED: lambda a: a * a * (1 - a), CROSS: lambda a: a}
    run = learn(LOSSES[name], 0.4, 1.0, -0.5)
    w, b = 1.0, -0.5
    for step in range(STEPS + 1):
        a = 1 / (1 + np.exp(-(w + b)))
        assert run.z[step] == pytest.approx(w + b, rel=1e-12)
        assert run.outputs[step] == pytest.approx(a, rel=1e-12)
        assert run.grad_z[step] == pytest.approx(slopes[name](a), rel=1e-12)
        w, b = w - 0.4 * run.grad_z[step], b - 0.4 * run.grad_z[step]


def test_the_losses_are_what_they_are_called():
    run = learn(LOSSES[SQUARED], 0.15, 2.0, 2.0)
    assert run.losses == pytest.approx(run.outputs**2 / 2)
    run = learn(LOSSES[CROSS], 0.15, 2.0, 2.0)
    assert run.losses == pytest.approx(-np.log(1 - run.outputs))


@pytest.mark.parametrize("z", [-2.0, 0.7, 3.0])
def test_the_squared_error_has_its_gradient(z):
    z, targets = np.array([z]), np.zeros(1)
    _, vjp = squared_error(z, targets)
    assert gradient_check(lambda z: squared_error(z, targets)[0], z, vjp()).passed


def test_the_first_step_below_a_tenth_is_named():
    for weight, expected in ((2.0, 50), (-6.0, 0)):
        run = learn(LOSSES[CROSS], 0.15, weight, 2.0)
        assert run.steps_to_reach == expected
    assert learn(LOSSES[SQUARED], 0.15, 2.0, 2.0).steps_to_reach is None


@pytest.mark.parametrize("rate", [1e-2, 10**0.5])
@pytest.mark.parametrize("place", [-4.0, 4.0])
def test_every_run_stays_in_the_picture(rate, place):
    explorer = OneNeuronExplorer()
    _, middle, right = explorer.figure.axes
    result = explorer.compute(learning_rate=rate, weight=place, bias=place)
    for run in result.runs.values():
        for axes, heights in ((middle, run.losses), (right, run.grad_z)):
            low, high = axes.get_xlim()
            assert (low < run.z).all()
            assert (run.z < high).all()
            low, high = axes.get_ylim()
            assert (low < heights).all()
            assert (heights < high).all()


def test_the_artists_hold_the_runs():
    explorer = OneNeuronExplorer()
    result = explorer.compute(learning_rate=0.3, weight=1.0, bias=1.5)
    explorer.draw(result)
    for name, run in result.runs.items():
        steps, outputs = explorer.outputs[name].get_data()
        assert list(steps) == list(range(STEPS + 1))
        assert list(outputs) == list(run.outputs)
        for pair, heights in zip(explorer.points[name], (run.losses, run.grad_z), strict=True):
            for point, step in zip(pair, (0, -1), strict=True):
                assert np.ravel(point.get_data()) == pytest.approx([run.z[step], heights[step]])


def test_the_points_lie_on_the_curves():
    explorer = OneNeuronExplorer()
    explorer.draw(explorer.compute(learning_rate=0.3, weight=1.0, bias=1.5))
    for k, axes in enumerate(explorer.figure.axes[1:]):
        curves = [line for line in axes.lines if len(line.get_xdata()) > 1]
        for name, curve in zip(NAMES, curves, strict=True):
            for point in explorer.points[name][k]:
                z, height = np.ravel(point.get_data())
                assert np.interp(z, *curve.get_data()) == pytest.approx(height, abs=1e-3)


def test_the_sentence_says_what_happened():
    explorer = OneNeuronExplorer()
    sentence = explorer.describe(explorer.compute(learning_rate=0.15, weight=2.0, bias=2.0))
    assert "0.2028 with the squared error (never below 0.1)" in sentence
    assert "0.0120 with the cross-entropy (below 0.1 at step 50)" in sentence
    assert "0.0173" in sentence
    assert "57 times as hard" in sentence
    sentence = explorer.describe(explorer.compute(learning_rate=0.15, weight=-4.0, bias=0.0))
    assert sentence.count("below 0.1 from the start") == 2
