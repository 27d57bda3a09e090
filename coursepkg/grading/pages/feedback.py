"""The page that a student gets: points, what is right, what is not and why, and what was graded."""

from coursepkg.grading.pages.html import page

LONGEST = 20_000  # characters of an answer that are shown


def feedback_page(record):
    """The page for the student of a Record, as bytes."""
    questions = [(f"code-{i}", each) for i, each in enumerate(record.questions)]
    questions += [(f"words-{i}", each) for i, each in enumerate(record.words)]
    return page("feedback.html", record=record, questions=questions, longest=LONGEST)
