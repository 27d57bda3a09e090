"""Fetch a published file whose size and SHA-256 are known: resumed, bounded and checked.

What has come so far is kept as `name.part`, so that the next mirror, or the next call, goes on
where the last one broke off. The file gets its own name only when its SHA-256 is right.
"""

import contextlib
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from coursepkg.safe_files import hash_bytes, write_file

CHUNK = 1 << 16  # bytes
SECONDS = (10, 30)  # to connect; then for each answer or piece of it


class _Refused(Exception):
    """A mirror did not send the file."""


class _Wrong(_Refused):
    """What came from it cannot be the file, so that there is nothing to resume."""


class _Direct(requests.Session):
    """A session that follows no redirect, since the mirrors send none.

    The body of one is read without any limit, even where allow_redirects is False.
    """

    def get_redirect_target(self, response):
        return None


def fetch(name, size, sha256, folder, mirrors):
    """Bring the file `name`, of `size` bytes, into `folder` from the first mirror that has it.

    mirrors: addresses of folders, with the slash at the end. Never takes more than `size` bytes
    from one. Raises ConnectionError, naming each mirror's host and its reason, if all fail.
    """
    partial, failures = folder / f"{name}.part", []
    for mirror in mirrors:
        try:
            _complete(partial, mirror + name, size)
            data = _checked(partial, sha256)
        # FileNotFoundError: another notebook fetches the same file, and was done with it first.
        except (requests.RequestException, _Refused, FileNotFoundError) as error:
            if isinstance(error, _Wrong):
                _discard(partial)
            # What requests says is long, and its class says the same.
            reason = error if isinstance(error, _Refused) else type(error).__name__
            failures.append(f"{urlsplit(mirror).netloc} ({reason})")
        else:
            # Not a rename of the partial file: another notebook may have it open and write to it.
            write_file(folder / name, data)
            _discard(partial)
            return
    raise ConnectionError(f"{name} was tried from {', '.join(failures)}")


def _complete(partial, url, size):
    """Ask for what `partial` lacks of `size` bytes, and add it."""
    there = partial.stat().st_size if partial.exists() else 0
    if there >= size:  # nothing is left to ask for, and yet it was never found right
        there = 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
    with (
        _Direct() as session,
        session.get(url, headers=headers, stream=True, timeout=SECONDS) as response,
    ):
        start = _start(response, there)
        # Some servers call the gzip file a gzip encoding; it is the file itself that is wanted.
        response.raw.headers.pop("Content-Encoding", None)
        _write(partial, start, response.iter_content(CHUNK), size)


def _start(response, there):
    """Where in the file the body begins: `there`, or 0 from a server that does not resume."""
    status, sent = response.status_code, response.headers.get("Content-Range", "no range")
    if status == 200:
        return 0
    if status == 206 and sent.startswith(f"bytes {there}-"):
        return there
    raise _Refused(f"HTTP status {status}" + (f" with {sent}" if status == 206 else ""))


def _write(partial, start, chunks, size):
    name = partial.name.removesuffix(".part")
    bar = tqdm(total=size, initial=start, unit="B", unit_scale=True, desc=name)
    with bar, open(partial, "r+b" if start else "wb") as file:
        file.seek(start)
        for chunk in chunks:
            if file.tell() + len(chunk) > size:
                raise _Wrong(f"more than {size:,} bytes")
            file.write(chunk)
            bar.update(len(chunk))
        if file.tell() < size:  # an honest end, not a broken connection: it is another file
            raise _Wrong(f"{file.tell():,} bytes instead of {size:,}")


def _checked(partial, sha256):
    data = partial.read_bytes()
    if hash_bytes(data) != sha256:
        raise _Wrong("wrong SHA-256")
    return data


def _discard(partial):
    with contextlib.suppress(OSError):  # where a file in use cannot be removed
        partial.unlink()
