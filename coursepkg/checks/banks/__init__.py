"""The questions of the course, a topic for each chapter: `topic.py` computes, `topic.md` speaks.

`topic.py` holds the references, their cases and wrong models that are functions of their own;
`topic.md` the points, the hints, and each mistake with its sentence. `loading.py` says how they are
written.
"""

from pathlib import Path

from coursepkg.checks.banks.loading import load

FOLDER = Path(__file__).parent
SETS = tuple(sorted(map(load, FOLDER.glob("*.md")), key=lambda each: each.number))
QUESTIONS = {question.name: question for each in SETS for question in each.questions}
