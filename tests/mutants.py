"""Small changes of a function, one at a time, generated from its syntax tree.

So are tests tested (mutation; DeMillo, Lipton and Sayward, 1978). `mutants(source)` gives pairs of
a description, "line -> changed line", and the changed source.
"""

import ast
import copy

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
TURNED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE}
RENAMED = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum",
    "minimum": "maximum", "zeros": "ones", "zeros_like": "ones_like", "ones_like": "zeros_like",
    "argmax": "argmin", "std": "var", "var": "std", "sin": "cos", "cos": "sin",
}  # fmt: skip
# What a call may be reduced to is its first argument: a missing sum, a missing exp, a missing copy.
DROPPED_KEYWORDS = {"axis", "keepdims", "initial", "replace"}


def mutants(source):
    """[(description, source)] of all small changes of the one function or class in `source`."""
    tree = ast.parse(source)
    remove_docstrings(tree)
    found, seen = [], {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        for replacement in replacements(node):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[number]
            put(changed, target, copy.deepcopy(replacement))
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text not in seen:
                seen.add(text)
                found.append((difference(ast.unparse(tree), text), text))
    return found


def remove_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]


def put(tree, target, replacement):
    """Put the replacement where the target is."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                return setattr(parent, name, replacement)
            if isinstance(value, list) and any(item is target for item in value):
                place = next(i for i, item in enumerate(value) if item is target)
                value[place] = replacement
                return None
    raise AssertionError("the target is not in the tree")


def difference(before, after):
    """The lines that differ: "line -> changed line"."""
    old, new = before.split("\n"), after.split("\n")
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return f"{' / '.join(s.strip() for s in old)} -> {' / '.join(s.strip() for s in new)}"


def replacements(node):
    """What may stand in the place of a node."""
    kind = type(node)
    rules = {
        ast.BinOp: of_operation, ast.UnaryOp: lambda n: [n.operand], ast.Constant: of_constant,
        ast.Compare: of_comparison, ast.BoolOp: of_boolean, ast.Call: of_call,
        ast.Attribute: lambda n: [n.value] if n.attr == "T" else [],
        ast.AugAssign: of_augmented, ast.Assign: removed, ast.Expr: removed, ast.For: removed,
        ast.If: lambda n: [with_test(n, True), with_test(n, False)],
        ast.IfExp: lambda n: [n.body, n.orelse], ast.Tuple: of_tuple, ast.Subscript: of_subscript,
    }  # fmt: skip
    return rules[kind](node) if kind in rules else []


def of_operation(node):
    swap = SWAPS.get(type(node.op))
    new = [ast.BinOp(node.left, swap(), node.right)] if swap else []
    if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
        new.append(ast.BinOp(node.right, node.op, node.left))
    if isinstance(node.op, ast.MatMult):
        new.append(ast.BinOp(transposed(node.left), node.op, node.right))
        new.append(ast.BinOp(node.left, node.op, transposed(node.right)))
    return [*new, node.left, node.right]


def transposed(node):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def of_constant(node):
    value = node.value
    if isinstance(value, bool):
        return [ast.Constant(not value)]
    if isinstance(value, str):
        return [ast.Constant("")]
    if isinstance(value, int):
        return [ast.Constant(value + 1), ast.Constant(value - 1)]
    if isinstance(value, float):
        return [ast.Constant(new) for new in (value + 1, 2 * value, value / 2)]
    return []


def of_comparison(node):
    new = []
    for table in (SWAPS, TURNED):
        if type(node.ops[0]) in table:
            new.append(ast.Compare(node.left, [table[type(node.ops[0])]()], node.comparators))
    return new


def of_boolean(node):
    return [ast.BoolOp(SWAPS[type(node.op)](), node.values), *node.values]


def of_call(node):
    new = [node.args[0]] if node.args and not isinstance(node.args[0], ast.Starred) else []
    if isinstance(node.func, ast.Attribute):
        if not node.args and not isinstance(node.func.value, ast.Name):
            new.append(node.func.value)
        if node.func.attr in RENAMED:
            function = ast.Attribute(node.func.value, RENAMED[node.func.attr], ast.Load())
            new.append(ast.Call(function, node.args, node.keywords))
    for i in range(len(node.args) - 1):
        arguments = [*node.args[:i], node.args[i + 1], node.args[i], *node.args[i + 2 :]]
        new.append(ast.Call(node.func, arguments, node.keywords))
    for keyword in node.keywords:
        if keyword.arg in DROPPED_KEYWORDS:
            rest = [other for other in node.keywords if other is not keyword]
            new.append(ast.Call(node.func, node.args, rest))
    return new


def of_augmented(node):
    swap = SWAPS.get(type(node.op))
    new = [ast.AugAssign(node.target, swap(), node.value)] if swap else []
    return [*new, ast.Assign([node.target], node.value), ast.Pass()]


def removed(node):
    return [ast.Pass()]


def with_test(node, value):
    return ast.If(ast.Constant(value), node.body, node.orelse)


def of_tuple(node):
    if not isinstance(node.ctx, ast.Load):
        return []
    new = []
    for i in range(len(node.elts) - 1):
        items = [*node.elts[:i], node.elts[i + 1], node.elts[i], *node.elts[i + 2 :]]
        new.append(ast.Tuple(items, ast.Load()))
    return new


def of_subscript(node):
    """The index is dropped: the whole in place of a part."""
    return [node.value] if isinstance(node.ctx, ast.Load) else []
