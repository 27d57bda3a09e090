"""What a class has done, counted from its records."""

from collections import Counter
from dataclasses import dataclass

GRADED = ("graded", "repaired")


@dataclass(frozen=True)
class MistakeCount:
    """How many students made a mistake. known: it is in the bank; if not, the sentence is only
    that of the first student, and others may have been told other numbers."""

    question: str
    mistake: str
    known: bool
    sentence: str
    students: int


def graded(records):
    return [record for record in records if record["status"] in GRADED]


def question_names(records, kind):
    """The questions of all records, in the order of the notebook. kind: "questions" or "words"."""
    names = (question["question"] for record in records for question in record[kind])
    return list(dict.fromkeys(names))


def verdicts(records):
    """{question: Counter of its verdicts}."""
    counts = {name: Counter() for name in question_names(records, "questions")}
    for record in records:
        for question in record["questions"]:
            counts[question["question"]][question["verdict"]] += 1
    return counts


def mistakes(records):
    """A MistakeCount for each mistake; questions as in the notebook, in each the most frequent
    first. A student who made a mistake in several parts of an answer counts once."""
    students, sentences = Counter(), {}
    for record in records:
        own = set()
        for question in record["questions"]:
            for finding in question["findings"]:
                key = question["question"], finding["mistake"], finding["known"]
                sentences.setdefault(key, finding["sentence"])
                own.add(key)
        students.update(own)
    counts = [MistakeCount(*key, sentences[key], students[key]) for key in students]
    order = question_names(records, "questions")
    return sorted(counts, key=lambda m: (order.index(m.question), -m.students, m.mistake, m.known))
