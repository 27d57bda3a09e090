"""Exercises 13: masked softmax, attention and its gradients, the causal mask, layer norm."""

import numpy as np

from coursepkg.checks.question import arrays, question
from coursepkg.checks.running import use


def masked_scores(rng):
    """Scores with masks; among them rows wholly masked, and scores whose exp overflows."""
    batch_mask = rng.random((2, 3, 5)) < 0.6
    batch_mask[0, 1], batch_mask[:, 0, 0], batch_mask[:, 2, 3] = False, True, True
    batch_mask[1, 1, 1:3], batch_mask[1, 0, 4] = (True, False), False
    return arrays({
        "one row, one score forbidden": {
            "scores": [[1.0, 2.0, 0.0]], "mask": [[True, True, False]]},
        "everything allowed": {
            "scores": [[1.0, 2.0, 0.0], [0.5, -1.0, 3.0]], "mask": [[True] * 3, [True] * 3]},
        "a row wholly forbidden": {
            "scores": [[1.0, 2.0, 0.0, -1.0], [3.0, 1.0, 0.0, 2.0]],
            "mask": [[True, False, True, True], [False] * 4]},
        "a large score is forbidden": {
            "scores": [[1.0, 0.0, 900.0], [-2.0, 1000.0, 0.5]],
            "mask": [[True, True, False], [True, False, True]]},
        "large scores": {
            "scores": [[1000.0, 999.0, 0.0], [-1000.0, -998.0, -999.0]],
            "mask": [[True, True, True], [False, True, True]]},
        "large scores in a batch": {
            "scores": [[[1000.0, 999.0], [0.0, 1.0]], [[1.0, 0.0], [-900.0, -901.0]]],
            "mask": [[[True, True], [True, True]], [[True, False], [True, True]]]},
        "2 × 3 × 5": {"scores": rng.normal(0, 2, (2, 3, 5)), "mask": batch_mask},
        "4 × 2 × 3": {"scores": rng.normal(0, 2, (4, 2, 3)),
                      "mask": np.arange(3) < rng.permutation(4)[:, None, None] + [[0], [0]]},
    })  # fmt: skip


@question(masked_scores)
def masked_softmax(scores, mask):
    largest = np.where(mask, scores, -np.inf).max(axis=-1, keepdims=True)
    e = np.zeros(scores.shape)
    np.exp(scores - largest, out=e, where=mask)
    total = e.sum(axis=-1, keepdims=True)
    return np.divide(e, total, out=e, where=total > 0)


def weights_with_gradients(rng):
    """The gradient that arrives, and rows of weights; some weights are 0, some rows all 0."""

    def drawn(*shape):
        weights = rng.uniform(0.2, 1, shape) * (rng.random(shape) < 0.7)
        weights[..., 0, 0], weights[..., -1, -1] = 0.5, 0.5
        weights[0, 1] = 0
        total = weights.sum(axis=-1, keepdims=True)
        return (rng.normal(0.5, 1, shape), weights / np.where(total, total, 1))

    return {
        "one row": ([[2.0, -1.0, 1.0]], [[0.5, 0.3, 0.2]]),
        "one score forbidden": ([[2.0, -1.0, 4.0]], [[0.75, 0.25, 0.0]]),
        "two rows": ([[1.0, 0.0, 3.0], [-2.0, 1.0, 0.5]], [[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]]),
        "2 × 3 × 4": drawn(2, 3, 4),
        "3 × 4 × 2": drawn(3, 4, 2),
    }


@question(weights_with_gradients)
def masked_softmax_backward(grad_weights, weights):
    mean = (grad_weights * weights).sum(axis=-1, keepdims=True)
    return weights * (grad_weights - mean)


ONE_QUERY = {
    "queries": [[[2.0, 0.0, 2.0, 1.0]]],
    "keys": [[[1.0, 0.0, 0.0, 0.0], [0.0, 3.0, 1.0, 2.0]]],
    "values": [[[4.0, 0.0, 1.0], [0.0, 8.0, -2.0]]],
}
SIZES = {  # batch, queries, keys, d, numbers in a value
    "2 sequences, 3 queries, 4 keys": (2, 3, 4, 5, 6),
    "3 sequences, 5 queries, 2 keys": (3, 5, 2, 6, 4),
    "2 sequences, 4 queries, 6 keys": (2, 4, 6, 3, 5),
}


def queries_keys_values(rng, batch, m, n, d, k):
    return {"queries": rng.normal(0, 1, (batch, m, d)), "keys": rng.normal(0.3, 1, (batch, n, d)),
            "values": rng.normal(0.5, 1, (batch, n, k))}  # fmt: skip


def sequences(rng):
    # Far apart, and exact in float32 as well.
    far_apart = queries_keys_values(rng, 2, 2, 3, 4, 5)
    far_apart["queries"] = np.array([[[40.0] * 4, [-40.0] * 4], [[1.0] * 4, [60.0] * 4]])
    far_apart["keys"] = 20 + rng.integers(-3, 4, (2, 3, 4)) / 64
    far_apart["keys"][0, 2] *= -1
    return {
        "one query, two keys": ONE_QUERY,
        **{label: queries_keys_values(rng, *sizes) for label, sizes in SIZES.items()},
        "large scores": far_apart,
    }


def context_of_own_weights(outputs, queries, keys, values):
    return {"weights": attention(queries, keys, values)[0],
            "context": np.asarray(outputs["weights"]) @ values}  # fmt: skip


@question(sequences, follow=context_of_own_weights)
def attention(queries, keys, values):
    scores = queries @ keys.transpose(0, 2, 1) / np.sqrt(queries.shape[-1])
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    context = weights @ values
    return weights, context


def sequences_with_gradients(rng):
    """The gradient that arrives, queries, keys, values, and the weights of the forward pass."""

    def case(grad_context, given):
        return {"grad_context": grad_context, **given, "weights": attention(**given)[0]}

    return {
        "one query, two keys": case([[[1.0, 0.5, 2.0]]], arrays(ONE_QUERY)),
        **{
            label: case(
                rng.normal(0.3, 1, (batch, m, k)), queries_keys_values(rng, batch, m, n, d, k)
            )
            for label, (batch, m, n, d, k) in SIZES.items()
        },
    }


@question(sequences_with_gradients)
def attention_backward(grad_context, queries, keys, values, weights):
    grad_values = weights.transpose(0, 2, 1) @ grad_context
    grad_weights = grad_context @ values.transpose(0, 2, 1)
    mean = (grad_weights * weights).sum(axis=-1, keepdims=True)
    grad_scores = weights * (grad_weights - mean) / np.sqrt(queries.shape[-1])
    grad_queries = grad_scores @ keys
    grad_keys = grad_scores.transpose(0, 2, 1) @ queries
    return grad_queries, grad_keys, grad_values


def padded_sequences(rng):
    """Where the positions of some sequences are real: padded in front, at the end, or between."""
    drawn = rng.random((3, 6)) < 0.6
    drawn[0, :2], drawn[1, 2:4], drawn[2, -2:] = (False, True), (False, True), (True, False)
    return arrays({
        "three positions, no padding": {"real": [[True, True, True]]},
        "padded in front": {"real": [[False, False, True, True], [False, True, True, True]]},
        "padded at the end": {"real": [[True, True, True, False], [True, False, False, False]]},
        "one is empty": {"real": [[False] * 5, [True] * 5, [False, True, False, True, True]]},
        "one position": {"real": [[True], [False]]},
        "drawn": {"real": drawn},
    })  # fmt: skip


@question(padded_sequences)
def causal_mask(real):
    t = np.arange(real.shape[1])
    past = t <= t[:, None]
    return past & real[:, None, :]


def backward_passes(rng):
    """The names of backward passes, which `use.call_with_backward` puts in, and the sizes."""
    more = [*rng.permutation([3, 4, 5])]
    return {
        "two positions, no mask": ("of_a_layer_without_mask", 2, 1),
        "two positions": ("of_a_causal_layer", 2, 2),
        "one position": ("of_a_causal_layer", 1, 2),
        "three positions, one too far": ("of_a_mask_one_too_far", 3, 2),
        "three positions, turned round": ("of_a_mask_turned_round", 3, 2),
        "causal": ("of_a_causal_layer", int(more[0]), 3),
        "without diagonal": ("of_a_mask_without_diagonal", int(more[1]), 2),
        "far leak": ("of_a_far_leak", 5, 3),
        "no mask": ("of_a_layer_without_mask", int(more[2]), 2),
    }


def leak_of_own_reach(outputs, backward, time, features):
    case = {"backward": backward, "time": time, "features": features}
    return {"reach": use.call_with_backward(causal_test, case)[0],
            "leak": np.triu(outputs["reach"], 1).max()}  # fmt: skip


@question(backward_passes, use=use.call_with_backward, follow=leak_of_own_reach)
def causal_test(backward, time, features):
    reach = np.zeros((time, time))
    for s in range(time):
        for i in range(features):
            grad_y = np.zeros((time, features))
            grad_y[s, i] = 1
            slopes = np.abs(backward(grad_y))
            reach[s] = np.maximum(reach[s], slopes.max(axis=1))
    leak = np.triu(reach, 1).max()
    return reach, leak


FEATURES = {  # batch, time, features, eps
    "2 × 3 × 4": (2, 3, 4, 1e-5),
    "3 × 2 × 5, a large ε": (3, 2, 5, 0.5),
    "4 × 5 × 3": (4, 5, 3, 0.01),
}


def vectors(rng):
    """x, gamma, beta and eps; among the vectors some that are constant or hardly vary."""

    def drawn(batch, time, features, eps):
        x = rng.normal(1, 2, (batch, time, features)) * rng.uniform(0.3, 3, (time, features))
        gamma = rng.uniform(0.5, 2, features) * rng.choice([-1, 1], features)
        return {"x": x, "gamma": gamma, "beta": rng.normal(0, 1, features), "eps": eps}

    flat = drawn(2, 3, 4, 1e-5)
    flat["x"] = 5 + rng.normal(0, 0.003, (2, 3, 4))
    flat["x"][0, 1] = 7
    return {
        "one vector": {"x": [[[1.0, 1.0, 5.0, 5.0]]], "gamma": [1.0, 2.0, 1.0, -1.0],
                       "beta": [0.0, 0.0, 3.0, 0.0], "eps": 1e-5},
        **{label: drawn(*sizes) for label, sizes in FEATURES.items()},
        "hardly any variance": flat,
    }  # fmt: skip


@question(vectors)
def layer_norm(x, gamma, beta, eps):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def vectors_with_gradients(rng):
    """The gradient that arrives, x, gamma and eps."""

    def drawn(batch, time, features, eps):
        x = rng.normal(1, 2, (batch, time, features)) * rng.uniform(0.3, 3, (time, features))
        gamma = rng.uniform(0.5, 2, features) * rng.choice([-1, 1], features)
        return (rng.normal(0.5, 1, x.shape), x, gamma, eps)

    flat = (rng.normal(0.5, 1, (2, 3, 4)), 5 + rng.normal(0, 0.003, (2, 3, 4)))
    return {
        "one vector": ([[[1.0, 3.0, 0.0, 2.0]]], [[[1.0, 1.0, 5.0, 5.0]]], [1.0, 2.0, 1.0, -1.0],
                       1e-5),
        **{label: drawn(*sizes) for label, sizes in FEATURES.items()},
        "hardly any variance": (*flat, rng.uniform(0.5, 2, 4), 1e-6),
    }  # fmt: skip


@question(vectors_with_gradients)
def layer_norm_backward(grad_y, x, gamma, eps):
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    n = (x - x.mean(axis=-1, keepdims=True)) / std
    grad_n = grad_y * gamma
    through_mean = grad_n.mean(axis=-1, keepdims=True)
    through_var = n * (grad_n * n).mean(axis=-1, keepdims=True)
    grad_x = (grad_n - through_mean - through_var) / std
    grad_gamma = (grad_y * n).sum(axis=(0, 1))
    grad_beta = grad_y.sum(axis=(0, 1))
    return grad_x, grad_gamma, grad_beta
