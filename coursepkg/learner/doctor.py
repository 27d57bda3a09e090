"""`coursepkg doctor`: say what is installed, what is missing, and the command that mends it.

Each check looks at one thing and returns a `Checkup`. Nothing but the standard library is imported
at the top, and `packaging` and `jupyter_client` only where they are used: a doctor that needs a
complete environment could never report a broken one.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from coursepkg import safe_files
from coursepkg.learner import course_files

KERNEL_SECONDS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Checkup:
    """One line of the report. Only the status `missing` keeps a learner from working."""

    name: str
    status: str  # ok, missing, optional
    detail: str
    remedy: str = ""


def report():
    """Run every check, print a line for each; return 0 if all a learner needs is there, else 1."""
    missing = 0
    for checkup in checkups():
        missing += checkup.status == "missing"
        print(f"{checkup.status:8}  {checkup.name:14}  {checkup.detail}", flush=True)
        if checkup.remedy:
            print(f"{'':26}remedy: {checkup.remedy}")
    if missing:
        print(f"\nMissing: {missing}. Begin with the first, then run `coursepkg doctor` again.")
        return 1
    print("\nAll that a learner needs is here.")
    return 0


def checkups():
    """Every checkup, in the order of the report, each as soon as it is known."""
    yield check_python()
    yield from check_packages()
    yield check_kernel()
    yield check_chapters()
    yield check_folder(course_files.default_folder())
    yield check_browser()


def check_python():
    """Python itself, and the machine it runs on; pip already refused one that is too old."""
    machine = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Checkup("Python", "ok", f"{platform.python_version()} on {machine}, {sys.executable}")


def check_packages():
    """A checkup of each package that pyproject.toml asks for, those for the tests last."""
    try:
        requirements = importlib.metadata.requires("coursepkg") or []
    except importlib.metadata.PackageNotFoundError:
        remedy = _pip_install("--editable", course_files.clone_folder())
        return [Checkup("coursepkg", "missing", "this package itself is not installed", remedy)]
    found = [checkup for line in requirements if (checkup := check_requirement(line))]
    if importlib.util.find_spec("packaging") is None:  # JupyterLab brings it
        detail = "not installed; without it no version can be compared"
        found.append(Checkup("packaging", "missing", detail, _pip_install("packaging")))
    return sorted(found, key=lambda checkup: "tests" in checkup.detail)


def check_requirement(line):
    """Is what one line of the requirements asks for installed, in its range? None: not for us."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return check_presence(line)
    requirement = Requirement(line)
    if requirement.name == "coursepkg":  # one of its extras asks for another
        return None
    needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if not needed and not requirement.marker.evaluate({"extra": "test"}):
        return None
    name, wanted = requirement.name, requirement.specifier
    purpose = [f"wanted: {wanted}"] * bool(wanted) + ["only for the tests"] * (not needed)
    version = installed_version(name)
    detail = (version or "not installed") + (f" ({', '.join(purpose)})" if purpose else "")
    if version and wanted.contains(version, prereleases=True):
        return Checkup(name, "ok", detail)
    requirement.marker = None  # pip is to install it, whatever for
    status = "missing" if needed else "optional"
    return Checkup(name, status, detail, _pip_install(requirement))


def check_presence(line):
    """`check_requirement` where `packaging` is missing too, so that no version can be compared."""
    wanted, _, marker = line.partition(";")
    name = re.match(r"[\w.-]+", wanted)[0]
    if marker or installed_version(name):
        return None
    return Checkup(name, "missing", "not installed", _pip_install(wanted.strip()))


def installed_version(name):
    """The version of an installed package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_kernel(seconds=KERNEL_SECONDS):
    """Start the kernel that the chapters ask for and let it import the course."""
    code = "import sys, coursepkg; print(sys.prefix, 1 + 1, sep='|')"
    try:
        prefix, _, answer = run_in_kernel(code, seconds).strip().rpartition("|")
    except Exception as error:  # whatever it is, it goes into the report
        words = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip() or "no answer"
        detail = f"does not work: {type(error).__name__}: {words.splitlines()[-1]}"
        remedy = _pip_install("--force-reinstall", "ipykernel", "jupyter_client")
        return Checkup("Jupyter kernel", "missing", detail, remedy)
    if answer != "2" or os.path.realpath(prefix) != os.path.realpath(sys.prefix):
        detail = f"`python3` is that of another Python, {prefix}, not of {sys.prefix}"
        remedy = shlex.join([sys.executable, "-m", "ipykernel", "install", "--sys-prefix"])
        return Checkup("Jupyter kernel", "missing", detail, remedy)
    return Checkup("Jupyter kernel", "ok", "starts and imports the course")


def run_in_kernel(code, seconds):
    """What `code` prints in a fresh kernel named `python3`; whatever goes wrong is raised."""
    from jupyter_client.manager import run_kernel

    printed = []

    def collect(message):
        if message["header"]["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    # In an empty folder, so that the package is found because it is installed, not by chance.
    with tempfile.TemporaryDirectory() as empty:
        kernel = {"kernel_name": "python3", "cwd": empty, "stderr": subprocess.DEVNULL}
        with run_kernel(startup_timeout=seconds, **kernel) as client:
            reply = client.execute_interactive(code, timeout=seconds, output_hook=collect)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}")
    return "".join(printed)


def check_chapters():
    try:
        files = course_files.chapter_files(course_files.notebooks_folder())
    except course_files.WorkspaceError as error:
        return Checkup("chapters", "missing", str(error), "clone the course again")
    return Checkup("chapters", "ok", f"{len(files)} in {files[0].parent}")


def check_folder(folder):
    """Can the learner work in `folder`? It need not be there before the first `coursepkg lab`."""
    name = "your folder"
    if not os.path.lexists(folder):
        return Checkup(name, "optional", f"{folder} is not there yet", "coursepkg lab")
    try:
        safe_files.check_writable(folder)
    except OSError as error:
        remedy = "coursepkg lab --folder ANOTHER_FOLDER"
        return Checkup(name, "missing", f"nothing can be written in it: {error}", remedy)
    return Checkup(name, "ok", f"{folder} can be written")


def check_browser():
    """Is there a browser for the tests to drive?"""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser:
        return Checkup("Chromium", "ok", f"{browser} (only for the tests)")
    return Checkup("Chromium", "optional", "not found (only for the tests)", "install Chromium")


def _pip_install(*what):
    return shlex.join([sys.executable, "-m", "pip", "install", *map(str, what)])
