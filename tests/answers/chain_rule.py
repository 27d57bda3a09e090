"""Right answers to exercises 02 in other styles, and the mutants that are right as well."""

import math

import numpy as np


def distance_slopes__through_c(a, b):
    c = math.hypot(a, b)
    return 0.5 / c, a / c, b / c


def distance_slopes__powers(a, b):
    outer = 0.5 * (a * a + b * b) ** -0.5
    return [outer, outer * (a + a), (b + b) * outer]


def distance_slopes__float32(a, b):
    a, b = np.float32(a), np.float32(b)
    s = a**2 + b**2
    dc_ds = 1 / (2 * np.sqrt(s))
    return dc_ds, 2 * a * dc_ds, 2 * b * dc_ds


def distance_slopes__by_name(a, b):
    root = np.sqrt(a**2 + b**2)
    return {"dc_ds": 1 / (2 * root), "dc_da": a / root, "dc_db": b / root}


def power_slopes__from_c(a, b):
    c = a**b
    return b * c / a, c * math.log(a)


def power_slopes__exp_log(a, b):
    c = math.exp(b * math.log(a))
    return c * b / a, c * math.log(a)


def power_slopes__float32(a, b):
    a, b = np.float32(a), np.float32(b)
    return b * np.power(a, b - 1), np.power(a, b) * np.log(a)


def product_slopes__both_sides(factors):
    before = np.cumprod(np.append(1.0, factors[:-1]))
    after = np.cumprod(np.append(1.0, factors[:0:-1]))[::-1]
    return before * after


def product_slopes__masked(factors):
    others = np.where(np.eye(len(factors), dtype=bool), 1, factors)
    return others.prod(axis=1)


def product_slopes__loops(factors):
    slopes = np.ones_like(factors)
    for i in range(len(factors)):
        for j, factor in enumerate(factors):
            if j != i:
                slopes[i] *= factor
    return slopes


def product_slopes__walk_back(factors):
    """As a chain of products of two, and backwards through it."""
    partial = [1.0]
    for factor in factors:
        partial.append(partial[-1] * factor)
    slopes, grad = [], 1.0
    for factor, before in zip(factors[::-1], partial[-2::-1], strict=True):
        slopes.append(grad * before)
        grad *= factor
    return np.array(slopes[::-1])


def product_slopes__float32(factors):
    factors = factors.astype(np.float32)
    return np.stack([np.prod(factors[np.arange(factors.size) != i]) for i in range(factors.size)])


def gate_gradients__step_by_step(x, w1, w2, grad_y):
    z1, z2 = w1 * x, w2 * x
    a1, a2 = 1 / (1 + math.exp(-z1)), math.tanh(z2)
    grad_a1, grad_a2 = grad_y * a2, grad_y * a1
    grad_z1 = grad_a1 * (a1 - a1**2)
    grad_z2 = grad_a2 * (1 + a2) * (1 - a2)
    grad_x = 0.0
    grad_x += grad_z1 * w1
    grad_x += grad_z2 * w2
    return [grad_z1, grad_z2, grad_z1 * x, grad_z2 * x, grad_x]


def gate_gradients__slopes_from_z(x, w1, w2, grad_y):
    t = math.exp(-w1 * x)
    grad_z1 = grad_y * math.tanh(w2 * x) * t / (1 + t) ** 2
    grad_z2 = grad_y / (1 + t) / math.cosh(w2 * x) ** 2
    z_to_inputs = np.array([[x, 0, w1], [0, x, w2]])
    return grad_z1, grad_z2, *np.array([grad_z1, grad_z2]) @ z_to_inputs


def gate_gradients__float32(x, w1, w2, grad_y):
    x, w1, w2, grad_y = map(np.float32, (x, w1, w2, grad_y))
    one = np.float32(1)
    a1, a2 = one / (one + np.exp(-w1 * x)), np.tanh(w2 * x)
    g1, g2 = grad_y * a2 * a1 * (one - a1), grad_y * a1 * (one - a2 * a2)
    return g1, g2, g1 * x, g2 * x, g1 * w1 + g2 * w2


def walk_back__arrows_sorted(nodes, arrows):
    grads = np.zeros(nodes)
    grads[nodes - 1] = 1
    for parent, node, local_grad in sorted(arrows, key=lambda arrow: arrow[1], reverse=True):
        grads[parent] = grads[parent] + local_grad * grads[node]
    return grads


def walk_back__collecting(nodes, arrows):
    """Every node asks those that were computed from it, all of which have been asked before."""
    grads = np.array([0.0] * (nodes - 1) + [1.0])
    for node in range(nodes - 2, -1, -1):
        grads[node] = sum(grads[end] * slope for begin, end, slope in arrows if begin == node)
    return grads


def walk_back__paths(nodes, arrows):
    """Every path by itself."""

    def from_here(node):
        if node == nodes - 1:
            return 1.0
        return sum(slope * from_here(end) for begin, end, slope in arrows if begin == node)

    return np.array([from_here(node) for node in range(nodes)], dtype=float)


def walk_back__matrix(nodes, arrows):
    """The local derivatives as a matrix J; the sum over paths of all lengths is 1 / (1 - J)."""
    local = np.zeros((nodes, nodes))
    for parent, node, local_grad in arrows:
        local[node, parent] += local_grad
    return np.linalg.inv(np.eye(nodes) - local)[-1]


def walk_back__float32(nodes, arrows):
    grads = np.zeros(nodes, dtype=np.float32)
    grads[-1] = 1
    for node in range(nodes)[::-1]:
        for arrow in filter(lambda arrow: arrow[1] == node, arrows):
            grads[arrow[0]] += grads[node] * np.float32(arrow[2])
    return grads


def shared_weight__recursive(x, w, n):
    """From the last stage down: a[n] = tanh(w a[n - 1])."""
    if n == 0:
        return np.array([x]), 1.0, 0.0
    a, grad_x, grad_w = shared_weight__recursive(x, w, n - 1)
    last = np.tanh(w * a[-1])
    slope = 1 - last**2
    return np.append(a, last), slope * w * grad_x, slope * (a[-1] + w * grad_w)


def shared_weight__forward_mode(x, w, n):
    a = np.full(n + 1, float(x))
    by_x, by_w = 1.0, 0.0
    for k in range(1, n + 1):
        a[k] = math.tanh(w * a[k - 1])
        slope = 1 - a[k] ** 2
        by_w = slope * (a[k - 1] + w * by_w)
        by_x = slope * w * by_x
    return a, by_x, by_w


def shared_weight__shares(x, w, n):
    a = np.empty(n + 1)
    a[0] = x
    for k in range(n):
        a[k + 1] = np.tanh(w * a[k])
    slopes = 1 - a[1:] ** 2
    after = np.cumprod((w * slopes)[::-1])[::-1]
    return a, after[0], np.sum(after / w * a[:-1])


def shared_weight__float32(x, w, n):
    w, a = np.float32(w), [np.float32(x)]
    for _ in range(n):
        a = [*a, np.tanh(w * a[-1])]
    grad, total = np.float32(1), np.float32(0)
    for before, after in zip(a[-2::-1], a[:0:-1], strict=True):
        grad = grad * (1 - after * after)
        total, grad = total + grad * before, grad * w
    return np.array(a), grad, total


def products_needed__counting(nodes, arrows):
    leaves = results = 0
    for number in range(nodes):
        leaves += not any(node == number for _, node, _ in arrows)
        results += not any(parent == number for parent, _, _ in arrows)
    return len(arrows) * leaves, len(arrows) * results


def products_needed__sets(nodes, arrows):
    everything = set(range(nodes))
    begins, ends, _ = zip(*arrows, strict=True)
    return [len(everything - set(side)) * len(arrows) for side in (ends, begins)]


def products_needed__arrays(nodes, arrows):
    numbers = np.array(arrows)[:, :2].astype(int)
    ends = [np.bincount(column, minlength=nodes) for column in numbers.T]
    return np.sum(ends[1] == 0) * len(arrows), np.sum(ends[0] == 0) * len(arrows)


def products_needed__sweeps(nodes, arrows):
    forward = reverse = 0
    for number in range(nodes):
        for _ in arrows:
            forward += number not in [node for _, node, _ in arrows]
            reverse += number not in [parent for parent, _, _ in arrows]
    return float(forward), float(reverse)


def order_nodes__stack(nodes, arrows):
    """The chapter's way, begun at every node."""
    order, seen = [], set()
    stack = [(node, False) for node in range(nodes)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, end, _ in arrows if end == node)
    return order


def order_nodes__recursive(nodes, arrows):
    order = []

    def visit(node):
        if node not in order:
            for parent, end, _ in arrows:
                if end == node:
                    visit(parent)
            order.append(node)

    for node in range(nodes):
        visit(node)
    return order


def order_nodes__largest_first(nodes, arrows):
    """Cut off what is ready, with the arrows that begin there (Kahn)."""
    left, order = list(arrows), []
    remaining = set(range(nodes))
    while remaining:
        node = max(remaining - {end for _, end, _ in left})
        remaining.remove(node)
        order.append(node)
        left = [arrow for arrow in left if arrow[0] != node]
    return order


def order_nodes__by_depth(nodes, arrows):
    """By the length of the longest way from a leaf."""
    depth = np.zeros(nodes, dtype=int)
    for _ in range(nodes):
        for parent, node, _ in arrows:
            depth[node] = max(depth[node], depth[parent] + 1)
    return np.argsort(depth)


EQUIVALENT = {}
