"""Chapter 02: the backward pass of one neuron, node by node."""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import FancyBboxPatch

from coursepkg.autodiff import Value, topological_order
from coursepkg.explorers.base import Explorer, recolor
from coursepkg.explorers.controls import slider
from coursepkg.figures import GRAY, VERMILION
from coursepkg.plots import draw_graph


@dataclass
class Stage:
    """A backward pass stopped after `step` nodes."""

    step: int
    steps: int
    order: list
    current: Value | None
    done: list  # the nodes that have handed on their gradients, the current one last
    known: set  # the nodes whose gradients have begun to arrive
    before: set  # `known` before the current node


def neuron(x1, x2, w1, w2, b=0.5, target=1.0):
    """The squared error of one tanh neuron with two inputs, as a graph of named Values."""
    names = {"x1": x1, "w1": w1, "x2": x2, "w2": w2, "b": b, "target": target}
    v = {name: Value(data, name=name) for name, data in names.items()}
    p1, p2 = v["x1"] * v["w1"], v["x2"] * v["w2"]
    s = p1 + p2
    z = s + v["b"]
    a = z.tanh()
    d = a - v["target"]
    loss = d**2
    computed = {"p1": p1, "p2": p2, "s": s, "z": z, "a": a, "d": d, "L": loss}
    for name, node in computed.items():
        node.name = name
    return loss


def backward_until(loss, step):
    """The loop of `Value.backward`, stopped after `step` nodes that have parents."""
    order = topological_order(loss)
    computed = [node for node in reversed(order) if node.parents]
    loss.grad = 1.0
    known = before = {loss}
    for node in computed[:step]:
        before = set(known)
        for parent, local_grad in zip(node.parents, node.local_grads, strict=True):
            parent.grad += node.grad * local_grad
            known.add(parent)
    done = computed[:step]
    return Stage(step, len(computed), order, done[-1] if done else None, done, known, before)


CODE = (
    "for node in reversed(order):",
    "    for parent, local_grad in zip(node.parents, node.local_grads):",
    "        parent.grad += node.grad * local_grad",
)
BETWEEN = 16  # frames in which a gradient travels from a node to those it was computed from


class BackwardPassExplorer(Explorer):
    """Sliders for the inputs, the weights and the number of nodes already done.

    The gradient travels against the arrows, from each node to those it was computed from; the
    number on an arrow is the local derivative it is multiplied by on the way.
    """

    size = (10.0, 5.0)
    title = "The backward pass of one neuron"
    tries = {
        "Small gradients, small loss": {"step": 7, "w1": 3.0, "w2": -3.0},
        "Small gradients, large loss": {"step": 7, "w1": -3.0, "w2": 3.0},
    }

    def make_controls(self):
        steps = backward_until(neuron(0, 0, 0, 0), 0).steps
        inputs = {"x1": 1.0, "x2": -2.0, "w1": 0.5, "w2": 0.4}
        sliders = {name: slider(name, value, -3.0, 3.0, 0.1) for name, value in inputs.items()}
        return {"step": slider("nodes done", 3, 0, steps), **sliders}

    def compute(self, step, **inputs):
        self.inputs = inputs
        loss = neuron(**inputs)
        loss.backward()
        # Of the whole pass, so that a line keeps its thickness from step to step.
        self.largest = max(abs(node.grad) for node in topological_order(loss)) or 1.0
        return backward_until(neuron(**inputs), step)

    def build(self, figure):
        graph, page = figure.subplots(2, 1, height_ratios=(4, 1))
        # The graph has the same shape for all inputs, so an index into `order` identifies a node.
        drawn = draw_graph(graph, neuron(1, 1, 1, 1), local_grads=True)
        self.places = [drawn.boxes[node].get_bbox().bounds for node in drawn.order]
        self.frame = graph.add_patch(
            FancyBboxPatch(
                (0, 0), 1, 1, boxstyle=drawn.boxes[drawn.order[-1]].get_boxstyle(),
                facecolor="none", edgecolor=VERMILION, linewidth=2.8,
            )
        )  # fmt: skip
        self.data_texts = [drawn.data_texts[node] for node in drawn.order]
        self.grad_texts = [drawn.grad_texts[node] for node in drawn.order]
        self.edges = [Edge(graph, drawn, parent, node) for parent, node in drawn.arrows]
        page.set(xlim=(0, 1), ylim=(0, 1))
        page.set_axis_off()
        mono = {"family": "monospace", "fontsize": 8.5, "va": "center"}
        page.text(0, 0.8, CODE[0], **mono)
        page.text(0, 0.5, CODE[1], **mono)
        self.code = page.text(0, 0.2, CODE[2], **mono)
        self.term = page.text(0.56, 0.5, "", fontsize=10, va="center", linespacing=1.7)
        moving = [artist for edge in self.edges for artist in edge.artists]
        texts = [*self.data_texts, *self.grad_texts, *(edge.factor for edge in self.edges)]
        return [*moving, self.frame, *texts, self.code, self.term]

    def draw(self, result):
        self._draw(result, 1.0)

    def _draw(self, result, way):
        """The pass after result.step nodes, the last one's gradient gone this share of its way."""
        self.frame.set_visible(result.current is not None)
        for node, place, data, grad in zip(
            result.order, self.places, self.data_texts, self.grad_texts, strict=True
        ):
            data.set_text(f"{node.data:.4g}")
            arrived = node in (result.known if way == 1 else result.before)
            grad.set_text(f"{node.grad:.4g}" if arrived else "")
            if node is result.current:
                self.frame.set_bounds(*place)
        for edge in self.edges:
            edge.show(result, way, self.largest)
        recolor(self.code, VERMILION if result.current else "black")
        self.term.set_text("\n".join(terms(result.current)) if result.current else "dL/dL = 1")

    def steps(self, result):
        return result.steps

    def place(self, result):
        return result.step

    def positions(self, result):
        return np.arange(result.steps * BETWEEN + 1) / BETWEEN

    def draw_step(self, result, step):
        stage = backward_until(neuron(**self.inputs), int(np.ceil(step)))
        self._draw(stage, 1.0 - (stage.step - step))
        return self.describe(stage)

    def describe(self, result):
        loss = result.order[-1]
        if result.current is None:
            return f"Forward pass: L = {loss.data:.4g}. Its own gradient is dL/dL = 1. Now go back."
        node = result.current
        handed = ", ".join(
            f"{node.grad:.4g} × {local_grad:.4g} = {node.grad * local_grad:.4g} to {parent.name}"
            for parent, local_grad in zip(node.parents, node.local_grads, strict=True)
        )
        sentence = f"Node {result.step} of {result.steps}, {node.name}: it hands {handed}."
        if result.step == result.steps:
            sentence += " The backward pass is complete."
        return sentence


class Edge:
    """The arrow from a parent to the node computed from it, and what comes back along it."""

    def __init__(self, axes, drawn, parent, node):
        order, self.slot = drawn.order, node.parents.index(parent)
        self.parent, self.node = order.index(parent), order.index(node)
        [arrow], [self.factor] = drawn.arrows[parent, node], drawn.local_texts[parent, node]
        tail, _, head = arrow.get_path().vertices[:3]  # a straight one
        self.way = np.linspace(head, tail, 2 * BETWEEN + 1)
        (self.flow,) = axes.plot([], [], color=VERMILION, zorder=1.5, solid_capstyle="round")
        (self.pulse,) = axes.plot([], [], "o", color=VERMILION, zorder=5)
        self.factor.set_fontsize(9)
        self.artists = [self.flow, self.pulse]

    def show(self, result, way, largest):
        """What the node hands to this parent: its factor, and how far on its way it is."""
        node = result.order[self.node]
        factor = node.local_grads[self.slot]
        share = abs(node.grad * factor) / largest if node in result.done else 0.0
        way = way if node is result.current else float(node in result.done)
        count = round(way * (len(self.way) - 1)) + 1 if way > 0 else 0
        self.flow.set_data(*self.way[:count].T)
        self.flow.set_linewidth(1 + 5 * share)
        self.pulse.set_data(*self.way[count - 1 : count].T if 0 < way < 1 else ([], []))
        self.pulse.set_markersize(6 + 8 * share)
        self.factor.set_text(f"×{factor:.2g}" if abs(factor) >= 0.005 else "≈0")
        recolor(self.factor, VERMILION if node is result.current else GRAY)


def terms(node):
    """The chain rule at this node, an equation for each parent."""
    return [
        f"dL/d{parent.name} += dL/d{node.name} × d{node.name}/d{parent.name} = "
        f"{node.grad:.4g} × {local_grad:.4g} = {node.grad * local_grad:.4g}"
        for parent, local_grad in zip(node.parents, node.local_grads, strict=True)
    ]
