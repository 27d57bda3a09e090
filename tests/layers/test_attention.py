"""Attention and layer normalization: central differences, known numbers, masks, causality."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_layers import check
from test_recurrent import check_inputs, masked_by, placed

from coursepkg.gradient_check import direction_check
from coursepkg.layers import (
    Activation,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    MeanOverTime,
    Positions,
    SelfAttention,
    transformer_block,
)
from coursepkg.layers.attention import attention, masked_softmax
from coursepkg.losses import sequence_cross_entropy
from coursepkg.model import Sequential

SENTENCE = np.array(
    [[0.43, 0.15, 0.89], [0.55, 0.87, 0.66], [0.57, 0.85, 0.64],
     [0.22, 0.58, 0.33], [0.77, 0.25, 0.10], [0.05, 0.80, 0.55]]
)  # fmt: skip


def test_the_attention_of_a_published_book():
    (context, weights), _ = attention(SENTENCE, SENTENCE, SENTENCE, scale=1)
    due = [0.13854759, 0.2378913, 0.23327403, 0.1239916, 0.10818188, 0.15811361]
    assert weights[1] == pytest.approx(due, abs=1e-8)
    assert context[1] == pytest.approx([0.44186575, 0.65148198, 0.56830889], abs=1e-8)


def test_equal_keys_give_the_mean_of_what_the_mask_leaves():
    values = np.broadcast_to(np.arange(40.0).reshape(10, 4), (2, 10, 4))
    mask = np.arange(10) < np.array([2, 6])[:, None, None]  # (batch, 1, time)
    queries = np.random.default_rng(0).standard_normal((2, 1, 5))
    (context, _), _ = attention(queries, np.ones((2, 10, 5)), values, mask)
    assert context[:, 0] == pytest.approx(np.array([[2, 3, 4, 5], [10, 11, 12, 13]]), rel=1e-14)


def test_the_scale_is_one_over_the_root_of_d():
    queries, keys = np.full((1, 16), 3.0), np.array([[0.0] * 16, [0.25] * 16])
    (_, weights), _ = attention(queries, keys, keys)  # scores 0 and 12/4
    assert weights[0] == pytest.approx([1 / (1 + np.exp(3)), 1 / (1 + np.exp(-3))], rel=1e-14)


shapes = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(2, 5))


@settings(max_examples=20)
@given(shape=shapes, masked=st.booleans(), seed=st.integers(0, 99))
def test_the_vjp_of_a_masked_softmax(shape, masked, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < 0.6 if masked else None
    if masked:
        mask[0, 0] = [True, True, *mask[0, 0, 2:]]  # a single True has the weight 1: no gradient
    assert all(check_inputs(lambda s: one(masked_softmax(s, mask)), rng.normal(0, 2, shape)))


def one(value_and_vjp):
    """Of a function of one array: a vjp that returns a list of one."""
    value, vjp = value_and_vjp
    return value, lambda grad: [vjp(grad)]


@settings(max_examples=20)
@given(
    front=st.lists(st.integers(1, 2), max_size=2).map(tuple),
    m=st.integers(1, 3), n=st.integers(2, 4), d=st.integers(1, 3), k=st.integers(1, 3),
    masked=st.booleans(), scale=st.sampled_from([None, 1, 0.3]), seed=st.integers(0, 99),
)  # fmt: skip
def test_the_vjp_of_attention(front, m, n, d, k, masked, scale, seed):
    rng = np.random.default_rng(seed)
    queries, keys, values = (
        rng.standard_normal((*front, *shape)) for shape in ((m, d), (n, d), (n, k))
    )
    mask = rng.random((*front, m, n)) < 0.7 if masked else None
    if masked:
        mask[..., 0, :2] = True

    def context_only(*points):
        (context, _), vjp = attention(*points, mask, scale)
        return context, vjp

    assert all(check_inputs(context_only, queries, keys, values))


def test_a_softmax_behaves_at_its_limits():
    scores = np.array([[1e4, 1e4 - 1, -1e4], [-1e4, 0, 1e4], [3, 2, 1]])
    mask = np.array([[True, True, True], [True, True, False], [False, False, False]])
    with np.errstate(all="raise", under="ignore"):
        weights, vjp = masked_softmax(scores, mask)
        grad_scores = vjp(np.array([[1.0, 2, 3]] * 3))
    assert weights[0] == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0], rel=1e-14)
    assert weights[1:].tolist() == [[0, 1, 0], [0, 0, 0]]
    assert not grad_scores[1:].any()


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@settings(max_examples=6)
@given(heads=st.integers(1, 3), batch=st.integers(1, 2), seed=st.integers(0, 99))
def test_self_attention_agrees_with_central_differences(causal, masked, heads, batch, seed):
    rng, time = np.random.default_rng(seed), 4
    mask = rng.random((batch, time)) < 0.7
    mask[0] = [True, True, False, True]  # all others may be padding, wholly, at any place
    layer = SelfAttention(2 * heads, heads, causal, masked_by(mask) if masked else None)
    x = rng.standard_normal((batch, time, 2 * heads))
    assert all(check(layer, placed(layer, seed=seed), x))
    allowed = np.ones((batch, heads, time, time), bool)
    allowed &= mask[:, None, None, :] if masked else True
    allowed &= np.tri(time, dtype=bool) if causal else True
    assert ((layer.weights > 0) == allowed).all()
    assert layer.weights.sum(axis=-1) == pytest.approx(allowed.any(axis=-1).astype(float))


def test_each_head_has_columns_of_its_own():
    layer = SelfAttention(6, 3)
    model = placed(layer)
    x = np.random.default_rng(0).standard_normal((2, 4, 6))
    contexts = []
    for head in range(3):
        own = slice(2 * head, 2 * head + 2)
        (context, weights), _ = attention(
            x @ layer.weight_q[:, own], x @ layer.weight_k[:, own], x @ layer.weight_v[:, own]
        )
        contexts.append(context)
        assert model.forward(x).shape == x.shape
        assert layer.weights[:, head] == pytest.approx(weights, rel=1e-12)
    due = np.concatenate(contexts, axis=-1) @ layer.weight_o
    assert model.forward(x) == pytest.approx(due, rel=1e-12)


def test_nobody_sees_what_comes_later():
    x = np.random.default_rng(0).standard_normal((2, 5, 4))
    model = placed(*transformer_block(4, 2, 6, causal=True))
    for s in range(5):
        grad_y = np.zeros((2, 5, 4))
        grad_y[:, s] = [1, 2, -1, 3]
        model.forward(x)
        grad_x = model.backward(grad_y, input_gradient=True)
        assert not grad_x[:, s + 1 :].any()
        assert grad_x[:, : s + 1].all()


def test_without_a_causal_mask_everybody_sees_everything():
    x = np.random.default_rng(0).standard_normal((2, 5, 4))
    model = placed(*transformer_block(4, 2, 6))
    grad_y = np.zeros((2, 5, 4))
    grad_y[:, 2] = [1, 2, -1, 3]
    model.forward(x)
    assert model.backward(grad_y, input_gradient=True).all()


def classifier(causal, seed=0):
    words = Embedding(9, 4, padding=0)
    block = transformer_block(4, 2, 6, causal, mask_of=words)
    layers = [words, Positions(9, 4), *block, MeanOverTime(words), Linear(4, 3)]
    return placed(*layers, seed=seed), words


IDS = np.array([[3, 1, 4, 1, 5], [2, 6, 0, 0, 0], [5, 3, 5, 0, 0], [8, 7, 7, 2, 0]])


@pytest.mark.parametrize("causal", [False, True])
def test_more_padding_changes_neither_outputs_nor_gradients(causal):
    model, words = classifier(causal)
    grad = np.random.default_rng(3).standard_normal((4, 3))
    outputs = model.forward(IDS)
    model.backward(grad)
    grads = model.grads.copy()
    assert model.forward(np.pad(IDS, ((0, 0), (0, 4)))) == pytest.approx(outputs, rel=1e-12)
    model.backward(grad)
    assert model.grads == pytest.approx(grads, rel=1e-10, abs=1e-14)
    assert words.grad_weight[1:].any(axis=1).tolist() == [True] * 8
    assert not words.grad_weight[0].any()


def test_a_whole_model_agrees_along_random_directions():
    words = Embedding(9, 4, padding=0)
    block = transformer_block(4, 2, 6, causal=True, mask_of=words)
    model = placed(words, Positions(5, 4), *block, LayerNorm(4), Linear(4, 9))
    labels = np.where(IDS == 0, -1, np.roll(IDS, -1, axis=1))

    def loss(params):
        model.params[...] = params
        return sequence_cross_entropy(model.forward(IDS), labels, ignore=-1)[0]

    params = model.params.copy()
    loss(params)
    model.backward(sequence_cross_entropy(model.forward(IDS), labels, ignore=-1)[1]())
    grads = model.grads.copy()
    assert direction_check(loss, params, grads, np.random.default_rng(0))
    grads[17] *= 1.1
    assert not direction_check(loss, params, grads, np.random.default_rng(0))


def test_a_block_is_two_residual_layers_and_drops_only_if_asked_to(rng):
    (attend, think) = transformer_block(4, 2, 6)
    assert [type(layer) for layer in attend.layers] == [LayerNorm, SelfAttention]
    assert [type(layer) for layer in think.layers] == [LayerNorm, Linear, Activation, Linear]
    for layer in transformer_block(4, 2, 6, dropout=0.3, rng=rng):
        assert isinstance(layer.layers[-1], Dropout)
        assert layer.layers[-1].rate == 0.3


# Layer normalization.


@settings(max_examples=15)
@given(front=st.lists(st.integers(1, 3), max_size=3), features=st.integers(3, 6))
def test_layer_norm_agrees_with_central_differences(front, features):
    layer = LayerNorm(features)
    x = np.random.default_rng(5).normal(2, 3, size=(*front, features))
    assert all(check(layer, placed(layer), x))


def test_layer_norm_by_hand(rng):
    model = Sequential([LayerNorm(4)], rng)
    y = model.forward(np.array([[1.0, 0, 0, 0], [5, 1, 1, 1]]))
    # The variance of [1, 0, 0, 0] is 3/16, with eps a little more; that of [5, 1, 1, 1] is 3.
    due = np.array([0.75, -0.25, -0.25, -0.25])
    assert y[0] == pytest.approx(due / np.sqrt(3 / 16 + 1e-5), rel=1e-12)
    assert y[0] == pytest.approx(due * 4 / np.sqrt(3), rel=1e-4)
    assert y[1] == pytest.approx(4 * due / np.sqrt(3 + 1e-5), rel=1e-12)


def test_layer_norm_treats_each_vector_by_itself_in_training_and_afterwards(rng):
    layer = LayerNorm(5)
    model = placed(layer)
    x = rng.standard_normal((2, 3, 5))
    assert layer.forward(x, training=False) == pytest.approx(model.forward(x), rel=1e-14)
    assert model.forward(x[:1, :1]) == pytest.approx(model.forward(x)[:1, :1], rel=1e-14)


# What they keep, and what they refuse.


def test_float32_stays_float32():
    words = Embedding(9, 4, padding=0)
    block = transformer_block(4, 2, 6, causal=True, mask_of=words)
    model = placed(words, Positions(5, 4), *block, LayerNorm(4), dtype=np.float32)
    grad = model.forward(IDS)
    assert grad.dtype == np.float32
    for layer in reversed(model.layers):
        grad = layer.backward(grad)
        assert grad is None or grad.dtype == np.float32


@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 5, 3), (2, 2, 5, 4)])
def test_self_attention_refuses_what_does_not_fit(shape, rng):
    with pytest.raises(ValueError, match=r"x must have shape \(batch, time, 4\) for SelfAttention"):
        Sequential([SelfAttention(4, 2)], rng).forward(np.ones(shape))


def test_layer_norm_refuses_what_does_not_fit(rng):
    with pytest.raises(ValueError, match=r"x must have shape \(..., 4\) for LayerNorm\(4\), got"):
        Sequential([LayerNorm(4)], rng).forward(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: SelfAttention(0, 1), "features"),
        (lambda: SelfAttention(4, 0), "heads"),
        (lambda: SelfAttention(4, 3), "heads must divide features = 4, got 3"),
        (lambda: SelfAttention(4, 2, mask_of="words"), "mask_of must be an Embedding"),
        (lambda: SelfAttention(4, 2, initializer=0), "initializer"),
        (lambda: LayerNorm(0), "features"),
        (lambda: LayerNorm(3, eps=0), "eps"),
        (lambda: transformer_block(4, 2, 0), "fan_out"),
        (lambda: transformer_block(4, 2, 6, dropout=0.1), "rng must be a numpy.random.Generator"),
        (lambda: transformer_block(4, 2, 6, dropout=1, rng=np.random.default_rng(0)), "rate"),
    ],
)
def test_a_bad_argument_is_named(made, name):
    with pytest.raises((ValueError, TypeError), match=name):
        made()
