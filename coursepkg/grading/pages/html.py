"""What all pages have in common: Jinja2, set so that no text of a learner's can do harm.

The pages are the templates beside this file. Whatever a template prints is made readable and
escaped, unless it is Markup: HTML that is safe already. A page is one file: no script, nothing is
loaded, and its Content-Security-Policy says so to the browser, so that even markup that got past
the escaping could neither run nor fetch anything.
"""

import base64
import hashlib
import re
import statistics

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coursepkg.checks.comparing.verdict import body_html, marked

MADE_BY = '<meta name="generator" content="coursepkg grade">'
# Control characters, halves of surrogate pairs (bytes of a file name that are no UTF-8), and the
# signs that turn the direction of the text: they break files, or make a page show something else.
UNREADABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(text):
    """A text of the learner's that every file can hold: strange characters as Python writes them.

    A file name in an unknown encoding reaches us with such characters as well. Markup may be in
    the text: it stays as it is.
    """
    text = str(text).replace("\r\n", "\n")
    return UNREADABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def printed(value):
    """What a template prints; all but Markup is escaped after this. None is a dash, never a 0."""
    if value is None or isinstance(value, float):
        return "–" if value is None else f"{value:g}"
    return value if isinstance(value, Markup) else readable(value)


def sentence(text):
    """HTML of a sentence in which `code` stands between backticks."""
    return Markup(readable(marked(text)))


def verdict(question):
    """HTML of what `check` says of a QuestionRecord, with any text in it."""
    return Markup(readable(body_html(question.headline, question.findings, question.notes)))


def digest(style):
    """The hash by which the policy knows the style of the page."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


TEMPLATES = Environment(
    loader=PackageLoader(__package__, ""),
    autoescape=True,
    finalize=printed,
    undefined=StrictUndefined,
    trim_blocks=True,
)
FILTERS = (sentence, verdict, digest, statistics.mean, statistics.median)
TEMPLATES.filters |= {each.__name__: each for each in FILTERS}
TEMPLATES.globals["made_by"] = Markup(MADE_BY)


def page(template, **values):
    """A whole page, as bytes."""
    return TEMPLATES.get_template(template).render(values).encode()
