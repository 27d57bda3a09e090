"""What the cells of a notebook are: answers, check cells, answers in words, other code."""

import collections
import re

from cells import Refused
from magics import Magics
from released import Found, repairs_of

MOST_CODE = 4_000_000  # characters of code and words in all
MOST_REPAIRS = 10
KEPT = ("answer", "code", "words")
LONGEST_TEXT = 100_000  # characters; an image in a text may be of millions
NAMED = re.compile(r"(?=.*[g-z])[a-z]+(-[a-z]+)*")  # Jupyter's own ids are hexadecimal or random
STUB = "YOUR ANSWER HERE"  # what nbgrader puts where words are to be written
CHECK = re.compile(r"check\(\s*(\w+)\s*\)")
DEFINES = re.compile(r"^(?:async +)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.M)


def contents(cells, repairs, questions, words, others):
    """What a Sheet holds of a notebook: its code, its words, and what was tolerated."""
    found = [role_of(cell, questions, words) for cell in cells]
    if not any(each.role == "answer" for each in found):
        need_a_definition(cells, questions, others)
    refuse_too_much([each.cell.source for each in found if each.role in KEPT])
    repairs = repairs + repairs_of(found, questions, words)
    code = python_of(found, repairs)
    texts = words_of(found)
    if len(repairs) > MOST_REPAIRS:
        repairs[MOST_REPAIRS:] = [f"And {len(repairs) - MOST_REPAIRS} more."]
    return {"cells": code, "words": texts, "repairs": repairs}


def words_of(found):
    """{name: the answer in words}: the text of its cell, and of the learner's own text cells
    right below it. (A cell that was released has a name for an id, one of the learner's has not.)
    """
    texts, name = {}, ""
    for each in found:
        ids = each.cell.ids
        own = each.role == "text" and ids and not any(NAMED.fullmatch(i) for i in ids)
        name = each.name if each.role == "words" else name if own else ""
        text = each.cell.source.strip().removeprefix(STUB).strip()
        if name and text:
            texts.setdefault(name, []).append(text)
    return {name: "\n\n".join(parts)[:LONGEST_TEXT] for name, parts in texts.items()}


def refuse_too_much(sources):
    """Raise Refused for more code than a person writes."""
    if sum(map(len, sources)) > MOST_CODE:
        raise Refused(f"It has more than {MOST_CODE // 1_000_000} million characters of code.")


def role_of(cell, questions, words):
    """The Found of a cell: what it is by the first of its ids that says so, or by its code."""
    for name in cell.ids:
        if name in questions:
            return Found(cell, "answer", name, True)
        if name.startswith("check-") and name[6:] in questions:
            return Found(cell, "check", name[6:], True)
        if name in words:
            return Found(cell, "words", name, True)
    check = CHECK.fullmatch(cell.source.strip())
    if check and check[1] in questions:
        return Found(cell, "check", check[1], False)
    return Found(cell, "code" if cell.kind == "code" else "text", "", False)


def python_of(found, repairs):
    """[source, question] of all cells that are Python; repairs gets those answers that are not."""
    magics, code = Magics(), []
    for each in found:
        if each.role not in ("answer", "code") or not each.cell.source.strip():
            continue
        source = magics.python(each.cell.source)
        if source is not None:
            code.append([source, each.name])
        elif each.name:
            repairs.append(f"The cell of `{each.name}` begins with a magic; it is not Python.")
    return code


def need_a_definition(cells, questions, others):
    """Refuse a notebook in which nothing has the name of a question; say whose it seems to be."""
    names = {name for cell in cells for name in cell.ids}
    for cell in cells:
        if cell.kind == "code":
            names.update(one or other for one, other in DEFINES.findall(cell.source))
    if names.isdisjoint(questions):
        sets = collections.Counter(others[name] for name in names if name in others)
        seems = f" It seems to be {sets.most_common(1)[0][0]}." if sets else ""
        raise Refused(f"None of the questions ({', '.join(questions)}) is in it.{seems}")
