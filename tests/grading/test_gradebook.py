"""nbgrader joined on: what its gradebook, feedback and export hold after `coursepkg grade`."""

import contextlib
import csv
import html.parser
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import hypothesis
import nbformat
import pytest
from conftest import ROOT
from hypothesis import strategies as st
from machine import PATIENCE, free_port

from coursepkg.errors import CourseError
from coursepkg.grading.record import from_dict, question_from_dict

ASSIGNMENT = "03_one_weight"
WORDS = "words-half-sum"
RELEASE = ROOT / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.long


@pytest.fixture(scope="module", autouse=True)
def nbgrader(missing):
    try:
        import nbgrader.api
    except ImportError:
        missing("nbgrader is not installed: pip install -e '.[grading]'")
    return nbgrader.api


@pytest.fixture
def quickly(monkeypatch):
    """Gradebooks are opened quickly: nbgrader starts a program each time to ask its version."""
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "167914646830")


@pytest.fixture
def database(tmp_path, quickly):
    """Where the gradebook will be."""
    return tmp_path / "course" / "gradebook.db"


def questions_of_release():
    cells = nbformat.read(RELEASE, as_version=4).cells
    graded = [c.metadata.nbgrader for c in cells if c.metadata.get("nbgrader", {}).get("grade")]
    return {cell.grade_id.removeprefix("check-"): cell.points for cell in graded}


def question(name, points, earned):
    found = {
        "part": "grad_w",
        "mistake": "no_mean",
        "known": True,
        "sentence": "This is the gradient of the `sum`.",
        "example": [["x", "[1. 2.]"], ["grad_w, got", "7.0"]],
    }
    verdict = "right" if earned == points else "not right yet"
    return {
        "question": name,
        "points": points,
        "earned": earned,
        "verdict": verdict,
        "headline": f"{name}: {verdict}. {earned} of {points} points.",
        "notes": [],
        "findings": [] if earned == points else [found],
        "answer": f"def {name}(*given):\n    return {earned}",
    }


def record(student="ada", status="graded", words="Her step is 75 times as long.", **earned):
    """A record in which every question is right but those in `earned`: {question: points}."""
    all_of_them = questions_of_release()
    code = {name: points for name, points in all_of_them.items() if name != WORDS}
    questions = [question(name, of, earned.get(name, of)) for name, of in code.items()]
    made = {
        "student": student,
        "assignment": ASSIGNMENT,
        "status": status,
        "sha256": None,
        "fingerprint": "",
        "notes": ["The file had another name."] if status == "repaired" else [],
        "questions": questions,
        "points": sum(q["earned"] or 0 for q in questions),
        "of": sum(code.values()),
        "words": [{"question": WORDS, "points": all_of_them[WORDS], "answer": words}],
    }
    if status in ("unreadable", "failed"):
        made |= {"questions": [], "words": [], "points": None, "notes": ["It is no JSON."]}
    return made


def write(records, database, release=RELEASE):
    from coursepkg.grading.nbgrader import gradebook

    return gradebook.write(list(map(from_dict, records)), release, database)


def opened(nbgrader, database):
    return nbgrader.Gradebook(f"sqlite:///{database}", course_id="backpropagation")


def grade_of(book, name, student="ada"):
    return book.find_grade(name, ASSIGNMENT, ASSIGNMENT, student)


def by_hand(nbgrader, database, name, **given):
    """What formgrader does when a person types a score."""
    with opened(nbgrader, database) as book:
        grade = grade_of(book, name)
        for key, value in given.items():
            setattr(grade, key, value)
        grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
        book.db.commit()


def copy_of(database, student="ada"):
    return database.parent / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def written(database, student):
    """Which file is there and when it was written. (When it was read is nobody's business.)"""
    about = copy_of(database, student).stat()
    return about.st_ino, about.st_size, about.st_mtime_ns


def rows(database):
    """Every row of every table, as texts that can be compared."""
    import sqlite3

    with sqlite3.connect(database) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        tables = [name for name in sorted(names) if not name.startswith("sqlite_")]
        return {n: sorted(map(str, connection.execute(f"SELECT * FROM {n}"))) for n in tables}


def test_scores_of_code_are_the_judges_and_words_wait_for_a_person(nbgrader, database):
    assert write([record(line_gradient=2)], database) == []
    with opened(nbgrader, database) as book:
        for name, points in questions_of_release().items():
            if name != WORDS:
                grade = grade_of(book, f"check-{name}")
                assert grade.auto_score == (2 if name == "line_gradient" else points)
                assert grade.max_score == points
                assert not grade.needs_manual_grade
        words = grade_of(book, WORDS)
        assert (words.auto_score, words.manual_score, words.needs_manual_grade) == (
            None,
            None,
            True,
        )
        submission = book.find_submission(ASSIGNMENT, "ada")
        assert (submission.score, submission.max_score) == (17, 20)
        told = book.find_comment("line_gradient", ASSIGNMENT, ASSIGNMENT, "ada").comment
        assert told.startswith("line_gradient: not right yet. 2 of 3 points.")
        assert "grad_w: This is the gradient of the `sum`." in told
        assert book.find_comment("valley", ASSIGNMENT, ASSIGNMENT, "ada").comment is None  # right


def test_a_question_that_was_not_graded_is_not_0_but_for_a_person(nbgrader, database):
    write([record(valley=None)], database)
    with opened(nbgrader, database) as book:
        grade = grade_of(book, "check-valley")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)


def test_twice_is_once(database):
    records = [record(), record("bob", status="repaired", valley=1)]
    write(records, database)
    before, copies = rows(database), [written(database, s) for s in ("ada", "bob")]
    assert sum(map(len, before.values())) > 50
    write(records, database)
    assert rows(database) == before
    assert [written(database, s) for s in ("ada", "bob")] == copies


def test_what_a_person_has_given_stays(nbgrader, database):
    write([record()], database)
    by_hand(nbgrader, database, WORDS, manual_score=1.5)
    by_hand(nbgrader, database, "check-valley", manual_score=2.0, extra_credit=0.5)
    with opened(nbgrader, database) as book:
        book.find_comment(WORDS, ASSIGNMENT, ASSIGNMENT, "ada").manual_comment = "Which rate?"
        book.find_comment("valley", ASSIGNMENT, ASSIGNMENT, "ada").manual_comment = "By luck."
        book.db.commit()
    before = rows(database)
    write([record()], database)
    assert rows(database) == before
    write([record(words="Something else.", valley=0)], database)
    with opened(nbgrader, database) as book:
        words, valley = grade_of(book, WORDS), grade_of(book, "check-valley")
        assert (words.manual_score, words.needs_manual_grade) == (1.5, True)
        assert (valley.manual_score, valley.extra_credit, valley.auto_score) == (2.0, 0.5, 0)
        assert valley.needs_manual_grade
        assert not grade_of(book, "check-standardize").needs_manual_grade
        for name, said in {WORDS: "Which rate?", "valley": "By luck."}.items():
            assert book.find_comment(name, ASSIGNMENT, ASSIGNMENT, "ada").comment == said


def test_a_score_is_looked_at_again_when_only_the_code_has_changed(nbgrader, database):
    first, second = record(), record()
    write([first], database)
    by_hand(nbgrader, database, "check-valley", manual_score=2.0)
    second["questions"][-1]["answer"] += "  # changed"
    assert second["questions"][-1]["question"] == "valley"
    write([second], database)
    with opened(nbgrader, database) as book:
        grade = grade_of(book, "check-valley")
        assert (grade.manual_score, grade.needs_manual_grade) == (2.0, True)


def test_a_run_killed_before_the_notebook_still_tells_the_next_that_words_changed(
    nbgrader, database, monkeypatch
):
    from coursepkg.grading.nbgrader import gradebook

    write([record()], database)
    by_hand(nbgrader, database, WORDS, manual_score=1.0)

    def killed(path, data):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(gradebook, "write_file", killed)
        with pytest.raises(KeyboardInterrupt):
            write([record(words="Something else.")], database)
    by_hand(nbgrader, database, WORDS, manual_score=1.0)  # somebody resolves it, seeing the old one
    write([record(words="Something else.")], database)
    with opened(nbgrader, database) as book:
        assert grade_of(book, WORDS).needs_manual_grade
    assert "Something else." in copy_of(database).read_text(encoding="utf-8")


@pytest.mark.parametrize("status", ["unreadable", "failed"])
def test_what_was_not_graded_has_no_entry_and_keeps_an_earlier_one(nbgrader, database, status):
    said = write([record(), record("eve", status=status)], database)
    assert said == [f"'eve' gets no score in the gradebook: {status}."]
    with opened(nbgrader, database) as book:
        assert [student.id for student in book.students] == ["ada"]
    assert not copy_of(database, "eve").exists()
    before = rows(database)
    (said,) = write([record(status=status)], database)
    assert said.endswith(f"{status}. What was graded earlier is still there.")
    assert rows(database) == before


ODD = [
    "..",
    ".",
    ".ada",
    "a/b",
    "/ada",
    "",
    " ada",
    "ada ",
    "a\nb",
    "a*",
    "[a]",
    "a,b",
    "a+b",
    "=1",
]
ODD += ["<b>", "a'b", 'a"b', "\udcff", "a" * 129, "a..b", "a\\b", "{x}", "-a"]


def test_a_name_that_nbgrader_cannot_have_is_said_and_nothing_is_written(nbgrader, database):
    said = write([record(name) for name in ODD], database)
    for name, sentence in zip(ODD, said, strict=True):
        assert sentence.startswith(f"{ascii(name)} is not in the gradebook: a name")
        sentence.encode()
    with opened(nbgrader, database) as book:
        assert book.students == []
    assert sorted(p.name for p in database.parent.iterdir()) == ["gradebook.db"]
    assert os.listdir(database.parent.parent) == ["course"]


def test_usual_names_are_kept(nbgrader, database):
    names = ["7", "Ada Lovelace", "a_b-c.d", "ada@x.org", "zoë", "李"]
    assert write([record(name) for name in names], database) == []
    assert all(copy_of(database, name).is_file() for name in names)
    with opened(nbgrader, database) as book:
        assert sorted(student.id for student in book.students) == names


def renamed(record):
    record["questions"][0]["question"] = "other"


def other_points(record):
    record["questions"][0]["points"] = 5


def other_assignment(record):
    record["assignment"] = "05_losses"


@pytest.mark.parametrize("change", [renamed, other_points, other_assignment])
def test_records_of_something_else_are_refused_before_anything_is_written(database, change):
    wrong = record("bob")
    change(wrong)
    with pytest.raises(ValueError, match="^records: 'bob'"):
        write([record(), wrong], database)
    with pytest.raises(ValueError, match="^records: 'ada' comes twice"):
        write([record(), record()], database)
    assert not database.parent.exists()


def test_a_release_with_other_cells_is_refused_once_there_are_submissions(database, tmp_path):
    write([record()], database)
    notebook = nbformat.read(RELEASE, as_version=4)
    notebook.cells = [c for c in notebook.cells if not c.id.endswith("valley")]
    changed = tmp_path / RELEASE.name
    nbformat.write(notebook, changed)
    rest = record()
    rest["questions"] = [q for q in rest["questions"] if q["question"] != "valley"]
    before = rows(database)
    with pytest.raises(ValueError, match="^release: not as in the gradebook any more"):
        write([rest], database, release=changed)
    assert rows(database) == before


def test_a_damaged_release_is_named(database, tmp_path):
    damaged = tmp_path / RELEASE.name
    damaged.write_bytes(RELEASE.read_bytes()[:4995])
    with pytest.raises(CourseError, match=f"^release: {re.escape(str(damaged))} is not a sound"):
        write([record()], database, release=damaged)
    assert not database.parent.exists()


def test_a_file_that_is_no_gradebook_is_left_alone(database):
    database.parent.mkdir()
    database.write_bytes(b"my notes" * 100)
    with pytest.raises(ValueError, match="^database: .*gradebook.db cannot be written"):
        write([record()], database)
    assert database.read_bytes() == b"my notes" * 100


def test_a_gradebook_that_could_not_be_finished_has_no_name_yet(database, monkeypatch):
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write([record()], database)
    assert not database.exists()
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "/usr/bin")  # alembic is found beside this Python
    write([record()], database)
    assert os.environ["PATH"] == "/usr/bin"
    names = sorted(path.name for path in database.parent.iterdir())
    assert names == ["autograded", "gradebook.db"]
    assert len(rows(database)["alembic_version"]) == 1


def test_without_nbgrader_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['nbgrader'] = None\n"
        "try: import coursepkg.grading.nbgrader.gradebook\n"
        "except ImportError as error: print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install --editable '.[grading]'" in ran.stdout


# The notebook that formgrader shows


def test_the_copy_has_the_answers_the_verdicts_and_otherwise_the_release(database):
    write([record(line_gradient=2)], database)
    copy = nbformat.read(copy_of(database), as_version=4)
    nbformat.validate(copy)
    release = nbformat.read(RELEASE, as_version=4)
    assert [c.id for c in copy.cells] == [c.id for c in release.cells]
    assert [c.metadata for c in copy.cells] == [c.metadata for c in release.cells]
    cells = {cell.id: cell for cell in copy.cells}
    assert cells["line_gradient"].source == "def line_gradient(*given):\n    return 2"
    assert cells["line_gradient"].outputs == []
    assert "Her step is 75 times as long." in cells[WORDS].source
    (output,) = cells["check-line_gradient"].outputs
    assert output.data["text/plain"].splitlines() == [
        "line_gradient: not right yet. 2 of 3 points.",
        "  grad_w: This is the gradient of the `sum`.",
        "    the smallest case that shows it:",
        "      x            [1. 2.]",
        "      grad_w, got  7.0",
    ]
    assert "<code>sum</code>" in output.data["text/html"]
    changed = {c.id for c, r in zip(copy.cells, release.cells, strict=True) if c != r}
    graded = set(questions_of_release())
    assert changed == graded | {f"check-{name}" for name in graded - {WORDS}}


def test_a_missing_answer_is_told_and_a_repair_stands_at_the_top(database):
    made = record(status="repaired", words=" \n")
    made["questions"][0]["answer"] = ""
    write([made, record("bob")], database)
    assert "another name" not in copy_of(database, "bob").read_text(encoding="utf-8")
    cells = nbformat.read(copy_of(database), as_version=4).cells
    assert "The file had another name." in cells[0].source
    by_id = {cell.id: cell.source for cell in cells}
    assert by_id["weight_gradient"] == "# Nothing was found in the cell of this question."
    assert "Nothing was found in the cell of this question." in by_id[WORDS]


def test_any_text_survives_in_the_gradebook_and_in_the_copy(nbgrader, database):
    odd = "\udcff \0 \x1b[0m \u202e 𝜂 \ud800"
    made = record(words=odd, line_gradient=0)
    for q in made["questions"]:
        q["answer"] = q["headline"] = odd
        q["notes"] = [odd]
        for finding in q["findings"]:
            finding |= {"sentence": odd, "example": [[odd, odd]]}
    write([made], database)
    before = rows(database)
    nbformat.validate(nbformat.read(copy_of(database), as_version=4))
    write([made], database)
    assert rows(database) == before


class Seen(html.parser.HTMLParser):
    """The tags of a page, with attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


PIECES = ["<", ">", "script", "img src=x onerror=alert(1)", "[", "]", "(", ")", ":", "!", "/", "&"]
PIECES += [
    "javascript:alert(1)",
    "\n",
    "\n\n",
    "`",
    "$",
    "$$",
    "\\",
    "lt;",
    "# ",
    "- ",
    "    ",
    "|",
]
PIECES += [
    "<!--",
    "-->",
    "</div>",
    "\\begin{x}",
    "\\end{x}",
    "^[",
    "~~~",
    "```",
    '"',
    "'",
    "\r",
    "a",
]
NASTY = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@hypothesis.given(text=NASTY)
@hypothesis.example("<script>alert(1)</script>")
@hypothesis.example("\n\n<img src=x onerror=alert(1)>")
@hypothesis.example("$<img src=x onerror=alert(1)>$ [a](javascript:alert(1))")
@hypothesis.settings(max_examples=300)
def test_an_answer_in_words_is_text_and_nothing_else_wherever_nbgrader_shows_it(text):
    from nbconvert.filters.markdown import markdown2html

    from coursepkg.grading.nbgrader.graded_copy import as_typed
    from coursepkg.grading.pages.html import readable

    seen = Seen(markdown2html(as_typed(text)))
    assert seen.tags == [("div", {"style": "white-space: pre-wrap"})]
    assert seen.text.rstrip("\n") == readable(text).rstrip("\n")


HARMLESS = {"p", "code", "em", "strong", "del", "br"}


@hypothesis.given(text=NASTY, place=st.sampled_from(["sentence", "part", "headline", "notes"]))
@hypothesis.example("<script>alert(1)</script>", "sentence")
@hypothesis.example("[a](javascript:alert(1)) ![a](/x)", "sentence")
@hypothesis.example("[a]\n\n[a]: javascript:alert(1)", "sentence")
@hypothesis.settings(max_examples=300)
def test_a_comment_holds_no_markup_that_acts(text, place):
    from nbconvert.filters.markdown import markdown2html

    from coursepkg.grading.nbgrader.graded_copy import comment

    made = question("valley", 3, 1)
    if place in ("sentence", "part"):
        made["findings"][0][place] = f"It raises: {text}"
    else:
        made[place] = [f"It: {text}"] if place == "notes" else f"It: {text}"
    for tag, attributes in Seen(markdown2html(comment(question_from_dict(made)))).tags:
        assert tag in HARMLESS, tag
        assert not attributes


@hypothesis.given(text=NASTY)
@hypothesis.example("<script>alert(1)</script>")
def test_the_verdict_in_the_copy_is_escaped(text):
    from coursepkg.grading.nbgrader.graded_copy import verdict_output

    made = question("valley", 3, 1) | {"headline": text, "notes": [text], "verdict": text}
    made["findings"][0] |= {"part": text, "sentence": text, "example": [[text, text]]}
    seen = Seen(verdict_output(question_from_dict(made))["text/html"])
    tags = HARMLESS | {"div", "table", "caption", "tr", "th", "td", "pre"}
    assert {tag for tag, _ in seen.tags} <= tags
    assert {name for _, attributes in seen.tags for name in attributes} <= {
        "class",
        "style",
        "scope",
    }
    assert seen.tags[0][1]["class"] == "tex2jax_ignore"  # its dollars are no formulas


# nbgrader's own commands, in a copy of the clone


@pytest.fixture
def clone(tmp_path, quickly):
    folder = tmp_path / "clone"
    for name in ("solutions", "exercises"):
        shutil.copytree(ROOT / name / ASSIGNMENT, folder / name / ASSIGNMENT)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


def surroundings(clone):
    """The environment for nbgrader: nothing of whoever runs the tests."""
    return os.environ | {
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": str(clone.parent / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(clone.parent / "jupyter-data"),
    }


# nbgrader's commands, one after the other in one process, because it takes long to import.
COMMANDS = """
import json, sys
from nbgrader.apps import NbGraderApp
for arguments in json.loads(sys.argv[1]):
    try:
        NbGraderApp.launch_instance(arguments)
        print("WENT WELL")
    except SystemExit as end:
        print("FAILED" if end.code else "WENT WELL", end.code)
    NbGraderApp.clear_instance()
"""


def run(clone, *commands):
    """nbgrader in the copy of the clone: (how many commands went well, all that they said)."""
    command = [sys.executable, "-c", COMMANDS, json.dumps(commands)]
    options = {"cwd": clone, "env": surroundings(clone), "capture_output": True, "text": True}
    ran = subprocess.run(command, timeout=PATIENCE, **options)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    return ran.stdout.count("WENT WELL"), said


def test_nbgrader_releases_the_bytes_that_are_in_the_clone(clone):
    made = clone / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    made.unlink()
    went_well, said = run(clone, ["generate_assignment", ASSIGNMENT, "--force"])
    assert went_well == 1, said
    assert made.read_bytes() == RELEASE.read_bytes()


def test_feedback_and_export_have_the_judges_and_the_persons_points(nbgrader, clone):
    database = clone / "gradebook.db"
    write([record(line_gradient=2, valley=0), record("bob")], database)
    by_hand(nbgrader, database, WORDS, manual_score=1.5)
    with opened(nbgrader, database) as book:
        book.find_comment(WORDS, ASSIGNMENT, ASSIGNMENT, "ada").manual_comment = "Which rate?"
        book.db.commit()
    went_well, said = run(clone, ["generate_feedback", ASSIGNMENT], ["export"])
    assert went_well == 2, said
    page = (clone / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert "(Score: 15.5 / 20.0)" in page
    for text in ("Which rate?", "This is the gradient of the <code>sum</code>", "75 times"):
        assert text in page
    assert page.count("The smallest case that shows it") == 2
    with open(clone / "grades.csv", encoding="utf-8", newline="") as file:
        table = {row["student_id"]: row for row in csv.DictReader(file)}
    scores = {student: (row["score"], row["max_score"]) for student, row in table.items()}
    assert scores == {"ada": ("15.5", "20.0"), "bob": ("18.0", "20.0")}
    write([record(words="New."), record("bob")], database)
    went_well, said = run(clone, ["generate_feedback", ASSIGNMENT])
    assert went_well == 1, said
    page = (clone / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert "New." in page  # not the page of the first time


def test_nbgraders_own_autograder_is_refused_and_runs_nothing(clone):
    folder = clone / "submitted" / "eve" / ASSIGNMENT
    folder.mkdir(parents=True)
    notebook = nbformat.read(RELEASE, as_version=4)
    witness = clone.parent / "witness"
    notebook.cells[1].source = f"open({str(witness)!r}, 'w').close()"
    nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")
    write([record("eve")], clone / "gradebook.db")
    before, copy = rows(clone / "gradebook.db"), copy_of(clone / "gradebook.db", "eve")
    graded = copy.read_bytes()
    more = ((), ("--force",), ("--student", "eve", "--create"))
    went_well, said = run(clone, *(["autograde", ASSIGNMENT, *each] for each in more))
    assert went_well == 0, said
    assert said.count("Grade with: coursepkg grade submitted") == len(more)
    assert not witness.exists()
    assert copy.read_bytes() == graded
    assert rows(clone / "gradebook.db") == before


# formgrader in a real browser


@pytest.fixture
def browser(missing):
    if importlib.util.find_spec("playwright") is None:
        missing("the browser test needs Playwright: pip install -e '.[test]'")
    import lab_browser

    if lab_browser.browser_path() is None:
        missing("the browser test needs Chromium: apt-get install chromium, or Google Chrome")
    return lab_browser


@contextlib.contextmanager
def formgrader(clone, port):
    """A Jupyter server in the copy of the clone; yields the address of its formgrader."""
    log = clone.parent / "server-log"
    options = [f"--port={port}", "--port-retries=0", "--IdentityProvider.token=t", "--allow-root"]
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", *options]
    with open(log, "wb") as output:
        server = subprocess.Popen(
            command, cwd=clone, env=surroundings(clone), stdout=output, stderr=output
        )
        try:
            for _ in range(5 * PATIENCE):
                if b"is running at" in log.read_bytes() or server.poll() is not None:
                    break
                time.sleep(0.2)
            assert b"is running at" in log.read_bytes(), log.read_text("utf-8", "replace")
            yield f"http://localhost:{port}/formgrader"
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def graded_in_the_browser(page, address, database, nbgrader):
    """Type a score and a comment for the words into formgrader; returns when they are stored."""
    with opened(nbgrader, database) as book:
        (submission,) = book.find_submission(ASSIGNMENT, "ada").notebooks
        page.goto(f"{address}/?token=t")  # the list of assignments; from here on the cookie tells
        page.goto(f"{address}/submissions/{submission.id}/")
    score = page.locator(f"#{WORDS}")
    page.wait_for_selector(f"#{WORDS}.needs_manual_grade")  # it has its scores
    page.wait_for_selector(f"#{WORDS}-comment[placeholder]")
    shown = page.locator(".nbgrader_cell", has=score)
    for place, value in ((score, "1.5"), (page.locator(f"#{WORDS}-comment"), "Which rate?")):
        kind = "grade" if value == "1.5" else "comment"
        with page.expect_response(lambda got, kind=kind: f"/api/{kind}/" in got.url) as saved:
            place.fill(value)
            place.press("Tab")
        assert saved.value.ok
    return shown


def test_a_person_grades_the_words_in_formgrader(nbgrader, clone, browser):
    database = clone / "gradebook.db"
    attack = "Half.\n\n<img src=x onerror='document.title=1'><script>document.title=2</script>"
    write([record(words=attack, line_gradient=2)], database)
    with formgrader(clone, free_port()) as address, browser.open_page() as page:
        shown = graded_in_the_browser(page, address, database, nbgrader)
        assert shown.locator(".panel-body").inner_text().strip() == attack
        assert page.title() == ASSIGNMENT
        code = page.locator("#line_gradient-comment").get_attribute("placeholder")
        assert code.startswith("line_gradient: not right yet. 2 of 3 points.")
        assert page.locator("caption:has-text('The smallest case that shows it')").is_visible()
    write([record(words=attack, line_gradient=2)], database)
    with opened(nbgrader, database) as book:
        grade = grade_of(book, WORDS)
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, False)
        comment = book.find_comment(WORDS, ASSIGNMENT, ASSIGNMENT, "ada")
        assert comment.manual_comment == "Which rate?"
        assert book.find_submission(ASSIGNMENT, "ada").score == 18.5


def test_the_course_has_the_same_name_in_the_configuration_and_here():
    from coursepkg.grading.nbgrader.gradebook import COURSE

    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f'course_id = "{COURSE}"' in text


def test_what_grading_makes_is_not_in_git():
    names = ["submitted/a/b", "autograded/a/b", "feedback/a/b", "gradebook.db", "grades.csv"]
    command = ["git", "check-ignore", "--no-index", *names]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout.split() == names
