"""Recurrent layers with gates, which decide what of the state is kept: LSTM and GRU."""

import numpy as np

from coursepkg.initializers import glorot_uniform, orthogonal
from coursepkg.layers.recurrent import Recurrent


def gate(z):
    """sigmoid(z) = (1 + tanh(z / 2)) / 2, so written since a tanh is quick and never overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def lstm_step(z_x, h, c, weight_h):
    """c_next = f c + i g,  h_next = o tanh(c_next), with the gates i, f, o and the candidate g.

    z = z_x + h @ weight_h, with z_x = x @ weight_x + bias, has columns for i, f, o (through a
    sigmoid) and g (through tanh), in this order. z_x: (batch, 4 hidden), h, c: (batch, hidden),
    weight_h: (hidden, 4 hidden). Returns ((h_next, c_next), vjp); vjp(grad_h_next, grad_c_next)
    returns grad_z, grad_h, grad_c. Source: Hochreiter and Schmidhuber (1997); the forget gate,
    Gers, Schmidhuber and Cummins (2000).
    """
    hidden = h.shape[1]
    z = z_x + h @ weight_h  # (batch, 4 hidden)
    gates, g = gate(z[:, : 3 * hidden]), np.tanh(z[:, 3 * hidden :])
    i, f, o = gates[:, :hidden], gates[:, hidden : 2 * hidden], gates[:, 2 * hidden :]
    c_next = f * c + i * g
    s = np.tanh(c_next)
    h_next = o * s

    def vjp(grad_h_next, grad_c_next):
        grad_c_next = grad_c_next + grad_h_next * o * (1 - s**2)  # h_next depends on c_next
        grad_gates = np.concatenate([grad_c_next * g, grad_c_next * c, grad_h_next * s], axis=1)
        grad_z_g = grad_c_next * i * (1 - g**2)
        grad_z = np.concatenate([grad_gates * gates * (1 - gates), grad_z_g], axis=1)
        return grad_z, grad_z @ weight_h.T, grad_c_next * f

    return (h_next, c_next), vjp


class LSTM(Recurrent):
    """The states h of a long short-term memory, by `lstm_step`; its c stays inside.

    As `Recurrent` says, with the blocks i, f, o, g. The bias of the forget gate starts at 1, so
    that the memory is kept at first: Jozefowicz, Zaremba and Sutskever (2015).
    """

    blocks = 4
    parts = 2

    def initialize(self, rng):
        super().initialize(rng)
        self.bias[self.hidden : 2 * self.hidden] = 1

    def _step(self, z_x, state):
        next_state, step_vjp = lstm_step(z_x, *state, self.weight_h)

        def vjp(grad_h, grad_c):
            grad_z, *grad_state = step_vjp(grad_h, grad_c)
            return grad_z, grad_z, *grad_state

        return next_state, vjp


def gru_step(z_x, h, weight_h, bias_h):
    """h_next = (1 - u) n + u h,  n = tanh(z_x[n] + r (z_h[n] + bias_h)).

    z_x = x @ weight_x + bias and z_h = h @ weight_h have columns for the reset gate r =
    sigmoid(z_x[r] + z_h[r]), the update gate u = sigmoid(z_x[u] + z_h[u]) and the candidate n, in
    this order. z_x: (batch, 3 hidden), h: (batch, hidden), weight_h: (hidden, 3 hidden), bias_h:
    (hidden,). vjp(grad_h_next) returns grad_z_x, grad_z_h, grad_h. Source: Cho et al. (2014); that
    r multiplies after the matrix product is PyTorch's form.
    """
    hidden = h.shape[1]
    z_h = h @ weight_h  # (batch, 3 hidden)
    gates = gate(z_x[:, : 2 * hidden] + z_h[:, : 2 * hidden])
    r, u = gates[:, :hidden], gates[:, hidden:]
    recalled = z_h[:, 2 * hidden :] + bias_h
    n = np.tanh(z_x[:, 2 * hidden :] + r * recalled)
    h_next = (1 - u) * n + u * h

    def vjp(grad_h_next):
        grad_z_n = grad_h_next * (1 - u) * (1 - n**2)
        grad_gates = np.concatenate([grad_z_n * recalled, grad_h_next * (h - n)], axis=1)
        grad_z_gates = grad_gates * gates * (1 - gates)
        grad_z_x = np.concatenate([grad_z_gates, grad_z_n], axis=1)
        grad_z_h = np.concatenate([grad_z_gates, grad_z_n * r], axis=1)
        return grad_z_x, grad_z_h, grad_h_next * u + grad_z_h @ weight_h.T

    return h_next, vjp


class GRU(Recurrent):
    """The states h of gated recurrent units, by `gru_step`.

    As `Recurrent` says, with the blocks r, u, n; bias_h: (hidden,), which starts at 0, has the
    gradient Σ grad_z_h[n], over time and batch.
    """

    blocks = 3

    def __init__(
        self, fan_in, hidden, mask_of=None,
        initializer=glorot_uniform, recurrent_initializer=orthogonal,
    ):  # fmt: skip
        super().__init__(fan_in, hidden, mask_of, initializer, recurrent_initializer)
        self.shapes["bias_h"] = (self.hidden,)

    def initialize(self, rng):
        super().initialize(rng)
        self.bias_h[...] = 0

    def _step(self, z_x, state):
        h, vjp = gru_step(z_x, *state, self.weight_h, self.bias_h)
        return (h,), vjp

    def _add_over_time(self, grad_z_x, grad_z_h):
        super()._add_over_time(grad_z_x, grad_z_h)
        grad_z_h[:, 2 * self.hidden :].sum(axis=0, out=self.grad_bias_h)
