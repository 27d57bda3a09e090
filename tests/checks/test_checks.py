"""The test of the tests: right answers pass in any style, every wrong one is rejected and named."""

import collections

import exercise_sets
import pytest

from coursepkg.checks import diagnose as diagnosis
from coursepkg.checks import question as questions
from coursepkg.checks.banks import QUESTIONS, SETS
from coursepkg.checks.comparing.agreement import agree
from coursepkg.checks.comparing.comparison import Comparison
from coursepkg.checks.diagnose import diagnose, passes, verdict_on
from coursepkg.checks.explaining.mutants import mutants
from coursepkg.checks.question import SEED
from coursepkg.checks.running.globals_read import loaded
from coursepkg.checks.running.run import run

SEEDS = (SEED, 1)  # a grade draws its cases from a seed nobody knows
EACH = [pytest.param(s, q, id=q.name) for s in SETS for q in s.questions]
EACH_MISTAKE = [
    pytest.param(s, q, m, id=f"{q.name}-{m}") for s in SETS for q in s.questions for m in q.mistakes
]
SECONDS, PATIENCE = 1.0, 120.0  # for a mutant that may never end; for one that is known to

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def solutions():
    return {each.name: exercise_sets.load(each) for each in SETS}


def test_every_name_is_a_question_of_its_own():
    assert len(QUESTIONS) == sum(len(each.questions) for each in SETS)


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
        seconds = PATIENCE if description in listed else SECONDS
        if rejected(question, solutions[each.name], mutant.source, seconds):
            assert description not in listed, f"listed as equivalent, but rejected: {description}"
        elif listed.pop(description, None):
            counts["equivalent"] += 1
        else:
            survivors.append(description)
    counts["survivors"] += len(survivors)
    survivors = "\n".join(survivors)
    assert not survivors, (
        "These changes pass. Add a case that tells them apart or, if they are right after all, "
        f"put them with the reason into EQUIVALENT of tests/answers:\n{survivors}"
    )
    assert not listed, f"listed as equivalent, but no mutant: {listed}"


def rejected(question, solutions, source, seconds):
    try:
        answer = solutions.answer(question.name, source)
    except Exception:  # it cannot even be defined
        return True
    return not passes(question, answer, SEED, seconds=seconds)


def test_few_mutants_are_listed_as_equivalent(solutions):
    listed = count = 0
    for each in SETS:
        listed += sum(map(len, exercise_sets.answers_of(each).EQUIVALENT.values()))
        count += sum(len(list(mutants(source))) for source in solutions[each.name].sources.values())
    assert listed <= 0.02 * count


@pytest.mark.parametrize(("each", "question"), EACH)
def test_each_question_knows_a_mistake(each, question):
    assert question.mistakes


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.name)
def test_each_answer_in_another_style_belongs_to_a_question(each):
    names = {
        name.partition("__")[0] for name in vars(exercise_sets.answers_of(each)) if "__" in name
    }
    asked = {question.name for question in each.questions}
    assert {name for name in names if name} <= asked


@pytest.mark.parametrize(("each", "question"), EACH)
def test_a_check_runs_nothing_twice(each, question, monkeypatch):
    """Only the answer, once on each case: the reference and the wrong models were run before."""
    question.examination().known  # noqa: B018
    ran = collections.Counter()

    def counted(answer, *others, **limits):
        ran[answer] += 1
        return run(answer, *others, **limits)

    for module in (diagnosis, questions):
        monkeypatch.setattr(module, "run", counted)
    for answer in [question.reference, question.wrong_model(next(iter(question.mistakes)))]:
        ran.clear()
        diagnose(question, answer)
        assert ran == {answer: 1}
