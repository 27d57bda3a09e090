"""From the records of a class to what people read: tables, feedback pages, the class page.

Everything is made again from the records each time, and the same records give the same bytes.

    results.csv             a line for each student and question
    students.csv            a line for each student
    results.json            everything, and which page belongs to whom
    class.html              the page for the instructor
    feedback/<name>.html    a page for each student

A page is named after the student: the name in lower case, cut after 40 characters, with `-` for
all but a-z, 0-9, `_` and `-`; then the first ten hexadecimal digits of the SHA-256 of the name
itself, so that `Ada`, `ada` and `../ada` have three pages on every system. Pages of an earlier run
for students who are gone are removed from feedback/; whatever else lies there stays.
"""

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from pathlib import Path

from coursepkg.grading.pages.class_page import class_page
from coursepkg.grading.pages.feedback import feedback_page
from coursepkg.grading.pages.html import MADE_BY, readable
from coursepkg.grading.pages.tally import question_names
from coursepkg.safe_files import remove_stale, write_file

# A cell that begins with one of these is a formula to a spreadsheet. The last four are the same
# signs in full width, which some spreadsheets read alike.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
RESULTS = (
    "student", "status", "question", "points", "earned", "verdict", "mistake", "sentence", "notes",
)  # fmt: skip


def write(folder, records, assignment):
    """Write all tables and pages on `records`, Records in any order, to `folder`."""
    folder = Path(folder)
    records = sorted(records, key=lambda record: record.student)
    pages = page_names(records, assignment)
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    remove_stale(folder)
    remove_stale(folder / "feedback")
    for record in records:
        write_if_new(folder / pages[record.student], feedback_page(record))
    write_if_new(folder / "results.csv", as_csv(RESULTS, result_lines(records)))
    write_if_new(folder / "students.csv", as_csv(*student_lines(records, pages)))
    write_if_new(folder / "results.json", as_json(records, assignment, pages))
    write_if_new(folder / "class.html", class_page(assignment, records, pages))
    remove_gone(folder, set(pages.values()))


def page_names(records, assignment):
    """{student: feedback/name.html}; ValueError if the records are not those of one class."""
    names = {}
    for record in records:
        student = record.student
        if student in names:
            raise ValueError(f"records has two submissions of the student {student!r}")
        if record.assignment != assignment:
            raise ValueError(
                f"records should be of the assignment {assignment!r}, that of the student "
                f"{student!r} is of {record.assignment!r}"
            )
        names[student] = f"feedback/{page_name(student)}"
    return names


def page_name(student):
    """The file name of a student's page; how it is made is said at the top of this module."""
    plain = re.sub("[^a-z0-9_-]", "-", student.lower())[:40]
    digits = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{plain}-{digits}.html"


def write_if_new(path, data):
    """Pages that stay as they are need no disk: the second run on a class is quick."""
    if not (path.is_file() and path.read_bytes() == data):
        write_file(path, data)


def remove_gone(folder, names):
    """Remove the pages in feedback/ that are ours and of nobody now."""
    for path in (folder / "feedback").glob("*.html"):
        if f"feedback/{path.name}" not in names and path.is_file() and not path.is_symlink():
            with open(path, "rb") as file:
                ours = MADE_BY.encode() in file.read(300)
            if ours:
                path.unlink()


def as_csv(columns, lines):
    """A table as spreadsheets read it without asking: UTF-8 with its mark, lines end in CR LF.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_NONNUMERIC).writerows(map(plain_cells, [columns, *lines]))
    return file.getvalue().encode("utf-8-sig")


def plain_cells(line):
    texts = [readable(cell) if isinstance(cell, str) else cell for cell in line]
    return [f"'{t}" if isinstance(t, str) and t.startswith(FORMULA) else t for t in texts]


def result_lines(records):
    """A line for each question of each student; one without points where nothing was graded."""
    for record in records:
        student, status, notes = record.student, record.status, " ".join(record.notes)
        for each in record.questions:
            found = [(finding.mistake, finding.sentence) for finding in each.findings[:1]]
            scores = [each.question, each.points, each.earned, each.verdict]
            yield [student, status, *scores, *(found or [("", "")])[0], notes]
        for each in record.words:
            scores = [each.question, each.points, each.earned, "by hand"]
            yield [student, status, *scores, "", "", notes]
        if not record.questions and not record.words:
            yield [student, status, *[None] * 6, notes]


def student_lines(records, pages):
    """(columns, lines): points are those for the questions in code; a column for each question."""
    names = question_names(each.questions for each in records)
    names += question_names(each.words for each in records)
    lines = []
    for record in records:
        earned = {each.question: each.earned for each in (*record.questions, *record.words)}
        standing = [record.student, record.status, record.points, record.of]
        given = [*map(earned.get, names), " ".join(record.notes), pages[record.student]]
        lines.append(standing + given)
    return ["student", "status", "points", "of", *names, "notes", "page"], lines


def as_json(records, assignment, pages):
    """Everything but the times, which differ from run to run."""
    students = [
        {**replace(record, seconds=None).as_dict(), "page": pages[record.student]}
        for record in records
    ]
    whole = {"assignment": assignment, "students": students}
    return json.dumps(whole, indent=1, sort_keys=True).encode()
