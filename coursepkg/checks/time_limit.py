"""A limit on how long somebody else's code may run in this process."""

import _thread
import contextlib
import signal
import sys
import threading


class TimeIsUp(Exception):
    """The code was stopped because its time was over."""


def limited(seconds, function):
    """function(), but stopped with TimeIsUp after `seconds`.

    A second thread interrupts the main one as Ctrl-C does, which works on every system, but not
    inside a single long call into C, and only in the main thread: elsewhere nothing is limited.
    A real Ctrl-C stays a KeyboardInterrupt.
    """
    if threading.current_thread() is not threading.main_thread():
        return function()
    clock = Clock(seconds)
    handler, trace = signal.signal(signal.SIGINT, clock.interrupted), sys.gettrace()
    try:
        clock.start()
        return function()
    finally:
        clock.stop()
        sys.settrace(trace)
        with contextlib.suppress(TypeError):  # the handler before was none of Python's
            signal.signal(signal.SIGINT, handler)


class Clock:
    """Interrupts the main thread once, when the time is up, unless it was stopped before."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.over, self.late = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._wait, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.over.set()
        self.thread.join()

    def _wait(self):
        if not self.over.wait(self.seconds):
            self.late.set()
            _thread.interrupt_main()

    def interrupted(self, number, frame):
        """What the main thread does when it is interrupted, by the clock or by the learner."""
        if self.over.is_set():  # a moment too late: the code has come to its end
            return
        if not self.late.is_set():
            raise KeyboardInterrupt
        # Code that catches everything would catch this, too. So each of its next lines raises.
        sys.settrace(lambda *_: None)
        while frame is not None and frame.f_code is not limited.__code__:
            frame.f_trace = self._insist
            frame = frame.f_back
        self._raise()

    def _insist(self, frame, event, argument):
        if event == "line":
            self._raise()
        return self._insist

    def _raise(self):
        raise TimeIsUp(f"it was stopped after {self.seconds:.2g} seconds")
