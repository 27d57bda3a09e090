"""Exercises 12: a recurrent cell, backpropagation through time, an LSTM's step, masks."""

import numpy as np

from coursepkg.checks.question import question


def steps(rng):
    """What a plain cell is given: input, state, weights and bias."""

    def drawn(batch, fan_in, hidden):
        return (rng.normal(0, 1, (batch, fan_in)), np.tanh(rng.normal(0, 1, (batch, hidden))),
                rng.normal(0, 0.7, (fan_in, hidden)), rng.normal(0, 0.7, (hidden, hidden)),
                rng.normal(0.4, 0.3, hidden))  # fmt: skip

    return {
        "two samples, one unit": ([[1.0, 0.0], [2.0, -1.0]], [[0.5], [-0.5]],
                                  [[0.5], [1.0]], [[2.0]], [0.25]),
        "three samples, two units": drawn(3, 4, 2),
        "two samples, four units": drawn(2, 3, 4),
        "five samples, three units": drawn(5, 2, 3),
    }  # fmt: skip


@question(steps)
def cell_forward(x, h, weight_x, weight_h, bias):
    return np.tanh(x @ weight_x + h @ weight_h + bias)


def sequences(rng):
    """Sequences for a plain cell, and its parameters."""

    def drawn(batch, time, fan_in, hidden):
        return (rng.normal(0, 1, (batch, time, fan_in)), rng.normal(0, 0.6, (fan_in, hidden)),
                rng.normal(0, 0.6, (hidden, hidden)), rng.normal(0.3, 0.3, hidden))  # fmt: skip

    x = [[[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]], [[0.0, 2.0], [1.0, 0.0], [0.0, -1.0]]]
    return {
        "two samples, three steps, one unit": (x, [[0.5], [-1.0]], [[2.0]], [0.25]),
        "three samples, four steps, five units": drawn(3, 4, 2, 5),
        "two samples, five steps, three units": drawn(2, 5, 4, 3),
        "four samples, three steps, two units": drawn(4, 3, 3, 2),
    }


@question(sequences)
def unroll(x, weight_x, weight_h, bias):
    batch, time, _ = x.shape
    states = np.empty((batch, time, len(bias)))
    h = np.zeros((batch, len(bias)))
    for t in range(time):
        h = np.tanh(x[:, t] @ weight_x + h @ weight_h + bias)
        states[:, t] = h
    return states


def steps_with_gradients(rng):
    """The gradient that arrives, what came into the cell and what left it, and its weights."""
    first, *others = steps(rng).items()
    label, (x, h, weight_x, weight_h, _) = first
    cases = {label: ([[1.0], [10.0]], x, h, [[0.5], [0.0]], weight_x, weight_h)}
    for label, (x, h, weight_x, weight_h, bias) in others:
        h_next = cell_forward(x, h, weight_x, weight_h, bias)
        cases[label] = (rng.normal(0.5, 1, h.shape), x, h, h_next, weight_x, weight_h)
    return cases


def gradients_by_own_grad_h(outputs, grad_h_next, x, h, h_next, weight_x, weight_h):
    """weight_h is square, so the answer's own grad_h gives grad_z back, and that all the rest."""
    grad_z = outputs["grad_h"] @ np.linalg.inv(weight_h.T)
    return {"grad_x": grad_z @ weight_x.T, "grad_weight_x": x.T @ grad_z,
            "grad_weight_h": h.T @ grad_z, "grad_bias": grad_z.sum(axis=0),
            "grad_h": grad_h_next * (1 - h_next**2) @ weight_h.T}  # fmt: skip


@question(steps_with_gradients, follow=gradients_by_own_grad_h)
def cell_backward(grad_h_next, x, h, h_next, weight_x, weight_h):
    grad_z = grad_h_next * (1 - h_next**2)
    grad_x = grad_z @ weight_x.T
    grad_h = grad_z @ weight_h.T
    grad_weight_x = x.T @ grad_z
    grad_weight_h = h.T @ grad_z
    grad_bias = grad_z.sum(axis=0)
    return grad_x, grad_h, grad_weight_x, grad_weight_h, grad_bias


def sequences_with_gradients(rng):
    """The gradient that arrives at each state, the inputs, the states, and weight_h."""
    first, *others = sequences(rng).items()
    label, (x, _, weight_h, _) = first
    states = [[[0.5], [0.8], [-0.5]], [[-0.5], [0.5], [0.8]]]
    cases = {label: ([[[0.0], [0.0], [1.0]], [[1.0], [0.0], [10.0]]], x, states, weight_h)}
    for label, (x, weight_x, weight_h, bias) in others:
        states = unroll(x, weight_x, weight_h, bias)
        cases[label] = (rng.normal(0.5, 1, states.shape), x, states, weight_h)
    return cases


@question(sequences_with_gradients)
def backprop_through_time(grad_states, x, states, weight_h):
    before = np.zeros(states.shape)
    before[:, 1:] = states[:, :-1]
    grad_weight_x = np.zeros((x.shape[2], len(weight_h)))
    grad_weight_h, grad_bias = np.zeros(weight_h.shape), np.zeros(len(weight_h))
    grad_h = 0
    for t in reversed(range(x.shape[1])):
        grad_h = grad_h + grad_states[:, t]
        grad_z = grad_h * (1 - states[:, t] ** 2)
        grad_weight_x += x[:, t].T @ grad_z
        grad_weight_h += before[:, t].T @ grad_z
        grad_bias += grad_z.sum(axis=0)
        grad_h = grad_z @ weight_h.T
    return grad_weight_x, grad_weight_h, grad_bias


def memories(rng):
    """The sums of an LSTM's four blocks, and its memory."""

    def drawn(batch, hidden):
        return (rng.normal(0, 1.5, (batch, 4 * hidden)), rng.normal(0, 1.5, (batch, hidden)))

    return {
        "two samples, one unit": ([[0.0, 1.0, 2.0, 0.5], [-1.0, 0.0, 1.0, 2.0]], [[1.0], [-2.0]]),
        "three samples, two units": drawn(3, 2),
        "two samples, three units": drawn(2, 3),
        "five samples, four units": drawn(5, 4),
    }


def h_next_by_own_memory(outputs, z, c):
    """What h_next should be, given the c_next that the answer itself has found."""
    i, f, o = np.split(1 / (1 + np.exp(-z[:, : -c.shape[1]])), 3, axis=1)
    g = np.tanh(z[:, -c.shape[1] :])
    return {"h_next": o * np.tanh(outputs["c_next"]), "c_next": f * c + i * g}


@question(memories, follow=h_next_by_own_memory)
def lstm_forward(z, c):
    hidden = c.shape[1]
    gates = 1 / (1 + np.exp(-z[:, : 3 * hidden]))
    i, f, o = np.split(gates, 3, axis=1)
    g = np.tanh(z[:, 3 * hidden :])
    c_next = f * c + i * g
    h_next = o * np.tanh(c_next)
    return h_next, c_next


def memories_with_gradients(rng):
    """The gradients that arrive at h_next and c_next, and what the step was given."""
    first, *others = memories(rng).items()
    label, (z, c) = first
    cases = {label: ([[1.0], [10.0]], [[2.0], [-1.0]], z, c)}
    for label, (z, c) in others:
        cases[label] = (rng.normal(0.5, 1, c.shape), rng.normal(-0.5, 1, c.shape), z, c)
    return cases


def grad_c_by_own_candidate(outputs, grad_h_next, grad_c_next, z, c):
    """grad_z and grad_c both come from ∂L/∂c_next: here grad_c from the answer's own grad_z."""
    grad_z, grad_c = lstm_backward(grad_h_next, grad_c_next, z, c)
    own = outputs["grad_z"][:, -c.shape[1] :] / grad_z[:, -c.shape[1] :]  # the candidate's block
    return {"grad_z": grad_z, "grad_c": own * grad_c}


@question(memories_with_gradients, follow=grad_c_by_own_candidate)
def lstm_backward(grad_h_next, grad_c_next, z, c):
    hidden = c.shape[1]
    gates = 1 / (1 + np.exp(-z[:, : 3 * hidden]))
    i, f, o = np.split(gates, 3, axis=1)
    g = np.tanh(z[:, 3 * hidden :])
    s = np.tanh(f * c + i * g)
    grad_c_next = grad_c_next + grad_h_next * o * (1 - s**2)
    grad_gates = np.concatenate([grad_c_next * g, grad_c_next * c, grad_h_next * s], axis=1)
    grad_z_gates = grad_gates * gates * (1 - gates)
    grad_z_g = grad_c_next * i * (1 - g**2)
    grad_z = np.concatenate([grad_z_gates, grad_z_g], axis=1)
    grad_c = grad_c_next * f
    return grad_z, grad_c


MASKS = {  # True where a sequence goes on
    "they end early, two units": [[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]],
    "one begins late, three units": [[0, 0, 1, 1], [1, 1, 1, 0]],
    "gaps, four units": [[1, 0, 1, 1, 0, 1], [1, 1, 0, 0, 1, 1], [1, 0, 0, 1, 1, 0]],
}


def masked_sequences(rng):
    """The gradient that arrives at each state, the states, the mask, and weight_h."""
    cases = {
        "one of two ends early, one unit": (
            [[[0.0], [0.0], [1.0]], [[0.0], [1.0], [10.0]]],
            [[[0.5], [0.0], [-0.5]], [[0.5], [0.5], [0.5]]],
            [[True, True, True], [True, False, False]],
            [[2.0]],
        )
    }
    for hidden, (label, rows) in enumerate(MASKS.items(), start=2):
        mask = np.array(rows, dtype=bool)
        states = np.zeros((*mask.shape, hidden))
        weight_h, h = rng.normal(0, 0.6, (hidden, hidden)), states[:, 0]
        for t in range(mask.shape[1]):
            step = np.tanh(rng.normal(0.3, 0.8, h.shape) + h @ weight_h)
            h = states[:, t] = np.where(mask[:, t, None], step, h)
        cases[label] = (rng.normal(0.5, 1, states.shape), states, mask, weight_h)
    return cases


@question(masked_sequences)
def masked_backward(grad_states, states, mask, weight_h):
    grad_z, grad_h = np.empty(states.shape), 0
    mask = mask[:, :, None]
    for t in reversed(range(states.shape[1])):
        grad_h = grad_h + grad_states[:, t]
        goes_on = mask[:, t]
        grad_z[:, t] = goes_on * grad_h * (1 - states[:, t] ** 2)
        grad_h = grad_z[:, t] @ weight_h.T + ~goes_on * grad_h
    return grad_z
