"""Right answers to exercises 10 in other styles, and the mutants that are right as well."""

import math

import numpy as np


def eps_of_step__one_line_each(grad, learning_rate, rho, change):
    ratio = abs(learning_rate * grad / change)
    return ratio - abs(grad) * math.sqrt(1 - rho), ratio * ratio - grad * grad * (1 - rho)


def eps_of_step__two_from_the_other(grad, learning_rate, rho, change):
    root = np.abs(grad) * np.sqrt(1 - rho)
    beside = learning_rate * np.abs(grad) / np.abs(change) - root
    return beside, beside * (beside + 2 * root)


def eps_of_step__in_steps(grad, learning_rate, rho, change):
    mean_square = rho * 0 + (1 - rho) * grad**2
    step = -change
    denominator = learning_rate * grad / step
    return [denominator - mean_square**0.5, denominator**2 - mean_square]


def eps_of_step__by_name(grad, learning_rate, rho, change):
    s, ratio = (1 - rho) * np.square(grad), learning_rate * grad / change
    return {"eps_beside": -ratio - np.sqrt(s), "eps_inside": ratio**2 - s}


def keras_rmsprop__moved_mean(weight, mean_square, grad, learning_rate, rho, eps):
    s = mean_square + (1 - rho) * (grad * grad - mean_square)
    return weight - learning_rate * grad * (s + eps) ** -0.5, s


def keras_rmsprop__copies(weight, mean_square, grad, learning_rate, rho, eps):
    weight, mean_square = weight.copy(), mean_square.copy()
    mean_square *= rho
    mean_square += (1 - rho) * np.square(grad)
    weight -= learning_rate / np.sqrt(eps + mean_square) * grad
    return weight, mean_square


def keras_rmsprop__loop(weight, mean_square, grad, learning_rate, rho, eps):
    weights, squares = [], []
    for w, s, g in zip(weight, mean_square, grad, strict=True):
        squares.append(rho * s + (1 - rho) * g**2)
        weights.append(w - learning_rate * g / math.sqrt(squares[-1] + eps))
    return np.array(weights), np.array(squares)


def keras_adam__as_in_keras(weight, m, v, t, grad, learning_rate, beta1, beta2, eps):
    alpha = learning_rate * np.sqrt(1 - np.power(beta2, t)) / (1 - np.power(beta1, t))
    m = m + (grad - m) * (1 - beta1)
    v = v + (np.square(grad) - v) * (1 - beta2)
    return weight - m * alpha / (np.sqrt(v) + eps), m, v


def keras_adam__through_the_paper(weight, m, v, t, grad, learning_rate, beta1, beta2, eps):
    """The paper's step, with the ε that belongs to it."""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    root = np.sqrt(v_hat) + eps / math.sqrt(1 - beta2**t)
    return weight - learning_rate * m_hat / root, m, v


def keras_adam__loop(weight, m, v, t, grad, learning_rate, beta1, beta2, eps):
    weight, m, v = weight.copy(), m.copy(), v.copy()
    left1, left2 = 1.0, 1.0
    for _ in range(t):
        left1, left2 = left1 * beta1, left2 * beta2
    for i, g in enumerate(grad):
        m[i] += (1 - beta1) * (g - m[i])
        v[i] += (1 - beta2) * (g * g - v[i])
        step = learning_rate * m[i] / (math.sqrt(v[i]) + eps)
        weight[i] -= step * math.sqrt(1 - left2) / (1 - left1)
    return weight, m, v


def paper_eps__power(eps, beta2, t):
    return eps * (1 - beta2**t) ** -0.5


def paper_eps__sum(eps, beta2, t):
    """1 - β₂ᵗ as the sum of the shares of t squares."""
    shares = [(1 - beta2) * beta2**age for age in range(t)]
    return eps / math.sqrt(math.fsum(shares))


def paper_eps__array(eps, beta2, t):
    return np.array(eps) / np.sqrt(1 - np.prod(np.full(t, beta2)))


def keras_momentum__in_place(weight, gradients, learning_rates, momentum):
    weight, velocity = weight.copy(), np.zeros(len(weight))
    path = np.empty(gradients.shape)
    for i in range(len(path)):
        velocity *= momentum
        velocity -= learning_rates[i] * gradients[i]
        weight += velocity
        path[i] = weight
    return path


def keras_momentum__uphill(weight, gradients, learning_rates, momentum):
    """The velocity holds what is subtracted, as in PyTorch; the rate is inside all the same."""
    velocity, path = 0, [weight]
    for grad, rate in zip(gradients, learning_rates, strict=True):
        velocity = velocity * momentum + rate * grad
        path.append(path[-1] - velocity)
    return np.stack(path[1:])


def keras_momentum__sums(weight, gradients, learning_rates, momentum):
    """Without a loop: step k is a sum over all gradients up to k, then the steps add up."""
    age = np.arange(len(gradients))[:, None] - np.arange(len(gradients))
    share = np.where(age >= 0, float(momentum) ** np.maximum(age, 0), 0)
    return weight - np.cumsum(share @ (learning_rates[:, None] * gradients), axis=0)


def torch_linear__ours(x, weight, bias, grad_z):
    """Our own layout, then transposed back."""
    ours = weight.T
    grad_ours = x.T @ grad_z
    return bias + x @ ours, grad_z @ ours.T, grad_ours.T, np.sum(grad_z, axis=0)


def torch_linear__einsum(x, weight, bias, grad_z):
    z = np.einsum("bi,oi->bo", x, weight) + bias
    grad_x = np.einsum("bo,oi->bi", grad_z, weight)
    return z, grad_x, np.einsum("bo,bi->oi", grad_z, x), np.einsum("bo->o", grad_z)


def torch_linear__rows(x, weight, bias, grad_z):
    z, grad_x = np.empty(grad_z.shape), np.empty(x.shape)
    grad_weight, grad_bias = np.zeros(weight.shape), np.zeros(bias.shape)
    for b in range(len(x)):
        z[b] = weight @ x[b] + bias
        grad_x[b] = weight.T @ grad_z[b]
        grad_weight += np.outer(grad_z[b], x[b])
        grad_bias += grad_z[b]
    return z, grad_x, grad_weight, grad_bias


def torch_linear__float32(x, weight, bias, grad_z):
    x, weight, bias, grad_z = (a.astype(np.float32) for a in (x, weight, bias, grad_z))
    return (weight @ x.T).T + bias, grad_z @ weight, (x.T @ grad_z).T, np.ones(len(x)) @ grad_z


def running_statistics__two_branches(x, running_mean, running_var, momentum, framework):
    if framework == "Keras":
        old, new, ddof = momentum, 1 - momentum, 0
    else:
        old, new, ddof = 1 - momentum, momentum, 1
    return old * running_mean + new * np.mean(x, 0), old * running_var + new * np.var(
        x, 0, ddof=ddof
    )


def running_statistics__in_place(x, running_mean, running_var, momentum, framework):
    mean, var = running_mean.copy(), running_var.copy()
    keep = {"PyTorch": 1 - momentum, "Keras": momentum}[framework]
    mean *= keep
    mean += (1 - keep) * x.sum(axis=0) / len(x)
    squares = ((x - x.mean(axis=0)) ** 2).sum(axis=0)
    var *= keep
    var += (1 - keep) * squares / (len(x) - (framework == "PyTorch"))
    return mean, var


def running_statistics__columns(x, running_mean, running_var, momentum, framework):
    torch = framework.lower() == "pytorch"
    share = momentum if torch else 1 - momentum
    means, variances = [], []
    for column, mean, var in zip(x.T, running_mean, running_var, strict=True):
        batch_var = column.var(ddof=1) if torch else (column**2).mean() - column.mean() ** 2
        means.append((1 - share) * mean + share * column.mean())
        variances.append((1 - share) * var + share * batch_var)
    return np.array(means), np.array(variances)


EQUIVALENT = {}
