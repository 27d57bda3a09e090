"""What Matplotlib draws is what is written down: where, in which color, and nothing twice."""

import json
import struct

import numpy as np
import pytest
from matplotlib.text import Text

from coursepkg.explorers.recorder import PARTS, Recorder
from coursepkg.figures import new_figure


@pytest.fixture
def axes():
    figure = new_figure(4, 3, dpi=100)
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10))
    figure.draw_without_rendering()
    return axes


def recorded(artist):
    """(operations, points, pixels) of one artist."""
    data = Recorder(artist.figure).record([artist])
    head, points = struct.unpack("<II", data[:8])
    places = np.frombuffer(data[8 + head : 8 + head + points], "<i2").reshape(-1, 2) / PARTS
    return json.loads(data[8 : 8 + head]), places, data[8 + head + points :]


def on_screen(axes, x, y):
    """Pixels from the top left, by the axes' own transform."""
    places = axes.transData.transform(np.column_stack([x, y]))
    return np.column_stack([places[:, 0], axes.figure.bbox.height - places[:, 1]])


def test_a_line_is_where_matplotlib_puts_it(axes):
    x, y = [1, 2, 4, 8], [3, 9, 1, 5]
    (line,) = axes.plot(x, y, color="#123456", linewidth=2)
    [[kind, style, place, count, codes]], points, _ = recorded(line)
    assert (kind, place, count, codes) == ("path", 0, 4, "")
    assert points == pytest.approx(on_screen(axes, x, y), abs=1 / PARTS)
    assert style["stroke"] == "#123456ff"
    assert style["width"] == pytest.approx(2 * 100 / 72, abs=0.01)


def test_a_line_breaks_where_a_number_is_missing(axes):
    (line,) = axes.plot([1, 2, np.nan, 4, 5], [1, 1, np.nan, 1, 1])
    [[_, _, _, count, codes]], _, _ = recorded(line)
    assert (count, codes) == (4, "1212")


def test_markers_are_one_shape_and_many_places(axes):
    x, y = [1, 5, 9], [2, 2, 7]
    (dots,) = axes.plot(x, y, "o", color="red")
    [[kind, style, _, shape, _, where, many]], points, _ = recorded(dots)
    assert (kind, many) == ("markers", 3)
    assert points[shape:] == pytest.approx(on_screen(axes, x, y), abs=1 / PARTS)
    assert where == 2 * shape
    assert style["fill"] == "#ff0000ff"


def test_what_is_far_outside_is_left_out(axes):
    (dots,) = axes.plot([5, 1e9, np.inf], [5, 5, 5], "o")
    [[*_, many]], _, _ = recorded(dots)
    assert many == 1
    (line,) = axes.plot([5, 1e9], [5, 1e9])
    _, points, _ = recorded(line)
    assert np.abs(points).max() < 1000


def test_a_text_is_kept_as_text(axes):
    text = axes.text(5, 5, "∂L/∂w", fontweight="bold", rotation=90)
    [[kind, _, x, y, size, angle, bold, mono, words]], _, _ = recorded(text)
    assert (kind, words, bold, mono, angle) == ("text", "∂L/∂w", 1, 0, -90)
    assert size == pytest.approx(11 * 100 / 72, abs=0.01)
    assert [x, y] == pytest.approx(on_screen(axes, [5], [5])[0], abs=60)


def test_mathematics_becomes_a_path(axes):
    [[kind, style, *_]], _, _ = recorded(axes.text(5, 5, "$10^{-3}$", color="blue"))
    assert kind == "path"
    assert style["fill"] == "#0000ffff"


def test_an_image_is_sent_as_its_own_pixels(axes):
    values = np.linspace(0, 1, 12).reshape(3, 4)
    image = axes.imshow(values, cmap="Greys", vmin=0, vmax=1, extent=(0, 10, 0, 10), aspect="auto")
    [[kind, _, at, palette, width, height, box, smooth]], _, pixels = recorded(image)
    assert (kind, at, palette, width, height, smooth) == ("image", 0, 12, 4, 3, 0)
    assert np.frombuffer(pixels[:12], np.uint8) == pytest.approx(255 * values.ravel(), abs=0.5)
    assert pixels[12:16] == b"\xff\xff\xff\xff"  # the palette begins with white
    corner, opposite = on_screen(axes, [0, 10], [10, 0])
    assert box == pytest.approx([*corner, *(opposite - corner)], abs=0.02)


@pytest.mark.parametrize("limits", [(2, -1), (-1, 2)])
def test_an_image_that_stays_has_its_top_at_the_top(axes, limits):
    axes.imshow([[0.0], [1.0]], cmap="Greys", interpolation="nearest", aspect="auto")
    axes.set_ylim(limits)
    axes.figure.draw_without_rendering()
    operations, _, pixels = recorded(axes.figure)
    [(_, _, at, _, width, height, *_)] = [each for each in operations if each[0] == "image"]
    image = np.frombuffer(pixels, np.uint8)[at : at + 4 * width * height].reshape(height, width, 4)
    top, bottom = image[3, width // 2, 0], image[-4, width // 2, 0]
    assert (top, bottom) == ((255, 0) if limits == (2, -1) else (0, 255))


def test_what_is_clipped_says_where(axes):
    (line,) = axes.plot([1, 2], [3, 4])
    [[_, style, *_]], _, _ = recorded(line)
    corner, opposite = on_screen(axes, [0, 10], [10, 0])
    assert style["clip"] == pytest.approx([*corner, *(opposite - corner)], abs=0.1)


def test_what_is_hidden_or_empty_leaves_nothing(axes):
    (line,) = axes.plot([1, 2], [3, 4])
    line.set_visible(False)
    image = axes.imshow(np.zeros((2, 2)))
    image.set_visible(False)
    (none,) = axes.plot([], [])
    for artist in (line, image, none):
        assert recorded(artist)[0] == []


def test_a_mark_of_an_artist_is_kept(axes):
    (line,) = axes.plot([1, 2], [3, 4], gid="ghost")
    [[_, style, *_]], _, _ = recorded(line)
    assert style["tag"] == "ghost"


def test_only_a_text_that_changed_is_laid_out_again(axes, monkeypatch):
    (line,) = axes.plot([1, 2], [3, 4])
    framed = axes.text(2, 2, "framed", bbox={"facecolor": "white"})
    power, plain = axes.text(4, 4, "$x^2$"), axes.text(6, 6, "plain")
    artists, drawn, draw = [line, framed, power, plain], [], Text.draw
    monkeypatch.setattr(Text, "draw", lambda text, _: drawn.append(text) or draw(text, _))
    recorder = Recorder(axes.figure)
    for step, changed in enumerate((artists[1:], [], [power], [plain])):
        drawn.clear()
        for text in changed:
            text.set_position((7, 3))
        line.set_data(*np.random.default_rng(step).uniform(0, 9, (2, 5 + step)))
        found = recorder.record(artists)
        assert drawn == changed
        assert found == Recorder(axes.figure).record(artists)
