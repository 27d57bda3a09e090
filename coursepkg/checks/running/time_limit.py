"""A limit on how long somebody else's code may run in this process."""

import _thread
import contextlib
import signal
import sys
import threading


class TimeIsUp(Exception):
    """The code was stopped because its time was over."""


def limited(seconds, function):
    """function(), but stopped with TimeIsUp after `seconds`."""
    with Clock(seconds) as clock:
        return clock.watch(function)


class Clock:
    """With a Clock, what it watches is stopped with TimeIsUp after `seconds` in all.

    A second thread interrupts the main one as Ctrl-C does, which works on every system, but not
    inside a single long computation in C, and only in the main thread: elsewhere nothing is
    limited. Nor is code that makes its process deaf to Ctrl-C.
    A real Ctrl-C stays a KeyboardInterrupt.
    """

    def __init__(self, seconds):
        self.seconds = seconds
        self.over, self.late = threading.Event(), threading.Event()
        self.watching = False
        self.thread = threading.Thread(target=self._wait, daemon=True)

    def __enter__(self):
        self.limits = threading.current_thread() is threading.main_thread()
        if self.limits:
            self.handler = signal.signal(signal.SIGINT, self.interrupted)
            self.thread.start()
        return self

    def __exit__(self, *_):
        if self.limits:
            self.over.set()
            self.thread.join()
            with contextlib.suppress(TypeError):  # the handler before was none of Python's
                signal.signal(signal.SIGINT, self.handler)

    def watch(self, function):
        """function(), interrupted when the time is up; the clock itself never is."""
        if not self.limits:
            return function()
        trace = sys.gettrace()
        try:
            self.watching = True
            if self.seconds <= 0 or self.late.is_set():  # it rang before anybody watched
                self._raise()
            return function()
        finally:
            self.watching = False
            sys.settrace(trace)
            signal.signal(signal.SIGINT, self.interrupted)  # the function may have set another

    def _wait(self):
        if not self.over.wait(self.seconds):
            self.late.set()
            if hasattr(signal, "pthread_kill") and callable(signal.getsignal(signal.SIGINT)):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # wakes a sleep
            else:
                _thread.interrupt_main()

    def interrupted(self, number, frame):
        """What the main thread does when it is interrupted, by the clock or by the learner."""
        if not self.late.is_set():
            raise KeyboardInterrupt
        if not self.watching:  # a moment too early or too late
            return
        # Code that catches everything would catch this, too. So each of its next lines raises.
        sys.settrace(lambda *_: None)
        while frame is not None and frame.f_code is not Clock.watch.__code__:
            frame.f_trace = self._insist
            frame = frame.f_back
        self._raise()

    def _insist(self, frame, event, argument):
        if event == "line":
            self._raise()
        return self._insist

    def _raise(self):
        raise TimeIsUp(f"it was stopped after {self.seconds:.2g} seconds")
