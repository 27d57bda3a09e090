"""Notebooks and files that are broken, or are somebody else's.

A notebook is changed by a function `(notebook)`, a file is put there by one `(place, data)`, where
`place` is the student's folder of the assignment. Each is entered with the status that is fair, and
the questions that lose their points.
"""

import json
import os
import socket
from dataclasses import dataclass

from attacks.base import SET

FIRST, SECOND = "weight_gradient", "descent_step"
ALL = "all"
BROKEN = {}


@dataclass(frozen=True)
class Broken:
    """put: writes it. status: the fair one. lost: the questions that lose their points."""

    put: object
    status: str
    lost: tuple


def file(status, *lost):
    """Decorator: enter a function that writes the student's files."""

    def enter_function(function):
        assert function.__doc__
        assert function.__name__ not in BROKEN
        BROKEN[function.__name__] = Broken(function, status, lost)
        return function

    return enter_function


def notebook(status, *lost):
    """Decorator: enter a function that changes the notebook before it is written."""

    def enter_function(function):
        def put(place, data):
            changed = json.loads(data)
            changed = function(changed) or changed
            own(place).write_text(json.dumps(changed), encoding="utf-8")

        put.__doc__, put.__name__ = function.__doc__, function.__name__
        file(status, *lost)(put)
        return function

    return enter_function


def own(place):
    return place / f"{SET}.ipynb"


def by_id(changed, name):
    [found] = [cell for cell in changed["cells"] if cell.get("id") == name]
    return found


@notebook("repaired")
def duplicate_ids(changed):
    """All cells have one id and one grade_id. Fair: found by what they define."""
    for cell in changed["cells"]:
        cell["id"] = "weight_gradient"
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = "weight_gradient"


@notebook("repaired")
def duplicate_cells(changed):
    """Every cell twice. Fair: nothing is lost."""
    changed["cells"] += changed["cells"]


@notebook("repaired", FIRST)
def deleted_answer(changed):
    """An answer cell is gone. Fair: it is not found, the others count."""
    changed["cells"].remove(by_id(changed, FIRST))


@notebook("repaired")
def deleted_checks(changed):
    """All check cells are gone. Fair: nothing depends on them."""
    changed["cells"] = [c for c in changed["cells"] if not c["id"].startswith("check-")]


@notebook("repaired")
def edited_checks(changed):
    """The check cells call something else. Fair: they are not looked at."""
    for cell in changed["cells"]:
        if cell["id"].startswith("check-"):
            cell["source"] = "print('20 of 20 points')"


@notebook("graded", FIRST)
def skipped_checks(changed):
    """Wrong, and its check cell has the tag skip-execution. Fair: no point for it."""
    by_id(changed, f"check-{FIRST}")["metadata"]["tags"] = ["skip-execution"]
    by_id(changed, FIRST)["source"] = f"def {FIRST}(w, x, targets):\n    return 0.0"


@notebook("repaired")
def reversed_cells(changed):
    """The last cell first. Fair: order does not matter to answers that stand alone."""
    changed["cells"].reverse()


@notebook("repaired")
def answers_as_text(changed):
    """Answer cells are Markdown or raw. Fair: read as code."""
    by_id(changed, FIRST)["cell_type"] = "markdown"
    by_id(changed, SECOND)["cell_type"] = "raw"


@notebook("repaired")
def no_metadata(changed):
    """All metadata and ids are gone, as after an upload elsewhere. Fair: found by the names."""
    changed["metadata"] = {}
    for cell in changed["cells"]:
        cell["metadata"] = {}
        del cell["id"]


@notebook("repaired")
def more_points(changed):
    """The metadata say 1000 points, unlocked. Fair: the points are those of the release."""
    for cell in changed["cells"]:
        if about := cell["metadata"].get("nbgrader"):
            about.update(points=1000, locked=False, grade=True, solution=True)


@notebook("repaired")
def swapped_ids(changed):
    """Two questions have each other's ids. Fair: found by what they define."""
    one, two = by_id(changed, FIRST), by_id(changed, SECOND)
    for cell, name in ((one, SECOND), (two, FIRST)):
        cell["id"] = cell["metadata"]["nbgrader"]["grade_id"] = name


@notebook("repaired")
def metadata_of_wrong_types(changed):
    """Lists where dicts should be, and a number as a tag. Fair: they are left out."""
    for i, cell in enumerate(changed["cells"]):
        cell["metadata"] = [[], 3, None, {"nbgrader": [1]}, {"tags": 5}][i % 5]


@notebook("unreadable")
def another_set(changed):
    """The notebook of another set. Fair: said, and no points."""
    changed["cells"] = [{"cell_type": "code", "id": "x", "metadata": {}, "source": "def f(): pass"}]


@notebook("repaired")
def another_language(changed):
    """The kernel is R's. Fair: the code is Python all the same."""
    changed["metadata"] = {
        "kernelspec": {"name": "ir", "language": "R", "display_name": "R"},
        "language_info": {"name": "R"},
    }


@notebook("repaired")
def old_format(changed):
    """Format 3, with worksheets and without ids. Fair: it is read."""
    cells = []
    for cell in changed["cells"]:
        code = cell["cell_type"] == "code"
        cells.append(
            {
                "cell_type": cell["cell_type"],
                "metadata": cell["metadata"],
                ("input" if code else "source"): cell["source"],
            }
        )
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


@notebook("graded")
def large_outputs(changed):
    """100 MB of output. Fair: it is read."""
    cell = by_id(changed, FIRST)
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 100_000_000}]


@notebook("unreadable")
def very_many_cells(changed):
    """100,000 cells of code. Fair: refused, and said why."""
    extra = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "x = 1"}
    changed["cells"] += [extra] * 100_000


@notebook("graded")
def magics(changed):
    """Magics around and in answers. Fair: they do nothing, the answers count."""
    for name, before, after in (
        (FIRST, "%%time\n", ""),
        (SECOND, "%load_ext autoreload\n%autoreload 2\n!rm -rf /\n", "\nnp.sum?"),
        ("line_gradient", "get_ipython().system('rm -rf /')\n%run other.py\n", ""),
    ):
        cell = by_id(changed, name)
        source = cell["source"]
        cell["source"] = before + ("".join(source) if isinstance(source, list) else source) + after


@notebook("graded")
def harm_in_other_cells(changed):
    """Cells that never end, exit, and fail, before and between. Fair: no answer needs them."""
    bad = ["while True: pass", "import os; os._exit(0)", "1 / 0", "def (:", "raise SystemExit"]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": s} for s in bad]
    changed["cells"][1:1] = cells
    changed["cells"][10:10] = cells


@notebook("graded")
def depth_in_another_cell(changed):
    """A chain of 1,200 steps in another cell. Fair: no answer needs it."""
    deep = "data = {}\ndata" + "['a']" * 1200 + " = 3"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": deep}
    changed["cells"].insert(1, cell)
    by_id(changed, FIRST)["source"] = (
        f"two = 2\ndef {FIRST}(w, x, targets):\n"
        "    return two / x.size * np.sum((w * x - targets) * x)"
    )


@notebook("graded", FIRST)
def syntax_error(changed):
    """One answer is no Python. Fair: only that one is lost."""
    by_id(changed, FIRST)["source"] = f"def {FIRST}(w, x, targets:\n    return 0"


def bytes_of(name, data, told):
    """Enter a file with these bytes. Fair: unreadable, and never 0 points."""

    def put(place, _):
        own(place).write_bytes(data)

    put.__name__, put.__doc__ = name, told
    file("unreadable")(put)


bytes_of("empty_file", b"", "0 bytes.")
bytes_of("empty_object", b"{}", "A notebook without cells.")
bytes_of("empty_list", b"[]", "A list.")
bytes_of("null", b"null", "null.")
bytes_of("no_cells", b'{"cells": [], "metadata": {}}', "No cell at all.")
bytes_of("cells_of_wrong_types", b'{"cells": [1, null, [], {"cell_type": []}]}', "No real cell.")
bytes_of("no_json", b"\x89PNG\r\n\x1a\n" * 100, "A picture.")
bytes_of("deep_json", b'{"cells": ' + b"[" * 1_000_000, "Lists in lists in lists.")
bytes_of("many_digits", b'{"cells": [' + b"9" * 10_000_000 + b"]}", "A number of 10 MB.")
bytes_of("zeros", bytes(5_000_000), "5 MB of zero bytes.")


@file("unreadable")
def truncated(place, data):
    """Only the first half of the file. Fair: unreadable."""
    own(place).write_bytes(data[: len(data) // 2])


@file("unreadable")
def link_to_a_neighbor(place, data):
    """A link to a good submission. Fair: not followed."""
    own(place).symlink_to(place.parent.parent / "good" / SET / f"{SET}.ipynb")


@file("unreadable")
def link_to_passwd(place, data):
    """A link to a file of the system. Fair: not followed."""
    own(place).symlink_to("/etc/passwd")


@file("unreadable")
def link_to_itself(place, data):
    """A link that leads to itself. Fair: not followed."""
    own(place).symlink_to(own(place))


@file("unreadable")
def linked_folder(place, data):
    """The folder of the assignment is a link to a neighbor's. Fair: not followed."""
    place.rmdir()
    place.symlink_to(place.parent.parent / "good" / SET)


@file("unreadable")
def linked_student(place, data):
    """The student's folder is a link to a neighbor's. Fair: not followed."""
    place.rmdir()
    place.parent.rmdir()
    place.parent.symlink_to(place.parent.parent / "good")


@file("unreadable")
def hard_link(place, data):
    """A second name of somebody else's file. Fair: refused."""
    os.link(place.parent.parent.parent / "stand-ins/neighbor.ipynb", own(place))


@file("unreadable")
def pipe(place, data):
    """A named pipe, at which a reader waits. Fair: not an ordinary file."""
    os.mkfifo(own(place))


@file("unreadable")
def socket_file(place, data):
    """A socket. Fair: not an ordinary file."""
    here = os.getcwd()
    os.chdir(place)  # the path to a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{SET}.ipynb")
    os.chdir(here)


@file("unreadable")
def folder_for_a_file(place, data):
    """A folder that is called like the notebook. Fair: not an ordinary file."""
    own(place).mkdir()


@file("unreadable")
def much_of_nothing(place, data):
    """A file of 300 MB without content. Fair: too large."""
    with open(own(place), "wb") as large:
        large.truncate(300_000_000)


# Names of students: each hands in a good notebook, and gets full points without a note.
NAMES = (
    "..name", "a b  c", "new\nline", "quote'\"quote", "<img src=x onerror=alert(1)>", "=1+1",
    "-rf", "&amp;", "$HOME", "`ls`", "%s%n", "a" * 200, "\N{SNOWMAN}", "tab\there", "\x1b[31m",
    os.fsdecode(b"\xff\xfe"), "back\\slash", "C:", "~", "*", "students.csv", "\u202egnp",
)  # fmt: skip
