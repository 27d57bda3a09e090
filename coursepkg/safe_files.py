"""Files that are never half written and never overwritten by mistake.

Nothing is written in place. Content goes to a temporary file in the same folder, is flushed to the
disk, and only then gets its name: by a replace where the old content is known and not needed, and
everywhere else by an operation that fails when the name is taken.
"""

import contextlib
import hashlib
import os
import secrets

TEMPORARY = ".coursepkg-tmp-"
NOT_A_FILE = "not a file"  # returned instead of a hash; no hash equals it


def remove_stale(folder):
    """Remove the temporary files that a killed run left in `folder`."""
    for stale in folder.glob(f"{TEMPORARY}*"):
        if stale.is_file():
            stale.unlink(missing_ok=True)


def check_writable(folder):
    """Raise OSError unless a file can be written in `folder`; permissions alone are no proof."""
    with _temporary(folder, b"probe"):
        pass


def hash_bytes(data):
    return hashlib.sha256(data).hexdigest()


def hash_file(path):
    """The hash of a file, None if nothing has that name, NOT_A_FILE for a folder and the like."""
    if not os.path.lexists(path):
        return None
    return hash_bytes(path.read_bytes()) if path.is_file() else NOT_A_FILE


@contextlib.contextmanager
def _temporary(folder, data):
    """A complete file of `data`, flushed to disk; the caller keeps it by giving it a name."""
    path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        with open(path, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        with contextlib.suppress(OSError):  # already renamed, or the next sync removes it
            os.unlink(path)


def write_file(path, data):
    """Replace the contents of `path`; at every moment it holds all of the old or all of the new."""
    with _temporary(path.parent, data) as temporary:
        os.replace(temporary, path)


def replace_if_unchanged(path, data, seen):
    """Replace the file if its hash is still `seen`; returns whether it was."""
    with _temporary(path.parent, data) as temporary:
        # POSIX cannot compare and replace in one operation. So the hash is checked as late as
        # possible: only a save between this line and the next could be lost.
        if unchanged := hash_file(path) == seen:
            os.replace(temporary, path)
    return unchanged


def create_if_free(path, data):
    """Write `data` under a free name; returns whether the name was free. Never overwrites."""
    with _temporary(path.parent, data) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError:  # no hard links here: memory sticks, some network drives
            return _reserve_and_fill(path, data)
    return True


def _reserve_and_fill(path, data):
    """Without hard links: an empty file takes the name, then the content replaces it.

    A run killed in between leaves that empty file behind, never half of a notebook, and the next
    sync fills it.
    """
    try:
        open(path, "xb").close()
    except FileExistsError:
        return False
    try:
        return replace_if_unchanged(path, data, hash_bytes(b""))
    except BaseException:
        if hash_file(path) == hash_bytes(b""):
            os.unlink(path)
        raise
