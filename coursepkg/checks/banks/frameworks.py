"""Exercises 10: whose step it is, Keras's update rules, PyTorch's layout, running statistics."""

import numpy as np

from coursepkg.checks.question import question

EXACT = 1e-12  # of the largest number: a misplaced ε is larger, the rounding of float64 smaller


def first_steps(rng):
    """grad, learning_rate, rho and the change of the weight, with ε beside the root or inside."""

    def beside(grad, learning_rate, rho, eps):
        root = np.sqrt((1 - rho) * grad**2)
        return grad, learning_rate, rho, float(-learning_rate * grad / (root + eps))

    def inside(grad, learning_rate, rho, eps):
        root = np.sqrt((1 - rho) * grad**2 + eps)
        return grad, learning_rate, rho, float(-learning_rate * grad / root)

    drawn = float(rng.uniform(1e-4, 5e-4))
    return {
        "round numbers": (2.0, 0.1, 0.75, -0.1),
        "a negative gradient": (-3.0, 0.2, 0.84, 0.4),
        "a small gradient": inside(1e-4, 0.001, 0.9, 1e-7),
        "a small negative gradient": beside(-1e-4, 0.01, 0.99, 1e-8),
        "drawn, beside": beside(drawn, 0.003, float(rng.uniform(0.6, 0.8)), 3e-6),
        "drawn, inside": inside(-drawn, 0.02, float(rng.uniform(0.85, 0.95)), 2e-8),
    }


def inside_by_own_divisor(outputs, grad, learning_rate, rho, change):
    """eps_inside from the divisor that the answer's own eps_beside belongs to."""
    mean_square = (1 - rho) * grad**2
    root = np.sqrt(mean_square)
    divisor = outputs["eps_beside"] + root
    return {
        "eps_beside": -learning_rate * grad / change - root,
        "eps_inside": divisor**2 - mean_square,
    }


@question(first_steps, follow=inside_by_own_divisor, tolerance=1e-9)
def eps_of_step(grad, learning_rate, rho, change):
    mean_square = (1 - rho) * grad**2
    divisor = -learning_rate * grad / change
    eps_beside = divisor - np.sqrt(mean_square)
    eps_inside = divisor**2 - mean_square
    return eps_beside, eps_inside


def rmsprop_steps(rng):
    """Gradients so small that ε matters; among the states are zero ones, as in a first step."""

    def case(weight, mean_square, grad, learning_rate, rho, eps):
        return {
            "weight": np.array(weight), "mean_square": np.array(mean_square),
            "grad": np.array(grad), "learning_rate": learning_rate, "rho": rho, "eps": eps,
        }  # fmt: skip

    weight, grad = rng.normal(0, 1, 4), rng.normal(0, 1, 4) * [1e-4, 1e-2, 1.0, 1e-3]
    return {
        "round numbers": case([1.0], [3.0], [2.0], 0.2, 0.75, 0.75),
        "a first step": case([0.5, -0.25], [0.0, 0.0], [1e-4, -2e-4], 0.001, 0.9, 1e-7),
        "a later step": case([0.5, -2.0, 1.0], [4e-8, 1e-6, 9e-8], [-3e-4, 1e-3, 2e-4], 0.01,
                             0.8, 1e-7),
        "one gradient has always been zero": case([1.0, 2.0], [0.0, 1e-6], [0.0, -1e-3], 0.001,
                                                  0.9, 1e-7),
        "drawn": case(weight, grad**2 * rng.uniform(0.5, 2, 4), -grad, 0.005,
                      float(rng.uniform(0.6, 0.95)), 1e-6),
    }  # fmt: skip


def weight_by_own_mean_square(outputs, weight, mean_square, grad, learning_rate, rho, eps):
    """The weight that belongs to the mean square that the answer itself has returned."""
    step = learning_rate * grad / np.sqrt(outputs["mean_square"] + eps)
    return {
        "weight": weight - step,
        "mean_square": rho * mean_square + (1 - rho) * grad**2,
    }


@question(rmsprop_steps, follow=weight_by_own_mean_square, tolerance=EXACT)
def keras_rmsprop(weight, mean_square, grad, learning_rate, rho, eps):
    mean_square = rho * mean_square + (1 - rho) * grad**2
    weight = weight - learning_rate * grad / np.sqrt(mean_square + eps)
    return weight, mean_square


def adam_steps(rng):
    """One step each, number t, from 1 on."""

    def case(t, weight, m, v, grad, learning_rate, beta1, beta2, eps):
        return {
            "weight": np.array(weight), "m": np.array(m), "v": np.array(v), "t": t,
            "grad": np.array(grad), "learning_rate": learning_rate,
            "beta1": beta1, "beta2": beta2, "eps": eps,
        }  # fmt: skip

    weight, grad = rng.normal(0, 1, 4), rng.normal(0, 1, 4) * [1e-4, 1e-3, 1.0, 1e-2]
    m, v = grad * rng.uniform(-0.5, 1, 4), grad**2 * rng.uniform(0.5, 2, 4)
    return {
        "round numbers": case(2, [1.0], [4.0], [15.0], [2.0], 0.1, 0.5, 0.6, 0.5),
        "a first step": case(1, [0.5, -0.25], [0.0, 0.0], [0.0, 0.0], [1e-4, -2e-4], 0.001,
                             0.9, 0.999, 1e-7),
        "the third step": case(3, [0.5, -2.0, 1.0], [2e-5, -1e-4, 3e-5], [3e-11, 2e-9, 4e-11],
                               [-1e-4, -1e-3, 2e-4], 0.01, 0.9, 0.999, 1e-7),
        "one gradient has always been zero": case(5, [1.0, 2.0], [0.0, 3e-4], [0.0, 5e-9],
                                                  [0.0, -1e-3], 0.001, 0.9, 0.999, 1e-7),
        "drawn": case(7, weight, m, v, grad, 0.005, float(rng.uniform(0.75, 0.85)),
                      float(rng.uniform(0.95, 0.99)), 1e-5),
    }  # fmt: skip


def weight_by_own_means(outputs, weight, m, v, t, grad, learning_rate, beta1, beta2, eps):
    """The weight that belongs to the two means that the answer itself has returned."""
    rate = learning_rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return {
        "weight": weight - rate * outputs["m"] / (np.sqrt(outputs["v"]) + eps),
        "m": beta1 * m + (1 - beta1) * grad,
        "v": beta2 * v + (1 - beta2) * grad**2,
    }


@question(adam_steps, follow=weight_by_own_means, tolerance=EXACT)
def keras_adam(weight, m, v, t, grad, learning_rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    rate = learning_rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    weight = weight - rate * m / (np.sqrt(v) + eps)
    return weight, m, v


def keras_settings(rng):
    return {
        "round numbers": (0.3, 0.6, 2),
        "the first step": (0.25, 0.75, 1),
        "Keras's defaults, step 1": (1e-7, 0.999, 1),
        "Keras's defaults, step 1000": (1e-7, 0.999, 1000),
        "drawn": (1e-5, float(rng.uniform(0.9, 0.99)), 12),
    }


@question(keras_settings, tolerance=1e-10)
def paper_eps(eps, beta2, t):
    return eps / np.sqrt(1 - beta2**t)


def scheduled_gradients(rng):
    """Gradients to walk along, at rates that change on the way."""
    many = rng.normal(0, 1, (9, 3)), rng.uniform(0.02, 0.2, 9)
    return {
        "two steps": ([1.0], [[2.0], [1.0]], [0.1, 0.1], 0.8),
        "a rate that falls": ([1.0], [[2.0], [1.0], [-1.5]], [0.2, 0.1, 0.05], 0.9),
        "two weights": ([1.0, -2.0], [[1.0, -3.0], [0.5, 2.0], [-2.0, 1.0]], [0.1, 0.3, 0.2], 0.6),
        "no momentum": ([0.5, 1.0], [[1.0, -1.0], [2.0, 0.5], [-1.0, 3.0]], [0.3, 0.1, 0.2], 0.0),
        "nine steps": (rng.normal(0, 1, 3), *many, 0.7),
    }


@question(scheduled_gradients, tolerance=EXACT, path=True)
def keras_momentum(weight, gradients, learning_rates, momentum):
    velocity, path = np.zeros_like(weight), []
    for i, grad in enumerate(gradients):
        velocity = momentum * velocity - learning_rates[i] * grad
        weight = weight + velocity
        path.append(weight)
    return np.array(path)


def torch_layers(rng):
    """First a square weight: there a transposed one gives numbers, and not an error."""

    def drawn(batch, fan_in, fan_out):
        return {
            "x": rng.normal(0, 1, (batch, fan_in)), "weight": rng.normal(0, 1, (fan_out, fan_in)),
            "bias": rng.normal(0, 1, fan_out), "grad_z": rng.normal(0.3, 1, (batch, fan_out)),
        }  # fmt: skip

    return {
        "three rows, 2 to 2": {
            "x": [[1.0, 2.0], [-1.0, 0.0], [3.0, 1.0]], "weight": [[1.0, -2.0], [3.0, 0.0]],
            "bias": [0.5, -1.0], "grad_z": [[1.0, 2.0], [0.0, -1.0], [-2.0, 4.0]],
        },
        "four rows, 3 to 1": drawn(4, 3, 1),
        "three rows, 2 to 3": drawn(3, 2, 3),
        "five rows, 4 to 2": drawn(5, 4, 2),
    }  # fmt: skip


@question(torch_layers)
def torch_linear(x, weight, bias, grad_z):
    z = x @ weight.T + bias
    grad_x = grad_z @ weight
    grad_weight = grad_z.T @ x
    grad_bias = grad_z.sum(axis=0)
    return z, grad_x, grad_weight, grad_bias


def batches(rng):
    """The same batch in both frameworks; 0.5 stays away: there both shares are alike."""

    def pair(x, mean, var, *momenta):
        state = {"x": x, "running_mean": mean, "running_var": var}
        both = zip(momenta, ("PyTorch", "Keras"), strict=True)
        return [{**state, "momentum": mom, "framework": framework} for mom, framework in both]

    small = pair([[1.0], [2.0], [6.0]], [10.0], [3.0], 0.1, 0.1)
    usual = pair(rng.normal(2, 3, (5, 3)), rng.normal(0, 1, 3), rng.uniform(1, 4, 3), 0.1, 0.99)
    other = pair(rng.normal(-1, 2, (4, 4)), rng.normal(0, 1, 4), rng.uniform(1, 4, 4), 0.3, 0.8)
    return {
        "three samples, PyTorch": small[0],
        "three samples, Keras": small[1],
        "the defaults, PyTorch": usual[0],
        "the defaults, Keras": usual[1],
        "other settings, PyTorch": other[0],
        "other settings, Keras": other[1],
    }


@question(batches)
def running_statistics(x, running_mean, running_var, momentum, framework):
    mean, var = x.mean(axis=0), x.var(axis=0)
    share = 1 - momentum
    if framework == "PyTorch":
        share = momentum
        var = var * len(x) / (len(x) - 1)
    running_mean = running_mean + share * (mean - running_mean)
    running_var = running_var + share * (var - running_var)
    return running_mean, running_var
