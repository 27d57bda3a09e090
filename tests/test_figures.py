import base64
import io

import numpy as np
import pytest
from PIL import Image

from coursepkg import figures
from coursepkg.autodiff import Value, topological_order
from coursepkg.plots import draw_graph, draw_line_loss
from coursepkg.plots.graphs import graph_layout


@pytest.fixture
def shown(monkeypatch):
    """What `show` hands to the notebook."""
    bundles = []
    monkeypatch.setattr(figures, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def test_a_figure_is_shown_as_html_png_and_text(shown):
    figure = figures.new_figure(4, 2)
    figure.subplots().plot([0, 1], [0, 1])
    figures.show(figure, alt='rises from "0" to <1>')
    (bundle,) = shown
    assert bundle["text/plain"] == 'rises from "0" to <1>'
    assert 'alt="rises from &quot;0&quot; to &lt;1&gt;"' in bundle["text/html"]
    assert f"base64,{bundle['image/png']}" in bundle["text/html"]
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert picture.size == (4 * figures.DPI, 2 * figures.DPI)
    assert np.asarray(picture).std() > 0


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_without_words_is_refused(shown, alt):
    with pytest.raises(ValueError, match="alt must say in words"):
        figures.show(figures.new_figure(), alt=alt)
    assert not shown


def diamond():
    x, w, b = Value(1.0, name="x"), Value(2.0, name="w"), Value(0.5, name="b")
    u = x * w
    return (u + b) * u


def test_the_layout_puts_every_result_right_of_its_parents_and_no_node_on_another():
    root = diamond()
    places = graph_layout(root)
    for node in topological_order(root):
        assert all(places[parent][0] < places[node][0] for parent in node.parents)
    spots = list(places.values())
    for i, (column, row) in enumerate(spots):
        assert all(c != column or abs(r - row) >= 0.99 for c, r in spots[:i])


def test_a_drawn_graph_shows_each_value_gradient_and_edge():
    root = diamond()
    root.backward()
    axes = figures.new_figure().subplots()
    drawing = draw_graph(axes, root)
    for node in drawing.order:
        assert drawing.data_texts[node].get_text() == f"{node.data:.4g}"
        assert drawing.grad_texts[node].get_text() == f"{node.grad:.4g}"
    edges = sum(len(arrows) for arrows in drawing.arrows.values())
    assert edges == sum(len(node.parents) for node in drawing.order)


def test_arrows_lead_from_parent_to_child_and_carry_the_local_derivative():
    root = diamond()
    axes = figures.new_figure().subplots()
    drawing = draw_graph(axes, root, local_grads=True)
    places = graph_layout(root)
    for (parent, child), arrows in drawing.arrows.items():
        for arrow in arrows:
            start, end = arrow._posA_posB
            assert start[0] == pytest.approx(places[parent][0], abs=0.5)
            assert end[0] == pytest.approx(places[child][0], abs=0.5)
            assert start[0] < end[0]
    words = sorted(text.get_text() for text in axes.texts if text.get_fontsize() == 7)
    expected = [f"{g:.2g}" for node in drawing.order for g in node.local_grads]
    assert words == sorted(expected)
    titles = [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]
    assert sorted(titles) == sorted(["x", "w", "b", "×", "+", "×"])


def test_a_node_that_enters_twice_has_two_arrows_beside_each_other():
    x = Value(2.0, name="x")
    root = x * x
    drawing = draw_graph(figures.new_figure().subplots(), root)
    first, second = drawing.arrows[(x, root)]
    assert first.get_path().vertices[0][1] > second.get_path().vertices[0][1] + 0.2


def test_the_loss_surface_is_the_mean_squared_error():
    x, targets = np.array([1.0, 2.0, 4.0]), np.array([0.5, 3.0, 2.0])
    axes = figures.new_figure().subplots()
    drawn = []
    contour = axes.contour

    def remember(w, b, loss, *rest, **options):
        drawn.append((w, b, loss))
        return contour(w, b, loss, *rest, **options)

    axes.contour = remember
    _, star = draw_line_loss(axes, x, targets, weights=(-1, 2), biases=(-2, 3))
    ((w, b, loss),) = drawn
    expected = np.mean((w[..., None] * x + b[..., None] - targets) ** 2, axis=-1)
    assert loss == pytest.approx(expected, rel=1e-12)
    assert (w.min(), w.max(), b.min(), b.max()) == (-1, 2, -2, 3)
    best = np.linalg.lstsq(np.stack([x, np.ones(3)], axis=1), targets)[0]
    assert np.ravel(star.get_data()) == pytest.approx(best)
