"""What tests take from the machine: time, and ports for their servers."""

import contextlib
import itertools
import os
import socket

PATIENCE = 120  # seconds, for what is there at once unless the machine has a lot else to do
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Ports of this process alone, below those that the system gives to whoever asks for any.
PORTS = itertools.cycle(range(10_000 + 500 * WORKER, 10_500 + 500 * WORKER))


def free_port():
    """A port on which nobody listens, nor will another process of these tests.

    A port that the system calls free is only kept from the moment that somebody listens on it, and
    a kernel or a server listens a moment after its port was chosen.
    """
    while True:
        port = next(PORTS)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
