"""The sandbox in which a submission runs: bubblewrap, with nothing in it but Python and NumPy.

No network, no other processes, no home, no project, an empty environment, a system that can only
be read, 16 MB of a /tmp that is gone afterward. The limits on time, memory, processes, files and
output are set by `launcher.py`, which is its first process.
"""

import contextlib
import json
import os
import platform
import re
import selectors
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass

from coursepkg.grading.sandbox import launcher, seccomp
from coursepkg.grading.sandbox.toolbox import LAUNCHER, PACKAGE, PYTHON, is_root

AS_NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
START = 20  # seconds for Python and NumPy to start on a slow machine
OLDEST_KERNEL = (5, 14)
TMP = 16 << 20  # bytes
LONGEST_HEADER = 200
SHORT_PATHS = ("/lib", "/lib64", "/lib32")  # on many systems links into /usr
INSTALL = (
    "apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), "
    "pacman -S bubblewrap (Arch)"
)


class SandboxError(Exception):
    """No sandbox can be made here; the message says why and what to do."""


class Lost(Exception):
    """The sandbox is gone or does not answer any more."""


@dataclass(frozen=True)
class Reply:
    """How the process of a question ended ("exit 0", "signal 9", "time", "too much"), and what it
    left: bytes that may be anything."""

    ended: str
    raw: bytes


def command(folder, unsafe=False, filter_file=None):
    """The command that starts the launcher, in the sandbox or beside it.

    filter_file: the number of an open file with the program of `seccomp`.
    """
    launcher_file = f"coursepkg/{LAUNCHER}"
    if unsafe:
        return [PYTHON, "-I", "-S", str(folder / launcher_file), str(folder)]
    binds = system_paths()
    binds |= {PYTHON: folder / "python", f"{sys.base_prefix}/lib": folder / "lib"}
    for name in ("coursepkg", "numpy", "numpy.libs"):
        if (folder / name).exists():
            binds[f"/judge/{name}"] = folder / name
    mounts = [
        ("--ro-bind", os.path.realpath(source), str(place)) for place, source in binds.items()
    ]
    for path in hidden_paths(binds):
        mounts += [("--tmpfs", path), ("--remount-ro", path)]
    for path in SHORT_PATHS:
        if os.path.islink(path):
            mounts.append(("--symlink", os.readlink(path), path))
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--disable-userns"),
        *("--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--hostname", "judge", "--clearenv"),
        *(("--seccomp", str(filter_file)) if seccomp.program() else ()),
        *(part for name, value in environment().items() for part in ("--setenv", name, value)),
        *("--size", str(TMP), "--tmpfs", "/tmp"),  # first, for Python itself may lie below it
        *(part for mount in mounts for part in mount),
        *("--dev-bind", "/dev/null", "/dev/null", "--remount-ro", "/", "--chdir", "/tmp"),
        *(PYTHON, "-I", "-S", f"/judge/{launcher_file}", "/judge"),
    ]


def environment():
    libraries = sysconfig.get_config_var("LIBDIR") or ""
    return {
        "HOME": "/tmp",
        "LC_ALL": "C.UTF-8",
        "LD_LIBRARY_PATH": libraries if sys.base_prefix != "/usr" else "",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def system_paths():
    """{place: source} of what Python and NumPy need of the system."""
    wanted = ["/usr/lib", "/usr/lib64", "/usr/lib32", "/etc/ld.so.cache", "/etc/alternatives"]
    wanted += [path for path in SHORT_PATHS if not os.path.islink(path)]
    return {path: path for path in wanted if os.path.exists(path)}


def hidden_paths(mounted):
    """The places of this course below what is mounted, for the right answers are there."""
    course = (PACKAGE, PACKAGE.parent / "solutions", PACKAGE.parent / "exercises")
    return [
        str(path)
        for path in course
        if path.is_dir() and any(path.is_relative_to(top) for top in mounted)
    ]


def check(folder):
    """SandboxError, with what to do, if submissions cannot be run safely. folder: a toolbox."""
    if shutil.which("bwrap") is None:
        raise SandboxError(f"bubblewrap, which keeps submissions in, is not installed: {INSTALL}")
    kernel = re.match(r"(\d+)\.(\d+)", platform.release())
    if kernel and tuple(map(int, kernel.groups())) < OLDEST_KERNEL:
        raise SandboxError("the kernel must be Linux 5.14 or newer, to count processes by sandbox")
    Sandbox(folder).close()


def start(folder, unsafe):
    """The process of the launcher."""
    with tempfile.TemporaryFile() as filter_file:  # which bubblewrap reads
        filter_file.write(seccomp.program())
        filter_file.seek(0)
        return subprocess.Popen(
            command(folder, unsafe, filter_file.fileno()),
            pass_fds=[filter_file.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), **(environment() if unsafe else {})},
            start_new_session=True,
            **(AS_NOBODY if is_root() and not unsafe else {}),
        )


class Sandbox:
    """A running sandbox. SandboxError if it does not start.

    folder: a `toolbox`. unsafe: an ordinary process in its place, which can read and write all
    that its user can.
    """

    def __init__(self, folder, unsafe=False):
        self.came = bytearray()  # and was not looked at yet
        try:
            self.process = start(folder, unsafe)
        except OSError as error:
            raise SandboxError(f"the sandbox does not start: {error}") from None
        try:
            if self._header(time.monotonic() + START) != {"ready": True}:
                raise Lost("it is not ready")
        except Lost as error:
            reason = self._complaint()
            self.close()
            raise SandboxError(f"the sandbox does not start: {reason or error}") from None

    def close(self):
        """End it, and with it every process inside."""
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                file.close()

    def ask(self, job):
        """The Reply to a job, see `checks/running/answer.py`. Lost if there is none."""
        end = time.monotonic() + launcher.SECONDS + START
        try:
            self._write(json.dumps(job).encode() + b"\n")
        except OSError as error:
            raise Lost("it has ended") from error
        header = self._header(end)
        size = header.get("bytes")
        if type(size) is not int or not 0 <= size <= launcher.MOST_BYTES + (1 << 16):
            raise Lost("it speaks nonsense")
        return Reply(str(header.get("ended")), self._read(size, end))

    def _write(self, data):
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view) :]

    def _header(self, end):
        """The next line, which is a small object in JSON."""
        while b"\n" not in self.came[:LONGEST_HEADER]:
            if len(self.came) >= LONGEST_HEADER:
                raise Lost("it speaks nonsense")
            self._receive(end)
        line, _, self.came = self.came.partition(b"\n")
        try:
            header = json.loads(line)
        except ValueError:
            header = None
        if not isinstance(header, dict):
            raise Lost("it speaks nonsense")
        return header

    def _read(self, size, end):
        while len(self.came) < size:
            self._receive(end)
        data, self.came = self.came[:size], self.came[size:]
        return bytes(data)

    def _receive(self, end):
        """Wait for more, at the longest until `end`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(max(0, end - time.monotonic())):
                raise Lost("it does not answer")
        part = self.process.stdout.read(1 << 16)
        if not part:
            raise Lost("it has ended")
        self.came += part

    def _complaint(self):
        """What bubblewrap or Python said before it ended."""
        self.process.kill()
        said = self.process.stderr.read(2000) or b""
        return said.decode("utf-8", "replace").strip()
