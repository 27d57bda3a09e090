"""How a notebook differs from the released one, as sentences for the instructor.

Nothing here changes a grade. What learners do anyway is not mentioned: cells added, outputs,
metadata that JupyterLab writes.
"""

from collections import namedtuple

# role: answer, check, words, code or text. by_id: its id says so, not only its code.
Found = namedtuple("Found", "cell role name by_id")
FLAGS = {
    "answer": {"solution": True, "grade": False, "locked": False},
    "check": {"solution": False, "grade": True, "locked": True},
    "words": {"solution": True, "grade": True, "locked": False},
}


def repairs_of(found, questions, words):
    """The sentences, each for all cells that it is true of."""
    by_id = [each for each in found if each.by_id]
    answers = of_role(by_id, "answer", questions)
    texts = of_role(by_id, "words", words)
    checks = of_role(by_id, "check", questions)
    checked = {each.name for each in found if each.role == "check"}
    both = {**answers, **texts}
    points = {**dict.fromkeys(questions), **words}
    problems = {
        "The id is on several cells: {}. Of code the last finished one counts.": [
            n for n in both if len(both[n]) > 1
        ],
        "No cell has the id any more: {}.": [n for n in both if not both[n]],
        "The cell has lost nbgrader's metadata: {}.": [
            n for n in both if any(each.cell.about is None for each in both[n])
        ],
        "nbgrader's metadata of the cell was edited: {}.": [
            n for n in both if any(edited(each, points[n]) for each in both[n])
        ],
        "The cell was no code cell any more, and was read as code: {}.": [
            n for n in answers if any(each.cell.kind != "code" for each in answers[n])
        ],
        "The answer in words was a code cell: {}.": [
            n for n in texts if any(each.cell.kind == "code" for each in texts[n])
        ],
        "The check cell is gone: {}.": [n for n in questions if n not in checked],
        "The check cell was edited: {}.": [
            n for n in questions if any(changed(each, questions[n]) for each in checks[n])
        ],
        "The check cell was moved: {}.": moved(by_id),
    }
    sentences = [say.format(listed(names)) for say, names in problems.items() if names]
    order = list(dict.fromkeys(each.name for each in by_id if each.role == "answer"))
    if order != [name for name in questions if answers[name]]:
        sentences.append("The questions stand in another order than released.")
    return sentences


def listed(names):
    """Names as part of a sentence."""
    return ", ".join(f"`{name}`" for name in names)


def of_role(found, role, names):
    """{name: the cells with this role and name}."""
    cells = {name: [] for name in names}
    for each in found:
        if each.role == role:
            cells[each.name].append(each)
    return cells


def edited(each, points):
    """Whether nbgrader's metadata of a cell are there, but not those that were released."""
    about = each.cell.about
    if about is None:
        return False
    expected = dict(FLAGS[each.role], grade_id=("check-" * (each.role == "check")) + each.name)
    if points is not None:
        expected["points"] = points
    return any(about.get(key) != value for key, value in expected.items())


def changed(each, points):
    """Whether a check cell is not the one that was released."""
    return (
        each.cell.kind != "code"
        or each.cell.source.strip() != f"check({each.name})"
        or edited(each, points)
    )


def moved(found):
    """The questions whose check cell does not come after their answer and before the next."""
    away, last, answers = [], "", {each.name for each in found if each.role == "answer"}
    for each in dict.fromkeys((each.role, each.name) for each in found):
        role, name = each
        if role == "answer":
            last = name
        elif role == "check" and name in answers and name != last:
            away.append(name)
    return away
