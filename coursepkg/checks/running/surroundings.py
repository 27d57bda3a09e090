"""What an answer changes around itself, most often by accident, is noticed or put back."""

import contextlib
import io
import os
import random
import sys

import numpy as np

KEPT = (
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.getprofile, sys.setprofile),
    (random.getstate, random.setstate),
    (np.random.get_state, np.random.set_state),
    (os.getcwd, os.chdir),
)


class NumPyChanged(Exception):
    """The answer assigned to a name in NumPy; the message says to which."""


@contextlib.contextmanager
def put_back():
    """Put back everything that one call can set for the whole process."""
    before = []
    for get, put in KEPT:
        with contextlib.suppress(OSError):  # the working directory was deleted
            before.append((put, get()))
    try:
        with np.printoptions():
            yield
    finally:
        for put, value in before:
            with contextlib.suppress(OSError):
                put(value)


@contextlib.contextmanager
def numpy_as_it_is():
    """NumPyChanged if a name of NumPy means something else afterward; it is put back."""
    before, changed = dict(vars(np)), []
    try:
        yield
    finally:
        now = vars(np)
        changed += [name for name in before if now.get(name) is not before[name]]
        for name in changed:
            setattr(np, name, before[name])
    if changed:
        raise NumPyChanged(" and ".join(f"`np.{name}`" for name in changed))


class Printed(io.StringIO):
    """Keeps the beginning of what is printed, and stays open if the answer closes it."""

    def __init__(self, most):
        super().__init__()
        self.most = most

    def write(self, text):
        super().write(text[: max(0, self.most - self.tell())])
        return len(text)

    def close(self):
        pass
