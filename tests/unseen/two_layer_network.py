"""Wrong answers to exercises 04 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def two_layer_forward__activations_exchanged(x, weight1, bias1, weight2, bias2):
    """The sigmoid stands in the hidden layer and the tanh at the output. Source: teaching
    experience."""
    z1 = x @ weight1 + bias1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = a1 @ weight2 + bias2
    a2 = np.tanh(z2)
    return z1, a1, z2, a2


def two_layer_forward__sigmoid_times_input(x, weight1, bias1, weight2, bias2):
    """z / (1 + exp(-z)) where 1 / (1 + exp(-z)) should be. Source: joaopauloschuler/neural-api#21."""
    z1 = np.dot(x, weight1) + bias1
    a1 = np.tanh(z1)
    z2 = np.dot(a1, weight2) + bias2
    a2 = z2 / (1 + np.exp(-z2))
    return z1, a1, z2, a2


def regression_gradients__weights_from_error(x, a1, z2, targets, weight2):
    """The hidden delta is made from the plain error and not from the delta of the output. Source:
    whosebug.com question "Backpropagation: Why doesn't error approach zero when it is
    multiplied by deriv of sigmoid?"."""
    n = len(x)
    error = z2 - targets
    grad_z2 = 2 * error / n
    grad_weight2 = a1.T @ grad_z2
    grad_bias2 = grad_z2.sum(axis=0)
    grad_z1 = error @ weight2.T * (1 - a1**2)
    grad_weight1 = x.T @ grad_z1
    grad_bias1 = grad_z1.sum(axis=0)
    return grad_z2, grad_weight2, grad_bias2, grad_z1, grad_weight1, grad_bias1


def tied_gradients__decoder_fed_with_x(x, a1, grad_z2, weight):
    """In the decoder's part x stands where the delta of the output should be, transposed. Source:
    teaching experience."""
    grad_z1 = grad_z2 @ weight * (1 - a1**2)
    grad_weight = x.T @ grad_z1 + x.T @ a1
    return grad_z1, grad_weight


def two_layer_forward__bias_after_tanh(x, weight1, bias1, weight2, bias2):
    """Adds the hidden biases after the activation. Source: teaching experience."""
    z1 = x @ weight1
    a1 = np.tanh(z1) + bias1
    z2 = a1 @ weight2 + bias2
    a2 = 1 / (1 + np.exp(-z2))
    return z1, a1, z2, a2


def hidden_delta__mean_over_outputs(grad_z2, weight2, a1):
    """Averages what comes back from the outputs instead of adding it. Source: teaching experience."""
    back = grad_z2 @ weight2.T / weight2.shape[1]
    return back * (1 - a1**2)


def regression_gradients__slope_of_linear_output(x, a1, z2, targets, weight2):
    """Gives the linear output a tanh slope, too. Source: teaching experience."""
    grad_z2 = 2 / len(x) * (z2 - targets) * (1 - np.tanh(z2) ** 2)
    grad_z1 = grad_z2 @ weight2.T * (1 - a1**2)
    return grad_z2, a1.T @ grad_z2, grad_z2.sum(axis=0), grad_z1, x.T @ grad_z1, grad_z1.sum(axis=0)


def distinct_neurons__each_part_alone(weight1, bias1, weight2):
    """Counts different incoming and different outgoing weights separately and takes the larger
    number. Source: teaching experience."""
    incoming = np.unique(np.vstack([weight1, bias1]), axis=1).shape[1]
    outgoing = np.unique(weight2, axis=0).shape[0]
    return max(incoming, outgoing)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "two_layer_forward__activations_exchanged": "a1: hidden_sigmoid; a2: hidden_sigmoid+output_tanh",
    "two_layer_forward__sigmoid_times_input": "a2: changed_line",
    "regression_gradients__weights_from_error": "grad_z1: size_factor",
    "tied_gradients__decoder_fed_with_x": "grad_weight: changed_line",
    "two_layer_forward__bias_after_tanh": "z1: bias1_lost; a1: different",
    "hidden_delta__mean_over_outputs": ": size_factor",
    "regression_gradients__slope_of_linear_output": "grad_z2: extra_factor",
    "distinct_neurons__each_part_alone": ": as_if",
}
