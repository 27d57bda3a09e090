"""The explorer of chapter 11: its gradients against the layers, its words, and its artists."""

import itertools
import re

import numpy as np
import pytest

from coursepkg.explorers import ConvolutionExplorer
from coursepkg.explorers.convolution import LARGEST, LAST, PICTURE, SIDE, WEIGHTS, reach
from coursepkg.layers import Conv2d, MaxPool2d
from coursepkg.model import Sequential

ALL = [
    dict(zip(("weights", "kernel", "stride", "padding", "pooling"), values, strict=True))
    for values in itertools.product(WEIGHTS, (2, 3, 4, 5), (1, 2, 3, 4), (0, 1, 2), (1, 2, 3))
]
DEFAULT = {"weights": "vertical edge", "kernel": 3, "stride": 1, "padding": 1, "pooling": 1}


def by_the_layers(result):
    """z, and the gradients of its output by the backward pass of the package's layers.

    They get whole weights: in ninths, rounding would decide between equal outputs.
    """
    whole = result.kernel**2 if result.weights == "blur" else 1
    conv = Conv2d(1, 1, result.kernel, result.stride, result.padding)
    pool = MaxPool2d(result.pooling)
    Sequential([conv, pool], np.random.default_rng(0))
    conv.weight[...] = (whole * result.weight).round()
    z = conv.forward(PICTURE[None, None])
    grad = np.zeros_like(pool.forward(z))
    grad[(0, 0, *result.chosen)] = 1.0
    grad_x = conv.backward(pool.backward(grad))
    return z[0, 0] / whole, grad_x[0, 0] / whole, conv.grad_weight[0, 0]


def test_the_gradients_are_those_of_the_layers_at_every_setting():
    rng = np.random.default_rng(0)
    for setting in ALL:
        row, column = rng.integers(0, LAST + 1, 2)
        result = reach(**setting, row=row, column=column)
        if result.chosen is None:
            with pytest.raises(ValueError, match="at least as large as the window"):
                MaxPool2d(setting["pooling"]).output_shape((1, 1, *result.z.shape))
            continue
        z, grad_x, grad_weight = by_the_layers(result)
        assert result.z == pytest.approx(z, abs=1e-9)
        assert result.grad_x == pytest.approx(grad_x, abs=1e-15), setting
        assert np.array_equal(result.grad_weight, grad_weight), setting


def test_where_the_controls_point_beyond_the_map_the_nearest_output_is_shown():
    for setting in ALL:
        result = reach(**setting, row=LAST, column=0)
        if result.chosen:
            last = len(result.z) // setting["pooling"] - 1
            assert result.chosen == (min(LAST, last), 0)
    assert len(reach(**{**DEFAULT, "kernel": 2, "padding": 2}, row=0, column=0).z) == LAST + 1


def test_what_is_hatched_is_in_no_window_and_in_no_tile():
    for setting in ALL:
        result = reach(**setting, row=0, column=0)
        covered = np.zeros(SIDE + 2 * result.padding, dtype=int)
        for k in range(len(result.z)):
            start = k * result.stride
            covered[start : start + result.kernel] += 1
        assert result.unseen.tolist() == (np.flatnonzero(covered == 0) - result.padding).tolist()
        tiled = len(result.z) // result.pooling * result.pooling
        assert result.untiled.tolist() == list(range(tiled, len(result.z)))


def test_the_winner_is_the_first_of_equals():
    result = reach(**{**DEFAULT, "pooling": 3}, row=1, column=1)
    tile = result.z[3:6, 3:6]
    assert result.ties == np.sum(tile == tile.max())
    blur = reach(**{**DEFAULT, "weights": "blur", "pooling": 2}, row=1, column=1)
    assert (blur.ties, blur.at) == (2, (2, 3))  # two sums of ninths that are equal
    blank = reach(**{**DEFAULT, "kernel": 2, "padding": 2, "pooling": 2}, row=0, column=3)
    assert blank.ties > 1
    assert blank.at == (0, 6)
    sentence = ConvolutionExplorer().describe(blank)
    assert f"z[0, 6], the first of {blank.ties} that are equal." in sentence


def test_the_sentence_counts_what_gets_the_gradient():
    explorer = ConvolutionExplorer()
    rng = np.random.default_rng(1)
    for setting in ALL:
        row, column = map(int, rng.integers(0, 6, 2))
        result = reach(**setting, row=row, column=column)
        sentence = explorer.describe(result)
        if result.at is None:
            assert sentence.startswith("There is no output: a tile of ")
            continue
        pixels, kernel, all_weights = np.count_nonzero(result.grad_x), setting["kernel"], "all"
        weights = np.count_nonzero(result.grad_weight)
        if weights < kernel**2:
            all_weights = f"{weights} of"
        assert f"reaches {pixels} of 100 pixels and {all_weights} {kernel**2} weights." in sentence
        assert ("this is the nearest" in sentence) == (result.chosen != (row, column))
        numbers = [each.split(" // ") for each in re.findall(r"\([^)]*\) // [^=]* = \d+", sentence)]
        assert len(numbers) == 1 + (setting["pooling"] > 1)
        for before, after in numbers:
            rest, found = after.split(" = ")
            python = f"{before} // {rest}".replace("·", "*").replace("−", "-")
            assert eval(python) == int(found)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({}, "The gradient of z[3, 5] = −3 reaches 6 of 100 pixels and all 9 weights. The window "
             "holds rows 2–4 and columns 4–6. A weight of 0 keeps the gradient from 3 pixels."),
        ({"row": 0, "column": 0}, "holds rows 0–1 and columns 0–1, and 5 zeros of the padding."),
        ({"kernel": 2, "row": 0, "column": 1},
         "holds row 0 and columns 0–1, and 2 zeros of the padding. A pixel of 0 keeps the "
         "gradient from 2 weights."),
        ({"kernel": 2, "padding": 2, "row": 0, "column": 0},
         "reaches 0 of 100 pixels and 0 of 4 weights. The window holds nothing but zeros"),
        ({"stride": 2, "padding": 0},
         "(10 + 2·0 − 3) // 2 + 1 = 4 rows and columns. No window holds row 9 and column 9: "
         "19 pixels never count. There is no output (3, 5); this is the nearest."),
        ({"stride": 2}, "The last row and column of the padding are in no window."),
        ({"kernel": 2, "stride": 3, "padding": 0},
         "No window holds rows and columns 2, 5, 8 and 9: 64 pixels never count."),
        ({"pooling": 2, "row": 1, "column": 2},
         "It all goes through the winner of its tile, z[2, 4], the first of 2 that are equal."),
        ({"pooling": 2, "row": 3, "column": 0},
         "The gradient of y[3, 0] = 24 reaches 6 of 100 pixels and 6 of 9 weights. It all goes "
         "through the winner of its tile, z[7, 1]."),
        ({"pooling": 3}, "No tile holds row 9 and column 9 of the map."),
        ({"kernel": 5, "stride": 4, "padding": 0, "pooling": 3},
         "There is no output: a tile of 3 × 3 is larger than the map, which has (10 + 2·0 − 5) // "
         "4 + 1 = 2 rows and columns."),
    ],
)  # fmt: skip
def test_the_sentence(setting, words):
    assert words in ConvolutionExplorer().render(**setting)[0]


def box(line):
    (left, *_), (top, *_) = (sorted(each) for each in line.get_data())
    (*_, right), (*_, bottom) = (sorted(each) for each in line.get_data())
    return left, right, top, bottom


@pytest.fixture(scope="module")
def explorer():
    return ConvolutionExplorer()


def test_the_window_holds_the_weights_and_the_kernel_the_pixels(explorer):
    explorer.render(**{**explorer.start, "weights": "numbered", "row": 0, "column": 4})
    assert box(explorer.window) == (3, 6, -1, 2)
    assert explorer.reached.image.get_extent() == [3, 6, 2, 0]
    assert explorer.reached.numbers.words == list("456789")
    assert explorer.reached.numbers.places[0].tolist() == [3.5, 0.5]
    assert explorer.weight.numbers.words == list("123456789")
    pixels = "".join(f"{number:.0f}" for number in PICTURE[:2, 3:6].ravel())
    assert explorer.grad_weight.numbers.words == list("000" + pixels)
    for line, down in zip(explorer.cone, (0, 1), strict=True):
        assert line.xy1 == (6, -1 + 3 * down)
        assert line.xy2 == (4, down)
    explorer.render(**{**explorer.start, "kernel": 2, "padding": 2, "row": 0, "column": 0})
    assert not explorer.reached.image.get_visible()
    assert explorer.reached.numbers.words == []


def test_a_tile_shows_its_numbers_and_its_winner(explorer):
    explorer.render(**{**explorer.start, "pooling": 2, "row": 1, "column": 2})
    result = explorer.result
    assert box(explorer.tile) == (4, 6, 2, 4)
    assert [float(w.replace("−", "-")) for w in explorer.outputs.numbers.words] == [
        round(number, 1) for number in result.z[2:4, 4:6].ravel()
    ]
    r, s = result.at
    assert box(explorer.output) == (s, s + 1, r, r + 1)
    assert result.z[r, s] == result.z[2:4, 4:6].max()


def test_without_an_output_nothing_is_marked(explorer):
    explorer.render(**explorer.start)
    explorer.render(kernel=5, stride=4, padding=0, pooling=3)
    assert not any(line.get_visible() for line in explorer.cone)
    assert not any(len(a.get_xdata()) for a in (explorer.window, explorer.output, explorer.tile))
    assert explorer.outputs.numbers.words == explorer.grad_weight.numbers.words == []


def test_a_click_on_the_map_or_on_the_picture_chooses_an_output(explorer):
    for setting in ALL:
        values = {**setting, "row": 0, "column": 0}
        result = reach(**values)
        if result.at is None:
            assert explorer.dragged(explorer.map, 5, 5, values) == {"row": 0, "column": 0}
            continue
        for row, column in (
            (0, 0),
            (result.pooled - 1, 0),
            (result.pooled // 2, 1 % result.pooled),
        ):
            size, found = setting["pooling"], {"row": row, "column": column}
            y, x = (result.start + size * (each + 0.5) for each in (row, column))
            assert explorer.dragged(explorer.map, x, y, values) == found
            at = reach(**{**setting, **found})
            y, x = (each + at.kernel / 2 for each in at.corner)
            assert explorer.dragged(explorer.picture, x, y, values) == found
        last = {"row": result.pooled - 1, "column": 0}
        for axes in (explorer.picture, explorer.map):
            assert explorer.dragged(axes, -3.3, 13.1, values) == last


@pytest.mark.parametrize("most", LARGEST)
def test_no_panel_is_wider_than_its_axes(explorer, most):
    explorer.render(**{**explorer.start, "kernel": 2, "padding": 2, most: LARGEST[most]})
    for axes, line in ((explorer.map, explorer.outputs.edge), (explorer.picture, explorer.window)):
        left, right, top, bottom = box(line)
        assert axes.get_xlim()[0] < left < right < axes.get_xlim()[1]
        assert axes.get_ylim()[1] < top < bottom < axes.get_ylim()[0]
