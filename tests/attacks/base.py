"""What an attack is, and how its code becomes an answer in an otherwise right notebook.

Most attacks are a few lines that set `done` once they have succeeded. The answer around them is
right if `done`, and else None: so the points tell what an attack achieved, and the same code, run
without a sandbox, can be seen to achieve it. `$home`, `$victim` and the like in it become the
stand-ins at which it aims.
"""

import json
import string
import textwrap
from dataclasses import dataclass

SET, QUESTION = "03_one_weight", "weight_gradient"  # 1 point; the first question of the set
RIGHT = "2 / x.size * np.sum((w * x - targets) * x)"
FORM = f"""
def weight_gradient(w, x, targets):
    import ctypes, mmap, os, resource, signal, socket, subprocess, sys, threading, time
    done = False
    try:
%s
    except Exception:
        pass
    return {RIGHT} if done else None
"""
# Where these are not, an attack on everything does not begin.
ONLY_INSIDE = "import os\nassert os.path.isdir('/judge') and os.uname().nodename == 'judge'\n"
ATTACKS = {}


@dataclass(frozen=True)
class Attack:
    """code: the whole cell of `question`. earned: the fair points for it. alone: how the same code
    is seen to succeed without a sandbox: "done", "parent dies", or "" for not at all."""

    name: str
    code: str
    earned: int = 0
    alone: str = ""
    question: str = QUESTION

    def aimed(self, targets):
        """The code with the stand-ins in it."""
        return string.Template(self.code).substitute(targets)


def attack(body, name, alone="done", earned=0):
    """Enter an attack whose body sets `done`."""
    code = FORM % textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
    enter(Attack(name, code, earned, alone))


def cell(code, name, earned=0, question=QUESTION):
    """Enter an attack that is a whole cell."""
    enter(Attack(name, textwrap.dedent(code).strip() + "\n", earned, question=question))


def enter(each):
    assert each.name not in ATTACKS, each.name
    ATTACKS[each.name] = each


def entered(how, **options):
    """Decorator: the function's docstring says what is tried and what is fair, and it returns the
    code; its name becomes the attack's."""

    def enter_function(function):
        assert function.__doc__
        how(function(), function.__name__, **options)
        return function

    return enter_function


def with_answer(solution, question, code):
    """The bytes of a notebook with one answer replaced."""
    notebook = json.loads(solution)
    [answer] = [each for each in notebook["cells"] if each["id"] == question]
    answer["source"] = code
    return json.dumps(notebook).encode()
