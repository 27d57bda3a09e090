"""Sequential: one vector, views that never detach, gradients checked three ways."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.activations import relu, sigmoid, tanh
from coursepkg.autodiff import Value
from coursepkg.gradient_check import gradient_check
from coursepkg.layers import Activation, BatchNorm, Dropout, Linear, Residual
from coursepkg.layers.base import Layer
from coursepkg.losses import binary_cross_entropy, mean_squared_error, softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD, Adam


def deep(rng, fan_in=3, classes=4, dtype=np.float64):
    """One layer of each kind that is deterministic, one of them within another."""
    layers = [
        Linear(fan_in, 5), BatchNorm(5), Activation(tanh),
        Residual(Linear(5, 2), Activation(sigmoid), Linear(2, 5)), Linear(5, classes),
    ]  # fmt: skip
    return Sequential(layers, rng, dtype)


def views(model):
    for layer in model.all_layers():
        for name in layer.shapes:
            yield getattr(layer, name), getattr(layer, "grad_" + name)


def assert_views_are_attached(model):
    pairs = list(views(model))
    assert pairs
    for parameter, gradient in pairs:
        assert np.shares_memory(parameter, model.params)
        assert np.shares_memory(gradient, model.grads)
    assert sum(parameter.size for parameter, _ in pairs) == model.params.size


@given(
    batch=st.integers(5, 8),
    fan_in=st.integers(1, 4),
    classes=st.integers(2, 5),
    seed=st.integers(0, 99),
)
def test_all_gradients_agree_with_central_differences(batch, fan_in, classes, seed):
    rng = np.random.default_rng(seed)
    model = deep(rng, fan_in, classes)
    x, labels = rng.standard_normal((batch, fan_in)), rng.integers(0, classes, batch)

    def loss_of_params(params):
        before = model.params.copy()
        model.params[...] = params
        loss, _ = softmax_cross_entropy(model.forward(x), labels)
        model.params[...] = before
        return loss

    _, vjp = softmax_cross_entropy(model.forward(x), labels)
    grad_x = model.backward(vjp(), input_gradient=True)
    assert gradient_check(loss_of_params, model.params, model.grads)
    assert gradient_check(lambda x: softmax_cross_entropy(model.forward(x), labels)[0], x, grad_x)


# The engine of chapter 02 computes the same network number by number.


def value_network(model, x):
    """The network as Values: outputs by row, and the parameters in the order of model.params."""
    params = [Value(float(p)) for p in model.params]
    rows = [[Value(float(number)) for number in row] for row in x]
    return value_layers(model.layers, rows, iter(params)), params


def value_layers(layers, rows, params):
    for layer in layers:
        if isinstance(layer, Linear):
            weight = [[next(params) for _ in layer.bias] for _ in layer.weight]
            bias = [next(params) for _ in layer.bias]
            rows = [
                [sum((a * w for a, w in zip(row, column, strict=True)), b)
                 for column, b in zip(zip(*weight, strict=True), bias, strict=True)]
                for row in rows
            ]  # fmt: skip
        elif isinstance(layer, BatchNorm):
            gamma, beta = ([next(params) for _ in layer.gamma] for _ in range(2))
            columns = [value_batch_norm(column, layer.eps) for column in zip(*rows, strict=True)]
            columns = [
                [g * n + b for n in column]
                for g, column, b in zip(gamma, columns, beta, strict=True)
            ]
            rows = [list(row) for row in zip(*columns, strict=True)]
        elif isinstance(layer, Residual):
            inner = value_layers(layer.layers, rows, params)
            rows = [[x + y for x, y in zip(*two, strict=True)]
                    for two in zip(rows, inner, strict=True)]  # fmt: skip
        else:
            rows = [[getattr(z, layer.function.__name__)() for z in row] for row in rows]
    return rows


def value_batch_norm(column, eps):
    mean = sum(column, Value(0.0)) / len(column)
    var = sum(((x - mean) ** 2 for x in column), Value(0.0)) / len(column)
    return [(x - mean) / (var + eps) ** 0.5 for x in column]


def value_loss(kind, rows, targets):
    total = Value(0.0)
    for row, wanted in zip(rows, targets, strict=True):
        if kind is softmax_cross_entropy:
            total = total + sum((z.exp() for z in row), Value(0.0)).log() - row[wanted]
        elif kind is binary_cross_entropy:
            for z, t in zip(row, wanted, strict=True):
                total = total - float(t) * z.sigmoid().log() - (1 - t) * (1 - z.sigmoid()).log()
        else:
            total = total + sum(((z - t) ** 2 for z, t in zip(row, wanted, strict=True)), Value(0))
    n = len(rows) if kind is softmax_cross_entropy else len(rows) * len(rows[0])
    return total / n


def assert_the_engine_agrees(model, kind, x, targets):
    loss, vjp = kind(model.forward(x), targets)
    model.backward(vjp())
    rows, params = value_network(model, x)
    engine_loss = value_loss(kind, rows, targets)
    engine_loss.backward()
    assert engine_loss.data == pytest.approx(loss, rel=1e-12)
    engine_grads = np.array([p.grad for p in params])
    assert np.abs(engine_grads - model.grads).max() <= 1e-9 * np.abs(model.grads).max()
    assert model.grads.any()


@pytest.mark.parametrize("kind", [mean_squared_error, binary_cross_entropy, softmax_cross_entropy])
@pytest.mark.parametrize("sizes", [(2, 3, 2), (1, 4, 3, 2), (3, 2)])
@pytest.mark.parametrize("activation", [tanh, sigmoid, relu])
def test_all_gradients_agree_with_the_engine(kind, sizes, activation, rng):
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        layers += [Linear(fan_in, fan_out), Activation(activation)]
    model = Sequential(layers[:-1], rng)
    model.params[...] = rng.standard_normal(model.params.size)
    x, targets = rng.standard_normal((5, sizes[0])), rng.random((5, sizes[-1]))
    if kind is softmax_cross_entropy:
        targets = rng.integers(0, sizes[-1], 5)
    assert_the_engine_agrees(model, kind, x, targets)


def test_a_network_of_every_kind_of_layer_agrees_with_the_engine(rng):
    model = deep(rng)
    model.params += 0.3 * rng.standard_normal(model.params.size)
    x, labels = rng.standard_normal((6, 3)), rng.integers(0, 4, 6)
    assert_the_engine_agrees(model, softmax_cross_entropy, x, labels)


# One vector, and views of it.


def test_views_stay_attached_whatever_happens(rng):
    model = deep(rng)
    assert_views_are_attached(model)
    x, labels = rng.standard_normal((6, 3)), rng.integers(0, 4, 6)
    optimizer = Adam(model.params, model.grads, learning_rate=0.1)
    for _ in range(3):
        _, vjp = softmax_cross_entropy(model.forward(x), labels)
        model.backward(vjp())
        optimizer.step()
    model.predict(x)
    model.load_state(model.state())
    for layer in model.all_layers():
        for name in layer.shapes:
            getattr(layer, name)[...] *= 2
            getattr(layer, "grad_" + name)[...] = 1
    assert (model.grads == 1).all()
    assert_views_are_attached(model)


def test_a_deep_copy_is_a_network_of_its_own(rng):
    model = deep(rng)
    x = rng.standard_normal((6, 3))
    outputs = model.forward(x)
    twin = copy.deepcopy(model)
    assert_views_are_attached(twin)
    assert not np.shares_memory(twin.params, model.params)
    assert (twin.forward(x) == outputs).all()
    twin.params[...] = 0
    assert (model.predict(x) != 0).any()


def test_a_network_can_be_sent_to_another_process(rng):
    model = deep(rng)
    x = rng.standard_normal((6, 3))
    model.forward(x)
    received = pickle.loads(pickle.dumps(model))
    assert_views_are_attached(received)
    assert (received.predict(x) == model.predict(x)).all()


def test_the_vectors_are_flat_contiguous_and_never_replaced(rng):
    model = deep(rng)
    params, grads = model.params, model.grads
    _, vjp = mean_squared_error(model.forward(rng.standard_normal((4, 3))), np.zeros((4, 4)))
    model.backward(vjp())
    SGD(model.params, model.grads, 0.1).step()
    assert model.params is params
    assert model.grads is grads
    assert params.ndim == grads.ndim == 1
    assert params.flags.c_contiguous
    assert grads.flags.c_contiguous


def test_the_same_generator_state_gives_the_same_network():
    first, second = (deep(np.random.default_rng(5)) for _ in range(2))
    assert (first.params == second.params).all()
    assert first.params.any()


def test_float32_stays_float32(rng):
    model = deep(rng, dtype=np.float32)
    x, labels = rng.standard_normal((6, 3)), rng.integers(0, 4, 6)  # x is float64
    logits = model.forward(x)
    loss, vjp = softmax_cross_entropy(logits, labels)
    grad_x = model.backward(vjp(), input_gradient=True)
    Adam(model.params, model.grads, 0.1).step()
    of = [model.params, model.grads, logits, loss, vjp(), grad_x, model.predict(x)]
    assert {array.dtype for array in of} == {np.dtype(np.float32)}


def test_the_network_in_float32_is_near_the_one_in_float64():
    x = np.random.default_rng(1).standard_normal((6, 3))
    outputs = [deep(np.random.default_rng(0), dtype=t).forward(x) for t in (np.float32, np.float64)]
    assert outputs[0] == pytest.approx(outputs[1], abs=1e-5)


def test_predict_is_the_evaluation_mode(rng):
    model = Sequential([Linear(3, 4), BatchNorm(4), Dropout(0.5, rng)], rng)
    x = rng.standard_normal((6, 3))
    model.forward(x)
    before = model.state()
    assert (model.predict(x) == model.predict(x)).all()
    assert (model.predict(x) == model.forward(x, training=False)).all()
    assert all((model.state()[name] == before[name]).all() for name in before)


def test_state_holds_all_that_training_changes(rng):
    model = deep(rng)
    x = rng.standard_normal((6, 3))
    saved, outputs = model.state(), model.predict(x)
    model.forward(x)  # moves the running statistics
    model.params += 1
    assert (model.predict(x) != outputs).any()
    model.load_state(saved)
    assert (model.predict(x) == outputs).all()


def test_another_models_state_is_refused_and_nothing_changes(rng):
    model, other = deep(rng), deep(rng, classes=5)
    before = model.state()
    with pytest.raises(ValueError, match=r"params must have shape \(81,\)"):
        model.load_state(other.state())
    with pytest.raises(ValueError, match="state must hold"):
        model.load_state({"params": model.params})
    spoiled = {**model.state(), "running_var of layer 1": np.full(5, np.nan)}
    with pytest.raises(ValueError, match=r"running_var of layer 1\[0\] is nan"):
        model.load_state(spoiled)
    assert all((model.state()[name] == before[name]).all() for name in before)


# What is refused.


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda rng: Sequential([], rng), ValueError, "layers must be at least one layer"),
        (lambda rng: Sequential([tanh], rng), TypeError, "layers must be layers, as Linear is"),
        (lambda rng: Sequential([Linear(1, 1)], 0), TypeError, "rng must be a numpy.random.Gen"),
        (lambda rng: Sequential([Linear(1, 1)], rng, np.int64), TypeError, "dtype must be float64"),
        (lambda rng: Sequential([Linear(1, 1)], rng, "banana"), TypeError, "dtype must be float64"),
        (lambda rng: Sequential(Linear(1, 1), rng), TypeError, "layers must be a list of layers"),
        (lambda rng: Sequential([Linear(2, 2)] * 2, rng), ValueError, "one layer stands in two"),
        (lambda rng: Sequential(deep(rng).layers, rng), ValueError, "layers must be new"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, error, message, rng):
    with pytest.raises(error, match=message):
        make(rng)


def test_a_layer_without_parameters_has_one_model_too(rng):
    bend = Activation(tanh)
    Sequential([Linear(2, 2), bend], rng)
    with pytest.raises(ValueError, match="layers must be new: this Activation has a model"):
        Sequential([Linear(2, 2), bend], rng)


def test_another_vector_in_the_place_of_params_is_refused_and_said_how(rng):
    model = Sequential([Linear(1, 1)], rng)
    params, optimizer = model.params, SGD(model.params, model.grads, 1.0)
    model.params[...] = 3
    model.params += 1  # the same vector
    model.grads -= 1
    for name in ("params", "grads"):
        with pytest.raises(
            AttributeError, match=rf"{name} is shared .* model\.{name}\[...\] = value"
        ):
            setattr(model, name, np.ones(2))
    assert model.params is params is optimizer.params
    optimizer.step()
    assert model.layers[0].weight.tolist() == [[5]]


@pytest.mark.parametrize(
    ("initializer", "error", "message"),
    [
        (lambda rng, i, o: rng.standard_normal(o), ValueError, r"must have shape \(2, 3\), got"),
        (lambda rng, i, o: np.full((i, o), np.nan), ValueError, r"initializer\(...\)\[0, 0\] is"),
        (lambda rng, i, o: 1 / 0, ZeroDivisionError, "division by zero"),
    ],
)
def test_a_bad_initializer_is_refused_and_its_layers_are_free_again(
    initializer, error, message, rng
):
    good = Linear(3, 2)
    with pytest.raises(error, match=message):
        Sequential([good, Linear(2, 3, initializer)], rng)
    Sequential([good], rng).forward(np.ones((1, 3)))


def test_an_initializer_must_be_a_function():
    with pytest.raises(TypeError, match="initializer must be a function, got 'he'"):
        Linear(2, 3, "he")


def test_a_nan_among_many_numbers_is_found(rng):
    x = rng.standard_normal((5000, 3))
    x[4321, 1] = np.nan
    with pytest.raises(ValueError, match=r"x\[4321, 1\] is nan"):
        deep(rng).forward(x)


def test_a_refused_layer_can_still_be_used(rng):
    layer = Linear(2, 2)
    with pytest.raises(TypeError, match="rng must be"):
        Sequential([layer], "seed")
    Sequential([layer], rng).forward(np.ones((1, 2)))


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.ones((4, 2)), ValueError, r"x must have shape \(..., 3\) for .*, got \(4, 2\)"),
        (np.ones(3), ValueError, r"x must have shape \(batch, 5\) for BatchNorm\(5\), got \(5,\)"),
        (np.ones((2, 4, 3)), ValueError, r"x must have shape \(batch, 5\) .*, got \(2, 4, 5\)"),
        (np.ones((0, 3)), ValueError, "x must hold at least one number, got an empty batch"),
        (np.array([[1.0, np.nan, 2.0]]), ValueError, r"x\[0, 1\] is nan"),
        ([["a", "b", "c"]], TypeError, "x must hold real numbers"),
        ([[1.0, 2.0, 3.0], [4.0]], TypeError, "x must be an array of numbers; its rows differ"),
    ],
)
def test_a_bad_batch_is_refused_and_nothing_changes(x, error, message, rng):
    model = deep(rng)
    before = model.state()
    with pytest.raises(error, match=message):
        model.forward(x)
    assert all((model.state()[name] == before[name]).all() for name in before)


def test_backward_wants_a_forward_and_the_shape_of_the_outputs(rng):
    model = deep(rng)
    with pytest.raises(RuntimeError, match="backward needs a forward before it"):
        model.backward(np.ones((6, 4)))
    model.forward(rng.standard_normal((6, 3)))
    with pytest.raises(ValueError, match=r"grad_output must have shape \(6, 4\), got \(4, 6\)"):
        model.backward(np.ones((4, 6)))
    assert not model.grads.any()
    model.predict(rng.standard_normal((6, 3)))
    with pytest.raises(RuntimeError, match="predict does not count"):
        model.backward(np.ones((6, 4)))


def test_layers_that_do_not_fit_are_found_before_the_first_of_them_learns_anything(rng):
    model = Sequential([BatchNorm(3), Linear(3, 4), Linear(5, 2)], rng)
    with pytest.raises(ValueError, match=r"shape \(..., 5\) for Linear\(5, 2\), got \(6, 4\)"):
        model.forward(rng.standard_normal((6, 3)))
    assert not model.layers[0].buffers["running_mean"].any()


def test_another_shape_is_checked_again_and_the_same_one_is_not(rng, monkeypatch):
    asked = []

    def output_shape(self, shape):
        asked.append(shape)
        return shape

    monkeypatch.setattr(Activation, "output_shape", output_shape)
    model = Sequential([Activation(tanh), Linear(3, 2)], rng)
    for shape in [(4, 3), (4, 3), (2, 3), (4, 3)]:
        model.forward(np.ones(shape))
    assert asked == [(4, 3), (2, 3), (4, 3)]
    for _ in range(2):  # what was refused is refused again
        with pytest.raises(ValueError, match="x must have shape"):
            model.forward(np.ones((3, 4)))


class Lookup(Layer):
    """Row x of a table, for whole numbers x: what an embedding is."""

    def __init__(self, ids, width):
        self.shapes = {"table": (ids, width)}

    def initialize(self, rng):
        self.table[...] = rng.standard_normal(self.table.shape)

    def output_shape(self, shape):
        return (*shape, self.table.shape[1])

    def forward(self, x, training=True):
        self.x = x
        return self.table[x]

    def backward(self, grad, input_gradient=True):
        self.grad_table[...] = 0
        np.add.at(self.grad_table, self.x, grad)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
@pytest.mark.parametrize("training", [True, False])
def test_whole_numbers_reach_a_layer_that_takes_them_as_they_are(dtype, training, rng):
    model = Sequential([Lookup(5, 3), Linear(3, 2)], rng, np.float32)
    ids = np.array([[0, 4, 4], [2, 1, 4]], dtype)
    outputs = model.forward(ids, training)
    assert model.layers[0].x is ids
    assert outputs.dtype == np.float32
    assert outputs.shape == (2, 3, 2)
    assert (outputs == model.predict(ids.tolist())).all()


def test_the_gradient_of_a_table_agrees_with_central_differences(rng):
    model = Sequential([Lookup(5, 3), Linear(3, 2)], rng)
    ids, targets = np.array([[0, 4, 4], [2, 1, 4]]), rng.standard_normal((2, 3, 2))

    def loss_of_params(params):
        before = model.params.copy()
        model.params[...] = params
        loss, _ = mean_squared_error(model.forward(ids), targets)
        model.params[...] = before
        return loss

    model.backward(mean_squared_error(model.forward(ids), targets)[1]())
    assert gradient_check(loss_of_params, model.params, model.grads)


@pytest.mark.parametrize(
    "make", [lambda: Linear(2, 2), lambda: Activation(tanh), lambda: Residual(Linear(2, 2)),
             lambda: BatchNorm(2), lambda: Dropout(0.5, np.random.default_rng(0))]
)  # fmt: skip
def test_a_first_layer_that_needs_floats_gets_them_in_the_models_precision(make, rng):
    model = Sequential([make()], rng, np.float32)
    outputs = model.forward(np.array([[1, 2], [3, 5]]))
    assert outputs.dtype == np.float32
    model.backward(outputs)


def test_a_forward_that_failed_leaves_nothing_to_go_backward_from(rng):
    model = deep(rng)
    model.forward(rng.standard_normal((6, 3)))
    with pytest.raises(ValueError, match="x must have shape"):
        model.forward(np.ones((6, 2)))
    with pytest.raises(RuntimeError, match="backward needs a forward"):
        model.backward(np.ones((6, 4)))


def test_a_copy_has_nothing_to_go_backward_from(rng):
    model = deep(rng)
    model.forward(rng.standard_normal((6, 3)))
    with pytest.raises(RuntimeError, match="backward needs a forward"):
        copy.deepcopy(model).backward(np.ones((6, 4)))


def test_forward_is_the_training_mode_unless_said_otherwise(rng):
    model = deep(rng)
    x = 5 + rng.standard_normal((6, 3))
    model.forward(x)
    assert model.layers[1].buffers["running_mean"].any()
    assert (model.forward(x) == model.forward(x, training=True)).all()
    assert (model.forward(x) != model.forward(x, training=False)).any()


def test_backward_returns_the_gradient_of_the_data_only_if_asked(rng):
    model = deep(rng)
    model.forward(rng.standard_normal((6, 3)))
    assert model.backward(np.ones((6, 4))) is None
    assert model.backward(np.ones((6, 4)), input_gradient=True).shape == (6, 3)
