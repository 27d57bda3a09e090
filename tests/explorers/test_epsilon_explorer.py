"""The explorer of chapter 10: its rule beside ours and the frameworks', its artists, its words."""

import os

import numpy as np
import pytest

from coursepkg.explorers.epsilon import (
    DECAYS,
    FORMS,
    FRAMEWORKS,
    GRID,
    LEAST,
    MOST,
    STEPS,
    EpsilonExplorer,
    first_step,
    short,
    step_lengths,
)
from coursepkg.optimizers import RMSprop

SETTINGS = [(1e-4, 1e-7, 0.9, 0.01), (1e-8, 1e-10, 0.5, 0.1), (0.3, 1e-3, 0.999, 0.001)]


@pytest.fixture(scope="module")
def keras(missing):
    """Keras, to compare with."""
    os.environ.setdefault("KERAS_BACKEND", "jax")  # read when it is imported
    try:
        import keras
    except ImportError:
        missing("Keras is not installed: run make frameworks")
    return keras


def until_zero(places):
    """Where a run is that stops at 0."""
    found = [1.0]
    for w in places:
        found.append(max(w, 0.0) if found[-1] else 0.0)
    return found


@pytest.mark.parametrize(("gradient", "eps", "rho", "rate"), SETTINGS)
def test_beside_the_root_it_is_our_rmsprop(gradient, eps, rho, rate):
    params, grads = np.ones(1), np.full(1, gradient)
    optimizer = RMSprop(params, grads, rate, rho=rho, eps=eps)
    places = []
    for _ in range(STEPS):
        optimizer.step()
        places.append(params[0])
    steps = step_lengths(gradient, eps, rho, rate)
    assert steps.first["beside"] * rate == pytest.approx(1 - places[0], rel=1e-6)
    assert steps.paths["beside"] == pytest.approx(until_zero(places), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("gradient", "eps", "rho", "rate"), SETTINGS)
def test_inside_the_root_it_is_the_textbook_line(gradient, eps, rho, rate):
    w, s, places = 1.0, 0.0, []
    for _ in range(STEPS):
        s = rho * s + (1 - rho) * gradient**2
        w -= rate * gradient / np.sqrt(s + eps)
        places.append(w)
    steps = step_lengths(gradient, eps, rho, rate)
    assert steps.first["inside"] * rate == pytest.approx(1 - places[0], rel=1e-6)
    assert steps.paths["inside"] == pytest.approx(until_zero(places), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("gradient", [1e-8, 1e-4, 0.02, 1.0])
def test_pytorch_with_its_defaults_steps_as_far(torch, gradient):
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.RMSprop([w])
    w.grad = torch.full((1,), gradient, dtype=torch.float64)
    optimizer.step()
    (group,) = optimizer.param_groups
    expected = group["lr"] * step_lengths(gradient, 1e-7, 0.9, 0.01).frameworks["PyTorch"]
    assert -w.item() == pytest.approx(expected, rel=1e-12)
    assert FRAMEWORKS["PyTorch"] == ("beside", group["eps"], group["alpha"])


def test_keras_with_its_defaults_steps_as_far(keras):
    for gradient in (1e-8, 1e-4, 0.02, 1.0):
        w = keras.Variable(np.zeros(1, dtype=np.float32))
        optimizer = keras.optimizers.RMSprop()
        optimizer.apply([np.full(1, gradient, dtype=np.float32)], [w])
        rate = float(optimizer.learning_rate)
        expected = rate * step_lengths(gradient, 1e-7, 0.9, 0.01).frameworks["Keras"]
        assert -float(w[0]) == pytest.approx(expected, rel=1e-5)
    assert FRAMEWORKS["Keras"] == ("inside", optimizer.epsilon, optimizer.rho)


def test_jax_with_its_defaults_steps_as_far(missing):
    try:
        from jax.example_libraries.optimizers import rmsprop
    except ImportError:
        missing("JAX is not installed: run make frameworks")
    start, update, params = rmsprop(step_size=0.001)
    for gradient in (1e-8, 1e-4, 0.02, 1.0):
        state = update(0, np.full(1, gradient, dtype=np.float32), start(np.zeros(1, np.float32)))
        expected = 0.001 * step_lengths(gradient, 1e-7, 0.9, 0.01).frameworks["JAX"]
        assert -float(params(state)[0]) == pytest.approx(expected, rel=1e-5)


def test_the_factor_of_ten():
    steps = step_lengths(1e-4, 1e-7, 0.9, 0.01)
    assert steps.first["beside"] == pytest.approx(3.1523, abs=5e-5)
    assert steps.first["inside"] == pytest.approx(0.31466, abs=5e-6)
    assert steps.ratio == pytest.approx(10.018, abs=5e-4)


@pytest.mark.parametrize("eps", [1e-10, 1e-7, 1e-3])
@pytest.mark.parametrize("rho", [0.5, 0.999])
def test_at_the_edges_epsilon_weighs_as_much_as_the_gradient(eps, rho):
    edges = step_lengths(1.0, eps, rho, 0.01).edges
    level = 1 / np.sqrt(1 - rho)  # without ε
    assert first_step("beside", edges["beside"], eps, rho) == pytest.approx(level / 2)
    assert first_step("inside", edges["inside"], eps, rho) == pytest.approx(level / np.sqrt(2))
    assert edges["inside"] / edges["beside"] == pytest.approx(1 / np.sqrt(eps))


@pytest.fixture(scope="module")
def explorer():
    made = EpsilonExplorer()
    made.render()
    return made


def test_nothing_leaves_the_picture(explorer):
    low, high = explorer.left.get_ylim()
    for eps in (1e-10, 1e-3):
        for rho in (DECAYS[0], DECAYS[-1]):
            for gradient in (LEAST, MOST):
                result = explorer.compute(gradient=gradient, eps=eps, rho=rho, learning_rate=0.1)
                for lengths in (result.first, result.frameworks):
                    assert all(low < length < high for length in lengths.values())
                assert all((path >= 0).all() for path in result.paths.values())


def test_the_artists_hold_the_steps(explorer):
    explorer.render(gradient=0.002, eps=1e-6, rho=0.98, learning_rate=0.02)
    result = explorer.result
    for form in FORMS:
        gradients, lengths = explorer.curves[form].get_data()
        assert list(gradients) == list(GRID)
        assert list(lengths) == list(first_step(form, GRID, 1e-6, 0.98))
        ring = np.ravel(explorer.rings[form].get_data())
        assert ring == pytest.approx([0.002, result.first[form]])
        assert explorer.levels[form].get_ydata() == [result.first[form]] * 2
        assert list(explorer.paths[form].get_ydata()) == list(result.paths[form])
        assert explorer.drops[form].get_xdata() == [result.edges[form]] * 2
        assert explorer.formulas[form].get_visible()
        assert short(result.first[form]) in explorer.readout[form].get_text()
    assert explorer.gap.get_ydata() == list(result.first.values())
    for name, length in result.frameworks.items():
        assert explorer.dots[name].get_ydata() == [length]
        assert explorer.numbers[name].get_text() == short(length)
    assert short(result.ratio) in explorer.ratio.get_text()


def test_the_axes_are_where_they_are_whatever_is_set(explorer):
    assert not any(artist.get_in_layout() for artist in explorer.moving)
    for setting in ({"eps": 1e-3}, {"gradient": LEAST, "eps": 1e-3, "rho": DECAYS[-1]}):
        other = EpsilonExplorer(**setting)
        other.render()
        for one, again in zip(explorer.figure.axes, other.figure.axes, strict=True):
            assert one.bbox.bounds == pytest.approx(again.bbox.bounds, abs=0.01)


@pytest.mark.parametrize("rho", DECAYS)
def test_the_formulas_stay_in_the_axes_and_apart(explorer, rho):
    box = explorer.left.bbox
    for eps in explorer.controls["eps"].values:
        explorer.draw(explorer.compute(**{**explorer.start, "eps": eps, "rho": rho}))
        found = [text for text in explorer.formulas.values() if text.get_visible()]
        extents = [text.get_window_extent() for text in found]
        assert all(box.x0 <= each.x0 and each.x1 <= box.x1 + 1 for each in extents), eps
        if len(extents) == 2:
            assert extents[0].x1 < extents[1].x0, eps
        readout = explorer.readout["beside"].get_window_extent()
        assert all(each.y1 < readout.y0 for each in extents), eps


def test_an_edge_outside_the_picture_is_not_marked(explorer):
    explorer.render(gradient=1e-4, eps=1e-10, rho=0.5, learning_rate=0.01)
    assert len(explorer.drops["beside"].get_xdata()) == 0
    assert not explorer.formulas["beside"].get_visible()
    assert explorer.formulas["inside"].get_visible()


def test_the_run_is_drawn_up_to_its_step(explorer):
    explorer.render(**explorer.start)
    caption = explorer.draw_step(explorer.result, 10)
    for form in FORMS:
        assert list(explorer.paths[form].get_ydata()) == list(explorer.result.paths[form][:11])
    beside, inside = (explorer.result.paths[form][10] for form in FORMS)
    assert caption == f"step 10: w = {beside:.3f} (ε beside), {inside:.3f} (ε inside)"


def test_the_pointer_sets_a_gradient_that_the_control_has(explorer):
    drag = explorer.dragged(explorer.left, 3.3e-6, 1.0, explorer.values)
    assert drag == {"gradient": 3e-6}
    assert explorer.dragged(explorer.left, 1.4, 1.0, explorer.values) == {"gradient": 1.0}


def words(explorer, **values):
    return explorer.render(**{**explorer.start, **values})[0]


def test_the_sentence_says_what_happened(explorer):
    sentence = words(explorer)
    assert sentence.startswith(
        "At |g| = 0.0001 the first step is 0.315 η with ε inside the root and 3.15 η with ε "
        "beside it: 10.0 times as long."
    )
    assert "below |g| = 0.001 inside the root, and below 3.16e-7 beside it" in sentence
    assert "falls by 0.303 with ε inside and reaches 0 in step 91 with ε beside" in sentence
    assert "9.99 η (PyTorch), 0.315 η (Keras) and 0.953 η (JAX's example library)" in sentence


def test_the_sentence_where_both_agree_and_where_they_nearly_do(explorer):
    sentence = words(explorer, gradient=1.0)
    assert "3.16 η with ε inside the root and with ε beside it: the same to three" in sentence
    assert "reaches 0 in step 91 with ε inside and in step 91 with ε beside" in sentence
    sentence = words(explorer, gradient=1.0, eps=1e-3)
    assert "3.15 η with ε inside the root and with ε beside it" in sentence
    sentence = words(explorer, gradient=1e-8, learning_rate=0.001)
    assert "1.00 times" not in sentence
    assert "falls by" in sentence


def test_what_is_said_is_short():
    said = {3.125: "3.12", 3.1250000000000004: "3.12", 10.018: "10.0", 999.6: "1,000"}
    said |= {2400.9: "2,400", 0.00316: "0.00316", 3.162e-7: "3.16e-7", 0.0001: "1.00e-4"}
    assert {value: short(value) for value in said} == said
