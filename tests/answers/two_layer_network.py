"""Right answers to exercises 04 in other styles, and the mutants that are right as well."""

import numpy as np


def two_layer_forward__loops(x, weight1, bias1, weight2, bias2):
    (n, inputs), (hidden, outputs) = x.shape, weight2.shape
    z1, z2 = np.zeros((n, hidden)), np.zeros((n, outputs))
    for s in range(n):
        for j in range(hidden):
            z1[s, j] = sum(x[s, i] * weight1[i, j] for i in range(inputs)) + bias1[j]
        for k in range(outputs):
            z2[s, k] = sum(np.tanh(z1[s, j]) * weight2[j, k] for j in range(hidden)) + bias2[k]
    return z1, np.tanh(z1), z2, 1 / (1 + np.exp(-z2))


def two_layer_forward__einsum(x, weight1, bias1, weight2, bias2):
    z1 = np.einsum("si,ij->sj", x, weight1) + bias1[None, :]
    a1 = 1 - 2 / (np.exp(2 * z1) + 1)
    z2 = np.einsum("sj,jk->sk", a1, weight2) + bias2[None, :]
    return z1, a1, z2, 0.5 * (1 + np.tanh(z2 / 2))


def two_layer_forward__columns(x, weight1, bias1, weight2, bias2):
    z1 = weight1.T @ x.T + bias1.reshape(-1, 1)
    z2 = np.dot(weight2.T, np.tanh(z1)) + bias2.reshape(-1, 1)
    return [z1.T, np.tanh(z1).T, z2.T, (np.exp(z2) / (1 + np.exp(z2))).T]


def two_layer_forward__float32(x, weight1, bias1, weight2, bias2):
    z1 = x.astype(np.float32) @ weight1.astype(np.float32)
    z1 += bias1
    a1 = np.tanh(z1)
    z2 = a1 @ weight2.astype(np.float32)
    z2 += bias2
    return z1, a1, z2, 1 / (1 + np.exp(-z2))


def two_layer_forward__bias_as_weight(x, weight1, bias1, weight2, bias2):
    ones = np.ones((len(x), 1))
    z1 = np.hstack([x, ones]) @ np.vstack([weight1, bias1])
    z2 = np.hstack([np.tanh(z1), ones]) @ np.vstack([weight2, bias2])
    return z1, np.tanh(z1), z2, 1 / (1 + np.exp(-z2))


def output_delta__two_stops(a2, targets):
    grad_a2 = 2 * (a2 - targets) / a2.shape[0]
    return grad_a2 * (a2 - a2**2)


def output_delta__one_sample_at_a_time(a2, targets):
    rows = [2 * (a - t) * a * (1 - a) for a, t in zip(a2, targets, strict=True)]
    return np.array(rows) / len(rows)


def output_delta__multiplied_out(a2, targets):
    return -2 * np.multiply(targets - a2, a2 * (1 - a2)) / len(a2)


def output_delta__float32(a2, targets):
    a2, targets = np.float32(a2), np.float32(targets)
    return (a2 - targets) * a2 * (1 - a2) * np.float32(2 / len(a2))


def hidden_delta__einsum(grad_z2, weight2, a1):
    return np.einsum("sk,jk->sj", grad_z2, weight2) * (1 - a1) * (1 + a1)


def hidden_delta__loops(grad_z2, weight2, a1):
    grad_z1 = np.zeros_like(a1)
    for s in range(len(a1)):
        for j in range(len(weight2)):
            for k in range(weight2.shape[1]):
                grad_z1[s, j] += grad_z2[s, k] * weight2[j, k] * (1 - a1[s, j] ** 2)
    return grad_z1


def hidden_delta__columns(grad_z2, weight2, a1):
    return (weight2 @ grad_z2.T).T * (1 - np.square(a1))


def hidden_delta__jacobians(grad_z2, weight2, a1):
    return np.stack([d @ weight2.T @ np.diag(1 - a**2) for d, a in zip(grad_z2, a1, strict=True)])


def hidden_delta__float32(grad_z2, weight2, a1):
    grad_a1 = np.matmul(np.float32(grad_z2), np.float32(weight2).T)
    return grad_a1 - grad_a1 * np.float32(a1) ** 2


def regression_gradients__loop_over_samples(x, a1, z2, targets, weight2):
    n = len(x)
    grad_z2, grad_z1 = np.zeros_like(z2), np.zeros_like(a1)
    grad_weight2, grad_bias2 = np.zeros(weight2.shape), np.zeros(weight2.shape[1])
    grad_weight1, grad_bias1 = np.zeros((x.shape[1], a1.shape[1])), np.zeros(a1.shape[1])
    for s in range(n):
        grad_z2[s] = 2 * (z2[s] - targets[s]) / n
        grad_z1[s] = weight2 @ grad_z2[s] * (1 - a1[s] ** 2)
        grad_weight2 += np.outer(a1[s], grad_z2[s])
        grad_weight1 += np.outer(x[s], grad_z1[s])
        grad_bias2 += grad_z2[s]
        grad_bias1 += grad_z1[s]
    return grad_z2, grad_weight2, grad_bias2, grad_z1, grad_weight1, grad_bias1


def regression_gradients__einsum(x, a1, z2, targets, weight2):
    d2 = (z2 - targets) / (0.5 * x.shape[0])
    d1 = np.einsum("sk,jk,sj->sj", d2, weight2, 1 - a1 * a1)
    w2, w1 = np.einsum("sj,sk->jk", a1, d2), np.einsum("si,sj->ij", x, d1)
    return d2, w2, np.einsum("sk->k", d2), d1, w1, np.einsum("sj->j", d1)


def regression_gradients__broadcasting(x, a1, z2, targets, weight2):
    d2 = 2 * (z2 - targets) / len(z2)
    d1 = (d2[:, None, :] * weight2[None]).sum(axis=2) * (1 - a1**2)
    ones = np.ones(len(x))
    return (
        d2,
        (a1[:, :, None] * d2[:, None, :]).sum(axis=0),
        ones @ d2,
        d1,
        (x[:, :, None] * d1[:, None, :]).sum(axis=0),
        ones @ d1,
    )


def regression_gradients__keepdims_float32(x, a1, z2, targets, weight2):
    x, a1, z2, targets, weight2 = map(np.float32, (x, a1, z2, targets, weight2))
    d2 = (z2 - targets) * np.float32(2 / len(x))
    d1 = d2.dot(weight2.T) * (1 - a1**2)
    bias2, bias1 = d2.sum(axis=0, keepdims=True), d1.sum(axis=0, keepdims=True)
    return d2, (d2.T @ a1).T, bias2[0], d1, (d1.T @ x).T, bias1.ravel()


def training_step__each_gradient_first(x, targets, weight1, bias1, weight2, bias2, learning_rate):
    a1 = np.tanh(np.matmul(x, weight1) + bias1)
    a2 = 1 / (1 + np.exp(-(np.matmul(a1, weight2) + bias2)))
    d2 = (a2 - targets) * (a2 - a2 * a2) * 2 / targets.shape[0]
    d1 = np.dot(d2, weight2.T) * (1 + a1) * (1 - a1)
    params = (weight1, bias1, weight2, bias2)
    grads = (x.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0))
    return tuple(p - learning_rate * g for p, g in zip(params, grads, strict=True))


def training_step__rebinds_names(x, targets, weight1, bias1, weight2, bias2, learning_rate):
    a1 = np.tanh(x @ weight1 + bias1)
    a2 = 0.5 + 0.5 * np.tanh(0.5 * (a1 @ weight2 + bias2))
    step2 = -learning_rate / len(x) * 2 * (a2 - targets) * a2 * (1 - a2)
    step1 = step2 @ np.transpose(weight2) * (1 - a1**2)
    weight2 = weight2 + a1.T @ step2
    bias2 = bias2 + np.sum(step2, 0)
    weight1 = weight1 + x.T @ step1
    bias1 = bias1 + np.sum(step1, 0)
    return weight1, bias1, weight2, bias2


def training_step__one_sample_at_a_time(x, targets, weight1, bias1, weight2, bias2, learning_rate):
    new1, new_bias1, new2, new_bias2 = (p.copy() for p in (weight1, bias1, weight2, bias2))
    rate = learning_rate / len(x)
    for sample, target in zip(x, targets, strict=True):
        a1 = np.tanh(sample @ weight1 + bias1)
        a2 = 1 / (1 + np.exp(-(a1 @ weight2 + bias2)))
        d2 = 2 * (a2 - target) * a2 * (1 - a2)
        d1 = weight2 @ d2 * (1 - a1**2)
        new1 -= rate * np.outer(sample, d1)
        new_bias1 -= rate * d1
        new2 -= rate * np.outer(a1, d2)
        new_bias2 -= rate * d2
    return new1, new_bias1, new2, new_bias2


def training_step__float32_copies(x, targets, weight1, bias1, weight2, bias2, learning_rate):
    w1, b1, w2, b2 = (p.astype(np.float32) for p in (weight1, bias1, weight2, bias2))
    a1 = np.tanh(np.float32(x) @ w1 + b1)
    a2 = 1 / (1 + np.exp(-(a1 @ w2 + b2)))
    d2 = np.float32(2 / len(x)) * (a2 - np.float32(targets)) * a2 * (1 - a2)
    d1 = d2 @ w2.T * (1 - a1**2)
    rate = np.float32(learning_rate)
    w2 -= rate * (a1.T @ d2)
    b2 -= rate * d2.sum(axis=0)
    w1 -= rate * (np.float32(x).T @ d1)
    b1 -= rate * d1.sum(axis=0)
    return w1, b1, w2, b2


def starting_weights__standard_normal(rng, inputs, hidden, outputs, scale):
    weight1 = scale * rng.standard_normal((inputs, hidden))
    weight2 = scale * rng.standard_normal((hidden, outputs))
    return weight1, np.zeros((hidden,)), weight2, np.zeros((outputs,))


def starting_weights__one_by_one(rng, inputs, hidden, outputs, scale):
    weight2 = np.array([[rng.normal(0, scale) for _ in range(outputs)] for _ in range(hidden)])
    weight1 = np.empty((inputs, hidden))
    for j in range(hidden):
        for i in range(inputs):
            weight1[i, j] = rng.normal(scale=scale)
    return weight1, weight1[0] * 0, weight2, weight2[0] * 0


def starting_weights__one_flat_vector(rng, inputs, hidden, outputs, scale):
    numbers = scale * rng.standard_normal(hidden * (inputs + outputs), dtype=np.float32)
    first, second = numbers[: inputs * hidden], numbers[inputs * hidden :]
    zeros = np.zeros(hidden + outputs)
    weight1, weight2 = first.reshape(inputs, hidden), second.reshape(hidden, outputs)
    return weight1, zeros[:hidden], weight2, zeros[hidden:]


def starting_weights__transposed_draw(rng, inputs, hidden, outputs, scale):
    weight1 = rng.normal(0.0, scale, size=(hidden, inputs)).T
    weight2 = rng.normal(0.0, scale, size=(outputs, hidden)).T
    return weight1, np.zeros(hidden, dtype=int), weight2, np.full(outputs, 0.0)


def distinct_neurons__set_of_tuples(weight1, bias1, weight2):
    hidden = len(bias1)
    return len({(*weight1[:, j], bias1[j], *weight2[j]) for j in range(hidden)})


def distinct_neurons__list_of_those_seen(weight1, bias1, weight2):
    seen = []
    for incoming, bias, outgoing in zip(weight1.T, bias1, weight2, strict=True):
        neuron = [*incoming.tolist(), float(bias), *outgoing.tolist()]
        if neuron not in seen:
            seen.append(neuron)
    return len(seen)


def distinct_neurons__pairs(weight1, bias1, weight2):
    equal = bias1[:, None] == bias1[None, :]
    equal &= np.all(weight1.T[:, None] == weight1.T[None], axis=2)
    equal &= np.all(weight2[:, None] == weight2[None], axis=2)
    return np.sum(np.argmax(equal, axis=1) == np.arange(len(bias1)))


def distinct_neurons__rows(weight1, bias1, weight2):
    rows = np.concatenate([weight1.T, bias1.reshape(-1, 1), weight2], axis=1)
    return float(len(np.unique(rows, axis=0)))


def tied_gradients__two_tables(x, a1, grad_z2, weight):
    second = weight.T
    grad_second = a1.T @ grad_z2
    grad_z1 = grad_z2 @ second.T * (1 - a1**2)
    grad_first = x.T @ grad_z1
    return grad_z1, grad_first + grad_second.T


def tied_gradients__einsum(x, a1, grad_z2, weight):
    grad_z1 = np.einsum("sk,kj,sj->sj", grad_z2, weight, 1 - a1**2)
    both = np.einsum("si,sj->ij", x, grad_z1) + np.einsum("sk,sj->kj", grad_z2, a1)
    return grad_z1, both


def tied_gradients__loop_over_samples(x, a1, grad_z2, weight):
    grad_z1, grad_weight = np.zeros_like(a1), np.zeros_like(weight)
    for s in range(len(x)):
        grad_z1[s] = weight.T @ grad_z2[s] * (1 - a1[s] ** 2)
        grad_weight += np.outer(x[s], grad_z1[s])
        grad_weight += np.outer(grad_z2[s], a1[s])
    return grad_z1, grad_weight


def tied_gradients__one_product_float32(x, a1, grad_z2, weight):
    x, a1, grad_z2, weight = map(np.float32, (x, a1, grad_z2, weight))
    grad_z1 = grad_z2 @ weight * (1 - a1 * a1)
    return grad_z1, np.vstack([x, grad_z2]).T @ np.vstack([grad_z1, a1])


EQUIVALENT = {}
