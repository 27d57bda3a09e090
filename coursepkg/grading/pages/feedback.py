"""The page that a student gets: points, what is right, what is not and why, and what was graded."""

from dataclasses import replace

from coursepkg.checks.comparing.verdict import RIGHT, WRONG, finding_html
from coursepkg.grading.pages.html import escaped, number, page, readable, sentence, table

LONGEST = 20_000  # characters of an answer that are shown
NO_POINTS = {
    "unreadable": "Your notebook could not be read, so there are no points yet. Open it in "
    "Jupyter, see that all is there, save it and hand it in again.",
    "failed": "The grading of your notebook failed, so there are no points yet. That is not your "
    "fault, and it will be tried again.",
}
CLASSES = {RIGHT: "right", WRONG: "wrong"}


def feedback_page(record):
    """The page for the student of a record, as bytes."""
    name, assignment = record.student, record.assignment
    questions, words = record.questions, record.words
    body = [
        f"<h1>Feedback for <bdi>{escaped(name)}</bdi></h1>",
        f"<p>Exercises {code(assignment)}</p>",
        standing(record),
    ]
    if questions or words:
        body.append(overview(questions, words))
    if record.status == "repaired":
        body.append(
            "<h2>What was repaired</h2>\n<p>Your notebook was not as it was handed out. It was "
            f"graded all the same.</p>\n{list_of_notes(record.notes)}"
        )
    body += [question_html(position, question) for position, question in enumerate(questions)]
    body += [words_html(position, question) for position, question in enumerate(words)]
    return page(f"{assignment}: feedback for {name}", "\n".join(body))


def code(text):
    return f"<code>{escaped(text)}</code>"


def list_of_notes(notes):
    return f"<ul>{''.join(f'<li>{sentence(note)}</li>' for note in notes)}</ul>" if notes else ""


def standing(record):
    """The points, or why there are none."""
    if record.status in NO_POINTS:
        return f"<p>{NO_POINTS[record.status]}</p>{list_of_notes(record.notes)}"
    where = " for the questions in code" if record.words else ""
    earned = of_points(record.points, record.of)
    text = f'<p class="score"><strong>{earned}</strong>{where}</p>'
    return text + (points_by_hand(record.words) if record.words else "")


def of_points(earned, points):
    return f"{number(earned)} of {points_in_words(points)}"


def points_in_words(points):
    return f"{number(points)} {'point' if points == 1 else 'points'}"


def points_by_hand(words):
    """The sum of the points that a person has given, and what is still to be graded."""
    given = [each for each in words if each.earned is not None]
    earned, points = sum(each.earned for each in given), sum(each.points for each in given)
    left = sum(each.points for each in words) - points
    text = f"{of_points(earned, points)} for questions in words. " if given else ""
    if len(given) < len(words):
        text += f"{points_in_words(left)} for questions in words will be graded by hand."
    return f"<p>{text}</p>"


def overview(questions, words):
    def row(place, question, verdict):
        link = f'<a href="#{place}">{code(question.question)}</a>'
        return [link, of_points(question.earned, question.points), verdict]

    rows = [row(f"code-{i}", each, escaped(each.verdict)) for i, each in enumerate(questions)]
    rows += [row(f"words-{i}", each, "by hand") for i, each in enumerate(words)]
    return table("Your questions", ("Question", "Points", "Verdict"), rows)


def question_html(position, question):
    """A question in code: the verdict, what was found, and the code it was found in."""
    kind = CLASSES.get(question.verdict, "open")
    parts = [
        f'<section aria-labelledby="code-{position}">',
        f'<h2 id="code-{position}">{code(question.question)}</h2>',
        f'<div class="{kind}"><p><strong>{sentence(question.headline)}</strong></p>',
        *map(finding_block, question.findings),
        *(f"<p>{sentence(note)}</p>" for note in question.notes),
        "</div>",
    ]
    if question.answer.strip():
        parts.append(f"<h3>Your code</h3>{block(question.answer, 'block')}")
    return "\n".join([*parts, "</section>"])


def finding_block(finding):
    """HTML of a FindingRecord, as `check` shows it, but with any text in it."""
    part, sentence = readable(finding.part), readable(finding.sentence)
    example = tuple(tuple(map(readable, line)) for line in finding.example)
    return finding_html(replace(finding, part=part, sentence=sentence, example=example))


def words_html(position, question):
    text = f"{of_points(question.earned, question.points)}, graded by hand."
    if question.earned is None:
        text = f"{points_in_words(question.points)}; will be graded by hand."
    answer = question.answer.strip()
    nothing = "<p>Nothing was found in the cell of this question.</p>"
    shown = block(answer, "block words") if answer else nothing
    return (
        f'<section aria-labelledby="words-{position}">\n'
        f'<h2 id="words-{position}">{code(question.question)}</h2>\n'
        f'<div class="open"><p><strong>{text}</strong></p></div>\n'
        f"<h3>Your answer</h3>{shown}\n</section>"
    )


def block(text, kind):
    """What the learner has written, line by line; only the beginning if it is very long."""
    cut = f"<p>The first {LONGEST:,} characters are shown.</p>" * (len(text) > LONGEST)
    # The line break after the tag is not shown; one of the learner's own would be lost without it.
    return f'<pre class="{kind}">\n{escaped(text[:LONGEST])}</pre>{cut}'
