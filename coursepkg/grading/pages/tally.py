"""What a class has done, counted from its Records."""

from collections import Counter
from dataclasses import dataclass

from coursepkg.grading.record import GRADED


@dataclass(frozen=True)
class MistakeCount:
    """How many students made a mistake. known: it is in the bank; if not, the sentence is only
    that of the first student, and others may have had other numbers in theirs."""

    question: str
    mistake: str
    known: bool
    sentence: str
    students: int


def with_points(records):
    return [record for record in records if record.status in GRADED]


def question_names(lists):
    """The names in several lists of QuestionRecords or WordsRecords, in the notebook's order."""
    return list(dict.fromkeys(each.question for questions in lists for each in questions))


def verdicts(records):
    """{question: Counter of its verdicts}."""
    counts = {}
    for record in records:
        for question in record.questions:
            counts.setdefault(question.question, Counter())[question.verdict] += 1
    return counts


def mistakes(records):
    """A MistakeCount for each mistake; questions as in the notebook, in each the most frequent
    first. A student who made a mistake in several parts of an answer counts once."""
    students, sentences = Counter(), {}
    for record in records:
        own = set()
        for question in record.questions:
            for finding in question.findings:
                key = question.question, finding.mistake, finding.known
                sentences.setdefault(key, finding.sentence)
                own.add(key)
        students.update(own)
    counts = [MistakeCount(*key, sentences[key], students[key]) for key in students]
    order = question_names(each.questions for each in records)
    return sorted(counts, key=lambda m: (order.index(m.question), -m.students, m.mistake, m.known))


def by_question(counts):
    """{question: its MistakeCounts}, in the order in which they come."""
    groups = {}
    for count in counts:
        groups.setdefault(count.question, []).append(count)
    return groups
