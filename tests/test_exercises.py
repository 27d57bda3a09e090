"""The rules for exercise sets (CONTRIBUTING.md), each as a test, and how they are generated.

What the solutions print, nbval compares.
"""

import dataclasses
import re
import shutil
import subprocess
import sys

import make_exercises
import nbformat
import pytest
from conftest import ROOT
from machine import PATIENCE
from make_exercises import ExerciseError, make, release, sources
from nbclient import NotebookClient
from run_notebooks import run, tidy

from coursepkg.chapters import CHAPTERS
from coursepkg.checks.banks import SETS
from coursepkg.checks.question import ExerciseSet, Question
from coursepkg.learner.course_files import strip_outputs

SOURCES = sources(ROOT / "solutions")
QUESTIONS = {exercise_set.name: exercise_set.questions for exercise_set in SETS}
ANSWER = {"grade": False, "solution": True, "locked": False}
CHECK = {"grade": True, "solution": False, "locked": True}
WORDS = {"grade": True, "solution": True, "locked": False}


@pytest.fixture(scope="module", params=SOURCES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def source(name):
    return nbformat.read(SOURCES[name], as_version=4)


@pytest.fixture(scope="module")
def released(name):
    return nbformat.reads(release(SOURCES[name]).decode(), as_version=4)


@pytest.fixture(scope="module")
def executed(released, tmp_path_factory):
    """The set as a learner runs it who has not written anything yet."""
    client = NotebookClient(nbformat.from_dict(released), kernel_name="python3", timeout=PATIENCE)
    return client.execute(cwd=str(tmp_path_factory.mktemp("no_progress_here")))


def graded(notebook, **kind):
    """The cells of one kind, in order."""
    grading = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    return [cell for cell in grading if kind.items() <= cell.metadata.nbgrader.items()]


def solution_lines(cell):
    """The lines of the solution regions of a cell, and those around them."""
    inside, outside = [], []
    place = outside
    for line in cell.source.splitlines():
        if "BEGIN SOLUTION" in line:
            place = inside
        elif "END SOLUTION" in line:
            place = outside
        elif line.strip():
            place.append(line.strip())
    return inside, outside


def test_questions_solutions_and_exercises_are_there_for_the_same_sets():
    assert list(SOURCES) == [exercise_set.name for exercise_set in SETS]
    assert list(sources(ROOT / "exercises")) == list(SOURCES), "run make exercises"


def test_the_exercises_are_what_the_solutions_generate(name):
    path = ROOT / "exercises" / name / f"{name}.ipynb"
    assert path.is_file(), "run make exercises"
    assert path.read_bytes() == release(SOURCES[name]), "run make exercises"


def test_the_same_sources_give_the_same_bytes_in_another_place_and_process(tmp_path):
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    code = "import sys, pathlib, make_exercises as m; m.make(root=pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT / "tools", check=True)
    for name, path in sources(tmp_path / "exercises").items():
        assert path.read_bytes() == release(SOURCES[name])
    assert list(sources(tmp_path / "exercises")) == list(SOURCES)


def test_nothing_of_a_solution_stands_in_the_release(source, released):
    split = [solution_lines(cell) for cell in source.cells]
    given = {line for _, outside in split for line in outside}
    secret = {line for inside, _ in split for line in inside} - given
    lines = {line.strip() for cell in released.cells for line in cell.source.splitlines()}
    assert secret
    assert not secret & lines
    text = "\n".join(cell.source for cell in released.cells)
    # Nor within a line; what is shorter than this may well be said in a question.
    assert [line for line in secret if len(line) >= 15 and line in text] == []


def test_the_release_has_stubs_and_no_outputs(released):
    for cell in graded(released, **ANSWER):
        assert re.search(r"^ *# YOUR CODE HERE\n *raise NotImplementedError\(\)", cell.source, re.M)
    for cell in graded(released, **WORDS):
        assert "YOUR ANSWER HERE" in cell.source
    for cell in released.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_release_is_valid_and_delivered_as_it_is(name, released):
    nbformat.validate(released)
    data = release(SOURCES[name])
    assert strip_outputs(data.decode()) == data


def test_the_release_holds_what_grading_needs(source, released):
    cells = graded(released)
    assert [c.metadata.nbgrader.grade_id for c in cells] == [
        c.metadata.nbgrader.grade_id for c in graded(source)
    ]
    for cell in cells:
        assert re.fullmatch(r"[0-9a-f]{32}", cell.metadata.nbgrader.checksum)
        assert cell.metadata.deletable is False
        assert cell.metadata.get("editable", True) is cell.metadata.nbgrader.solution


def test_the_untouched_release_runs_and_every_check_says_not_started(executed):
    for cell in executed.cells:
        assert [o for o in cell.get("outputs", []) if o.get("name") == "stderr"] == [], cell.id
    for cell in graded(executed, **CHECK):
        (output,) = cell.outputs
        said = f"{cell.id.removeprefix('check-')}: not started."
        assert output.data["text/plain"].startswith(said)


def test_each_question_has_one_answer_and_right_after_it_its_check(name, source):
    codes = [i for i, cell in enumerate(source.cells) if cell in graded(source)]
    codes = [i for i in codes if source.cells[i].cell_type == "code"]
    wanted = []
    for question in QUESTIONS[name]:
        both = {"schema_version": 3, "task": False}
        wanted.append({"grade_id": question.name, **ANSWER, **both})
        check = {"grade_id": f"check-{question.name}", "points": question.total}
        wanted.append({**check, **CHECK, **both})
    assert [dict(source.cells[i].metadata.nbgrader) for i in codes] == wanted
    assert [i + 1 for i in codes[::2]] == codes[1::2]
    for question, i in zip(QUESTIONS[name], codes[1::2], strict=True):
        assert source.cells[i].source == f"check({question.name})"


def test_the_title_says_chapter_minutes_and_points(source):
    title = source.cells[0].source
    number, name = re.match(r"# Exercises (\d\d) · (.+)\n", title).groups()
    assert name == next(c.title for c in CHAPTERS if c.number == int(number))
    points = re.search(r"\*about \d+ minutes · (\d+) points\*", title)[1]
    assert int(points) == sum(c.metadata.nbgrader.points for c in graded(source, grade=True))


def test_the_questions_say_the_points_that_they_are_worth(source):
    texts = "\n".join(c.source for c in source.cells[1:] if c.cell_type == "markdown")
    said = [int(points) for points in re.findall(r"\((\d+) points?\b", texts)]
    assert said == [c.metadata.nbgrader.points for c in graded(source, grade=True)]


def test_the_number_in_the_title_is_that_of_the_set(name, source):
    assert source.cells[0].source.startswith(f"# Exercises {name[:2]} · ")


def test_convention_card_warm_up_core_and_stretch(source):
    text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^## (.+)", text, flags=re.M)
    wanted = ["Convention card", "Warm-up", "Core", "Stretch"]
    assert [heading for heading in headings if heading in wanted] == wanted


def test_a_question_is_answered_in_words(source):
    words = graded(source, **WORDS)
    assert words
    for cell in words:
        assert cell.cell_type == "markdown"
        assert cell.id.startswith("words-")
        assert len(" ".join(solution_lines(cell)[0]).split()) >= 10, "the model answer"


def test_cell_ids_are_those_of_the_questions_or_say_what_the_cell_is_about(source):
    for cell in source.cells:
        wanted = cell.metadata.get("nbgrader", {}).get("grade_id")
        if wanted is None or cell.cell_type == "markdown":
            assert re.fullmatch(r"[a-z]+[a-z0-9]*(-[a-z0-9]+)*", cell.id)
        assert wanted in (None, cell.id)


def test_the_solutions_were_run_and_stored_by_make_notebooks(source):
    codes = [cell for cell in source.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))
    for output in (output for cell in codes for output in cell.outputs):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
    assert tidy(nbformat.from_dict(source)) == source


def test_every_solution_is_right(source):
    for cell in graded(source, **CHECK):
        (output,) = cell.outputs
        said = f"{cell.id.removeprefix('check-')}: right."
        assert output.data["text/plain"].startswith(said)


# How sets are generated, on a small one.


def cell(kind, name, text, **grading):
    made = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    metadata = {"nbgrader": {"schema_version": 3, "task": False, **grading}} if grading else {}
    return made(text, id=name, metadata=metadata)


DOUBLE = '''def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''

UNINDENTED = "def double(x):\n### BEGIN SOLUTION\n    return 2 * x\n### END SOLUTION"


def small_set(title="# Exercises"):
    answer = cell("code", "double", DOUBLE, grade_id="double", **ANSWER)
    check = cell("code", "check-double", "double(2)", grade_id="check-double", points=2, **CHECK)
    check.outputs = [nbformat.v4.new_output("stream", text="4")]
    check.execution_count = 2
    text = "Why?\n\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
    words = cell("markdown", "words-why", text, grade_id="words-why", points=1, **WORDS)
    cells = [cell("markdown", "title", title), answer, check, words]
    return nbformat.v4.new_notebook(cells=cells)


def write_set(root, name, notebook):
    folder = root / "solutions" / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def files(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_a_release_keeps_the_docstring_and_the_question(tmp_path):
    made = nbformat.reads(release(write_set(tmp_path, "01_a", small_set())).decode(), as_version=4)
    _, answer, check, words = made.cells
    assert answer.source.splitlines()[1:] == [
        '    """Twice x."""',
        "    # YOUR CODE HERE",
        "    raise NotImplementedError()",
    ]
    assert check.outputs == []
    assert words.source == "Why?\n\nYOUR ANSWER HERE"


def spoil(**changes):
    """A small set in which the answer cell is changed."""
    notebook = small_set()
    answer = notebook.cells[1]
    answer.source = changes.pop("source", answer.source)
    answer.metadata.nbgrader.update(changes)
    return notebook


def without_metadata():
    notebook = small_set()
    notebook.cells[1].metadata = {}
    return notebook


@pytest.mark.parametrize(
    ("notebook", "message"),
    [
        (spoil(source=DOUBLE.replace("    ### END SOLUTION", "")), "cell double: .* needs its ###"),
        (spoil(source=DOUBLE.replace("    ### BEGIN SOLUTION\n", "")), "cell double: .* needs its"),
        (spoil(source=f"{DOUBLE}\n    ### BEGIN SOLUTION"), "cell double: .* needs its ###"),
        (spoil(source="double = abs"), "cell double: an answer cell needs a region"),
        (spoil(source=DOUBLE.replace("    ###", "###")), "cell double: without its solution it"),
        (spoil(source=UNINDENTED), "cell double: without its solution it fails"),
        (spoil(grade_id="words-why"), "Duplicate grade id: words-why"),
        (spoil(grade="yes"), "cell double: nbgrader's metadata: 'yes' is not of type 'boolean'"),
        (spoil(grade=True), "cell double: nbgrader's metadata: .*does not have points"),
        (spoil(schema_version=1), "cell double: nbgrader's metadata: Outdated schema"),
        (without_metadata(), "cell double: a solution region stands only in an answer cell"),
    ],
)
def test_a_wrong_source_is_refused_and_nothing_is_written(notebook, message, tmp_path):
    write_set(tmp_path, "01_right", small_set())
    path = write_set(tmp_path, "02_wrong", notebook)
    with pytest.raises(ExerciseError, match=re.escape(f"{path}: ") + f".*{message}"):
        make(root=tmp_path)
    assert not (tmp_path / "exercises").exists()


def test_a_cell_without_an_id_gets_none_invented(tmp_path):
    path = write_set(tmp_path, "01_a", small_set())
    path.write_text(path.read_text(encoding="utf-8").replace('"id": "title"', '"id": "double"'))
    with pytest.raises(ExerciseError, match="every cell needs an id of its own"):
        release(path)
    path.write_text(path.read_text(encoding="utf-8").replace('   "id": "double",\n', "", 1))
    with pytest.raises(ExerciseError, match="every cell needs an id of its own"):
        release(path)


def test_what_is_no_notebook_is_refused_by_its_path(tmp_path):
    path = write_set(tmp_path, "01_a", small_set())
    path.write_text("{")
    with pytest.raises(ExerciseError, match=re.escape(str(path))):
        make(root=tmp_path)


def test_sets_are_written_renewed_and_removed_and_nothing_else_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_set(tmp_path, "01_a", small_set())
    write_set(tmp_path, "02_b", small_set())
    before = files(tmp_path)
    made = {"exercises/01_a/01_a.ipynb", "exercises/02_b/02_b.ipynb"}
    make(root=tmp_path)
    assert files(tmp_path) - before == made  # no gradebook, no temporary files
    (tmp_path / "exercises/01_a/01_a.ipynb").write_text("old")
    (tmp_path / "exercises/02_b/02_b.ipynb").write_text("old")
    make(["01_a"], root=tmp_path)
    assert (tmp_path / "exercises/01_a/01_a.ipynb").read_bytes() == release(path)
    assert (tmp_path / "exercises/02_b/02_b.ipynb").read_text() == "old"
    (tmp_path / "exercises/02_b/notes.txt").write_text("mine")
    shutil.rmtree(tmp_path / "solutions/02_b")
    make(root=tmp_path)
    assert files(tmp_path / "exercises") == {"01_a/01_a.ipynb", "02_b/notes.txt"}


def test_an_unknown_set_and_an_empty_clone_are_said(tmp_path):
    with pytest.raises(ExerciseError, match="There is no exercise set in"):
        make(root=tmp_path)
    write_set(tmp_path, "01_a", small_set())
    with pytest.raises(ExerciseError, match="'01_z' is not a set; the sets are 01_a"):
        make(["01_z"], root=tmp_path)


def test_solutions_run_where_no_progress_is_recorded_and_keep_their_metadata(tmp_path):
    notebook = small_set()
    look = "from pathlib import Path\n[p for p in Path.cwd().parents if list(p.glob('.course*'))]"
    notebook.cells.insert(1, cell("code", "look", look))
    (tmp_path / ".coursepkg.json").write_text("{}")
    path = write_set(tmp_path, "01_a", notebook)
    run(path)
    stored = nbformat.read(path, as_version=4)
    assert stored.cells[1].outputs[0].data["text/plain"] == "[]"
    assert [dict(c.metadata) for c in stored.cells] == [dict(c.metadata) for c in notebook.cells]


def triple(x):
    """Return three times x."""
    total = 2 * x
    return total + x


def undescribed(x):
    return x


def set_that_asks(*references):
    questions = [
        Question(reference, points=2, cases=lambda rng: {"one": (1.0,)}, mistakes={}, hints=())
        for reference in references
    ]
    return ExerciseSet("01_a", tuple(questions))


def test_a_question_that_the_notebook_does_not_ask_is_added(tmp_path, monkeypatch):
    path = write_set(tmp_path, "01_a", small_set("# A\n\n*about 5 minutes · 3 points*"))
    monkeypatch.setattr(make_exercises, "SETS", [set_that_asks(triple)])
    for _ in range(2):  # the second time it is there
        make(root=tmp_path)
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].source.endswith("*about 5 minutes · 5 points*")
    assert [cell.id for cell in cells[-3:]] == ["ask-triple", "triple", "check-triple"]
    assert cells[-3].source == "**triple** (2 points). Return three times x."
    assert cells[-2].source.endswith("return total + x\n    ### END SOLUTION")
    assert cells[-2].source.splitlines()[1:3] == [
        '    """Return three times x."""',
        "    ### BEGIN SOLUTION",
    ]
    released = nbformat.read(tmp_path / "exercises/01_a/01_a.ipynb", as_version=4).cells
    assert "total" not in released[-2].source
    assert released[-1].metadata.nbgrader.points == 2


def test_a_question_without_a_task_cannot_be_added(tmp_path, monkeypatch):
    path = write_set(tmp_path, "01_a", small_set())
    before = path.read_bytes()
    monkeypatch.setattr(make_exercises, "SETS", [set_that_asks(undescribed)])
    with pytest.raises(ExerciseError, match="undescribed: give its function a docstring"):
        make(root=tmp_path)
    assert path.read_bytes() == before


def test_of_an_answer_in_parts_the_last_line_stays(tmp_path, monkeypatch):
    path = write_set(tmp_path, "01_a", small_set())
    in_parts = ExerciseSet(
        "01_a",
        tuple(
            dataclasses.replace(each, points={"twice": 1, "rest": 2})
            for each in set_that_asks(triple).questions
        ),
    )
    monkeypatch.setattr(make_exercises, "SETS", [in_parts])
    make(root=tmp_path)
    task, answer, _ = nbformat.read(path, as_version=4).cells[-3:]
    assert task.source.startswith("**triple** (3 points: 1 for `twice`, 2 for `rest`). Return")
    assert answer.source.endswith("    ### END SOLUTION\n    return total + x")
