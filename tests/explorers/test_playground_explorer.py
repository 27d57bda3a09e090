"""Chapter 04's explorer: what it computes, what its artists hold, what it says at the ends."""

from dataclasses import replace

import numpy as np
import pytest

from coursepkg import activations
from coursepkg.explorers.playground import (
    ACTIVATIONS,
    DATA,
    PLANE,
    RINGED,
    STEPS,
    PlaygroundExplorer,
    lines_of_units,
    moved,
    train_network,
)

DEFAULTS = {
    "data": "moons", "hidden": 8, "activation": "tanh",
    "learning_rate": 3.0, "scale": 1.0, "start": 1,
}  # fmt: skip


def run(**changed):
    return train_network(**{**DEFAULTS, **changed})


@pytest.mark.parametrize("data", DATA)
def test_the_pointer_moves_the_ringed_point_and_nothing_else(data):
    explorer = PlaygroundExplorer(data=data)
    values = explorer.dragged(explorer.left, 0.3, -1.2, explorer.values)
    explorer.render(**values)
    x, labels = explorer.result.x, explorer.result.labels
    # To within half a step of a slider, which is 0.1.
    assert x[RINGED] == pytest.approx([0.3, -1.2], abs=0.0501)
    assert np.array_equal(np.delete(x, RINGED, 0), np.delete(DATA[data][0], RINGED, 0))
    assert np.array_equal(labels, DATA[data][1])
    assert explorer.ring.get_xydata()[0] == pytest.approx(x[RINGED])
    assert "ringed point at (" in explorer.describe(explorer.result)
    assert np.array_equal(moved(data, 0.0, 0.0)[0], DATA[data][0])


SLOPES = {
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: (a > 0) * 1.0,
    "sigmoid": lambda a: a * (1 - a),
}


def by_hand(x, targets, activation, weight1, weight2, learning_rate, steps):
    """The chapter's equations, in a second form: with einsum, and the bias as a weight of 1."""
    x = np.column_stack([x, np.ones(len(x))])
    weight1 = np.vstack([weight1, np.zeros(weight1.shape[1])])
    weight2 = np.append(weight2[:, 0], 0.0)
    function = getattr(activations, activation)
    losses = []
    for _ in range(steps + 1):
        a1 = np.column_stack([function(x @ weight1)[0], np.ones(len(x))])
        a2 = 1 / (1 + np.exp(-a1 @ weight2))
        losses.append(np.mean((a2 - targets) ** 2))
        grad_z2 = 2 / len(x) * (a2 - targets) * a2 * (1 - a2)
        slope = SLOPES[activation](a1[:, :-1])
        grad_weight1 = np.einsum("s,j,sj,si->ij", grad_z2, weight2[:-1], slope, x)
        before = weight1, a2
        weight2 = weight2 - learning_rate * np.einsum("s,sj->j", grad_z2, a1)
        weight1 = weight1 - learning_rate * grad_weight1
    return np.array(losses), *before


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("data", DATA)
def test_it_is_gradient_descent_on_the_mean_squared_error(data, activation):
    x, labels = DATA[data]
    rng = np.random.default_rng(2)
    weight1, weight2 = rng.standard_normal((2, 8)), rng.standard_normal((8, 1))
    losses, weight1, outputs = by_hand(x, labels, activation, weight1, weight2, 0.5, STEPS)
    found = run(data=data, activation=activation, learning_rate=0.5, start=2)
    assert found.losses == pytest.approx(losses, rel=1e-9)
    _, weight, bias, _ = found.at(STEPS)
    assert weight == pytest.approx(weight1[:2], rel=1e-8)
    assert bias == pytest.approx(weight1[2], rel=1e-8)
    assert found.right == np.sum((outputs > 0.5) == labels)


def test_the_heights_are_what_the_network_says_about_the_plane():
    for step in (0, 10, STEPS):
        heights, weight, bias, out_weight = run().at(step)
        z2 = np.log(heights.ravel() / (1 - heights.ravel()))
        out_bias = z2 - np.tanh(PLANE @ weight + bias) @ out_weight
        assert out_bias == pytest.approx(out_bias[0], abs=1e-6)


@pytest.mark.parametrize("data", DATA)
def test_enough_units_part_every_data_set_and_one_does_not(data):
    n = len(DATA[data][0])
    assert run(data=data, hidden=16).right == n
    assert run(data=data, hidden=1).right < n


def test_with_two_units_it_depends_on_the_start_whether_xor_is_learned():
    right = [run(data="XOR", hidden=2, start=start).right for start in range(1, 11)]
    assert 2 <= right.count(4) <= 8


def test_almost_equal_weights_stay_on_the_plateau_and_that_is_said():
    small = run(data="XOR", scale=1e-3)
    assert small.losses == pytest.approx(0.25, abs=1e-3)
    assert small.losses[-1] > 0.249
    assert run(data="XOR").losses[-1] < 0.01


def test_a_dead_network_says_so():
    explorer = PlaygroundExplorer()
    dead = run(hidden=1, activation="relu", learning_rate=100.0)
    assert dead.answers == 1
    assert dead.silent > 0
    sentence = explorer.describe(dead)
    assert "all get the same answer" in sentence
    assert f"{dead.silent} of the hidden units" in sentence


def test_overflow_is_said_and_not_raised():
    result = run(activation="relu", learning_rate=1e200)
    assert result.diverged
    assert np.isfinite(result.losses).all()
    assert 1 <= len(result.losses) <= STEPS
    explorer = PlaygroundExplorer()
    explorer.draw(result)
    sentence = explorer.describe(result)
    assert f"diverged at step {len(result.losses)}" in sentence
    assert "nan" not in sentence


def test_the_line_of_a_unit_is_where_its_z_is_zero():
    weight, bias = np.array([[1.0, 0.0, 3.0], [0.0, 0.0, -4.0]]), np.array([0.5, 0.1, 2.0])
    lines = lines_of_units(weight, bias)
    assert lines.shape == (2, 2, 2)  # the second unit has no weights, and no line
    for (x1, x2), (w1, w2), b in zip(
        lines.transpose(0, 2, 1), weight.T[[0, 2]], bias[[0, 2]], strict=True
    ):
        assert w1 * x1 + w2 * x2 + b == pytest.approx([0, 0], abs=1e-12)


def test_the_artists_hold_the_result():
    explorer = PlaygroundExplorer()
    explorer.render()
    result = run(data="spirals", hidden=5)
    explorer.draw(result)
    x, labels = DATA["spirals"]
    for artists in (explorer.points, explorer.more_points):
        for label, artist in enumerate(artists):
            drawn = np.array(artist.get_data()).T
            assert drawn == pytest.approx(x[labels == label])
    heights, _, _, out_weight = result.at(STEPS)
    assert np.asarray(explorer.image.get_array()) == pytest.approx(heights)
    steps, losses = explorer.curve.get_data()
    assert list(steps) == list(range(STEPS + 1))
    assert losses == pytest.approx(result.losses)
    assert len(explorer.lines.get_segments()) == 5
    widths = np.array(explorer.lines.get_linewidths())
    assert np.argsort(widths).tolist() == np.argsort(np.abs(out_weight)).tolist()


def test_nothing_is_left_on_the_axes_by_the_boundary():
    explorer = PlaygroundExplorer()
    counts = set()
    for start in range(1, 5):
        explorer.render(start=start)
        counts.add(len(explorer.left.get_children()))
    assert len(counts) == 1


def test_the_sentence_counts_units_in_good_english():
    explorer = PlaygroundExplorer()
    assert ", 1 hidden unit with tanh," in explorer.describe(run(hidden=1))
    assert ", 8 hidden units with tanh," in explorer.describe(run())
    one = run(data="spirals", hidden=16, activation="relu")
    assert one.silent == 1
    assert "1 of the hidden units has a slope" in explorer.describe(one)


def test_a_tiny_loss_is_not_said_to_be_zero_and_stays_in_the_picture():
    explorer = PlaygroundExplorer()
    tiny = run(hidden=16, learning_rate=30.0)
    assert 1e-6 < tiny.losses[-1] < 1e-4
    assert f"to {tiny.losses[-1]:.1e}." in explorer.describe(tiny)
    assert tiny.losses.min() > explorer.right.get_ylim()[0]


def test_a_loss_that_rose_by_rounding_has_not_risen():
    explorer = PlaygroundExplorer()
    still = run(data="XOR", hidden=1, activation="relu", scale=10.0, start=2)
    last = still.losses.copy()
    last[-1] = np.nextafter(last[0], 1)
    assert "the loss has risen" not in explorer.describe(replace(still, losses=last))


def test_a_loss_that_rose_is_said_and_one_that_stays_at_the_top_is_seen():
    explorer = PlaygroundExplorer()
    risen = run(learning_rate=100.0)
    assert risen.losses[-1] > risen.losses[0]
    assert "the loss has risen" in explorer.describe(risen)
    assert "the loss has risen" not in explorer.describe(run())
    top = run(data="XOR", activation="relu", scale=10.0)
    assert top.losses == pytest.approx(1.0, abs=1e-6)
    explorer.draw(top)
    assert explorer.curve.get_ydata().max() < explorer.right.get_ylim()[1]


@pytest.mark.parametrize("start", range(1, 11))
def test_a_single_point_amid_the_others_is_outvoted(start):
    right, up = ([0.0, -0.7] - DATA["moons"][0][RINGED]).round(1).tolist()
    result = run(start=start, right=right, up=up)
    assert result.right == 99
    result.model.params[:] = result.params[-1]
    assert result.model.predict(result.x[[RINGED]]) > 0.8  # its target is 0
