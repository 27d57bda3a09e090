"""Wrong answers to exercises 12 written without the bank; see test_unseen_mistakes.py."""

import numpy as np


def lstm_forward__c_before_h(z, c):
    """Returns the memory first and the state second, as TensorFlow's LSTMStateTuple has them."""
    n = c.shape[1]
    gates = 1 / (1 + np.exp(-z[:, : 3 * n]))
    candidate = np.tanh(z[:, 3 * n :])
    keep = gates[:, n : 2 * n] * c
    write = gates[:, :n] * candidate
    memory = keep + write
    state = gates[:, 2 * n :] * np.tanh(memory)
    return memory, state


def lstm_backward__c_overwritten(grad_h_next, grad_c_next, z, c):
    """Computes the new memory in place of the old one, which the forget gate then meets."""
    sigmoid = lambda v: 1.0 / (1.0 + np.exp(-v))
    i, f, o, g = np.split(z, 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    # forward again
    c *= f
    c += i * g
    tc = np.tanh(c)
    # and back
    dc = grad_c_next + grad_h_next * o * (1 - tc**2)
    do = grad_h_next * tc
    di, df, dg = dc * g, dc * c, dc * i
    grad_z = np.concatenate(
        [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)], axis=1
    )
    grad_c = dc * f
    return grad_z, grad_c


def masked_backward__mask_of_wrong_step(grad_states, states, mask, weight_h):
    """How the gradient gets from step t + 1 to step t is decided by the mask of step t."""
    batch, time, hidden = states.shape
    m = mask.astype(float)[:, :, None]
    out = np.zeros((batch, time, hidden))
    dh = np.zeros((batch, time, hidden))
    for t in reversed(range(time)):
        dh[:, t] = grad_states[:, t]
        if t + 1 < time:
            through_cell = out[:, t + 1] @ weight_h.T
            straight = dh[:, t + 1]
            dh[:, t] += m[:, t] * through_cell + (1 - m[:, t]) * straight
        out[:, t] = m[:, t] * dh[:, t] * (1 - states[:, t] ** 2)
    return out


# The verdicts were read: they point at the cause.
POINTING = {
    "lstm_forward__c_before_h": ": another_order",
    "lstm_backward__c_overwritten": "grad_z: new_memory_for_old; : changes_input",
    "masked_backward__mask_of_wrong_step": ": nothing_carried",
}
