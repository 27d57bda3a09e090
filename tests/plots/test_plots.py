"""What the chapters draw more than once; the graphs are tested in test_figures.py."""

import numpy as np
import pytest

from coursepkg.chapters import CHAPTERS
from coursepkg.checks.progress import SetProgress
from coursepkg.figures import new_figure
from coursepkg.plots import EndLabels, draw_boundary, draw_progress, map, show_course_map
from coursepkg.plots.axes import spread
from coursepkg.plots.boundaries import GRID, border_line, square_grid

X = np.array([[0.5, -1.0], [-1.5, 1.0], [1.0, 1.0]])
LABELS = np.array([0, 1, 1])


def circle(points):
    """½ at the distance 1 from the origin, less inside."""
    return np.sum(points**2, axis=1, keepdims=True) / 2


@pytest.fixture
def axes():
    return new_figure(3, 3).subplots()


def test_the_border_is_where_the_outputs_pass_it(axes):
    _, line, *_ = draw_boundary(axes, circle, X, LABELS)
    path = np.array(line.get_data()).T
    path = path[~np.isnan(path[:, 0])]
    assert len(path) > 50
    assert np.linalg.norm(path, axis=1) == pytest.approx(1.0, abs=2e-3)


def test_another_border_and_another_square(axes):
    image, line, *_ = draw_boundary(axes, circle, X, LABELS, limit=(-1, 3), border=2.0)
    path = np.array(line.get_data()).T
    path = path[~np.isnan(path[:, 0])]
    assert np.linalg.norm(path, axis=1) == pytest.approx(2.0, abs=5e-3)
    assert image.get_extent() == [-1, 3, -1, 3]
    assert image.get_clim() == (1.5, 2.5)
    assert axes.get_xlim() == axes.get_ylim() == (-1, 3)


def test_the_image_shows_the_outputs_where_they_are(axes):
    image, *_ = draw_boundary(axes, lambda points: points[:, :1] + 10 * points[:, 1:], X, LABELS)
    heights = image.get_array()
    assert heights.shape == (GRID, GRID)
    assert image.origin == "lower"
    assert [heights[0, 0], heights[0, -1], heights[-1, 0]] == pytest.approx([-22, -18, 18])


def test_the_points_stand_with_their_class(axes):
    *_, zeros, ones = draw_boundary(axes, circle, X, LABELS)
    for artist, expected in ((zeros, X[:1]), (ones, X[1:])):
        drawn = np.array(artist.get_data()).T
        assert drawn == pytest.approx(expected)
    assert (zeros.get_marker(), ones.get_marker()) == ("o", "s")


def test_without_a_border_there_is_no_line_and_no_warning(axes, recwarn):
    draw_boundary(axes, lambda points: np.full((len(points), 1), 0.7), X, LABELS)
    assert border_line(axes, np.full((GRID, GRID), 0.5)).size == 0
    assert not recwarn.list


def test_a_border_in_two_pieces_is_broken(axes):
    _, line, *_ = draw_boundary(axes, lambda points: np.abs(points[:, :1]) / 2, X, LABELS)
    x, _ = line.get_data()
    assert np.isnan(x).sum() == 2
    assert set(np.sign(x[~np.isnan(x)])) == {-1.0, 1.0}


def test_the_border_leaves_nothing_on_the_axes(axes):
    draw_boundary(axes, circle, X, LABELS)
    before = len(axes.get_children())
    border_line(axes, circle(square_grid(-2, 2)).reshape(GRID, GRID))
    assert len(axes.get_children()) == before


def test_a_bar_for_each_set_has_the_length_of_its_share_and_says_its_numbers():
    axes = new_figure(9.2, 3.6).subplots()
    sets = [
        SetProgress("01_sigmoid_derivative", 4.5, 18, 2, 7),
        SetProgress("03_one_weight", 8, 8, 3, 3),
        SetProgress("05_losses", 0, 0, 0, 0),
    ]
    draw_progress(axes, sets)
    frames, bars = axes.containers
    assert [bar.get_width() for bar in frames] == [1, 1, 1]
    assert [bar.get_width() for bar in bars] == [0.25, 1, 0]
    titles = [label.get_text() for label in axes.get_yticklabels()]
    assert titles == [one.title for one in sets]
    assert axes.yaxis_inverted()  # the first on top
    for row, (text, one) in enumerate(zip(axes.texts, sets, strict=True)):
        assert text.get_text() == one.words
        assert text.get_position()[1] == row
    figure = axes.figure
    figure.draw_without_rendering()
    right = figure.bbox.x1
    assert all(text.get_window_extent().x1 <= right for text in axes.texts)


def test_each_curve_has_its_name_at_its_end(axes):
    axes.set(xlim=(0, 4), ylim=(1e-3, 10), yscale="log")
    for height, name in ((1.0, "upper"), (0.98, "beside it"), (0.01, "lower")):
        axes.plot([0, 2, 4], [5.0, 5.0, height], label=name)
    (gone,) = axes.plot([], [], label="not there")
    labels = EndLabels(axes)
    upper, beside, lower, none = labels.texts
    assert [text.get_text() for text in labels.texts[:3]] == ["upper", "beside it", "lower"]
    assert lower.get_position() == (pytest.approx(1.02), pytest.approx(0.25))
    assert none.get_alpha() == 0
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in (upper, beside, lower)]
    assert boxes[0].y0 > boxes[1].y1 - 3 > boxes[2].y1
    assert all(box.x0 > axes.bbox.x1 for box in boxes)
    gone.set_data([0, 2], [5, 10])
    labels.place()
    assert none.get_position() == (pytest.approx(0.52), pytest.approx(1.0, abs=0.04))


def test_heights_are_spread_no_more_than_it_takes():
    assert spread([0.1, 0.5, 0.9], 0.1) == pytest.approx([0.1, 0.5, 0.9])
    assert spread([0.5, 0.5, 0.52], 0.1) == pytest.approx([0.5, 0.6, 0.7])
    assert spread([-3.0, 1.0, 7.0], 0.1) == pytest.approx([0.05, 0.85, 0.95])
    assert len(spread([], 0.1)) == 0


def test_the_course_map_names_every_chapter_and_links_those_that_are_there(monkeypatch):
    shown = []
    monkeypatch.setattr(map, "display", lambda bundle, raw: shown.append(bundle))
    show_course_map(CHAPTERS)
    (bundle,) = shown
    for chapter in CHAPTERS:
        title = f"{chapter.number:02d} · {chapter.title}"
        assert f'<a href="{chapter.file}">{title}</a>' in bundle["text/html"] or not chapter.file
        assert title in bundle["text/html"]
        assert title.replace("· ", "") in bundle["text/plain"]


def test_a_curve_that_leaves_the_axes_is_named_where_it_does(axes):
    axes.set(xlim=(0, 4), ylim=(0, 1))
    axes.plot([0, 1, 2, 3, 4], [0, 0.5, 1, 3, 9], label="gone")
    axes.plot([0, 4], [5, 5], label="never seen")
    gone, never = EndLabels(axes).texts
    assert gone.get_position() == (pytest.approx(0.52), pytest.approx(1.0, abs=0.04))
    assert never.get_position() == (pytest.approx(1.02), pytest.approx(1.0, abs=0.04))
