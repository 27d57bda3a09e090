"""Submissions in any state: what is read of them, what is said, and that nothing worse happens."""

import ast
import copy
import json
import os
import re
import resource
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepkg.checks.banks import QUESTIONS, SETS
from coursepkg.grading.reading import preflight
from coursepkg.grading.reading.preflight import Unreadable

ROOT = Path(__file__).resolve().parents[2]
SET = next(each for each in SETS if each.name == "03_one_weight")
POINTS = {question.name: question.total for question in SET.questions}
WORDS = {"words-half-sum": 2}
OTHERS = {question.name: each.name for each in SETS for question in each.questions if each != SET}


def released(name=SET.name, where="exercises"):
    """A notebook of the course as JSON."""
    return json.loads((ROOT / where / name / f"{name}.ipynb").read_text(encoding="utf-8"))


RELEASE = released()


@pytest.fixture
def notebook():
    return copy.deepcopy(RELEASE)


def sheet(notebook, questions=POINTS, words=WORDS):
    """The Sheet of a notebook, given as JSON or as its bytes."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return preflight.read_sheet(data, questions, words, OTHERS)


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def code(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **more}


def tiny(*cells):
    """A notebook of one question, `f`, and other cells."""
    return {"cells": [code("def f(): pass", id="f"), *cells], "metadata": {}, "nbformat": 4}


def sources(*cells):
    """The sources of other cells as they are read."""
    return [cell.source for cell in sheet(tiny(*cells), ["f"], []).cells[1:]]


def processor_seconds():
    """What the processes that read have used so far, however long they had to wait for it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# What is as released, or as learners make it.


@pytest.mark.parametrize("where", ["exercises", "solutions"])
@pytest.mark.parametrize("exercise_set", SETS, ids=lambda each: each.name)
def test_what_the_course_delivers_is_read_without_repairs(exercise_set, where):
    notebook = released(exercise_set.name, where)
    words = {
        cell["id"]: cell["metadata"]["nbgrader"]["points"]
        for cell in notebook["cells"]
        if cell["id"].startswith("words-") and "nbgrader" in cell["metadata"]
    }
    read = sheet(notebook, {each.name: each.total for each in exercise_set.questions}, words)
    assert read.repairs == ()
    assert len(words) == 1
    assert list(read.words) == (list(words) if where == "solutions" else [])
    asked = [cell.question for cell in read.cells if cell.question]
    assert asked == [question.name for question in exercise_set.questions]
    expected = [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not cell["id"].startswith("check-")
    ]
    assert [cell.source for cell in read.cells] == expected


def test_what_jupyterlab_and_learners_change_is_no_repair(notebook):
    notebook["metadata"] = {
        "kernelspec": {"display_name": "mine", "language": "python", "name": "conda-base"},
        "language_info": {"name": "python", "version": "3.13.0", "codemirror_mode": {}},
    }
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        cell["metadata"].update(trusted=True, tags=["mine"], scrolled=False)
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]
    cell_of(notebook, "words-half-sum")["source"] = "YOUR ANSWER HERE\n\nHer loss is larger."
    for place in (3, 7, 12, 0):
        notebook["cells"].insert(place, code("check(line_gradient)", id=f"{place}"))
        notebook["cells"].insert(place, code("print(1)\nhint(line_gradient)", id=f"p{place}"))
        notebook["cells"].insert(place, {"cell_type": "markdown", "source": "why?", "metadata": {}})
    read = sheet(notebook)
    assert read.repairs == ()
    assert read.words == {"words-half-sum": "Her loss is larger."}
    assert sum(cell.source.startswith("print(1)") for cell in read.cells) == 4
    assert not any(cell.source.startswith("check(") for cell in read.cells)


def test_names_without_points_are_enough(notebook):
    assert sheet(notebook, list(POINTS), list(WORDS)).repairs == ()


# What was changed, deleted, moved.


def lose(notebook, name):
    del cell_of(notebook, name)["metadata"]["nbgrader"]


def edit(notebook, name, **changes):
    cell_of(notebook, name)["metadata"]["nbgrader"].update(changes)


def delete(notebook, name):
    notebook["cells"].remove(cell_of(notebook, name))


def put_last(notebook, name):
    cell = cell_of(notebook, name)
    notebook["cells"].remove(cell)
    notebook["cells"].append(cell)


def swap(notebook, one, other):
    cells = notebook["cells"]
    a, b = (cells.index(cell_of(notebook, name)) for name in (one, other))
    cells[a], cells[b] = cells[b], cells[a]


def swap_questions(notebook, one, other):
    swap(notebook, one, other)
    swap(notebook, f"check-{one}", f"check-{other}")


def retype(notebook, name, kind):
    cell_of(notebook, name)["cell_type"] = kind


def say(notebook, name, source):
    cell_of(notebook, name)["source"] = source


def kernel(notebook, **names):
    notebook["metadata"] = {"kernelspec": names}


CHANGES = {
    "metadata": (lose, ["standardize"], "The cell has lost nbgrader's metadata: `standardize`."),
    "grade_id": (
        lambda notebook: edit(notebook, "standardize", grade_id="mine"),
        [],
        "nbgrader's metadata of the cell was edited: `standardize`.",
    ),
    "flag": (
        lambda notebook: edit(notebook, "standardize", solution=False),
        [],
        "nbgrader's metadata of the cell was edited: `standardize`.",
    ),
    "points in words": (
        lambda notebook: edit(notebook, "words-half-sum", points=200),
        [],
        "nbgrader's metadata of the cell was edited: `words-half-sum`.",
    ),
    "points": (
        lambda notebook: edit(notebook, "check-standardize", points=200),
        [],
        "The check cell was edited: `standardize`.",
    ),
    "check edited": (
        say,
        ["check-standardize", "check(print)"],
        "The check cell was edited: `standardize`.",
    ),
    "check retyped": (
        retype,
        ["check-standardize", "raw"],
        "The check cell was edited: `standardize`.",
    ),
    "check gone": (delete, ["check-standardize"], "The check cell is gone: `standardize`."),
    "check moved": (
        put_last,
        ["check-weight_gradient"],
        "The check cell was moved: `weight_gradient`.",
    ),
    "order": (
        swap_questions,
        ["weight_gradient", "train_line"],
        "The questions stand in another order than released.",
    ),
    "answer gone": (delete, ["train_line"], "No cell has the id any more: `train_line`."),
    "words gone": (delete, ["words-half-sum"], "No cell has the id any more: `words-half-sum`."),
    "markdown": (
        retype,
        ["train_line", "markdown"],
        "The cell was no code cell any more, and was read as code: `train_line`.",
    ),
    "raw": (
        retype,
        ["train_line", "raw"],
        "The cell was no code cell any more, and was read as code: `train_line`.",
    ),
    "words as code": (
        retype,
        ["words-half-sum", "code"],
        "The answer in words was a code cell: `words-half-sum`.",
    ),
    "kernel": (
        lambda notebook: kernel(notebook, name="ir", language="R"),
        [],
        "The notebook is said to be in another language; it was read as Python.",
    ),
    "magic": (
        say,
        ["train_line", "%%bash\nls"],
        "The cell of `train_line` begins with a magic; it is not Python.",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_told_once_and_the_rest_is_read(notebook, change):
    make, arguments, sentence = CHANGES[change]
    say(notebook, "words-half-sum", "In words.")
    make(notebook, *arguments)
    read = sheet(notebook)
    assert read.repairs == (sentence,)
    gone = {"train_line"} if change in ("answer gone", "magic") else set()
    assert {cell.question for cell in read.cells} == {"", *POINTS} - gone
    assert read.words == ({} if change == "words gone" else {"words-half-sum": "In words."})
    assert not any("check(" in cell.source for cell in read.cells)


def test_a_duplicated_id_is_told_and_every_cell_keeps_its_question(notebook):
    for name in ("descent_step", "words-half-sum"):
        say(notebook, name, "first")
        notebook["cells"].append({**cell_of(notebook, name), "source": ["sec", "ond"]})
    read = sheet(notebook)
    assert read.repairs == (
        "The id is on several cells: `descent_step`, `words-half-sum`. "
        "Of code the last finished one counts.",
    )
    assert [c.source for c in read.cells if c.question == "descent_step"] == ["first", "second"]
    assert read.words == {"words-half-sum": "first\n\nsecond"}


def test_the_id_is_nbgraders_else_the_cells_else_the_name_in_its_metadata():
    cells = [
        code("1", id="g", metadata={"nbgrader": {"grade_id": "f"}, "name": "h"}),
        code("2", id="g", metadata={"nbgrader": {"grade_id": 7}, "name": "h"}),
        code("3", id="a1b2", metadata={"name": "h"}),
        code("4", id=["f"], metadata=["f"]),
    ]
    read = sheet({"cells": cells}, ["f", "g", "h"], [])
    assert [cell.question for cell in read.cells] == ["f", "g", "h", ""]


def test_words_in_cells_of_ones_own_below_are_read(notebook):
    """Not what stands below the next cell that was released, and not cells without any id."""
    place = notebook["cells"].index(cell_of(notebook, "words-half-sum"))
    own = [
        {"cell_type": "markdown", "source": text, "metadata": {}, "id": f"0{text}"}
        for text in ("one", "two", "three")
    ]
    notebook["cells"][place + 1 : place + 1] = own[:2]
    notebook["cells"].append(own[2])
    assert sheet(notebook).words == {"words-half-sum": "one\n\ntwo"}
    del own[0]["id"]
    assert sheet(notebook).words == {}


def test_a_check_cell_without_its_metadata_was_not_edited(notebook):
    for name in ("check-standardize", "check-line_gradient"):
        del cell_of(notebook, name)["metadata"]["nbgrader"]
    assert sheet(notebook).repairs == ()


def test_words_that_are_not_there(notebook):
    for nothing in ("", " \n", "YOUR ANSWER HERE", "\nYOUR ANSWER HERE \n"):
        say(notebook, "words-half-sum", nothing)
        assert sheet(notebook).words == {}


def test_a_notebook_that_lost_all_its_ids_is_read(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    read = sheet(notebook)
    assert {cell.question for cell in read.cells} == {""}
    assert sum(cell.source.startswith("def ") for cell in read.cells) == len(POINTS)
    assert not any(cell.source.startswith("check(") for cell in read.cells)
    assert len(read.repairs) == 1
    assert read.repairs[0].startswith("No cell has the id any more: `weight_gradient`, ")


def test_not_more_than_ten_repairs_and_their_number(notebook):
    swap(notebook, "weight_gradient", "descent_step")  # another order, check cells moved
    delete(notebook, "learning_rates")  # no id any more
    delete(notebook, "check-learning_rates")  # check cell gone
    lose(notebook, "standardize")
    edit(notebook, "train_line", locked=True)
    edit(notebook, "check-train_line", points=9)  # check cell edited
    retype(notebook, "line_gradient", "raw")
    retype(notebook, "words-half-sum", "code")
    kernel(notebook, language="julia")
    notebook["cells"] += [code(7), cell_of(notebook, "train_line")]  # not understood, id twice
    read = sheet(json.dumps(notebook).encode() + b" and more")
    assert len(read.repairs) == 11
    assert read.repairs[-1] == "And 3 more."


def test_the_words_of_another_set_are_told(notebook):
    with pytest.raises(Unreadable, match=r"weight_gradient.*\) is in it. It seems to be 05_losses"):
        sheet(released("05_losses"))
    with pytest.raises(Unreadable, match=r"is in it.$"):
        sheet({"cells": [code("x = 1\nif x:\n    def train_line(): pass\ntrain_line == 2")]})
    for line in (
        "def train_line(",
        "class train_line:",
        "train_line = 1",
        "train_line: object = 1",
    ):
        assert sheet({"cells": [code(f"import numpy\n{line}")]}).cells[0].question == ""


# Formats, encodings, types.


@pytest.mark.parametrize("number", [2, 3])
def test_old_formats(number):
    cells = [
        {"cell_type": "heading", "level": 1, "source": "title", "metadata": {}},
        {"cell_type": "code", "input": ["def train_line():\n", "    pass"], "language": "python"},
        {"cell_type": "markdown", "source": ["text"]},
    ]
    worksheets = [{"cells": cells[:2]}, {"cells": cells[2:]}, {"cells": 3}, None]
    read = sheet({"metadata": {}, "nbformat": number, "worksheets": worksheets})
    assert [cell.source for cell in read.cells] == ["def train_line():\n    pass"]
    assert read.repairs[0] == "The notebook is in an old format, without ids of cells."


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8"]
)
def test_encodings(notebook, encoding):
    notebook["cells"].append(code("ω = 1"))
    read = sheet(json.dumps(notebook, ensure_ascii=False).encode(encoding))
    assert read.cells[-1].source == "ω = 1"
    assert read.repairs == ()


def test_what_json_forbids_and_can_be_read(notebook):
    text = json.dumps(notebook)
    assert sheet(text.replace("{", "\r\n{", 40).encode()).repairs == ()
    odd = '{"cells": 1, "n": [NaN, -Infinity, %s],' % ("9" * 5000)
    assert sheet(text.replace("{", odd, 1).encode()).repairs == ()
    rest = "After the notebook's end there was more in the file."
    assert sheet(text.encode() + b" \n\0\0").repairs == ()
    assert sheet(text.encode() + b"}").repairs == (rest,)
    assert sheet(text.encode() * 2).repairs == (rest,)


def test_other_bytes_and_no_characters_are_replaced(notebook):
    notebook["cells"].append(code("a = 'MARK'\r\nb\r"))
    text = json.dumps(notebook).encode()
    read = sheet(text.replace(b"MARK", b"\xe4"))
    assert read.cells[-1].source == "a = '\ufffd'\nb\n"
    assert read.repairs == ("Bytes that are not UTF-8 were replaced.",)
    read = sheet(text.replace(b"MARK", rb"\ud800\u0000\ud83d\ude00"))
    assert read.cells[-1].source == "a = '\ufffd\ufffd\N{GRINNING FACE}'\nb\n"
    assert len(read.repairs) == 1
    ast.parse(read.cells[-1].source)


@pytest.mark.parametrize(
    "cell",
    [None, 7, [], "cell", {}, code(5), code(None), code(["a", 1]), code({}), {"cell_type": "code"}]
    + [code("1", cell_type=kind) for kind in ([], {}, None, "sql", 1)],
    ids=repr,
)
def test_a_cell_that_cannot_be_understood_is_left_out_and_told(cell):
    read = sheet(tiny(cell, code("x = 1")), ["f"], [])
    assert [each.source for each in read.cells[1:]] == ["x = 1"]
    assert "1 cell could not be understood and left out." in read.repairs


def test_odd_metadata_and_ids_are_survived():
    odd = [None, 7, [], ["f"], {}, {"f": {}}, "\ud800", True, 1e400]
    cells = [code("1", id=one, metadata=one) for one in odd]
    cells += [code("2", metadata={"nbgrader": one, "name": one}) for one in odd]
    cells += [code("3", metadata={"nbgrader": {"grade_id": one}}) for one in odd]
    for metadata in odd + [{"kernelspec": one, "language_info": {"name": one}} for one in odd]:
        read = sheet({**tiny(*cells), "metadata": metadata}, ["f"], [])
        assert len(read.cells) == 1 + len(cells)


# Magics.


def test_magics_around_a_cell_leave_its_body_and_its_lines():
    for magic in (
        "%%time",
        "%%timeit -n 3",
        "%%capture out --no-stderr",
        "%%prun",
        "%%time\n%%prun",
    ):
        lines = magic.count("\n") + 1
        assert sources(code(f"{magic}\nx = 1")) == ["\n" * lines + "x = 1"]
    assert sources(code("\n  \n%%time\n\nx = 1")) == ["\n" * 4 + "x = 1"]


def test_cells_of_other_languages_are_left_out_silently():
    cells = [code(f"%%{name}\nx") for name in ("bash", "html", "timer", "writefile f.py", "latex")]
    read = sheet(tiny(*cells, code("x = 1")), ["f"], [])
    assert [cell.source for cell in read.cells[1:]] == ["x = 1"]


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "!pip install x", "np.dot?", "?np", "files = !ls", "%time y = 2", "!!ls"]
    + ["%timeit f(\\\n   2)", "!ls \\\n  -l \\\n  -a", "    %time y", "t = %time f()", "%%time x"],
)
def test_magics_in_a_cell_become_python_and_lines_stay(line):
    body = f"if 1:\n    pass\n{line}" if line.startswith(" ") else line
    [source] = sources(code(f"\n# first\n{body}\nx = 5\n%time x\ny = 6"))
    assert "get_ipython()" in source
    if not line.startswith((" ", "%%")):
        assert sources(code(line))[0].startswith(("get_ipython()", "files = get", "t = get"))
    names = {
        node.targets[0].id: node.lineno
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
    }
    assert names["x"] == 4 + body.count("\n")
    assert names["y"] == names["x"] + 2


@pytest.mark.parametrize(
    "source",
    [
        "a = (17\n  % b\n  %c)",
        'text = """\n%time\n!ls\nwhy?\n"""',
        "x = 1  # why?",
        "a != b\nc = '%d' % d",
        "f'{a=!r}'",
        "if",
        "'''",
        "(((",
        "\\",
        "%time '''",
        "\ufffd?",
    ],
)
def test_what_only_looks_like_a_magic_or_is_broken_stays(source):
    [read] = sources(code(source))
    assert read == source or "%time" in source


def test_a_cell_that_only_ipython_takes_is_read_like_it():
    assert sources(code("  x = 1\n  y = 2")) == ["x = 1\ny = 2"]
    assert sources(code(">>> x = 1\n>>> y = 2")) == ["x = 1\ny = 2"]


def test_ten_thousand_magics_cost_little_and_no_other_cell():
    started = processor_seconds()
    many = code("!ls\n" * 10_000)
    *_, last = sources(many, many, code("!ls " * 400_000), code("%time x\nz = 1"))
    assert last.startswith("get_ipython()")
    assert processor_seconds() - started < 8


# Hostile files.


DATA = {
    "empty": (b"", "The file is empty."),
    "blank": (b" \n\t", "The file is empty."),
    "zeros": (b"\0" * 4096, "The file is empty."),
    "text": (b"import numpy as np\n", "does not begin like one"),
    "page": (b"<html></html>", "does not begin like one"),
    "zip": (b"PK\x03\x04\xff\xfe\x00", "does not begin like one"),
    "cut off": (json.dumps(RELEASE).encode()[:3000], "The file is cut off"),
    "cut off in a string": (b'{"cells": [{"sour', "The file is cut off"),
    "conflict": (b'{"cells": [\n<<<<<<< mine\n]}', "damaged at line 2"),
    "number": (b"7", "It is not a notebook"),
    "list": (b"[[]]", "It is not a notebook"),
    "no cells": (b"{}", "no list of cells"),
    "cells as a dict": (b'{"cells": {"0": {}}}', "no list of cells"),
    "cells as text": (b'{"cells": "def train_line"}', "no list of cells"),
    "no cell": (b'{"cells": []}', "None of the questions"),
    "deep": (lambda: b"[" * 50_000_000, "nested too deep"),
    "deep outputs": (b'{"cells": [' + b'{"a":' * 100_000, "nested too deep"),
    "many lists": (lambda: b"[" + b"[]," * 26_000_000 + b"[]]", "more than fits into 2 GB"),
    "many cells": (
        lambda: (
            b'{"cells": [' + b'{"cell_type":"code","source":"train_line=1"},' * 1_000_000 + b"{}]}"
        ),
        "It has 1000001 cells; 10000 are read at most.",
    ),
    "much code": (
        json.dumps(tiny(*[code("train_line=1" + "#" * 3_000_000)] * 2)).encode(),
        "more than 4 million characters of code",
    ),
    "many words": (
        json.dumps(
            {
                "cells": [code("x = 1", id=n) for n in POINTS]
                + [code("x" * 900, id="words-half-sum")] * 4900
            }
        ).encode(),
        "more than 4 million characters of code",
    ),
}


@pytest.mark.parametrize("kind", DATA)
def test_what_cannot_be_read_is_said(kind):
    data, why = DATA[kind]
    data = data() if callable(data) else data
    started = processor_seconds()
    with pytest.raises(Unreadable, match=re.escape(why)):
        sheet(data)
    assert processor_seconds() - started < 10


def test_outputs_of_100_megabytes_are_read(notebook):
    output = {"output_type": "stream", "text": ["\N{GRINNING FACE} tick\n" * 1000] * 500}
    picture = {"output_type": "display_data", "data": {"image/png": "iVBOR" * 19_000_000}}
    cell_of(notebook, "train_line")["outputs"] = [output, picture]
    data = json.dumps(notebook).encode()
    assert 100_000_000 < len(data) < preflight.MOST_BYTES
    assert sheet(data).repairs == ()


def test_a_cell_of_three_megabytes_and_many_empty_cells_are_read():
    large = "x = '" + "\x01\N{GRINNING FACE}%" * 1_000_000 + "'"
    read = sheet(tiny(code(large), *[code(" \n")] * 9_000, code("z = 1")), ["f"], [])
    assert [cell.source for cell in read.cells[1:]] == [large, "z = 1"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
NAMES = st.sampled_from([*POINTS, *WORDS, "check-train_line", "a"]) | ANYTHING
ABOUT = st.fixed_dictionaries(
    {}, optional={"grade_id": NAMES, "solution": ANYTHING, "points": ANYTHING}
)
TEXTS = st.sampled_from(["def train_line(): pass", "%time x", "check(train_line)"]) | ANYTHING
CELLS = ANYTHING | st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw"]) | ANYTHING},
    optional={
        "source": TEXTS | st.lists(TEXTS, max_size=3),
        "id": NAMES,
        "metadata": ANYTHING | st.fixed_dictionaries({"nbgrader": ABOUT | ANYTHING}),
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {"cells": st.lists(CELLS, max_size=8) | ANYTHING},
    optional={"metadata": ANYTHING, "worksheets": ANYTHING, "nbformat": ANYTHING},
)


def read_or_refused(data):
    """The Sheet, or None if it was refused for a reason that was thought of."""
    try:
        return sheet(data)
    except Unreadable as error:
        why = str(error)
    assert not any(surprise in why for surprise in ("broke down", "makes sense", "takes longer"))
    return None


@settings(max_examples=40)
@given(NOTEBOOKS)
def test_any_json_in_the_shape_of_a_notebook_is_read_or_refused(notebook):
    if read := read_or_refused(notebook):
        assert all(type(cell.source) is type(cell.question) is str for cell in read.cells)
        assert {cell.question for cell in read.cells} <= {"", *POINTS}
        assert all(name in WORDS and type(text) is str for name, text in read.words.items())


@settings(max_examples=40)
@given(st.data())
def test_a_notebook_with_damaged_bytes_is_read_or_refused(data):
    damaged = bytearray(json.dumps(RELEASE).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))


# The process that reads.


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """Call it with a program that runs in place of the one that reads."""

    def put(program):
        path = tmp_path / "reader.py"
        path.write_text(f"import os, sys, resource\n{program}\n")
        monkeypatch.setattr(preflight, "READER", path)

    return put


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("os.kill(os.getpid(), 24)", "takes longer than 20 seconds"),
        ("os.kill(os.getpid(), 11)", "broke down over it (status -11)"),
        ("os.abort()", "broke down over it (status -6)"),
        ("raise SystemError", "broke down over it (status 1)"),
        ("sys.stdout.write('[' * 40_000_000)", "broke down over it (status 0)"),
        ("print('[' * 100_000)", "nothing that makes sense"),
        ("print('')", "nothing that makes sense"),
        ("print('{}')", "nothing that makes sense"),
        ("print(7)", "nothing that makes sense"),
        ('print(\'{"cells": [1], "words": 2, "repairs": 3}\')', "nothing that makes sense"),
    ],
)
def test_however_the_reading_process_dies_it_is_said(reader, program, why):
    reader(program)
    with pytest.raises(Unreadable, match=re.escape(why)):
        sheet(b"x" * 1_000_000)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import time; time.sleep(60)", "took longer than 1 seconds"),
        ("os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("os.kill(os.getpid(), 15)", "ended by signal 15"),
    ],
)
def test_what_the_machine_does_to_it_says_nothing_about_the_file(reader, monkeypatch, program, why):
    if "sleep" in program:
        monkeypatch.setattr(preflight, "PATIENCE", 1)
    reader(program)
    with pytest.raises(OSError, match=why):
        sheet(b"x" * 1_000_000)


def test_the_reading_process_sees_no_environment(reader, monkeypatch):
    monkeypatch.setenv("SECRET", "seed")
    reader("print('{\"why\": \"%s %s\"}' % (os.environ.get('SECRET'), os.getcwd()))")
    with pytest.raises(Unreadable, match="^None /$"):
        sheet(b"")


def test_the_limits_of_the_reading_process():
    """A program that sets the same limits and tells them."""
    import subprocess

    program = (
        "import runpy, sys, resource\n"
        f"module = runpy.run_path({str(preflight.READER)!r})\n"
        "for kind, most in module['LIMITS'].items(): module['limit'](kind, most)\n"
        "print([resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, "
        "resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE)])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    address, seconds, core, size = json.loads(told)
    assert address <= 2_000_000_000
    assert seconds <= preflight.SECONDS
    assert core == 0
    assert size <= preflight.MOST_OUTPUT


def test_reading_imports_nothing_but_the_standard_library(notebook, tmp_path):
    """And nothing of the submission, whose statements would leave a file."""
    say(notebook, "imports", f"open({str(tmp_path / 'ran')!r}, 'w')")
    sheet(notebook)
    assert not (tmp_path / "ran").exists()
    allowed = sys.stdlib_module_names | {"cells", "sheet", "magics", "released"}
    for path in preflight.READER.parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {getattr(node, "module", None) or node.names[0].name for node in top}
        assert names <= allowed, path


def test_an_ordinary_notebook_is_quickly_read():
    data = json.dumps(RELEASE).encode()
    times = []
    for _ in range(7):
        started = processor_seconds()
        sheet(data)
        times.append(processor_seconds() - started)
    assert min(times) < 0.2  # of which it takes 0.03 or so


# Opening the file.


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "submitted" / "ada" / "03" / "03.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"content")
    return path


def test_a_file_is_read(file, tmp_path):
    assert preflight.read(file) == b"content"
    assert preflight.read(str(file), str(tmp_path / "submitted")) == b"content"
    odd = file.with_name("\udcff \n'=")
    odd.write_bytes(b"odd")
    assert preflight.read(odd, tmp_path) == b"odd"


@pytest.mark.parametrize("what", ["ada", "ada/03", "ada/03/03.ipynb"])
def test_no_link_is_followed_below_the_folder(file, tmp_path, what):
    place = tmp_path / "submitted" / what
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert file.read_bytes() == b"content"
    with pytest.raises(Unreadable, match="It is a link, or lies behind one."):
        preflight.read(file, tmp_path / "submitted")
    if what.endswith("ipynb"):
        with pytest.raises(Unreadable, match="It is a link"):
            preflight.read(file)


def test_the_folder_itself_may_be_a_link(file, tmp_path):
    (tmp_path / "link").symlink_to("submitted")
    assert preflight.read(tmp_path / "link" / "ada/03/03.ipynb", tmp_path / "link") == b"content"


def test_a_path_out_of_the_folder_is_refused(file, tmp_path):
    with pytest.raises(Unreadable, match="leads out of the folder"):
        preflight.read(tmp_path / "submitted" / "ada" / ".." / ".." / "x", tmp_path / "submitted")
    with pytest.raises(Unreadable, match="leads out of the folder"):
        preflight.read(tmp_path / "submitted", tmp_path / "submitted")


def test_a_hard_link_is_refused_with_the_remedy(file):
    os.link(file, file.with_name("other"))
    with pytest.raises(Unreadable, match="hard link.*Copy it"):
        preflight.read(file)


def test_what_is_no_ordinary_file_is_refused_at_once(file, monkeypatch):
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(Unreadable, match="It is not an ordinary file."):
        preflight.read(file)
    with pytest.raises(Unreadable, match="It is not an ordinary file."):
        preflight.read(file.parent)  # a folder
    with pytest.raises(Unreadable, match="It is not an ordinary file."):
        preflight.read(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(file.parent)  # the address of a socket must be short
        server.bind("s")
        with pytest.raises(Unreadable, match="It cannot be opened"):
            preflight.read(file.with_name("s"))
    with pytest.raises(Unreadable, match="It cannot be opened: No such file"):
        preflight.read(file.with_name("nowhere"))


def test_a_file_of_more_than_200_megabytes_is_refused_unread(file):
    os.truncate(file, preflight.MOST_BYTES + 1)
    with pytest.raises(Unreadable, match="too large: 200 MB, and 200 MB .* Clear its outputs"):
        preflight.read(file)


def test_a_file_that_grows_is_refused(file, monkeypatch):
    def grown(about):
        with file.open("ab") as more:
            more.write(b"more")

    monkeypatch.setattr(preflight, "refuse", grown)
    with pytest.raises(Unreadable, match="changed while it was read"):
        preflight.read(file)


def test_the_names_of_questions_are_not_in_two_sets():
    """`others` says by a question's name which set a notebook is."""
    assert len(QUESTIONS) == sum(len(each.questions) for each in SETS)
