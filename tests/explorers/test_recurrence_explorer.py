"""The explorer of chapter 12: its gradients beside differences, its training, its buttons."""

import numpy as np
import pytest

from coursepkg.explorers import recurrence
from coursepkg.explorers.recurrence import (
    BATCH,
    CELLS,
    HIDDEN,
    LOSSES,
    NO_BETTER,
    NOTHING,
    RATIOS,
    STEPS,
    WORSE,
    RecurrenceExplorer,
    batches,
    linear,
    network,
    recall,
    short,
)
from coursepkg.layers import GRU, LSTM, RNN, LastStep, Linear
from coursepkg.losses import mean_squared_error
from coursepkg.model import Sequential
from coursepkg.optimizers import Adam
from coursepkg.training import train_step

TRIES = RecurrenceExplorer.tries
LAYERS = {
    "linear": lambda: RNN(1, HIDDEN, activation=linear), "tanh": lambda: RNN(1, HIDDEN),
    "GRU": lambda: GRU(1, HIDDEN), "LSTM": lambda: LSTM(1, HIDDEN),
}  # fmt: skip


@pytest.fixture(scope="module")
def explorer():
    made = RecurrenceExplorer()
    made.render()
    return made


@pytest.fixture(scope="module")
def tried():
    """{what a button says: its result}."""
    start = RecurrenceExplorer().start
    return {name: recall(**{**start, **values}) for name, values in TRIES.items()}


def started(cell, rho, length):
    """The profile before training, without waiting for the training."""
    model, x = network(cell, rho), batches(length)[0]
    model.layers[0].norms = norms = []
    outputs = model.forward(x)
    model.backward(mean_squared_error(outputs, x[:, 0])[1]())
    return np.array(norms) / norms[0]


def own_step(cell, x, state, layer):
    """The state (batch, parts·hidden) after the numbers x (batch, 1): formulas of our own."""
    h, c = state[:, :HIDDEN], state[:, HIDDEN:]
    z_x, z_h = x @ layer.weight_x + layer.bias, h @ layer.weight_h
    if cell in ("linear", "tanh"):
        return z_x + z_h if cell == "linear" else np.tanh(z_x + z_h)
    blocks_x, blocks_h = (np.split(z, layer.blocks, axis=1) for z in (z_x, z_h))
    gates = [1 / (1 + np.exp(-a - b)) for a, b in zip(blocks_x, blocks_h, strict=True)]
    if cell == "GRU":
        r, u, _ = gates
        return (1 - u) * np.tanh(blocks_x[2] + r * (blocks_h[2] + layer.bias_h)) + u * h
    i, f, o, _ = gates
    c = f * c + i * np.tanh(blocks_x[3] + blocks_h[3])
    return np.hstack([o * np.tanh(c), c])


@pytest.mark.parametrize("cell", CELLS)
def test_the_profile_is_what_pushing_each_state_finds(cell):
    length, eps = 6, 1e-5
    model, x = network(cell, 1.2), batches(6)[0]
    layer, readout = model.layers[0], model.layers[-1]

    def errors(state, t):
        """The error of each sequence if this is its state after t + 1 numbers."""
        for k in range(t + 1, length):
            state = own_step(cell, x[:, k], state, layer)
        return (state[:, :HIDDEN] @ readout.weight + readout.bias - x[:, 0]) ** 2 / BATCH

    norms, state = [], np.zeros((BATCH, HIDDEN * layer.parts))
    for t in range(length):
        state = own_step(cell, x[:, t], state, layer)
        pushes = eps * np.eye(state.shape[1])
        slopes = [(errors(state + e, t) - errors(state - e, t)) / (2 * eps) for e in pushes]
        norms.append(np.linalg.norm(slopes))
    assert started(cell, 1.2, length) == pytest.approx(np.array(norms[::-1]) / norms[-1], rel=1e-6)


@pytest.mark.parametrize("rho", [0.5, 0.9, 2.0])
def test_a_linear_cell_has_exactly_the_powers_of_rho(rho):
    assert started("linear", rho, 20) == pytest.approx(rho ** np.arange(20), rel=1e-12)


@pytest.mark.parametrize("rho", [0.5, 1.0, 2.0])
def test_a_tanh_is_below_them(rho):
    ratios = started("tanh", rho, 20)[1:] / rho ** np.arange(1, 20)
    assert (ratios < 1).all()
    assert (np.diff(ratios) < 0).all()  # each step loses some


@pytest.mark.parametrize("cell", CELLS)
def test_each_block_starts_as_rho_times_an_orthogonal_matrix(cell):
    layer = network(cell, 0.7).layers[0]
    for block in np.split(layer.weight_h, layer.blocks, axis=1):
        assert block.T @ block == pytest.approx(0.49 * np.eye(HIDDEN), abs=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_the_training_is_that_of_the_layers_that_nobody_watches(cell):
    result = recall(cell, 0.9, 3, 0.02)
    model = Sequential([LAYERS[cell](), LastStep(), Linear(HIDDEN, 1)], np.random.default_rng(0))
    model.params[:] = network(cell, 0.9).params
    optimizer = Adam(model.params, model.grads, 0.02)
    losses = [train_step(model, optimizer, mean_squared_error, x, x[:, 0]) for x in batches(3)]
    assert result.losses == pytest.approx(losses, rel=1e-12)
    assert result.profiles.shape == (STEPS + 1, 3)
    assert (result.profiles[:, 0] == 1).all()


def test_what_no_better_means():
    """That always answering 0 stays within both bounds, and has this loss in the mean."""
    squares = np.square(batches(2)[:, :, 0])
    assert squares.mean() == pytest.approx(NOTHING, abs=0.02)
    means = [squares[k : k + 5].mean() for k in range(STEPS - 3)]
    assert NO_BETTER < min(means) < max(means) < WORSE
    spread = 3 * np.sqrt((1 / 5 - 1 / 9) / (5 * BATCH))  # of x², E x⁴ - (E x²)²
    assert NOTHING - spread == pytest.approx(NO_BETTER, abs=0.01)
    assert NOTHING + spread == pytest.approx(WORSE, abs=0.01)


def ends(result):
    """How far the gradient gets at first and in the end, and the loss in the end."""
    return result.profiles[0, -1], result.profiles[-1, -1], result.losses[-5:].mean()


def test_the_button_for_the_linear_cell(tried):
    before, after, loss = ends(tried["Exactly ρ"])
    assert before == pytest.approx(0.9**9, rel=1e-12)
    assert after > 1
    assert loss < 0.15


@pytest.mark.parametrize("button", ["It fades", "A gate half open"])
def test_where_it_fades_nothing_is_learned_and_it_fades_more(tried, button):
    before, after, loss = ends(tried[button])
    assert after < before < 1e-3
    assert NO_BETTER < loss < WORSE


def test_a_gate_that_starts_open_learns_what_they_do_not(tried):
    before, after, loss = ends(tried["A gate that starts open"])
    assert before > 10 * ends(tried["A gate half open"])[0]
    assert before > 10 * 0.7**19
    assert after > 1
    assert loss < 0.25


@pytest.mark.parametrize("setting", [{}, TRIES["A gate that starts open"]])
def test_rounding_does_not_decide_these_runs(setting, monkeypatch):
    """Longer sequences or larger rates can make a run chaotic: then nothing is said of its end."""

    def pushed(cell, rho):
        model = network(cell, rho)
        model.params[:] *= 1 + 1e-9
        return model

    values = {**RecurrenceExplorer().start, **setting}
    first = recall(**values)
    monkeypatch.setattr(recurrence, "network", pushed)
    second = recall(**values)
    assert (first.losses != second.losses).any()
    assert second.losses == pytest.approx(first.losses, rel=1e-3)
    assert second.profiles[-1] == pytest.approx(first.profiles[-1], rel=1e-2)


def test_it_explodes(tried):
    result = tried["It explodes"]
    assert result.profiles[0, -1] == pytest.approx(1.4**19, rel=1e-12)
    assert result.losses[0] > 1e4
    assert ends(result)[2] > WORSE
    assert not result.diverged


def test_the_default_learns_and_its_gradient_comes_to_reach_the_first_state(explorer):
    before, after, loss = ends(explorer.compute(**explorer.start))
    assert before == pytest.approx(0.104, abs=0.001)
    assert after > 1
    assert loss < 0.12


def test_divergence_stops_early_and_is_shown_and_said(explorer, tried):
    result = tried["Too large a rate"]
    assert len(result.losses) == len(result.profiles) < STEPS
    assert result.losses[-1] > 1e6 * result.losses[0] > max(result.losses[:-1])
    sentence = explorer.render(**{**explorer.start, **TRIES["Too large a rate"]})[0]
    assert f"The training diverged: the loss went from {short(result.losses[0])} to" in sentence
    assert f"it was stopped after {len(result.losses) - 1} steps" in sentence
    assert explorer.curve.get_marker() == "X"
    explorer.draw_step(explorer.result, 1)
    assert explorer.curve.get_marker() == "None"
    assert "diverged" not in explorer.render(**explorer.start)[0]


def test_the_worst_setting_stays_finite_on_the_edges_and_says_so(explorer):
    values = {"cell": "linear", "rho": 2.0, "length": 20, "learning_rate": 1.0}
    sentence = explorer.render(**values)[0]
    result = explorer.result
    assert np.isfinite(result.losses).all()
    assert np.isfinite(result.profiles).all()
    assert explorer.after.get_ydata().max() == RATIOS[1][-1] < result.profiles[-1].max()
    assert explorer.curve.get_ydata().max() == LOSSES[1][-1] < result.losses.max()
    assert "what is not from 1.0e-8 to 1.0e6 is on the edge" in sentence
    assert "on the edge" not in explorer.render(**explorer.start)[0]


def test_the_sentence_says_what_the_training_did(explorer, tried):
    said = {name: explorer.describe(result) for name, result in tried.items()}
    ratio, after, loss = map(short, ends(tried["It fades"]))
    assert (
        f"is {ratio} times that of the last before training, and {after} times" in said["It fades"]
    )
    assert f" to {loss}, the mean of the last five, no better than the 0.33" in said["It fades"]
    assert "0.0011, is the most that it can be with tanh" in said["It fades"]
    assert "0.9 to the power of 9, 0.39, is its ratio exactly" in said["Exactly ρ"]
    assert "worse than the 0.33" in said["It explodes"]
    assert "against the 0.33" in said["A gate that starts open"]
    assert "∂L/∂(h, c)" in said["A gate that starts open"]
    assert "without gates and tanh" in said["A gate half open"]
    assert "∂L/∂h over" in said["A gate half open"]


def test_the_artists_hold_the_run_up_to_its_step(explorer):
    explorer.render(**{**explorer.start, "length": 7, "rho": 1.1})
    result = explorer.result
    assert list(explorer.before.get_ydata()) == list(result.profiles[0])
    assert explorer.bound.get_ydata() == pytest.approx(1.1 ** np.arange(7))
    for step in (STEPS, 20, 0):
        caption = explorer.draw_step(result, step)
        assert list(explorer.after.get_xdata()) == list(range(7))
        assert list(explorer.after.get_ydata()) == list(result.profiles[step])
        assert list(explorer.curve.get_ydata()) == list(result.losses[: step + 1])
        first = short(result.profiles[step, -1])
        loss = short(result.losses[step])
        assert caption == f"step {step}: loss {loss}, gradient of the first state × {first}"
        names = [text.get_text() for text in explorer.names.texts]
        assert names == ["× 1.1 per step", "before", f"after {step} steps"]


def test_no_name_lies_on_another_or_leaves_the_picture(explorer):
    settings = [TRIES["It explodes"], TRIES["Too large a rate"], {"length": 2}]
    width = explorer.figure.bbox.width
    for setting in settings:
        explorer.render(**{**explorer.start, **setting})
        boxes = [text.get_window_extent() for text in explorer.names.texts]
        lowest, *above = sorted(boxes, key=lambda box: box.y0)
        for box in above:
            assert box.y0 >= lowest.y0 + 0.7 * lowest.height, setting
            lowest = box
        right = explorer.right.yaxis.label.get_window_extent().x0
        assert max(box.x1 for box in boxes) < right, setting
        assert max(t.get_window_extent().x1 for t in explorer.right.texts) < width, setting


def test_what_is_said_is_short():
    said = {0.354: "0.35", 1412.0: "1400", 3.24e-7: "3.2e-7", 1.1e5: "1.1e5", 1e19: "1.0e19"}
    assert {value: short(value) for value in said} == said
    assert short(0.0) == "0"
