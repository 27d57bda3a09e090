"""Right answers to exercises 12 in other styles, and the mutants that are right as well."""

import math

import numpy as np


def cell_forward__one_product(x, h, weight_x, weight_h, bias):
    """Both inputs side by side, and both weights below each other."""
    return np.tanh(np.hstack([x, h]) @ np.vstack([weight_x, weight_h]) + bias)


def cell_forward__plain_loops(x, h, weight_x, weight_h, bias):
    h_next = np.zeros_like(h)
    for b in range(len(x)):
        for k in range(len(bias)):
            z = bias[k]
            for j in range(len(weight_x)):
                z += x[b][j] * weight_x[j][k]
            for j in range(len(weight_h)):
                z += h[b][j] * weight_h[j][k]
            h_next[b][k] = math.tanh(z)
    return h_next


def cell_forward__einsum(x, h, weight_x, weight_h, bias):
    z = np.einsum("bi,ij->bj", x, weight_x) + np.einsum("bi,ij->bj", h, weight_h)
    return 1 - 2 / (np.exp(2 * (z + bias[None])) + 1)


def cell_forward__float32(x, h, weight_x, weight_h, bias):
    x, h, weight_x, weight_h, bias = map(np.float32, (x, h, weight_x, weight_h, bias))
    return np.tanh(weight_x.T.dot(x.T) + weight_h.T.dot(h.T) + bias[:, np.newaxis]).T


def unroll__list(x, weight_x, weight_h, bias):
    states, h = [], np.zeros(bias.shape)
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t, :] @ weight_x + h @ weight_h + bias)
        states.append(h)
    return np.stack(states, axis=1)


def unroll__inputs_first(x, weight_x, weight_h, bias):
    """As in the package: the products with all inputs at once, and time as the first axis."""
    z_x = (x @ weight_x + bias).swapaxes(0, 1)
    h = np.zeros((len(z_x) + 1, len(x), len(bias)))
    for t, z in enumerate(z_x):
        h[t + 1] = np.tanh(z + h[t] @ weight_h)
    return h[1:].swapaxes(0, 1)


def unroll__in_place(x, weight_x, weight_h, bias):
    states = x @ weight_x
    states += bias
    for t in range(states.shape[1]):
        if t:
            states[:, t] += states[:, t - 1] @ weight_h
        np.tanh(states[:, t], out=states[:, t])
    return states


def unroll__sample_by_sample(x, weight_x, weight_h, bias):
    result = []
    for sample in x.tolist():
        h, states = [0.0] * len(bias), []
        for step in sample:
            z = np.array(step) @ weight_x + np.array(h) @ weight_h + bias
            h = np.tanh(z).tolist()
            states.append(h)
        result.append(states)
    return np.array(result)


def unroll__recursion(x, weight_x, weight_h, bias):
    def states_up_to(t):
        if t < 0:
            return [np.zeros((len(x), len(bias)), dtype=np.float32)]
        states = states_up_to(t - 1)
        return [*states, np.tanh(x[:, t] @ weight_x + states[-1] @ weight_h + bias)]

    return np.array(states_up_to(x.shape[1] - 1)[1:]).transpose(1, 0, 2)


def cell_backward__sample_by_sample(grad_h_next, x, h, h_next, weight_x, weight_h):
    grad_x, grad_h = np.empty(x.shape), np.empty(h.shape)
    grad_weight_x, grad_weight_h = np.zeros_like(weight_x), np.zeros_like(weight_h)
    grad_bias = np.zeros(h.shape[1])
    for b in range(len(x)):
        grad_z = (1 + h_next[b]) * (1 - h_next[b]) * grad_h_next[b]
        grad_x[b], grad_h[b] = weight_x @ grad_z, weight_h @ grad_z
        grad_weight_x += np.outer(x[b], grad_z)
        grad_weight_h += np.outer(h[b], grad_z)
        grad_bias += grad_z
    return grad_x, grad_h, grad_weight_x, grad_weight_h, grad_bias


def cell_backward__one_product(grad_h_next, x, h, h_next, weight_x, weight_h):
    both, weights = np.hstack([x, h, np.ones((len(x), 1))]), np.vstack([weight_x, weight_h])
    grad_z = grad_h_next - grad_h_next * h_next**2
    grad_inputs, grad_weights = grad_z @ weights.T, both.T @ grad_z
    fan_in = x.shape[1]
    grad_x, grad_h = np.split(grad_inputs, [fan_in], axis=1)
    return [grad_x, grad_h, *np.split(grad_weights[:-1], [fan_in]), grad_weights[-1]]


def cell_backward__einsum(grad_h_next, x, h, h_next, weight_x, weight_h):
    """The slope from the sum inside tanh, which is had back from h_next."""
    grad_z = grad_h_next / np.cosh(np.arctanh(h_next)) ** 2
    return (
        np.einsum("bj,ij->bi", grad_z, weight_x),
        np.einsum("bj,ij->bi", grad_z, weight_h),
        np.einsum("bi,bj->ij", x, grad_z),
        np.einsum("bi,bj->ij", h, grad_z),
        np.einsum("bj->j", grad_z),
    )


def cell_backward__float32(grad_h_next, x, h, h_next, weight_x, weight_h):
    grad_h_next, x, h = map(np.float32, (grad_h_next, x, h))
    grad_z = grad_h_next * (1 - np.square(h_next.astype(np.float32)))
    weight_x, weight_h = weight_x.astype("f4"), weight_h.astype("f4")
    grads = grad_z.dot(weight_x.T), grad_z.dot(weight_h.T), grad_z.T.dot(x).T, grad_z.T.dot(h).T
    return *grads, np.ones(len(x), dtype="f4") @ grad_z


def backprop_through_time__first_step_apart(grad_states, x, states, weight_h):
    batch, time, fan_in = x.shape
    hidden = weight_h.shape[0]
    grad_weight_x, grad_weight_h = np.zeros((fan_in, hidden)), np.zeros((hidden, hidden))
    grad_bias, from_next = np.zeros(hidden), np.zeros((batch, hidden))
    for t in range(time - 1, -1, -1):
        delta = (grad_states[:, t, :] + from_next) * (1 - states[:, t, :] ** 2)
        grad_weight_x += np.dot(x[:, t, :].T, delta)
        grad_bias += np.sum(delta, axis=0)
        if t > 0:
            grad_weight_h += np.dot(states[:, t - 1, :].T, delta)
        from_next = np.dot(delta, weight_h.T)
    return grad_weight_x, grad_weight_h, grad_bias


def backprop_through_time__deltas_first(grad_states, x, states, weight_h):
    """All deltas, then one product over time and batch for each parameter."""
    deltas, grad_z = np.zeros(states.shape), 0 * states[:, 0]
    for t in range(states.shape[1])[::-1]:
        grad_z = (grad_states[:, t] + grad_z @ weight_h.T) * (1 - states[:, t] ** 2)
        deltas[:, t] = grad_z
    grad_weight_x = np.einsum("bti,btj->ij", x, deltas)
    grad_weight_h = np.tensordot(states[:, :-1], deltas[:, 1:], axes=([0, 1], [0, 1]))
    return grad_weight_x, grad_weight_h, deltas.sum(axis=(0, 1))


def backprop_through_time__path_by_path(grad_states, x, states, weight_h):
    """For each state at which a gradient arrives, all the way back; from the first to the last."""
    grad_weight_x, grad_weight_h, grad_bias = 0, 0 * weight_h, 0
    for end in range(states.shape[1]):
        grad_h = grad_states[:, end]
        for t in range(end, -1, -1):
            grad_z = grad_h * (1 - states[:, t] ** 2)
            grad_weight_x = grad_weight_x + x[:, t].T @ grad_z
            if t > 0:
                grad_weight_h = grad_weight_h + states[:, t - 1].T @ grad_z
            grad_bias = grad_bias + grad_z.sum(axis=0)
            grad_h = grad_z @ weight_h.T
    return grad_weight_x, grad_weight_h, grad_bias


def backprop_through_time__sample_by_sample(grad_states, x, states, weight_h):
    grads = []
    for sample in range(len(x)):
        grad_weight_x, grad_weight_h, grad_bias = [], [], []
        delta = np.zeros(len(weight_h))
        steps = zip(grad_states[sample], x[sample], states[sample], strict=True)
        before = [np.zeros(len(weight_h)), *states[sample][:-1]]
        for (grad, inputs, h), old in reversed(list(zip(steps, before, strict=True))):
            delta = (grad + weight_h @ delta) * (1 - h * h)
            grad_weight_x.append(np.outer(inputs, delta))
            grad_weight_h.append(np.outer(old, delta))
            grad_bias.append(delta)
        grads.append([sum(grad_weight_x), sum(grad_weight_h), sum(grad_bias)])
    return tuple(sum(each) for each in zip(*grads, strict=True))


def backprop_through_time__float32(grad_states, x, states, weight_h):
    grad_states, x, states, weight_h = map(np.float32, (grad_states, x, states, weight_h))
    padded = np.pad(states, ((0, 0), (1, 0), (0, 0)))
    grads = [np.zeros((x.shape[2], len(weight_h)), "f4"), np.zeros_like(weight_h), 0]
    grad_h = np.zeros_like(states[:, 0])
    for t in range(x.shape[1], 0, -1):
        grad_h += grad_states[:, t - 1]
        grad_h *= 1 - padded[:, t] ** 2
        grads[0] += x[:, t - 1].T @ grad_h
        grads[1] += padded[:, t - 1].T @ grad_h
        grads[2] += grad_h.sum(0)
        grad_h = grad_h @ weight_h.T
    return grads


def lstm_forward__split(z, c):
    i, f, o, g = np.split(z, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def lstm_forward__half_a_tanh(z, c):
    """As in the package: a sigmoid is a tanh in disguise."""
    i, f, o, g = z.reshape(len(z), 4, -1).swapaxes(0, 1)
    i, f, o = 0.5 + 0.5 * np.tanh(0.5 * np.stack([i, f, o]))
    c_next = np.multiply(f, c) + np.multiply(i, np.tanh(g))
    return [np.multiply(o, np.tanh(c_next)), c_next]


def lstm_forward__plain_loops(z, c):
    def sigmoid(number):
        return 1 / (1 + math.exp(-number))

    h_next, c_next = np.empty_like(c), np.empty_like(c)
    batch, hidden = c.shape
    for b in range(batch):
        for k in range(hidden):
            kept = sigmoid(z[b, hidden + k]) * c[b, k]
            new = sigmoid(z[b, k]) * math.tanh(z[b, 3 * hidden + k])
            c_next[b, k] = kept + new
            h_next[b, k] = sigmoid(z[b, 2 * hidden + k]) * math.tanh(c_next[b, k])
    return h_next, c_next


def lstm_forward__float32(z, c):
    z, hidden = np.array(z, dtype=np.float32), c.shape[-1]
    exponential = np.exp(z)
    gates = exponential / (exponential + 1)
    c_next = gates[:, hidden : 2 * hidden] * c.astype("f4")
    c_next += gates[:, :hidden] * np.tanh(z[:, -hidden:])
    return gates[:, -2 * hidden : -hidden] * np.tanh(c_next), c_next


def lstm_backward__gate_by_gate(grad_h_next, grad_c_next, z, c):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    hidden = z.shape[1] // 4
    i, f, o = (sigmoid(z[:, k * hidden : (k + 1) * hidden]) for k in range(3))
    g = np.tanh(z[:, 3 * hidden :])
    squashed = np.tanh(f * c + i * g)
    grad_o = grad_h_next * squashed
    grad_memory = grad_h_next * o * (1 - squashed**2) + grad_c_next
    grad_z = np.zeros(z.shape)
    grad_z[:, :hidden] = grad_memory * g * i * (1 - i)
    grad_z[:, hidden : 2 * hidden] = grad_memory * c * f * (1 - f)
    grad_z[:, 2 * hidden : 3 * hidden] = grad_o * o * (1 - o)
    grad_z[:, 3 * hidden :] = grad_memory * i * (1 - g**2)
    return grad_z, grad_memory * f


def lstm_backward__two_paths(grad_h_next, grad_c_next, z, c):
    """The path through h_next and the one through c_next are walked one after the other."""
    i, f, o, g = np.split(z, 4, axis=-1)
    i, f, o = (1 / (1 + np.exp(-each)) for each in (i, f, o))
    g = np.tanh(g)
    s = np.tanh(f * c + i * g)

    def from_memory(grad):
        none = np.zeros_like(grad)
        blocks = [grad * g * (i - i**2), grad * c * (f - f**2), none, grad * i * (1 - g) * (1 + g)]
        return np.hstack(blocks), grad * f

    through_h, through_c = from_memory(grad_h_next * o * (1 - s * s)), from_memory(grad_c_next)
    grad_z, grad_c = (one + other for one, other in zip(through_h, through_c, strict=True))
    hidden = c.shape[1]
    grad_z[:, 2 * hidden : -hidden] += grad_h_next * s * o * (1 - o)
    return grad_z, grad_c


def lstm_backward__slopes_of_z(grad_h_next, grad_c_next, z, c):
    """The slopes as functions of z; at the end the blocks are put side by side."""
    blocks = z.reshape(len(z), 4, -1)
    sigmoids = 1 / (1 + np.exp(-blocks[:, :3]))
    slopes = np.exp(-blocks[:, :3]) / (1 + np.exp(-blocks[:, :3])) ** 2
    candidate, its_slope = np.tanh(blocks[:, 3]), 1 / np.cosh(blocks[:, 3]) ** 2
    c_next = sigmoids[:, 1] * c + sigmoids[:, 0] * candidate
    grad_c_next = grad_c_next + grad_h_next * sigmoids[:, 2] / np.cosh(c_next) ** 2
    grads = np.stack(
        [
            grad_c_next * candidate * slopes[:, 0],
            grad_c_next * c * slopes[:, 1],
            grad_h_next * np.tanh(c_next) * slopes[:, 2],
            grad_c_next * sigmoids[:, 0] * its_slope,
        ],
        axis=1,
    )
    return grads.reshape(z.shape), sigmoids[:, 1] * grad_c_next


def lstm_backward__float32(grad_h_next, grad_c_next, z, c):
    grad_h_next, grad_c_next, z, c = map(np.float32, (grad_h_next, grad_c_next, z, c))
    hidden = c.shape[1]
    a = np.where(np.arange(4 * hidden) < 3 * hidden, 1 / (1 + np.exp(-z)), np.tanh(z))
    slopes = np.where(np.arange(4 * hidden) < 3 * hidden, a * (1 - a), 1 - a**2)
    i, f, o, g = np.split(a, 4, axis=1)
    s = np.tanh(f * c + i * g)
    grad_c_next += grad_h_next * o * (1 - s**2)
    grads = np.concatenate([grad_c_next * g, grad_c_next * c, grad_h_next * s, grad_c_next * i], 1)
    return grads * slopes, grad_c_next * f


def masked_backward__where(grad_states, states, mask, weight_h):
    grad_z = np.zeros(states.shape)
    grad_h = np.zeros((len(states), len(weight_h)))
    for t in range(states.shape[1] - 1, -1, -1):
        grad_h += grad_states[:, t]
        there = mask[:, t][:, np.newaxis]
        grad_z[:, t] = np.where(there, grad_h * (1 - states[:, t] ** 2), 0)
        grad_h = np.where(there, grad_z[:, t] @ weight_h.T, grad_h)
    return grad_z


def masked_backward__numbers(grad_states, states, mask, weight_h):
    """The mask as ones and zeros; time comes first."""
    kept, grad_z = mask.T[..., None].astype(float), []
    from_next = 0
    for grad, h, m in zip(
        reversed(grad_states.swapaxes(0, 1)), reversed(states.swapaxes(0, 1)), reversed(kept),
        strict=True,
    ):  # fmt: skip
        arrived = grad + from_next
        delta = m * arrived * (1 - h**2)
        grad_z.insert(0, delta)
        from_next = delta @ weight_h.T + (1 - m) * arrived
    return np.stack(grad_z, axis=1)


def masked_backward__sample_by_sample(grad_states, states, mask, weight_h):
    grad_z = np.zeros_like(states)
    for b, sample in enumerate(mask):
        grad_h = np.zeros(len(weight_h))
        for t in reversed(range(len(sample))):
            grad_h = grad_h + grad_states[b, t]
            if sample[t]:
                grad_z[b, t] = grad_h * (1 - states[b, t] ** 2)
                grad_h = weight_h @ grad_z[b, t]
    return grad_z


def masked_backward__only_steps(grad_states, states, mask, weight_h):
    """The rows where a step is made, by a boolean index."""
    grad_z = np.zeros(states.shape, dtype=np.float32)
    grad_h = np.zeros(states.shape[::2])
    for t in range(mask.shape[1])[::-1]:
        grad_h += grad_states[:, t]
        made = np.flatnonzero(mask[:, t])
        delta = grad_h[made] * (1 - states[made, t] ** 2)
        grad_z[made, t] = delta
        grad_h[made] = delta @ weight_h.T
    return grad_z


EQUIVALENT = {}
