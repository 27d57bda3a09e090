"""From the file of a submission to the sources in it, without importing or running anything of it.

`read` opens the file and returns its bytes; `read_sheet` hands them to `reading/`, which runs in a
process of its own with limits on time and memory and writes what it found. So a file that breaks
Python's JSON reader breaks that process and not the grading of the class.

nbformat is not used: it would validate, invent ids and upgrade metadata, and refuse where that
fails. All that is wanted are the sources, and whose question they answer.
"""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 200_000_000  # of a notebook, outputs and all
MOST_OUTPUT = 32_000_000  # bytes of what the reading process writes; 4 million characters fit
SECONDS = 20  # of the processor, for reading
PATIENCE = 120  # seconds by the wall clock, which depends on the machine more than on the file
READER = Path(__file__).with_name("__main__.py")
FOLDER = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_DIRECTORY", 0)
# Not blocking: opening a pipe would wait for somebody to write into it.
FILE = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
LINKS = (
    "It has a second name somewhere (a hard link), so it may be somebody else's file. "
    "Copy it, and grade the copy."
)


class Unreadable(Exception):
    """A submission cannot be read; the message says why, in words for the instructor."""


@dataclass(frozen=True)
class Cell:
    """Code of a submission. question: the question whose answer cell it is, by its id, or empty."""

    source: str
    question: str = ""


@dataclass(frozen=True)
class Sheet:
    """What is read from a submission.

    cells: the code in the order of the notebook, without check cells; Python, magics translated.
    words: {id: text} of the answers in words that are there. repairs: what was not as released but
    tolerated, as sentences for the instructor.
    """

    cells: tuple
    words: dict
    repairs: tuple


def read(path, folder=None):
    """The bytes of the file `path`, or Unreadable.

    No link below `folder` is followed (without it: the file itself must be none). Each name is
    opened within the folder opened before it, so that nobody can put a link there in between.
    """
    path = Path(path)
    folder = path.parent if folder is None else Path(folder)
    parts = path.relative_to(folder).parts
    if not parts or ".." in parts:
        raise Unreadable("Its path leads out of the folder of submissions.")
    try:
        descriptor = open_below(folder, parts)
        try:
            about = os.fstat(descriptor)
            refuse(about)
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(about.st_size + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            why = "It is a link, or lies behind one. Links are not followed: copy the file itself."
            raise Unreadable(why) from None
        raise Unreadable(f"It cannot be opened: {error.strerror}.") from None
    if len(data) != about.st_size:
        raise Unreadable("It changed while it was read. Grade it once it is all there.")
    return data


def open_below(folder, parts):
    """A descriptor of the file that is reached from folder by the names in parts."""
    here = os.open(folder, FOLDER)
    try:
        for part in parts[:-1]:
            inside = os.open(part, FOLDER | NO_LINK, dir_fd=here)
            os.close(here)
            here = inside
        return os.open(parts[-1], FILE | NO_LINK, dir_fd=here)
    finally:
        os.close(here)


def refuse(about):
    """Raise Unreadable if fstat shows a file that must not be read."""
    if not stat.S_ISREG(about.st_mode):
        raise Unreadable("It is not an ordinary file.")
    if about.st_nlink > 1:
        raise Unreadable(LINKS)
    if about.st_size > MOST_BYTES:
        size = f"{about.st_size / 1e6:.0f} MB, and {MOST_BYTES / 1e6:.0f} MB are read at most"
        raise Unreadable(f"It is too large: {size}. Clear its outputs, and grade it again.")


def read_sheet(data, questions, words, others=None):
    """The Sheet that the bytes of a notebook hold, or Unreadable.

    questions: the names of the set's questions in code, in the order of the notebook. words: the
    ids of its questions in words. Either may be a dict with the points, which are compared then.
    others: {question: set} of other sets, to say which one it seems to be. OSError if this
    machine cannot start a process, stops it or ends it: that says nothing about the submission.
    """
    asked = {"questions": pointed(questions), "words": pointed(words), "others": others or {}}
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(READER), json.dumps(asked)]
    with tempfile.TemporaryFile() as output:  # not a pipe: a file has a limit on its size
        try:
            done = subprocess.run(
                command,
                input=data,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                start_new_session=True,  # Ctrl-C is for us
                env={},
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            raise OSError(f"reading it took longer than {PATIENCE} seconds") from None
        output.seek(0)
        return sheet_from(output.read(MOST_OUTPUT + 1), done.returncode)


def pointed(names):
    """{name: points, or None where they are not known}."""
    return dict(names) if isinstance(names, dict) else dict.fromkeys(names)


def sheet_from(output, status):
    """The Sheet in the output of the reading process, which ended with a status."""
    if status == -signal.SIGXCPU:
        raise Unreadable(f"It takes longer than {SECONDS} seconds to read.")
    if status in (-signal.SIGKILL, -signal.SIGTERM):  # not by itself: it is tried again
        raise OSError(f"the process that reads it was ended by signal {-status}")
    if status != 0 or len(output) > MOST_OUTPUT:
        raise Unreadable(f"The process that reads it broke down over it (status {status}).")
    try:
        reply = json.loads(output)
        if "why" in reply:
            raise Unreadable(reply["why"])
        cells = tuple(Cell(source, question) for source, question in reply["cells"])
        return Sheet(cells, dict(reply["words"]), tuple(reply["repairs"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unreadable("The process that reads it told nothing that makes sense.") from None
