"""Exercises 04: a two-layer network forward and backward, a training step, starts that differ."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def two_layer_forward(x, weight1, bias1, weight2, bias2):
    z1 = x @ weight1 + bias1
    a1 = np.tanh(z1)
    z2 = a1 @ weight2 + bias2
    a2 = 1 / (1 + np.exp(-z2))
    return z1, a1, z2, a2


def output_delta(a2, targets):
    n = len(targets)
    return 2 / n * (a2 - targets) * a2 * (1 - a2)


def hidden_delta(grad_z2, weight2, a1):
    return grad_z2 @ weight2.T * (1 - a1**2)


def regression_gradients(x, a1, z2, targets, weight2):
    n = len(x)
    grad_z2 = 2 / n * (z2 - targets)
    grad_weight2 = a1.T @ grad_z2
    grad_bias2 = np.sum(grad_z2, axis=0)
    grad_z1 = grad_z2 @ weight2.T * (1 - a1**2)
    grad_weight1 = x.T @ grad_z1
    grad_bias1 = np.sum(grad_z1, axis=0)
    return grad_z2, grad_weight2, grad_bias2, grad_z1, grad_weight1, grad_bias1


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


def starting_weights(rng, inputs, hidden, outputs, scale):
    weight1 = rng.normal(0, scale, (inputs, hidden))
    bias1 = np.zeros(hidden)
    weight2 = rng.normal(0, scale, (hidden, outputs))
    bias2 = np.zeros(outputs)
    return weight1, bias1, weight2, bias2


def distinct_neurons(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    return np.unique(neurons, axis=1).shape[1]


def tied_gradients(x, a1, grad_z2, weight):
    grad_z1 = grad_z2 @ weight * (1 - a1**2)
    grad_weight = x.T @ grad_z1 + grad_z2.T @ a1
    return grad_z1, grad_weight


# In the random cases no layer has a single neuron: one sum over the batch may come out near 0 by
# chance, and then float32 would not be near enough.
SQUARE = "as many outputs as hidden neurons"
SIZES = {"two samples": (2, 4, 3, 5), "five samples": (5, 3, 2, 4), SQUARE: (4, 2, 3, 3)}


def networks(rng):
    """x, targets and the parameters; the first two can be followed by hand."""
    return {
        "one sample": {
            "x": np.array([[1.0, 2.0]]),
            "targets": np.array([[1.0]]),
            "weight1": np.array([[0.5, -1.0, 0.2], [0.25, 0.5, -0.3]]),
            "bias1": np.array([0.1, -0.2, 0.3]),
            "weight2": np.array([[1.0], [-1.0], [0.5]]),
            "bias2": np.array([0.2]),
        },
        "three samples": {
            "x": np.array([[1.0], [-1.0], [0.5]]),
            "targets": np.array([[1.0], [0.0], [0.0]]),
            "weight1": np.array([[0.5, -1.0]]),
            "bias1": np.array([0.2, -0.1]),
            "weight2": np.array([[1.0], [-2.0]]),
            "bias2": np.array([0.3]),
        },
        **{label: random_network(rng, *sizes) for label, sizes in SIZES.items()},
    }


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


def with_learning_rate(rng):
    rates = (1.0, 2.0, 0.5, 3.0, 1.5)
    return {
        label: {**case, "learning_rate": rate}
        for (label, case), rate in zip(networks(rng).items(), rates, strict=True)
    }


def after_forward(rng):
    """What a network with a linear output has at hand when its way back begins."""
    cases = {}
    for label, case in networks(rng).items():
        a1 = np.tanh(case["x"] @ case["weight1"] + case["bias1"]).round(4)
        z2 = (a1 @ case["weight2"] + case["bias2"]).round(4)
        cases[label] = {
            "x": case["x"],
            "a1": a1,
            "z2": z2,
            "targets": 2 * case["targets"] - 0.5,
            "weight2": case["weight2"],
        }
    return cases


def outputs_and_targets(rng):
    return {
        "one sample": {"a2": np.array([[0.8]]), "targets": np.array([[1.0]])},
        "two samples": {"a2": np.array([[0.6], [0.9]]), "targets": np.array([[0.0], [1.0]])},
        "three samples, two outputs": {
            "a2": np.array([[0.2, 0.7], [0.5, 0.1], [0.9, 0.4]]),
            "targets": np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]),
        },
        "five samples, three outputs": {
            "a2": rng.uniform(0.05, 0.95, (5, 3)),
            "targets": rng.integers(0, 2, (5, 3)).astype(float),
        },
    }


def across_the_layer(rng):
    drawn = {
        label: {
            "grad_z2": rng.normal(0, 1, (n, outputs)),
            "weight2": rng.normal(0, 1, (hidden, outputs)),
            "a1": np.tanh(rng.normal(0, 1, (n, hidden))),
        }
        for label, (n, _, hidden, outputs) in SIZES.items()
    }
    return {
        "one sample": {
            "grad_z2": np.array([[2.0]]),
            "weight2": np.array([[1.0], [-3.0]]),
            "a1": np.array([[0.5, -0.2]]),
        },
        "three samples": {
            "grad_z2": np.array([[1.0], [-2.0], [0.5]]),
            "weight2": np.array([[1.0], [-3.0]]),
            "a1": np.array([[0.5, -0.2], [0.6, 0.1], [-0.9, 0.3]]),
        },
        **drawn,
    }


def sizes_of_networks(rng):
    sizes = ((2, 3, 1, 0.1), (4, 2, 3, 3.0), (3, 5, 2, 0.02))
    return {
        f"{inputs} inputs, {hidden} hidden, {outputs} out": {
            "seed": int(rng.integers(1000)),
            "inputs": inputs,
            "hidden": hidden,
            "outputs": outputs,
            "scale": scale,
        }
        for inputs, hidden, outputs, scale in sizes
    }


def neurons(rng):
    """Hidden layers with twins in them, and with neurons that are only nearly twins."""
    return {
        "two that are equal": {
            "weight1": np.array([[1.0, 1.0], [2.0, 2.0]]),
            "bias1": np.array([0.5, 0.5]),
            "weight2": np.array([[3.0], [3.0]]),
        },
        "two that differ": {
            "weight1": np.array([[1.0, 2.0], [1.0, 2.0]]),
            "bias1": np.array([0.5, 0.0]),
            "weight2": np.array([[3.0], [-1.0]]),
        },
        "equal but for the bias": {
            "weight1": np.array([[1.0, 1.0], [2.0, 2.0]]),
            "bias1": np.array([0.5, -0.5]),
            "weight2": np.array([[3.0], [3.0]]),
        },
        "equal but for an outgoing weight": {
            "weight1": np.array([[1.0, 1.0, 1.0]]),
            "bias1": np.array([0.5, 0.5, 0.5]),
            "weight2": np.array([[3.0, 1.0], [3.0, -1.0], [2.0, -1.0]]),
        },
        "equal but for an incoming weight": {
            "weight1": np.array([[1.0, 1.0], [2.0, -2.0]]),
            "bias1": np.array([0.5, 0.5]),
            "weight2": np.array([[3.0], [3.0]]),
        },
        "three that are equal": {
            "weight1": np.array([[1.0, 1.0, 1.0]]),
            "bias1": np.array([0.5, 0.5, 0.5]),
            "weight2": np.array([[2.0], [2.0], [2.0]]),
        },
        "one is twice the other": {
            "weight1": np.array([[1.0, 2.0]]),
            "bias1": np.array([0.5, 1.0]),
            "weight2": np.array([[-1.0], [-2.0]]),
        },
        "four that share numbers": {
            "weight1": np.array([[1.0, 1.0, 2.0, 2.0]]),
            "bias1": np.array([0.5, -0.5, 0.5, -0.5]),
            "weight2": np.array([[3.0], [3.0], [3.0], [3.0]]),
        },
        "two incoming with two outgoing": {
            "weight1": np.array([[1.0, 1.0, 2.0]]),
            "bias1": np.array([0.5, 0.5, 0.5]),
            "weight2": np.array([[3.0], [-3.0], [3.0]]),
        },
        "nearly equal": {
            "weight1": np.array([[100000.0, 100001.0, 100000.0]]),
            "bias1": np.array([0.0001, 0.0001, 0.0002]),
            "weight2": np.array([[2.0], [2.0], [2.0]]),
        },
        "the same numbers in another order": {
            "weight1": np.array([[1.0, 2.0, 2.0], [2.0, 1.0, 2.0], [2.0, 2.0, 1.0]]),
            "bias1": np.array([0.5, 0.5, 0.5]),
            "weight2": np.array([[3.0], [3.0], [3.0]]),
        },
        "twins that are not neighbors": {
            "weight1": np.array([[1.0, 4.0, 1.0]]),
            "bias1": np.array([0.5, 0.0, 0.5]),
            "weight2": np.array([[3.0], [2.0], [3.0]]),
        },
        "seven, random": repeated(rng, [0, 1, 0, 2, 3, 1, 0], inputs=3, outputs=2),
        "five, random": repeated(rng, [0, 0, 0, 0, 1], inputs=4, outputs=3),
    }


def repeated(rng, which, inputs, outputs):
    kinds = max(which) + 1
    return {
        "weight1": rng.normal(0, 1, (inputs, kinds))[:, which],
        "bias1": rng.normal(0, 1, kinds)[which],
        "weight2": rng.normal(0, 1, (kinds, outputs))[which],
    }


def with_one_table(rng):
    """(n, inputs, hidden); the last is square, so that a transpose in the wrong place is seen."""
    sizes = {
        "two samples": (2, 4, 3),
        "five samples": (5, 2, 4),
        "as many hidden neurons as inputs": (4, 3, 3),
    }
    drawn = {
        label: {
            "x": rng.normal(0, 1, (n, inputs)),
            "a1": np.tanh(rng.normal(0, 1, (n, hidden))),
            "grad_z2": rng.normal(0, 1, (n, inputs)),
            "weight": rng.normal(0, 1, (inputs, hidden)),
        }
        for label, (n, inputs, hidden) in sizes.items()
    }
    return {
        "one sample": {
            "x": np.array([[1.0, 2.0, -1.0]]),
            "a1": np.array([[0.5, -0.2]]),
            "grad_z2": np.array([[2.0, -1.0, 3.0]]),
            "weight": np.array([[1.0, 0.5], [-3.0, 1.0], [2.0, -1.0]]),
        },
        "three samples": {
            "x": np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 1.0]]),
            "a1": np.array([[0.5], [-0.2], [0.8]]),
            "grad_z2": np.array([[2.0, -1.0], [1.0, 0.5], [-3.0, 1.0]]),
            "weight": np.array([[1.0], [-3.0]]),
        },
        **drawn,
    }


def forward_from_own(own, x, weight1, bias1, weight2, bias2):
    return {
        "z1": x @ weight1 + bias1,
        "a1": np.tanh(own["z1"]),
        "z2": own["a1"] @ weight2 + bias2,
        "a2": 1 / (1 + np.exp(-own["z2"])),
    }


def gradients_from_own_deltas(own, x, a1, z2, targets, weight2):
    return {
        "grad_z2": 2 / len(x) * (z2 - targets),
        "grad_weight2": a1.T @ own["grad_z2"],
        "grad_bias2": np.sum(own["grad_z2"], axis=0),
        "grad_z1": own["grad_z2"] @ weight2.T * (1 - a1**2),
        "grad_weight1": x.T @ own["grad_z1"],
        "grad_bias1": np.sum(own["grad_z1"], axis=0),
    }


def tied_from_own_delta(own, x, a1, grad_z2, weight):
    return {
        "grad_z1": grad_z2 @ weight * (1 - a1**2),
        "grad_weight": x.T @ own["grad_z1"] + grad_z2.T @ a1,
    }


def counts_loners(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    counts = np.unique(neurons, axis=1, return_counts=True)[1]
    return int(np.sum(counts == 1))


def counts_changes_between_neighbors(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    return 1 + int(np.sum(np.any(neurons[:, 1:] != neurons[:, :-1], axis=0)))


def most_of_three_counts(weight1, bias1, weight2):
    return max(np.unique(each, axis=-1).shape[-1] for each in (weight1, bias1, weight2.T))


def counts_up_to_rounding(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    return np.unique(neurons.round(3), axis=1).shape[1]


def subtracts_pairs(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    counts = np.unique(neurons, axis=1, return_counts=True)[1]
    return len(bias1) - int(np.sum(counts * (counts - 1) // 2))


def compares_sorted_numbers(weight1, bias1, weight2):
    neurons = np.sort(np.vstack([weight1, bias1, weight2.T]), axis=0)
    return np.unique(neurons, axis=1).shape[1]


def compares_sums(weight1, bias1, weight2):
    return len(np.unique(np.vstack([weight1, bias1, weight2.T]).sum(axis=0)))


def draws_one_column(rng, inputs, hidden, outputs, scale):
    weight1 = np.tile(rng.normal(0, scale, (inputs, 1)), hidden)
    weight2 = np.tile(rng.normal(0, scale, (1, outputs)), (hidden, 1))
    return weight1, np.zeros(hidden), weight2, np.zeros(outputs)


def batch_summed(grad_z2, weight2, a1):
    return (grad_z2 @ weight2.T * (1 - a1**2)).sum(axis=0)


def counts_copies(weight1, bias1, weight2):
    neurons = np.vstack([weight1, bias1, weight2.T])
    return len(bias1) - np.unique(neurons, axis=1).shape[1]


def updates_in_place(x, targets, weight1, bias1, weight2, bias2, learning_rate):
    a1 = np.tanh(x @ weight1 + bias1)
    a2 = 1 / (1 + np.exp(-(a1 @ weight2 + bias2)))
    grad_z2 = 2 / len(x) * (a2 - targets) * a2 * (1 - a2)
    grad_z1 = grad_z2 @ weight2.T * (1 - a1**2)
    weight1 -= learning_rate * x.T @ grad_z1
    bias1 -= learning_rate * np.sum(grad_z1, axis=0)
    weight2 -= learning_rate * a1.T @ grad_z2
    bias2 -= learning_rate * np.sum(grad_z2, axis=0)
    return weight1, bias1, weight2, bias2


HALF = "The factor 2 of the square's derivative is missing. Our loss has no ½ that would cancel it."
OVER_EVERYTHING = (
    "It is divided by the number of all entries of `targets`. Here the squares are added over the "
    "outputs, and the mean is over the samples: n is the number of rows."
)
OUTPUTS_ADDED_UP = (
    "The deltas of the outputs are added first and multiplied by the sum of each hidden neuron's "
    "weights. Each delta is multiplied by its own weight; then the products are added."
)
SIGMOID_RULE = "a₁ (1 − a₁) is the slope of the sigmoid. The hidden layer is a tanh."
TAN_RULE = "1 + a₁² is the rule for tan. The slope of tanh falls to 0 where a₁ comes near −1 or 1."
DRAW1, DRAW2 = "rng.normal(0, scale, (inputs, hidden))", "rng.normal(0, scale, (hidden, outputs))"

TABLE = ("grad_z2", "grad_weight2", "grad_bias2", "grad_z1", "grad_weight1", "grad_bias1")

FORWARD = Question(
    two_layer_forward,
    points={"z1": 1, "a1": 1, "z2": 1, "a2": 1},
    cases=forward_only,
    follow=forward_from_own,
    mistakes={
        "bias1_lost": Mistake(
            "The hidden sums lack their bias: `bias1` is to be added to each row.",
            {"x @ weight1 + bias1": "x @ weight1"},
        ),
        "bias2_lost": Mistake(
            "The output sums lack their bias: `bias2` is to be added to each row.",
            {"a1 @ weight2 + bias2": "a1 @ weight2"},
        ),
        "bias_subtracted": Mistake(
            "The bias of the hidden layer is subtracted. In this course it is added; only books "
            "that speak of a threshold subtract it.",
            {"x @ weight1 + bias1": "x @ weight1 - bias1"},
        ),
        "hidden_linear": Mistake(
            "The hidden layer hands on its plain sums. Without a bend two layers are no more than "
            "one.",
            {"np.tanh(z1)": "z1"},
        ),
        "hidden_sigmoid": Mistake(
            "The hidden layer has a sigmoid. Here the bend of the hidden layer is tanh; the "
            "sigmoid belongs to the output.",
            {"np.tanh(z1)": "1 / (1 + np.exp(-z1))"},
        ),
        "hidden_relu": Mistake(
            "The hidden layer has a ReLU. Here its bend is tanh.",
            {"np.tanh(z1)": "np.maximum(z1, 0)"},
        ),
        "skips_activation": Mistake(
            "The output layer is fed with the hidden sums z₁. What a neuron hands on is its "
            "activation: a₁.",
            {"a1 @ weight2": "z1 @ weight2"},
        ),
        "output_linear": Mistake(
            "The output is the plain sum z₂. It should pass the sigmoid, so that it lies between 0 "
            "and 1.",
            {"1 / (1 + np.exp(-z2))": "z2"},
        ),
        "output_tanh": Mistake(
            "The output passes tanh and so lies between −1 and 1. Here it is a sigmoid.",
            {"1 / (1 + np.exp(-z2))": "np.tanh(z2)"},
        ),
        "exponent_sign": Mistake(
            "The exponent has the wrong sign: this sigmoid falls, and gives 1 − a₂.",
            {"np.exp(-z2)": "np.exp(z2)"},
        ),
    },
    hints=(
        "Two layers do the same twice: weighted sums and a bias, then a bend. Write down the shape "
        "of each of the four results before you write code.",
        "A product of matrices does all weighted sums of a layer at once, for the whole batch: "
        "rows are samples, so the data stand on the left and the weights on the right. The bias is "
        "added to each row. The second layer is fed with what the first one hands on.",
        "`z1 = x @ weight1 + bias1` and `a1 = np.tanh(z1)`. Then the same once more, with a1 in "
        "the place of x and the sigmoid in the place of tanh.",
    ),
)

OUTPUT_DELTA = Question(
    output_delta,
    points=2,
    cases=outputs_and_targets,
    mistakes={
        "slope_dropped": Mistake(
            "The slope of the sigmoid is missing: this is the gradient with respect to a₂. On the "
            "way from a₂ back to z₂ there is one more derivative.",
            {" * a2 * (1 - a2)": ""},
        ),
        "another_loss": Mistake(
            "This is (a₂ − t)/n, the delta of another loss, which chapter 05 brings. The square "
            "has its factor 2, and the sigmoid its slope.",
            {"2 / n": "1 / n", " * a2 * (1 - a2)": ""},
        ),
        "half": Mistake(HALF, {"2 / n": "1 / n"}),
        "no_mean": Mistake(
            "The mean is missing: each sample's square stands in the loss with the factor 1/n, and "
            "so it does in its delta.",
            {"2 / n": "2"},
        ),
        "mean_over_everything": Mistake(OVER_EVERYTHING, {"2 / n": "2 / targets.size"}),
        "mean_over_outputs": Mistake(
            "It is divided by the number of outputs. The mean is over the samples, which are the "
            "rows.",
            {"len(targets)": "targets.shape[1]"},
        ),
        "sign": Mistake(
            "The sign is turned, t − a₂ in place of a₂ − t: a step against it would climb the "
            "loss.",
            {"(a2 - targets)": "(targets - a2)"},
        ),
        "tanh_rule": Mistake(
            "1 − a² is the slope of tanh. The output is a sigmoid.",
            {" * a2 * (1 - a2)": " * (1 - a2**2)"},
        ),
        "sigmoid_again": Mistake(
            "The sigmoid is taken once more, of a₂, which is its output already.",
            {" * a2 * (1 - a2)": " * np.exp(-a2) / (1 + np.exp(-a2)) ** 2"},
        ),
        "half_a_slope": Mistake(
            "Only the factor a₂ of the slope is there; the other one, 1 − a₂, is missing.",
            {" * (1 - a2)": ""},
        ),
        "not_derived": Mistake(
            "The error stands there squared: that is the loss, not its derivative.",
            {"2 / n * (a2 - targets)": "1 / n * (a2 - targets) ** 2"},
        ),
        "square_kept": Mistake(
            "The 2 has come down, but the error is still squared. The derivative of the square is "
            "twice the error itself.",
            {"(a2 - targets)": "(a2 - targets) ** 2"},
        ),
    },
    hints=(
        "Two operations lie between z₂ and the loss. Which slope has each of them?",
        "Multiply along the path: the square's derivative, with the 1/n of the mean in front, "
        "times the sigmoid's slope, written with a₂. n is the number of samples.",
        "`n = len(targets)`; the first of the two slopes is `2 / n * (a2 - targets)`. Multiply it "
        "by `a2 * (1 - a2)`.",
    ),
)

HIDDEN_DELTA = Question(
    hidden_delta,
    points=2,
    cases=across_the_layer,
    mistakes={
        "slope_dropped": Mistake(
            "This is the gradient with respect to a₁. To arrive at z₁ it has to pass the tanh, "
            "too: its slope is missing.",
            {" * (1 - a1**2)": ""},
        ),
        "not_transposed": Mistake(
            "The deltas go through the weights as on the way forward. On the way back the index "
            "that is summed is that of the outputs, so rows and columns of `weight2` must be "
            "exchanged; only where it happens to be square no shape tells you.",
            {"weight2.T": "weight2"},
        ),
        "sigmoid_rule": Mistake(SIGMOID_RULE, {"(1 - a1**2)": "a1 * (1 - a1)"}),
        "tanh_again": Mistake(
            "tanh is taken once more, of a₁, which is a tanh already. The slope can be written "
            "with a₁ as it is.",
            {"a1**2": "np.tanh(a1) ** 2"},
        ),
        "square_lost": Mistake(
            "The slope of tanh is 1 − a₁²; here the square is missing.", {"a1**2": "a1"}
        ),
        "square_outside": Mistake(
            "It is multiplied by (1 − a₁)². The slope of tanh is 1 − a₁²: only a₁ is squared.",
            {"(1 - a1**2)": "(1 - a1) ** 2"},
        ),
        "no_parentheses": Mistake(
            "The slope 1 − a₁² needs parentheses. Without them the 1 is a factor, and a₁² is "
            "subtracted from the whole.",
            {"(1 - a1**2)": "1 - a1**2"},
        ),
        "value_for_slope": Mistake(
            "It is multiplied by the activation a₁ and not by the slope there.",
            {"(1 - a1**2)": "a1"},
        ),
        "mean_again": Mistake(
            "It is divided by the number of samples. The 1/n of the mean is in `grad_z2` already "
            "and must not come in a second time.",
            {"grad_z2 @": "grad_z2 / len(a1) @"},
        ),
        "batch_summed": Mistake(
            "The deltas are added over the samples. Each sample has its own delta; the sum comes "
            "only with the gradients of weights and biases, which the samples share.",
            batch_summed,
        ),
        "divided_by_slope": Mistake(
            "It is divided by the slope of tanh. Along a path derivatives are multiplied, in "
            "either direction.",
            {"* (1 - a1**2)": "/ (1 - a1**2)"},
        ),
        "tan_rule": Mistake(
            TAN_RULE,
            {"(1 - a1**2)": "(1 + a1**2)"},
        ),
        "outputs_added_up": Mistake(
            OUTPUTS_ADDED_UP,
            {"grad_z2 @ weight2.T": "grad_z2.sum(axis=1, keepdims=True) * weight2.sum(axis=1)"},
        ),
        "deltas_added_up": Mistake(
            "The deltas of the outputs are added up, and no weight multiplies them. "
            "Each reaches the hidden neuron through its own weight.",
            {"grad_z2 @ weight2.T": "grad_z2.sum(axis=1, keepdims=True)"},
        ),
        "weights_alone": Mistake(
            "The weights that go out of a hidden neuron are added up, and no delta "
            "multiplies them. What comes back is the deltas, each times its weight.",
            {"grad_z2 @ weight2.T": "weight2.sum(axis=1)"},
        ),
    },
    hints=(
        "There are two stops on the way: first the gradient with respect to a₁, then that with "
        "respect to z₁. Which shape has each?",
        "For each hidden neuron, add over the outputs: delta times the weight that leads there. As "
        "a product of matrices one factor has to be transposed; the shapes say which. Then "
        "multiply, number by number, by the slope of tanh, written with a₁.",
        "The first stop is `grad_a1 = grad_z2 @ weight2.T`, and the slope is `1 - a1**2`.",
    ),
)

GRADIENTS = Question(
    regression_gradients,
    points=dict.fromkeys(TABLE, 1),
    cases=after_forward,
    follow=gradients_from_own_deltas,
    mistakes={
        "slope_of_no_sigmoid": Mistake(
            "The slope z₂ (1 − z₂) of a sigmoid is in it, but this output is linear: what the last "
            "neuron says is its sum itself, and the slope is 1.",
            {"(z2 - targets)": "(z2 - targets) * z2 * (1 - z2)"},
        ),
        "half": Mistake(HALF, {"2 / n": "1 / n"}),
        "no_mean": Mistake(
            "The 1/n of the mean is missing. It belongs in the delta of the output, and comes from "
            "there into all that follows.",
            {"2 / n": "2"},
        ),
        "mean_over_everything": Mistake(OVER_EVERYTHING, {"2 / n": "2 / targets.size"}),
        "sign": Mistake(
            "The sign is turned. The delta of the output begins with what the network says minus "
            "the target, and all later signs come from there.",
            {"(z2 - targets)": "(targets - z2)"},
        ),
        "not_derived": Mistake(
            "In the delta of the output the error stands squared: that is the loss, not its "
            "derivative.",
            {"2 / n * (z2 - targets)": "1 / n * (z2 - targets) ** 2"},
        ),
        "bias_mean": Mistake(
            "It takes the mean of the deltas over the batch. The 1/n is in the deltas already; a "
            "bias has as many paths to the loss as there are samples, and paths are added.",
            {"np.sum(grad_z2": "np.mean(grad_z2", "np.sum(grad_z1": "np.mean(grad_z1"},
        ),
        "bias_not_summed": Mistake(
            "A row for each sample: the sum over the batch is missing. All samples share the bias, "
            "and its gradient has its shape.",
            {"np.sum(grad_z2, axis=0)": "grad_z2", "np.sum(grad_z1, axis=0)": "grad_z1"},
        ),
        "bias_keepdims": Mistake(
            "The numbers are right, but they stand in a table of one row, as `keepdims=True` "
            "leaves it. The bias has one axis, and so must its gradient.",
            {
                "np.sum(grad_z2, axis=0)": "np.sum(grad_z2, axis=0, keepdims=True)",
                "np.sum(grad_z1, axis=0)": "np.sum(grad_z1, axis=0, keepdims=True)",
            },
        ),
        "bias_wrong_axis": Mistake(
            "It adds over the neurons, so that each sample has a number. Add over the samples, the "
            "first axis, so that each neuron has one.",
            {"grad_z2, axis=0": "grad_z2, axis=1", "grad_z1, axis=0": "grad_z1, axis=1"},
        ),
        "bias_one_number": Mistake(
            "Everything is added to a single number, as `np.sum` does without an axis. Each neuron "
            "has a bias of its own: add over the samples only.",
            {
                "np.sum(grad_z2, axis=0)": "np.sum(grad_z2)",
                "np.sum(grad_z1, axis=0)": "np.sum(grad_z1)",
            },
        ),
        "bias_last": Mistake(
            "Only the last sample counts: in a loop over the samples the bias's gradient was "
            "written anew each time and not added to.",
            {"np.sum(grad_z2, axis=0)": "grad_z2[-1]", "np.sum(grad_z1, axis=0)": "grad_z1[-1]"},
        ),
        "hidden_slope_dropped": Mistake(
            "The slope of tanh is missing on the way back through the hidden layer: what arrives "
            "at a₁ has not been taken on to z₁.",
            {" * (1 - a1**2)": ""},
        ),
        "hidden_not_transposed": Mistake(
            "On the way back through `weight2` its rows and columns must be exchanged: the sum is "
            "over the outputs.",
            {"weight2.T": "weight2"},
        ),
        "hidden_sigmoid_rule": Mistake(SIGMOID_RULE, {"(1 - a1**2)": "a1 * (1 - a1)"}),
        "weights_transposed": Mistake(
            "The gradient of the weights has rows and columns exchanged. A gradient has the shape "
            "of what it belongs to.",
            {"a1.T @ grad_z2": "grad_z2.T @ a1", "x.T @ grad_z1": "grad_z1.T @ x"},
        ),
        "weights_other_side": Mistake(
            "The deltas are multiplied by what their own layer gives. Take what came in through "
            "the weights: a₁ for `weight2`, x for `weight1`.",
            {"a1.T @ grad_z2": "z2.T @ grad_z2", "x.T @ grad_z1": "a1.T @ grad_z1"},
        ),
        "weights_mean_again": Mistake(
            "The gradients of the weights are divided by n, but the 1/n of the mean is in the "
            "deltas already.",
            {"a1.T @ grad_z2": "a1.T @ grad_z2 / n", "x.T @ grad_z1": "x.T @ grad_z1 / n"},
        ),
        "slope_of_a_sigmoid": Mistake(
            "The slope of the sigmoid at z₂ is in it. This output is linear: no sigmoid lies "
            "between z₂ and the loss.",
            {"(z2 - targets)": "(z2 - targets) * np.exp(-z2) / (1 + np.exp(-z2)) ** 2"},
        ),
        "square_kept": Mistake(
            "The 2 has come down, but in the delta of the output the error is still squared. The "
            "derivative of the square is twice the error itself.",
            {"(z2 - targets)": "(z2 - targets) ** 2"},
        ),
        "bias_same_for_all": Mistake(
            "The deltas are added over samples and neurons, and every bias gets this same number. "
            "Each neuron has a bias of its own: add over the samples only.",
            {
                "np.sum(grad_z2, axis=0)": "np.full(z2.shape[1], np.sum(grad_z2))",
                "np.sum(grad_z1, axis=0)": "np.full(a1.shape[1], np.sum(grad_z1))",
            },
        ),
        "bias_from_weights": Mistake(
            "The gradient of the weights is added up for the bias, so that what came in is in it "
            "as a factor. What comes in at a bias is 1: add the deltas.",
            {
                "np.sum(grad_z2, axis=0)": "np.sum(grad_weight2, axis=0)",
                "np.sum(grad_z1, axis=0)": "np.sum(grad_weight1, axis=0)",
            },
        ),
        "hidden_tan_rule": Mistake(
            TAN_RULE,
            {"(1 - a1**2)": "(1 + a1**2)"},
        ),
        "hidden_outputs_added_up": Mistake(
            OUTPUTS_ADDED_UP,
            {"grad_z2 @ weight2.T": "grad_z2.sum(axis=1, keepdims=True) * weight2.sum(axis=1)"},
        ),
    },
    hints=(
        "Begin at the end: which derivative lies between z₂ and the loss when the output is "
        "linear? Then write the shape of each of the six results beside its name.",
        "The gradient of a weight is what came in, times the delta at its end, added over the "
        "batch: a product of matrices whose middle length is n. That of a bias is the sum of the "
        "deltas over the batch. Both layers do the same; what came into the hidden layer is x.",
        "For the output layer: `grad_z2 = 2 / n * (z2 - targets)`, `grad_weight2 = a1.T @ "
        "grad_z2`, `grad_bias2 = np.sum(grad_z2, axis=0)`. The other three are built in the same "
        "way once you have grad_z1.",
    ),
)

STEP = Question(
    training_step,
    points={"weight1": 1, "bias1": 1, "weight2": 1, "bias2": 1},
    cases=with_learning_rate,
    mistakes={
        "output_updated_first": Mistake(
            "`weight2` has taken its step before the deltas of the hidden layer were computed, so "
            "they come through weights that the forward pass never saw. First all gradients, then "
            "all steps.",
            {
                "    grad_z1 =": "    weight2 = weight2 - learning_rate * a1.T @ grad_z2\n"
                "    grad_z1 =",
                "new_weight2 = weight2 - learning_rate * a1.T @ grad_z2": "new_weight2 = weight2",
            },
        ),
        "in_place": Mistake(
            "`-=` writes the new numbers into the arrays that were handed in, so that the old "
            "parameters are lost to whoever called the function. Return new arrays.",
            updates_in_place,
        ),
        "climbs": Mistake(
            "It goes uphill: either the step is added and not subtracted, or the delta of the "
            "output begins with t − a₂.",
            {
                "weight1 - learning_rate": "weight1 + learning_rate",
                "bias1 - learning_rate": "bias1 + learning_rate",
                "weight2 - learning_rate": "weight2 + learning_rate",
                "bias2 - learning_rate": "bias2 + learning_rate",
            },
        ),
        "gradients_returned": Mistake(
            "It returns the gradient. Asked for is the parameter after the step.",
            {
                "weight1 - learning_rate * x.T": "x.T",
                "bias1 - learning_rate * np": "np",
                "weight2 - learning_rate * a1.T": "a1.T",
                "bias2 - learning_rate * np": "np",
            },
        ),
        "rate_forgotten": Mistake(
            "The gradient is subtracted as it is: the learning rate is missing.",
            {
                "weight1 - learning_rate * ": "weight1 - ",
                "bias1 - learning_rate * ": "bias1 - ",
                "weight2 - learning_rate * ": "weight2 - ",
                "bias2 - learning_rate * ": "bias2 - ",
            },
        ),
        "hidden_sigmoid": Mistake(
            "The hidden layer has a sigmoid on the way forward. Here it is a tanh.",
            {"np.tanh(x @ weight1 + bias1)": "1 / (1 + np.exp(-(x @ weight1 + bias1)))"},
        ),
        "output_linear": Mistake(
            "The output is the plain sum z₂: on the way forward the sigmoid is missing.",
            {"1 / (1 + np.exp(-(a1 @ weight2 + bias2)))": "a1 @ weight2 + bias2"},
        ),
        "slope_dropped": Mistake(
            "The slope of the sigmoid is missing in the delta of the output.",
            {" * a2 * (1 - a2)": ""},
        ),
        "tanh_rule": Mistake(
            "The delta of the output has the slope of tanh, 1 − a₂². The output is a sigmoid.",
            {" * a2 * (1 - a2)": " * (1 - a2**2)"},
        ),
        "hidden_sigmoid_rule": Mistake(SIGMOID_RULE, {"(1 - a1**2)": "a1 * (1 - a1)"}),
        "hidden_tanh_again": Mistake(
            "In the delta of the hidden layer tanh is taken once more, of a₁, which is a tanh "
            "already. The slope is 1 − a₁².",
            {"a1**2": "np.tanh(a1) ** 2"},
        ),
        "half": Mistake(
            "Each step is half as long as it should be: the factor 2 of the square's derivative is "
            "missing.",
            {"2 / n": "1 / n"},
        ),
        "no_mean": Mistake(
            "The mean is missing: without the 1/n the steps grow with the batch.", {"2 / n": "2"}
        ),
        "mean_twice": Mistake(
            "The 1/n of the mean is in it twice: with a larger batch the steps become too short.",
            {"2 / n": "2 / n**2"},
        ),
        "mean_over_everything": Mistake(OVER_EVERYTHING, {"2 / n": "2 / targets.size"}),
        "hidden_slope_dropped": Mistake(
            "The slope of tanh is missing in the delta of the hidden layer.",
            {" * (1 - a1**2)": ""},
        ),
        "bias_mean": Mistake(
            "The biases take the mean of the deltas. They should take the sum over the batch; the "
            "1/n is in the deltas already.",
            {"np.sum(grad_z1": "np.mean(grad_z1", "np.sum(grad_z2": "np.mean(grad_z2"},
        ),
        "bias_not_summed": Mistake(
            "The deltas are not added over the batch, and by broadcasting the bias has grown to a "
            "table with a row for each sample.",
            {"np.sum(grad_z1, axis=0)": "grad_z1", "np.sum(grad_z2, axis=0)": "grad_z2"},
        ),
        "bias_one_number": Mistake(
            "`np.sum` without an axis adds over the neurons, too, so that all biases take the same "
            "step. Add over the samples only.",
            {
                "np.sum(grad_z1, axis=0)": "np.sum(grad_z1)",
                "np.sum(grad_z2, axis=0)": "np.sum(grad_z2)",
            },
        ),
        "biases_frozen": Mistake(
            "The bias does not move. Biases are parameters like the weights and take their steps, "
            "too.",
            {
                "bias1 - learning_rate * np.sum(grad_z1, axis=0)": "bias1",
                "bias2 - learning_rate * np.sum(grad_z2, axis=0)": "bias2",
            },
        ),
        "output_only": Mistake(
            "The hidden layer stays as it is: only the output layer takes a step, as in the "
            "perceptrons of the years before backpropagation.",
            {
                "weight1 - learning_rate * x.T @ grad_z1": "weight1",
                "bias1 - learning_rate * np.sum(grad_z1, axis=0)": "bias1",
            },
        ),
        "bias_from_weights": Mistake(
            "The biases take the sum of the weights' gradient, with what came in as a factor in "
            "it. What comes in at a bias is 1: add the deltas over the samples.",
            {
                "np.sum(grad_z1, axis=0)": "np.sum(x.T @ grad_z1, axis=0)",
                "np.sum(grad_z2, axis=0)": "np.sum(a1.T @ grad_z2, axis=0)",
            },
        ),
        "hidden_tan_rule": Mistake(
            TAN_RULE,
            {"(1 - a1**2)": "(1 + a1**2)"},
        ),
        "outputs_added_up": Mistake(
            OUTPUTS_ADDED_UP,
            {"grad_z2 @ weight2.T": "grad_z2.sum(axis=1, keepdims=True) * weight2.sum(axis=1)"},
        ),
        "values_for_gradients": Mistake(
            "The parameter itself stands where its gradient should be, so that it only "
            "shrinks by its share η in each step, whatever the targets are.",
            {
                "learning_rate * x.T @ grad_z1": "learning_rate * weight1",
                "learning_rate * np.sum(grad_z1, axis=0)": "learning_rate * bias1",
                "learning_rate * a1.T @ grad_z2": "learning_rate * weight2",
                "learning_rate * np.sum(grad_z2, axis=0)": "learning_rate * bias2",
            },
        ),
    },
    hints=(
        "Three stages, one after the other: the whole way forward, the whole way back, and only "
        "then the steps. Is any parameter changed before the last gradient is known?",
        "You need a₁ and a₂, then both deltas, then the four gradients. A new parameter is the old "
        "one minus the learning rate times its gradient. Give the new ones names of their own, so "
        "that the old ones stay what they are.",
        "The last line of the four: `new_bias2 = bias2 - learning_rate * np.sum(grad_z2, axis=0)`.",
    ),
)

START = Question(
    starting_weights,
    points={"weight1": 1, "bias1": 1, "weight2": 1, "bias2": 1},
    cases=sizes_of_networks,
    use=use.starting_values,
    mistakes={
        "zeros": Mistake(
            "These weights start at 0. When both layers do, neither ever gets a gradient: each "
            "waits for the other to begin.",
            {
                DRAW1: "np.zeros((inputs, hidden))",
                DRAW2: "np.zeros((hidden, outputs))",
            },
        ),
        "all_equal": Mistake(
            "These weights all start at the same number. When both layers do, the hidden neurons "
            "compute the same, get the same delta and take the same step: they stay equal forever.",
            {
                DRAW1: "np.full((inputs, hidden), scale)",
                DRAW2: "np.full((hidden, outputs), scale)",
            },
        ),
        "one_column": Mistake(
            "The numbers are random, but every hidden neuron has been given the same ones. The "
            "symmetry is not broken: draw anew for each neuron.",
            draws_one_column,
        ),
        "unscaled": Mistake(
            "The spread is 1, whatever `scale` says. The standard deviation should be `scale`.",
            {
                "(0, scale, (inputs, hidden))": "(0, 1, (inputs, hidden))",
                "(0, scale, (hidden, outputs))": "(0, 1, (hidden, outputs))",
            },
        ),
        "scale_as_variance": Mistake(
            "`scale` has been taken for the variance: the spread is its square root. Here it is "
            "the standard deviation.",
            {
                "(0, scale, (inputs, hidden))": "(0, np.sqrt(scale), (inputs, hidden))",
                "(0, scale, (hidden, outputs))": "(0, np.sqrt(scale), (hidden, outputs))",
            },
        ),
        "scale_squared": Mistake(
            "The spread is `scale` squared. `rng.normal` takes the standard deviation, not the "
            "variance.",
            {
                "(0, scale, (inputs, hidden))": "(0, scale**2, (inputs, hidden))",
                "(0, scale, (hidden, outputs))": "(0, scale**2, (hidden, outputs))",
            },
        ),
        "scale_as_mean": Mistake(
            "`scale` stands where `rng.normal` takes the mean, so the weights lie around `scale`, "
            "with a spread of 1. Its order is mean, standard deviation, shape.",
            {
                "(0, scale, (inputs, hidden))": "(scale, 1, (inputs, hidden))",
                "(0, scale, (hidden, outputs))": "(scale, 1, (hidden, outputs))",
            },
        ),
        "uniform": Mistake(
            "The numbers are spread evenly between −scale and scale. Asked for is the normal "
            "distribution, which has no sharp ends and the standard deviation `scale`.",
            {
                DRAW1: "rng.uniform(-scale, scale, (inputs, hidden))",
                DRAW2: "rng.uniform(-scale, scale, (hidden, outputs))",
            },
        ),
        "positive": Mistake(
            "All weights are positive: `rng.random` draws between 0 and 1. They should lie around "
            "0, with both signs.",
            {
                DRAW1: "scale * rng.random((inputs, hidden))",
                DRAW2: "scale * rng.random((hidden, outputs))",
            },
        ),
        "own_generator": Mistake(
            "It makes a generator of its own with a fixed seed, so that every start is the same "
            "one. Draw from the `rng` that is handed in.",
            {"weight1 = rng": "rng = np.random.default_rng(0)\n    weight1 = rng"},
        ),
        "global_generator": Mistake(
            "The numbers do not come from `rng` (from `np.random`, perhaps), so that nobody can "
            "repeat the start by giving the same seed.",
            {"weight1 = rng": "rng = np.random.default_rng()\n    weight1 = rng"},
        ),
        "biases_drawn": Mistake(
            "The biases are drawn, too. They start at 0: different weights are enough to tell the "
            "neurons apart.",
            {
                "np.zeros(hidden)": "rng.normal(0, scale, hidden)",
                "np.zeros(outputs)": "rng.normal(0, scale, outputs)",
            },
        ),
        "biases_not_zero": Mistake(
            "The biases start at another number than 0.",
            {"np.zeros(hidden)": "np.ones(hidden)", "np.zeros(outputs)": "np.ones(outputs)"},
        ),
        "biases_as_rows": Mistake(
            "The biases are tables of one row. In this course a bias has one axis, with a number "
            "for each neuron.",
            {
                "np.zeros(hidden)": "np.zeros((1, hidden))",
                "np.zeros(outputs)": "np.zeros((1, outputs))",
            },
        ),
        "transposed": Mistake(
            "The weights have rows and columns exchanged, as PyTorch keeps them. Here a table has "
            "a row for each number that comes in and a column for each neuron.",
            {"(inputs, hidden)": "(hidden, inputs)", "(hidden, outputs)": "(outputs, hidden)"},
        ),
    },
    hints=(
        "What must differ, and what may be equal? Look at the shapes in the convention card, and "
        "at what the generator `rng` can draw.",
        "`rng.normal` takes the mean, the standard deviation and the shape, and draws every entry "
        "anew. `rng.standard_normal` does the same with the standard deviation 1; the rest is a "
        "factor. The biases may be equal: the weights tell the neurons apart.",
        "`weight1 = rng.normal(0, scale, (inputs, hidden))` and `bias1 = np.zeros(hidden)`.",
    ),
)

DISTINCT = Question(
    distinct_neurons,
    points=2,
    cases=neurons,
    mistakes={
        "rows": Mistake(
            "It compares rows of `weight1`, which belong to the inputs. The weights of one hidden "
            "neuron stand in a column.",
            {
                "np.vstack([weight1, bias1, weight2.T])": "weight1",
                "axis=1).shape[1]": "axis=0).shape[0]",
            },
        ),
        "bias_ignored": Mistake(
            "The bias is not looked at. Two neurons with the same weights and different biases "
            "compute different a₁ and part.",
            {"weight1, bias1, weight2.T": "weight1, weight2.T"},
        ),
        "outgoing_ignored": Mistake(
            "The outgoing weights are not looked at. Neurons that differ only there compute the "
            "same a₁, but get different deltas, and so part at the first step.",
            {"weight1, bias1, weight2.T": "weight1, bias1"},
        ),
        "weights_in_only": Mistake(
            "Only the incoming weights are compared. Bias and outgoing weights belong to a neuron, "
            "too.",
            {"np.vstack([weight1, bias1, weight2.T])": "weight1"},
        ),
        "one_output_only": Mistake(
            "Of the outgoing weights only those to one output are looked at. All of them belong to "
            "a neuron.",
            {"weight2.T": "weight2[:, 0]"},
        ),
        "wrong_axis": Mistake(
            "It counts along the wrong `axis`: lists with one number of every neuron, where lists "
            "with all numbers of one neuron are to be counted.",
            {"axis=1).shape[1]": "axis=0).shape[0]"},
        ),
        "each_array_alone": Mistake(
            "It takes the largest of three counts, one for each array. Two neurons may have equal "
            "biases and different weights: compare all numbers of a neuron together.",
            most_of_three_counts,
        ),
        "rank": Mistake(
            "It is the rank of the table. A neuron with twice the numbers of another one, or with "
            "the sum of two, does not raise the rank, but is no twin.",
            {"np.unique(neurons, axis=1).shape[1]": "np.linalg.matrix_rank(neurons)"},
        ),
        "nearly_equal": Mistake(
            "It takes numbers for equal that are only close, as rounding and `np.isclose` do. Here "
            "only exactly equal ones count.",
            counts_up_to_rounding,
        ),
        "pairs_counted": Mistake(
            "It subtracts one for each pair of twins. Three equal neurons make three pairs, but "
            "only two of them are too many.",
            subtracts_pairs,
        ),
        "numbers_counted": Mistake(
            "It counts how many different numbers there are, not how many different neurons: "
            "compare whole columns.",
            {"axis=1).shape[1]": "axis=None).size"},
        ),
        "copies_counted": Mistake(
            "It counts the neurons that are too many, the copies. Asked for is how many are left "
            "without them.",
            counts_copies,
        ),
        "loners_counted": Mistake(
            "It counts only the neurons that have no twin. A group of twins acts as one neuron, so "
            "it counts as one and not as none.",
            counts_loners,
        ),
        "neighbors_only": Mistake(
            "A neuron is compared with the one beside it only. Twins may stand anywhere in the "
            "layer.",
            counts_changes_between_neighbors,
        ),
        "order_ignored": Mistake(
            "It compares which numbers a neuron has, in any order. It matters which input a weight "
            "belongs to.",
            compares_sorted_numbers,
        ),
        "sums_compared": Mistake(
            "It compares sums: all numbers of a neuron are added up first. Different numbers may "
            "have the same sum; compare number by number.",
            compares_sums,
        ),
    },
    hints=(
        "Where in the three arrays do the numbers that belong to hidden neuron j stand?",
        "A column of `weight1`, an entry of `bias1` and a row of `weight2`. Put these together to "
        "one list for each neuron. Then count how many different lists there are; `np.unique` with "
        "an `axis`, or a Python `set` of tuples, does it.",
        "`neurons = np.vstack([weight1, bias1, weight2.T])` is a table with a column for each "
        "hidden neuron; `np.unique(neurons, axis=1)` keeps one of each kind.",
    ),
)

TIED = Question(
    tied_gradients,
    points={"grad_z1": 1, "grad_weight": 2},
    cases=with_one_table,
    follow=tied_from_own_delta,
    mistakes={
        "slope_dropped": Mistake(
            "The slope of tanh is missing: what arrives at a₁ has not been taken on to z₁.",
            {" * (1 - a1**2)": ""},
        ),
        "transposed_back": Mistake(
            "The deltas are sent through `weight.T`. That is what the way forward used here, so "
            "the way back needs its transpose; where the table is square no shape tells you.",
            {"grad_z2 @ weight": "grad_z2 @ weight.T"},
        ),
        "sigmoid_rule": Mistake(SIGMOID_RULE, {"(1 - a1**2)": "a1 * (1 - a1)"}),
        "first_use_only": Mistake(
            "Only the first use of the table is counted. Each weight reaches the loss by the "
            "output layer as well, and paths are added.",
            {" + grad_z2.T @ a1": ""},
        ),
        "second_use_only": Mistake(
            "Only the second use of the table, in the output layer, is counted: perhaps it has "
            "overwritten the first. Paths are added.",
            {"x.T @ grad_z1 + ": ""},
        ),
        "averaged": Mistake(
            "It takes the mean of the two contributions. Over paths one adds.",
            {"x.T @ grad_z1 + grad_z2.T @ a1": "(x.T @ grad_z1 + grad_z2.T @ a1) / 2"},
        ),
        "subtracted": Mistake(
            "The contribution of the output layer has the wrong sign. Both are added.",
            {"grad_z1 + grad_z2.T": "grad_z1 - grad_z2.T"},
        ),
        "second_not_turned": Mistake(
            "The contribution of the output layer is that of the transposed table, `weight.T`. Its "
            "rows and columns must be exchanged before it is added; where the table is square no "
            "shape tells you.",
            {"grad_z2.T @ a1": "a1.T @ grad_z2"},
        ),
        "twice_the_first": Mistake(
            "It is the contribution of the hidden layer, twice. The two uses are different: in the "
            "output layer something else comes in, and another delta stands at the end.",
            {"x.T @ grad_z1 + grad_z2.T @ a1": "2 * x.T @ grad_z1"},
        ),
        "tan_rule": Mistake(
            TAN_RULE,
            {"(1 - a1**2)": "(1 + a1**2)"},
        ),
        "sums_for_activations": Mistake(
            "In the contribution of the output layer stands x times the table, before the tanh. "
            "What comes into that layer is a₁.",
            {"grad_z2.T @ a1": "grad_z2.T @ (x @ weight)"},
        ),
        "outputs_added_up": Mistake(
            OUTPUTS_ADDED_UP,
            {"grad_z2 @ weight *": "grad_z2.sum(axis=1, keepdims=True) * weight.sum(axis=0) *"},
        ),
    },
    hints=(
        "Imagine for a moment that the two layers had tables of their own, V = `weight` and U = "
        "`weight.T`. Which shapes have their gradients?",
        "With two tables you know both gradients from the chapter. Then remember that they are "
        "one: a weight reaches the loss by two paths. The gradient of U has its rows and columns "
        "exchanged compared with that of `weight`.",
        "`grad_z1 = grad_z2 @ weight * (1 - a1**2)`, since the transpose of `weight.T` is "
        "`weight`. The gradient of U would be `a1.T @ grad_z2`; its transpose is `grad_z2.T @ a1`.",
    ),
)

SET = ExerciseSet(
    "04_two_layer_network",
    (FORWARD, OUTPUT_DELTA, HIDDEN_DELTA, GRADIENTS, STEP, START, DISTINCT, TIED),
)
