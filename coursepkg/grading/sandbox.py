"""The sandbox in which a submission runs: bubblewrap, with nothing in it but Python and NumPy.

No network, no other processes, no home, no project, an empty environment, a system that can only
be read, 16 MB of a /tmp that is gone afterward. The limits on time, memory, processes, files and
output are set by `inside/launcher.py`, which is its first process.
"""

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coursepkg.grading import seccomp
from coursepkg.grading.inside import launcher

PACKAGE = Path(__file__).resolve().parent.parent
TRAVELS = (  # all of the package that is in the sandbox
    *("checks/run.py", "checks/plain.py", "checks/surroundings.py", "checks/time_limit.py"),
    *("checks/globals_read.py", "checks/use", "grading/wire.py", "grading/inside"),
)
CHECKS = '''"""Stands in for `check` and `hint` of the notebook, which have no part in a grade."""


def check(*arguments):
    """Nothing."""


hint = check
'''
PYTHON = os.path.realpath(sys.executable)
AS_NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
START = 20  # seconds for Python and NumPy to start on a slow machine
TMP = 16 << 20  # bytes
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


@contextlib.contextmanager
def toolbox():
    """A folder with all that is put into the sandbox; removed afterward."""
    with tempfile.TemporaryDirectory(prefix="coursepkg-judge-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for path in TRAVELS:
            source, target = PACKAGE / path, folder / "coursepkg" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        (folder / "coursepkg/checks/__init__.py").write_text(CHECKS, encoding="utf-8")
        for package in ("coursepkg", "coursepkg/grading"):
            (folder / package / "__init__.py").touch()
        for name, path in {**python_and_libraries(), **numpy_folders()}.items():
            if not is_root() or readable_by_all(path):
                (folder / name).symlink_to(path)
            else:  # the judge then runs as nobody
                copy(path, folder / name)
        yield folder


def python_and_libraries():
    """The interpreter and its standard library."""
    return {"python": Path(PYTHON), "lib": Path(sys.base_prefix, "lib")}


def numpy_folders():
    """NumPy, and beside it the libraries that come with it."""
    package = Path(np.__file__).resolve().parent
    libraries = package.with_name("numpy.libs")
    return {path.name: path for path in (package, libraries) if path.is_dir()}


def readable_by_all(path):
    return all(each.stat().st_mode & 0o005 == 0o005 for each in (path, *path.parents))


def copy(source, target):
    """A file or a folder, without what only tests and installations need."""
    if source.is_file():
        link_or_copy(source, target)
        return
    unused = ("site-packages", "test", "tests", "idlelib", "tkinter", "ensurepip", "lib2to3", "*.a")
    ignored = shutil.ignore_patterns(*unused)
    shutil.copytree(source, target, symlinks=True, ignore=ignored, copy_function=link_or_copy)


def link_or_copy(source, target):
    """The same file under another name, which is quick; a copy where that cannot be."""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copy2(source, target)


def is_root():
    return os.geteuid() == 0


def command(folder, unsafe=False, filter_file=None):
    """The command that starts the launcher, in the sandbox or beside it.

    filter_file: the number of an open file with the program of `seccomp`.
    """
    launcher_file = "coursepkg/grading/inside/launcher.py"
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
    mounts += [("--tmpfs", path) for path in hidden_paths(binds)]
    for path in SHORT_PATHS:
        if os.path.islink(path):
            mounts.append(("--symlink", os.readlink(path), path))
    return [
        *("bwrap", "--unshare-all", "--unshare-user", "--disable-userns"),
        *("--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--hostname", "judge", "--clearenv"),
        *(("--seccomp", str(filter_file)) if seccomp.program() else ()),
        *(part for name, value in environment().items() for part in ("--setenv", name, value)),
        *(part for mount in mounts for part in mount),
        *("--dev-bind", "/dev/null", "/dev/null"),
        *("--size", str(TMP), "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp"),
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
    Sandbox(folder).close()


@contextlib.contextmanager
def filter_file():
    """The number of an open file with the program of `seccomp`, for bubblewrap to read."""
    with tempfile.TemporaryFile() as file:
        file.write(seccomp.program())
        file.seek(0)
        yield file.fileno()


class Sandbox:
    """A running sandbox. SandboxError if it does not start.

    folder: a `toolbox`. unsafe: an ordinary process in its place, which can read and write all
    that its user can.
    """

    def __init__(self, folder, unsafe=False):
        with filter_file() as number:
            self.process = subprocess.Popen(
                command(folder, unsafe, number),
                pass_fds=[number],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                env={"PATH": os.environ.get("PATH", ""), **(environment() if unsafe else {})},
                start_new_session=True,
                **(AS_NOBODY if is_root() and not unsafe else {}),
            )
        try:
            if self._header(time.monotonic() + START) != {"ready": True}:
                raise Lost("it is not ready")
        except Lost as error:
            reason = self._complaint()
            self.close()
            raise SandboxError(f"the sandbox does not start: {reason or error}") from None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """End it, and with it every process inside."""
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                file.close()

    def ask(self, job):
        """The Reply to a job, see `inside/answer.py`. Lost if there is none."""
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
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < 200:
            line += self._read(1, end)
        try:
            header = json.loads(line)
        except ValueError:
            header = None
        if not isinstance(header, dict):
            raise Lost("it speaks nonsense")
        return header

    def _read(self, size, end):
        data = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while len(data) < size:
                if not selector.select(max(0, end - time.monotonic())):
                    raise Lost("it does not answer")
                part = self.process.stdout.read(size - len(data))
                if not part:
                    raise Lost("it has ended")
                data += part
        return bytes(data)

    def _complaint(self):
        """What bubblewrap or Python said before it ended."""
        self.process.kill()
        said = self.process.stderr.read(2000) or b""
        return said.decode("utf-8", "replace").strip()
