"""The clinic: what is right passes, each mistake is caught where it says, or by another test."""

import nbformat
import numpy as np
import pytest
from conftest import ROOT

from coursepkg import clinic
from coursepkg.clinic import (
    MISTAKES,
    NAMES,
    adam,
    change,
    descent,
    early_update,
    examine,
    flowers,
    fused,
    momentum,
    network,
    shared,
    squared,
    start,
    step_of,
    story,
    train,
)
from coursepkg.gradient_check import gradient_check
from coursepkg.optimizers import SGD, Adam, Momentum

X, LABELS = flowers()
SEEN = {name: mistake for name, mistake in MISTAKES.items() if mistake.caught}
UNSEEN = MISTAKES.keys() - SEEN.keys()


def beginning(seed, hidden=5, scale=1.0):
    return start(np.random.default_rng(seed), scale, hidden)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("right", "hidden"), [(network, 5), (squared, 5), (shared, 3)])
def test_the_right_networks_pass_entry_by_entry(right, hidden, seed):
    params = beginning(seed, hidden)
    _, grads = right(params, X[::7], LABELS[::7])
    for name in NAMES:
        report = gradient_check(
            lambda value, name=name: right({**params, name: value}, X[::7], LABELS[::7])[0],
            params[name],
            grads[name],
        )
        assert report.passed, (name, str(report))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_caught_in_the_parameters_that_it_names_and_no_others(name, seed):
    mistake = MISTAKES[name]
    findings = examine(mistake.wrong_network, beginning(seed, mistake.hidden), X, LABELS)
    assert {n: f.passed for n, f in findings.items()} == {n: n not in mistake.caught for n in NAMES}


def test_there_are_mistakes_of_both_kinds():
    assert len(MISTAKES) == 20
    assert len(SEEN) == 14
    assert len({mistake.title for mistake in MISTAKES.values()}) == 20


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_makes_a_difference_to_the_training(name):
    right, wrong = (
        train(step, beginning(0, MISTAKES[name].hidden), X, LABELS, 0.1)
        for step in MISTAKES[name].steps()
    )
    assert len(wrong) < len(right) or not np.allclose(right, wrong, rtol=1e-4)


# The signatures that the chapter teaches.


def test_signatures_in_the_size_of_the_error():
    params = beginning(0)
    sign = examine(MISTAKES["sign"].wrong_network, params, X, LABELS)
    assert sign["b1"].error == pytest.approx(2, rel=1e-6)
    half = examine(MISTAKES["half"].wrong_network, params, X, LABELS)
    assert [f.error for f in half.values()] == pytest.approx([0.5] * 4, rel=1e-6)


def test_a_shape_is_compared_before_the_numbers():
    findings = examine(MISTAKES["bias_per_example"].wrong_network, beginning(0), X, LABELS)
    assert str(findings["b1"]) == "WRONG, shape (150, 5)"


@pytest.mark.parametrize("name", ["bias_mean", "bias_last", "n_twice"])
def test_a_batch_of_one_proves_nothing(name):
    findings = examine(MISTAKES[name].wrong_network, beginning(0), X[:1], LABELS[:1])
    assert all(finding.passed for finding in findings.values())


def test_zeros_prove_nothing_and_it_is_said():
    silent = {**beginning(0), "W2": np.zeros((5, 3))}
    findings = examine(MISTAKES["derivative_at_z"].wrong_network, silent, X, LABELS)
    assert [f.passed for f in findings.values()] == [True, None, True, True]


# The second tests, for what the gradient check does not see.


def walk(rule, steps=4):
    params, state, taken = {"w": 0.0}, {}, []
    for _ in range(steps):
        before = params["w"]
        rule(params, {"w": 1.0}, state, 1.0)
        taken.append(before - params["w"])
    return taken


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("forgetful_velocity", [1, 1.9, 2.71], [1, 1, 1]),
        ("gradients_pile_up", [1, 1, 1], [1, 2, 3]),
        ("no_bias_correction", [1, 1, 1], [3.1623, 4.2496, 4.9502]),
    ],
)
def test_a_constant_gradient_tells_the_rules_apart(name, right, wrong):
    mistake = MISTAKES[name]
    assert walk(mistake.rule, 3) == pytest.approx(right, rel=1e-4)
    assert walk(change(mistake.rule, mistake.rule_lines), 3) == pytest.approx(wrong, rel=1e-4)


def test_gradients_that_pile_up_are_momentum_without_friction():
    piling = MISTAKES["gradients_pile_up"].steps()[1]
    frictionless = step_of(network, change(momentum, {"0.9 * ": ""}))
    losses = [train(step, beginning(0), X, LABELS, 0.05, 60) for step in (piling, frictionless)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)


@pytest.mark.parametrize(
    ("rule", "optimizer"), [(descent, SGD), (momentum, Momentum), (adam, Adam)]
)
def test_the_right_rules_are_the_packages_optimizers(rule, optimizer):
    rng = np.random.default_rng(1)
    flat, grads = rng.standard_normal(6), np.empty(6)
    params, state = {"w": flat.copy()}, {}
    packaged = optimizer(flat, grads, 0.1)
    for _ in range(20):
        grads[:] = rng.standard_normal(6)
        rule(params, {"w": grads.copy()}, state, 0.1)
        packaged.step()
    assert params["w"] == pytest.approx(flat, rel=1e-12)


@pytest.mark.parametrize(("step", "right"), [(fused, True), (early_update, False)])
def test_the_step_of_descent_is_its_gradient_at_every_rate(step, right):
    params = beginning(0)
    _, true = network(params, X, LABELS, decay=0)
    errors = []
    for rate in (1.0, 0.1):
        after = {name: array.copy() for name, array in params.items()}
        step(after, X, LABELS, rate, {})
        implied = (params["W1"] - after["W1"]) / rate
        errors.append(np.linalg.norm(implied - true["W1"]) / np.linalg.norm(true["W1"]))
    if right:
        assert max(errors) < 1e-9
    else:
        assert errors[0] > 0.05
        assert errors[0] / errors[1] == pytest.approx(10, rel=1e-6)


def test_two_softmaxes_have_a_floor_that_overfitting_finds():
    few = [0, 1, 50, 51, 100, 101]
    ends = []
    for one in (network, MISTAKES["softmax_twice"].wrong_network):
        step = step_of(lambda p, x, labels, one=one: one(p, x, labels, decay=0), descent)
        ends.append(train(step, beginning(0), X[few], LABELS[few], 1.0, 2001)[-1])
    assert ends[0] < 0.01
    assert ends[1] == pytest.approx(np.log(np.e + 2) - 1, abs=0.01)


def test_the_first_loss_finds_the_wrong_axis():
    small = beginning(0, scale=1e-3)
    assert network(small, X, LABELS)[0] == pytest.approx(np.log(3), abs=1e-3)
    wrong = MISTAKES["wrong_axis"].wrong_network
    assert wrong(small, X, LABELS)[0] == pytest.approx(np.log(150), abs=1e-3)


def test_shuffled_inputs_do_no_better_than_zeros():
    right, wrong = MISTAKES["labels_left_behind"].steps()
    params = beginning(0)
    seen, mixed = (train(step, params, X, LABELS)[-1] for step in (right, wrong))
    blind = train(right, params, 0 * X, LABELS)[-1]
    assert seen < 0.5
    assert mixed == pytest.approx(blind, abs=0.02)


@pytest.mark.parametrize(("name", "factor"), [(None, 1.0), ("n_twice", 0.5), ("bias_mean", 0.5)])
def test_every_example_twice_changes_no_mean(name, factor):
    one = MISTAKES[name].wrong_network if name else network
    once = one(beginning(0), X, LABELS)[1]["b2"]
    twice = one(beginning(0), np.tile(X, (2, 1)), np.tile(LABELS, 2))[1]["b2"]
    assert twice == pytest.approx(factor * once, rel=1e-9)


def test_the_dropped_output_derivative_belongs_to_another_loss():
    entropy = "loss = -2 * np.mean(targets * np.log(a2) + (1 - targets) * np.log(1 - a2))"
    lines = {"loss = np.mean((a2 - targets) ** 2)": entropy}
    another = change(squared, lines | MISTAKES["output_derivative"].lines)
    assert all(finding.passed for finding in examine(another, beginning(0), X, LABELS).values())


# The tools.


@pytest.mark.parametrize("piece", ["not there", "grad_z2"])
def test_change_refuses_a_piece_that_does_not_stand_there_once(piece):
    with pytest.raises(ValueError, match="exactly once"):
        change(network, {piece: "0"})


def test_change_leaves_the_right_function_alone():
    before = network(beginning(0), X, LABELS)[0]
    change(network, {"/ n + penalty": "/ n"})
    assert network(beginning(0), X, LABELS)[0] == before


def test_training_leaves_its_start_alone_and_stops_when_it_diverges():
    params = beginning(0)
    copy = {name: array.copy() for name, array in params.items()}
    losses = train(MISTAKES["derivative_at_z"].steps()[1], params, X, LABELS, 0.5)
    train(fused, params, X, LABELS, 0.5)
    assert all((params[name] == copy[name]).all() for name in NAMES)
    assert np.isfinite(losses).all()
    assert len(losses) < 10


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([], "no number from the beginning"),
        ([1.0], "1.00 at first, 1.00 after 0 steps"),
        ([1.0, 2e6], "1.00 at first, 2e+06 after 1 step"),
        (np.linspace(2, 1, 41), "2.00 at first, 1.50 after 20 steps, 1.00 after 40"),
    ],
)
def test_the_story_of_a_loss(losses, words):
    assert story(np.array(losses)) == words


# The page.


def page():
    return nbformat.read(ROOT / "notebooks" / "06_when_backprop_is_wrong.ipynb", as_version=4)


def test_the_page_defines_what_it_changes():
    tags = {tag for cell in page().cells for tag in cell.metadata.get("tags", [])}
    names = ("network", "squared", "shared", "fused", "descent", "momentum", "adam")
    defined = {f"defines:coursepkg.clinic.networks.{name}" for name in names}
    assert tags == defined | {"defines:coursepkg.clinic.tools.change"}


def test_the_page_shows_the_lines_that_the_package_changes():
    """Each line that is made wrong in the package stands, so changed, in a cell of the page."""
    source = "\n".join(cell.source for cell in page().cells if cell.cell_type == "code")
    for name, mistake in MISTAKES.items():
        if name in ("gradients_pile_up", "softmax_twice"):  # written in another way there
            continue
        for right, wrong in (mistake.lines | mistake.rule_lines).items():
            shown = right.replace('"', "'") in source.replace('"', "'")
            assert shown, f"{name}: {right}"
            assert wrong in source, f"{name}: {wrong}"


def test_the_mistakes_that_are_unseen_are_those_of_the_third_group():
    assert set(UNSEEN) == {
        "early_update", "forgetful_velocity", "gradients_pile_up", "no_bias_correction",
        "softmax_twice", "labels_left_behind",
    }  # fmt: skip
    assert clinic.TOLERANCE == 1e-5  # as the page says
