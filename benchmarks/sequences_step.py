"""What a step on sequences costs: ours beside PyTorch, eager, on one thread, in float32.

A recurrent layer and a transformer block: forward, the loss of all outputs, backward. Before
anything is timed, both must have the same loss and the same gradient of a weight. Then they take
turns, so that a machine that slows down slows both; printed are the medians of the ratios within
each turn, in CPU time, which does not count other programs. Exit status 1 if ours takes longer
than its limit allows. `OMP_NUM_THREADS=1 .venv/bin/python benchmarks/sequences_step.py`
"""

import os
import sys
import time

# Before anything that has threads is imported.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import torch

from coursepkg.layers import GRU, LSTM, RNN, transformer_block
from coursepkg.losses import mean_squared_error
from coursepkg.model import Sequential

torch.set_num_threads(1)
TURNS, STEPS, BATCH = 60, 5, 64


def tensor(array):
    return torch.tensor(np.ascontiguousarray(array))


class Ours:
    def __init__(self, layers, x, targets):
        self.model = Sequential(layers, np.random.default_rng(0), np.float32)
        self.x, self.targets = x, targets

    def step(self):
        loss, vjp = mean_squared_error(self.model.forward(self.x), self.targets)
        self.model.backward(vjp(), input_gradient=True)
        return float(loss)


class PyTorch:
    def __init__(self, module, x, targets):
        self.module = module
        self.x, self.targets = tensor(x).requires_grad_(), tensor(targets)

    def step(self):
        self.x.grad = None
        self.module.zero_grad()
        outputs = self.module(self.x)
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        loss = torch.nn.functional.mse_loss(outputs, self.targets)
        loss.backward()
        return loss.item()


def recurrent(cell, fan_in, hidden, time):
    """Both, with the same weights; in an LSTM, ours has the rows of g last, theirs those of o."""
    rng = np.random.default_rng(1)
    x, targets = (rng.standard_normal((BATCH, time, n), np.float32) for n in (fan_in, hidden))
    layer = cell(fan_in, hidden)
    ours = Ours([layer], x, targets)
    module = getattr(torch.nn, cell.__name__)(fan_in, hidden, batch_first=True)
    order = [0, 1, 3, 2] if cell is LSTM else range(layer.blocks)
    their_names = {
        "weight_ih_l0": layer.weight_x.T, "weight_hh_l0": layer.weight_h.T,
        "bias_ih_l0": layer.bias,
    }  # fmt: skip
    for name, array in their_names.items():
        blocks = np.split(array, layer.blocks)
        getattr(module, name).data = tensor(np.concatenate([blocks[i] for i in order]))
    module.bias_hh_l0.data.zero_()
    weights = layer.grad_weight_h[:, :hidden].T, lambda: module.weight_hh_l0.grad[:hidden]
    return ours, PyTorch(module, x, targets), weights


def block(features, heads, hidden, time):
    """Both, with the same weights; theirs has biases around its attention, which are 0 here."""
    rng = np.random.default_rng(1)
    x, targets = rng.standard_normal((2, BATCH, time, features), np.float32)
    attend, think = layers = transformer_block(features, heads, hidden, causal=True)
    ours, own = Ours(layers, x, targets), attend.layers[1]
    module = Block(features, heads, hidden, time)
    inward = np.concatenate([own.weight_q, own.weight_k, own.weight_v], axis=1)
    module.attention.in_proj_weight.data = tensor(inward.T)
    module.attention.out_proj.weight.data = tensor(own.weight_o.T)
    for linear, layer in ((module.think[0], think.layers[1]), (module.think[2], think.layers[3])):
        linear.weight.data, linear.bias.data = tensor(layer.weight.T), tensor(layer.bias)
    weights = own.grad_weight_o.T, lambda: module.attention.out_proj.weight.grad
    return ours, PyTorch(module, x, targets), weights


class Block(torch.nn.Module):
    """As the tutorials write it, with the fused attention of PyTorch."""

    def __init__(self, features, heads, hidden, time):
        super().__init__()
        nn = torch.nn
        self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)
        self.attention = nn.MultiheadAttention(features, heads, bias=False, batch_first=True)
        gelu = nn.GELU(approximate="tanh")
        self.think = nn.Sequential(nn.Linear(features, hidden), gelu, nn.Linear(hidden, features))
        self.later = torch.triu(torch.ones(time, time, dtype=torch.bool), 1)

    def forward(self, x):
        n = self.norm1(x)
        x = x + self.attention(n, n, n, attn_mask=self.later, need_weights=False)[0]
        return x + self.think(self.norm2(x))


# Each with how many times PyTorch we may take. An LSTM it hands to a library of its own, oneDNN.
SETTINGS = {
    "RNN, 32 -> 64, 20 steps": (1.2, lambda: recurrent(RNN, 32, 64, 20)),
    "LSTM, 32 -> 64, 20 steps": (1.5, lambda: recurrent(LSTM, 32, 64, 20)),
    "GRU, 32 -> 64, 20 steps": (1.2, lambda: recurrent(GRU, 32, 64, 20)),
    "GRU, 64 -> 64, 20 steps": (1.2, lambda: recurrent(GRU, 64, 64, 20)),
    "block of 32, 4 heads, 16 steps": (1.2, lambda: block(32, 4, 128, 16)),
}


def seconds(pair):
    """For a step of each, an array over the turns."""
    times = np.empty((2, TURNS))
    for turn in range(TURNS):
        for which in (0, 1) if turn % 2 else (1, 0):
            begin = time.process_time()
            for _ in range(STEPS):
                pair[which].step()
            times[which, turn] = (time.process_time() - begin) / STEPS
    return times


def main():
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, one thread each, batch {BATCH}")
    print("                                     ours, µs  PyTorch, µs  ratio")
    good = True
    for name, (limit, make) in SETTINGS.items():
        ours, theirs, (grad, their_grad) = make()
        losses = ours.step(), theirs.step()
        assert np.ptp(losses) < 1e-5 * losses[0], losses
        assert np.allclose(grad, their_grad().numpy(), atol=1e-4 * np.abs(grad).max()), name
        times = seconds((ours, theirs))
        ratio = np.median(times[0] / times[1])
        good &= bool(ratio <= limit)
        ours_us, theirs_us = np.median(times, axis=1) * 1e6
        print(f"{name:35s} {ours_us:10.0f} {theirs_us:12.0f} {ratio:6.2f}", flush=True)
    sys.exit(not good)


if __name__ == "__main__":
    main()
