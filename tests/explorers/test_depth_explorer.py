"""The explorer of chapter 08: what it computes, and that its artists hold it."""

import numpy as np
import pytest

from coursepkg.explorers import DepthExplorer
from coursepkg.explorers.depth import (
    BATCH,
    CEILING,
    DEEPEST,
    FLOOR,
    GUESSING,
    LABELS,
    LEVELS,
    LOSS_TOP,
    STEPS,
    WIDTH,
    X,
    explore,
    look,
    network,
)
from coursepkg.layers import Linear
from coursepkg.losses import softmax_cross_entropy

PLAIN = {
    "depth": 20, "activation": "tanh", "initializer": "glorot_uniform", "scale": 1.0,
    "blocks": "plain", "learning_rate": 0.1,
}  # fmt: skip


def drawn(**values):
    explorer = DepthExplorer()
    explorer.render()
    result = explorer.compute(**{**PLAIN, **values})
    explorer.draw(result)
    return explorer, result


@pytest.mark.parametrize("blocks", ["plain", "batch normalization", "residual"])
def test_what_is_looked_at_is_what_a_backward_pass_of_the_model_finds(blocks):
    model, inner = network(6, "tanh", "glorot_uniform", 1.0, blocks)
    spread, gradients, norms = look(model, inner)
    assert spread.shape == gradients.shape == (len(LEVELS), 6)
    outputs = model.forward(X[:BATCH])
    model.backward(softmax_cross_entropy(outputs, LABELS[:BATCH])[1]())
    layers = [layer for layer in model.all_layers() if isinstance(layer, Linear)]
    assert norms == pytest.approx([np.linalg.norm(layer.grad_weight) for layer in layers[1:-1]])
    handed_on = layers[-1].x  # what the last block hands on
    assert spread[:, -1] == pytest.approx(np.quantile(handed_on.std(axis=0), LEVELS))
    probabilities = np.exp(outputs - np.logaddexp.reduce(outputs, axis=1, keepdims=True))
    probabilities[np.arange(BATCH), LABELS[:BATCH]] -= 1
    comes_back = np.abs(probabilities / BATCH @ layers[-1].weight.T)
    assert gradients[:, -1] == pytest.approx(np.quantile(comes_back, LEVELS))


def test_the_scale_is_for_the_blocks_alone():
    once, twice = (network(3, "tanh", "glorot_uniform", scale, "plain")[0] for scale in (1.0, 2.0))
    pairs = zip(once.layers, twice.layers, strict=True)
    ratios = [b.weight / a.weight for a, b in pairs if isinstance(a, Linear)]
    assert [ratio.mean() for ratio in ratios] == pytest.approx([1.0, 2.0, 2.0, 2.0, 1.0])
    assert once.layers[1].weight.shape == (WIDTH, WIDTH)


def test_a_deep_sigmoid_network_has_lost_its_gradient_and_a_remedy_brings_it_back():
    sigmoid = {**PLAIN, "activation": "sigmoid"}
    norms = explore(**sigmoid).norms
    assert norms[-1] / norms[0] > 1e6
    for blocks in ("batch normalization", "residual"):
        norms = explore(**{**sigmoid, "blocks": blocks}).norms
        assert 0.02 < norms[-1] / norms[0] < 50


def test_a_relu_network_multiplies_by_the_scale_once_a_block():
    smaller, whole = (
        explore(**{**PLAIN, "activation": "relu", "initializer": "he_normal", "scale": scale})
        for scale in (0.5, 1.0)
    )
    assert smaller.spread[-1] == pytest.approx(whole.spread[-1] * 0.5 ** np.arange(1, 21), rel=1e-9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"activation": "sigmoid"}, "no better than guessing"),
        ({"scale": 1.2}, "the loss fell from"),
        ({"activation": "relu", "scale": 10.0}, "diverged"),
    ],
)
def test_the_sentence_says_what_the_steps_did(values, expected):
    result = explore(**{**PLAIN, **values})
    assert expected in DepthExplorer().describe(result)
    assert np.isfinite(result.losses).all()


def test_much_the_same_is_said_only_of_what_is():
    describe = DepthExplorer().describe
    assert "much the same" in describe(explore(**PLAIN))
    assert "times smaller" in describe(explore(**{**PLAIN, "activation": "sigmoid"}))
    assert "times larger" in describe(explore(**{**PLAIN, "scale": 10.0}))


def test_what_is_kept_of_the_start_is_that_of_these_settings():
    settings = [{**PLAIN, "learning_rate": rate, "scale": s} for s in (1.0, 0.5) for rate in (1, 2)]
    one, two, three, _ = (explore(**values) for values in settings)
    assert one.norms is two.norms  # the learning rate has no part in them
    assert (one.norms != three.norms).all()
    assert one.losses[-1] != two.losses[-1]


def test_a_training_that_diverged_ends_in_a_cross():
    explorer, _ = drawn(activation="relu", scale=10.0)
    assert explorer.curve.get_marker() == "X"
    explorer.draw(explore(**PLAIN))
    assert explorer.curve.get_marker() == "None"


def test_the_artists_hold_the_result():
    explorer, result = drawn(depth=7)
    block = np.arange(1, 8)
    for line, values in (
        (explorer.median, result.spread[2]),
        (explorer.grad_median, result.gradients[2]),
        (explorer.norms, result.norms),
    ):
        assert list(line.get_xdata()) == list(block)
        assert line.get_ydata() == pytest.approx(values)
    steps, losses = explorer.curve.get_data()
    assert list(steps) == list(range(STEPS))
    assert losses == pytest.approx(result.losses)
    for bands, levels in (
        (explorer.bands, result.spread),
        (explorer.grad_bands, result.gradients),
    ):
        for band, low, high in zip(bands, (0, 1), (4, 3), strict=True):
            corners = band.get_xy()[:14]  # the polygon repeats its first corner
            assert corners[:7, 1] == pytest.approx(levels[low])
            assert corners[7:, 1] == pytest.approx(levels[high][::-1])


def test_curves_leave_the_pictures_and_do_not_follow_their_edge():
    explorer, _ = drawn(activation="relu", scale=10.0, depth=DEEPEST)
    assert explorer.norms.get_ydata().max() > CEILING
    assert explorer.curve.get_ydata().max() > LOSS_TOP
    explorer, _ = drawn(scale=0.1, depth=DEEPEST)
    assert explorer.norms.get_ydata().min() < FLOOR


def test_a_zero_leaves_a_gap():
    explorer, result = drawn(activation="relu", scale=0.1, initializer="glorot_uniform")
    for line, values in ((explorer.median, result.spread[2]), (explorer.norms, result.norms)):
        assert np.array_equal(np.isnan(line.get_ydata()), values == 0)


def test_guessing_is_the_loss_of_ten_equal_probabilities():
    assert softmax_cross_entropy(np.zeros((10, 10)), np.arange(10))[0] == pytest.approx(GUESSING)
