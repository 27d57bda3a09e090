"""The command line: `coursepkg lab`, `progress`, `grade` and `doctor`."""

import argparse
import importlib.util
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from coursepkg import safe_files
from coursepkg.errors import CourseError
from coursepkg.learner import course_files, doctor, workspace

FIRST_CHAPTER = "00_start_here.ipynb"


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with an argument in one line; the usage is what `--help` is for."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def main(argv=None):
    """Run the command that `argv` names; return the exit code."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        if hasattr(stream, "reconfigure"):  # what a terminal has no letters for is spelled out
            stream.reconfigure(errors="backslashreplace")
    options = make_parser().parse_args(argv)
    try:
        return options.run(options)
    except CourseError as error:
        return _fail(error, error.code)
    except ImportError as error:
        return _fail(f"{error}; `coursepkg doctor` says how to mend that", 1)
    except OSError as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return 130  # what a shell reports for Ctrl-C


def make_parser():
    parser = OneLineParser(prog="coursepkg", description="A course on backpropagation.")
    commands = parser.add_subparsers(dest="command", required=True)
    lab = commands.add_parser("lab", help="open the course in JupyterLab")
    lab.set_defaults(run=run_lab)
    lab.add_argument(
        "--folder",
        type=Path,
        default=course_files.default_folder(),
        help="your copies; default %(default)s",
    )
    lab.add_argument(
        "--reset",
        metavar="CHAPTER",
        help="only put back one chapter (03) or exercise set (exercises/03); keeps yours",
    )
    lab.add_argument("--sync-only", action="store_true", help="do not start JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="start it, but open no browser")
    lab.add_argument("--port", type=port_number, help="where JupyterLab listens")
    progress = commands.add_parser("progress", help="say which exercises you have solved")
    progress.set_defaults(run=run_progress)
    progress.add_argument(
        "--folder", type=Path, help="your copies; default: where you are, or what `lab` made"
    )
    add_grade(commands)
    check = commands.add_parser("doctor", help="say what is installed and what is missing")
    check.set_defaults(run=lambda options: doctor.report())
    return parser


def add_grade(commands):
    grade = commands.add_parser("grade", help="grade the exercises of a class, see INSTRUCTORS.md")
    grade.set_defaults(run=run_grade)
    grade.add_argument(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder of notebooks, or nbgrader's submitted/",
    )
    grade.add_argument("--assignment", required=True, metavar="SET", help="03_one_weight, or 03")
    grade.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="RESULTS",
        help="the folder of the class: results of every assignment, and its secret seed",
    )
    grade.add_argument("--jobs", type=whole_number, help="how many at once; default all processors")
    grade.add_argument(
        "--cluster", metavar="tcp://…", help="the Dask scheduler whose workers grade"
    )
    grade.add_argument(
        "--gradebook",
        type=Path,
        nargs="?",
        const=Path("gradebook.db"),
        metavar="FILE",
        help="write the scores into nbgrader's gradebook as well; default %(const)s",
    )
    grade.add_argument(
        "--unsafe",
        action="store_true",
        help="without bubblewrap: submissions can then read and write whatever you can",
    )


def whole_number(text):
    """A number of jobs from the command line."""
    if not (text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def port_number(text):
    """A port from the command line."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 65535")
    return int(text)


def run_lab(options):
    """Sync the learner's folder, say what changed, and become JupyterLab."""
    if options.reset is not None:
        print(workspace.reset(options.reset, options.folder))
        print(f"Open the course with: {open_again(options.folder)}")
        return 0
    changes = workspace.sync(options.folder)
    print("\n".join(describe_sync(changes, options.folder)))
    if options.sync_only:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        raise ImportError("JupyterLab is not installed")
    folder = options.folder.expanduser().resolve()
    return become(lab_command(folder, options.port, options.no_browser), lab_environment(folder))


def run_progress(options):
    """Print what the checks recorded in the learner's folder, or how to begin."""
    from coursepkg.checks import progress  # here, for `coursepkg doctor` without NumPy

    folder = options.folder or progress.find_folder() or course_files.default_folder()
    path = Path(os.path.expanduser(folder)) / progress.FILE
    if not os.path.lexists(path):
        print(f"Nothing is recorded in {folder} yet. Open the course with: {open_again(folder)}")
        print("Then open a notebook in the folder exercises, answer a question and run its check.")
        return 0
    if not path.is_file():
        raise CourseError(f"{path} is not a file; rename it and try again.")
    path.open("rb").close()  # if it cannot be read, this says why
    print(progress.text(progress.summary(path.parent)))
    return 0


def run_grade(options):
    """Grade a class; 1 if there are submissions on which the judge itself failed."""
    if sys.platform != "linux":
        raise CourseError("Grading needs Linux, for its sandbox; a virtual one will do")
    try:
        from coursepkg.grading import grade  # here, for a learner never needs what it needs

        if options.gradebook:
            from coursepkg.grading.nbgrader import gradebook  # noqa: F401  # fails before grading, not after
    except ImportError as error:
        raise CourseError(
            f"{error}. Grading needs more than the course: `make grading` installs it."
        ) from None
    if options.unsafe:
        print(grade.UNSAFE, file=sys.stderr)
    chosen = {"jobs": options.jobs, "cluster": options.cluster, "unsafe": options.unsafe}
    try:
        records = grade.grade_class(options.submissions, options.assignment, options.out, **chosen)
        print("\n".join(grade.describe(records, options.submissions, options.out)))
        if options.gradebook:
            print("\n".join(grade.into_gradebook(records, options.gradebook)))
    except KeyboardInterrupt:
        _fail("stopped. What is graded is kept: run the same command again, and it goes on", 1)
        raise
    return int(any(record.status == "failed" for record in records))


def open_again(folder):
    """The command that opens the course in `folder`, as one would type it."""
    if folder == course_files.default_folder():
        return "coursepkg lab"
    return f"coursepkg lab --folder {shlex.quote(str(folder))}"


def describe_sync(changes, folder):
    """What a sync did, in words, line by line."""
    lines = []
    for action, words in (("bring", "New"), ("replace", "Renewed, you had not changed them")):
        names = [c.chapter.removesuffix(".ipynb") for c in changes if c.action == action]
        if names:
            lines.append(f"{words}: {', '.join(names)}")
    for change in changes:
        if change.action == "offer":
            lines.append(
                f"Kept: your {change.chapter}. The course has a new version of it, which lies "
                f"beside yours as {change.beside}."
            )
    return [f"Your course is in {folder}", *(lines or ["Nothing new since last time."])]


def lab_command(folder, port=None, no_browser=False):
    """The command that opens JupyterLab on `folder`, at the first chapter."""
    command = [
        sys.executable,
        *("-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{FIRST_CHAPTER}",
        # Nothing here goes to the network: no look for updates, for news, for extensions.
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
    ]
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in a container; Jupyter refuses root otherwise
    return command


def lab_environment(folder):
    """The environment for JupyterLab: one thread for each kernel, no question about news, and
    long lines of code wrapped, since a narrow window would cut them off.

    The matrices of the course are small. A second thread hardly helps them, and where many
    kernels share a machine, as in a class, the threads wait for one another.

    `news_url=None` only stops the fetching. The question hangs on a setting, and the default of a
    setting can only be given by a file on Jupyter's search path. The learner's own choice wins.
    """
    defaults = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
        "@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineWrap": True}},
    }
    settings = folder / ".coursepkg-lab" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    safe_files.write_file(settings, json.dumps(defaults).encode())
    paths = [str(settings.parent.parent), os.environ.get("JUPYTER_CONFIG_PATH")]
    # So that `coursepkg doctor` is found in a terminal of JupyterLab.
    programs = [str(Path(sys.executable).parent), os.environ.get("PATH")]
    return {
        "OMP_NUM_THREADS": "1",
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths)),
        "PATH": os.pathsep.join(filter(None, programs)),
    }


def become(command, environment):
    """Run `command` in place of this process, so that Ctrl-C and the exit code are its own."""
    sys.stdout.flush()
    if os.name == "nt":  # there, exec would give the prompt back at once
        return subprocess.call(command, env=environment)
    os.execve(command[0], command, environment)


def _fail(problem, code):
    print(f"coursepkg: {problem}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
