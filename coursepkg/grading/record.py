"""The record of one submission: what was handed in, its points, and what was found in it.

The fields are called as in the JSON files, which nothing but these classes reads and writes.
"""

from dataclasses import asdict, dataclass

GRADED, WITHOUT_POINTS = ("graded", "repaired"), ("unreadable", "failed")  # what a status may be
OPTIONAL = ("earned", "seconds")  # left out of a file as long as they are None


@dataclass(frozen=True)
class FindingRecord:
    """One mistake in an answer. part: of the answer, or empty. mistake: its id. known: it is in the
    bank. example: ((name, value as text), …), or empty."""

    part: str
    mistake: str
    known: bool
    sentence: str
    example: tuple = ()

    lines = property(lambda self: self.example)  # as a Finding has it


@dataclass(frozen=True)
class QuestionRecord:
    """The verdict on one answer in code. question: its name. notes: for the student. findings:
    FindingRecords, the best first. answer: the code that was graded."""

    question: str
    points: int
    earned: int
    verdict: str
    headline: str
    notes: tuple
    findings: tuple
    answer: str


@dataclass(frozen=True)
class WordsRecord:
    """An answer in words. earned: what a person has given for it, None as long as nobody has."""

    question: str
    points: int
    answer: str
    earned: float | None = None


@dataclass(frozen=True)
class Record:
    """What is known of one submission.

    sha256: of the file, None if it has no bytes. fingerprint: of all else that a grade depends on.
    notes: what was tolerated and what went wrong, for the instructor. of: the points that the
    questions in code are worth. points: those that were earned, None if nothing was graded.
    questions, words: QuestionRecords, WordsRecords. seconds: how long the judge took.
    """

    student: str
    assignment: str
    status: str
    sha256: str | None
    fingerprint: str
    of: int
    notes: tuple
    points: int | None = None
    questions: tuple = ()
    words: tuple = ()
    seconds: float | None = None

    def as_dict(self):
        """The record as plain data, for JSON."""
        return asdict(self, dict_factory=without_optional)


def without_optional(pairs):
    return {key: value for key, value in pairs if value is not None or key not in OPTIONAL}


def from_dict(data):
    """The Record that `as_dict` was given; TypeError or KeyError if it is none."""
    texts = ("student", "assignment", "status", "fingerprint")
    if not all(isinstance(data[key], str) for key in texts):
        raise TypeError(f"data: {', '.join(texts)} must be texts")
    questions = tuple(map(question_from_dict, data["questions"]))
    words = tuple(WordsRecord(**each) for each in data["words"])
    return Record(**{**data, "notes": tuple(data["notes"]), "questions": questions, "words": words})


def question_from_dict(data):
    lists = [{**each, "example": tuple(map(tuple, each["example"]))} for each in data["findings"]]
    findings = tuple(FindingRecord(**each) for each in lists)
    return QuestionRecord(**{**data, "notes": tuple(data["notes"]), "findings": findings})
