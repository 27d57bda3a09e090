"""What is put into the sandbox: Python, NumPy and the part of this package that runs answers.

For everybody but root that is a folder of links. Root's judge runs as nobody, who may not be able
to read where Python and the clone lie; then it is copied, or linked where it can be.
"""

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).resolve().parents[2]
RUNNING, LAUNCHER = "coursepkg/checks/running", "launcher.py"  # all of the course in the sandbox
CHECKS = '''"""Stands in for `check` and `hint` of the notebook, which have no part in a grade."""


def check(*arguments):
    """Nothing."""


hint = check
'''
PYTHON = os.path.realpath(sys.executable)
NAME = "coursepkg-judge-"
STALE = 7 * 24 * 3600  # seconds


@contextlib.contextmanager
def toolbox():
    """A folder with all that is put into the sandbox; removed afterward."""
    remove_stale()
    with tempfile.TemporaryDirectory(prefix=NAME) as name:
        folder = Path(name)
        clean = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE.parent / RUNNING, folder / RUNNING, ignore=clean)
        shutil.copy(Path(__file__).with_name(LAUNCHER), folder / "coursepkg")
        (folder / "coursepkg/checks/__init__.py").write_text(CHECKS, encoding="utf-8")
        (folder / "coursepkg/__init__.py").touch()
        python = {"python": Path(PYTHON), "lib": Path(sys.base_prefix, "lib")}
        for name, path in {**python, **numpy_folders()}.items():
            if not is_root() or readable_by_all(path):
                (folder / name).symlink_to(path)
            else:  # the judge then runs as nobody
                copy(path, folder / name)
        if is_root():
            let_everybody_read(folder)
        yield folder


def remove_stale():
    """Remove what runs that were killed have left behind, once no run can be at work there."""
    for folder in Path(tempfile.gettempdir()).glob(f"{NAME}*"):
        with contextlib.suppress(OSError):  # it is somebody else's, or gone by now
            if time.time() - folder.lstat().st_mtime > STALE:
                shutil.rmtree(folder, ignore_errors=True)


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
    if os.stat(source).st_mode & 0o004:
        with contextlib.suppress(OSError):
            os.link(source, target, follow_symlinks=True)
            return
    shutil.copy2(source, target)


def let_everybody_read(folder):
    """Whatever the modes of the clone and the umask are. (What is linked, everybody can read.)"""
    for place, _, names in os.walk(folder):
        os.chmod(place, 0o755)
        for path in (os.path.join(place, name) for name in names):
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and not mode & 0o004:
                os.chmod(path, mode | 0o044)


def is_root():
    return os.geteuid() == 0
