"""The notebook that nbgrader's formgrader and its feedback show for a submission.

It is made from the released notebook, whose cells and metadata are ours. Of the submission it takes
texts alone, the answers; no outputs, no metadata. formgrader shows it on the grader's
Jupyter server, and nbconvert lets HTML in Markdown pass, scripts included. So an answer in
words becomes a text in which nothing is markup (formulas are still set), and verdicts are escaped.
"""

import copy
import re

import nbformat

from coursepkg.checks.comparing.verdict import RIGHT, as_text, body_html, boxed, finding_text
from coursepkg.grading.pages.html import readable

CHECK = "check-"  # stands before the name of a question in the id of its check cell
LONGEST = 20_000  # characters of an answer that are shown
NO_ANSWER = "Nothing was found in the cell of this question."


def graded_copy(release, record):
    """The bytes of the notebook for a record, made from the `release` notebook.

    `release` is left as it is; the same record gives the same bytes.
    """
    notebook = copy.deepcopy(release)
    questions = {question.question: question for question in record.questions}
    words = {question.question: question.answer for question in record.words}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in words:
            cell.source = words_source(words[name])
        elif name in questions:
            cell.source = readable(questions[name].answer)[:LONGEST] or f"# {NO_ANSWER}"
        elif (question := questions.get(name.removeprefix(CHECK))) is not None:
            cell.outputs = [output(question)]
    if record.notes:
        text = "What was repaired before grading:\n" + "\n".join(record.notes)
        notes = nbformat.v4.new_markdown_cell(as_typed(text), id="repaired")
        notebook.cells.insert(0, notes)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def output(question):
    """What the check cell of a question shows."""
    kind = {"output_type": "display_data", "metadata": {}}
    return nbformat.from_dict(kind | {"data": verdict_output(question)})


def words_source(answer):
    """What the cell of an answer in words holds; equal for equal answers."""
    text = readable(answer).strip()
    return as_typed(text[:LONGEST] if text else NO_ANSWER)


def as_typed(text):
    """Markdown that shows `text` as it was typed, whatever is in it.

    One HTML element on one line, in which only characters that mean nothing anywhere are left as
    they are. In Markdown such a block ends at an empty line; there is none.
    """
    inner = re.sub(r"[^\w .,:;()=+'-]", lambda found: f"&#{ord(found[0])};", readable(text))
    return f'<div style="white-space: pre-wrap">{inner}</div>'


def verdict_output(question):
    """The output of a check cell, as words and as HTML, in which nothing is read as a formula."""
    told = question.headline, question.findings, question.notes
    html = boxed(question.verdict, body_html(*told), 'class="tex2jax_ignore" ')
    return {"text/plain": readable(as_text(*told)), "text/html": readable(html)}


def comment(question):
    """The judge's sentences, without the examples, for the comment on an answer that needs one.

    formgrader shows it as it is and the feedback as Markdown, so what could be markup in a text of
    the learner's (the message of an exception) is taken apart by a space.
    """
    if question.verdict == RIGHT and not question.notes:
        return None
    texts = [question.headline, *map(finding_text, question.findings), *question.notes]
    lines = [" ".join(readable(text).split()) for text in texts]
    return "\n\n".join(re.sub(r"<(?=[A-Za-z/!?])|\](?=[(\[:])", r"\g<0> ", line) for line in lines)
