"""What the package costs: one training step, beside a loop fused by hand and beside PyTorch.

Networks 64-64-10 and 784-128-10, ReLU, cross-entropy, Adam, float64, batches of 32 and 64. Before
anything is timed all three must have the same loss and the same parameters after ten steps. Then
they take turns, so that a machine that slows down slows all of them. Printed are the medians of
the ratios within each turn; exit status 1 if we take more than 1.25 times the fused loop, or
longer than PyTorch. Run by `make bench`; needs `make frameworks`.
"""

import itertools
import sys
import time

import numpy as np
import torch

from coursepkg.activations import relu
from coursepkg.initializers import he_normal
from coursepkg.layers import Activation, Linear
from coursepkg.losses import softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import Adam

NETWORKS = [(64, 64, 10), (784, 128, 10)]
BATCHES = [32, 64]
TURNS, STEPS = 60, 50  # many steps in a row, as in training: the first of a turn finds cold caches
LEARNING_RATE = 1e-3


class Ours:
    def __init__(self, sizes):
        fan_in, hidden, classes = sizes
        layers = [
            Linear(fan_in, hidden, he_normal), Activation(relu), Linear(hidden, classes, he_normal)
        ]  # fmt: skip
        self.model = Sequential(layers, np.random.default_rng(0))
        self.optimizer = Adam(self.model.params, self.model.grads, LEARNING_RATE)

    def step(self, x, labels):
        loss, vjp = softmax_cross_entropy(self.model.forward(x), labels)
        self.model.backward(vjp())
        self.optimizer.step()
        return float(loss)

    def params(self):
        return self.model.params


class Fused:
    """One function for this one network: nothing is checked, no array made that could be reused."""

    def __init__(self, sizes, batch, params):
        fan_in, hidden, classes = sizes
        self.w, self.g = params.copy(), np.zeros_like(params)
        self.m, self.v, self.s = (np.zeros_like(params) for _ in range(3))
        self.t, self.rows = 0, np.arange(batch)
        ends = np.cumsum([fan_in * hidden, hidden, hidden * classes, classes])[:-1]
        shapes = [(fan_in, hidden), (hidden,), (hidden, classes), (classes,)]
        self.W1, self.b1, self.W2, self.b2 = (
            part.reshape(shape) for part, shape in zip(np.split(self.w, ends), shapes, strict=True)
        )
        self.gW1, self.gb1, self.gW2, self.gb2 = (
            part.reshape(shape) for part, shape in zip(np.split(self.g, ends), shapes, strict=True)
        )
        self.z1, self.d1 = np.empty((batch, hidden)), np.empty((batch, hidden))
        self.on = np.empty((batch, hidden), bool)
        self.z2, self.p = np.empty((batch, classes)), np.empty((batch, classes))
        self.row = np.empty((batch, 1))

    def step(self, x, labels):
        batch = len(x)
        np.matmul(x, self.W1, out=self.z1)
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
        loss = (self.row.sum() - self.z2[self.rows, labels].sum()) / batch
        self.p[self.rows, labels] -= 1
        self.p /= batch
        np.matmul(self.z1.T, self.p, out=self.gW2)
        np.sum(self.p, axis=0, out=self.gb2)
        np.matmul(self.p, self.W2.T, out=self.d1)
        self.d1 *= self.on
        np.matmul(x.T, self.d1, out=self.gW1)
        np.sum(self.d1, axis=0, out=self.gb1)
        self._adam()
        return float(loss)

    def _adam(self, beta1=0.9, beta2=0.999, eps=1e-8):
        self.t += 1
        root = (1 - beta2**self.t) ** 0.5
        g, m, v, s = self.g, self.m, self.v, self.s
        np.multiply(g, 1 - beta1, out=s)
        m *= beta1
        m += s
        np.multiply(g, g, out=s)
        s *= 1 - beta2
        v *= beta2
        v += s
        # lr/c1 m / (√v/root + eps) = (lr root/c1) m / (√v + eps root): one pass fewer
        np.sqrt(v, out=s)
        s += eps * root
        np.divide(m, s, out=s)
        s *= LEARNING_RATE * root / (1 - beta1**self.t)
        self.w -= s

    def params(self):
        return self.w


class PyTorch:
    def __init__(self, sizes, params):
        fan_in, hidden, classes = sizes
        self.module = torch.nn.Sequential(
            torch.nn.Linear(fan_in, hidden, dtype=torch.float64),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden, classes, dtype=torch.float64),
        )
        start = 0
        with torch.no_grad():
            for parameter in self.module.parameters():
                piece = params[start : start + parameter.numel()]
                start += parameter.numel()
                shape = parameter.shape[::-1]  # PyTorch holds (fan_out, fan_in)
                parameter.copy_(torch.tensor(piece.reshape(shape).T))
        self.optimizer = torch.optim.Adam(self.module.parameters(), lr=LEARNING_RATE)

    def step(self, x, labels):
        self.optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.module(x), labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def params(self):
        pieces = [p.detach().numpy().T.ravel() for p in self.module.parameters()]
        return np.concatenate(pieces)


def compare(sizes, batch):
    """Median seconds of ours, and the median ratios of ours to the fused loop and to PyTorch."""
    rng = np.random.default_rng(1)
    x, labels = rng.standard_normal((batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    ours = Ours(sizes)
    three = [ours, Fused(sizes, batch, ours.params()), PyTorch(sizes, ours.params())]
    data = [(x, labels), (x, labels), (torch.tensor(x), torch.tensor(labels))]
    _assert_equal_results(three, data)
    times = np.empty((TURNS, 3))
    # Every order equally often: the threads of one who was first may still be awake for the next.
    orders = list(itertools.permutations(range(3)))
    for turn in range(TURNS):
        for which in orders[turn % len(orders)]:
            begin = time.perf_counter()
            for _ in range(STEPS):
                three[which].step(*data[which])
            times[turn, which] = (time.perf_counter() - begin) / STEPS
    ratios = times[:, :1] / times[:, 1:]
    return np.median(times[:, 0]), *np.median(ratios, axis=0)


def _assert_equal_results(three, data):
    for step in range(10):
        losses = [one.step(*its) for one, its in zip(three, data, strict=True)]
        assert np.ptp(losses) <= 1e-9 * losses[0], f"step {step}: losses {losses}"
    reference = three[0].params()
    for other in three[1:]:
        assert np.abs(other.params() - reference).max() <= 1e-9 * np.abs(reference).max()


def main():
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    print("network      batch   ours (µs)   ours/fused   ours/PyTorch")
    good = True
    for sizes in NETWORKS:
        for batch in BATCHES:
            seconds, to_fused, to_torch = compare(sizes, batch)
            good &= to_fused <= 1.25 and to_torch < 1
            name = "-".join(map(str, sizes))
            print(
                f"{name:11s} {batch:6d} {seconds * 1e6:11.0f} {to_fused:12.2f} {to_torch:14.2f}",
                flush=True,
            )
    sys.exit(not good)


if __name__ == "__main__":
    main()
