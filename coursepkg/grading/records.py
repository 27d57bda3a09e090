"""What is known of each submission: a file for each, written as soon as it is graded.

A run that is killed leaves whole records or none, and the next run goes on from there. The secret
seed of the class is in the folder of the class.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets

from coursepkg.errors import CourseError
from coursepkg.grading.record import from_dict
from coursepkg.safe_files import create_if_free, remove_stale, write_file

SEED = "secret-seed.txt"
DONE = ("graded", "repaired", "unreadable")  # a failure of the judge is tried again
LOCK = "running.lock"
LONGEST_SEED = 1000  # digits; Python reads no number of many thousands


class GradingError(CourseError):
    """Grading cannot begin or go on; the message says why. What is graded is not lost."""


@contextlib.contextmanager
def only_one(folder):
    """GradingError if another run is at work in `folder`; a killed one holds nothing."""
    import fcntl  # not on Windows, where nothing is graded

    with open(folder / LOCK, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GradingError(f"another `coursepkg grade` is at work in {folder}") from None
        yield


def secret_seed(folder):
    """The seed of the class, made when it is first asked for; whole once it is there."""
    path, made = folder / SEED, f"{secrets.randbits(128)}\n".encode()
    create_if_free(path, made)
    path.chmod(0o600)
    if not path.read_bytes():  # a run was killed here, on a disk that knows no hard links
        write_file(path, made)
        path.chmod(0o600)
    text = path.read_bytes().strip()
    if not text.isdigit() or len(text) > LONGEST_SEED:
        raise GradingError(f"{path} does not hold a whole number; every grade depends on it")
    return int(text)


class Records:
    """The records of one assignment, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale(folder)

    def path(self, student):
        """A student's file. Its name works on every system, and no two students share one."""
        exact = hashlib.sha256(os.fsencode(student)).hexdigest()[:16]
        return self.folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', student)[:40]}-{exact}.json"

    def get(self, student):
        """The Record of a student, or None; also if the file is damaged."""
        record = read_record(self.path(student))
        return record if record and record.student == student else None

    def all(self):
        """Every Record that can be read, of former runs, too."""
        found = [(path, read_record(path)) for path in sorted(self.folder.glob("*.json"))]
        return [record for path, record in found if record and self.path(record.student) == path]

    def put(self, record):
        text = json.dumps(record.as_dict(), indent=1, sort_keys=True)
        write_file(self.path(record.student), text.encode() + b"\n")

    def is_done(self, student, sha256, fingerprint):
        """Whether this very submission was graded by this very code."""
        record = self.get(student)
        return (
            record is not None
            and record.status in DONE
            and (record.sha256, record.fingerprint) == (sha256, fingerprint)
        )


def read_record(path):
    """The Record in a file, or None if it is damaged: it is made anew from its submission."""
    try:
        return from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
