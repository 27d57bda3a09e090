"""Exercises 02: slopes of composites, local derivatives, the walk back over a graph, its cost."""

import numpy as np

from coursepkg.checks.question import ExerciseSet, Mistake, Question
from coursepkg.checks.running import use


def distance_slopes(a, b):
    s = a**2 + b**2
    dc_ds = 1 / (2 * np.sqrt(s))
    dc_da = dc_ds * 2 * a
    dc_db = dc_ds * 2 * b
    return dc_ds, dc_da, dc_db


def distance_follows(outputs, a, b):
    dc_ds = outputs["dc_ds"]
    return {"dc_ds": 0.5 / np.hypot(a, b), "dc_da": dc_ds * 2 * a, "dc_db": dc_ds * 2 * b}


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


def power_slopes(a, b):
    dc_da = b * a ** (b - 1)
    dc_db = a**b * np.log(a)
    return dc_da, dc_db


def product_slopes(factors):
    slopes = np.ones(len(factors))
    for i in range(len(factors)):
        slopes[i] = np.prod(np.delete(factors, i))
    return slopes


def gate_gradients(x, w1, w2, grad_y):
    a1 = 1 / (1 + np.exp(-w1 * x))
    a2 = np.tanh(w2 * x)
    grad_z1 = grad_y * a2 * a1 * (1 - a1)
    grad_z2 = grad_y * a1 * (1 - a2**2)
    grad_w1, grad_w2 = grad_z1 * x, grad_z2 * x
    grad_x = grad_z1 * w1 + grad_z2 * w2
    return grad_z1, grad_z2, grad_w1, grad_w2, grad_x


def gate_follows(outputs, x, w1, w2, grad_y):
    grad_z1, grad_z2 = outputs["grad_z1"], outputs["grad_z2"]
    right = gate_gradients(x, w1, w2, grad_y)
    return {
        "grad_z1": right[0],
        "grad_z2": right[1],
        "grad_w1": grad_z1 * x,
        "grad_w2": grad_z2 * x,
        "grad_x": grad_z1 * w1 + grad_z2 * w2,
    }


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


def shared_follows(outputs, x, w, n):
    """The gradients from the learner's own numbers of the forward pass."""
    a, grad_a, grad_w = outputs["a"], 1.0, 0.0
    for k in reversed(range(n)):
        grad_z = grad_a * (1 - a[k + 1] ** 2)
        grad_w, grad_a = grad_w + grad_z * a[k], grad_z * w
    return {"a": shared_weight(x, w, n)[0], "grad_x": grad_a, "grad_w": grad_w}


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


def sides(rng):
    """a and b that are never both zero."""
    return {
        "3 and 4": {"a": 3.0, "b": 4.0},
        "-5 and 12": {"a": -5.0, "b": 12.0},
        "both below 1": {"a": 0.3, "b": 0.4},
        "one of them 0": {"a": 0.0, "b": -2.0},
        "drawn 1": {"a": rng.uniform(1, 3), "b": -rng.uniform(4, 9)},
        "drawn 2": {"a": -rng.uniform(1, 3), "b": rng.uniform(4, 9)},
    }


def powers(rng):
    return {
        "2 to the 3": {"a": 2.0, "b": 3.0},
        "9 to the 0.5": {"a": 9.0, "b": 0.5},
        "0.5 to the -2": {"a": 0.5, "b": -2.0},
        "3 to the 0": {"a": 3.0, "b": 0.0},
        "1 to the 4": {"a": 1.0, "b": 4.0},
        **{
            f"drawn {i}": {"a": rng.uniform(1.2, 3), "b": sign * rng.uniform(1.2, 3)}
            for i, sign in ((1, 1), (2, -1))
        },
    }


def factors(rng):
    """One number and many; with a zero, and with two."""
    return {
        "two factors": {"factors": np.array([2.0, 5.0])},
        "three factors": {"factors": np.array([2.0, -3.0, 4.0])},
        "one zero": {"factors": np.array([2.0, 0.0, 5.0])},
        "two zeros": {"factors": np.array([0.0, 7.0, 0.0])},
        "a single factor": {"factors": np.array([4.0])},
        "six factors": {"factors": rng.uniform(0.5, 2, 6) * rng.choice([-1, 1], 6)},
    }


def gates(rng):
    def drawn(size, *signs):
        names = ("x", "w1", "w2", "grad_y")
        return {
            k: sign * rng.uniform(0.4, 1.2) * size for k, sign in zip(names, signs, strict=True)
        }

    return {
        "round numbers": {"x": 2.0, "w1": 0.5, "w2": -0.25, "grad_y": 3.0},
        "a negative x": {"x": -1.0, "w1": 2.0, "w2": 0.5, "grad_y": 1.0},
        "drawn 1": drawn(1, -1, -1, 1, -1),
        "drawn 2": drawn(0.8, -1, -1, -1, 1),
        "drawn 3": drawn(1.2, 1, 1, -1, 1),
    }


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
        "one arrow": {"nodes": 2, "arrows": [(0, 1, 3.0)]},
        "two arrows between two nodes": {"nodes": 2, "arrows": [(0, 1, 3.0), (0, 1, 3.0)]},
        "a chain": {"nodes": 3, "arrows": [(0, 1, 2.0), (1, 2, 5.0)]},
        "a square at the end": {"nodes": 3, "arrows": [(1, 2, 3.0), (0, 1, 2.0), (1, 2, 3.0)]},
        "a number used twice": {
            "nodes": 4,
            "arrows": [(1, 3, 3.0), (0, 1, 2.0), (2, 3, 2.0), (1, 2, 1.0)],
        },
        "a leaf that comes late": {
            "nodes": 5,
            "arrows": [(3, 4, -1.5), (0, 1, 0.5), (2, 4, 4.0), (1, 3, 2.0), (0, 3, 3.0)],
        },
        "a node without use": {"nodes": 4, "arrows": [(0, 1, 2.0), (0, 2, 4.0), (1, 3, -3.0)]},
        "nodes drawn, 7": {"nodes": 7, "arrows": drawn_graph(rng, 7, 2)},
        "nodes drawn, 9": {"nodes": 9, "arrows": drawn_graph(rng, 9, 4)},
        "nodes drawn, 12": {"nodes": 12, "arrows": drawn_graph(rng, 12, 1)},
    }


def graphs_with_leaves(rng):
    """Several leaves or several results, so that the two modes differ."""
    return {
        "two leaves, one result": {"nodes": 3, "arrows": [(0, 2, 4.0), (1, 2, 3.0)]},
        "one leaf, three results": {
            "nodes": 4,
            "arrows": [(0, 1, 2.0), (0, 2, -1.0), (0, 3, 0.5)],
        },
        **graphs(rng),
        "five leaves": {"nodes": 11, "arrows": drawn_graph(rng, 11, 5)},
    }


def graphs_to_count(rng):
    alone = {"nodes": 4, "arrows": [(0, 1, 2.0), (1, 2, 3.0)]}  # 3 is a leaf, and a result
    return {**graphs_with_leaves(rng), "a node without arrows": alone}


def renumbered(rng, case):
    numbers = rng.permutation(case["nodes"])
    arrows = [(int(numbers[p]), int(numbers[n]), g) for p, n, g in case["arrows"]]
    return {"nodes": case["nodes"], "arrows": arrows}


def numbered_anyhow(rng):
    drawn = {k: renumbered(rng, case) for k, case in graphs_with_leaves(rng).items()}
    return {
        "a chain": {"nodes": 3, "arrows": [(0, 1, 2.0), (2, 0, 5.0)]},
        "a number used twice": {
            "nodes": 4,
            "arrows": [(3, 0, 3.0), (3, 2, 1.0), (2, 0, 2.0), (1, 3, 2.0)],
        },
        "a short way and a long one": {
            "nodes": 4,
            "arrows": [(3, 2, 1.0), (3, 1, 2.0), (1, 0, -1.0), (0, 2, 4.0)],
        },
        "two results": {"nodes": 4, "arrows": [(2, 0, 1.0), (2, 3, 2.0), (1, 0, -1.0)]},
        "two arrows between two nodes": {
            "nodes": 3,
            "arrows": [(2, 0, 3.0), (0, 1, -1.0), (2, 0, 3.0)],
        },
        "two arrows, and one from elsewhere": {
            "nodes": 3,
            "arrows": [(2, 0, 3.0), (2, 0, 3.0), (2, 1, 1.0), (1, 0, 2.0)],
        },
        "a node without arrows": {
            "nodes": 5,
            "arrows": [(3, 1, 2.0), (0, 4, 3.0), (1, 0, -1.0)],
        },
        **{k: v for k, v in drawn.items() if v["nodes"] > 4},
    }


def stages(rng):
    return {
        "one stage": {"x": 0.5, "w": 2.0, "n": 1},
        "two stages": {"x": 0.5, "w": 2.0, "n": 2},
        "three stages, w negative": {"x": 0.8, "w": -1.5, "n": 3},
        "drawn, 4 stages": {"x": -rng.uniform(0.3, 0.9), "w": rng.uniform(1.1, 1.8), "n": 4},
        "drawn, 6 stages": {"x": rng.uniform(0.3, 0.9), "w": -rng.uniform(0.6, 0.9), "n": 6},
    }


OTHERS = "np.prod(np.delete(factors, i))"  # lines of the references that several mistakes change
BOTH_COUNTS = "leaves * len(arrows), results * len(arrows)"
BOTH_PATHS = "grad_z1 * w1 + grad_z2 * w2"
HANDED_ON = "grads[parent] += grads[node] * local_grad"

SET = ExerciseSet(
    "02_chain_rule",
    (
        Question(
            distance_slopes,
            points={"dc_ds": 1, "dc_da": 1, "dc_db": 1},
            cases=sides,
            follow=distance_follows,
            mistakes={
                "inner_slopes_lost": Mistake(
                    "`dc_ds` is handed on as it is. On the arrow from a to s stands a local "
                    "derivative of its own, that of the square, and the two are multiplied.",
                    {"dc_ds * 2 * a": "dc_ds", "dc_ds * 2 * b": "dc_ds"},
                ),
                "two_lost": Mistake(
                    "The factor 2 is missing: the local derivative of a² is 2a, not a.",
                    {"dc_ds * 2 * a": "dc_ds * a", "dc_ds * 2 * b": "dc_ds * b"},
                ),
                "outer_slope_lost": Mistake(
                    "Only the inner slopes 2a and 2b are there. The slope of the root, `dc_ds`, "
                    "stands on the same path and multiplies them.",
                    {"dc_ds * 2 * a": "2 * a", "dc_ds * 2 * b": "2 * b"},
                ),
                "inputs_added": Mistake(
                    "The two paths are added, but they begin at different inputs. Only paths from "
                    "the *same* input are added; from a there is one path, and from b another.",
                    {
                        "dc_ds * 2 * a": "dc_ds * (2 * a + 2 * b)",
                        "dc_ds * 2 * b": "dc_ds * (2 * a + 2 * b)",
                    },
                ),
                "half_lost": Mistake(
                    "The slope of the root is 1 / (2√s): the 2 below is missing.",
                    {"1 / (2 * np.sqrt(s))": "1 / np.sqrt(s)"},
                ),
                "root_not_inverted": Mistake(
                    "This is √s / 2. The power rule lowers the exponent of s from ½ to −½, so "
                    "that the root goes below.",
                    {"1 / (2 * np.sqrt(s))": "np.sqrt(s) / 2"},
                ),
                "slope_at_output": Mistake(
                    "The root's slope is taken at c. Each stage is asked for its slope at the "
                    "number that arrives there, and what arrives at the root is s.",
                    {"np.sqrt(s))": "np.sqrt(np.sqrt(s)))"},
                ),
                "slope_of_square": Mistake(
                    "This is 2s, the slope of s². But c is the root of s, not its square.",
                    {"1 / (2 * np.sqrt(s))": "2 * s"},
                ),
                "slopes_added": Mistake(
                    "The slopes of the two stages are added. Along a path slopes are "
                    "multiplied; only different paths from the same input are added.",
                    {"dc_ds * 2 * a": "dc_ds + 2 * a", "dc_ds * 2 * b": "dc_ds + 2 * b"},
                ),
            },
            hints=(
                "Write s and c for a = 3 and b = 4. Which arrows lead from a to c, and which from "
                "b?",
                "One path leads from a to c, through s: multiply the slope of the root, taken at "
                "s, by the slope of the square, taken at a. The root is s to the power ½.",
                "`dc_ds = 1 / (2 * np.sqrt(s))`, and `dc_da = dc_ds * 2 * a`.",
            ),
        ),
        Question(
            power_slopes,
            points={"dc_da": 1, "dc_db": 1},
            cases=powers,
            mistakes={
                "power_rule_for_both": Mistake(
                    "`dc_db` is the power rule once more. It holds for a base that moves; when the "
                    "exponent moves, c is an exponential function of b.",
                    {"a**b * np.log(a)": "b * a ** (b - 1)"},
                ),
                "exponential_rule_for_both": Mistake(
                    "`dc_da` is the slope of an exponential function. For a push of the base the "
                    "exponent is held still, and the power rule holds.",
                    {"b * a ** (b - 1)": "a**b * np.log(a)"},
                ),
                "log_lost": Mistake(
                    "Only for the base e is the slope of an exponential function the function "
                    "itself. Write aᵇ as exp(b log a): the inner derivative log a is missing.",
                    {"a**b * np.log(a)": "a**b"},
                ),
                "log_of_exponent": Mistake(
                    "The logarithm is taken of b. From aᵇ = exp(b log a), the inner derivative "
                    "for b is log a.",
                    {"np.log(a)": "np.log(b)"},
                ),
                "other_logarithm": Mistake(
                    "This is the logarithm to base 2. The one that belongs to e is `np.log`.",
                    {"np.log(a)": "np.log2(a)"},
                ),
                "decimal_logarithm": Mistake(
                    "This is the logarithm to base 10. The one that belongs to e is `np.log`.",
                    {"np.log(a)": "np.log10(a)"},
                ),
                "exponent_kept": Mistake(
                    "The power rule also lowers the exponent by one: b aᵇ⁻¹. This is b aᵇ.",
                    {"b * a ** (b - 1)": "b * a**b"},
                ),
                "factor_lost": Mistake(
                    "The power rule brings the exponent down as a factor: b aᵇ⁻¹. Here it is lost.",
                    {"b * a ** (b - 1)": "a ** (b - 1)"},
                ),
                "value_lost": Mistake(
                    "`dc_db` is only the inner derivative, log a. The outer one, exp(b log a), "
                    "which is c itself, is missing.",
                    {"a**b * np.log(a)": "np.log(a)"},
                ),
                "power_lost": Mistake(
                    "`dc_db` is a · log a, which is right for b = 1 alone. The factor in front of "
                    "the logarithm is c itself.",
                    {"a**b * np.log(a)": "a * np.log(a)"},
                ),
                "integrated": Mistake(
                    "`dc_db` is aᵇ divided by log a. That is what one gets by integrating over b; "
                    "differentiating multiplies by the inner derivative.",
                    {"a**b * np.log(a)": "a**b / np.log(a)"},
                ),
                "roles_exchanged": Mistake(
                    "`dc_db` is the power rule with a and b exchanged, a bᵃ⁻¹. That is the "
                    "slope of bᵃ, another function; when the exponent of aᵇ moves, it is an "
                    "exponential function.",
                    {"a**b * np.log(a)": "a * b ** (a - 1)"},
                ),
                "base_and_exponent_exchanged": Mistake(
                    "`dc_db` is bᵃ log b, the right rule with a and b exchanged. Here a is the "
                    "base and b the exponent.",
                    {"a**b * np.log(a)": "b**a * np.log(b)"},
                ),
            },
            hints=(
                "Two different rules are needed. Which kind of function of a is aᵇ, with b held "
                "still? And which kind of function of b, with a held still?",
                "For a it is the power rule. For b write aᵇ = exp(b · log a), two stages: the "
                "outer slope is exp again, and the inner one, for b, is log a.",
                "`dc_da = b * a ** (b - 1)`; the second is c itself times `np.log(a)`.",
            ),
        ),
        Question(
            product_slopes,
            points=2,
            cases=factors,
            mistakes={
                "divides": Mistake(
                    "The product divided by each factor is right until a factor is 0; then it is "
                    "0/0. Multiply the others and never divide.",
                    {OTHERS: "np.prod(factors) / factors[i]"},
                ),
                "zero_forgiven": Mistake(
                    "For a factor that is 0 it answers 0. But a push of that very factor is felt: "
                    "its local derivative is the product of the others, which need not be 0.",
                    {OTHERS: f"0.0 if factors[i] == 0 else {OTHERS}"},
                ),
                "itself_included": Mistake(
                    "Each entry is the whole product. The factor that is pushed does not belong to "
                    "its own local derivative.",
                    {"np.delete(factors, i)": "factors"},
                ),
                "one_neighbor": Mistake(
                    "Each gets only one of the other factors. With three or more, *all* the others "
                    "are multiplied.",
                    {OTHERS: "factors[i - 1] if len(factors) > 1 else 1.0"},
                ),
                "one_neighbor_after": Mistake(
                    "Each gets only the factor after it (the last one the first). With three or "
                    "more, *all* the others are multiplied.",
                    {OTHERS: "factors[(i + 1) % len(factors)] if len(factors) > 1 else 1.0"},
                ),
                "others_added": Mistake(
                    "This is the sum of the other factors. A product hands to each factor the "
                    "*product* of the others.",
                    {OTHERS: "np.sum(np.delete(factors, i))"},
                ),
                "later_ones_only": Mistake(
                    "Each gets only the factors that stand after it; those before it belong to it, "
                    "too.",
                    {"np.delete(factors, i)": "factors[i + 1 :]"},
                ),
                "earlier_ones_only": Mistake(
                    "Each gets only the factors that stand before it; those after it belong to it, "
                    "too.",
                    {"np.delete(factors, i)": "factors[:i]"},
                ),
                "own_factor": Mistake(
                    "Each factor gets itself. With all others held still, c is a straight line in "
                    "this factor, and the line's slope is made of the others.",
                    {OTHERS: "factors[i]"},
                ),
                "several_zeros_as_one": Mistake(
                    "Each factor that is 0 gets the product of the factors that are not 0. That "
                    "is right for a single zero; with two, the other zero belongs to the others "
                    "as well.",
                    {OTHERS: f"np.prod(factors[factors != 0]) if factors[i] == 0 else {OTHERS}"},
                ),
            },
            hints=(
                "For two factors each gets the other one. What is the slope of a · b · c for b, "
                "with a and c held still? And what if b is 0?",
                "Each entry is the product of all factors but one. Dividing the whole product by "
                "this one fails where it is 0, so leave the factor out in the first place.",
                "In a loop over i: `slopes[i] = np.prod(np.delete(factors, i))`.",
            ),
        ),
        Question(
            gate_gradients,
            points={"grad_z1": 1, "grad_z2": 1, "grad_w1": 1, "grad_w2": 1, "grad_x": 1},
            cases=gates,
            follow=gate_follows,
            mistakes={
                "own_factor": Mistake(
                    "At the product each factor was given itself. A product hands to each factor "
                    "the gradient times the *other* factor.",
                    {
                        "grad_y * a2 * a1": "grad_y * a1 * a1",
                        "grad_y * a1 * (1": "grad_y * a2 * (1",
                    },
                ),
                "as_if_a_sum": Mistake(
                    "The product hands its gradient on unchanged, as only a sum does. Multiply by "
                    "the other factor.",
                    {"grad_y * a1 * (1": "grad_y * (1", "grad_y * a2 * a1": "grad_y * a1"},
                ),
                "stops_at_the_activation": Mistake(
                    "This is the gradient of a₁ and of a₂. To come to z₁ and z₂ it must pass the "
                    "sigmoid and tanh, with their slopes.",
                    {"* a2 * a1 * (1 - a1)": "* a2", "* a1 * (1 - a2**2)": "* a1"},
                ),
                "slopes_exchanged": Mistake(
                    "The slopes are exchanged: a (1 − a) belongs to the sigmoid, 1 − a² to tanh.",
                    {"* a1 * (1 - a1)": "* (1 - a1**2)", "* (1 - a2**2)": "* a2 * (1 - a2)"},
                ),
                "sigmoid_slope_for_both": Mistake(
                    "a (1 − a) is the slope of the sigmoid alone. In the second branch is tanh, "
                    "with 1 − a².",
                    {"* (1 - a2**2)": "* a2 * (1 - a2)"},
                ),
                "sigmoid_mirrored": Mistake(
                    "This has σ(−z₁) for a₁: the exponential below the line is that of −w₁x, with "
                    "a minus.",
                    {"np.exp(-w1 * x)": "np.exp(w1 * x)"},
                ),
                "slope_at_z": Mistake(
                    "The slopes are computed from z. In the forms a (1 − a) and 1 − a² stands what "
                    "comes *out* of the sigmoid and of tanh.",
                    {
                        "* a1 * (1 - a1)": "* (w1 * x) * (1 - w1 * x)",
                        "* (1 - a2**2)": "* (1 - (w2 * x) ** 2)",
                    },
                ),
                "arriving_lost": Mistake(
                    "`grad_y` is not used. It is the gradient that arrives at y, and it multiplies "
                    "everything to the left of it.",
                    {"grad_y * a2 * a1": "a2 * a1", "grad_y * a1 * (1": "a1 * (1"},
                ),
                "first_path_only": Mistake(
                    "x is used twice, and only the path through z₁ is counted. The gradients from "
                    "all its uses are added.",
                    {BOTH_PATHS: "grad_z1 * w1"},
                ),
                "second_path_only": Mistake(
                    "x is used twice, and only the path through z₂ is counted, as happens when the "
                    "second gradient overwrites the first. They are added.",
                    {BOTH_PATHS: "grad_z2 * w2"},
                ),
                "paths_multiplied": Mistake(
                    "The two paths from x are multiplied. *Along* a path one multiplies; *over* "
                    "paths one adds.",
                    {BOTH_PATHS: "grad_z1 * w1 * grad_z2 * w2"},
                ),
                "paths_averaged": Mistake(
                    "The two paths from x are averaged. A push of x is felt along both, in full: "
                    "add.",
                    {BOTH_PATHS: "(grad_z1 * w1 + grad_z2 * w2) / 2"},
                ),
                "weight_gets_itself": Mistake(
                    "In z = w x each weight was given itself. A product hands to w the gradient "
                    "times *x*.",
                    {"grad_z1 * x, grad_z2 * x": "grad_z1 * w1, grad_z2 * w2"},
                ),
                "input_gets_itself": Mistake(
                    "In z = w x the input was given itself. A product hands to x the gradient "
                    "times *w*.",
                    {BOTH_PATHS: "grad_z1 * x + grad_z2 * x"},
                ),
                "tan_rule": Mistake(
                    "1 + a₂² is the rule for tan. The second branch has tanh, whose slope falls "
                    "to 0 where a₂ comes near −1 or 1.",
                    {"* (1 - a2**2)": "* (1 + a2**2)"},
                ),
                "slopes_added": Mistake(
                    "The slope of the activation is added to the gradient that arrives at it. "
                    "Along a path one multiplies.",
                    {
                        "grad_y * a2 * a1 * (1 - a1)": "grad_y * a2 + a1 * (1 - a1)",
                        "grad_y * a1 * (1 - a2**2)": "grad_y * a1 + (1 - a2**2)",
                    },
                ),
            },
            hints=(
                "Draw the graph with all its arrows. From which boxes do two arrows leave, and at "
                "which do two arrive?",
                "Go from the right. y = a₁ a₂ is a product: each factor gets `grad_y` times the "
                "other. Then come the slopes a₁ (1 − a₁) and 1 − a₂². x is used in z₁ and in z₂, "
                "so what comes from both is added.",
                "`grad_z1 = grad_y * a2 * a1 * (1 - a1)`, and at the end `grad_x = grad_z1 * w1 + "
                "grad_z2 * w2`.",
            ),
        ),
        Question(
            walk_back,
            points=3,
            cases=graphs,
            mistakes={
                "overwritten": Mistake(
                    "The parent's gradient is overwritten, so that only one of its uses is left. "
                    "Every use *adds* to it.",
                    {"grads[parent] +=": "grads[parent] ="},
                ),
                "from_the_front": Mistake(
                    "It walks from the first node to the last, and most nodes hand on before "
                    "anything has arrived. The walk begins at the result.",
                    {"reversed(range(nodes))": "range(nodes)"},
                ),
                "arrows_as_given": Mistake(
                    "It passes the arrows in the order of the list. A node may hand on only when "
                    "it has received everything itself, so the nodes must be taken from the back.",
                    walked_as_given,
                ),
                "arrows_from_the_end": Mistake(
                    "It passes the list of arrows from its end. The list is in no particular "
                    "order; take the *nodes* from the back, and for each the arrows that end "
                    "there.",
                    walked_from_the_end_of_the_list,
                ),
                "as_met": Mistake(
                    "It takes the nodes in the order in which it meets them. A node that is met "
                    "early hands on before it has received everything, and what comes later is "
                    "stuck there.",
                    walked_as_met,
                ),
                "own_gradient_lost": Mistake(
                    "Only local derivatives are added. What a node hands to a parent is its *own "
                    "gradient times* the local derivative.",
                    {"grads[node] * local_grad": "local_grad"},
                ),
                "local_derivative_lost": Mistake(
                    "Each node hands its gradient on unchanged, as a sum does. It must be "
                    "multiplied by the local derivative on the arrow.",
                    {"grads[node] * local_grad": "grads[node]"},
                ),
                "no_beginning": Mistake(
                    "All gradients stay 0, because the walk has nothing to hand on. The loss "
                    "answers a push of itself one to one: its own gradient is 1.",
                    {"grads[-1] = 1.0": "grads[-1] = 0.0"},
                ),
                "begins_with_ones": Mistake(
                    "All gradients begin at 1. Only the result's does; the others begin at 0 and "
                    "collect.",
                    {"np.zeros(nodes)": "np.ones(nodes)"},
                ),
                "multiplied": Mistake(
                    "What arrives at a node along several arrows is multiplied. Along a path one "
                    "multiplies; over paths one adds.",
                    {HANDED_ON: "grads[parent] = (grads[parent] or 1) * grads[node] * local_grad"},
                ),
                "two_arrows_as_one": Mistake(
                    "Two arrows from the same parent to the same node, as in x · x, are taken for "
                    "one. Each of them counts.",
                    walked_twice_the_same_way,
                ),
                "forward_mode": Mistake(
                    "This is forward mode: it begins with a 1 at the first node and tells how "
                    "each node answers a push of that one. Asked for is how the last one answers "
                    "a push of each.",
                    {
                        "grads[-1] = 1.0": "grads[0] = 1.0",
                        "reversed(range(nodes))": "range(nodes)",
                        HANDED_ON: "grads[node] += grads[parent] * local_grad",
                    },
                ),
                "handed_on_again": Mistake(
                    "At each visit a node hands on everything that has come to it so far, and "
                    "what it handed on before counts again. Hand on when all has arrived, once.",
                    walked_along_every_path,
                ),
                "several_losses": Mistake(
                    "Every node from which no arrow begins starts with 1, as if it were a loss. "
                    "Only the last node is.",
                    {
                        "grads[-1] = 1.0": "parents = {p for p, n, g in arrows}\n"
                        "    grads[[i not in parents for i in range(nodes)]] = 1.0"
                    },
                ),
                "result_left_out": Mistake(
                    "The walk begins one node too early in the list: the last node has the "
                    "gradient 1 and never hands it on. It comes first.",
                    {"reversed(range(nodes))": "reversed(range(nodes - 1))"},
                ),
            },
            hints=(
                "Which gradient do you know before the walk begins? And which node's turn is it "
                "first?",
                "Begin with zeros and a 1 at the last node. Take the nodes from the last to the "
                "first; for each, look at the arrows that end there, and add to the parent the "
                "node's gradient times the local derivative.",
                "With `for node in reversed(range(nodes)):` outside and a loop over the arrows "
                "inside, where an arrow ends at this node: `grads[parent] += grads[node] * "
                "local_grad`.",
            ),
        ),
        Question(
            shared_weight,
            points={"a": 1, "grad_x": 1, "grad_w": 2},
            cases=stages,
            follow=shared_follows,
            mistakes={
                "overwritten": Mistake(
                    "Only the first stage's share of `grad_w` is left: each share overwrites the "
                    "one before. The weight is used in all stages, and the shares are added.",
                    {"grad_w += grad_z": "grad_w = grad_z"},
                ),
                "last_use_only": Mistake(
                    "Only the last stage counts for `grad_w`, as if the earlier outputs did not "
                    "move with w. A push of w moves every stage.",
                    {"grad_w += grad_z * a[k]": "grad_w += grad_z * a[k] * (k == n - 1)"},
                ),
                "n_times_the_last": Mistake(
                    "`grad_w` is n times the last stage's share. The shares are not alike: each "
                    "stage has its own slope and its own input.",
                    {"grad_w += grad_z * a[k]": "grad_w += n * grad_z * a[k] * (k == n - 1)"},
                ),
                "shares_averaged": Mistake(
                    "The shares of the stages are averaged in `grad_w`. Over paths one adds.",
                    {"return a, grad_x, grad_w": "return a, grad_x, grad_w / n"},
                ),
                "weight_lost": Mistake(
                    "On the way from one stage back to the stage before, the factor w is missing: "
                    "in z = w a the other factor of a is w.",
                    {"grad_a = grad_z * w": "grad_a = grad_z"},
                ),
                "slope_lost": Mistake(
                    "The slopes of tanh are missing: the gradients pass through the stages as if "
                    "these only multiplied by w.",
                    {"grad_a * (1 - a[k + 1] ** 2)": "grad_a"},
                ),
                "slope_at_input": Mistake(
                    "The slope of tanh is 1 − (its own *output*)². This takes the output of the "
                    "stage before, which is what went in.",
                    {"1 - a[k + 1] ** 2": "1 - a[k] ** 2"},
                ),
                "output_for_input": Mistake(
                    "In z = w a the weight gets the gradient times what went *into* the stage. "
                    "This takes what came out.",
                    {"grad_z * a[k]": "grad_z * a[k + 1]"},
                ),
                "first_input_only": Mistake(
                    "Every share of `grad_w` is taken with x. Only the first stage has x as its "
                    "input; each later one has the output of the stage before.",
                    {"grad_z * a[k]": "grad_z * a[0]"},
                ),
                "from_the_front": Mistake(
                    "The walk goes from the first stage to the last. A stage knows its gradient "
                    "only when all that come after it have handed on theirs.",
                    {"in reversed(range(n))": "in range(n)"},
                ),
                "weight_used_once": Mistake(
                    "Only the first stage multiplies by w. In this chain every stage uses it.",
                    {"np.tanh(w * a[-1])": "np.tanh(w * a[-1] if len(a) == 1 else a[-1])"},
                ),
                "tanh_lost": Mistake(
                    "The stages only multiply by w. Each of them also takes tanh.",
                    {"np.tanh(w * a[-1])": "w * a[-1]"},
                ),
                "each_stage_as_the_last": Mistake(
                    "Each stage's share of `grad_w` is computed as if that stage were the last "
                    "one, with a gradient of 1 arriving. What arrives has come back through all "
                    "later stages.",
                    {"grad_w += grad_z * a[k]": "grad_w += (1 - a[k + 1] ** 2) * a[k]"},
                ),
                "tan_rule": Mistake(
                    "1 + a² is the rule for tan. The slope of tanh falls to 0 where its output "
                    "comes near −1 or 1.",
                    {"1 - a[k + 1] ** 2": "1 + a[k + 1] ** 2"},
                ),
                "first_stage_left_out": Mistake(
                    "The walk back stops one stage too soon: the first stage, whose input is x, "
                    "is left out. Count the rounds for n = 1; it should be one.",
                    {"reversed(range(n))": "reversed(range(1, n))"},
                ),
                "last_stage_left_out": Mistake(
                    "The walk back begins one stage too late: the last stage, whose output is "
                    "a[n], is left out. Count the rounds for n = 1; it should be one.",
                    {"reversed(range(n))": "reversed(range(n - 1))"},
                ),
                "slope_added": Mistake(
                    "The slope of tanh is added to the gradient that arrives. Along a path one "
                    "multiplies; only the shares of the weight are added.",
                    {"grad_a * (1 - a[k + 1] ** 2)": "grad_a + (1 - a[k + 1] ** 2)"},
                ),
            },
            hints=(
                "In how many places does w stand in the graph? Draw three stages.",
                "Keep all the a of the forward pass. Walk from the last stage to the first with "
                "the gradient of a: through tanh with 1 − a², then to w with the stage's input, "
                "which is *added* to what w has already, and to the stage before with w.",
                "In the walk, for the stage from `a[k]` to `a[k + 1]`: `grad_z = grad_a * (1 - "
                "a[k + 1] ** 2)`, then `grad_w += grad_z * a[k]` and `grad_a = grad_z * w`.",
            ),
        ),
        Question(
            products_needed,
            points={"forward": 1, "reverse": 1},
            cases=graphs_to_count,
            mistakes={
                "once_for_each_arrow": Mistake(
                    "A leaf counts once, however many arrows begin there, and a result once, "
                    "however many end there.",
                    products_in_bulk,
                ),
                "arrows_as_nodes": Mistake(
                    "To find the nodes at which no arrow ends, this takes the number of arrows "
                    "off. Several arrows may end at one node: count the different nodes.",
                    {
                        "nodes - len(computed)": "nodes - len(arrows)",
                        "nodes - len(parents)": "nodes - len(arrows)",
                    },
                ),
                "every_node": Mistake(
                    "One forward sweep is needed for each *given* number, and not for each node.",
                    {"reverse = leaves *": "reverse = nodes *"},
                ),
                "one_sweep": Mistake(
                    "That is the price of a single sweep. Forward mode begins again for every "
                    "leaf, reverse mode for every result.",
                    {BOTH_COUNTS: "len(arrows), len(arrows)"},
                ),
                "sweeps_only": Mistake(
                    "That is the number of sweeps. Each of them takes one multiplication for every "
                    "arrow.",
                    {BOTH_COUNTS: "leaves, results"},
                ),
                "two_arrows_as_one": Mistake(
                    "Several arrows between the same two nodes are counted as one. A sweep passes "
                    "each of them.",
                    {
                        BOTH_COUNTS: "leaves * len({arrow[:2] for arrow in arrows}), "
                        "results * len({arrow[:2] for arrow in arrows})"
                    },
                ),
                "a_product_a_node": Mistake(
                    "A sweep multiplies at every *arrow*, not at every node.",
                    {BOTH_COUNTS: "leaves * nodes, results * nodes"},
                ),
                "every_pair": Mistake(
                    "This takes a sweep for each pair of a leaf and a result. A forward sweep "
                    "from one leaf reaches all results, and a walk back from one result all "
                    "leaves.",
                    {BOTH_COUNTS: "leaves * results * len(arrows), leaves * results * len(arrows)"},
                ),
            },
            hints=(
                "How can you tell from the arrows alone that a node is a leaf? And that it is a "
                "result?",
                "A forward sweep tells about one leaf, a walk back about one result, and each "
                "passes all the arrows. A leaf is a node at which no arrow ends: count the "
                "*different* nodes at which arrows end, and take their number off.",
                "`leaves = nodes - len({node for parent, node, local_grad in arrows})`, and the "
                "first number is `leaves * len(arrows)`.",
            ),
        ),
        Question(
            order_nodes,
            points={"listed": 1, "parents_before": 2},
            cases=numbered_anyhow,
            use=use.order_of_nodes,
            mistakes={
                "sorted_by_number": Mistake(
                    "The nodes are listed by their numbers. Here the numbers say nothing; only the "
                    "arrows say what comes before what.",
                    {"order = []": "return list(range(nodes))"},
                ),
                "from_the_result": Mistake(
                    "The list begins at the result. That is the order of the walk back; asked for "
                    "is its reverse, with parents first.",
                    {"return order": "return order[::-1]"},
                ),
                "as_mentioned": Mistake(
                    "The nodes are listed as the arrows mention them, one arrow after the other. "
                    "An arrow later in the list may lead *to* a node that you listed already.",
                    listed_as_mentioned,
                ),
                "one_parent_is_enough": Mistake(
                    "A node is listed as soon as one arrow reaches it. It has to wait until *all* "
                    "its parents are listed.",
                    listed_from_leaves,
                ),
                "nothing_listed": Mistake(
                    "The list is empty: no node is ever put into it.",
                    {"return order": "return []"},
                ),
                "one_result_only": Mistake(
                    "It goes back from a single result, and nodes that do not lead there are "
                    "missing. A graph may have several results; begin at each.",
                    listed_from_one_result,
                ),
                "from_the_last_number": Mistake(
                    "It goes back from node `nodes - 1`, as if that were the result, and what does "
                    "not lead there is missing. Here the numbers say nothing.",
                    listed_from_the_last_number,
                ),
                "without_arrows_left_out": Mistake(
                    "A node without any arrow is missing. It has no parents to wait for, but "
                    "belongs in the list.",
                    {
                        "return order": "return [n for n in order "
                        "if n in {number for arrow in arrows for number in arrow[:2]}]"
                    },
                ),
                "leaves_left_out": Mistake(
                    "The leaves are missing: only nodes at which an arrow ends are listed.",
                    {"return order": "return [n for n in order if n in {a[1] for a in arrows}]"},
                ),
                "results_left_out": Mistake(
                    "The results are missing: only nodes from which an arrow begins are listed.",
                    {"return order": "return [n for n in order if n in {a[0] for a in arrows}]"},
                ),
                "once_for_each_arrow": Mistake(
                    "A node is listed once for every arrow that ends there. Drop it when it was "
                    "met before.",
                    listed_by_every_arrow,
                ),
                "visits_not_remembered": Mistake(
                    "It goes back from each node and does not remember which were visited before, "
                    "so that nodes are listed again whenever a way leads to them.",
                    listed_at_every_visit,
                ),
                "parallel_arrows_block": Mistake(
                    "A node with two arrows from the same parent is missing, and so is what comes "
                    "after it: it waits for both, but with the parent only one of them is taken "
                    "off.",
                    listed_without_parallel_arrows,
                ),
            },
            hints=(
                "Which nodes may be listed at the very beginning? Once these are listed, which may "
                "come next?",
                "As often as there are nodes: find those that are still waiting, because at least "
                "one of their parents is not listed yet, and list one of the others that is not "
                "listed already. (Or go from each node to its parents with a stack, as in the "
                "chapter.)",
                "In each round `waiting = {node for parent, node, local_grad in arrows if parent "
                "not in order}`; any node that is neither in `waiting` nor in `order` may be "
                "listed next.",
            ),
        ),
    ),
)
