"""The page for the instructor: how the class is doing, and how often it made which mistakes."""

from collections import Counter

from coursepkg.grading.pages.charts import mistakes_chart, points_chart
from coursepkg.grading.pages.html import page
from coursepkg.grading.pages.tally import by_question, mistakes, verdicts, with_points
from coursepkg.grading.record import WITHOUT_POINTS

SHOWN = 25  # bars in the chart; the tables have all


def class_page(assignment, records, pages):
    """The page as bytes. records: sorted by student; pages: {student: where the feedback is}."""
    graded = with_points(records)
    found = mistakes(records)
    often = sorted(found, key=lambda mistake: -mistake.students)[:SHOWN]
    return page(
        "class_page.html",
        assignment=assignment,
        records=records,
        pages=pages,
        without=[record for record in records if record.status in WITHOUT_POINTS],
        graded=graded,
        points=[record.points for record in graded],
        counts=dict(sorted(Counter(record.points for record in graded).items())),
        verdicts=verdicts(records),
        often=often,
        shown=[mistake for mistake in found if mistake in often],
        mistakes=by_question(found),
        more=len(found) - len(often),
        points_chart=points_chart,
        mistakes_chart=mistakes_chart,
    )
