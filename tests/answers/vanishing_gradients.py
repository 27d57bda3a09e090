"""Right answers to exercises 08 in other styles, and the mutants that are right as well."""

import functools

import numpy as np


def sigmoid_chain__from_the_end(start, weights):
    activations = [start]
    for w in weights:
        activations.append(1 / (1 + np.exp(-w * activations[-1])))
    slope = 1
    for w, a in zip(weights[::-1], activations[:0:-1], strict=True):
        slope *= a * (1 - a) * w
    return activations[-1], slope


def sigmoid_chain__all_factors(start, weights):
    a, factors = start, []
    for w in weights:
        z = w * a
        factors.append(w * np.exp(-z) / (1 + np.exp(-z)) ** 2)
        a = (1 + np.tanh(z / 2)) / 2
    return a, np.prod(factors)


def sigmoid_chain__recursive(start, weights):
    if len(weights) == 0:
        return start, 1.0
    a = 1 / (1 + np.exp(-weights[0] * start))
    last, slope = sigmoid_chain__recursive(a, weights[1:])
    return last, weights[0] * a * (1 - a) * slope


def sigmoid_chain__float32(start, weights):
    a, slope = np.float32(start), np.float32(1)
    for w in weights.astype(np.float32):
        a = 1 / (1 + np.exp(-w * a))
        slope = slope * w * (a - a * a)
    return a, slope


def glorot_uniform__unit_draw(rng, fan_in, fan_out):
    limit = (6 / (fan_in + fan_out)) ** 0.5
    return limit * (2 * rng.random((fan_in, fan_out)) - 1)


def glorot_uniform__transposed_draw(rng, fan_in, fan_out):
    variance = 1 / ((fan_in + fan_out) / 2)
    limit = np.sqrt(3 * variance)
    return rng.uniform(-limit, limit, (fan_out, fan_in)).T


def glorot_uniform__loop(rng, fan_in, fan_out):
    weight = np.zeros((fan_in, fan_out))
    for i in range(fan_in):
        for j in range(fan_out):
            weight[i, j] = rng.uniform(-1, 1)
    return weight * np.sqrt(6) / np.sqrt(fan_in + fan_out)


def glorot_uniform__float32(rng, fan_in, fan_out):
    limit = np.float32(np.sqrt(6 / (fan_in + fan_out)))
    return limit - 2 * limit * rng.random((fan_in, fan_out), dtype=np.float32)


def he_normal_leaky__normal(rng, fan_in, fan_out, leak):
    variance = 2 / fan_in / (1 + leak * leak)
    return rng.normal(0, np.sqrt(variance), (fan_in, fan_out))


def he_normal_leaky__rows(rng, fan_in, fan_out, leak):
    kept = (1 + leak**2) / 2
    rows = [rng.standard_normal(fan_out) for _ in range(fan_in)]
    return np.array(rows) / np.sqrt(kept * fan_in)


def he_normal_leaky__one_by_one(rng, fan_in, fan_out, leak):
    scale = (0.5 * fan_in * (1 + leak**2)) ** -0.5
    numbers = [rng.normal(scale=scale) for _ in range(fan_in * fan_out)]
    return np.reshape(numbers, (fan_out, fan_in)).T


def clip_gradients__one_vector(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    with np.errstate(divide="ignore"):
        factor = min(1, max_norm / norm)
    return [g * factor for g in grads], norm


def clip_gradients__as_in_pytorch(grads, max_norm):
    norm = float(np.linalg.norm([np.linalg.norm(g) for g in grads]))
    return [g * np.clip(max_norm / (norm + 1e-6), None, 1) for g in grads], norm


def clip_gradients__loops(grads, max_norm):
    square = 0
    for g in grads:
        for number in g.flat:
            square += number * number
    norm, new = square**0.5, []
    for g in grads:
        new.append(g.copy())
        if norm > max_norm:
            new[-1] *= max_norm / norm
    return new, norm


def clip_gradients__as_they_are(grads, max_norm):
    norm = np.sqrt(functools.reduce(lambda s, g: s + np.vdot(g, g), grads, 0.0))
    if norm <= max_norm:
        return grads, norm
    return [max_norm * (g / norm) for g in grads], norm


def clip_gradients__float32(grads, max_norm):
    grads = [g.astype(np.float32) for g in grads]
    norm = np.sqrt(sum(np.sum(g * g) for g in grads))
    return [g * np.float32(max_norm / max(norm, max_norm)) for g in grads], norm


def batch_norm__two_ways(x, gamma, beta, running_mean, running_var, training):
    if not training:
        scale = gamma / np.sqrt(running_var + 1e-5)
        return x * scale + (beta - running_mean * scale), running_mean, running_var
    m, u = np.mean(x, 0), np.var(x, 0)
    y = (x - m[None, :]) / np.sqrt(u + 1e-5)[None, :] * gamma[None, :] + beta[None, :]
    return y, 0.9 * running_mean + 0.1 * m, 0.9 * running_var + 0.1 * np.var(x, axis=0, ddof=1)


def batch_norm__keepdims(x, gamma, beta, running_mean, running_var, training):
    running_mean, running_var = running_mean.copy(), running_var.copy()
    if training:
        m = x.mean(axis=0, keepdims=True)
        u = ((x - m) ** 2).mean(axis=0, keepdims=True)
        running_mean += 0.1 * (m[0] - running_mean)
        running_var *= 0.9
        running_var += 0.1 * x.var(axis=0, ddof=1)
    else:
        m, u = running_mean, running_var
    n = (x - m) * (u + 1e-5) ** -0.5
    return n * gamma + beta, running_mean, running_var


def batch_norm__columns(x, gamma, beta, running_mean, running_var, training):
    y, means, variances = np.empty(x.shape), [], []
    for j, column in enumerate(x.T):
        m, u, mean, var = running_mean[j], running_var[j], running_mean[j], running_var[j]
        if training:
            m, u = column.mean(), column.var()
            mean = 0.9 * mean + 0.1 * m
            var = 0.9 * var + 0.1 * np.sum((column - m) ** 2) / (len(x) - 1)
        y[:, j] = gamma[j] * (column - m) / np.sqrt(u + 1e-5) + beta[j]
        means.append(mean)
        variances.append(var)
    return y, np.array(means), np.array(variances)


def batch_norm_backward__compact(grad_y, n, inverse_std, gamma):
    batch = len(n)
    grad_gamma = np.einsum("bj,bj->j", grad_y, n)
    grad_beta = np.einsum("bj->j", grad_y)
    grad_x = gamma * inverse_std / batch * (batch * grad_y - grad_beta - n * grad_gamma)
    return grad_x, grad_gamma, grad_beta


def batch_norm_backward__step_by_step(grad_y, n, inverse_std, gamma):
    batch = len(n)
    deviation = n / inverse_std
    grad_n = grad_y * gamma
    grad_var = (grad_n * deviation).sum(axis=0, keepdims=True) * -0.5 * inverse_std**3
    grad_mean = -(grad_n * inverse_std).sum(0) + grad_var * np.mean(-2 * deviation, axis=0)
    grad_x = grad_n * inverse_std + grad_var * 2 * deviation / batch + grad_mean / batch
    return grad_x, (grad_y * n).sum(0), grad_y.sum(0)


def batch_norm_backward__jacobian(grad_y, n, inverse_std, gamma):
    batch, features = n.shape
    grad_x = np.zeros(n.shape)
    for j in range(features):
        inner = np.eye(batch) - 1 / batch - np.outer(n[:, j], n[:, j]) / batch
        grad_x[:, j] = inverse_std[j] * inner @ grad_y[:, j] * gamma[j]
    return grad_x, np.diag(grad_y.T @ n).copy(), np.ones(batch) @ grad_y


def batch_norm_backward__float32(grad_y, n, inverse_std, gamma):
    grad_y, n = grad_y.astype(np.float32), n.astype(np.float32)
    grad_n = grad_y * gamma.astype(np.float32)
    grad_n = grad_n - grad_n.mean(0) - n * (grad_n * n).mean(0)
    return grad_n * inverse_std.astype(np.float32), (grad_y * n).sum(0), grad_y.sum(0)


def residual_backward__lists(grad_y, xs, weights):
    grad, grads = grad_y.copy(), []
    for x, w in zip(xs[-2::-1], weights[::-1], strict=True):
        through = grad / np.cosh(x @ w) ** 2
        grads.insert(0, np.einsum("bi,bj->ij", x, through))
        grad += np.einsum("bj,ij->bi", through, w)
    return grad, np.array(grads)


def residual_backward__samples(grad_y, xs, weights):
    grad_weights = np.zeros(weights.shape)
    grad_x = np.zeros(grad_y.shape)
    for b, g in enumerate(grad_y):
        for k in range(len(weights) - 1, -1, -1):
            delta = g * (1 - np.tanh(xs[k, b] @ weights[k]) ** 2)
            grad_weights[k] += np.outer(xs[k, b], delta)
            g = g + weights[k] @ delta
        grad_x[b] = g
    return grad_x, grad_weights


def residual_backward__factors(grad_y, xs, weights):
    slopes = 1 - np.diff(xs, axis=0) ** 2
    arriving = [grad_y]
    for slope, w in zip(slopes[:0:-1], weights[:0:-1], strict=True):
        arriving.append(arriving[-1] + (arriving[-1] * slope) @ w.T)
    deltas = np.array(arriving[::-1]) * slopes
    return arriving[-1] + deltas[0] @ weights[0].T, xs[:-1].transpose(0, 2, 1) @ deltas


def residual_backward__float32(grad_y, xs, weights):
    xs, weights, grad = xs.astype("f4"), weights.astype("f4"), grad_y.astype("f4")
    grad_weights = np.zeros_like(weights)
    for k in range(len(weights))[::-1]:
        grad_z = grad * (1 - (xs[k + 1] - xs[k]) ** 2)
        grad_weights[k], grad = xs[k].T @ grad_z, grad + grad_z @ weights[k].T
    return grad, grad_weights


EQUIVALENT = {
    "clip_gradients": {
        "factor = max_norm / norm if norm > max_norm else 1 -> "
        "factor = max_norm / norm if norm >= max_norm else 1": "where both are equal, it is 1",
    },
    "residual_backward": {
        "f = xs[k + 1] - xs[k] -> f = xs[k] - xs[k + 1]": "only the square of f is used",
    },
}
