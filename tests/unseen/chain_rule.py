"""Wrong answers to exercises 02 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def power_slopes__logarithm_of_exponent(a, b):
    """The logarithm is taken of b and not of a. Source: teaching experience."""
    dc_da = b * a ** (b - 1)
    dc_db = a**b * np.log(abs(b))
    return dc_da, dc_db


def walk_back__hands_on_too_often(nodes, arrows):
    """Recursion without an order: a node hands on its unfinished sum once for each path that
    reaches it. Source: karpathy/micrograd#64, karpathy/micrograd#68."""
    grads = np.zeros(nodes)
    grads[nodes - 1] = 1.0

    def back(node):
        for parent, child, local in arrows:
            if child == node:
                grads[parent] += local * grads[node]
        for parent, child, local in arrows:
            if child == node:
                back(parent)

    back(nodes - 1)
    return grads


def walk_back__visited_too_early(nodes, arrows):
    """A depth-first walk that hands on at its first visit; what arrives later is not handed on.
    Source: karpathy/micrograd#96, lucasdelimanogueira/PyNorch#90."""
    grads = np.zeros(nodes)
    grads[nodes - 1] = 1.0
    visited = set()

    def back(node):
        if node in visited:
            return
        visited.add(node)
        for parent, child, local in arrows:
            if child == node:
                grads[parent] += local * grads[node]
                back(parent)

    back(nodes - 1)
    return grads


def products_needed__modes_exchanged(nodes, arrows):
    """Forward mode is counted once for each result and reverse mode once for each leaf. Source:
    teaching experience."""
    ends = {node for _, node, _ in arrows}
    starts = {parent for parent, _, _ in arrows}
    leaves = nodes - len(ends)
    results = nodes - len(starts)
    return results * len(arrows), leaves * len(arrows)


def products_needed__all_starts_are_leaves(nodes, arrows):
    """Every node from which an arrow begins is counted as a leaf, every node at which one ends as a
    result. Source: teaching experience."""
    leaves = {parent for parent, _, _ in arrows}
    results = {node for _, node, _ in arrows}
    return len(leaves) * len(arrows), len(results) * len(arrows)


def order_nodes__preorder(nodes, arrows):
    """The node is listed when it is first reached, before all of its parents have been. Source:
    karpathy/micrograd#67 (a proposal to do without the sort)."""
    children = [[] for _ in range(nodes)]
    has_parent = set()
    for parent, node, _ in arrows:
        children[parent].append(node)
        has_parent.add(node)
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        order.append(node)
        for child in children[node]:
            visit(child)

    for node in range(nodes):
        if node not in has_parent:
            visit(node)
    return order


def order_nodes__no_visited_set(nodes, arrows):
    """Nothing is remembered of the visits, so that a shared parent is listed several times. Source:
    karpathy/micrograd#21."""
    parents = [[] for _ in range(nodes)]
    for parent, node, _ in arrows:
        parents[node].append(parent)
    order = []

    def visit(node):
        for parent in parents[node]:
            visit(parent)
        order.append(node)

    starts = {parent for parent, _, _ in arrows}
    for node in range(nodes):
        if node not in starts:
            visit(node)
    return order


def distance_slopes__power_precedence(a, b):
    """Writes s ** -1/2, which is (1/s)/2, for one over the root. Source: teaching experience."""
    s = a**2 + b**2
    dc_ds = 0.5 * s**-1 / 2
    dc_da = a / np.sqrt(s)
    dc_db = b / np.sqrt(s)
    return dc_ds, dc_da, dc_db


def power_slopes__minus_one_outside(a, b):
    """Writes b * a ** b - 1 and forgets the brackets around b - 1. Source: teaching experience."""
    dc_da = b * a**b - 1
    dc_db = a**b * np.log(a)
    return dc_da, dc_db


def gate_gradients__grad_y_again(x, w1, w2, grad_y):
    """Multiplies with grad_y once more at x, although it is in the two gradients already. Source:
    teaching experience."""
    a1 = 1 / (1 + np.exp(-w1 * x))
    a2 = np.tanh(w2 * x)
    grad_z1 = grad_y * a2 * a1 * (1 - a1)
    grad_z2 = grad_y * a1 * (1 - a2**2)
    grad_w1 = grad_z1 * x
    grad_w2 = grad_z2 * x
    grad_x = grad_y * (grad_z1 * w1 + grad_z2 * w2)
    return grad_z1, grad_z2, grad_w1, grad_w2, grad_x


def shared_weight__first_stage_times_n(x, w, n):
    """Takes the share of the first stage times n, as if all stages had the same. Source: teaching
    experience."""
    a = np.zeros(n + 1)
    a[0] = x
    for k in range(1, n + 1):
        a[k] = np.tanh(w * a[k - 1])
    grad = 1.0
    for k in range(n, 0, -1):
        grad_z = grad * (1 - a[k] ** 2)
        grad = grad_z * w
    grad_w = n * grad_z * x
    return a, grad, grad_w


def products_needed__isolated_node_forgotten(nodes, arrows):
    """Finds leaves and results only among the ends of arrows, so that a node without arrows is
    counted as neither. Source: teaching experience."""
    starts = {p for p, c, _ in arrows}
    ends = {c for p, c, _ in arrows}
    forward = len(starts - ends) * len(arrows)
    reverse = len(ends - starts) * len(arrows)
    return forward, reverse


def order_nodes__back_from_one_result(nodes, arrows):
    """Walks back from one result only, so that nodes which do not lead there are missing. Source:
    teaching experience."""
    result = [k for k in range(nodes) if all(p != k for p, _, _ in arrows)][-1]
    order, seen = [], set()

    def build(node):
        if node in seen:
            return
        seen.add(node)
        for p, c, _ in arrows:
            if c == node:
                build(p)
        order.append(node)

    build(result)
    return order


def order_nodes__count_of_different_parents(nodes, arrows):
    """Counts different parents, but takes one off for every arrow, so that a double arrow releases
    the node early. Source: teaching experience."""
    parents = [set() for _ in range(nodes)]
    for p, c, _ in arrows:
        parents[c].add(p)
    missing = [len(s) for s in parents]
    order = [k for k in range(nodes) if missing[k] == 0]
    for node in order:
        for p, c, _ in arrows:
            if p == node:
                missing[c] -= 1
                if missing[c] == 0:
                    order.append(c)
    return order


def power_slopes__log_of_exponent(a, b):
    """Takes the log of the exponent's variable: here log of c instead of log of a. Source: teaching
    experience."""
    c = a**b
    return b * a ** (b - 1), c * np.log(c)


def product_slopes__zeros_skipped(factors):
    """Leaves zeros out of the product so as not to divide by them. Source: teaching experience."""
    slopes = np.zeros(len(factors))
    for i in range(len(factors)):
        rest = np.delete(factors, i)
        slopes[i] = np.prod(rest[rest != 0])
    return slopes


def gate_gradients__slope_at_output(x, w1, w2, grad_y):
    """The slope of the sigmoid is taken as sigmoid'(a1). Source: BoltzmannEntropy/interviews.ai#4
    (mixing up y and x in the slope)."""
    sig = lambda u: 1 / (1 + np.exp(-u))
    a1, a2 = sig(w1 * x), np.tanh(w2 * x)
    grad_z1 = grad_y * a2 * sig(a1) * (1 - sig(a1))
    grad_z2 = grad_y * a1 * (1 - a2**2)
    return grad_z1, grad_z2, grad_z1 * x, grad_z2 * x, grad_z1 * w1 + grad_z2 * w2


def shared_weight__after_step_gradient(x, w, n):
    """Uses the gradient that has already gone on to a[k-1] for the weight. Source: teaching
    experience."""
    a = [x]
    for k in range(n):
        a.append(np.tanh(w * a[-1]))
    g, grad_w = 1.0, 0.0
    for k in range(n, 0, -1):
        g = g * (1 - a[k] ** 2) * w
        grad_w += g * a[k - 1]
    return np.array(a), g, grad_w


def products_needed__modes_swapped(nodes, arrows):
    """Forward is counted per result and reverse per leaf. Source: teaching experience."""
    leaves = nodes - len({c for _, c, _ in arrows})
    results = nodes - len({p for p, _, _ in arrows})
    return results * len(arrows), leaves * len(arrows)


# Read by somebody else, who found that the verdict points at the cause.
POINTING = {
    "power_slopes__logarithm_of_exponent": "dc_db: not_finite",
    "walk_back__hands_on_too_often": ": some_cases",
    "walk_back__visited_too_early": ": some_cases",
    "products_needed__modes_exchanged": ": another_order",
    "products_needed__all_starts_are_leaves": "forward: some_cases; reverse: some_cases",
    "order_nodes__preorder": "parents_before: some_cases",
    "order_nodes__no_visited_set": "listed: some_cases",
    "distance_slopes__power_precedence": "dc_ds: function",
    "power_slopes__minus_one_outside": "dc_da: changed_line",
    "gate_gradients__grad_y_again": "grad_x: extra_factor",
    "shared_weight__first_stage_times_n": "grad_w: some_cases",
    "products_needed__isolated_node_forgotten": "forward: some_cases; reverse: some_cases",
    "order_nodes__back_from_one_result": "listed: some_cases; parents_before: some_cases",
    "order_nodes__count_of_different_parents": "parents_before: some_cases",
    "power_slopes__log_of_exponent": "dc_db: extra_factor",
    "product_slopes__zeros_skipped": ": some_cases",
    "shared_weight__after_step_gradient": "grad_w: extra_factor",
    "products_needed__modes_swapped": ": another_order",
}
