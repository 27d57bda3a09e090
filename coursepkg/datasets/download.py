"""Download a published file of known size and SHA-256: resumable, bounded and verified.

The bytes received so far are kept as `name.part`, and the next mirror, or the next call, resumes
there. The file gets its own name only after its SHA-256 is verified.
"""

import contextlib
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from coursepkg.safe_files import hash_bytes, write_file

CHUNK = 1 << 16  # bytes
SECONDS = (10, 30)  # timeouts: to connect; for each read


class _Refused(Exception):
    """A mirror did not send the file."""


class _Wrong(_Refused):
    """A mirror sent bytes that cannot be the file, so there is nothing to resume."""


class _Direct(requests.Session):
    """A session that does not follow redirects; the mirrors send none.

    Even with allow_redirects=False, requests reads the body of a redirect without a limit.
    """

    def get_redirect_target(self, response):
        return None


def fetch(name, size, sha256, folder, mirrors):
    """Download `name`, a file of `size` bytes, into `folder` from the first mirror that has it.

    mirrors: addresses of folders, each ending in a slash. Never stores more than `size` bytes.
    Raises ConnectionError, naming each mirror's host and the reason, if all fail.
    """
    partial, failures = folder / f"{name}.part", []
    for mirror in mirrors:
        try:
            _complete(partial, mirror + name, size)
            data = _checked(partial, sha256)
        # FileNotFoundError: another notebook downloaded the same file and finished first.
        except (requests.RequestException, _Refused, FileNotFoundError) as error:
            if isinstance(error, _Wrong):
                _discard(partial)
            # The messages of requests are long; the class name says enough.
            reason = error if isinstance(error, _Refused) else type(error).__name__
            failures.append(f"{urlsplit(mirror).netloc} ({reason})")
        else:
            # The partial file is not renamed: another notebook may still be writing to it.
            write_file(folder / name, data)
            _discard(partial)
            return
    raise ConnectionError(f"{name} was tried from {', '.join(failures)}")


def _complete(partial, url, size):
    """Request the bytes that `partial` lacks of `size`, and append them."""
    present = partial.stat().st_size if partial.exists() else 0
    if present >= size:  # complete, but never verified: start over
        present = 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={present}-"} if present else {})
    with (
        _Direct() as session,
        session.get(url, headers=headers, stream=True, timeout=SECONDS) as response,
    ):
        start = _start(response, present)
        # Some servers declare the gzip file as a gzip encoding; we want it compressed.
        response.raw.headers.pop("Content-Encoding", None)
        _write(partial, start, response.iter_content(CHUNK), size)


def _start(response, present):
    """The file position of the body: `present`, or 0 if the server does not resume."""
    status, sent = response.status_code, response.headers.get("Content-Range", "no range")
    if status == 200:
        return 0
    if status == 206 and sent.startswith(f"bytes {present}-"):
        return present
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
        if file.tell() < size:  # a regular end, not a broken connection: another file
            raise _Wrong(f"{file.tell():,} bytes instead of {size:,}")


def _checked(partial, sha256):
    data = partial.read_bytes()
    if hash_bytes(data) != sha256:
        raise _Wrong("wrong SHA-256")
    return data


def _discard(partial):
    with contextlib.suppress(OSError):  # some systems cannot remove a file in use
        partial.unlink()
