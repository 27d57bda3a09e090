"""Which numbers and arrays an answer reads from the notebook and not from its arguments.

It inspects code and runs none of it.
"""

import dis
import inspect
import types

import numpy as np

DATA = (np.ndarray, np.generic, int, float, list, tuple, dict)


def globals_read(answer):
    """The names of the notebook's numbers and arrays that the code of an answer reads."""
    candidates = vars(answer).values() if inspect.isclass(answer) else [unwrapped(answer)]
    names = {
        name
        for function in candidates
        if type(function) is types.FunctionType  # an object that only claims to be one has no code
        for name in loaded(function.__code__)
        if holds_data(dict.get(function.__globals__, name)) and not name.isupper()
    }
    return tuple(sorted(names))


def unwrapped(answer):
    """The function inside decorators; the answer itself if it only seems to have some."""
    try:
        return inspect.unwrap(answer)
    except Exception:  # it wraps itself, or claims to have every attribute
        return answer


def loaded(code):
    """The global names that code and the functions inside it read."""
    names = {
        i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= loaded(constant)
    return names


def holds_data(value):
    """Whether it is a number, an array or a container of them; only its type is asked."""
    return issubclass(type(value), DATA)
