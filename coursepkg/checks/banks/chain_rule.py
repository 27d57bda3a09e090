"""Exercises 02: slopes of composites, local derivatives, the walk back over a graph, its cost."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def distance_follows(outputs, a, b):
    dc_ds = outputs["dc_ds"]
    return {"dc_ds": 0.5 / np.hypot(a, b), "dc_da": dc_ds * 2 * a, "dc_db": dc_ds * 2 * b}


def sides(rng):
    """a and b that are never both zero."""
    return {
        "3 and 4": (3.0, 4.0),
        "-5 and 12": (-5.0, 12.0),
        "both below 1": (0.3, 0.4),
        "one of them 0": (0.0, -2.0),
        "drawn 1": (rng.uniform(1, 3), -rng.uniform(4, 9)),
        "drawn 2": (-rng.uniform(1, 3), rng.uniform(4, 9)),
    }


@question(sides, follow=distance_follows)
def distance_slopes(a, b):
    s = a**2 + b**2
    dc_ds = 1 / (2 * np.sqrt(s))
    dc_da = dc_ds * 2 * a
    dc_db = dc_ds * 2 * b
    return dc_ds, dc_da, dc_db


def powers(rng):
    return {
        "2 to the 3": (2.0, 3.0),
        "9 to the 0.5": (9.0, 0.5),
        "0.5 to the -2": (0.5, -2.0),
        "3 to the 0": (3.0, 0.0),
        "1 to the 4": (1.0, 4.0),
        **{
            f"drawn {i}": (rng.uniform(1.2, 3), sign * rng.uniform(1.2, 3))
            for i, sign in ((1, 1), (2, -1))
        },
    }


@question(powers)
def power_slopes(a, b):
    dc_da = b * a ** (b - 1)
    dc_db = a**b * np.log(a)
    return dc_da, dc_db


def factors(rng):
    """One number and many; with a zero, and with two."""
    return {
        "two factors": ([2.0, 5.0],),
        "three factors": ([2.0, -3.0, 4.0],),
        "one zero": ([2.0, 0.0, 5.0],),
        "two zeros": ([0.0, 7.0, 0.0],),
        "a single factor": ([4.0],),
        "six factors": (rng.uniform(0.5, 2, 6) * rng.choice([-1, 1], 6),),
    }


@question(factors)
def product_slopes(factors):
    slopes = np.ones(len(factors))
    for i in range(len(factors)):
        slopes[i] = np.prod(np.delete(factors, i))
    return slopes


def gate_follows(outputs, x, w1, w2, grad_y):
    grad_z1, grad_z2 = outputs["grad_z1"], outputs["grad_z2"]
    right = gate_gradients(x, w1, w2, grad_y)
    return {"grad_z1": right[0], "grad_z2": right[1], "grad_w1": grad_z1 * x,
            "grad_w2": grad_z2 * x, "grad_x": grad_z1 * w1 + grad_z2 * w2}  # fmt: skip


def gates(rng):
    def drawn(size, *signs):
        return tuple(sign * rng.uniform(0.4, 1.2) * size for sign in signs)

    return {
        "round numbers": (2.0, 0.5, -0.25, 3.0),
        "a negative x": (-1.0, 2.0, 0.5, 1.0),
        "drawn 1": drawn(1, -1, -1, 1, -1),
        "drawn 2": drawn(0.8, -1, -1, -1, 1),
        "drawn 3": drawn(1.2, 1, 1, -1, 1),
    }


@question(gates, follow=gate_follows)
def gate_gradients(x, w1, w2, grad_y):
    a1 = 1 / (1 + np.exp(-w1 * x))
    a2 = np.tanh(w2 * x)
    grad_z1 = grad_y * a2 * a1 * (1 - a1)
    grad_z2 = grad_y * a1 * (1 - a2**2)
    grad_w1, grad_w2 = grad_z1 * x, grad_z2 * x
    grad_x = grad_z1 * w1 + grad_z2 * w2
    return grad_z1, grad_z2, grad_w1, grad_w2, grad_x


def drawn_graph(rng, nodes, leaves):
    """[(parent, node, local derivative)], nodes numbered in a topological order, each leaf used."""
    arrows = []
    for node in range(leaves, nodes):
        first = node - leaves if node < 2 * leaves else rng.integers(node)
        for parent in (first, *rng.integers(node, size=rng.integers(1, 3))):
            local_grad = round(float(rng.uniform(0.3, 2.5) * rng.choice([-1, 1])), 2)
            arrows.append((int(parent), node, local_grad))
    return [arrows[i] for i in rng.permutation(len(arrows))]


def graphs(rng):
    return {
        "one arrow": (2, [(0, 1, 3.0)]),
        "two arrows between two nodes": (2, [(0, 1, 3.0), (0, 1, 3.0)]),
        "a chain": (3, [(0, 1, 2.0), (1, 2, 5.0)]),
        "a square at the end": (3, [(1, 2, 3.0), (0, 1, 2.0), (1, 2, 3.0)]),
        "a number used twice": (4, [(1, 3, 3.0), (0, 1, 2.0), (2, 3, 2.0), (1, 2, 1.0)]),
        "a leaf that comes late": (
            5,
            [(3, 4, -1.5), (0, 1, 0.5), (2, 4, 4.0), (1, 3, 2.0), (0, 3, 3.0)],
        ),
        "a node without use": (4, [(0, 1, 2.0), (0, 2, 4.0), (1, 3, -3.0)]),
        "nodes drawn, 7": (7, drawn_graph(rng, 7, 2)),
        "nodes drawn, 9": (9, drawn_graph(rng, 9, 4)),
        "nodes drawn, 12": (12, drawn_graph(rng, 12, 1)),
    }


@question(graphs)
def walk_back(nodes, arrows):
    grads = np.zeros(nodes)
    grads[-1] = 1.0
    for node in reversed(range(nodes)):
        for parent, end, local_grad in arrows:
            if end == node:
                grads[parent] += grads[node] * local_grad
    return grads


def walked_as_given(nodes, arrows):
    grads = np.zeros(nodes)
    grads[-1] = 1.0
    for parent, node, local_grad in arrows:
        grads[parent] += grads[node] * local_grad
    return grads


def walked_from_the_end_of_the_list(nodes, arrows):
    return walked_as_given(nodes, arrows[::-1])


def walked_as_met(nodes, arrows):
    grads = np.zeros(nodes)
    grads[-1] = 1.0
    waiting = [nodes - 1]
    for met in waiting:  # it grows while it is read
        for parent, node, local_grad in arrows:
            if node == met:
                grads[parent] += grads[node] * local_grad
                if parent not in waiting:
                    waiting.append(parent)
    return grads


def walked_twice_the_same_way(nodes, arrows):
    """Two arrows between the same two nodes are kept as one."""
    return walk_back(nodes, [(p, n, g) for (p, n), g in {(p, n): g for p, n, g in arrows}.items()])


def walked_along_every_path(nodes, arrows):
    """At each visit a node hands on all that has come to it so far."""
    grads = np.zeros(nodes)

    def visit(node, arriving):
        grads[node] += arriving
        for parent, end, local_grad in arrows:
            if end == node:
                visit(parent, grads[node] * local_grad)

    visit(nodes - 1, 1.0)
    return grads


def shared_follows(outputs, x, w, n):
    """The gradients from the learner's own numbers of the forward pass."""
    a, grad_a, grad_w = outputs["a"], 1.0, 0.0
    for k in reversed(range(n)):
        grad_z = grad_a * (1 - a[k + 1] ** 2)
        grad_w, grad_a = grad_w + grad_z * a[k], grad_z * w
    return {"a": shared_weight(x, w, n)[0], "grad_x": grad_a, "grad_w": grad_w}


def stages(rng):
    return {
        "one stage": (0.5, 2.0, 1),
        "two stages": (0.5, 2.0, 2),
        "three stages, w negative": (0.8, -1.5, 3),
        "drawn, 4 stages": (-rng.uniform(0.3, 0.9), rng.uniform(1.1, 1.8), 4),
        "drawn, 6 stages": (rng.uniform(0.3, 0.9), -rng.uniform(0.6, 0.9), 6),
    }


@question(stages, follow=shared_follows)
def shared_weight(x, w, n):
    a = [x]
    for _ in range(n):
        a.append(np.tanh(w * a[-1]))
    grad_a, grad_w = 1.0, 0.0
    for k in reversed(range(n)):
        grad_z = grad_a * (1 - a[k + 1] ** 2)
        grad_w += grad_z * a[k]
        grad_a = grad_z * w
    a, grad_x = np.array(a), grad_a
    return a, grad_x, grad_w


def graphs_with_leaves(rng):
    """Several leaves or several results, so that the two modes differ."""
    return {
        "two leaves, one result": (3, [(0, 2, 4.0), (1, 2, 3.0)]),
        "one leaf, three results": (4, [(0, 1, 2.0), (0, 2, -1.0), (0, 3, 0.5)]),
        **graphs(rng),
        "five leaves": (11, drawn_graph(rng, 11, 5)),
    }


def graphs_to_count(rng):
    alone = (4, [(0, 1, 2.0), (1, 2, 3.0)])  # 3 is a leaf, and a result
    return {**graphs_with_leaves(rng), "a node without arrows": alone}


@question(graphs_to_count)
def products_needed(nodes, arrows):
    parents = {parent for parent, node, local_grad in arrows}
    computed = {node for parent, node, local_grad in arrows}
    leaves, results = nodes - len(computed), nodes - len(parents)
    forward, reverse = leaves * len(arrows), results * len(arrows)
    return forward, reverse


def products_in_bulk(nodes, arrows):
    """A leaf counted once for each arrow that begins there, a result for each that ends there."""
    parents, computed = [arrow[0] for arrow in arrows], [arrow[1] for arrow in arrows]
    leaves = sum(parent not in computed for parent in parents)
    results = sum(node not in parents for node in computed)
    return leaves * len(arrows), results * len(arrows)


def renumbered(rng, nodes, arrows):
    numbers = rng.permutation(nodes)
    return nodes, [(int(numbers[p]), int(numbers[n]), g) for p, n, g in arrows]


def numbered_anyhow(rng):
    drawn = {k: renumbered(rng, *case) for k, case in graphs_with_leaves(rng).items()}
    return {
        "a chain": (3, [(0, 1, 2.0), (2, 0, 5.0)]),
        "a number used twice": (4, [(3, 0, 3.0), (3, 2, 1.0), (2, 0, 2.0), (1, 3, 2.0)]),
        "a short way and a long one": (4, [(3, 2, 1.0), (3, 1, 2.0), (1, 0, -1.0), (0, 2, 4.0)]),
        "two results": (4, [(2, 0, 1.0), (2, 3, 2.0), (1, 0, -1.0)]),
        "two arrows between two nodes": (3, [(2, 0, 3.0), (0, 1, -1.0), (2, 0, 3.0)]),
        "two arrows, and one from elsewhere": (
            3,
            [(2, 0, 3.0), (2, 0, 3.0), (2, 1, 1.0), (1, 0, 2.0)],
        ),
        "a node without arrows": (5, [(3, 1, 2.0), (0, 4, 3.0), (1, 0, -1.0)]),
        **{k: v for k, v in drawn.items() if v[0] > 4},
    }


@question(numbered_anyhow, use=use.order_of_nodes)
def order_nodes(nodes, arrows):
    order = []
    for _ in range(nodes):
        waiting = {node for parent, node, local_grad in arrows if parent not in order}
        order.append(min(set(range(nodes)) - waiting - set(order)))
    return order


def listed_as_mentioned(nodes, arrows):
    mentioned = [number for parent, node, _ in arrows for number in (parent, node)]
    return list(dict.fromkeys([*mentioned, *range(nodes)]))


def listed_from_leaves(nodes, arrows):
    """Leaves first, then every node as soon as it is met by an arrow."""
    order = sorted(set(range(nodes)) - {node for _, node, _ in arrows})
    for number in order:  # it grows while it is read
        for parent, node, _ in arrows:
            if parent == number and node not in order:
                order.append(node)
    return order


def listed_back_from(start, nodes, arrows):
    """The nodes that lead to `start`, and this one, in a right order."""
    wanted = {start}
    for number in reversed(order_nodes(nodes, arrows)):
        wanted |= {parent for parent, node, _ in arrows if node == number and number in wanted}
    return [number for number in order_nodes(nodes, arrows) if number in wanted]


def listed_from_one_result(nodes, arrows):
    results = set(range(nodes)) - {parent for parent, _, _ in arrows}
    return listed_back_from(min(results), nodes, arrows)


def listed_from_the_last_number(nodes, arrows):
    return listed_back_from(nodes - 1, nodes, arrows)


def listed_by_every_arrow(nodes, arrows):
    order = []
    for number in order_nodes(nodes, arrows):
        order += [number] * max(1, sum(node == number for _, node, _ in arrows))
    return order


def listed_at_every_visit(nodes, arrows):
    order = []

    def visit(number):
        for parent, node, _ in arrows:
            if node == number:
                visit(parent)
        order.append(number)

    for number in range(nodes):
        visit(number)
    return order


def listed_without_parallel_arrows(nodes, arrows):
    """Of several arrows between the same two nodes only one is taken off."""
    missing = [sum(node == number for _, node, _ in arrows) for number in range(nodes)]
    order = [number for number in range(nodes) if missing[number] == 0]
    for number in order:  # it grows while it is read
        for reached in sorted({node for parent, node, _ in arrows if parent == number}):
            missing[reached] -= 1
            if missing[reached] == 0:
                order.append(reached)
    return order
