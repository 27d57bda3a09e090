"""Exercises 08: a chain of sigmoids, starting weights, clipping, batch normalization, residuals."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def chains(rng):
    return {
        "one block": (0.5, [2.0]),
        "two blocks": (0.5, [2.0, -3.0]),
        "three blocks": (-0.5, [1.0, 4.0, 0.5]),
        "six blocks": (0.7, rng.uniform(0.5, 3, 6)),
        "twenty blocks": (-1.0, rng.uniform(-2.5, 2.5, 20)),
    }


@question(chains)
def sigmoid_chain(start, weights):
    a, slope = start, 1.0
    for w in weights:
        a = 1 / (1 + np.exp(-w * a))
        slope = slope * w * a * (1 - a)
    return a, slope


FANS = {"4 to 12": (4, 12), "15 to 5": (15, 5), "9 to 7": (9, 7)}


def layers(rng):
    """The fans of some layers, each with the seed of a generator."""
    return {
        label: {"seed": int(rng.integers(10**6)), "fan_in": fan_in, "fan_out": fan_out}
        for label, (fan_in, fan_out) in FANS.items()
    }


@question(layers, use=use.initial_weights, tolerance=0.05)
def glorot_uniform(rng, fan_in, fan_out):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def leaky_layers(rng):
    leaks = (0.0, 0.5, 0.8)
    return {
        f"{label}, leak {leak}": {**case, "leak": leak}
        for (label, case), leak in zip(layers(rng).items(), leaks, strict=True)
    }


@question(leaky_layers, use=use.initial_weights, tolerance=0.05)
def he_normal_leaky(rng, fan_in, fan_out, leak):
    scale = np.sqrt(2 / ((1 + leak**2) * fan_in))
    return scale * rng.standard_normal((fan_in, fan_out))


def lists_of_gradients(rng):
    """Arrays by name, from which `use.list_and_number` makes the list."""
    layer = {"weight": rng.normal(0, 1, (3, 4)), "bias": rng.normal(0, 1, 4)}
    two_layers = {
        "weight 1": rng.normal(0, 2, (2, 3)), "bias 1": rng.normal(0, 2, 3),
        "weight 2": rng.normal(0, 2, (3, 1)), "bias 2": rng.normal(0, 2, 1),
    }  # fmt: skip
    one, pair = ({"bias": [3.0, -4.0]}, {"weight": [[3.0]], "bias": [-4.0]})
    short = {"weight": [[0.3, 0.0]], "bias": [-0.4]}
    matrix = {"weight": [[1.0, 1.0], [1.0, -1.0]], "bias": [1.5]}
    return {
        "one array": (one, 1.0),
        "two arrays": (pair, 2.0),
        "one of the two is short": (pair, 3.5),
        "both are short, the whole is not": (pair, 4.5),
        "short": (short, 1.0),
        "all zero": ({"weight": np.zeros((1, 3)), "bias": np.zeros(2)}, 1.0),
        "a matrix": (matrix, 1.25),
        "a layer": (layer, 1.5),
        "two layers": (two_layers, 0.5),
        "two layers, a high limit": (two_layers, 100.0),
    }


def clipped_by_own_norm(outputs, grads, max_norm):
    """What the clipped gradients should be, given the norm that the answer itself has found."""
    numbers = np.concatenate([g.ravel() for g in grads.values()])
    norm = float(outputs["norm"])
    factor = max_norm / norm if norm > max_norm else 1
    return {"clipped": factor * numbers, "norm": np.linalg.norm(numbers)}


@question(lists_of_gradients, use=use.list_and_number, follow=clipped_by_own_norm)
def clip_gradients(grads, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    factor = max_norm / norm if norm > max_norm else 1
    clipped = [factor * g for g in grads]
    return clipped, norm


def normalizations(rng):
    """In training and in evaluation mode, among them a column that hardly varies."""

    def case(x, training):
        features = x.shape[1]
        return {"x": x, "gamma": rng.uniform(0.5, 2, features) * rng.choice([-1, 1], features),
                "beta": rng.normal(0, 1, features), "running_mean": rng.normal(0, 1, features),
                "running_var": rng.uniform(2, 5, features), "training": training}  # fmt: skip

    one = {"gamma": [2.0], "beta": [1.0], "running_mean": [10.0],
           "running_var": [3.0]}  # fmt: skip
    flat = case(5 + rng.normal(0, 0.003, (6, 2)), True)
    flat["running_var"] = np.array([1e-5, 4e-5])  # so that an ε in it shows
    return {
        "training, three samples": {"x": [[1.0], [2.0], [6.0]], **one,
                                    "training": True},
        "evaluation, one sample": {"x": [[7.0]], **one, "training": False},
        "evaluation, two samples": {"x": [[4.0], [8.0]], **one, "training": False},
        "training, all samples equal": {"x": np.full((3, 1), 7.0), **one, "training": True},
        "training, 5 × 3": case(rng.normal(2, 3, (5, 3)), True),
        "training, 3 × 4": case(rng.normal(-1, 2, (3, 4)), True),
        "evaluation, 3 × 4": case(rng.normal(-1, 2, (3, 4)), False),
        "evaluation, one sample, 1 × 3": case(rng.normal(1, 2, (1, 3)), False),
        "training, hardly any variance": flat,
        "evaluation, hardly any variance": {**flat, "running_mean": np.full(2, 5.0),
                                            "training": False},
    }  # fmt: skip


@question(normalizations)
def batch_norm(x, gamma, beta, running_mean, running_var, training):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        unbiased = var * len(x) / (len(x) - 1)
        running_mean = running_mean + 0.1 * (mean - running_mean)
        running_var = running_var + 0.1 * (unbiased - running_var)
    y = gamma * (x - mean) / np.sqrt(var + 1e-5) + beta
    return y, running_mean, running_var


def normalized(rng):
    """What a forward pass in training mode has kept, with the gradient that arrives."""

    def case(batch, features, eps=1e-5):
        x = rng.normal(1, 2, (batch, features)) * rng.uniform(0.2, 3, features)
        inverse_std = 1 / np.sqrt(x.var(axis=0) + eps)
        return {"grad_y": rng.normal(0.5, 1, (batch, features)),
                "n": (x - x.mean(axis=0)) * inverse_std, "inverse_std": inverse_std,
                "gamma": rng.uniform(0.5, 2, features) * rng.choice([-1, 1], features)}  # fmt: skip

    small = ([[4.0], [2.0], [0.0], [-2.0]], [[1.0], [1.0], [-1.0], [-1.0]], [0.5], [3.0])
    return {"four samples, one unit": small, "three samples, two units": case(3, 2),
            "five samples, three units": case(5, 3), "four samples, six units": case(4, 6),
            "seven samples, a large ε": case(7, 2, eps=1.0)}  # fmt: skip


def grad_x_by_own_sums(outputs, grad_y, n, inverse_std, gamma):
    """Both means of the three terms can be had from grad_beta and grad_gamma: here from its own."""
    batch = len(grad_y)
    centered = grad_y - outputs["grad_beta"] / batch - n * outputs["grad_gamma"] / batch
    return {"grad_x": gamma * inverse_std * centered, "grad_gamma": (grad_y * n).sum(axis=0),
            "grad_beta": grad_y.sum(axis=0)}  # fmt: skip


@question(normalized, follow=grad_x_by_own_sums)
def batch_norm_backward(grad_y, n, inverse_std, gamma):
    grad_gamma = (grad_y * n).sum(axis=0)
    grad_beta = grad_y.sum(axis=0)
    grad_n = grad_y * gamma
    through_mean = grad_n.mean(axis=0)
    through_var = n * (grad_n * n).mean(axis=0)
    grad_x = (grad_n - through_mean - through_var) * inverse_std
    return grad_x, grad_gamma, grad_beta


def residual_stacks(rng):
    """Activations before and after each block, from a forward pass, and the gradient at the end."""

    def case(x, weights):
        xs = [x]
        for w in weights:
            xs.append(xs[-1] + np.tanh(xs[-1] @ w))
        return {"grad_y": rng.normal(0, 1, x.shape), "xs": np.array(xs), "weights": weights}

    def drawn(depth, batch, width):
        return case(rng.normal(0, 1, (batch, width)), rng.normal(0, 0.7, (depth, width, width)))

    one = case(np.array([[0.5]]), np.array([[[2.0]]]))
    weights = np.array([[[0.5, 1.0], [0.0, -1.0]], [[0.0, 2.0], [-1.0, 0.0]]])
    pair, pairs = (case(np.array([[1.0, -0.5]]), weights[:depth]) for depth in (1, 2))
    arriving = np.array([[2.0, -1.0]])
    return {
        "one block, one unit": {**one, "grad_y": [[3.0]]},
        "one block, two units": {**pair, "grad_y": arriving},
        "two blocks, two units": {**pairs, "grad_y": arriving},
        "two blocks, three samples": drawn(2, 3, 2),
        "two blocks, two samples, four units": drawn(2, 2, 4),
        "four blocks, five samples": drawn(4, 5, 3),
    }


@question(residual_stacks)
def residual_backward(grad_y, xs, weights):
    grad_x = grad_y
    grad_weights = np.empty_like(weights)
    for k in reversed(range(len(weights))):
        f = xs[k + 1] - xs[k]
        grad_z = grad_x * (1 - f**2)
        grad_weights[k] = xs[k].T @ grad_z
        grad_x = grad_x + grad_z @ weights[k].T
    return grad_x, grad_weights
