"""Exercises 04: a two-layer network forward and backward, a training step, starts that differ."""

import numpy as np

from coursepkg.checks.question import arrays, question
from coursepkg.checks.running import use

# In the random cases no layer has a single neuron: one sum over the batch may come out near 0 by
# chance, and then float32 would not be near enough.
SQUARE = "as many outputs as hidden neurons"


SIZES = {"two samples": (2, 4, 3, 5), "five samples": (5, 3, 2, 4), SQUARE: (4, 2, 3, 3)}


def networks(rng):
    """x, targets and the parameters; the first two can be followed by hand."""
    return arrays({
        "one sample": {"x": [[1.0, 2.0]], "targets": [[1.0]],
                       "weight1": [[0.5, -1.0, 0.2], [0.25, 0.5, -0.3]],
                       "bias1": [0.1, -0.2, 0.3], "weight2": [[1.0], [-1.0], [0.5]],
                       "bias2": [0.2]},
        "three samples": {"x": [[1.0], [-1.0], [0.5]], "targets": [[1.0], [0.0], [0.0]],
                          "weight1": [[0.5, -1.0]], "bias1": [0.2, -0.1],
                          "weight2": [[1.0], [-2.0]], "bias2": [0.3]},
        **{label: random_network(rng, *sizes) for label, sizes in SIZES.items()},
    })  # fmt: skip


def random_network(rng, n, inputs, hidden, outputs):
    return {
        "x": rng.normal(0, 1, (n, inputs)),
        "targets": rng.integers(0, 2, (n, outputs)).astype(float),
        "weight1": rng.normal(0, 0.7, (inputs, hidden)),
        "bias1": rng.uniform(0.2, 0.8, hidden),
        "weight2": rng.normal(0, 0.9, (hidden, outputs)),
        "bias2": rng.uniform(-0.8, -0.2, outputs),
    }


def forward_only(rng):
    return {
        label: {name: value for name, value in case.items() if name != "targets"}
        for label, case in networks(rng).items()
    }


def forward_from_own(own, x, weight1, bias1, weight2, bias2):
    return {"z1": x @ weight1 + bias1, "a1": np.tanh(own["z1"]),
            "z2": own["a1"] @ weight2 + bias2, "a2": 1 / (1 + np.exp(-own["z2"]))}  # fmt: skip


@question(forward_only, follow=forward_from_own)
def two_layer_forward(x, weight1, bias1, weight2, bias2):
    z1 = x @ weight1 + bias1
    a1 = np.tanh(z1)
    z2 = a1 @ weight2 + bias2
    a2 = 1 / (1 + np.exp(-z2))
    return z1, a1, z2, a2


def outputs_and_targets(rng):
    return {
        "one sample": ([[0.8]], [[1.0]]),
        "two samples": ([[0.6], [0.9]], [[0.0], [1.0]]),
        "three samples, two outputs": {"a2": [[0.2, 0.7], [0.5, 0.1], [0.9, 0.4]],
                                       "targets": [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]},
        "five samples, three outputs": {"a2": rng.uniform(0.05, 0.95, (5, 3)),
                                        "targets": rng.integers(0, 2, (5, 3)).astype(float)},
    }  # fmt: skip


@question(outputs_and_targets)
def output_delta(a2, targets):
    n = len(targets)
    return 2 / n * (a2 - targets) * a2 * (1 - a2)


def across_the_layer(rng):
    drawn = {
        label: (rng.normal(0, 1, (n, outputs)), rng.normal(0, 1, (hidden, outputs)),
                np.tanh(rng.normal(0, 1, (n, hidden))))
        for label, (n, _, hidden, outputs) in SIZES.items()
    }  # fmt: skip
    return {
        "one sample": ([[2.0]], [[1.0], [-3.0]], [[0.5, -0.2]]),
        "three samples": {"grad_z2": [[1.0], [-2.0], [0.5]], "weight2": [[1.0], [-3.0]],
                          "a1": [[0.5, -0.2], [0.6, 0.1], [-0.9, 0.3]]},
        **drawn,
    }  # fmt: skip


@question(across_the_layer)
def hidden_delta(grad_z2, weight2, a1):
    return grad_z2 @ weight2.T * (1 - a1**2)


def after_forward(rng):
    """What a network with a linear output has at hand when its way back begins."""
    cases = {}
    for label, case in networks(rng).items():
        a1 = np.tanh(case["x"] @ case["weight1"] + case["bias1"]).round(4)
        z2 = (a1 @ case["weight2"] + case["bias2"]).round(4)
        cases[label] = (case["x"], a1, z2, 2 * case["targets"] - 0.5, case["weight2"])
    return cases


def gradients_from_own_deltas(own, x, a1, z2, targets, weight2):
    return {
        "grad_z2": 2 / len(x) * (z2 - targets),
        "grad_weight2": a1.T @ own["grad_z2"],
        "grad_bias2": np.sum(own["grad_z2"], axis=0),
        "grad_z1": own["grad_z2"] @ weight2.T * (1 - a1**2),
        "grad_weight1": x.T @ own["grad_z1"],
        "grad_bias1": np.sum(own["grad_z1"], axis=0),
    }


@question(after_forward, follow=gradients_from_own_deltas)
def regression_gradients(x, a1, z2, targets, weight2):
    n = len(x)
    grad_z2 = 2 / n * (z2 - targets)
    grad_weight2 = a1.T @ grad_z2
    grad_bias2 = np.sum(grad_z2, axis=0)
    grad_z1 = grad_z2 @ weight2.T * (1 - a1**2)
    grad_weight1 = x.T @ grad_z1
    grad_bias1 = np.sum(grad_z1, axis=0)
    return grad_z2, grad_weight2, grad_bias2, grad_z1, grad_weight1, grad_bias1


def with_learning_rate(rng):
    rates = (1.0, 2.0, 0.5, 3.0, 1.5)
    return {
        label: {**case, "learning_rate": rate}
        for (label, case), rate in zip(networks(rng).items(), rates, strict=True)
    }


@question(with_learning_rate)
def training_step(x, targets, weight1, bias1, weight2, bias2, learning_rate):
    n = len(x)
    a1 = np.tanh(x @ weight1 + bias1)
    a2 = 1 / (1 + np.exp(-(a1 @ weight2 + bias2)))
    grad_z2 = 2 / n * (a2 - targets) * a2 * (1 - a2)
    grad_z1 = grad_z2 @ weight2.T * (1 - a1**2)
    new_weight1 = weight1 - learning_rate * x.T @ grad_z1
    new_bias1 = bias1 - learning_rate * np.sum(grad_z1, axis=0)
    new_weight2 = weight2 - learning_rate * a1.T @ grad_z2
    new_bias2 = bias2 - learning_rate * np.sum(grad_z2, axis=0)
    return new_weight1, new_bias1, new_weight2, new_bias2


def sizes_of_networks(rng):
    def drawn(inputs, hidden, outputs, scale):
        seed = int(rng.integers(1000))
        return dict(seed=seed, inputs=inputs, hidden=hidden, outputs=outputs, scale=scale)

    return {
        "2 inputs, 3 hidden, 1 out": drawn(2, 3, 1, 0.1),
        "4 inputs, 2 hidden, 3 out": drawn(4, 2, 3, 3.0),
        "3 inputs, 5 hidden, 2 out": drawn(3, 5, 2, 0.02),
    }


@question(sizes_of_networks, use=use.starting_values)
def starting_weights(rng, inputs, hidden, outputs, scale):
    weight1 = rng.normal(0, scale, (inputs, hidden))
    bias1 = np.zeros(hidden)
    weight2 = rng.normal(0, scale, (hidden, outputs))
    bias2 = np.zeros(outputs)
    return weight1, bias1, weight2, bias2


def neurons(rng):
    """Hidden layers with twins in them, and with neurons that are only nearly twins."""
    return {
        "two that are equal": ([[1.0, 1.0], [2.0, 2.0]], [0.5, 0.5], [[3.0], [3.0]]),
        "two that differ": ([[1.0, 2.0], [1.0, 2.0]], [0.5, 0.0], [[3.0], [-1.0]]),
        "equal but for the bias": ([[1.0, 1.0], [2.0, 2.0]], [0.5, -0.5], [[3.0], [3.0]]),
        "equal but for an outgoing weight": (
            [[1.0, 1.0, 1.0]],
            [0.5, 0.5, 0.5],
            [[3.0, 1.0], [3.0, -1.0], [2.0, -1.0]],
        ),
        "equal but for an incoming weight": ([[1.0, 1.0], [2.0, -2.0]], [0.5, 0.5], [[3.0], [3.0]]),
        "three that are equal": ([[1.0, 1.0, 1.0]], [0.5, 0.5, 0.5], [[2.0], [2.0], [2.0]]),
        "one is twice the other": ([[1.0, 2.0]], [0.5, 1.0], [[-1.0], [-2.0]]),
        "four that share numbers": (
            [[1.0, 1.0, 2.0, 2.0]],
            [0.5, -0.5, 0.5, -0.5],
            [[3.0], [3.0], [3.0], [3.0]],
        ),
        "two incoming with two outgoing": (
            [[1.0, 1.0, 2.0]],
            [0.5, 0.5, 0.5],
            [[3.0], [-3.0], [3.0]],
        ),
        "nearly equal": (
            [[100000.0, 100001.0, 100000.0]],
            [0.0001, 0.0001, 0.0002],
            [[2.0], [2.0], [2.0]],
        ),
        "the same numbers in another order": (
            [[1.0, 2.0, 2.0], [2.0, 1.0, 2.0], [2.0, 2.0, 1.0]],
            [0.5, 0.5, 0.5],
            [[3.0], [3.0], [3.0]],
        ),
        "twins that are not neighbors": ([[1.0, 4.0, 1.0]], [0.5, 0.0, 0.5], [[3.0], [2.0], [3.0]]),
        "seven, random": repeated(rng, [0, 1, 0, 2, 3, 1, 0], inputs=3, outputs=2),
        "five, random": repeated(rng, [0, 0, 0, 0, 1], inputs=4, outputs=3),
    }


def repeated(rng, which, inputs, outputs):
    kinds = max(which) + 1
    return (
        rng.normal(0, 1, (inputs, kinds))[:, which],
        rng.normal(0, 1, kinds)[which],
        rng.normal(0, 1, (kinds, outputs))[which],
    )


@question(neurons)
def distinct_neurons(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    return np.unique(neurons, axis=1).shape[1]


def with_one_table(rng):
    """(n, inputs, hidden); the last is square, so that a transpose in the wrong place is seen."""
    sizes = {
        "two samples": (2, 4, 3),
        "five samples": (5, 2, 4),
        "as many hidden neurons as inputs": (4, 3, 3),
    }
    drawn = {
        label: (rng.normal(0, 1, (n, inputs)), np.tanh(rng.normal(0, 1, (n, hidden))),
                rng.normal(0, 1, (n, inputs)), rng.normal(0, 1, (inputs, hidden)))
        for label, (n, inputs, hidden) in sizes.items()
    }  # fmt: skip
    return {
        "one sample": {"x": [[1.0, 2.0, -1.0]], "a1": [[0.5, -0.2]],
                       "grad_z2": [[2.0, -1.0, 3.0]],
                       "weight": [[1.0, 0.5], [-3.0, 1.0], [2.0, -1.0]]},
        "three samples": {"x": [[1.0, 2.0], [0.0, -1.0], [2.0, 1.0]],
                          "a1": [[0.5], [-0.2], [0.8]],
                          "grad_z2": [[2.0, -1.0], [1.0, 0.5], [-3.0, 1.0]],
                          "weight": [[1.0], [-3.0]]},
        **drawn,
    }  # fmt: skip


def tied_from_own_delta(own, x, a1, grad_z2, weight):
    return {
        "grad_z1": grad_z2 @ weight * (1 - a1**2),
        "grad_weight": x.T @ own["grad_z1"] + grad_z2.T @ a1,
    }


@question(with_one_table, follow=tied_from_own_delta)
def tied_gradients(x, a1, grad_z2, weight):
    grad_z1 = grad_z2 @ weight * (1 - a1**2)
    grad_weight = x.T @ grad_z1 + grad_z2.T @ a1
    return grad_z1, grad_weight
