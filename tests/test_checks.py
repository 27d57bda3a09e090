"""The test of the tests: right answers pass in any style, every wrong one is rejected and named."""

import statistics
import time

import exercise_sets
import pytest

from coursepkg.checks.banks import QUESTIONS, SETS
from coursepkg.checks.comparing.agreement import agree
from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.diagnose import diagnose, passes, verdict_on
from coursepkg.checks.explaining.mutants import mutants
from coursepkg.checks.question import SEED
from coursepkg.checks.running.globals_read import loaded
from coursepkg.checks.running.run import run

SEEDS = (SEED, 1, 2, 3, 4)  # a grade draws its cases from a seed nobody knows
EACH = [pytest.param(s, q, id=q.name) for s in SETS for q in s.questions]
EACH_MISTAKE = [
    pytest.param(s, q, m, id=f"{q.name}-{m}") for s in SETS for q in s.questions for m in q.mistakes
]
SECONDS = 1.0  # for a mutant that never ends


@pytest.fixture(scope="module")
def solutions():
    return {each.name: exercise_sets.load(each) for each in SETS}


def test_every_name_is_a_question_of_its_own():
    assert len(QUESTIONS) == sum(len(each.questions) for each in SETS)


@pytest.mark.parametrize(("each", "question"), EACH)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_solution_passes(each, question, seed, solutions, counts):
    answer = solutions[each.name].answer(question.name)
    assert passes(question, answer, seed)
    counts["solutions"] += seed == SEED


@pytest.mark.parametrize(("each", "question"), EACH)
def test_the_solution_stands_alone(each, question, solutions):
    """An answer that calls another one would be wrong with it."""
    names = loaded(compile(solutions[each.name].sources[question.name], "", "exec"))
    assert not names & (QUESTIONS.keys() - {question.name})


@pytest.mark.parametrize(("each", "question"), EACH)
def test_what_follows_from_right_parts_is_right(each, question):
    """`follow` and the reference say the same."""
    if question.follow is None:
        return
    examination = question.examination()
    for label, arguments in examination.cases.items():
        value = examination.expected[label].value
        due = question.follow(dict(zip(question.parts, value, strict=True)), **arguments)
        for part, right in zip(question.parts, value, strict=True):
            assert agree(due[part], right, 1e-9)


@pytest.mark.parametrize(("each", "question", "mistake"), EACH_MISTAKE)
def test_every_mistake_is_named(each, question, mistake, counts):
    counts["mistakes"] += 1
    for seed in SEEDS:
        examination = question.examination(seed)
        outcomes = run(question.wrong_model(mistake), question.use, examination.cases)
        verdict = verdict_on(Comparison(examination, outcomes))
        assert not verdict.passed
        assert verdict.earned < verdict.points
        assert [finding.name for finding in verdict.findings] == [mistake], str(verdict)
        assert verdict.findings[0].known
        assert question.mistakes[mistake].sentence in str(verdict)
    counts["named"] += 1


@pytest.mark.parametrize(("each", "question"), EACH)
def test_other_styles_are_accepted(each, question, counts):
    variants = exercise_sets.variants(each, question)
    assert len(variants) >= 3
    counts["variants"] += len(variants)
    for style, answer in variants.items():
        for seed in SEEDS:
            examination = question.examination(seed)
            verdict = verdict_on(
                Comparison(examination, run(answer, question.use, examination.cases))
            )
            assert verdict.passed, f"{style}: {verdict}"


@pytest.mark.parametrize(("each", "question"), EACH)
def test_every_mutant_is_rejected(each, question, solutions, counts):
    listed = dict(exercise_sets.answers_of(each).EQUIVALENT.get(question.name, {}))
    survivors = []
    for mutant in mutants(solutions[each.name].sources[question.name]):
        counts["mutants"] += 1
        description = str(mutant)
        if rejected(question, solutions[each.name], mutant.source):
            assert description not in listed, f"listed as equivalent, but rejected: {description}"
        elif listed.pop(description, None):
            counts["equivalent"] += 1
        else:
            survivors.append(description)
    counts["survivors"] += len(survivors)
    assert not survivors, "\n".join(survivors)
    assert not listed, f"listed as equivalent, but no mutant: {listed}"


def rejected(question, solutions, source):
    try:
        answer = solutions.answer(question.name, source)
    except Exception:  # it cannot even be defined
        return True
    return not passes(question, answer, SEED, seconds=SECONDS)


def test_few_mutants_are_listed_as_equivalent(counts):
    assert counts["equivalent"] <= 0.05 * counts["mutants"]


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.name)
def test_each_set_knows_its_mistakes(each):
    assert sum(len(question.mistakes) for question in each.questions) >= 8
    for question in each.questions:
        assert len(question.hints) == 3


def test_a_check_answers_at_once():
    """Right and wrong answers, with all relations tried; the machine may be a slow one."""
    times = []
    for question in QUESTIONS.values():
        for answer in [question.reference, *map(question.wrong_model, question.mistakes)]:
            begin = time.perf_counter()
            diagnose(question, answer)
            times.append(time.perf_counter() - begin)
    assert statistics.median(times) < 0.3
