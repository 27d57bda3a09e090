"""What one training step costs: ours beside a loop fused by hand, PyTorch and JAX, on one thread.

Four networks and batches, SGD and Adam, float64 and float32: sixteen settings. Ours is `train_step`
with all its checks; what it takes longer than the fused loop buys layers that fit together in any
order and errors that name what is wrong. Before anything is timed, all must have the same losses
and the same parameters after ten steps. Then they take turns, so that a machine that slows down
slows all of them. Printed are the medians of the ratios within each turn, in CPU time, which does
not count other programs.

Exit status 1 if some setting takes more than its limit times the fused loop, or longer than PyTorch
although NumPy's matrix products do not. Run by `make bench`.
"""

import itertools
import os
import sys
import time

# Before anything that has threads is imported.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import numpy as np
import torch
from step_numpy import Fused, NumPyProducts, Ours
from step_torch import PyTorch, TorchProducts

from coursepkg.initializers import he_normal

try:
    from step_jax import Jax
except ImportError:
    Jax = None

# Sizes, batch, steps in a row (as in training: the first of a turn finds cold caches), and how many
# times the fused loop we may take: in a tiny step Python's part is large.
SETTINGS = [
    ((2, 4, 2), 4, 100, 1.4),
    ((64, 64, 10), 32, 50, 1.25),
    ((784, 128, 10), 64, 10, 1.25),
    ((784, 128, 10), 512, 3, 1.25),
]
TURNS = 80


def seconds(classes, sizes, batch, steps, rule, dtype):
    """Of each class, and of the products alone: seconds for a step, an array over the turns."""
    rng = np.random.default_rng(1)
    fan_in, hidden, outputs = sizes
    x, labels = rng.standard_normal((batch, fan_in)).astype(dtype), rng.integers(0, outputs, batch)
    weights = [he_normal(rng, fan_in, hidden), np.zeros(hidden),
               he_normal(rng, hidden, outputs), np.zeros(outputs)]  # fmt: skip
    params = np.concatenate([part.ravel() for part in weights]).astype(dtype)
    everyone = [*classes, NumPyProducts, TorchProducts]
    made = [each(sizes, x, labels, rule, params) for each in everyone]
    _assert_equal_results(made[: len(classes)], 1e-9 if dtype is np.float64 else 1e-3)
    times = np.empty((len(everyone), TURNS))
    for turn in range(TURNS):
        # In a new order each time: each leaves the caches full of its own data.
        for which in rng.permutation(len(everyone)):
            begin = time.process_time()
            for _ in range(steps):
                made[which].step()
            times[which, turn] = (time.process_time() - begin) / steps
    return dict(zip(everyone, times, strict=True))


def _assert_equal_results(made, tolerance):
    for step in range(10):
        losses = [one.step() for one in made]
        assert np.ptp(losses) <= tolerance * losses[0], f"step {step}: losses {losses}"
    reference = made[0].params()
    for other in made[1:]:
        difference = np.abs(other.params() - reference).max()
        assert difference <= tolerance * np.abs(reference).max(), f"{type(other)}: {difference}"


def main():
    names = {Fused: "fused", PyTorch: "PyTorch", Jax: "JAX"}
    classes = [each for each in (Ours, *names) if each]
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, one thread each")
    print("                                    ours, divided by                      products:")
    print("network     batch rule  numbers       µs    fused  PyTorch      JAX   NumPy/PyTorch")
    good, behind = True, dict.fromkeys(classes[1:], 0)
    for (sizes, batch, steps, limit), rule, dtype in itertools.product(
        SETTINGS, ("SGD", "Adam"), (np.float64, np.float32)
    ):
        times = seconds(classes, sizes, batch, steps, rule, dtype)
        ratios = {each: np.median(times[Ours] / times[each]) for each in classes[1:]}
        products = np.median(times[NumPyProducts] / times[TorchProducts])
        good &= bool(ratios[Fused] <= limit and ratios[PyTorch] < max(1, products))
        behind = {each: behind[each] + (ratios[each] > 1) for each in behind}
        columns = "".join(f"{ratios[each]:9.2f}" if each in ratios else " " * 9 for each in names)
        print(
            f"{'-'.join(map(str, sizes)):10s} {batch:6d} {rule:5s} {dtype.__name__} "
            f"{np.median(times[Ours]) * 1e6:8.0f}{columns}{products:16.2f}",
            flush=True,
        )
    tell(behind)
    sys.exit(not good)


def tell(behind):
    """Who is ahead of us, and how often."""
    print(
        f"PyTorch, eager, is ahead of us at {behind[PyTorch]} of 16 settings. The last column is "
        "the time\nof the matrix products alone: where it is above 1, NumPy's linear algebra is "
        "the slower one."
    )
    if Jax:
        print(f"JAX, which compiles the whole step, is ahead of us at {behind[Jax]} of 16.")
    else:
        print("JAX is not installed (make bench does it), so its column is empty.")


if __name__ == "__main__":
    main()
