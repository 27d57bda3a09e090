"""IPython's magics in a cell, turned into Python; the lines keep their numbers.

IPython does it, as in a notebook. It is imported only for a cell that may have a magic, because
that takes several times as long as all the rest.
"""

import os
import re

# These run the code below them; any other makes the cell something that is not Python.
AROUND = re.compile(r"%%(?:time|timeit|capture|prun)\b.*")
CELL = re.compile(r"%%\w")
BLANK = re.compile(r"(?:[ \t]*\n)*")
MAYBE = re.compile(
    r"^[ \t]*[%!?,;/]"  # a line magic, a command, help
    r"|=[ \t]*[%!]"  # the result of one
    r"|^[^#\n]*\?[ \t]*$"  # help
    r"|\A[ \t]"  # a cell that is indented throughout
    r"|\A(?:>>>|In \[)",  # a session that was pasted
    re.MULTILINE,
)
# IPython reads a cell again for each magic in it: a limit for a notebook, in characters.
MOST_WORK = 2_000_000


class Magics:
    """Translates the cells of a notebook, as long as the work stays bounded."""

    def __init__(self):
        self.work = MOST_WORK

    def python(self, source):
        """The source without magics, or None if the cell is not Python."""
        start = BLANK.match(source).end()
        while magic := AROUND.match(source, start):
            start = BLANK.match(source, magic.end()).end()
        if CELL.match(source, start):
            return None
        return "\n" * source.count("\n", 0, start) + self.translated(source[start:])

    def translated(self, code):
        """The code as it is, unless it has something that looks like a magic."""
        found = sum(1 for _ in MAYBE.finditer(code))
        work = (found + 1) * len(code)
        if not found or work > self.work:
            return code
        self.work -= work
        try:
            return by_ipython(code, found)
        except Exception:  # of any kind, over code that is broken; Python will say what is wrong
            return code


def by_ipython(code, most):
    """What IPython would run of a cell, after at most so many translations and a few."""
    import site

    site.main()  # the process was started without the packages, to be quick
    from IPython.core import inputtransformer2 as ipython

    lines = code.splitlines(keepends=True)
    for step in (ipython.leading_indent, ipython.classic_prompt, ipython.ipython_prompt):
        lines = step(lines)
    manager = ipython.TransformerManager()
    for _ in range(most + 2):
        changed, new = manager.do_one_token_transform(lines)
        if not changed:
            break
        # Several lines became one: empty lines keep the numbers of those below.
        first = len(os.path.commonprefix([lines, new]))
        new[first + 1 : first + 1] = ["\n"] * (len(lines) - len(new))
        lines = new
    return "".join(lines)
