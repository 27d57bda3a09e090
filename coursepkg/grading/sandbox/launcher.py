"""The first process in the sandbox: it starts one process for each question, and outlives them.

It reads jobs from its input, a line each, and answers each with a line of JSON that says how the
question's process ended, followed by the bytes which that process left. As process 1 of its own
space it cannot be killed, stopped or looked into from inside; and when a question is over it ends
all that is left of it. Without bubblewrap (`--unsafe`) it is an ordinary process.

Called with the folder in which `coursepkg` and NumPy are found.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import select
import signal
import sys
import time

MEGABYTE = 1 << 20
SECONDS = 10  # for a question: twice the 4 seconds that a check allows, and some more
MOST_BYTES = 5_000_000  # a little more than an honest answer sends
LIMITS = {
    resource.RLIMIT_AS: 1024 * MEGABYTE,
    resource.RLIMIT_CPU: SECONDS + 2,  # the clock comes first, and says that it was the time
    resource.RLIMIT_FSIZE: 4 * MEGABYTE,
    resource.RLIMIT_NPROC: 6,  # this one, the question's, its clock, and three to spare
    resource.RLIMIT_NOFILE: 32,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
}
PR_SET_DUMPABLE = 4
TMP, MOST_FILES = "/tmp", 1000
SANDBOXED = os.getpid() == 1  # now, before there is another process: /tmp is its own, too


def main(folder):
    sys.path.insert(0, folder)
    from coursepkg.checks.running.answer import run_job

    jobs, results = take_channels()
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)  # nobody may read or change its memory
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # what is there now is left alone, so that the processes can share its memory
    write(results, b'{"ready": true}\n')
    for line in jobs:
        ended, raw = run_apart(lambda line=line: run_job(json.loads(line)), jobs, results)
        write(results, json.dumps({"ended": ended, "bytes": len(raw)}).encode() + b"\n" + raw)
        if SANDBOXED and os.listdir(TMP):
            return  # where something was left, nothing else is run: the judge makes a new sandbox


def take_channels():
    """Input and output to the judge, under numbers that no question's process has."""
    jobs, results = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    return jobs, results


def write(file, data):
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def run_apart(function, jobs, results):
    """(how it ended, its bytes) of `function`, called in a process of its own."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.setsid()
            os.close(reading)
            os.close(results)
            os.close(jobs.fileno())
            be_limited()
            write(writing, function())
            os._exit(0)
        except BaseException:
            os._exit(1)
    os.close(writing)
    handle = os.pidfd_open(process)
    try:
        raw, problem = collect(reading, handle)
    finally:
        os.close(handle)
        os.close(reading)
        ended = end_all(process)
    return problem or ended, b"" if problem else raw


def be_limited():
    for name, most in LIMITS.items():
        if name == resource.RLIMIT_NPROC and not SANDBOXED:
            continue  # it would count all processes that the same user has
        _, hard = resource.getrlimit(name)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (most, most))
    signal.signal(signal.SIGINT, signal.default_int_handler)


def collect(reading, handle):
    """(bytes, "") that a process wrote until it ended; or why nothing of it counts."""
    raw, end, over = bytearray(), time.monotonic() + SECONDS, False
    os.set_blocking(reading, False)
    while not over:
        left = end - time.monotonic()
        if left <= 0:
            return raw, "time"
        if SANDBOXED and files_made() > MOST_FILES:
            return raw, "too much"
        ready, _, _ = select.select([reading, handle], [], [], min(left, 0.1))
        over = handle in ready  # whatever it wrote is in the pipe by now
        while reading in ready and (data := read(reading)) is not None:
            raw += data
            if len(raw) > MOST_BYTES:
                return raw, "too much"
            if not data:  # it closed the pipe, and has perhaps not ended
                ready, over = [], True
    return raw, ""


def files_made():
    """How many there are in /tmp: each takes memory of the kernel, which no other limit counts."""
    about = os.statvfs(TMP)
    return about.f_files - about.f_ffree


def read(file):
    """The next bytes, none at the end, None if there are none at the moment."""
    try:
        return os.read(file, 1 << 16)
    except BlockingIOError:
        return None


def end_all(process):
    """How the process ended; it, and as process 1 all that it has started, is ended by now."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1 if SANDBOXED else -process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    with contextlib.suppress(ChildProcessError):
        while SANDBOXED:  # what it has started is a child of process 1 by now
            os.waitpid(-1, 0)
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else f"signal {-code}"


if __name__ == "__main__":
    main(sys.argv[1])
