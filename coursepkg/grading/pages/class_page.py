"""The page for the instructor: how the class is doing, and how often it made which mistakes."""

import statistics
from collections import Counter

from coursepkg.grading.pages.charts import mistakes_chart, points_chart
from coursepkg.grading.pages.html import escaped, number, page, sentence, table
from coursepkg.grading.pages.tally import mistakes, verdicts, with_points
from coursepkg.grading.record import WITHOUT_POINTS

SHOWN = 25  # bars in the chart; the tables have all
MEANINGS = {
    "graded": "Graded",
    "repaired": "Repaired and graded",
    "unreadable": "Unreadable, without points",
    "failed": "The judge failed; the next run tries again",
}
VERDICTS = ("right", "not right yet", "not started", "not found")


def class_page(assignment, records, pages):
    """The page as bytes. records: sorted by student; pages: {student: where the feedback is}."""
    body = [
        f"<h1>The class in <code>{escaped(assignment)}</code></h1>",
        submissions(records),
        without_points(records, pages),
        points(with_points(records)),
        questions(records),
        all_mistakes(records),
        students(records, pages),
    ]
    return page(f"{assignment}: the class", "\n".join(body))


def submissions(records):
    if not records:
        return "<p>There are no submissions.</p>"
    counts = Counter(record.status for record in records)
    rows = [[meaning, f"{counts[status]}"] for status, meaning in MEANINGS.items()]
    rows.append(["Together", f"{len(records)}"])
    return table("Submissions", ("Status", "Students"), rows, numbers=["Students"])


def without_points(records, pages):
    """Who has no points, and why: for them the instructor has to do something."""
    found = [record for record in records if record.status in WITHOUT_POINTS]
    rows = [[link(record, pages), escaped(record.status), notes(record)] for record in found]
    if not rows:
        return ""
    summary = f"{people(len(rows))} without points"
    opened = " open" if len(rows) <= 20 else ""
    return (
        f"<details{opened}><summary>{summary}</summary>"
        f"{table('Without points', ('Student', 'Status', 'Why'), rows)}</details>"
    )


def link(record, pages):
    student = record.student
    return f'<a href="{pages[student]}"><bdi>{escaped(student)}</bdi></a>'


def notes(record):
    return " ".join(map(sentence, record.notes))


def points(records):
    """The distribution of the points for the questions in code."""
    values = [record.points for record in records]
    if not values:
        return ""
    of = max(record.of for record in records)
    text = (
        f"Of {number(of)} points for the questions in code, the {people(len(values))} graded have "
        f"{number(round(statistics.mean(values), 1))} on average. The median is "
        f"{number(statistics.median(values))}, the lowest {number(min(values))}, the highest "
        f"{number(max(values))}."
    )
    counts = dict(sorted(Counter(values).items()))
    rows = [[number(value), f"{count}"] for value, count in counts.items()]
    columns = ("Points", "Students")
    return (
        f"<h2>Points</h2>\n<p>{text}</p>\n"
        f"<figure>{points_chart(counts, of, f'Bars: students by points. {text}')}</figure>\n"
        f"<details><summary>The same as a table</summary>"
        f"{table('Students by points', columns, rows, numbers=columns)}</details>"
    )


def people(count):
    return f"{count} {'student' if count == 1 else 'students'}"


def questions(records):
    counts = verdicts(records)
    if not counts:
        return ""
    columns = ("Question", *(verdict.capitalize() for verdict in VERDICTS))
    rows = [
        [f"<code>{escaped(name)}</code>", *(f"{count[verdict]}" for verdict in VERDICTS)]
        for name, count in counts.items()
    ]
    caption = "Students by verdict, questions in code"
    return f"<h2>Questions</h2>\n{table(caption, columns, rows, numbers=columns[1:])}"


def all_mistakes(records):
    """The chart of the most frequent mistakes, and tables of all."""
    found, of = mistakes(records), len(with_points(records))
    if not found:
        return "<h2>Mistakes</h2>\n<p>No mistakes were found.</p>" if of else ""
    often = sorted(found, key=lambda mistake: -mistake.students)[:SHOWN]
    shown = [mistake for mistake in found if mistake in often]
    first = often[0]
    alt = (
        f"Horizontal bars, grouped by question: how many of {people(of)} made a mistake. The most "
        f"frequent is {first.mistake} in {first.question}, {people(first.students)}. The tables "
        "below the chart say the same."
    )
    caption = f"How many of the {people(of)} graded made each mistake"
    if more := len(found) - len(shown):
        caption += f": the {SHOWN} most frequent. {more} more are in the tables below"
    if any(not mistake.known for mistake in shown):
        caption += (
            ". Hatched: none of the known mistakes explains the answer; the sentence is that of "
            "one student"
        )
    return (
        f"<h2>Mistakes</h2>\n<figure><figcaption>{caption}.</figcaption>\n"
        f"{mistakes_chart(shown, alt)}</figure>\n<details><summary>All of them as tables</summary>"
        f"{mistake_tables(found, of)}</details>"
    )


def mistake_tables(found, of):
    """A table for each question: the mistake with its sentence, how many made it, their share."""
    rows = {}
    for mistake in found:
        known = "" if mistake.known else " (none of the known mistakes; one student was told this)"
        rows.setdefault(mistake.question, []).append(
            [
                f"<strong><code>{escaped(mistake.mistake)}</code></strong>{known}<br>"
                f"{sentence(mistake.sentence)}",
                f"{mistake.students}",
                f"{mistake.students / of:.0%}",
            ]
        )
    columns = ("Mistake", "Students", "Share")
    return "\n".join(
        table(f"Mistakes in {question}", columns, lines, numbers=columns[1:], kind="told")
        for question, lines in rows.items()
    )


def students(records, pages):
    """All of them, with their feedback and what was repaired; folded, because there may be many."""
    if not records:
        return ""
    columns = ("Student", "Status", "Points", "Notes")
    rows = [
        [link(record, pages), escaped(record.status), number(record.points), notes(record)]
        for record in records
    ]
    return (
        f"<h2>Students</h2>\n<details><summary>All {people(len(records))}, with their feedback"
        f"</summary>{table('Students', columns, rows, numbers=['Points'])}</details>"
    )
