"""Correct networks, update rules and a whole step; `mistakes` changes a line or two of them.

A network here is a plain function, (params, x, labels) -> (loss, grads). The parameters W1, b1,
W2, b2 are in a dict, and the whole backward pass is written out, so that a mistake is a change of
source lines. A rule, (params, grads, state, learning_rate), does one step by updating the dict
`params`; `state` starts as an empty dict and belongs to the rule. Nothing here checks its
arguments: a check would catch the mistakes we study.
"""

import numpy as np

from coursepkg.activations import relu, sigmoid
from coursepkg.datasets import iris_petals
from coursepkg.losses import log_softmax


def flowers():
    """The iris petals: x (150, 2), length and width standardized; labels (150,), 0 to 2."""
    length, width, species = iris_petals()
    x = np.column_stack([length, width])
    labels = np.unique(species, return_inverse=True)[1]
    return (x - x.mean(axis=0)) / x.std(axis=0), labels


def start(rng, scale=1.0, hidden=5):
    """Parameters for two inputs and three classes: normal draws times `scale`, for biases too."""
    shapes = {"W1": (2, hidden), "b1": (hidden,), "W2": (hidden, 3), "b2": (3,)}
    return {name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}


def network(params, x, labels, decay=0.01):
    """Sigmoid hidden layer, softmax, cross-entropy, and a penalty on large weights."""
    W1, b1, W2, b2 = params.values()
    n, targets = len(x), np.eye(W2.shape[1])[labels]
    z1 = x @ W1 + b1
    a1 = sigmoid(z1)[0]
    z2 = a1 @ W2 + b2
    log_p = log_softmax(z2)
    penalty = decay / 2 * (np.sum(W1**2) + np.sum(W2**2))
    loss = -np.sum(targets * log_p) / n + penalty
    grad_z2 = (np.exp(log_p) - targets) / n
    grad_z1 = grad_z2 @ W2.T * a1 * (1 - a1)
    grad_W2 = a1.T @ grad_z2 + decay * W2
    grad_b2 = np.sum(grad_z2, axis=0)
    grad_W1 = x.T @ grad_z1 + decay * W1
    grad_b1 = np.sum(grad_z1, axis=0)
    return loss, {"W1": grad_W1, "b1": grad_b1, "W2": grad_W2, "b2": grad_b2}


def squared(params, x, labels):
    """ReLU hidden layer, a sigmoid for each class, mean squared error."""
    W1, b1, W2, b2 = params.values()
    targets = np.eye(W2.shape[1])[labels]
    z1 = x @ W1 + b1
    a1 = relu(z1)[0]
    a2 = sigmoid(a1 @ W2 + b2)[0]
    loss = np.mean((a2 - targets) ** 2)
    grad_z2 = 2 / targets.size * (a2 - targets) * a2 * (1 - a2)
    grad_z1 = grad_z2 @ W2.T * (z1 > 0)
    grad_W2, grad_b2 = a1.T @ grad_z2, np.sum(grad_z2, axis=0)
    grad_W1, grad_b1 = x.T @ grad_z1, np.sum(grad_z1, axis=0)
    return loss, {"W1": grad_W1, "b1": grad_b1, "W2": grad_W2, "b2": grad_b2}


def shared(params, x, labels):
    """The second layer is used twice, as in a recurrent network; W2 is square."""
    W1, b1, W2, b2 = params.values()
    n, targets = len(x), np.eye(W2.shape[1])[labels]
    a1 = sigmoid(x @ W1 + b1)[0]
    a2 = sigmoid(a1 @ W2 + b2)[0]
    log_p = log_softmax(a2 @ W2 + b2)
    loss = -np.sum(targets * log_p) / n
    grad_z3 = (np.exp(log_p) - targets) / n
    grad_z2 = grad_z3 @ W2.T * a2 * (1 - a2)
    grad_z1 = grad_z2 @ W2.T * a1 * (1 - a1)
    grads = {"W1": x.T @ grad_z1, "b1": np.sum(grad_z1, axis=0)}
    grads["W2"], grads["b2"] = a2.T @ grad_z3, np.sum(grad_z3, axis=0)
    grads["W2"] += a1.T @ grad_z2
    grads["b2"] += np.sum(grad_z2, axis=0)
    return loss, grads


def descent(params, grads, state, learning_rate):
    """Gradient descent."""
    for name in params:
        params[name] = params[name] - learning_rate * grads[name]


def momentum(params, grads, state, learning_rate):
    """velocity <- 0.9 velocity + grad,  param <- param - learning_rate * velocity."""
    for name in params:
        velocity = 0.9 * state.get(name, 0.0) + grads[name]
        state[name] = velocity
        params[name] = params[name] - learning_rate * velocity


def adam(params, grads, state, learning_rate):
    """Adam with its default hyperparameters; Kingma and Ba (2015)."""
    t = state["t"] = state.get("t", 0) + 1
    for name in params:
        m, v = state.get(name, (0.0, 0.0))
        m = 0.9 * m + 0.1 * grads[name]
        v = 0.999 * v + 0.001 * grads[name] ** 2
        state[name] = m, v
        m, v = m / (1 - 0.9**t), v / (1 - 0.999**t)
        params[name] = params[name] - learning_rate * m / (np.sqrt(v) + 1e-8)


def fused(params, x, labels, learning_rate, state):
    """One step of gradient descent in a single function, as tutorials write it; no penalty.

    Changes the arrays of `params` in place and returns the loss before the step.
    """
    W1, b1, W2, b2 = params.values()
    n, targets = len(x), np.eye(W2.shape[1])[labels]
    a1 = sigmoid(x @ W1 + b1)[0]
    log_p = log_softmax(a1 @ W2 + b2)
    grad_z2 = (np.exp(log_p) - targets) / n
    grad_z1 = grad_z2 @ W2.T * a1 * (1 - a1)
    W2 -= learning_rate * a1.T @ grad_z2
    b2 -= learning_rate * np.sum(grad_z2, axis=0)
    W1 -= learning_rate * x.T @ grad_z1
    b1 -= learning_rate * np.sum(grad_z1, axis=0)
    return -np.sum(targets * log_p) / n
