"""Runs attacks without a sandbox, to see that they would succeed: {name: what happened}.

A script. It reads {"targets": {...}, "codes": {name: code}} from stdin; each attack has a parent
and a victim of its own, which end with it.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import string
import sys
import time

import numpy as np

BUFFER = ctypes.create_string_buffer(b"a secret")
CASE = {"w": 0.5, "x": np.array([3.0, 1.0]), "targets": np.array([2.0, -3.0])}
EXPECTED = 2.0
LIMITED = 7


def run(code, targets):
    """ "done", what became of the parent, or what the answer was instead."""
    victim = forked(lambda: time.sleep(60))
    aimed = string.Template(code).substitute(
        targets, victim=victim, address=ctypes.addressof(BUFFER)
    )
    reading, writing = os.pipe()
    parent = forked(lambda: be_parent(aimed, writing))
    os.close(writing)
    _, status = os.waitpid(parent, os.WUNTRACED)
    for process in (parent, victim):
        end_group(process)
    if os.WIFSTOPPED(status):
        os.waitpid(parent, 0)
    os.waitpid(victim, 0)
    with os.fdopen(reading, "rb") as file:
        said = file.read().decode()
    if os.WIFSIGNALED(status):
        return "parent dies"
    if os.WIFSTOPPED(status):
        return "parent stops"
    return "limits parent" if os.WEXITSTATUS(status) == LIMITED else said


def be_parent(code, writing):
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    child = os.fork()
    if child == 0:
        os.write(writing, answered(code).encode())
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.1)  # a signal may be on its way
    if resource.getrlimit(resource.RLIMIT_NPROC) != before:
        os._exit(LIMITED)


def answered(code):
    try:
        space = {"np": np}
        exec(code, space)
        value = space["weight_gradient"](**CASE)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "done" if value == EXPECTED else f"{value}"


def forked(function):
    """A process in a group of its own."""
    process = os.fork()
    if process == 0:
        os.setpgid(0, 0)
        function()
        os._exit(0)
    return process


def end_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    seen = {name: run(code, asked["targets"]) for name, code in asked["codes"].items()}
    print(json.dumps(seen))
