"""The explorers, driven without a browser: each control at its least, default and largest value."""

import io
import itertools

import numpy as np
import pytest
from ipywidgets import Checkbox, Dropdown, FloatLogSlider
from PIL import Image

from coursepkg import explorers
from coursepkg.explorers import base
from coursepkg.explorers.backward_pass import backward_until, neuron
from coursepkg.explorers.guess import TARGETS, X, guess
from coursepkg.explorers.regression import STEPS, descend
from coursepkg.explorers.tangent import ACTIVATIONS, tangent
from coursepkg.gradient_check import gradient_check

ALL = [getattr(explorers, name) for name in explorers.__all__]


def extremes(control):
    """All values of a list or box; of a slider the least, the default and the largest."""
    if isinstance(control, Dropdown):
        return list(control.options)
    if isinstance(control, Checkbox):
        return [True, False]
    if isinstance(control, FloatLogSlider):
        return [control.base**control.min, control.value, control.base**control.max]
    return [control.min, control.value, control.max]


# Where nothing lies under something else, if that is not so from the beginning.
TELLING = {
    "GuessExplorer": {"weight": 3.0},
    "TangentExplorer": {"z": 2.0},
    "BackwardPassExplorer": {"step": 4},
    "RegressionExplorer": {"learning_rate": 0.05},
}
ALLOWED = 120  # pixels of all; a line that was left behind has hundreds


def still(explorer_class):
    """An explorer that draws when it is asked to, and not at each turn of a control."""
    explorer = explorer_class()
    for control in explorer.controls.values():
        control.unobserve_all("value")
    return explorer


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png))).astype(int)


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


@pytest.mark.parametrize("explorer_class", ALL)
def test_any_two_controls_at_their_extremes_together(explorer_class):
    explorer = still(explorer_class)
    for setting in settings_with_all_pairs(explorer.controls):
        result = explorer.compute(**setting)
        explorer.draw(result)
        sentence = explorer.describe(result)
        assert len(sentence) > 30
        assert not any(word in sentence for word in ("nan", "inf ", "inf.", "None"))


@pytest.mark.parametrize("explorer_class", ALL)
def test_a_step_of_a_slider_draws_only_what_moves(explorer_class, monkeypatch):
    """Which is what makes it quick; how quick, `make bench` tells."""
    explorer, whole = still(explorer_class), []
    draw = explorer.figure.canvas.draw
    monkeypatch.setattr(explorer.figure.canvas, "draw", lambda: whole.append(draw()))
    explorer.render()
    for control in explorer.controls.values():
        if hasattr(control, "step"):
            log = isinstance(control, FloatLogSlider)
            control.value = (
                control.value * control.base**control.step if log else control.value + control.step
            )
            explorer.render()
    assert len(whole) == 1


@pytest.mark.parametrize("explorer_class", ALL)
def test_each_control_changes_the_picture_and_the_sentence(explorer_class):
    explorer = still(explorer_class)
    if "step" in explorer.controls:
        explorer.controls["step"].value = 3  # in the middle of the pass every input has its part
    for control in explorer.controls.values():
        before, default = explorer.render(), control.value
        for value in extremes(control):
            if value != default:
                control.value = value
                after = explorer.render()
                assert (pixels(before[0]) != pixels(after[0])).any(), control.description
                assert before[1] != after[1], control.description
        control.value = default


@pytest.mark.parametrize("explorer_class", ALL)
def test_the_fast_picture_is_the_picture_drawn_whole(explorer_class):
    """At extremes too, and after having been elsewhere: nothing of an earlier picture remains."""
    explorer = still(explorer_class)
    explorer.render()
    for control in explorer.controls.values():
        control.value = extremes(control)[-1]
        fast, _ = explorer.render()
        for artist in explorer._moving:
            artist.set_animated(False)
        explorer.figure.canvas.draw()
        whole = np.asarray(explorer.figure.canvas.buffer_rgba())[..., :3].astype(int)
        for artist in explorer._moving:
            artist.set_animated(True)
        # Where lines cross, another order of drawing may show.
        assert (np.abs(pixels(fast) - whole).max(axis=-1) > 60).sum() <= ALLOWED


@pytest.mark.parametrize("explorer_class", ALL)
def test_each_moving_artist_is_in_the_picture(explorer_class):
    """Hidden one by one, each takes something away, if it shows anything at all."""
    explorer = still(explorer_class)
    explorer.render()
    for name, value in TELLING.get(explorer_class.__name__, {}).items():
        explorer.controls[name].value = value
    png, _ = explorer.render()
    for artist in explorer._moving:
        artist.set_visible(False)
        without, _ = explorer.render()
        artist.set_visible(True)
        box = artist.get_window_extent()
        empty = getattr(artist, "get_text", lambda: "text")() == "" or np.isnan(box.x0)
        assert empty or (pixels(png) != pixels(without)).any(), artist


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_names_of_the_axes_stay_in_the_picture(activation):
    explorer = explorers.TangentExplorer()
    explorer.render()
    explorer.controls["activation"].value = activation
    explorer.render()
    for axes in explorer.figure.axes:
        box = axes.yaxis.label.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0


@pytest.mark.parametrize("explorer_class", ALL)
def test_what_a_notebook_gets(explorer_class, monkeypatch):
    shown, updated = [], []
    monkeypatch.setattr(base, "display", lambda bundle, **kw: shown.append((bundle, kw)))
    monkeypatch.setattr(base, "update_display", lambda bundle, **kw: updated.append((bundle, kw)))
    explorer = explorer_class()
    explorer.show()
    (controls, _), (picture, options) = shown
    assert "application/vnd.jupyter.widget-view+json" in controls
    assert all(c.description in controls["text/plain"] for c in explorer.controls.values())
    assert picture["text/plain"] == explorer.voice.text
    control = next(iter(explorer.controls.values()))
    control.value = extremes(control)[-1]
    ((moved, again),) = updated
    assert again["display_id"] == options["display_id"]
    assert moved["text/plain"] == explorer.voice.text != picture["text/plain"]
    assert 'alt="' in moved["text/html"]


@pytest.mark.parametrize("explorer_class", ALL)
def test_each_control_has_a_name_of_its_own(explorer_class):
    names = [control.description for control in explorer_class().controls.values()]
    assert all(names)
    assert len(set(names)) == len(names)


def test_guess_is_the_mean_squared_error():
    assert guess(1.5).loss == pytest.approx(np.mean((1.5 * X - TARGETS) ** 2), rel=1e-14)


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
    run = descend(10**0.2, 3.0, standardized=False)
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
        explorer.controls["standardized"].value = standardized
        explorer.render()
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
    for node, text, box in zip(result.order, explorer.grad_texts, explorer.boxes, strict=True):
        assert text.get_text() == (f"{node.grad:.4g}" if node in result.known else "")
        assert (box.get_linewidth() > 2) == (node.name == "d")
    wide = [arrow for child, arrow in explorer.arrows if arrow.get_linewidth() > 2]
    assert len(wide) == 2  # from a and from the target
