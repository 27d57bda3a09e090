"""The loader of `topic.py` and `topic.md`: what it makes of them, and what it says of faults."""

import importlib.util
import re
import sys

import pytest

from coursepkg.checks import banks
from coursepkg.checks.banks import QUESTIONS
from coursepkg.checks.banks.loading import load
from coursepkg.checks.banks.words import BankError
from coursepkg.checks.diagnose import diagnose

CODE = """
import numpy as np
from coursepkg.checks.question import question


def numbers(rng):
    return {"three": ([1.0, -2.0, 4.0],), "drawn": (rng.normal(0, 1, 5),)}


@question(numbers)
def mean_square(x):
    total = 0.0
    for number in x:
        total += number**2
    return total / len(x)


def root_too(x):
    return np.sqrt(mean_square(x))


@question(numbers, tolerance=1e-9)
def half(x):
    return x / 2
"""
WORDS = """# Exercises 42: squares

## mean_square (points: 2)
1. The first hint.
2. The second hint,
   which goes on.
3. `return total / len(x)`
- square_lost: `number**2` → `number`
  The square is missing.
- two_changes: `total / len(x)` → `total / 2`,
  `number**2` → `abs(number)`
  `abs` and 2:
  two things at once.
- sum: `/ len(x)` → nothing
  A sum.
- last_only:
  ```diff
    for number in x:
  -     total += number**2
  +     total = number**2
  ```
  Only the last.
- root: `root_too`
  A root.
- divided_by_{n}: `len(x)` → `{n}`
  It divides by {n}, which is {word}.

  | n | word |
  |---|---|
  | 7 | seven |
  | 9 | nine |

## half (points: value 1, rest 2)
1. One.
2. Two.
3. Three.
- third: `/ 2` → `/ 3`
  A third.
"""


@pytest.fixture
def topic(tmp_path, monkeypatch):
    """Call it with the words, or the code, of a topic: its ExerciseSet."""

    def made(words=WORDS, code=CODE):
        path = tmp_path / "squares.md"
        path.write_text(words, encoding="utf-8")
        path.with_suffix(".py").write_text(code, encoding="utf-8")
        name = f"{banks.__name__}.squares"
        spec = importlib.util.spec_from_file_location(name, path.with_suffix(".py"))
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return load(path)

    return made


def test_the_words_and_the_code_make_questions(topic):
    made = topic()
    question, half = made.questions
    assert (made.name, made.number, made.points) == ("42_squares", 42, 5)
    assert (half.points, half.tolerance) == ({"value": 1, "rest": 2}, 1e-9)
    assert question.hints[1] == "The second hint, which goes on."
    assert not question.source.startswith("@")
    sentences = {name: each.sentence for name, each in question.mistakes.items()}
    assert sentences["two_changes"] == "`abs` and 2: two things at once."
    assert sentences["divided_by_9"] == "It divides by 9, which is nine."


def test_every_form_of_a_mistake_is_a_wrong_model(topic):
    question, _ = topic().questions
    given = {
        name: float(question.wrong_model(name)([1.0, -2.0, 4.0])) for name in question.mistakes
    }
    assert given == {
        "square_lost": 1, "two_changes": 3.5, "sum": 21, "last_only": 16 / 3,
        "root": 7**0.5, "divided_by_7": 3, "divided_by_9": 21 / 9,
    }  # fmt: skip
    for name in question.mistakes:
        assert [f.name for f in diagnose(question, question.wrong_model(name)).findings] == [name]


def test_mistakes_of_an_earlier_question_are_taken_over(topic):
    again = CODE.replace(
        "def half(x):\n    return x / 2", "def half(x):\n    return sum(n**2 for n in x)"
    )
    words = WORDS.replace("`number**2` → `number`", "`**2` → ``").replace("→ ``", "→ nothing")
    words = words.replace("- third: `/ 2` → `/ 3`\n  A third.", "As in `mean_square`: square_lost")
    words = words.replace("value 1, rest 2", "1")
    first, second = topic(words, again).questions
    assert second.mistakes["square_lost"] == first.mistakes["square_lost"]
    assert second.wrong_model("square_lost")([1, 2]) == 3


# What is said, a change that makes the words wrong, and how the line begins that is named.
FAULTS = {
    "`number**3` is found 0 times": (
        "`number**2` → `number`",
        "`number**3` → `n`",
        "- square_lost",
    ),
    "found 2 times": ("`number**2` → `number`", "`number` → `n`", "- square_lost"),
    "number**3` is found 0 times": (
        "-     total += number**2",
        "-     total += number**3",
        "- last",
    ),
    "has 2 hints, and needs 3": ("1. One.\n", "", "## half"),
    "two mistakes square_lost": ("- sum:", "- square_lost:", "- square_lost: `/ len"),
    "neither a change nor a function": ("- root: `root_too`", "- root:", "- root"),
    "no function roots": ("`root_too`", "`roots`", "- root"),
    "has no sentence": ("  A root.\n", "", "- root"),
    "written `right` → `wrong`": ("`number**2` → `number`", "`number**2` -> `n`", "- square_lost"),
    "its diff has no end": ("number**2\n  ```", "number**2", "- last_only"),
    "a row of the table has 1 cells": ("| 9 | nine |", "| 9 |", "- divided_by"),
    "no question above is mean": ("- third: `/ 2`", "As in `mean`: third\n- third: `/ 2`", "As in"),
    "a hint is `1. text`": ("3. Three.", "Three.", "Three."),
    "a mistake `- name: change`": ("- root: `root_too`", "- a root: `root_too`", "- a root"),
    "begins with `## name (points: 1)`": (
        "## half (points: value 1, rest 2)",
        "## half",
        "## half",
    ),
    "no question mean_cube": ("## mean_square", "## mean_cube", "## mean_cube"),
    "points are": ("(points: 2)", "(points: two)", "## mean_square"),
    "a bank begins with": ("# Exercises 42: squares", "# Squares", "# Squares"),
    "a question begins with": ("## mean_square (points: 2)", "Something", "Something"),
}


@pytest.mark.parametrize("problem", FAULTS)
def test_a_fault_is_named_with_file_and_line(problem, topic):
    right, wrong, beginning = FAULTS[problem]
    assert WORDS.count(right) == 1
    words = WORDS.replace(right, wrong)
    [line] = [n for n, line in enumerate(words.splitlines(), 1) if line.startswith(beginning)]
    with pytest.raises(BankError) as raised:
        topic(words)
    assert problem in str(raised.value)
    assert f"squares.md:{line}: " in str(raised.value)


def test_a_question_without_words_is_named(topic):
    with pytest.raises(BankError, match="squares.md has no words for half"):
        topic(WORDS.partition("## half")[0])


@pytest.mark.parametrize("name", QUESTIONS)
def test_mathematics_in_hints_is_typeset(name):
    for hint in QUESTIONS[name].hints:
        plain = re.sub(r"`[^`]*`|\$[^$]*\$", "", hint)
        assert not re.findall("[α-ωΑ-Ω∂∇√²½¼′₀-₉⁰-⁹]", plain), plain
