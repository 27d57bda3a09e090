"""Exercises 01: derivatives of activation functions, a stable sigmoid, a numerical derivative."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def numbers(rng):
    """z of several shapes and both signs."""
    return {
        "one number": {"z": np.array(0.5)},
        "three numbers": {"z": [2.0, -1.0, 0.3]},
        "a matrix": {"z": rng.normal(0, 2, (2, 3))},
        "many": {"z": rng.normal(0, 3, 50)},
    }


@question(numbers)
def sigmoid_slope(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)


def outputs_of_tanh(rng):
    return {label: (np.tanh(case["z"]),) for label, case in numbers(rng).items()}


@question(outputs_of_tanh)
def tanh_slope_from_output(a):
    return 1 - a**2


def with_gradient(rng, largest=3.0):
    """z with the gradient that arrives at the activation."""
    return {
        "one number": {"z": np.array(0.5), "grad_a": np.array(3.0)},
        "two negative numbers": {"z": [-1.5, -0.4], "grad_a": [2.0, 5.0]},
        "three numbers": {"z": [1.2, -0.7, 0.4], "grad_a": [2.0, 3.0, -1.5]},
        "a matrix": {"z": rng.normal(0, 2, (2, 3)), "grad_a": rng.normal(0, 1, (2, 3))},
        "many": {"z": rng.uniform(-largest, largest, 40), "grad_a": rng.normal(0, 1, 40)},
    }


def with_leak(rng):
    """leaky_relu: z with its leak, the kink among them."""
    cases = {
        label: {"z": case["z"], "leak": leak, "grad_a": case["grad_a"]}
        for (label, case), leak in zip(
            with_gradient(rng).items(), (0.25, 0.5, 0.1, 0.2, 0.01), strict=True
        )
    }
    kink = {"z": [0.0, 1.0], "leak": 0.25, "grad_a": [2.0, 3.0]}
    return {**cases, "the kink": kink}


@question(with_leak, use=use.value_and_vjp)
def leaky_relu(z, leak):
    a = np.where(z > 0, z, leak * z)

    def vjp(grad_a):
        return grad_a * np.where(z > 0, 1, leak)

    return a, vjp


@question(with_gradient, use=use.value_and_vjp)
def gaussian(z):
    a = np.exp(-(z**2))

    def vjp(grad_a):
        return grad_a * -2 * z * a

    return a, vjp


def far_out(rng):
    """z at which exp(-z) overflows, and ordinary ones."""
    return {
        **numbers(rng),
        "zero": ([0.0],),
        "very negative": ([-1000.0, -800.0],),
        "very positive": ([1000.0, 750.0],),
        "small": ([-40.0],),
        "smaller": ([-80.0],),
        "some digits left": ([-30.0],),
    }


@question(far_out, quiet=True)
def stable_sigmoid(z):
    t = np.exp(-np.abs(z))
    return np.where(z > 0, 1, t) / (1 + t)


def functions(rng):
    return {
        "a cube at one point": ("cube", np.array(2.0), 0.5),
        "a sine at two points": ("sine", [1.0, -2.0], 0.25),
        "an exponential": ("exponential", rng.uniform(-1, 1, (2, 3)), 0.125),
    }


@question(functions, use=use.call_with_function)
def numerical_derivative(f, z, h):
    return (f(z + h) - f(z - h)) / (2 * h)


def far_out_with_gradient(rng):
    return {
        **with_gradient(rng),
        "very negative": {"z": [-1000.0, -800.0], "grad_a": [2.0, 1.0]},
        "very positive": {"z": [1000.0, 750.0], "grad_a": [2.0, 1.0]},
        "nearly 1": {"z": [40.0], "grad_a": [3.0]},
    }


@question(far_out_with_gradient, use=use.value_and_vjp, quiet=True)
def log_sigmoid(z):
    a = -np.logaddexp(0, -z)

    def vjp(grad_a):
        return grad_a * np.exp(-np.logaddexp(0, z))

    return a, vjp
