"""Exercises 03: gradients of a line, descent, standardized inputs, and how large a step may be."""

import numpy as np

from coursepkg.checks.question import question


def one_weight(rng):
    """A weight with data, of several sizes; not only the single sample has its w."""
    return {
        "one sample": (0.5, [3.0], [2.0]),
        "two samples": (2.0, [1.0, 3.0], [1.0, 4.0]),
        "three samples": (-1.0, [2.0, -1.0, 0.5], [1.0, 3.0, -2.0]),
        "many": (0.5, rng.normal(1, 2, 20), rng.normal(0, 3, 20)),
    }


@question(one_weight)
def weight_gradient(w, x, targets):
    residual = w * x - targets
    return 2 / x.size * np.sum(residual * x)


def steps(rng):
    """Parameters with gradients of the same shape."""
    return {
        "one weight": ([1.0], [3.0], 0.1),
        "weight and bias": ([2.0, -1.0], [-4.0, 0.5], 0.25),
        "many": (rng.normal(0, 1, 12), rng.normal(0, 2, 12), 0.03),
        "a matrix": (rng.normal(0, 1, (3, 4)), rng.normal(0, 1, (3, 4)), 1.5),
    }


@question(steps)
def descent_step(params, grads, learning_rate):
    return params - learning_rate * grads


def follow_line(outputs, params, x, targets):
    right, _, _ = line_gradient(params, x, targets)
    grad_z = outputs["grad_z"]
    return {"grad_z": right, "grad_w": np.sum(grad_z * x), "grad_b": np.sum(grad_z)}


def line_data(rng, samples):
    """Parameters and data that lie along a line, more or less."""
    x = rng.normal(0.5, 1, samples)
    return rng.normal(0, 1, 2), x, 1.5 * x - 2 + rng.normal(0, 0.5, samples)


def lines(rng):
    return {
        "one sample": ([0.5, 1.0], [3.0], [2.0]),
        "two samples": ([2.0, -1.0], [1.0, 3.0], [2.0, 4.0]),
        "three samples": ([-1.0, 0.5], [2.0, -1.0, 0.5], [1.0, 3.0, -2.0]),
        "many": line_data(rng, 20),
    }


@question(lines, follow=follow_line)
def line_gradient(params, x, targets):
    w, b = params
    residual = w * x + b - targets
    grad_z = 2 / x.size * residual
    grad_w = np.sum(grad_z * x)
    grad_b = np.sum(grad_z)
    return grad_z, grad_w, grad_b


def descents(rng):
    """Lines with a learning rate and a number of steps."""
    settings = ((0.05, 1), (0.1, 2), (0.05, 12), (0.1, 30))
    cases = zip(lines(rng).items(), settings, strict=True)
    return {label: (*case, *more) for (label, case), more in cases}


@question(descents, path=True)
def train_line(params, x, targets, learning_rate, steps):
    path = [params]
    for _ in range(steps):
        w, b = params
        grad_z = 2 / x.size * (w * x + b - targets)
        grads = np.array([np.sum(grad_z * x), np.sum(grad_z)])
        params = params - learning_rate * grads
        path.append(params)
    return np.array(path)


def follow_rates(outputs, x):
    right, _, _ = learning_rates(x)
    # np.divide, for a curvature of 0 that is a Python number
    curvature = outputs["curvature"]
    return {"curvature": right, "fastest": np.divide(1, curvature), "edge": np.divide(2, curvature)}


def inputs(rng):
    """Inputs of both signs that are neither centered nor scaled."""
    return {
        "one sample": ([0.5],),
        "two samples": ([-1.0, 2.0],),
        "three samples": ([3.0, -1.0, 0.5],),
        "small": (rng.normal(0.2, 0.1, 7),),
        "many": (rng.normal(-2, 1, 25),),
    }


@question(inputs, follow=follow_rates)
def learning_rates(x):
    curvature = 2 * np.mean(x**2)
    fastest = 1 / curvature
    edge = 2 / curvature
    return curvature, fastest, edge


def follow_scaled(outputs, x, new):
    """What the learner's own shift and scale of x make of the new numbers."""
    first, last, scaled = x.argmin(), x.argmax(), outputs["x_scaled"]
    scale = (scaled[last] - scaled[first]) / (x[last] - x[first])
    right, _ = standardize(x, new)
    return {"x_scaled": right, "new_scaled": scaled[first] + scale * (new - x[first])}


def old_and_new(rng):
    """Inputs, and others that came later: fewer, more, one."""
    return {
        "two inputs": ([1.0, 5.0], [7.0]),
        "three inputs": ([-2.0, 1.0, 7.0], [1.0, 2.5]),
        "far from 0": (rng.normal(40, 3, 8), rng.normal(50, 5, 5)),
        "many": (rng.normal(-2, 0.5, 30), rng.uniform(-5, 5, 40)),
    }


@question(old_and_new, follow=follow_scaled)
def standardize(x, new):
    mean, std = x.mean(), x.std()
    return (x - mean) / std, (new - mean) / std


def epochs(rng):
    """Lines with batches in a given order; the last batch is full, or short, or a single sample."""

    def drawn(samples, batch_size):
        return *line_data(rng, samples), 0.05, batch_size, rng.permutation(samples)

    small = ([1.0, 0.0], [1.0, 2.0, -1.0], [3.0, 1.0, 2.0])
    four = ([1.0, 0.0], [1.0, 2.0, -1.0, 3.0], [3.0, 1.0, 2.0, 4.0])
    return {
        "3 samples, batches of 2": (*small, 0.1, 2, [2, 0, 1]),
        "3 samples, batches of 1": (*small, 0.1, 1, [1, 2, 0]),
        "4 samples, batches of 3": (*four, 0.1, 3, [3, 0, 2, 1]),
        "6 samples, batches of 3": (*line_data(rng, 6), 0.05, 3, [4, 0, 3, 5, 2, 1]),
        "5 samples, batches of 5": drawn(5, 5),
        "11 samples, batches of 5": drawn(11, 5),
        "25 samples, batches of 2": drawn(25, 2),
    }


@question(epochs)
def train_epoch(params, x, targets, learning_rate, batch_size, order):
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        w, b = params
        grad_z = 2 / batch.size * (w * x[batch] + b - targets[batch])
        grads = np.array([np.sum(grad_z * x[batch]), np.sum(grad_z)])
        params = params - learning_rate * grads
    return params


def follow_valley(outputs, x):
    """Curvatures of two directions at right angles have the same sum, whichever directions."""
    steepest, flattest = valley(x)
    return {"steepest": steepest, "flattest": steepest + flattest - outputs["steepest"]}


def several_inputs(rng):
    """`inputs` with two samples or more: of one alone the valley has a level floor."""
    return {label: case for label, case in inputs(rng).items() if label != "one sample"}


@question(several_inputs, follow=follow_valley)
def valley(x):
    angle = 0.5 * np.arctan2(2 * np.mean(x), np.mean(x**2) - 1)
    steepest, flattest = [
        2 * np.mean((x * np.cos(phi) + np.sin(phi)) ** 2) for phi in (angle, angle + np.pi / 2)
    ]
    return steepest, flattest


def curvatures_of_centered(x):
    across, along = 2 * np.var(x), 2.0
    return max(across, along), min(across, along)


def singular_values(x):
    values = np.linalg.svd(np.column_stack([x, np.ones(len(x))]), compute_uv=False)
    return tuple(2 / len(x) * values)
