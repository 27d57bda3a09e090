"""Small changes of a function, one at a time, generated from its syntax tree.

They test the tests (mutation; DeMillo, Lipton and Sayward, 1978): a check must reject every mutant
of the solution. And they explain an unknown mistake, as the mutant that gives the same numbers.
"""

import ast
import contextlib
import copy
import functools
import itertools
from dataclasses import dataclass

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
DROPPED_KEYWORDS = {"axis", "keepdims", "initial", "replace"}
FAMILIES = (
    ("tanh", "tan", "arctan", "sinh", "cosh"), ("log", "log2", "log10", "log1p"),
    ("exp", "exp2", "expm1"), ("mean", "median", "sum", "prod", "max"), ("sqrt", "square", "abs"),
    ("std", "var", "ptp"), ("cumsum", "cumprod"),
)  # fmt: skip
OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True)
class Mutant:
    """before, after: the lines that differ; part: what is new, with the expression around
    it if it is just a name or number; source: the whole changed source."""

    before: str
    after: str
    part: str
    source: str

    def __str__(self):
        return f"{self.before} -> {self.after}"


def mutants(source, wide=False):
    """All small changes of the one function or class in `source`, one Mutant after the other.

    wide: also lost parentheses, other variables, related functions, one more factor or term,
    shorter loops, and lines in another order. No check has to catch all of those, but they
    help to explain an answer.
    """
    tree = ast.parse(source)
    remove_docstrings(tree)
    original = ast.unparse(tree)
    seen = {original}
    if wide:
        for text, part in without_parentheses(original):
            if text not in seen:
                seen.add(text)
                yield Mutant(*difference(original, text), part, text)
    for rule in (replacements, wider(tree)) if wide else (replacements,):
        for place, node, parent in places(tree):
            for replacement in rule(node):
                place(ast.copy_location(replacement, node))
                text, part = ast.unparse(tree), around(replacement, parent)
                place(node)
                if text not in seen:
                    seen.add(text)
                    yield Mutant(*difference(original, text), part, text)


def without_parentheses(source):
    """[(changed source, changed line)]: without one pair of grouping parentheses."""
    found, starts = [], []
    for place, sign in enumerate(source):
        if sign == "(":
            starts.append(place)
        elif sign == ")":
            start = starts.pop()
            before = source[start - 1]
            if before.isalnum() or before in ")]_":
                continue  # those of a call do not group
            text = source[:start] + source[start + 1 : place] + source[place + 1 :]
            with contextlib.suppress(SyntaxError):
                line = text[text.rfind("\n", 0, start) + 1 :].split("\n")[0].strip()
                found.append((ast.unparse(ast.parse(text)), line))
    return found


def around(node, parent):
    """The text of a new node, or of its parent if the node alone says little."""
    little = isinstance(node, (ast.Name, ast.Constant)) and isinstance(parent, ast.expr)
    return ast.unparse(parent if little else node)


def places(tree):
    """[(put, node, parent)] for each node of a tree: put(other) replaces it."""
    found = []
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                found.append((functools.partial(setattr, parent, name), value, parent))
            elif isinstance(value, list):
                for i, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        found.append((functools.partial(value.__setitem__, i), item, parent))
    return found


def remove_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]


def difference(before, after):
    """The lines that differ, of both texts."""
    old, new = before.split("\n"), after.split("\n")
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return tuple(" / ".join(line.strip() for line in lines) for lines in (old, new))


def replacements(node):
    kind = type(node)
    rules = {
        ast.BinOp: of_operation, ast.UnaryOp: lambda n: [n.operand], ast.Constant: of_constant,
        ast.Compare: of_comparison, ast.BoolOp: of_boolean, ast.Call: of_call,
        ast.Attribute: lambda n: [n.value] if n.attr == "T" else [],
        ast.AugAssign: of_augmented, ast.Assign: removed, ast.Expr: removed, ast.For: removed,
        ast.If: lambda n: [with_field(n, "test", ast.Constant(value)) for value in (True, False)],
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
    found = [table[type(node.ops[0])] for table in (SWAPS, TURNED) if type(node.ops[0]) in table]
    return [ast.Compare(node.left, [operation()], node.comparators) for operation in found]


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
    for arguments in exchanges(node.args):
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


def of_tuple(node):
    if not isinstance(node.ctx, ast.Load):
        return []
    return [ast.Tuple(items, ast.Load()) for items in exchanges(node.elts)]


def of_subscript(node):
    """Without the index: the whole instead of a part."""
    return [node.value] if isinstance(node.ctx, ast.Load) else []


def wider(tree):
    """A rule like `replacements`, with more that may replace a node."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    given = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names = sorted((used | given) - {"np", "self"})
    lists = [node for node in ast.walk(tree) if isinstance(node, (ast.Expr, ast.List))]
    in_lists = {id(node) for some in lists for node in ast.walk(some)}

    def rule(node):
        if id(node) in in_lists:  # a list that is put into itself would take all memory
            return []
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            others = [ast.Name(name, ast.Load()) for name in names if name != node.id]
            squared = ast.BinOp(node, ast.Pow(), ast.Constant(2))
            size = ast.Call(ast.parse("np.abs", mode="eval").body, [node], [])
            return [*others, squared, ast.UnaryOp(ast.USub(), node), size]
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)) and node.value:
            if any(id(inner) in in_lists for inner in ast.walk(node.value)):
                return []
            values = itertools.chain(one_more(node.value, names), renamed(node.value, names))
            return [with_field(node, "value", value) for value in values]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "range":
            return shorter_ranges(node)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
            return [ast.BinOp(node.left, operation(), node.right) for operation in OPERATIONS]
        if isinstance(node, ast.Attribute):
            family = next((f for f in FAMILIES if node.attr in f), ())
            return [ast.Attribute(node.value, name, ast.Load()) for name in family]
        if isinstance(node, (ast.FunctionDef, ast.For)):
            return [with_field(node, "body", lines) for lines in exchanges(node.body)]
        return []

    return rule


def one_more(value, names):
    """An expression with one more factor or term."""
    for name in names:
        for operation in (ast.Mult, ast.Div, ast.Add):
            yield ast.BinOp(value, operation(), ast.Name(name, ast.Load()))


APPLIED = ("np.exp({0})", "np.tanh({0})", "1 / (1 + np.exp(-{0}))", "1 - {0}")


def renamed(value, names):
    """An expression in which a variable is another one, or a function of itself, everywhere."""
    used = sorted({n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & set(names))
    for name in used:
        others = [other for other in names if other != name]
        for text in [*others, *(form.format(name) for form in APPLIED)]:
            new = ast.Expression(copy.deepcopy(value))
            for place, node, _ in places(new):
                if isinstance(node, ast.Name) and node.id == name:
                    place(ast.parse(text, mode="eval").body)
            yield new.body


def shorter_ranges(node):
    """A loop without its first or last round, or with one too many."""
    texts = {1: ("range(1, {0})", "range({0} - 1)", "range({0} + 1)"),
             2: ("range({0} + 1, {1})", "range({0}, {1} - 1)", "range({0}, {1} + 1)")}  # fmt: skip
    arguments = [ast.unparse(argument) for argument in node.args]
    forms = texts.get(len(arguments), ())
    return [ast.parse(form.format(*arguments), mode="eval").body for form in forms]


def exchanges(items):
    """The lines of a block, or other items, with two neighbors exchanged."""
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def with_field(node, name, value):
    changed = copy.copy(node)
    setattr(changed, name, value)
    return changed
