"""The explorers, driven without a browser: each control at its least, default and largest value."""

import itertools
import json
import struct
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from coursepkg import explorers
from coursepkg.explorers import showing
from coursepkg.explorers.backward_pass import backward_until, neuron
from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import slider
from coursepkg.explorers.guess import OPEN, TARGETS, X, guess
from coursepkg.explorers.recorder import PARTS
from coursepkg.explorers.regression import STEPS, descend
from coursepkg.explorers.tangent import ACTIVATIONS, tangent
from coursepkg.gradient_check import gradient_check

ALL = [getattr(explorers, name) for name in explorers.__all__]


def extremes(control):
    """All values of a short list or box; else the least, the default and the largest."""
    if len(control.values) <= 6:
        return list(control.values)
    return [control.values[0], control.value, control.values[-1]]


def operations(recording):
    """What a recording says is drawn."""
    length, _ = struct.unpack("<II", recording[:8])
    return json.loads(recording[8 : 8 + length])


def same(first, second):
    """Whether two answers have the same words and draw the same things, to a third of a pixel."""
    assert first[0] == second[0]
    one, other = (operations(each[1]) for each in (first, second))
    assert [each[:1] + each[2:5] for each in one if each[0] == "path"] == [
        each[:1] + each[2:5] for each in other if each[0] == "path"
    ]
    assert places(first[1]) == pytest.approx(places(second[1]), abs=0.3)


def places(recording):
    head, points = struct.unpack("<II", recording[:8])
    return np.frombuffer(recording[8 + head : 8 + head + points], "<i2") / PARTS


def pairs(setting):
    return set(itertools.combinations_with_replacement(setting.items(), 2))


def settings_with_all_pairs(controls):
    """Few settings of all controls, in which every two extremes of two controls come together."""
    product = itertools.product(*map(extremes, controls.values()))
    settings = [dict(zip(controls, values, strict=True)) for values in product]
    left = set().union(*map(pairs, settings))
    while left:
        best = max(settings, key=lambda setting: len(pairs(setting) & left))
        left -= pairs(best)
        yield best


@pytest.fixture(scope="module", params=ALL)
def one(request):
    return request.param()


@pytest.fixture
def explorer(one):
    """At its start."""
    one.render(**one.start)
    return one


@pytest.fixture(scope="module")
def moves(one):
    """What came of moving each control, alone, to each of its extremes."""
    found = []
    for name, control in one.controls.items():
        one.render(**one.start)
        for value in extremes(control):
            sentence, frame = one.render(**{name: value})
            drawn = {a for a in one.moving if operations(one.recorder.record([a]))}
            found.append(SimpleNamespace(
                control=control, value=value, sentence=sentence, picture=(frame, one.still),
                drawn=drawn, kept=one.still, recorded=one._record_still(),
            ))  # fmt: skip
    return found


def test_any_two_controls_at_their_extremes_together(explorer):
    for setting in settings_with_all_pairs(explorer.controls):
        result = explorer.compute(**setting)
        explorer.draw(result)
        sentence = explorer.describe(result)
        assert len(sentence) > 30
        assert not any(word in sentence for word in ("nan", "inf ", "inf.", "None"))


def test_a_step_of_a_slider_records_only_what_moves(explorer, monkeypatch):
    """Which is what makes it quick; how quick, `make bench` tells."""
    recorded = []
    record = explorer.recorder.record
    monkeypatch.setattr(explorer.recorder, "record", lambda a: recorded.append(a) or record(a))
    explorer.redraw_still()
    explorer.render()
    for name, control in explorer.controls.items():
        if control.kind in ("slider", "ladder"):
            explorer.render(**{name: control.values[control.values.index(control.value) - 1]})
    whole = [artists for artists in recorded if artists is not explorer.moving]
    assert whole == [[explorer.figure]]


def test_each_control_changes_the_picture_and_the_sentence(explorer, moves):
    sentence, frame = explorer.render()
    for move in moves:
        if move.value != move.control.value:
            assert move.sentence != sentence, move.control.label
            assert move.picture != (frame, explorer.still), move.control.label


def test_the_picture_does_not_depend_on_what_was_shown_before(explorer):
    fresh = explorer.render()
    for name, control in explorer.controls.items():
        explorer.render(**{name: extremes(control)[-1]})
    again = explorer.render(**explorer.start)
    if not isinstance(explorer, explorers.GuessExplorer):  # which keeps every weight that was tried
        same(again, fresh)


def test_what_is_kept_is_what_would_be_drawn_anew(moves):
    """Otherwise something moves that is not among the moving artists, and would stand still."""
    for move in moves:
        assert move.recorded == move.kept, (move.control.label, move.value)


def test_each_moving_artist_draws_something_somewhere(explorer, moves):
    drawn = set().union(*(move.drawn for move in moves))
    if explorer.steps(explorer.result):
        for step in explorer.positions(explorer.result)[::4]:
            explorer.draw_step(explorer.result, step)
            drawn |= {a for a in explorer.moving if operations(explorer.recorder.record([a]))}
    assert [artist for artist in explorer.moving if artist not in drawn] == []


def test_a_run_ends_with_the_picture_and_begins_otherwise(explorer):
    if not explorer.steps(explorer.result):
        return
    _, frame = explorer.render()
    frames = {}
    for step in explorer.positions(explorer.result):
        caption = explorer.draw_step(explorer.result, step)
        frames[step] = caption, explorer.recorder.record(explorer.moving)
    assert list(frames)[0] == 0
    assert list(frames)[-1] == explorer.steps(explorer.result)
    assert frames[explorer.place(explorer.result)][1] == frame
    assert len({drawn for _, drawn in frames.values()}) > 0.9 * len(frames)
    assert all(caption for caption, _ in frames.values())


def test_what_cannot_be_computed_changes_nothing(explorer, monkeypatch):
    before = explorer.render()
    name, control = next(iter(explorer.controls.items()))
    monkeypatch.setattr(explorer, "describe", lambda result: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        explorer.render(**{name: extremes(control)[-1]})
    monkeypatch.undo()
    assert explorer.values == explorer.start
    if not isinstance(explorer, explorers.GuessExplorer):
        same(explorer.render(), before)


class HigherAxes(Explorer):
    """A text that never changes, in axes that do."""

    size = (3, 2)

    def make_controls(self):
        return {"top": slider("top", 1, 1, 9)}

    def build(self, figure):
        self.axes = figure.subplots()
        return [self.axes.text(0.5, 0.5, "here")]

    def compute(self, top):
        return top

    def draw(self, top):
        self.axes.set_ylim(0, top)
        self.redraw_still()

    def describe(self, top):
        return f"up to {top}"


def test_a_text_moves_with_its_axes():
    explorer = HigherAxes()
    explorer.render()
    (moved,), (new,) = (operations(each.render(top=9)[1]) for each in (explorer, HigherAxes()))
    assert moved[2:4] == pytest.approx(new[2:4], abs=0.3)


def test_a_value_that_no_control_has_is_refused():
    with pytest.raises(ValueError, match="RegressionExplorer has no 'rate', only learning_rate"):
        explorers.RegressionExplorer(rate=0.1)
    with pytest.raises(ValueError, match="activation must be one of"):
        explorers.TangentExplorer(activation="sine")
    assert explorers.RegressionExplorer(learning_rate=0.15).values["learning_rate"] == 0.15


def test_the_line_to_copy_gives_the_same_setting(explorer):
    name = type(explorer).__name__
    assert explorer.as_python() == f"{name}().show()"
    explorer.render(**{each: extremes(c)[-1] for each, c in explorer.controls.items()})
    line = explorer.as_python()
    assert line.endswith(".show()")
    assert eval(line.removesuffix(".show()"), vars(explorers)).values == explorer.values


def test_what_a_button_sets_can_be_set(explorer):
    for values in explorer.tries.values():
        explorer.render(**values)
        assert values.items() <= explorer.values.items()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_names_of_the_axes_stay_in_the_picture(activation):
    explorer = explorers.TangentExplorer()
    explorer.render()
    explorer.render(activation=activation)
    for axes in explorer.figure.axes:
        box = axes.yaxis.label.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0


@pytest.mark.parametrize("explorer_class", ALL)
def test_what_a_notebook_gets(explorer_class, monkeypatch):
    shown, updates = [], []
    monkeypatch.setattr(showing, "display", lambda bundle, **kw: shown.append((bundle, kw)))
    monkeypatch.setattr(showing, "update_display", lambda *args, **kw: updates.append((*args, kw)))
    explorer = explorer_class()
    explorer.show()
    (live, _), (picture, options) = shown
    assert "application/vnd.jupyter.widget-view+json" in live
    assert all(control.label in live["text/plain"] for control in explorer.controls.values())
    assert picture["text/plain"] == explorer.showing.view.sentence
    name, control = next(iter(explorer.controls.items()))
    explorer.showing.view.asked = {"id": "1", "values": {name: extremes(control)[-1]}}
    assert (explorer.showing.view.answered, explorer.showing.view.problem) == ("1", "")
    assert explorer.showing.view.values[name] == extremes(control)[-1]
    assert updates == []  # until it is asked for, in a moment of rest
    explorer.showing._on_message(explorer.showing.view, {"want": "twin"}, [])
    ((moved, again),) = updates
    assert again["display_id"] == options["display_id"]
    assert moved["text/plain"] == explorer.showing.view.sentence != picture["text/plain"]
    assert 'alt="' in moved["text/html"]
    explorer.close()


@pytest.mark.parametrize("error", [ValueError("a reason"), KeyboardInterrupt()])
def test_an_error_or_an_interrupt_is_said_and_everything_agrees(error, monkeypatch):
    monkeypatch.setattr(showing, "display", lambda *_, **__: None)
    explorer = explorers.TangentExplorer()
    explorer.show()
    frame = explorer.showing.view.frame

    def compute(**_):
        raise error

    monkeypatch.setattr(explorer, "compute", compute)
    explorer.showing.view.asked = {"id": "1", "values": {"z": 3.0}}
    assert explorer.showing.view.answered == "1"
    assert "The picture is " in explorer.showing.view.problem
    assert (explorer.showing.view.values, explorer.showing.view.frame) == (explorer.start, frame)
    monkeypatch.undo()
    explorer.showing.view.asked = {"id": "2", "values": {"z": 3.0}}
    assert explorer.showing.view.problem == ""
    assert explorer.showing.view.values["z"] == 3.0
    explorer.close()


def test_a_question_that_was_lost_is_answered(monkeypatch):
    """As by an interrupt that comes between the question and the one who answers."""
    monkeypatch.setattr(showing, "display", lambda *_, **__: None)
    explorer = explorers.TangentExplorer()
    explorer.show()
    explorer.showing.view.unobserve_all("asked")
    explorer.showing.view.asked = {"id": "1", "values": {"z": 3.0}}
    explorer.showing._on_message(explorer.showing.view, {"want": "answer"}, [])
    assert explorer.showing.view.answered == "1"
    assert explorer.showing.view.values == explorer.start
    assert explorer.showing.view.problem == showing.INTERRUPTED
    explorer.close()


def test_a_cell_that_runs_again_replaces_its_explorer(monkeypatch):
    parent = {"metadata": {"cellId": "a cell"}, "header": {"msg_id": "1"}}
    shell = SimpleNamespace(get_parent=lambda: parent)
    monkeypatch.setattr(showing, "display", lambda *_, **__: None)
    monkeypatch.setattr(showing, "get_ipython", lambda: shell)
    first, beside = explorers.TangentExplorer(), explorers.TangentExplorer()
    first.show()
    beside.show()
    assert first.figure.axes  # two in one cell
    parent["header"] = {"msg_id": "2"}
    second = explorers.TangentExplorer()
    second.show()
    assert first.showing.view.comm is None
    assert beside.showing.view.comm is None
    assert first.showing.view.layout.comm is None
    assert not first.figure.axes
    gone = weakref.ref(second)
    parent["header"] = {"msg_id": "3"}
    del second
    third = explorers.TangentExplorer()
    third.show()
    assert gone() is None  # and its pixels with it
    assert third.figure.axes
    third.close()


@pytest.mark.parametrize("explorer_class", ALL)
def test_each_control_has_a_name_of_its_own(explorer_class):
    names = [control.label for control in explorer_class().controls.values()]
    assert all(names)
    assert len(set(names)) == len(names)


def test_guess_is_the_mean_squared_error():
    assert guess(1.5).loss == pytest.approx(np.mean((1.5 * X - TARGETS) ** 2), rel=1e-14)
    moved = TARGETS - 4 * (np.arange(12) == OPEN)
    assert guess(1.5, -4.0).loss == pytest.approx(np.mean((1.5 * X - moved) ** 2), rel=1e-14)
    weights = explorers.GuessExplorer().controls["weight"].values
    assert min(weights, key=lambda weight: guess(weight, -4.0).loss) == 0.85  # as chapter 00 says


def test_the_pointer_moves_the_open_point_or_rotates_the_line():
    explorer = explorers.GuessExplorer()
    near = explorer.dragged(explorer.left, X[OPEN] + 0.03, TARGETS[OPEN] - 2.0, {})
    assert near == {"shift": pytest.approx(-2.0)}
    assert explorer.dragged(explorer.left, -0.5, 1.0, {}) == {"weight": -2.0}
    assert explorer.dragged(explorer.left, 0.0, 1.0, {}) == {}
    explorer.render(weight=1.0)
    explorer.render(**near)
    assert explorer.open.get_ydata() == pytest.approx(TARGETS[OPEN] - 2.0)
    assert list(explorer.tried) == [1.0]  # for other points each weight has another loss


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("z", [-3.0, 0.7, 2.0])
def test_the_tangent_has_the_slope_of_the_curve(activation, z):
    def f(z):
        return ACTIVATIONS[activation](z)[0] + z  # + z, so that relu's flat side proves something

    assert gradient_check(f, z, tangent(z, activation).slope + 1).passed


def test_the_stepped_backward_pass_ends_where_backward_does():
    inputs = {"x1": 1.0, "x2": -2.0, "w1": 0.5, "w2": 0.4}
    whole = neuron(**inputs)
    whole.backward()
    steps = backward_until(neuron(**inputs), 0).steps
    stage = backward_until(neuron(**inputs), steps)
    assert stage.known == set(stage.order)
    expected = {node.name: node.grad for node in _nodes(whole) if node.name}
    found = {node.name: node.grad for node in stage.order if node.name}
    assert found == expected
    half = backward_until(neuron(**inputs), steps // 2)
    assert all(node.grad == 0 for node in half.order if node not in half.known)


def test_the_stepped_backward_pass_names_the_node_at_work():
    inputs = {"x1": 1.0, "x2": -2.0, "w1": 0.5, "w2": 0.4}
    stages = [backward_until(neuron(**inputs), step) for step in range(8)]
    assert stages[0].current is None
    assert [stage.current.name for stage in stages[1:]] == ["L", "d", "a", "z", "s", "p2", "p1"]
    known = [{node.name for node in stage.known} for stage in stages]
    assert known[3] - known[2] == {"z"}
    assert known[7] - known[6] == {"x1", "w1"}


def test_the_guess_shows_how_far_each_point_is_missed():
    explorer = explorers.GuessExplorer()
    explorer.draw(guess(1.5))
    for line, x, target in zip(explorer.errors, X, TARGETS, strict=True):
        assert line.get_xdata() == [x, x]
        assert line.get_ydata() == pytest.approx([target, 1.5 * x])


def _nodes(root):
    return backward_until(root, 0).order


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.01, "fell"), (0.99, "fell"), (1.0, "stood"), (1.02, "diverged")]
)
def test_the_regression_says_what_it_does_around_the_edge(rate, expected):
    run = descend(rate, -1.5, standardized=True)
    assert run.edge == pytest.approx(1.0, rel=1e-12)
    assert run.verdict == expected


def test_the_regression_in_cm_has_its_edge_where_it_says():
    edge = descend(0.01, -1.5, standardized=False).edge
    assert descend(0.98 * edge, -1.5, standardized=False).verdict == "fell"
    assert descend(1.05 * edge, -1.5, standardized=False).verdict == "diverged"


def test_the_regression_follows_the_exact_factor():
    run = descend(0.3, -1.5, standardized=True)
    factor = (1 - 2 * 0.3) ** np.arange(STEPS + 1)
    expected = run.best + factor[:, None] * (run.path[0] - run.best)
    assert run.path == pytest.approx(expected, abs=1e-12)


def test_a_diverging_run_stops_before_its_numbers_overflow():
    run = descend(1.5, 3.0, standardized=False)
    assert run.verdict == "diverged"
    assert np.isfinite(run.path).all()
    assert np.isfinite(run.losses).all()
    assert len(run.losses) < STEPS


# What the artists hold, for results that are known. The picture alone does not tell: a curve that
# is drawn wrong is drawn wrong both ways.


def drawn(explorer_class, **values):
    explorer = explorer_class()
    explorer.render()
    result = explorer.compute(**{**explorer.values, **values})
    explorer.draw(result)
    return explorer, result


def test_the_tangent_is_drawn_through_its_point_with_its_slope():
    explorer, result = drawn(explorers.TangentExplorer, z=2.0, activation="tanh")
    z, a = explorer.line.get_data()
    assert (a[1] - a[0]) / (z[1] - z[0]) == pytest.approx(result.slope)
    assert np.interp(2.0, z, a) == pytest.approx(np.tanh(2.0))
    assert np.ravel(explorer.point.get_data()) == pytest.approx([2.0, np.tanh(2.0)])
    assert np.ravel(explorer.height.get_data()) == pytest.approx([2.0, 1 - np.tanh(2.0) ** 2])
    assert explorer.curve.get_ydata() == pytest.approx(np.tanh(explorer.curve.get_xdata()))
    pushed = f"{np.tanh(2.1) - np.tanh(2.0):.3g}"
    assert f"moves a by {pushed};" in explorer.describe(result)


def test_the_regression_draws_its_losses_its_path_and_both_lines():
    explorer, result = drawn(explorers.RegressionExplorer, learning_rate=0.05, weight=-1.0)
    steps, losses = explorer.curve.get_data()
    assert list(steps) == list(range(STEPS + 1))
    assert losses == pytest.approx(result.losses)
    path = np.array(explorer.path.get_data()).T
    assert path == pytest.approx(result.path)
    assert np.ravel(explorer.end.get_data()) == pytest.approx(result.path[-1])
    for line, (weight, bias) in ((explorer.first, (-1.0, 0.0)), (explorer.fit, result.path[-1])):
        x, y = line.get_data()
        assert y == pytest.approx(weight * np.array(x) + bias)
    assert np.ravel(explorer.surface[1].get_data()) == pytest.approx(result.best)


def test_the_regression_keeps_one_surface_when_the_data_change():
    explorer = explorers.RegressionExplorer()
    counts = []
    for standardized in (True, False, True):
        explorer.render(standardized=standardized)
        counts.append(len(explorer.middle.collections))
    assert counts == [1, 1, 1]


def test_the_guess_keeps_every_try_and_names_the_best():
    explorer = explorers.GuessExplorer()
    for weight in (0.0, 1.5, 3.0):
        result = explorer.compute(weight=weight)
        explorer.draw(result)
    assert np.ravel(explorer.point.get_data()) == pytest.approx([3.0, guess(3.0).loss])
    assert list(explorer.trace.get_xdata()) == [0.0, 1.5, 3.0]
    assert "The best of the 3 you have tried is w = 1.50." in explorer.describe(result)


def test_the_backward_pass_shows_what_is_known_and_who_is_at_work():
    explorer, result = drawn(explorers.BackwardPassExplorer, step=2)
    for node, text, place in zip(result.order, explorer.grad_texts, explorer.places, strict=True):
        assert text.get_text() == (f"{node.grad:.4g}" if node in result.known else "")
        assert (explorer.frame.get_bbox().bounds == place) == (node.name == "d")
    going = [edge for edge in explorer.edges if len(edge.flow.get_xdata())]
    nodes = [(result.order[edge.node].name, result.order[edge.parent].name) for edge in going]
    assert sorted(nodes) == [("L", "d"), ("d", "a"), ("d", "target")]
    for edge in going:  # against the arrow: from the node to what it was computed from
        assert edge.flow.get_xdata()[0] > edge.flow.get_xdata()[-1]


def test_two_pages_that_ask_at_the_same_time_are_answered_one_after_the_other(monkeypatch):
    """Each from a thread of its own, as JupyterLab has it."""
    monkeypatch.setattr(showing, "display", lambda *_, **__: None)
    explorer = explorers.BackwardPassExplorer(step=7)
    due = [operations(explorer.render(w1=k / 10)[1]) for k in range(20)]
    explorer.show()
    view, ask = explorer.showing.view, explorer.showing._on_message
    runs = [threading.Thread(target=ask, args=(view, {"want": "run"}, [])) for _ in range(2)]
    for run in runs:
        run.start()
    for k in range(20):
        view.asked = {"id": str(k), "values": {"w1": k / 10}}
        assert len(operations(view.frame)) == len(due[k]), k
    for run in runs:
        run.join()
    explorer.close()
