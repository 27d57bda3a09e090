"""From the bytes of a notebook file to its cells, in whatever state the file is.

Formats 4 and 3 are read, and 2, which is like 3. What is of a wrong type is left out.
"""

import json
import re
from collections import namedtuple

KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown", "html": "raw"}
NO_CHARACTERS = re.compile("[\0\ud800-\udfff]")  # Python refuses a whole cell for one of them
MOST_CELLS = 10_000
SPACE = re.compile(r"[ \t\r\n\0]*")

# ids: what may name the cell, the most trusted first. about: nbgrader's metadata, or None.
Cell = namedtuple("Cell", "kind source ids about")


class Refused(Exception):
    """The file cannot be read; the message says why, in words for the instructor."""


def text_in(data):
    """The text of a file in UTF-8, -16 or -32, and what had to be tolerated."""
    try:
        return data.decode(json.detect_encoding(data)), []
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), ["Bytes that are not UTF-8 were replaced."]


def parsed(text):
    """What the JSON at the beginning of the text says, and what had to be tolerated."""
    start = SPACE.match(text).end()
    if start == len(text):
        raise Refused("The file is empty.")
    try:
        # Every number as a float: a whole number of more than 4300 digits is an error otherwise.
        notebook, end = json.JSONDecoder(parse_int=float, strict=False).raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise Refused(damage(error, start, len(text.rstrip()))) from None
    left_over = SPACE.match(text, end).end() < len(text)
    return notebook, ["After the notebook's end there was more in the file."] * left_over


def damage(error, start, end):
    """What is wrong with a text that is not JSON, judged by where the reader stopped."""
    if error.pos == start:
        return "It is not a notebook: it does not begin like one."
    if error.pos >= end or error.msg.startswith("Unterminated string"):
        return "The file is cut off: it ends in the middle of the notebook."
    return f"The file is damaged at line {error.lineno}: what stands there is not JSON."


def load(notebook):
    """The Cells of a notebook as JSON gives it, and what had to be tolerated."""
    if not isinstance(notebook, dict):
        raise Refused("It is not a notebook: it has no cells.")
    listed, old = notebook.get("cells"), []
    if not isinstance(listed, list):
        listed = in_worksheets(notebook.get("worksheets"))
        old = ["The notebook is in an old format, without ids of cells."]
    if len(listed) > MOST_CELLS:
        raise Refused(f"It has {len(listed)} cells; {MOST_CELLS} are read at most.")
    cells = [cell for cell in map(understood, listed) if cell]
    repairs = old + other_language(notebook.get("metadata"))
    if lost := len(listed) - len(cells):
        repairs.append(f"{lost} cell{'s' * (lost > 1)} could not be understood and left out.")
    if any(NO_CHARACTERS.search(cell.source) for cell in cells):
        repairs.append("Characters that stand in no text (surrogates or zero bytes) were replaced.")
    return [cell._replace(source=clean(cell.source)) for cell in cells], repairs


def in_worksheets(sheets):
    """The cells of formats 2 and 3."""
    if not isinstance(sheets, list):
        raise Refused("It is not a notebook: it has no list of cells.")
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def understood(cell):
    """The Cell that JSON describes, or None."""
    if not isinstance(cell, dict):
        return None
    kind, source = cell.get("cell_type"), cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or not isinstance(kind, str) or kind not in KINDS:
        return None
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    about = metadata.get("nbgrader")
    about = about if isinstance(about, dict) else None
    ids = ((about or {}).get("grade_id"), cell.get("id"), metadata.get("id"), metadata.get("name"))
    return Cell(KINDS[kind], source, [each for each in ids if isinstance(each, str)], about)


def clean(source):
    """Text that Python accepts, with plain newlines."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return NO_CHARACTERS.sub("\ufffd", source)


def other_language(metadata):
    """A repair if the notebook claims to be in another language than Python."""
    about = metadata if isinstance(metadata, dict) else {}
    parts = [about.get(key) for key in ("language_info", "kernelspec")]
    values = [
        part.get(key) for part in parts if isinstance(part, dict) for key in ("name", "language")
    ]
    names = [name.lower() for name in values if isinstance(name, str) and name]
    if not names or any("py" in name for name in names):
        return []
    return ["The notebook is said to be in another language; it was read as Python."]
