"""What ends a command without being a bug. Everything else shows its traceback."""


class CourseError(Exception):
    """What was asked for cannot be done; the message says why and what to do, in one line."""

    code = 1  # which the command exits with


class RequestError(CourseError, ValueError):
    """An argument asks for what there is not or cannot be; the message begins with its name."""

    code = 2
