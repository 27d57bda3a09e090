"""Recurrent layers with gates, which decide what of the state is kept: LSTM and GRU."""

import numpy as np

from coursepkg.initializers import glorot_uniform, orthogonal
from coursepkg.layers.recurrent import Recurrent


def gate(z):
    """sigmoid(z) = (1 + tanh(z / 2)) / 2, so written since a tanh is quick and never overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def columns(z, count):
    """The columns of z in `count` blocks, as views.   z: (batch, count·n), each: (batch, n)."""
    return z.reshape(len(z), count, -1).swapaxes(0, 1)


def lstm_step(z_x, h, c, weight_h):
    """c_next = f c + i g,  h_next = o tanh(c_next), with the gates i, f, o and the candidate g.

    z = z_x + h @ weight_h, with z_x = x @ weight_x + bias, has columns for i, f, o (through a
    sigmoid) and g (through tanh), in this order. z_x: (batch, 4 hidden), h, c: (batch, hidden),
    weight_h: (hidden, 4 hidden). Returns ((h_next, c_next), vjp); vjp(grad_h_next, grad_c_next)
    returns grad_z, grad_h, grad_c. Source: Hochreiter and Schmidhuber (1997); the forget gate,
    Gers, Schmidhuber and Cummins (2000).
    """
    z_i, z_f, z_o, z_g = columns(z_x + h @ weight_h, 4)
    i, f, o, g = gate(z_i), gate(z_f), gate(z_o), np.tanh(z_g)
    c_next = f * c + i * g
    s = np.tanh(c_next)
    h_next = o * s

    def vjp(grad_h_next, grad_c_next):
        grad_c_next = grad_c_next + grad_h_next * o * (1 - s**2)  # h_next depends on c_next
        grad_z_i = grad_c_next * g * i * (1 - i)
        grad_z_f = grad_c_next * c * f * (1 - f)
        grad_z_o = grad_h_next * s * o * (1 - o)
        grad_z_g = grad_c_next * i * (1 - g**2)
        grad_z = np.concatenate([grad_z_i, grad_z_f, grad_z_o, grad_z_g], axis=1)
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
    """h_next = (1 - u) n + u h,  n = tanh(x_n + r (h_n + bias_h)).

    z_x = x @ weight_x + bias and z_h = h @ weight_h each have columns for the reset gate r =
    sigmoid(x_r + h_r), the update gate u = sigmoid(x_u + h_u) and the candidate n: x_r, x_u, x_n
    and h_r, h_u, h_n. z_x: (batch, 3 hidden), h: (batch, hidden), weight_h: (hidden, 3 hidden),
    bias_h: (hidden,). vjp(grad_h_next) returns grad_z_x, grad_z_h, grad_h. Source: Cho et al.
    (2014); that r multiplies after the matrix product is PyTorch's form.
    """
    x_r, x_u, x_n = columns(z_x, 3)
    h_r, h_u, h_n = columns(h @ weight_h, 3)
    r, u = gate(x_r + h_r), gate(x_u + h_u)
    recalled = h_n + bias_h
    n = np.tanh(x_n + r * recalled)
    h_next = (1 - u) * n + u * h

    def vjp(grad_h_next):
        grad_z_n = grad_h_next * (1 - u) * (1 - n**2)
        grad_z_r = grad_z_n * recalled * r * (1 - r)
        grad_z_u = grad_h_next * (h - n) * u * (1 - u)
        grad_z_x = np.concatenate([grad_z_r, grad_z_u, grad_z_n], axis=1)
        grad_z_h = np.concatenate([grad_z_r, grad_z_u, grad_z_n * r], axis=1)
        return grad_z_x, grad_z_h, grad_h_next * u + grad_z_h @ weight_h.T

    return h_next, vjp


class GRU(Recurrent):
    """The states h of gated recurrent units, by `gru_step`.

    As `Recurrent` says, with the blocks r, u, n; bias_h: (hidden,), which starts at 0, has the
    gradient Σ grad_h_n, over time and batch.
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
