"""Chapter 02: the backward pass of one neuron, node by node."""

from dataclasses import dataclass

from ipywidgets import FloatSlider, IntSlider

from coursepkg.autodiff import Value, topological_order
from coursepkg.explorers.base import Explorer, wide
from coursepkg.figures import GRAY, VERMILION
from coursepkg.plots import draw_graph


@dataclass
class Stage:
    """A backward pass stopped after `step` nodes."""

    step: int
    steps: int
    order: list
    current: Value | None
    known: set


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
    known = {loss}
    for node in computed[:step]:
        for parent, local_grad in zip(node.parents, node.local_grads, strict=True):
            parent.grad += node.grad * local_grad
            known.add(parent)
    current = computed[step - 1] if step else None
    return Stage(step, len(computed), order, current, known)


class BackwardPassExplorer(Explorer):
    """Sliders for the inputs, the weights and the number of nodes already done."""

    size = (9.6, 3.9)

    def make_controls(self):
        steps = backward_until(neuron(0, 0, 0, 0), 0).steps
        inputs = {"x1": 1.0, "x2": -2.0, "w1": 0.5, "w2": 0.4}
        sliders = {
            name: wide(FloatSlider, name, value=value, min=-3.0, max=3.0, step=0.1)
            for name, value in inputs.items()
        }
        step = wide(IntSlider, "nodes done", value=3, min=0, max=steps)
        return {"step": step, **sliders}

    def compute(self, step, **inputs):
        return backward_until(neuron(**inputs), step)

    def build(self, figure):
        axes = figure.subplots()
        # The graph has the same shape for all inputs, so an index into `order` identifies a node.
        drawn = draw_graph(axes, neuron(1, 1, 1, 1))
        self.boxes = [drawn.boxes[node] for node in drawn.order]
        self.data_texts = [drawn.data_texts[node] for node in drawn.order]
        self.grad_texts = [drawn.grad_texts[node] for node in drawn.order]
        self.arrows = [
            (drawn.order.index(child), arrow)
            for (_, child), arrows in drawn.arrows.items()
            for arrow in arrows
        ]
        return [*(arrow for _, arrow in self.arrows), *axes.patches, *axes.texts]

    def draw(self, result):
        for node, box, data, grad in zip(
            result.order, self.boxes, self.data_texts, self.grad_texts, strict=True
        ):
            data.set_text(f"{node.data:.4g}")
            grad.set_text(f"{node.grad:.4g}" if node in result.known else "")
            now = node is result.current
            box.set(edgecolor="black" if now else GRAY, linewidth=2.8 if now else 1.2)
        for child, arrow in self.arrows:
            now = result.order[child] is result.current
            arrow.set(color=VERMILION if now else GRAY, linewidth=2.4 if now else 1.0)

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
