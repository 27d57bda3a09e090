"""A training step in NumPy: by the package, by hand, and its matrix products alone.

Each is made with the network's sizes, a batch, a rule ("SGD" or "Adam") and the vector of the
starting parameters, in the order and the shapes of the package; `step()` returns the loss, and
`params()` the vector, in the same order. ReLU in between, cross-entropy behind.
"""

import math

import numpy as np

from coursepkg.activations import relu
from coursepkg.layers import Activation, Linear
from coursepkg.losses import softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD, Adam
from coursepkg.training import train_step

LEARNING_RATE, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8


class Ours:
    """`train_step` as it is, with all its checks."""

    def __init__(self, sizes, x, labels, rule, params):
        fan_in, hidden, classes = sizes
        layers = [Linear(fan_in, hidden), Activation(relu), Linear(hidden, classes)]
        self.model = Sequential(layers, np.random.default_rng(0), params.dtype)
        self.model.params[...] = params
        optimizer_class = {"SGD": SGD, "Adam": Adam}[rule]
        self.optimizer = optimizer_class(self.model.params, self.model.grads, LEARNING_RATE)
        self.x, self.labels = x, labels

    def step(self):
        return train_step(self.model, self.optimizer, softmax_cross_entropy, self.x, self.labels)

    def params(self):
        return self.model.params


def parts(vector, sizes, split=np.split):
    """The vector cut into weight, bias, weight, bias."""
    fan_in, hidden, classes = sizes
    shapes = [(fan_in, hidden), (hidden,), (hidden, classes), (classes,)]
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    return [p.reshape(s) for p, s in zip(split(vector, ends), shapes, strict=True)]


class Fused:
    """A loop for this one network: nothing is checked, no array made that could be reused."""

    def __init__(self, sizes, x, labels, rule, params):
        _, hidden, classes = sizes
        self.x, self.labels = x, labels
        self.batch, self.rows = len(x), np.arange(len(x))
        self.update = {"SGD": self._sgd, "Adam": self._adam}[rule]
        self.w, self.g = params.copy(), np.zeros_like(params)
        self.m, self.v, self.s = (np.zeros_like(params) for _ in range(3))
        self.t = 0
        self.W1, self.b1, self.W2, self.b2 = parts(self.w, sizes)
        self.gW1, self.gb1, self.gW2, self.gb2 = parts(self.g, sizes)
        self.z1, self.d1 = (np.empty((self.batch, hidden), params.dtype) for _ in range(2))
        self.on = np.empty((self.batch, hidden), bool)
        self.z2, self.p = (np.empty((self.batch, classes), params.dtype) for _ in range(2))
        self.row = np.empty((self.batch, 1), params.dtype)

    def step(self):
        np.matmul(self.x, self.W1, out=self.z1)
        self.z1 += self.b1
        np.greater(self.z1, 0, out=self.on)
        np.maximum(self.z1, 0, out=self.z1)
        np.matmul(self.z1, self.W2, out=self.z2)
        self.z2 += self.b2
        np.max(self.z2, axis=1, keepdims=True, out=self.row)
        self.z2 -= self.row
        np.exp(self.z2, out=self.p)
        np.sum(self.p, axis=1, keepdims=True, out=self.row)
        self.p /= self.row
        np.log(self.row, out=self.row)
        loss = (self.row.sum() - self.z2[self.rows, self.labels].sum()) / self.batch
        self.p[self.rows, self.labels] -= 1
        self.p /= self.batch
        np.matmul(self.z1.T, self.p, out=self.gW2)
        np.sum(self.p, axis=0, out=self.gb2)
        np.matmul(self.p, self.W2.T, out=self.d1)
        self.d1 *= self.on
        np.matmul(self.x.T, self.d1, out=self.gW1)
        np.sum(self.d1, axis=0, out=self.gb1)
        self.update()
        return float(loss)

    def _sgd(self):
        np.multiply(self.g, LEARNING_RATE, out=self.s)
        self.w -= self.s

    def _adam(self):
        self.t += 1
        root = (1 - BETA2**self.t) ** 0.5
        g, m, v, s = self.g, self.m, self.v, self.s
        np.multiply(g, 1 - BETA1, out=s)
        m *= BETA1
        m += s
        np.multiply(g, g, out=s)
        s *= 1 - BETA2
        v *= BETA2
        v += s
        # lr/c1 m / (√v/root + eps) = (lr root/c1) m / (√v + eps root): one pass fewer
        np.sqrt(v, out=s)
        s += EPS * root
        np.divide(m, s, out=s)
        s *= LEARNING_RATE * root / (1 - BETA1**self.t)
        self.w -= s

    def params(self):
        return self.w


class NumPyProducts:
    def __init__(self, sizes, x, labels, rule, params):
        weight1, _, weight2, _ = parts(params, sizes)
        hidden, logits = x @ weight1, x @ weight1 @ weight2
        self.pairs = [(x, weight1), (hidden, weight2),
                      (hidden.T, logits), (logits, weight2.T), (x.T, hidden)]  # fmt: skip

    def step(self):
        for left, right in self.pairs:
            left @ right
