"""Right answers to exercises 05 in other styles, and the mutants that are right as well."""

import numpy as np


def sigmoid_mse_gradient__chain(z, targets):
    a = np.exp(-np.logaddexp(0, -z))
    grad_a = 2 * (a - targets) / len(z)
    grad_z = grad_a * (a - a**2)
    return grad_z


def sigmoid_mse_gradient__loop(z, targets):
    grad_z = np.zeros(len(z))
    for i in range(len(z)):
        a = 1 / (1 + np.exp(-z[i]))
        grad_z[i] = (a - targets[i]) * a * (1 - a) * 2 / len(z)
    return grad_z


def sigmoid_mse_gradient__through_tanh(z, targets):
    slope = (1 - np.tanh(z / 2) ** 2) / 4
    return np.multiply((1 + np.tanh(z / 2)) - 2 * targets, slope) / z.shape[0]


def sigmoid_mse_gradient__float32(z, targets):
    z, targets = z.astype(np.float32), targets.astype(np.float32)
    a = 1 / (1 + np.exp(-z))
    return 2 * (a - targets) * a * (1 - a) / np.float32(z.size)


def softmax_jacobian__two_cases(p):
    jacobian = np.empty((len(p), len(p)))
    for i, p_i in enumerate(p):
        for j, p_j in enumerate(p):
            jacobian[i, j] = p_i * (1 - p_i) if i == j else -p_i * p_j
    return jacobian


def softmax_jacobian__rows(p):
    return p[:, None] * (np.eye(p.size) - p)


def softmax_jacobian__matrices(p):
    column = p.reshape(-1, 1)
    return p * np.identity(p.shape[0]) - column @ column.T


def softmax_jacobian__einsum(p):
    jacobian = -np.einsum("i,j->ij", p, p)
    jacobian[np.diag_indices(len(p))] += p
    return jacobian


def binary_cross_entropy__softplus_minus(logits, targets):
    softplus = np.logaddexp(0, logits)

    def vjp(grad_loss=1.0):
        return grad_loss * (np.exp(logits - softplus) - targets) / targets.size

    return (softplus - targets * logits).mean(), vjp


def binary_cross_entropy__of_absolute(logits, targets):
    t = np.exp(-np.abs(logits))
    losses = np.maximum(logits, 0) - logits * targets + np.log1p(t)
    a = np.where(logits >= 0, 1, t) / (1 + t)
    return np.sum(losses) / losses.size, lambda grad: (a - targets) * (grad / losses.size)


def binary_cross_entropy__loop(logits, targets):
    grad = np.empty(logits.shape)
    total = 0.0
    for place in np.ndindex(logits.shape):
        z, t = logits[place], targets[place]
        if z > 0:
            total += (1 - t) * z + np.log1p(np.exp(-z))
            grad[place] = 1 / (1 + np.exp(-z)) - t
        else:
            total += -t * z + np.log1p(np.exp(z))
            grad[place] = np.exp(z) / (1 + np.exp(z)) - t
    return total / logits.size, lambda grad_loss: grad_loss * grad / logits.size


def binary_cross_entropy__two_classes(logits, targets):
    """As a softmax over the logits z and 0."""
    pair = np.stack([logits, np.zeros_like(logits)])
    log_p = pair - np.logaddexp.reduce(pair, axis=0)
    loss = -np.mean(targets * log_p[0] + (1 - targets) * log_p[1])
    return loss, lambda grad_loss: grad_loss * (np.exp(log_p[0]) - targets) / np.size(targets)


def binary_cross_entropy__float32(logits, targets):
    z, t = logits.astype(np.float32), targets.astype(np.float32)
    loss = np.mean(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))
    return loss, lambda grad: (grad * (np.exp(-np.logaddexp(0, -z)) - t) / z.size).astype("float32")


def log_sum_exp__reduce(logits):
    value = np.logaddexp.reduce(logits, axis=1)
    return value, lambda grad: np.einsum("n,nk->nk", grad, np.exp(logits - value.reshape(-1, 1)))


def log_sum_exp__keepdims(logits):
    m = np.max(logits, axis=1, keepdims=True)
    e = np.exp(logits - m)
    total = np.sum(e, axis=1, keepdims=True)

    def vjp(grad_value):
        return e / total * grad_value.reshape(len(logits), 1)

    return (m + np.log(total)).ravel(), vjp


def log_sum_exp__rows(logits):
    value = np.empty(len(logits))
    p = np.empty_like(logits)
    for i, row in enumerate(logits):
        e = np.exp(row - max(row))
        value[i] = max(row) + np.log(sum(e))
        p[i] = e / sum(e)
    return value, lambda grad: np.array([g * row for g, row in zip(grad, p, strict=True)])


def log_sum_exp__transposed_float32(logits):
    z = logits.T.astype(np.float32)
    e = np.exp(z - z.max(0))
    return z.max(0) + np.log(e.sum(0)), lambda grad: (np.float32(grad) * (e / e.sum(0))).T


def softmax__through_log(logits):
    shifted = logits - np.max(logits, axis=1)[:, np.newaxis]
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1)[:, np.newaxis])
    return np.exp(log_p)


def softmax__reduce(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True))


def softmax__rows(logits):
    p = np.zeros(logits.shape)
    for i in range(len(logits)):
        e = np.exp(logits[i] - logits[i].max())
        p[i] = e / e.sum()
    return p


def softmax__odds(logits):
    """1 / the sum of exp(z_k - z_i) over k; an overflow there is a probability of 0."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=2)


def softmax__transposed_float32(logits):
    z = logits.astype(np.float32).T
    e = np.exp(z - z.max(axis=0))
    return (e / e.sum(axis=0)).T


def softmax_vjp__with_the_table(p, grad_p):
    return np.array([g @ (np.diag(q) - np.outer(q, q)) for q, g in zip(p, grad_p, strict=True)])


def softmax_vjp__einsum(p, grad_p):
    return p * grad_p - p * np.einsum("nk,nk->n", p, grad_p)[:, None]


def softmax_vjp__loops(p, grad_p):
    grad = np.zeros_like(p)
    for n in range(p.shape[0]):
        for j in range(p.shape[1]):
            for i in range(p.shape[1]):
                grad[n, j] += grad_p[n, i] * p[n, i] * ((i == j) - p[n, j])
    return grad


def softmax_vjp__float32(p, grad_p):
    weighted = p.astype(np.float32) * grad_p.astype(np.float32)
    return weighted - p.astype(np.float32) * weighted.sum(1, keepdims=True)


def softmax_cross_entropy__indices(logits, labels):
    rows = np.arange(len(labels))
    log_sum = np.logaddexp.reduce(logits, axis=1)
    loss = np.mean(log_sum - logits[rows, labels])

    def vjp(grad_loss=1.0):
        grad = np.exp(logits - log_sum[:, None])
        grad[rows, labels] -= 1
        return grad * grad_loss / len(labels)

    return loss, vjp


def softmax_cross_entropy__rows(logits, labels):
    losses, pushes = [], []
    for z, label in zip(logits, labels, strict=True):
        e = np.exp(z - z.max())
        losses.append(z.max() + np.log(e.sum()) - z[label])
        push = e / e.sum()
        push[label] -= 1
        pushes.append(push)
    return sum(losses) / len(losses), lambda grad: grad / len(losses) * np.array(pushes)


def softmax_cross_entropy__compare(logits, labels):
    y = labels[:, None] == np.arange(logits.shape[1])
    m = logits.max(axis=1, keepdims=True)
    e = np.exp(logits - m)
    total = e.sum(axis=1, keepdims=True)
    log_p = logits - m - np.log(total)
    return -log_p[y].mean(), lambda grad: (e / total - y) * grad / logits.shape[0]


def softmax_cross_entropy__float32(logits, labels):
    z = logits.astype(np.float32)
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    targets = np.zeros_like(log_p)
    targets[np.arange(len(z)), labels] = 1
    loss = -np.vdot(targets, log_p) / len(z)
    return loss, lambda grad: np.float32(grad / len(z)) * (np.exp(log_p) - targets)


def smoothed_cross_entropy__one_hot(log_p, labels, label_smoothing):
    n, k = log_p.shape
    targets = (1 - label_smoothing) * np.eye(k)[labels] + label_smoothing / k
    loss = np.mean(np.sum(-targets * log_p, axis=1))
    return targets, loss, np.exp(log_p) / n - targets / n


def smoothed_cross_entropy__two_losses(log_p, labels, label_smoothing):
    """The loss as a mixture: that of the labels, and that of targets that are all alike."""
    y = np.zeros(log_p.shape)
    y[range(len(labels)), labels] = 1
    targets = y - label_smoothing * (y - 1 / log_p.shape[1])
    of_labels = -log_p[y == 1].mean()
    loss = (1 - label_smoothing) * of_labels - label_smoothing * log_p.mean()
    p = np.exp(log_p)
    mixed = (1 - label_smoothing) * (p - y) + label_smoothing * (p - 1 / log_p.shape[1])
    return targets, loss, mixed / len(labels)


def smoothed_cross_entropy__loop(log_p, labels, label_smoothing):
    batch, classes = log_p.shape
    targets, grad_logits, loss = np.zeros((batch, classes)), np.zeros((batch, classes)), 0.0
    for i in range(batch):
        for k in range(classes):
            targets[i, k] = label_smoothing / classes
            if k == labels[i]:
                targets[i, k] += 1 - label_smoothing
            loss -= targets[i, k] * log_p[i, k] / batch
            grad_logits[i, k] = (np.exp(log_p[i, k]) - targets[i, k]) / batch
    return targets, loss, grad_logits


def smoothed_cross_entropy__float32(log_p, labels, label_smoothing):
    log_p = log_p.astype(np.float32)
    classes = log_p.shape[1]
    hard = np.eye(classes, dtype=np.float32)[labels]
    targets = hard * (1 - label_smoothing) + label_smoothing * np.ones_like(hard) / classes
    loss = -np.einsum("nk,nk->", targets, log_p) / len(log_p)
    return targets, loss, (np.exp(log_p) - targets) / len(log_p)


COMMUTES = "logaddexp is symmetric in its arguments"
EQUIVALENT = {
    "binary_cross_entropy": {
        "loss_1 = np.logaddexp(0, -logits) -> loss_1 = np.logaddexp(-logits, 0)": COMMUTES,
        "loss_0 = np.logaddexp(0, logits) -> loss_0 = np.logaddexp(logits, 0)": COMMUTES,
    },
}
