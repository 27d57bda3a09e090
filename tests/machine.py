"""What tests take from the machine: time, and ports for their servers."""

import os
import socket

PATIENCE = 120  # seconds, for what is there at once unless the machine has a lot else to do


def free_port():
    """A port on which nobody listens, nor will another process of these tests.

    Whoever asks the system for a free port has it only from the moment that it listens. So of the
    processes that share the tests each takes only every so many-th.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        if port % count == number:
            return port
