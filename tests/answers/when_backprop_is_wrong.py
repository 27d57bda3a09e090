"""Right answers to exercises 06 in other styles, and the mutants that are right as well."""

import numpy as np


def relative_error__roots(grad, numeric):
    def length(array):
        return np.sqrt(np.sum(array**2))

    longer = max(length(grad), length(numeric))
    return length(grad - numeric) / longer if longer > 0 else 0


def relative_error__flat(grad, numeric):
    g, n = np.ravel(grad), np.ravel(numeric)
    if not g.any() and not n.any():
        return 0.0
    difference = n - g
    return np.sqrt(difference @ difference / max(g @ g, n @ n))


def relative_error__maximum(grad, numeric):
    longer = np.maximum(np.linalg.norm(grad), np.linalg.norm(numeric))
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.linalg.norm(numeric - grad) / longer)


def relative_error__loop(grad, numeric):
    squares = [0.0, 0.0, 0.0]
    for ours, theirs in zip(grad.flat, numeric.flat, strict=True):
        for k, number in enumerate((ours - theirs, ours, theirs)):
            squares[k] += number**2
    return (squares[0] / (max(squares[1:]) or 1.0)) ** 0.5


def relative_error__float32(grad, numeric):
    grad, numeric = grad.astype(np.float32), numeric.astype(np.float32)
    longer = max(np.linalg.norm(grad), np.linalg.norm(numeric), 1e-30)
    return np.linalg.norm(grad - numeric) / longer


def mistake_in_a__capital():
    return "Slope"


def mistake_in_a__variable():
    word = "slope"
    return word


def mistake_in_a__chosen():
    return ("slope", "sign")[0]


def mended_a__loop(x, targets, W1, b1, W2, b2):
    grad_W1, grad_b1 = np.zeros(W1.shape), np.zeros(b1.shape)
    for sample, target in zip(x, targets, strict=True):
        z1 = sample @ W1 + b1
        z2 = np.maximum(z1, 0) @ W2 + b2
        grad_z1 = (W2 @ (2 * (z2 - target))) * (z1 > 0)
        grad_W1 += np.outer(sample, grad_z1) / len(x)
        grad_b1 += grad_z1 / len(x)
    return grad_W1, grad_b1


def mended_a__where(x, targets, W1, b1, W2, b2):
    a1 = np.where(x @ W1 + b1 > 0, x @ W1 + b1, 0)
    grad_a1 = 2 * (a1 @ W2 + b2 - targets) @ W2.T / len(x)
    grad_z1 = np.where(a1 > 0, grad_a1, 0)
    return x.T @ grad_z1, grad_z1.sum(0)


def mended_a__einsum(x, targets, W1, b1, W2, b2):
    z1 = np.einsum("si,ih->sh", x, W1) + b1
    gate = np.heaviside(z1, 0)
    error = (z1 * gate) @ W2 + b2 - targets
    grad_z1 = np.einsum("sk,hk,sh->sh", error, W2, gate) * 2 / x.shape[0]
    return np.einsum("si,sh->ih", x, grad_z1), np.einsum("sh->h", grad_z1)


def mended_a__float32(x, targets, W1, b1, W2, b2):
    x, targets, W1, b1, W2, b2 = (v.astype(np.float32) for v in (x, targets, W1, b1, W2, b2))
    z1 = x @ W1 + b1
    a1 = z1.copy()
    a1[z1 < 0] = 0
    grad_z1 = (a1 @ W2 + b2 - targets) @ W2.T
    grad_z1[z1 <= 0] = 0
    return 2 * x.T @ grad_z1 / len(x), 2 * np.mean(grad_z1, axis=0)


def mistake_in_b__variable():
    answer = "axis"
    return answer


def mistake_in_b__joined():
    return "".join(["a", "x", "i", "s"])


def mistake_in_b__spaces():
    return " axis "


def mended_b__none(x, labels, W, b):
    n = len(x)
    z = x @ W + b
    z -= z.max(axis=1)[:, None]
    total = np.exp(z).sum(axis=1)
    rows = np.arange(n)
    loss = np.mean(np.log(total) - z[rows, labels])
    grad_z = np.exp(z) / total[:, None]
    grad_z[rows, labels] -= 1
    return loss, x.T @ grad_z / n, grad_z.mean(axis=0)


def mended_b__transposed(x, labels, W, b):
    z = (x @ W + b).T
    z = z - np.max(z, axis=0)
    log_p = (z - np.log(np.sum(np.exp(z), axis=0))).T
    targets = np.eye(b.size)[labels]
    grad_z = (np.exp(log_p) - targets) / len(labels)
    return -np.mean(np.sum(targets * log_p, axis=1)), x.T @ grad_z, grad_z.sum(axis=0)


def mended_b__logaddexp(x, labels, W, b):
    z = x @ W + b
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    grad_z = np.exp(log_p)
    for row, label in enumerate(labels):
        grad_z[row, label] -= 1.0
    loss = -sum(log_p[row, label] for row, label in enumerate(labels)) / len(x)
    return loss, np.einsum("si,sk->ik", x, grad_z) / len(x), np.sum(grad_z, 0) / len(x)


def mended_b__loop(x, labels, W, b):
    loss, grad_W, grad_b = 0.0, np.zeros_like(W), np.zeros_like(b)
    for sample, label in zip(x, labels, strict=True):
        z = sample @ W + b
        e = np.exp(z - z.max())
        p = e / e.sum()
        loss += (np.log(e.sum()) - (z[label] - z.max())) / len(x)
        grad_z = (p - np.eye(len(b))[label]) / len(x)
        grad_W += np.outer(sample, grad_z)
        grad_b += grad_z
    return loss, grad_W, grad_b


def mistake_in_c__variable():
    word = "twice"
    return word


def mistake_in_c__capitals():
    return "TWICE"


def mistake_in_c__dictionary():
    return {"c": "twice"}["c"]


def mended_c__means(x, targets, W, b, decay):
    p = 1 / (1 + np.exp(-(x @ W + b)))
    grad_z = p - targets
    return x.T @ grad_z / len(x) + decay * W, np.mean(grad_z, axis=0)


def mended_c__loop(x, targets, W, b, decay):
    grad_W, grad_b = decay * W, np.zeros_like(b)
    for i in range(len(x)):
        grad_z = (1 / (1 + np.exp(-x[i] @ W - b)) - targets[i]) / len(x)
        grad_W = grad_W + x[i][:, None] * grad_z[None, :]
        grad_b = grad_b + grad_z
    return grad_W, grad_b


def mended_c__tanh(x, targets, W, b, decay):
    n = x.shape[0]
    p = (1 + np.tanh((x @ W + b) / 2)) / 2
    grad_z = (p - targets) / n
    return np.einsum("si,sk->ik", x, grad_z) + W * decay, np.ones(n) @ grad_z


def mended_c__float32(x, targets, W, b, decay):
    x, targets, W, b = (each.astype(np.float32) for each in (x, targets, W, b))
    grad_z = (1 / (1 + np.exp(-(x @ W + b))) - targets) / len(x)
    return x.T @ grad_z + np.float32(decay) * W, grad_z.sum(axis=0)


def mistake_in_d__variable():
    word = "overwritten"
    return word


def mistake_in_d__added():
    return "over" + "written"


def mistake_in_d__format():
    return f"{'overwritten'}"


def mended_d__lists(x, targets, W, b, times):
    states = [x]
    for k in range(times):
        states.append(np.tanh(states[k] @ W + b))
    weights, biases = [], []
    grad = 2 * (states[times] - targets) / len(x)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = grad * (1 - after * after)
        weights.append(before.T @ delta)
        biases.append(delta.sum(axis=0))
        grad = delta @ W.T
    return sum(weights), sum(biases)


def mended_d__recursive(x, targets, W, b, times):
    def back(a, left):
        """The gradients from here on, and the gradient with respect to a."""
        if left == 0:
            return 0 * W, 0 * b, 2 / len(x) * (a - targets)
        out = np.tanh(a @ W + b)
        grad_W, grad_b, grad_out = back(out, left - 1)
        grad_z = grad_out * (1 - out**2)
        return grad_W + a.T @ grad_z, grad_b + np.sum(grad_z, axis=0), grad_z @ W.T

    return back(x, times)[:2]


def mended_d__forward_mode(x, targets, W, b, times):
    """Each weight by itself, with the slopes carried forward."""
    grad_W, grad_b = np.zeros(W.shape), np.zeros(b.shape)
    for place in [*np.ndindex(W.shape), None]:
        for unit in range(len(b)) if place is None else [None]:
            a, slope = x, np.zeros_like(x)
            for _ in range(times):
                z_slope = slope @ W
                if place is None:
                    z_slope[:, unit] += 1
                else:
                    z_slope[:, place[1]] += a[:, place[0]]
                a = np.tanh(a @ W + b)
                slope = (1 - a**2) * z_slope
            total = np.sum(2 * (a - targets) * slope) / len(x)
            if place is None:
                grad_b[unit] = total
            else:
                grad_W[place] = total
    return grad_W, grad_b


def mended_d__float32(x, targets, W, b, times):
    x, targets, W, b = (each.astype(np.float32) for each in (x, targets, W, b))
    a = [x]
    while len(a) <= times:
        a.append(np.tanh(a[-1] @ W + b))
    grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)
    grad_a = (a[-1] - targets) * 2 / len(x)
    for k in range(times, 0, -1):
        grad_z = grad_a - grad_a * a[k] ** 2
        grad_W = grad_W + a[k - 1].T @ grad_z
        grad_b = grad_b + grad_z.sum(axis=0)
        grad_a = grad_z @ W.T
    return grad_W, grad_b


def mistake_in_e__variable():
    word = "forgotten"
    return word


def mistake_in_e__capital():
    return "Forgotten"


def mistake_in_e__list():
    return ["early", "forgotten"][1]


def mended_e__counted(x, targets, w, learning_rate, momentum, size, epochs):
    velocity, path, step = 0.0, [], 0
    batches = -(-len(x) // size)
    while step < epochs * batches:
        start = step % batches * size
        rows = slice(start, min(start + size, len(x)))
        residual = x[rows] @ w - targets[rows]
        velocity = velocity * momentum + 2 * np.mean(residual[:, None] * x[rows], axis=0)
        w = w - velocity * learning_rate
        path += [w]
        step += 1
    return np.stack(path)


def mended_e__in_place(x, targets, w, learning_rate, momentum, size, epochs):
    w, velocity, path = w.copy(), np.zeros(len(w)), []
    for _ in range(epochs):
        for start in range(0, len(x), size):
            batch, wanted = x[start : start + size], targets[start : start + size]
            velocity *= momentum
            velocity += 2 * (batch @ w - wanted) @ batch / len(wanted)
            w -= learning_rate * velocity
            path.append(w.copy())
    return np.array(path)


def mended_e__difference_of_weights(x, targets, w, learning_rate, momentum, size, epochs):
    """The heavy ball: the last step once more, a little shorter, and a step of descent."""
    path = [w, w]
    for start in list(range(0, len(x), size)) * epochs:
        batch, wanted = x[start : start + size], targets[start : start + size]
        grad = 2 / len(batch) * batch.T @ (batch @ path[-1] - wanted)
        path.append(path[-1] + momentum * (path[-1] - path[-2]) - learning_rate * grad)
    return np.array(path[2:])


def mended_e__float32(x, targets, w, learning_rate, momentum, size, epochs):
    x, targets, w = (each.astype(np.float32) for each in (x, targets, w))
    velocity = np.zeros_like(w)
    path = np.zeros((0, len(w)))
    for _ in range(epochs):
        for start in range(0, len(x), size):
            batch, wanted = x[start : start + size], targets[start : start + size]
            grad = sum(2 * (r @ w - t) * r for r, t in zip(batch, wanted, strict=True)) / len(batch)
            velocity = np.float32(momentum) * velocity + grad
            w = w - np.float32(learning_rate) * velocity
            path = np.vstack([path, w])
    return path


def direction_check__dot(loss, params, grad, direction, h):
    step = h * direction
    return grad @ direction, (loss(params + step) - loss(params - step)) / (h + h)


def direction_check__loop(loss, params, grad, direction, h):
    claimed, ahead, behind = 0.0, params.copy(), params.copy()
    for i, v in enumerate(direction):
        claimed += grad[i] * v
        ahead[i] += h * v
        behind[i] -= h * v
    return claimed, (loss(ahead) - loss(behind)) / h / 2


def direction_check__two_halves(loss, params, grad, direction, h):
    def along(u):
        return loss(params + u * direction)

    right, left = (along(h) - along(0)) / h, (along(0) - along(-h)) / h
    return np.vdot(direction, grad), (right + left) / 2


def direction_check__array(loss, params, grad, direction, h):
    found = 0.5 * np.diff([loss(params - h * direction), loss(params + h * direction)]) / h
    return sum(grad * direction), found.item()


ONE_AXIS = "an array of one axis is its own transpose"
EQUIVALENT = {
    "relative_error": {
        "return np.linalg.norm(grad - numeric) / longer -> "
        "return np.linalg.norm(numeric - grad) / longer": "a difference is as long as its opposite",
    },
    "mended_a": {
        "a1 = np.maximum(z1, 0) -> a1 = np.maximum(0, z1)": "the larger of two in either order",
    },
    "mended_e": {
        "grad = 2 / len(batch) * batch.T @ (batch @ w - wanted) -> "
        "grad = 2 / len(batch) * batch.T @ (batch @ w - wanted).T": ONE_AXIS,
        "grad = 2 / len(batch) * batch.T @ (batch @ w - wanted) -> "
        "grad = 2 / len(batch) * batch.T @ (batch @ w.T - wanted)": ONE_AXIS,
    },
}
