"""Compare what a chapter defines with what the package defines, as syntax trees.

A page may leave out what guards the arguments, so that the mathematics stands alone: docstrings,
decorators, comments, calls into `coursepkg.arguments` (which check an array, or bring it into the
form that the formula is written for), and `if ...: raise`. Of a class it may show a part of the
methods; those that it shows are the package's. All else must be the same.
"""

import ast
import importlib
import inspect

from coursepkg import arguments

GUARDS = {name for name, value in vars(arguments).items() if inspect.isfunction(value)}


class WithoutGuards(ast.NodeTransformer):
    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.decorator_list = []
        if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:]
        return node

    def visit_Expr(self, node):
        return None if self._is_guard(node.value) else self.generic_visit(node)

    def visit_Call(self, node):
        self.generic_visit(node)
        return node.args[0] if self._is_guard(node) else node

    @staticmethod
    def _is_guard(node):
        name = getattr(getattr(node, "func", None), "id", None)
        return isinstance(node, ast.Call) and name in GUARDS

    def visit_If(self, node):
        self.generic_visit(node)
        only_raises = all(isinstance(line, ast.Raise) for line in node.body) and not node.orelse
        return None if only_raises else node

    def visit_Assign(self, node):
        self.generic_visit(node)
        to_itself = ast.unparse(node.targets[0]) == ast.unparse(node.value)
        return None if to_itself else node


def package_definition(dotted):
    """The syntax tree of `coursepkg.module.name` or `coursepkg.package.module.Class.method`."""
    package, *names = dotted.split(".")
    module = importlib.import_module(package)
    while hasattr(module, "__path__"):  # as long as it is a package, the next name is a module
        module = importlib.import_module(f"{module.__name__}.{names.pop(0)}")
    tree = ast.parse(inspect.getsource(module))
    for name in names:
        tree = next(node for node in tree.body if getattr(node, "name", None) == name)
    return tree


def page_definition(source, name):
    (found,) = [node for node in ast.parse(source).body if getattr(node, "name", None) == name]
    return found


def differences(source, dotted):
    """Why the definition on the page is not the package's; empty if it is."""
    ours = package_definition(dotted)
    page = page_definition(source, ours.name)
    if not isinstance(ours, ast.ClassDef):
        return _compare(page, ours)
    if [ast.unparse(base) for base in page.bases] != [ast.unparse(base) for base in ours.bases]:
        return [f"{ours.name} has other base classes on the page"]
    methods = {node.name: node for node in ours.body if isinstance(node, ast.FunctionDef)}
    problems = []
    for part in page.body:
        if getattr(part, "name", None) not in methods:
            problems.append(f"the package's {ours.name} has no such part:\n{ast.unparse(part)}")
        else:
            problems += _compare(part, methods[part.name])
    return problems


def _compare(page, ours):
    # Only the package has guards to leave out: what the page shows must all be there.
    page, ours = ast.unparse(page), ast.unparse(WithoutGuards().visit(ours))
    return [] if page == ours else [f"on the page:\n{page}\nin the package:\n{ours}"]
