"""What all pages have in common: the frame, the style, and texts that can do no harm in it.

A page is one file: no script, nothing is loaded, and its Content-Security-Policy says so to the
browser, so that even markup that got past the escaping could neither run nor fetch anything.
"""

import base64
import hashlib
import html
import re

from coursepkg.checks.comparing.verdict import marked

MADE_BY = '<meta name="generator" content="coursepkg grade">'
# Control characters, halves of surrogate pairs (bytes of a file name that are no UTF-8), and the
# signs that turn the direction of the text: they break files, or make a page show something else.
UNREADABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
STYLE = """
:root { color-scheme: light dark; --ink: #1c2127; --paper: #fff; --soft: #f3f5f7; --line: #d3d9df;
  --quiet: #58616b; --bar: #0072b2; --link: #005a8d }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #16191d; --soft: #22272d;
  --line: #434b54; --quiet: #a5aeb8; --bar: #56b4e9; --link: #7cc4f0 } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #fff; --line: #999;
  --quiet: #444; --bar: #0072b2; --link: #000 } h2, h3, caption { break-after: avoid }
  tr, figure { break-inside: avoid } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.55 system-ui, sans-serif }
main { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .75rem;
  border-top: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem }
p { margin: .5rem 0 }
a { color: var(--link) }
.quiet, figcaption { color: var(--quiet) }
.score { font-size: 1.3rem }
code, pre { font: .875em/1.45 ui-monospace, monospace }
h2 code { font-size: 1em }
p code, li code, td code { background: var(--soft); border-radius: 3px; padding: .1em .25em }
pre { margin: .25rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
.block { background: var(--soft); border: 1px solid var(--line); border-radius: 4px;
  padding: .75rem }
.words { font: inherit }
.right, .wrong, .open { border-left: 4px solid #6b6b6b; padding-left: .75rem }
.right { border-color: #009e73 }
.wrong { border-color: #d55e00 }
table { border-collapse: collapse; margin: .5rem 0 1rem }
caption { text-align: left; font-weight: 600; padding: .5rem 0 .25rem }
section caption { font-weight: 400; color: var(--quiet) }
th, td { text-align: left; vertical-align: top; padding: .2rem 1.25rem .2rem 0;
  border-bottom: 1px solid var(--line) }
th { font-weight: 600 }
.told th[scope=row] { font-weight: 400 }
bdi { overflow-wrap: anywhere }
summary { margin: 1rem 0; cursor: pointer }
.number { text-align: right; font-variant-numeric: tabular-nums }
figure { margin: .5rem 0 1rem }
svg { display: block; width: 100%; max-width: 36rem; height: auto }
.wide { overflow-x: auto }
@media (max-width: 30rem) { table { font-size: .875rem } th, td { padding-right: .6rem } }
"""
# The style of the page is named by its hash; only single elements (the chart's) may bring their
# own as well.
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; style-src-attr 'unsafe-inline'"
)


def readable(text):
    """A text of the learner's that every file can hold: strange characters as Python writes them.

    A file name in an unknown encoding reaches us with such characters as well.
    """
    text = str(text).replace("\r\n", "\n")
    return UNREADABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def escaped(text):
    """HTML of any text."""
    return html.escape(readable(text))


def sentence(text):
    """HTML of a sentence in which `code` stands between backticks."""
    return marked(readable(text))


def number(value):
    """Points as they are read; what was not given is a dash, never a 0."""
    return "–" if value is None else f"{value:g}"


def page(title, body):
    """A whole page, as bytes. body: HTML; title: any text."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{MADE_BY}\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    ).encode()


def table(caption, columns, rows, numbers=(), kind=""):
    """A table whose first column names the row. columns: texts, those in `numbers` hold numbers.

    rows: lists of HTML, as long as the columns. kind: a class of the style. On a narrow screen a
    table that does not fit is moved within its frame, and the page stays where it is.
    """

    def cell(column, tag, scope, content):
        look = ' class="number"' if column in numbers else ""
        return f"<{tag}{scope}{look}>{content}</{tag}>"

    head = "".join(cell(column, "th", ' scope="col"', escaped(column)) for column in columns)
    lines = []
    for first, *rest in rows:
        cells = [cell(columns[0], "th", ' scope="row"', first)]
        cells += [
            cell(name, "td", "", content) for name, content in zip(columns[1:], rest, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return (
        f'<div class="wide"><table class="{kind}"><caption>{escaped(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{''.join(lines)}</tbody></table></div>"
    )
