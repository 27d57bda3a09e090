"""Recurrent layers: the same step at each time, and backpropagation through time."""

import numpy as np

from coursepkg.activations import tanh
from coursepkg.arguments import a_function, as_matrix, finite_array, unguarded, whole_number
from coursepkg.initializers import glorot_uniform, orthogonal
from coursepkg.layers.base import Layer
from coursepkg.layers.embedding import an_embedding, mask_for
from coursepkg.layers.sequence import sequence_shape


def rnn_step(z_x, h, weight_h, activation=tanh):
    """h_next = tanh(z_x + h @ weight_h), where z_x = x @ weight_x + bias.

    z_x, h, h_next: (batch, hidden), weight_h: (hidden, hidden). vjp(grad_h_next) returns grad_z,
    of the pre-activation, and grad_h. Source: Elman (1990).
    """
    h_next, activation_vjp = activation(z_x + h @ weight_h)

    def vjp(grad_h_next):
        grad_z = activation_vjp(grad_h_next)
        return grad_z, grad_z @ weight_h.T

    return h_next, vjp


class Recurrent(Layer):
    """What RNN, LSTM and GRU share. They differ in their step, and in how many blocks it has.

    x: (batch, time, fan_in); returned are all states h: (batch, time, hidden); before the first
    step the state is 0. weight_x: (fan_in, blocks·hidden), weight_h: (hidden, blocks·hidden), bias:
    (blocks·hidden,); a block is what one gate or candidate has of them, and starts as
    initializer(rng, fan_in, hidden) and recurrent_initializer(rng, hidden, hidden) say.

    Where the mask of the Embedding mask_of is False, the state stays: h[t] = h[t - 1].

    Backward: h[t] has two gradients, from the outputs and from step t + 1, and they add. Each
    step uses the same weights, so that their gradients add over time, too:

        grad_weight_x = Σ x[t]ᵀ grad_z[t],  grad_weight_h = Σ h[t - 1]ᵀ grad_z[t],
        grad_bias = Σ grad_z[t].

    Source: Rumelhart, Hinton and Williams (1986); Werbos (1990).
    """

    needs_floats = True
    blocks = 1
    parts = 1  # of the state: h, and what else is handed from step to step

    def __init__(
        self, fan_in, hidden, mask_of=None,
        initializer=glorot_uniform, recurrent_initializer=orthogonal,
    ):  # fmt: skip
        fan_in = whole_number(fan_in, "fan_in", low=1)
        self.hidden = whole_number(hidden, "hidden", low=1)
        columns = self.blocks * self.hidden
        self.shapes = {
            "weight_x": (fan_in, columns), "weight_h": (self.hidden, columns), "bias": (columns,)
        }  # fmt: skip
        self.mask_of = an_embedding(mask_of, "mask_of")
        self.initializer = a_function(initializer, "initializer")
        self.recurrent_initializer = a_function(recurrent_initializer, "recurrent_initializer")

    def initialize(self, rng):
        starts = {"initializer": self.weight_x, "recurrent_initializer": self.weight_h}
        for name, weight in starts.items():
            for block in np.split(weight, self.blocks, axis=1):  # views
                start = getattr(self, name)(rng, *block.shape)
                block[...] = finite_array(start, f"{name}(...)", block.shape)
        self.bias[...] = 0

    def output_shape(self, shape):
        batch, time, _ = sequence_shape(shape, self, self.shapes["weight_x"][0])
        return batch, time, self.hidden

    def forward(self, x, training=True):
        batch, time, fan_in = x.shape
        mask = mask_for(x, self.mask_of)
        self.x = x.swapaxes(0, 1).reshape(time * batch, fan_in)
        z_x = self.x @ self.weight_x  # of all steps at once
        z_x += self.bias
        z_x = z_x.reshape(time, batch, -1)
        self.h = np.zeros((time + 1, batch, self.hidden), x.dtype)  # h[0] is the start
        state, self.vjps = (self.h[0],) * self.parts, []
        for t in range(time):
            if mask is None:
                state, vjp = self._step(z_x[t], state)
            else:
                state, vjp = self._step_or_stay(z_x[t], state, mask[:, t, None])
            self.h[t + 1] = state[0]
            self.vjps.append(vjp)
        return self.h[1:].swapaxes(0, 1)

    def _step(self, z_x, state):
        """The next state, `parts` arrays (batch, hidden), and the vjp.

        vjp(*grad_state) returns grad_z for weight_x, grad_z for weight_h, and each part's gradient.
        """
        raise NotImplementedError

    def _step_or_stay(self, z_x, state, true):
        """The step where `true`, (batch, 1), says so; elsewhere the state stays as it is."""
        stepped, step_vjp = self._step(z_x, state)
        next_state = [np.where(true, new, old) for new, old in zip(stepped, state, strict=True)]

        def vjp(*grads):
            grad_z_x, grad_z_h, *through = step_vjp(*(grad * true for grad in grads))
            around = [grad * ~true for grad in grads]
            return grad_z_x, grad_z_h, *(a + b for a, b in zip(through, around, strict=True))

        return next_state, vjp

    def backward(self, grad_h, input_gradient=True):
        batch, time, _ = grad_h.shape
        grads_z_x, grads_z_h = [None] * time, [None] * time
        grad_state = [np.zeros_like(self.h[0])] * self.parts
        for t in reversed(range(time)):
            grad_state[0] = grad_state[0] + grad_h[:, t]  # from the next step, from the outputs
            grads_z_x[t], grads_z_h[t], *grad_state = self.vjps[t](*grad_state)
        grad_z_x = grad_z_h = np.concatenate(grads_z_x)
        if grads_z_h[0] is not grads_z_x[0]:  # in a GRU; RNN and LSTM have one z, the sum of both
            grad_z_h = np.concatenate(grads_z_h)
        self._add_over_time(grad_z_x, grad_z_h)
        if input_gradient:
            return (grad_z_x @ self.weight_x.T).reshape(time, batch, -1).swapaxes(0, 1)

    def _add_over_time(self, grad_z_x, grad_z_h):
        """The gradients of the parameters.   grad_z_x, grad_z_h: (time·batch, blocks·hidden)."""
        np.matmul(self.x.T, grad_z_x, out=self.grad_weight_x)
        np.matmul(as_matrix(self.h[:-1]).T, grad_z_h, out=self.grad_weight_h)
        grad_z_x.sum(axis=0, out=self.grad_bias)


class RNN(Recurrent):
    """h[t] = activation(x[t] @ weight_x + bias + h[t - 1] @ weight_h), as `Recurrent` says.

    With activation=relu and recurrent_initializer=identity it is the network of Le, Jaitly and
    Hinton (2015). Source: Elman (1990); the orthogonal start, Saxe, McClelland and Ganguli (2014).
    """

    def __init__(
        self, fan_in, hidden, mask_of=None, activation=tanh,
        initializer=glorot_uniform, recurrent_initializer=orthogonal,
    ):  # fmt: skip
        super().__init__(fan_in, hidden, mask_of, initializer, recurrent_initializer)
        self.activation = a_function(activation, "activation")

    def _step(self, z_x, state):
        h, step_vjp = rnn_step(z_x, *state, self.weight_h, unguarded(self.activation))

        def vjp(grad_h):
            grad_z, grad_before = step_vjp(grad_h)
            return grad_z, grad_z, grad_before

        return (h,), vjp
