"""Which statements of a notebook an answer needs: its own definition, and what that reads.

A notebook is graded question by question, and only these statements are run. So a cell that fails,
or never ends, or does harm, costs no other answer anything, and neither do the order of the cells,
scratch work and copies. Names are found as Python finds them, in compiled code. What gives names
that are not written in it, as `from numpy import *` does, is run where it may have given one.
"""

import __future__

import ast
import builtins
import dis
import functools
import linecache
import operator
import re
import types
from dataclasses import dataclass, field

from coursepkg.checks.running.globals_read import loaded

# What may give names that are not written: these, a star import, and a magic such as `%pylab`.
HIDING = {"exec", "globals", "locals", "vars", "get_ipython"}
GIVEN = {*vars(builtins), "get_ipython", "display"}  # by Python, and by `answer.notebook`


@dataclass
class Statement:
    """A statement of a cell. question: whose answer cell it is; else empty."""

    node: ast.stmt
    code: types.CodeType
    cell: int
    question: str

    @functools.cached_property
    def binds(self):
        """The names that it gives a value."""
        return names(self.code, "STORE_NAME", "STORE_GLOBAL")

    @functools.cached_property
    def reads(self):
        """The names of the notebook that it reads, at once or when what it defines is called."""
        return loaded(self.code)

    @functools.cached_property
    def touches(self):
        """The names of the things that it changes in part."""
        return set(touched(self.node))

    @functools.cached_property
    def done(self):
        """Whether it is not the stub that was released."""
        functions = [n for n in ast.walk(self.node) if isinstance(n, ast.FunctionDef)]
        raised = [n for each in functions for n in each.body if isinstance(n, ast.Raise)]
        return all(ast.unparse(each) != "raise NotImplementedError()" for each in raised)

    @functools.cached_property
    def hides(self):
        """Whether it may bind names that are not written in it."""
        stars = (is_star(node) for node in ast.walk(self.node))
        return any(stars) or not HIDING.isdisjoint(names(self.code, "LOAD_NAME", "LOAD_GLOBAL"))

    @property
    def imports(self):
        return isinstance(self.node, (ast.Import, ast.ImportFrom))


@dataclass
class Statements:
    """All statements, and {question: the SyntaxError of its cell}."""

    all: list = field(default_factory=list)
    broken: dict = field(default_factory=dict)


def statements_of(cells):
    """The Statements of [(source, question whose answer cell it is, or ""), …]."""
    found, flags = Statements(), future(cells)
    for number, (source, question) in enumerate(cells):
        name = f"<cell {number}>"
        # A traceback looks here for the lines that it shows.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            nodes = ast.parse(source, name).body
            parts = [part for node in nodes for part in single(node)]
            for part in parts:
                module = ast.Module([part], [])
                code = compile(module, name, "exec", flags=flags, dont_inherit=True)
                found.all.append(Statement(part, code, number, question))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if question:
                found.broken[question] = error
    return found


def future(cells):
    """What `from __future__ import …` switches on, for all cells as in a notebook."""
    imported = re.findall(r"(?m)^from __future__ import +(\w+)", "\n".join(s for s, _ in cells))
    features = [getattr(__future__, name) for name in imported if name in __future__.__all__]
    return functools.reduce(operator.or_, (each.compiler_flag for each in features), 0)


def single(node):
    """`import a, b` as two statements: one of them may be missing here."""
    if not isinstance(node, ast.Import):
        return [node]
    return [ast.copy_location(ast.Import([alias]), node) for alias in node.names]


def names(code, *operations):
    return {i.argval for i in dis.get_instructions(code) if i.opname in operations}


def is_star(node):
    """Whether it is `from … import *`."""
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def touched(node):
    """The names `x` in `x[...] = …`, `x.y = …` and `x.method(…)`, outside of functions."""
    left = [node]  # and no recursion, because a long sum is a deep tree
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            yield from base(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from base(node.func)
        left += ast.iter_child_nodes(node)


def base(node):
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def definition(statements, question):
    """The statement that gives a question its answer, or None.

    A finished one goes before a stub, then one in the question's own cell before one elsewhere;
    of those that are left the last one counts.
    """
    found = [each for each in statements.all if question in each.binds]
    order = [(each.done, each.question == question, i) for i, each in enumerate(found)]
    return found[max(order)[-1]] if found else None


def needed(statements, target, question):
    """The statements that `target`, an answer, needs, and itself, in the order of the notebook.

    A name has the value that it has after the target's cell, where its check stands, in a notebook
    that is run from top to bottom; what is found only below is taken from there. A star import
    above always runs: it may bind any name anew, those of Python too. What else hides its names may
    do anything, and runs only for a name that is found nowhere.
    """
    everything = statements.all
    place = next(i for i, each in enumerate(everything) if each is target)
    end = max(i for i, each in enumerate(everything) if each.cell == target.cell)
    below = [i for i in range(place + 1, end + 1) if question in everything[i].touches]
    stars = [i for i in range(end + 1) if is_star(everything[i].node)]
    chosen, names_seen = {place, *below, *stars}, set()
    left = set().union(*(everything[i].reads - {question} for i in below)) | target.reads
    while left:
        name = left.pop()
        names_seen.add(name)
        binding = [i for i, each in enumerate(everything) if name in each.binds]
        if not binding and name not in GIVEN:
            binding = [i for i, each in enumerate(everything) if each.hides]
        if name == question:  # what it was before
            binding = [i for i in binding if i < place]
        binding = [i for i in binding if i <= end] or binding
        if any(not everything[i].imports for i in binding):
            last = max(*binding, end)
            binding += [i for i, s in enumerate(everything[: last + 1]) if name in s.touches]
        for i in binding:
            chosen.add(i)
            left |= everything[i].reads - names_seen
    return [everything[i] for i in sorted(chosen)]
