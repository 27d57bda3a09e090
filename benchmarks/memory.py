"""How far a gradient gets, and who remembers: the tables of chapter 12; some ten minutes.

Run it by hand, with OMP_NUM_THREADS=1; `decay` or `adding` runs that part alone.
"""

import argparse

import numpy as np

from coursepkg.activations import relu, tanh
from coursepkg.datasets import adding_problem
from coursepkg.initializers import glorot_uniform, identity, orthogonal
from coursepkg.layers import GRU, LSTM, RNN, LastStep, Linear
from coursepkg.layers.recurrent import rnn_step
from coursepkg.losses import mean_squared_error
from coursepkg.model import Sequential
from coursepkg.optimizers import Adam
from coursepkg.training import train_step

# The gradient on its way back through 200 steps.

STEPS, HIDDEN = 200, 64


def itself(z):
    return z, lambda grad: grad


def gradient_norms(rng, weight_h, activation=itself, noise=0.0):
    """log(‖dL/dh[T - t]‖ / ‖dL/dh[T]‖) for t = 0 to T, with a random dL/dh[T]."""
    h, grad = rng.standard_normal((2, 1, HIDDEN))
    vjps = []
    for _ in range(STEPS):
        h, vjp = rnn_step(noise * rng.standard_normal((1, HIDDEN)), h, weight_h, activation)
        vjps.append(vjp)
    norms = [np.linalg.norm(grad)]
    for vjp in reversed(vjps):
        grad = vjp(grad)[1]
        norms.append(np.linalg.norm(grad))
    return np.log(norms) - np.log(norms[0])


def slope(norms, start=0):
    return np.polyfit(np.arange(start, STEPS + 1), norms[start:], 1)[0]


def scaled_normal(rng, rho):
    """Normal draws, scaled so that the largest |eigenvalue| is rho."""
    weight_h = rng.standard_normal((HIDDEN, HIDDEN))
    return rho * weight_h / np.abs(np.linalg.eigvals(weight_h)).max()


def decay_row(name, rho, slopes):
    off = np.abs(np.array(slopes) - np.log(rho)).max()
    spread = f"{np.mean(slopes):+.4f} | {min(slopes):+.4f} to {max(slopes):+.4f}"
    print(f"| {name} | {rho} | {np.log(rho):+.4f} | {spread} | {off:.1e} |")


def decay():
    """Slopes of the log of the gradient's norm over the steps back, with 20 seeds each."""
    print("| W | ρ | log ρ | slope, mean | slopes | largest distance from log ρ |")
    print("|---|--:|--:|--:|--:|--:|")
    for rho in (0.9, 1.0, 1.1):
        starts = [np.random.default_rng(seed) for seed in range(20)]
        norms = [gradient_norms(r, rho * orthogonal(r, HIDDEN, HIDDEN)) for r in starts]
        decay_row("linear, ρ · orthogonal", rho, [slope(each) for each in norms])
    for rho in (0.9, 1.0, 1.1):
        starts = [np.random.default_rng(seed) for seed in range(20)]
        norms = [gradient_norms(r, scaled_normal(r, rho)) for r in starts]
        decay_row("linear, normal, from step 50", rho, [slope(each, 50) for each in norms])
    for noise in (0.0, 0.1, 1.0):
        for rho in (0.9, 1.1, 1.5):
            starts = [np.random.default_rng(seed) for seed in range(20)]
            weights = [rho * orthogonal(r, HIDDEN, HIDDEN) for r in starts]
            norms = [
                gradient_norms(r, w, tanh, noise) for r, w in zip(starts, weights, strict=True)
            ]
            above = max((each - np.arange(STEPS + 1) * np.log(rho)).max() for each in norms)
            assert above < 1e-9  # never above σ_max(W)^t
            name = f"tanh, ρ · orthogonal, inputs {noise:g} · normal"
            decay_row(name, rho, [slope(each) for each in norms])


# The adding problem. Name: what makes the recurrent layer.

CELLS = {
    "GRU": GRU,
    "LSTM": LSTM,
    "tanh, orthogonal": RNN,
    "tanh, Glorot": lambda *shape: RNN(*shape, recurrent_initializer=glorot_uniform),
    "ReLU, identity": lambda *shape: RNN(*shape, activation=relu, recurrent_initializer=identity),
    "ReLU, orthogonal": lambda *shape: RNN(*shape, activation=relu),
    "tanh, identity": lambda *shape: RNN(*shape, recurrent_initializer=identity),
}


def adding_error(make, seed, steps, learning_rate, length=50, hidden=32):
    """Mean squared error on 1,000 new sequences after `steps` batches of 50 new ones."""
    rng = np.random.default_rng(seed)
    model = Sequential([make(2, hidden), LastStep(), Linear(hidden, 1)], rng, np.float32)
    optimizer = Adam(model.params, model.grads, learning_rate)
    for _ in range(steps):
        x, targets = adding_problem(rng, 50, length)
        train_step(model, optimizer, mean_squared_error, x, targets, max_grad_norm=1.0)
    x, targets = adding_problem(np.random.default_rng(1000 + seed), 1000, length)
    return mean_squared_error(model.predict(x), targets)[0]


# Name, steps, learning rate: of 0.001, 0.003, 0.01 (for RNNs 0.0003, too) the least mean error.
ADDING = [
    ("GRU", 1500, 1e-2),
    ("LSTM", 1500, 1e-2),
    ("ReLU, identity", 1500, 1e-3),
    ("tanh, orthogonal", 1500, 1e-3),
    ("tanh, Glorot", 1500, 3e-3),
    ("ReLU, identity", 4000, 1e-3),
    ("tanh, orthogonal", 4000, 1e-3),
    ("tanh, Glorot", 4000, 3e-3),
    ("ReLU, orthogonal", 1500, 1e-3),  # these two at the rate of "ReLU, identity"
    ("tanh, identity", 1500, 1e-3),
]


def adding():
    """Test errors with five seeds. The learning rates were chosen with the seeds 100 to 102."""
    print("| adding | steps | rate | squared error, seeds 0 to 4 | below 1/60 |")
    print("|---|--:|--:|---|--:|")
    for name, steps, rate in ADDING:
        errors = [adding_error(CELLS[name], seed, steps, rate) for seed in range(5)]
        listed = ", ".join(f"{error:.4f}" for error in errors)
        solved = sum(error < 1 / 60 for error in errors)
        print(f"| {name} | {steps:,} | {rate:g} | {listed} | {solved} of 5 |", flush=True)


PARTS = {"decay": decay, "adding": adding}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all without")
    for part in parser.parse_args().parts or PARTS:
        PARTS[part]()
