"""Embeddings and positions: by hand, against central differences, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_layers import check

from coursepkg.gradient_check import gradient_check
from coursepkg.layers import Embedding, Linear, Positions
from coursepkg.model import Sequential


def test_each_id_is_replaced_by_its_row_and_its_gradients_add():
    layer = Embedding(4, 2)
    Sequential([layer], np.random.default_rng(0))
    layer.weight[...] = [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert layer.forward(np.array([[2, 0, 2]])).tolist() == [[[5, 6], [1, 2], [5, 6]]]
    assert layer.mask is None
    assert layer.backward(np.array([[[1.0, 10], [2, 20], [4, 40]]])) is None
    assert layer.grad_weight.tolist() == [[2, 20], [0, 0], [5, 50], [0, 0]]


@settings(max_examples=30)
@given(
    ids=st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=4),
    padding=st.none() | st.integers(0, 5),
    front=st.booleans(),
)
def test_its_gradient_agrees_with_central_differences(ids, padding, front):
    ids = np.array(ids)[0] if front else np.array(ids)
    if (ids == padding).all():
        ids.flat[0] = (padding + 1) % 6  # nothing but padding: zero gradients, which prove nothing
    layer = Embedding(6, 2, padding)
    model = Sequential([layer], np.random.default_rng(0))
    grad_y = np.random.default_rng(1).standard_normal((*ids.shape, 2))

    def loss(params):
        model.params[...] = params
        return np.sum(grad_y * model.forward(ids))

    params = np.random.default_rng(2).standard_normal(12)
    loss(params)
    model.backward(grad_y)
    assert gradient_check(loss, params, model.grads.copy())


def test_padding_gives_zeros_and_gets_no_gradient(rng):
    layer = Embedding(5, 3, padding=2)
    model = Sequential([layer], rng)
    assert not layer.weight[2].any()
    model.params[...] = 1  # even then
    ids = np.array([[0, 2, 4], [2, 2, 1]])
    y = model.forward(ids)
    assert layer.mask.tolist() == [[True, False, True], [False, False, True]]
    assert (y.any(axis=-1) == layer.mask).all()
    model.backward(np.ones((2, 3, 3)))
    assert layer.grad_weight[:, 0].tolist() == [1, 1, 0, 0, 1]


def test_the_weight_starts_with_the_scale_that_was_asked_for(rng):
    (layer,) = Sequential([Embedding(200, 50)], rng).layers
    assert layer.weight.std() == pytest.approx(0.1, rel=4 / np.sqrt(2 * 10_000))
    (layer,) = Sequential([Embedding(200, 50, scale=2.0)], rng).layers
    assert layer.weight.std() == pytest.approx(2, rel=4 / np.sqrt(2 * 10_000))


def test_in_a_model_the_ids_stay_whole_numbers(rng):
    model = Sequential([Embedding(4, 3), Linear(3, 2)], rng, np.float32)
    y = model.forward([[0, 3], [1, 1]])
    assert (y.shape, y.dtype) == ((2, 2, 2), np.float32)
    assert model.backward(np.ones((2, 2, 2)), input_gradient=True) is None
    assert model.grads.dtype == np.float32
    assert not model.layers[0].grad_weight[2].any()


@settings(max_examples=10)
@given(front=st.lists(st.integers(1, 3), max_size=2), time=st.integers(1, 4))
def test_positions_agree_with_central_differences(front, time):
    layer = Positions(4, 3)
    model = Sequential([layer], np.random.default_rng(0))
    assert all(check(layer, model, np.random.default_rng(1).standard_normal((*front, time, 3))))


def test_positions_add_the_same_rows_to_every_sequence(rng):
    layer = Positions(4, 2)
    model = Sequential([layer], rng)
    layer.weight[...] = [[1, 2], [3, 4], [5, 6], [7, 8]]
    y = model.forward(np.zeros((2, 3, 2)))
    assert y.tolist() == [[[1, 2], [3, 4], [5, 6]]] * 2
    model.backward(np.ones((2, 3, 2)))
    assert layer.grad_weight.tolist() == [[2, 2], [2, 2], [2, 2], [0, 0]]


def test_of_an_earlier_batch_nothing_is_left_in_the_gradients(rng):
    model = Sequential([Embedding(6, 3), Positions(5, 3)], rng)
    for ids in ([[5, 4, 3, 2, 1]], [[0, 1, 0]]):
        model.forward(ids)
        model.backward(np.ones((1, len(ids[0]), 3)))
    embedding, positions = model.layers
    assert embedding.grad_weight[:, 0].tolist() == [2, 1, 0, 0, 0, 0]
    assert positions.grad_weight[:, 0].tolist() == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([[0, 4]], ValueError, r"x must hold ids from 0 to 3 for Embedding\(4, 2\), got 0 to 4"),
        ([[-1, 2]], ValueError, r"x must hold ids from 0 to 3 .* got -1 to 2"),
        ([[0.0, 1.0]], TypeError, "x must hold whole numbers, the ids of an Embedding, got float"),
    ],
)
def test_what_is_no_id_is_refused(ids, error, message, rng):
    model = Sequential([Embedding(4, 2)], rng)
    with pytest.raises(error, match=message):
        model.forward(ids)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (2, 6, 3)])
def test_positions_refuse_what_does_not_fit(shape, rng):
    with pytest.raises(ValueError, match=r"x must have shape \(..., time, 3\), time at most 5"):
        Sequential([Positions(5, 3)], rng).forward(np.ones(shape))


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: Embedding(0, 2), "count"),
        (lambda: Embedding(3, 2.5), "features"),
        (lambda: Embedding(3, 2, padding=3), "padding must be less than count = 3, got 3"),
        (lambda: Embedding(3, 2, padding=-1), "padding"),
        (lambda: Embedding(3, 2, scale=-1), "scale"),
        (lambda: Positions(0, 2), "length"),
        (lambda: Positions(2, "3"), "features"),
    ],
)
def test_a_bad_argument_is_named(made, name):
    with pytest.raises((ValueError, TypeError), match=name):
        made()
