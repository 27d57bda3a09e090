import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coursepkg.autodiff import Value, as_value, topological_order
from coursepkg.gradient_check import gradient_check

# One table serves both sides: each operation on Values and on floats. Arguments are kept where the
# functions are defined and far from kinks and overflow: 1.5 + tanh is between 0.5 and 2.5.
UNARY = {
    "exp": (lambda v: v.exp(), math.exp),
    "log": (lambda v: (v.tanh() + 1.5).log(), lambda f: math.log(math.tanh(f) + 1.5)),
    "sigmoid": (lambda v: v.sigmoid(), lambda f: 1 / (1 + math.exp(-f))),
    "tanh": (lambda v: v.tanh(), math.tanh),
    "negative": (lambda v: -v, lambda f: -f),
    "square": (lambda v: v**2, lambda f: f**2),
    "root": (lambda v: (v.tanh() + 1.5) ** 0.5, lambda f: (math.tanh(f) + 1.5) ** 0.5),
    "two to the": (lambda v: 2**v, lambda f: 2**f),
    "one over": (lambda v: 1 / (v.tanh() + 1.5), lambda f: 1 / (math.tanh(f) + 1.5)),
}  # fmt: skip
BINARY = {
    "+": (lambda a, b: a + b,) * 2,
    "-": (lambda a, b: a - b,) * 2,
    "*": (lambda a, b: a * b,) * 2,
    "/": (lambda a, b: a / (b.tanh() + 1.5), lambda a, b: a / (math.tanh(b) + 1.5)),
    "**": (lambda a, b: (a.tanh() + 1.5) ** b, lambda a, b: (math.tanh(a) + 1.5) ** b),
}  # fmt: skip

expressions = st.recursive(
    st.integers(0, 2),
    lambda inner: (
        st.tuples(st.sampled_from(sorted(UNARY)), inner)
        | st.tuples(st.sampled_from(sorted(BINARY)), inner, inner)
    ),
    max_leaves=8,
)  # fmt: skip


def evaluate(expression, leaves, side):
    """The expression on Values (side 0) or on floats (side 1); leaves that recur are reused."""
    if isinstance(expression, int):
        return leaves[expression]
    name, *parts = expression
    function = (UNARY if len(parts) == 1 else BINARY)[name][side]
    return function(*(evaluate(part, leaves, side) for part in parts))


@given(expressions, st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3))
def test_random_expressions_agree_with_central_differences(expression, numbers):
    def on_floats(x):
        return evaluate(expression, [float(v) for v in x], 1)

    try:
        value = on_floats(numbers)
    except OverflowError:
        assume(False)
    assume(abs(value) < 1e3)
    leaves = [Value(number) for number in numbers]
    root = evaluate(expression, leaves, 0)
    assert root.data == pytest.approx(value, rel=1e-12, abs=1e-12)
    root.backward()
    grads = np.array([leaf.grad for leaf in leaves])
    assume(np.abs(grads).max() > 1e-3 * max(1, abs(value)))
    assume(np.abs(grads).max() < 1e4)  # beyond, the truncation of the differences decides
    assert gradient_check(on_floats, np.array(numbers), grads, tolerance=1e-5).passed


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: x * x, 6.0),
        (lambda x: x + x, 2.0),
        (lambda x: x * x * x, 27.0),
        (lambda x: (x * 2) * (x * 2 + 1), 26.0),  # (2x)(2x + 1): 8x + 2
        (lambda x: x / x, 0.0),
        (lambda x: x - x, 0.0),
        (lambda x: x**x, 27 * (math.log(3) + 1)),
    ],
)
def test_the_gradients_of_a_reused_node_add_up(make, expected):
    x = Value(3.0)
    make(x).backward()
    assert x.grad == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_relu_on_both_sides_of_its_kink_and_on_it():
    grads = []
    for number in (-2.0, 0.0, 2.0):
        x = Value(number)
        (x.relu() * 3).backward()
        grads.append(x.grad)
    assert grads == [0, 0, 3]


def test_plain_numbers_on_either_side():
    x = Value(4.0)
    results = [x + 1, 1 + x, x - 1, 1 - x, x * 2, 2 * x, x / 2, 2 / x, x**2, 2**x, -x]
    expected = [5, 5, 3, -3, 8, 8, 2, 0.5, 16, 16, -4]
    assert [r.data for r in results] == pytest.approx(expected, rel=1e-14)


def test_numpy_numbers_count_as_numbers():
    x = Value(np.float64(2.0))
    y = x * np.float64(3.0) + np.int64(1)
    assert (y.data, type(y.data)) == (7.0, float)


def test_a_chain_of_100_000_operations():
    n = 100_000
    x = Value(1.0)
    y = x
    for _ in range(n):
        y = y * (1 + 1 / n)
    y.backward()
    assert x.grad == pytest.approx(math.exp(n * math.log1p(1 / n)), rel=1e-9)


def test_leaves_add_up_over_calls_and_computed_nodes_do_not():
    x = Value(3.0)
    u = x * 2
    y = u * u
    y.backward()
    once = (x.grad, u.grad)
    y.backward()
    assert once == (24, 12)
    assert (x.grad, u.grad) == (48, 12)


def test_a_leaf_has_the_gradient_one_with_respect_to_itself():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1
    x.backward()
    assert x.grad == 2


def test_topological_order_puts_parents_first_and_lists_each_node_once():
    x = Value(1.0)
    u = x * 2
    root = u * (u + x)
    order = topological_order(root)
    assert len(order) == len(set(order)) == 5
    for node in order:
        assert all(order.index(parent) < order.index(node) for parent in node.parents)


def test_sigmoid_survives_extremes():
    for number, expected in ((-1000.0, 0.0), (1000.0, 1.0)):
        x = Value(number)
        y = x.sigmoid()
        y.backward()
        assert (y.data, x.grad) == (expected, 0.0)


@pytest.mark.parametrize("bad", ["3", None, [1.0], 1j, True])
def test_what_is_not_a_real_number_is_refused(bad):
    with pytest.raises(TypeError, match="data must be a number"):
        Value(bad)
    with pytest.raises(TypeError, match="must be a number"):
        Value(1.0) + bad


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda: Value(math.nan), "data must be finite"),
        (lambda: Value(0.0).log(), "log needs a number above 0, got 0.0"),
        (lambda: Value(-1.0).log(), "log needs a number above 0"),
        (lambda: Value(1.0) / 0, "cannot divide 1.0 by 0"),
        (lambda: Value(-1.0) ** 0.5, "has no real derivative"),
        (lambda: Value(0.0) ** -1, "has no real derivative"),
        (lambda: Value(0.0) ** 0.5, "has no real derivative"),
        (lambda: Value(-2.0) ** Value(2.0), "log needs a number above 0"),
    ],
)
def test_where_an_operation_is_not_defined_it_says_so(operation, message):
    with pytest.raises(ValueError, match=message):
        operation()


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        (lambda: Value(1e308) + 1e308, "1e+308 + 1e+308"),
        (lambda: Value(-1e308) - 1e308, "-1e+308 - 1e+308"),
        (lambda: Value(1e200) * 1e200, "1e+200 * 1e+200"),
        (lambda: Value(1e300) / 1e-10, "1e+300 / 1e-10"),
        (lambda: Value(1e200) ** 2, "1e+200 ** 2"),
        (lambda: Value(-2.0) ** 1e308, "-2.0 ** 1e+308"),
        (lambda: Value(1000.0).exp(), "exp(1000.0)"),
        # The result fits, its derivative does not.
        (lambda: 1 / Value(1e-200), "the derivative of 1.0 / 1e-200"),
        (lambda: 0 / Value(1e-310), "the derivative of 0.0 / 1e-310"),
        (lambda: Value(1e-200) ** -1, "the derivative of 1e-200 ** -1"),
        (lambda: Value(5e-324).log(), "the derivative of log(5e-324)"),
        (lambda: Value(1.0, (Value(2.0),), (math.nan,), "own"), "the derivative of own(2.0)"),
    ],
)
def test_an_overflow_names_the_operation_and_what_does_not_fit(operation, what):
    with pytest.raises(ValueError, match=f"^{re.escape(what)} is too large for a float$"):
        operation()


def test_a_gradient_that_overflows_on_the_way_back_is_refused():
    x = Value(1e-150)
    y = (1 / x) * 1e100  # 1e250, and its derivative is -1e400
    with pytest.raises(ValueError, match="gradient of 1e-150 in 1.0 / 1e-150 is too large"):
        y.backward()


EXTREMES = [
    sign * number
    for number in (5e-324, 1e-200, 1e-3, 1.0, 30.0, 1e200, 1.7e308)
    for sign in (1, -1)
]
OPERATIONS = {
    **{f"{name} both": (lambda a, b, f=f: f(a, b)) for name, (f, _) in BINARY.items()},
    "a / b": lambda a, b: a / b,
    "a ** b": lambda a, b: a**b,
    "a ** number": lambda a, b: a**b.data,
    "number / a": lambda a, b: b.data / a,
    **{name: (lambda a, b, name=name: getattr(a, name)()) for name in
       ("exp", "log", "sigmoid", "tanh", "relu")},
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_whatever_the_numbers_all_is_finite_or_refused(operation):
    refused = 0
    for numbers in itertools.product(EXTREMES, EXTREMES):
        a, b = map(Value, numbers)
        try:
            operation(a, b).backward()
        except ValueError:
            refused += 1
        else:
            assert math.isfinite(a.grad)
            assert math.isfinite(b.grad)
    assert refused < len(EXTREMES) ** 2


def test_exp_goes_as_far_as_a_float_does():
    x = Value(709.7)
    x.exp().backward()
    assert x.grad == math.exp(709.7)


def test_powers_at_the_borders():
    for base, exponent, expected in ((0.0, 1, 1.0), (0.0, 2, 0.0), (-2.0, 3, 12.0), (0.0, 0, 0.0)):
        x = Value(base)
        (x**exponent).backward()
        assert x.grad == expected


def test_as_value_keeps_a_value():
    x = Value(1.0)
    assert as_value(x) is x
    assert as_value(2).data == 2.0


def test_repr_shows_value_and_gradient():
    assert repr(Value(2.0, name="w")) == "Value(w: data=2, grad=0)"
