"""Recurrent layers: against central differences, `Value` and known numbers; masks and errors."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_convolution import values
from test_layers import check

from coursepkg.activations import relu, sigmoid, softplus, tanh
from coursepkg.autodiff import Value
from coursepkg.gradient_check import gradient_check
from coursepkg.initializers import glorot_normal, identity
from coursepkg.layers import GRU, LSTM, RNN, Embedding, LastStep, Linear, MeanOverTime
from coursepkg.layers.gated import gru_step, lstm_step
from coursepkg.layers.recurrent import rnn_step
from coursepkg.model import Sequential

CELLS = [RNN, LSTM, GRU]


def spread(low, high, *shape):
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


def placed(*layers, seed=0, dtype=np.float64):
    """A model of the layers whose parameters are all different, and small enough for no gate to
    saturate."""
    model = Sequential(list(layers), np.random.default_rng(seed), dtype)
    model.params[...] = np.random.default_rng(seed + 1).uniform(-0.9, 0.9, model.params.size)
    return model


def masked_by(mask):
    """An Embedding that was last given ids with padding where the mask is False."""
    embedding = Embedding(9, 3, padding=0)
    embedding.mask = np.asarray(mask, bool)
    return embedding


def check_inputs(function, *points, seed=0):
    """A report for each point: function(*points) -> (value or values, vjp); vjp(*grads) returns
    the gradients in the order of the points."""
    rng = np.random.default_rng(seed)
    points, (found, vjp) = list(points), function(*points)
    found = found if isinstance(found, tuple) else (found,)
    upstream = [rng.standard_normal(value.shape) for value in found]
    for which, grad in enumerate(vjp(*upstream)):

        def loss(x, which=which):
            moved = function(*points[:which], x, *points[which + 1 :])[0]
            moved = moved if isinstance(moved, tuple) else (moved,)
            return sum(np.sum(g * value) for g, value in zip(upstream, moved, strict=True))

        yield gradient_check(loss, points[which], grad)


sizes = {"batch": st.integers(1, 3), "hidden": st.integers(1, 4), "seed": st.integers(0, 99)}


@pytest.mark.parametrize("activation", [tanh, sigmoid, softplus])
@settings(max_examples=5)
@given(**sizes)
def test_the_vjp_of_a_plain_step(activation, batch, hidden, seed):
    rng = np.random.default_rng(seed)
    z_x, h = rng.standard_normal((2, batch, hidden))
    weight_h = rng.standard_normal((hidden, hidden))
    assert all(check_inputs(lambda z_x, h: rnn_step(z_x, h, weight_h, activation), z_x, h))


@settings(max_examples=10)
@given(**sizes)
def test_the_vjp_of_an_lstm_step(batch, hidden, seed):
    rng = np.random.default_rng(seed)
    z_x, weight_h = (rng.standard_normal((n, 4 * hidden)) for n in (batch, hidden))
    h, c = rng.standard_normal((2, batch, hidden))
    assert all(check_inputs(lambda z_x, h, c: lstm_step(z_x, h, c, weight_h), z_x, h, c))


@settings(max_examples=10)
@given(**sizes)
def test_the_vjp_of_a_gru_step(batch, hidden, seed):
    rng = np.random.default_rng(seed)
    z_x, weight_h = (rng.standard_normal((n, 3 * hidden)) for n in (batch, hidden))
    h, bias_h = rng.standard_normal((batch, hidden)), rng.standard_normal(hidden)

    def step(z_x, h):
        h_next, vjp = gru_step(z_x, h, weight_h, bias_h)
        return h_next, lambda grad: vjp(grad)[::2]  # the one in between is checked by the layer

    assert all(check_inputs(step, z_x, h))


def test_the_plain_cell_of_a_published_course():
    x, h = spread(-0.4, 0.7, 3, 10), spread(-0.2, 0.5, 3, 4)
    weight_x, weight_h = spread(-0.1, 0.9, 10, 4), spread(-0.3, 0.7, 4, 4)
    h_next, _ = rnn_step(x @ weight_x + spread(-0.2, 0.4, 4), h, weight_h)
    due = [-0.58172089, -0.50182032, -0.41232771, -0.31410098]
    assert h_next[0] == pytest.approx(due, abs=1e-8)


def test_the_lstm_cell_of_a_published_course():
    x, h, c = spread(-0.4, 1.2, 3, 4), spread(-0.3, 0.7, 3, 5), spread(-0.4, 0.9, 3, 5)
    weight_x, weight_h = spread(-2.1, 1.3, 4, 20), spread(-0.7, 2.2, 5, 20)
    (h_next, c_next), _ = lstm_step(x @ weight_x + spread(0.3, 0.7, 20), h, c, weight_h)
    due = [0.24635157, 0.28610883, 0.32240467, 0.35525807, 0.38474904]
    assert h_next[0] == pytest.approx(due, abs=1e-8)
    assert c_next[0, 0] == pytest.approx(0.32986176, abs=1e-8)


# Layers. The masks are any: padding in the middle, at the start, everywhere.


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=8)
@given(time=st.integers(1, 4), masked=st.booleans(), **sizes)
def test_a_layer_agrees_with_central_differences(cell, time, masked, batch, hidden, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((batch, time)) < 0.6
    mask[0, 0] = True  # all padding: the gradients are zero, which proves nothing
    layer = cell(3, hidden, mask_of=masked_by(mask) if masked else None)
    assert all(check(layer, placed(layer, seed=seed), rng.standard_normal((batch, time, 3))))


@pytest.mark.parametrize("activation", [relu, sigmoid])
def test_a_plain_layer_with_another_activation(activation):
    layer = RNN(3, 4, activation=activation)
    assert all(check(layer, placed(layer), np.random.default_rng(1).standard_normal((2, 5, 3))))


sigmoids, tanhs = (np.frompyfunc(f, 1, 1) for f in (Value.sigmoid, Value.tanh))


def states(layer, x, weight_x, weight_h, *biases):
    """h for each time, by the equations, in `Value`s; of one sequence, (time, fan_in)."""
    h, c = np.full((2, layer.hidden), Value(0.0))
    made = []
    for row in x:
        z = np.split(row @ weight_x + biases[0], layer.blocks)
        z_h = np.split(h @ weight_h, layer.blocks)
        if isinstance(layer, GRU):
            r, u = (sigmoids(z[k] + z_h[k]) for k in (0, 1))
            h = (1 - u) * tanhs(z[2] + r * (z_h[2] + biases[1])) + u * h
        elif isinstance(layer, LSTM):
            i, f, o = (sigmoids(z[k] + z_h[k]) for k in (0, 1, 2))
            c = f * c + i * tanhs(z[3] + z_h[3])
            h = o * tanhs(c)
        else:
            h = tanhs(z[0] + z_h[0])
        made.append(h)
    return np.array(made)


@pytest.mark.parametrize("cell", CELLS)
def test_value_finds_the_same_gradients(cell):
    layer = cell(2, 3)
    model = placed(layer)
    x, grad_h = np.random.default_rng(2).standard_normal((1, 4, 5))[..., :2], spread(-1, 2, 1, 4, 3)
    h = model.forward(x)
    grad_x = model.backward(grad_h, input_gradient=True)
    nodes = {name: values(getattr(layer, name)) for name in layer.shapes}
    inputs = values(x[0])
    made = states(layer, inputs, *nodes.values())
    np.sum(grad_h[0] * made).backward()
    assert h.ravel() == pytest.approx([v.data for v in made.ravel()], rel=1e-12)
    assert grad_x.ravel() == pytest.approx([v.grad for v in inputs.ravel()], rel=1e-12)
    for name, each in nodes.items():
        found = [v.grad for v in each.ravel()]
        assert getattr(layer, "grad_" + name).ravel() == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_where_the_mask_is_false_the_state_stays(cell):
    mask = [[1, 0, 1, 0, 0], [0, 1, 1, 1, 1]]
    layer, plain = cell(3, 4, mask_of=masked_by(mask)), cell(3, 4)
    model, unmasked = placed(layer), placed(plain)
    x = np.random.default_rng(0).standard_normal((2, 5, 3))
    h = model.forward(x)
    assert not h[1, 0].any()
    assert (h[0, 1] == h[0, 0]).all()
    assert (h[0, 3] == h[0, 2]).all()
    assert (h[0, 4] == h[0, 2]).all()
    # As if what is padding had never been there.
    for row, kept in ((0, [0, 2]), (1, [1, 2, 3, 4])):
        shorter = unmasked.forward(x[row : row + 1, kept])
        assert h[row, kept] == pytest.approx(shorter[0], rel=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("summary", [lambda _: LastStep(), MeanOverTime])
def test_more_padding_changes_neither_outputs_nor_gradients(cell, summary):
    ids = np.array([[3, 1, 4, 1, 5], [2, 6, 0, 0, 0], [5, 3, 5, 0, 0]])
    longer = np.pad(ids, ((0, 0), (0, 3)))
    words = Embedding(7, 3, padding=0)
    model = placed(words, cell(3, 4, mask_of=words), summary(words), Linear(4, 2))
    grad = np.random.default_rng(3).standard_normal((3, 2))
    outputs = model.forward(ids)
    model.backward(grad)
    grads = model.grads.copy()
    assert model.forward(longer) == pytest.approx(outputs, rel=1e-12)
    model.backward(grad)
    assert model.grads == pytest.approx(grads, rel=1e-12, abs=1e-15)
    assert words.grad_weight[1:].all()
    assert not words.grad_weight[0].any()


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_depends_on_nothing_that_comes_later(cell):
    layer = cell(3, 4)
    model = placed(layer)
    x = np.random.default_rng(0).standard_normal((2, 6, 3))
    for s in range(6):
        grad_h = np.zeros((2, 6, 4))
        grad_h[:, s] = 1
        model.forward(x)
        grad_x = model.backward(grad_h, input_gradient=True)
        assert not grad_x[:, s + 1 :].any()
        assert grad_x[:, : s + 1].all()


@pytest.mark.parametrize("cell", CELLS)
def test_backward_writes_and_does_not_add(cell):
    model = placed(cell(3, 4))
    model.forward(np.random.default_rng(0).standard_normal((2, 6, 3)))
    model.backward(np.ones((2, 6, 4)))
    once = model.grads.copy()
    model.backward(np.ones((2, 6, 4)))
    assert (model.grads == once).all()
    assert once.all()


# How they start, what they keep, what they refuse.


@pytest.mark.parametrize(("cell", "blocks"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_each_block_starts_orthogonal_and_as_its_own_initializer_says(cell, blocks, rng):
    (layer,) = Sequential([cell(50, 20, initializer=glorot_normal)], rng).layers
    for block in np.split(layer.weight_h, blocks, axis=1):
        assert block.T @ block == pytest.approx(np.eye(20), abs=1e-12)
    # Four standard errors of a variance of 1,000 numbers, which for a block of 20 is 2/70.
    for block in np.split(layer.weight_x, blocks, axis=1):
        assert block.var() == pytest.approx(2 / 70, rel=4 * np.sqrt(2 / 1000))


def test_the_forget_gate_starts_open(rng):
    (layer,) = Sequential([LSTM(2, 3)], rng).layers
    assert layer.bias.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    (layer,) = Sequential([GRU(2, 3)], rng).layers
    assert not layer.bias.any()
    assert not layer.bias_h.any()


def test_relus_started_at_the_identity_keep_what_they_have(rng):
    layer = RNN(2, 3, activation=relu, recurrent_initializer=identity)
    Sequential([layer], rng)
    layer.bias[...] = [1, 0, 2]
    h = layer.forward(np.zeros((1, 4, 2)))
    assert h[0].tolist() == [[1, 0, 2], [2, 0, 4], [3, 0, 6], [4, 0, 8]]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("summary", [LastStep, MeanOverTime])
def test_float32_stays_float32(cell, summary):
    words = Embedding(5, 3, padding=0)
    model = placed(words, cell(3, 4, words), summary(), Linear(4, 2), dtype=np.float32)
    y = model.forward(np.array([[1, 2, 4], [3, 0, 0]]))
    assert y.dtype == np.float32
    grad = np.ones((2, 2), np.float32)
    for layer in reversed(model.layers):
        grad = layer.backward(grad)
        assert grad is None or grad.dtype == np.float32
    model = placed(cell(3, 4), dtype=np.float32)
    assert model.forward(np.ones((2, 3, 3), np.float32)).dtype == np.float32
    grad_x = model.backward(np.ones((2, 3, 4), np.float32), input_gradient=True)
    assert (grad_x.shape, grad_x.dtype) == ((2, 3, 3), np.float32)


@pytest.mark.parametrize("cell", CELLS)
def test_a_copy_looks_at_the_mask_of_its_own_embedding(cell):
    words = Embedding(5, 3, padding=0)
    model = placed(words, cell(3, 4, words), LastStep())
    ids = np.array([[1, 2, 4], [3, 0, 0]])
    outputs = model.forward(ids)
    twin = copy.deepcopy(model)
    assert twin.layers[1].mask_of is twin.layers[0]
    model.forward(np.array([[1, 2]]))
    assert (twin.forward(ids) == outputs).all()


def test_the_last_step_and_the_mean_by_hand():
    x = np.arange(12.0).reshape(2, 3, 2)
    last = LastStep()
    assert last.forward(x).tolist() == [[4, 5], [10, 11]]
    grads = [[[0, 0], [0, 0], [1, 2]], [[0, 0], [0, 0], [3, 4]]]
    assert last.backward(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == grads
    mean = MeanOverTime(masked_by([[1, 1, 0], [0, 0, 0]]))
    assert mean.forward(x).tolist() == [[1, 2], [0, 0]]
    grads = [[[0.5, 1], [0.5, 1], [0, 0]], [[0, 0], [0, 0], [0, 0]]]
    assert mean.backward(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == grads
    assert MeanOverTime().forward(x) == pytest.approx(np.array([[2, 3], [8, 9]]), rel=1e-15)


@pytest.mark.parametrize("make", [lambda: RNN(3, 4), lambda: LSTM(3, 4), lambda: GRU(3, 4)])
@pytest.mark.parametrize("shape", [(5, 3), (5, 2, 4), (2, 2, 5, 3)])
def test_an_x_that_does_not_fit_is_refused(make, shape, rng):
    model = Sequential([make()], rng)
    with pytest.raises(ValueError, match=r"x must have shape \(batch, time, 3\) for .*, got"):
        model.forward(np.ones(shape))


@pytest.mark.parametrize("make", [LastStep, MeanOverTime])
def test_a_summary_wants_a_sequence(make, rng):
    with pytest.raises(ValueError, match=r"x must have shape \(batch, time, features\) for"):
        Sequential([make()], rng).forward(np.ones((5, 3)))


def test_the_embedding_must_be_the_one_that_x_came_through(rng):
    words, others = Embedding(5, 3, padding=0), Embedding(5, 3, padding=0)
    for layer in (RNN(3, 4, others), MeanOverTime(others)):
        layers = [Embedding(5, 3, padding=0), layer]
        with pytest.raises(ValueError, match=r"mask_of must be the Embedding .* the ids had None"):
            Sequential(layers, rng).forward(np.ones((2, 3), int))
    model = Sequential([words, RNN(3, 4, words)], rng)
    model.forward(np.ones((2, 3), int))
    with pytest.raises(ValueError, match=r"mask_of must be .* the ids had \(2, 3\)"):
        model.layers[1].forward(np.ones((4, 3, 3)))


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: RNN(0, 4), "fan_in"),
        (lambda: LSTM(3, 2.5), "hidden"),
        (lambda: GRU(3, 4, mask_of=Linear(3, 4)), "mask_of must be an Embedding"),
        (lambda: MeanOverTime(mask_of=True), "mask_of must be an Embedding"),
        (lambda: RNN(3, 4, activation="relu"), "activation"),
        (lambda: LSTM(3, 4, initializer=1), "initializer"),
        (lambda: GRU(3, 4, recurrent_initializer=1), "recurrent_initializer"),
        (
            lambda: placed(GRU(3, 4, recurrent_initializer=lambda *_: np.ones((3, 3)))),
            r"recurrent_initializer\(...\) must have shape \(4, 4\)",
        ),
    ],
)
def test_a_bad_argument_is_named(made, name):
    with pytest.raises((ValueError, TypeError), match=name):
        made()
