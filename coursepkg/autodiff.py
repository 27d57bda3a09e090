"""Reverse-mode automatic differentiation of numbers: the chain rule, done by a program.

A `Value` is a number that remembers how it was computed: from which parents, and with which local
derivative d(result)/d(parent) for each of them. `backward` walks from the result to the inputs
and applies the chain rule once per edge:

    parent.grad += node.grad * local_grad

Source: Linnainmaa (1970) for the walk; Wengert (1964) for recording operation by operation; the
book on both, Griewank and Walther, Evaluating Derivatives (2008). Chapter 02 derives it.
"""

import math

from coursepkg.arguments import real_number


class Value:
    """A finite real number with a gradient, for + - * / **, exp, log, sigmoid, tanh and relu.

    data: the number. grad: d(root)/d(self), after `root.backward()`. parents: the Values it was
    computed from; local_grads: d(self)/d(parent), one for each. op, name: for drawings. Plain
    numbers may stand on either side of an operator. TypeError if data is not a real number.
    ValueError if it is not finite, if an operation is not defined there, or if its result or one
    of its local derivatives overflows; the message names the operation and its numbers.
    """

    def __init__(self, data, parents=(), local_grads=(), op="", name=""):
        if parents and not all(map(math.isfinite, (data, *local_grads))):
            raise ValueError(_overflow(data, parents, op))
        self.data = real_number(data, "data")
        self.grad = 0.0
        self.parents = parents
        self.local_grads = local_grads
        self.op = op
        self.name = name

    # c = a + b:   dc/da = 1,   dc/db = 1
    def __add__(self, other):
        other = as_value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0), "+")

    # c = a - b:   dc/da = 1,   dc/db = -1
    def __sub__(self, other):
        other = as_value(other)
        return Value(self.data - other.data, (self, other), (1.0, -1.0), "-")

    # c = a b:   dc/da = b,   dc/db = a
    def __mul__(self, other):
        other = as_value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data), "*")

    # c = a / b:   dc/da = 1 / b,   dc/db = -a / b²
    def __truediv__(self, other):
        other = as_value(other)
        if other.data == 0:
            raise ValueError(f"cannot divide {self.data} by 0")
        c = self.data / other.data
        return Value(c, (self, other), (1 / other.data, -c / other.data), "/")

    # c = aⁿ:   dc/da = n aⁿ⁻¹.   With a Value as exponent, aᵇ = exp(b log a)
    def __pow__(self, exponent):
        if isinstance(exponent, Value):
            return (exponent * self.log()).exp()
        n = real_number(exponent, "exponent")
        if (self.data < 0 and n != int(n)) or (self.data == 0 and n < 1 and n != 0):
            raise ValueError(f"{self.data} ** {n} has no real derivative")
        local_grad = n * _inf_if_too_large(pow, self.data, n - 1) if n != 0 else 0.0
        return Value(_inf_if_too_large(pow, self.data, n), (self,), (local_grad,), f"**{n:g}")

    # c = exp(a):   dc/da = c
    def exp(self):
        c = _inf_if_too_large(math.exp, self.data)
        return Value(c, (self,), (c,), "exp")

    # c = log(a):   dc/da = 1 / a
    def log(self):
        if self.data <= 0:
            raise ValueError(f"log needs a number above 0, got {self.data}")
        return Value(math.log(self.data), (self,), (1 / self.data,), "log")

    # c = 1 / (1 + exp(-a)):   dc/da = c (1 - c)
    def sigmoid(self):
        t = math.exp(-abs(self.data))  # never above 1, so nothing overflows
        c = (1 if self.data >= 0 else t) / (1 + t)
        return Value(c, (self,), (c * (1 - c),), "sigmoid")

    # c = tanh(a):   dc/da = 1 - c²
    def tanh(self):
        c = math.tanh(self.data)
        return Value(c, (self,), (1 - c**2,), "tanh")

    # c = max(a, 0):   dc/da = 1 where a > 0, else 0
    def relu(self):
        return Value(max(self.data, 0.0), (self,), (float(self.data > 0),), "relu")

    def __radd__(self, other):
        return as_value(other) + self

    def __rsub__(self, other):
        return as_value(other) - self

    def __rmul__(self, other):
        return as_value(other) * self

    def __rtruediv__(self, other):
        return as_value(other) / self

    def __rpow__(self, other):
        return as_value(other) ** self

    def __neg__(self):
        return self * -1

    def __repr__(self):
        name = f"{self.name}: " if self.name else ""
        return f"Value({name}data={self.data:.6g}, grad={self.grad:.6g})"

    def backward(self):
        """Add d(self)/d(leaf) to the grad of every leaf that self was computed from.

        A leaf is a Value without parents. Its grad adds up over calls, as the chain rule adds
        over paths; `leaf.grad = 0.0` starts anew. What was computed is set afresh at each call.
        ValueError if a gradient overflows on the way; no gradient of the graph is of use then.
        """
        order = topological_order(self)
        for node in order:
            if node.parents:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            for parent, local_grad in zip(node.parents, node.local_grads, strict=True):
                parent.grad += node.grad * local_grad
                if not math.isfinite(parent.grad):
                    raise ValueError(
                        f"the gradient of {parent.data:g} in {_written(node.parents, node.op)} "
                        "is too large for a float"
                    )


def as_value(number):
    """The Value itself, or a new one that holds a plain number. TypeError otherwise."""
    return number if isinstance(number, Value) else Value(number)


def topological_order(root):
    """All Values that root was computed from, each after its parents, root last.

    A node goes on the stack twice: first to look at its parents, then, when they are done, to be
    listed. The stack is a list of ours, so that a chain of any length meets no recursion limit.
    """
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node.parents))
    return order


def _inf_if_too_large(function, *numbers):
    """What the function returns; inf where Python raises OverflowError: `*` and `/` return inf."""
    try:
        return function(*numbers)
    except OverflowError:
        return math.inf


def _overflow(data, parents, op):
    """The sentence for an operation whose result, or else a local derivative, is not finite."""
    what = "the derivative of " if math.isfinite(data) else ""
    return f"{what}{_written(parents, op)} is too large for a float"


def _written(parents, op):
    """An operation with its numbers, as somebody would write it: 1.0 / 1e-200, exp(1000.0)."""
    numbers = [str(parent.data) for parent in parents]
    if op in ("+", "-", "*", "/"):
        return f" {op} ".join(numbers)
    if op.startswith("**"):
        return f"{numbers[0]} ** {op[2:]}"
    return f"{op}({', '.join(numbers)})"
