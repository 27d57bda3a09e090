"""What the judge makes of what comes out of the sandbox, whatever that is."""

import contextlib
import json

import pytest

from coursepkg.checks.running import wire
from coursepkg.checks.running.run import run
from coursepkg.grading import assignment as assignments
from coursepkg.grading import judge
from coursepkg.grading.reading.preflight import Cell, Sheet
from coursepkg.grading.record import WordsRecord
from coursepkg.grading.sandbox.bubblewrap import Lost, Reply

SEED = 20260131
ASSIGNMENT = assignments.load("03")
QUESTION = ASSIGNMENT.questions["line_gradient"]


@pytest.fixture(scope="module")
def examination():
    return QUESTION.examination(SEED)


@pytest.fixture(scope="module")
def honest(examination):
    """What the sandbox sends for the right answer."""
    outcomes = run(QUESTION.reference, QUESTION.use, examination.cases)
    result = {"found": True, "cell": 0, "globals_read": []}
    return {**result, "outcomes": [wire.encode_outcome(each) for each in outcomes.values()]}


class Scripted:
    """Stands in for the sandboxes: replies what it is told, an exception by raising it."""

    def __init__(self, reply, unsafe=True):
        self.reply, self.unsafe = reply, unsafe

    def ask(self, job):
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def judged(reply, **options):
    sheet = Sheet((Cell("def line_gradient(): pass", "line_gradient"),), {}, ())
    return judge.judge_answer(QUESTION, sheet, SEED, Scripted(reply, **options))


def test_what_an_honest_run_sends_gets_full_points(honest):
    result = judged(Reply("exit 0", json.dumps(honest).encode()))
    assert (result.verdict, result.earned, result.points) == ("right", 3, 3)
    assert result.answer == "def line_gradient(): pass"
    assert result.findings == ()


@pytest.mark.parametrize(
    ("reply", "mistake"),
    [
        (Reply("time", b""), "never_ends"),
        (Reply("too much", b""), "too_much"),
        (Reply("signal 9", b""), "ends_process"),
        (Reply("exit 0", b""), "ends_process"),
        (Reply("exit 3", b""), "ends_process"),
        (Lost("gone"), "ends_process"),
    ],
    ids=str,
)
def test_a_process_that_leaves_no_result_has_its_sentence(reply, mistake):
    result = judged(reply)
    assert (result.verdict, result.earned) == ("not right yet", 0)
    assert [finding.mistake for finding in result.findings] == [mistake]
    assert result.answer == "def line_gradient(): pass"


def test_a_sandbox_that_is_lost_is_no_fault_of_the_answer():
    with pytest.raises(Lost):
        judged(Lost("gone"), unsafe=False)


def test_nothing_counts_of_a_process_that_did_not_end_by_itself(honest):
    result = judged(Reply("signal 9", json.dumps(honest).encode()))
    assert result.earned == 0


def test_an_answer_that_is_not_there_is_said_to_be_missing():
    result = judged(Reply("exit 0", b'{"found": false}'))
    assert (result.verdict, result.earned, result.points) == ("not found", 0, 3)
    assert "no cell defines it" in result.headline


def changed(honest, **fields):
    return json.dumps({**honest, **fields}).encode()


FORGED = {
    "no JSON": lambda honest: b"}{",
    "not even text": lambda honest: b"\xff\xfe",
    "cut off": lambda honest: json.dumps(honest).encode()[:-20],
    "a list": lambda honest: b"[]",
    "a number": lambda honest: b"1",
    "null": lambda honest: b"null",
    "deep": lambda honest: b"[" * 100_000,
    "many digits": lambda honest: b"9" * 100_000,
    "passed": lambda honest: b'{"found": true, "passed": true, "earned": 3}',
    "no outcomes": lambda honest: changed(honest, outcomes=[]),
    "too few": lambda honest: changed(honest, outcomes=honest["outcomes"][:-1]),
    "too many": lambda honest: changed(honest, outcomes=honest["outcomes"] * 2),
    "outcomes by name": lambda honest: changed(honest, outcomes={"a": 1}),
    "globals": lambda honest: changed(honest, globals_read=3),
    "globals that are no texts": lambda honest: changed(honest, globals_read=[[]]),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_result_is_worth_nothing(forge, honest):
    result = judged(Reply("exit 0", forge(honest)))
    assert result.earned == 0
    assert [finding.mistake for finding in result.findings] == ["forged"]


def test_a_forged_place_of_the_answer_does_no_harm(honest):
    for cell in (-1, 10**9, "0", True, None, [0]):
        result = judged(Reply("exit 0", changed(honest, cell=cell)))
        assert (result.earned, result.answer) == (3, "def line_gradient(): pass")


def test_the_answer_that_is_shown_is_the_one_that_was_taken(honest):
    cells = (Cell("scratch", ""), Cell("first", "line_gradient"), Cell("second", "line_gradient"))
    sheet = Sheet((*cells, Cell("x" * 10**5, "valley")), {}, ())

    def shown(reply):
        return judge.judge_answer(QUESTION, sheet, SEED, Scripted(reply)).answer

    assert shown(Reply("time", b"")) == "second"
    for number in range(3):
        assert shown(Reply("exit 0", changed(honest, cell=number))) == cells[number].source
    assert shown(Reply("exit 0", changed(honest, cell=3))) == "x" * judge.LONGEST_ANSWER
    none = judge.judge_answer(QUESTION, Sheet((), {}, ()), SEED, Scripted(Reply("time", b"")))
    assert none.answer == ""


def test_forged_names_are_few_and_short(examination, honest):
    raw = changed(honest, globals_read=["a" * 10**5] * 10**3)
    _, names, _ = judge.decoded(raw, examination)
    assert names == ("a" * wire.LONGEST_NAME,) * judge.MOST_NAMES


def test_no_part_has_passed_where_nothing_counts():
    verdict = judge.without_result(QUESTION, "time")
    assert [passed for _, passed in verdict.parts] == [False] * len(QUESTION.parts)


def test_the_points_stand_where_no_explanation_can_be_found(examination, honest, monkeypatch):
    def fails(*arguments):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(judge, "verdict_on", fails)
    outcomes = [dict(each) for each in honest["outcomes"]]
    for each in outcomes:
        grad_z, *_ = each["value"]["tuple"]
        each["value"] = {"tuple": [grad_z, wire.encode(7.0), wire.encode(7.0)]}
    result = judged(Reply("exit 0", changed(honest, outcomes=outcomes)))
    assert result.earned == QUESTION.worth("grad_z") == 1
    assert result.findings[0].mistake == "unexplained"


class Dying:
    """A sandbox that dies at its first question, as one can where there is no bubblewrap."""

    made = 0

    def __init__(self, folder, unsafe):
        Dying.made += 1
        self.number = Dying.made

    def ask(self, job):
        if self.number == 1:
            raise Lost("gone")
        return Reply("exit 0", b'{"found": false}')

    def close(self):
        pass


def test_a_sandbox_that_an_earlier_question_has_ended_is_made_anew(monkeypatch):
    monkeypatch.setattr(Dying, "made", 0)
    monkeypatch.setattr(judge, "Sandbox", Dying)
    with contextlib.closing(judge.Sandboxes(None, False)) as sandboxes:
        assert sandboxes.ask({}).raw == b'{"found": false}'
    assert Dying.made == 2


def test_a_sandbox_that_is_lost_twice_is_lost(monkeypatch):
    monkeypatch.setattr(Dying, "made", -10)
    monkeypatch.setattr(Dying, "ask", lambda self, job: Scripted(Lost("gone")).ask(job))
    monkeypatch.setattr(judge, "Sandbox", Dying)
    with pytest.raises(Lost):
        judge.Sandboxes(None, False).ask({})
    assert Dying.made == -10 + 2


def test_all_questions_are_told_and_the_points_add_up(tmp_path, monkeypatch):
    monkeypatch.setattr(judge, "Sandbox", lambda *given: Dying(*given))
    sheet = Sheet((), {"words-half-sum": "text"}, ())
    questions = judge.judge_answers(sheet, ASSIGNMENT, SEED, tmp_path)
    assert [each.question for each in questions] == list(ASSIGNMENT.questions)
    assert sum(each.points for each in questions) == ASSIGNMENT.exercise_set.points
    assert not any(each.earned for each in questions)
    words = judge.answers_in_words(sheet, ASSIGNMENT)
    assert words == (WordsRecord("words-half-sum", 2, "text"),)


def sent(answer, examination):
    """What the sandbox sends for an answer."""
    outcomes = run(answer, QUESTION.use, examination.cases)
    result = {"found": True, "cell": 0, "globals_read": []}
    encoded = [wire.encode_outcome(each) for each in outcomes.values()]
    return Reply("exit 0", json.dumps({**result, "outcomes": encoded}).encode())


def test_a_mistake_is_told_with_its_example(examination):
    for name in QUESTION.mistakes:
        result = judged(sent(QUESTION.wrong_model(name), examination))
        assert name in [finding.mistake for finding in result.findings]
        assert result.notes == ()  # that `hint` would help is no news after the grade
        [*_, (label, got)] = result.findings[0].example
        assert label.endswith("got")
        assert got


def test_of_a_stub_it_is_said_what_still_stands_in_it(examination):
    def stub(*arguments):
        raise NotImplementedError()

    result = judged(sent(stub, examination))
    assert result.verdict == "not started"
    assert "`raise NotImplementedError()` still stands in it" in result.notes[0]
