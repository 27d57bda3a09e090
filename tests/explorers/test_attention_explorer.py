"""The explorer of chapter 13: weights and gradients computed again, its words, and its artists."""

import itertools
import math
import re

import numpy as np
import pytest

from coursepkg.explorers import AttentionExplorer
from coursepkg.explorers.attention import FAN, QUARTER, SIDE, START, WIDEST, ZERO
from coursepkg.explorers.looking import FEATURES, KEYS, QUERIES, SENTENCES, look

NONE = (0, 0, 0, 0)
TIRED, WIDE = "it was too tired", "it was too wide"


def scores_of(sentence, looking, temperature, position, causal):
    """What enters the softmax, number by number; None where the word may not look."""
    words = SENTENCES[sentence].split()
    scores = []
    for place, word in enumerate(words):
        asked = zip(QUERIES.get(words[looking], NONE), KEYS.get(word, NONE), strict=True)
        score = sum(q * k for q, k in asked) / math.sqrt(len(FEATURES))
        score -= position * abs(place - (looking - 1))
        scores.append(None if causal and place > looking else score / temperature)
    return scores


def softmax(scores):
    largest = max(score for score in scores if score is not None)
    powers = [0.0 if score is None else math.exp(score - largest) for score in scores]
    return [power / sum(powers) for power in powers]


def match(scores, words, target):
    """The target's component of the context, which the push is to raise."""
    weights = zip(softmax(scores), words, strict=True)
    return sum(weight for weight, word in weights if word == words[target])


def slopes(scores, words, target, h=1e-5):
    """Central differences; 0 for a score that is masked."""
    found = []
    for place, score in enumerate(scores):
        if score is None:
            found.append(0.0)
            continue
        up, down = (
            [score + side if k == place else each for k, each in enumerate(scores)]
            for side in (h, -h)
        )
        found.append((match(up, words, target) - match(down, words, target)) / (2 * h))
    return found


CONTROLS = AttentionExplorer.make_controls(None)


def some_settings(count):
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield {
            name: control.values[rng.integers(len(control.values))]
            for name, control in CONTROLS.items()
        }


def test_the_weights_and_the_gradient_are_those_of_the_formulas():
    for setting in some_settings(60):
        result = look(**setting)
        known = {name: setting[name] for name in ("sentence", "temperature", "position", "causal")}
        for row, weights in enumerate(result.weights):
            expected = softmax(scores_of(looking=row, **known))
            assert weights == pytest.approx(expected, abs=1e-13), setting
        scores = scores_of(looking=result.looking, **known)
        expected = slopes(scores, result.words, result.target)
        assert result.gradient == pytest.approx(expected, abs=1e-9), setting
        assert result.gradient.sum() == pytest.approx(0, abs=1e-14)


def test_what_is_masked_gets_exactly_nothing():
    for sentence in SENTENCES:
        count = len(SENTENCES[sentence].split())
        for looking, target in itertools.product(range(count), repeat=2):
            result = look(**START | {
                "sentence": sentence, "looking": looking, "target": target, "causal": True,
            })  # fmt: skip
            assert not np.triu(result.weights, 1).any()
            assert not result.gradient[looking + 1 :].any()
            hidden = result.words[target] not in result.words[: looking + 1]
            alone = looking == 0
            assert result.gradient.any() == (not hidden and not alone)
            assert look(**START | {"sentence": sentence, "causal": False}).weights.all()


def test_where_the_controls_point_beyond_the_sentence_its_last_word_is_taken():
    result = look(**START | {"sentence": "not good", "looking": 11, "target": 7})
    assert (result.looking, result.target, result.asked) == (4, 4, (11, 7))
    sentence = AttentionExplorer().describe(result)
    assert sentence.startswith("“good” looks at “plot”")
    assert "It has no word 7; its last, 4, is taken instead." in sentence
    assert "It has no word 11; its last, 4, is taken instead." in sentence


# What the chapter asks its readers to find.


def found(**changes):
    result = look(**START | changes)
    return result, dict(zip(result.words, result.row, strict=True))


def test_the_adjective_finds_its_thing_and_the_pronoun_does_not():
    assert found()[1]["animal"] == pytest.approx(0.758, abs=5e-4)
    assert found()[1]["street"] == pytest.approx(0.103, abs=5e-4)
    assert found(sentence=WIDE)[1]["street"] == pytest.approx(0.758, abs=5e-4)
    for sentence in (TIRED, WIDE):
        it = found(sentence=sentence, looking=8)[1]
        assert it["animal"] == pytest.approx(it["street"], rel=1e-14)
        assert it["animal"] == pytest.approx(0.458, abs=5e-4)


def test_where_a_winner_is_certain_its_scores_get_no_gradient():
    assert found()[0].gradient.max() == pytest.approx(0.183, abs=5e-4)
    assert found(temperature=0.1)[0].gradient.max() == pytest.approx(math.exp(-20), rel=1e-6)
    assert found(temperature=0.1, looking=8)[0].gradient.max() == pytest.approx(0.25, abs=1e-9)


def test_at_a_position_of_two_fifths_the_street_is_level_with_the_animal():
    weights = {p: found(position=p)[1] for p in (0.3, 0.4, 0.5)}
    assert weights[0.3]["animal"] > weights[0.3]["street"]
    assert weights[0.4]["animal"] == pytest.approx(weights[0.4]["street"], rel=1e-12)
    assert weights[0.5]["animal"] < weights[0.5]["street"]


def test_a_push_toward_a_word_that_is_not_seen_gets_no_gradient():
    largest = [found(target=6, temperature=t)[0].gradient.max() for t in (10.0, 1.0, 0.1)]
    assert largest[:2] == pytest.approx([0.087, 0.092], abs=5e-4)
    assert largest[2] < 1e-8
    seen, row = found(looking=4, target=6)
    assert row["animal"] == pytest.approx(row["street"])
    assert (row["street"], seen.gradient.max()) == pytest.approx((0.316, 0.216), abs=5e-4)
    masked, row = found(looking=4, target=6, causal=True)
    assert row["animal"] == pytest.approx(0.487, abs=5e-4)
    assert not masked.gradient.any()


# The buttons: each shows what it says, from wherever it is pressed.


@pytest.fixture(scope="module")
def explorer():
    return AttentionExplorer()


@pytest.fixture
def pressed(explorer):
    def press(name):
        explorer.render(
            sentence="not good", looking=0, target=0, temperature=3, position=1.5, causal=True
        )
        explorer.render(**explorer.tries[name])
        return explorer.result, dict(zip(explorer.result.words, explorer.result.row, strict=True))

    return press


def test_the_buttons_show_what_they_say(pressed):
    result, weights = pressed("Wide, not tired")
    assert (result.words[-1], result.words[result.target]) == ("wide", "street")
    assert weights["street"] > 0.7
    assert weights["animal"] < 0.15
    result, weights = pressed("“it” cannot tell")
    assert result.words[result.looking] == "it"
    assert weights["animal"] == pytest.approx(weights["street"])
    result, weights = pressed("Sure")
    assert weights["animal"] > 0.999_999
    assert 0 < np.abs(result.gradient).max() < 1e-8
    result, _ = pressed("Nearly alike")
    assert result.row.max() < 1.6 * result.row.min()
    result, weights = pressed("The word before")
    assert result.row.argmax() == result.looking - 1 == result.target
    assert result.row.max() > 0.9
    result, weights = pressed("Only the past")
    assert (result.words[result.looking], result.words[result.target]) == ("cross", "street")
    assert weights["street"] == 0
    assert not result.gradient.any()


# The words agree with the numbers, and with the picture.


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({}, "“tired” looks at “animal” with 0.758, at “street” with 0.103 and at the other 10 "
             "together with 0.139. A push toward “animal” gives its scores the gradient 0.183 for "
             "“animal”, −0.078 for “street” and −0.105 for the other 10 together. “tired” asks "
             "for thing 4, can be tired 4. Temperature 1 (the plain softmax); position does not "
             "count."),
        ({"looking": 2}, "“did” looks at 12 words alike, with 0.083 each."),
        ({"looking": 2}, "“did” asks for nothing."),
        ({"looking": 5}, "The second “the” looks at “animal” with 0.298"),
        ({"target": 0, "looking": 2},
         "0.069 for the first “the”, 0.069 for the second “the” and −0.139 for the other 10"),
        ({"temperature": 0.1}, "the gradient 2.1e-9 for “animal”, −2.1e-9 for “street” and <1e-12"),
        ({"temperature": 0.1}, "The softmax is saturated: “animal” has nearly all the weight"),
        ({"temperature": 0.1, "target": 6},
         "“street” has next to no weight (2.1e-9), so the push hardly reaches any score"),
        ({"temperature": 0.1, "target": 4}, "gives no score a gradient of 1e-12 or more. “cross”"),
        ({"causal": True, "looking": 0}, "The first “the” may look at nothing but itself: its "
         "weight is 1. There is nothing to choose from, so the gradient of its score is exactly 0"),
        ({"causal": True, "looking": 4, "target": 6},
         "A push toward “street” gives no score a gradient: the word comes later and is masked"),
        ({"causal": True, "looking": 4}, "Later words are masked: it sees 5 of 12 words."),
        ({"position": 0.4}, "each place away from the word right before costs a score 0.4."),
    ],
)  # fmt: skip
def test_the_sentence(explorer, setting, words):
    assert words in explorer.render(**START | setting)[0]


def texts(explorer, panel):
    """The numbers written in a panel."""
    labels = explorer.labels[getattr(explorer, panel)].labels
    return [each for each in labels if re.fullmatch(r"[<−]?\d[\de.−-]*", each.text)]


def test_the_words_and_the_picture_name_the_same_numbers(explorer):
    for setting in some_settings(80):
        result = explorer.compute(**setting)
        explorer.draw(result)
        looks, _, rest = explorer.describe(result).partition(". ")
        if result.seen > 1:
            for label in texts(explorer, "fan"):
                assert f"with {label.text}" in looks
                place = int(label.y / SIDE * len(result.words))
                assert float(label.text) == pytest.approx(result.row[place], rel=0.05, abs=5e-4)
        if np.abs(result.gradient).max() > 1e-12 and result.seen > 1:
            for label in texts(explorer, "bars"):
                assert f"{label.text} for" in rest
                value = float(label.text.replace("−", "-", 1))
                place = int(label.y / SIDE * len(result.words))
                assert value == pytest.approx(result.gradient[place], rel=0.05, abs=5e-4)
        assert len(texts(explorer, "fan")) <= 3
        assert len(texts(explorer, "bars")) <= 3


def test_lines_bars_and_frame_are_drawn_from_the_numbers(explorer):
    for setting in some_settings(10):
        result = explorer.compute(**setting)
        explorer.draw(result)
        count = len(result.words)
        heights = SIDE * (np.arange(count) + 0.5) / count
        assert np.array_equal(explorer.image.get_array(), result.weights)
        assert explorer.lines.get_linewidths() == pytest.approx(WIDEST * result.row)
        for (start, end), height in zip(explorer.lines.get_segments(), heights, strict=True):
            assert start == pytest.approx([FAN[0], heights[result.looking]])
            assert end == pytest.approx([FAN[1], height])
        x, y = (each.reshape(count, 3) for each in np.array(explorer.gradient.get_data()))
        assert (x[:, 1] - x[:, 0]) / QUARTER * 0.25 == pytest.approx(result.gradient)
        assert x[:, 0] == pytest.approx(ZERO)
        assert y[:, 0] == pytest.approx(heights)
        assert np.mean(explorer.frame.get_ydata()[:4]) == pytest.approx(heights[result.looking])
        hatched = np.isfinite(explorer.future.get_xdata()).sum() / 2
        assert hatched == (count * (count - 1) / 2 if result.causal else 0)
        marked = [each.text for each in explorer.labels[explorer.fan].labels if each.bold]
        assert set(marked) == {result.words[result.looking], result.words[result.target]}


def test_a_click_chooses_who_looks_or_what_is_pushed_for(explorer):
    for sentence in SENTENCES:
        count = len(SENTENCES[sentence].split())
        for row in range(count):
            y = SIDE / count * (row + 0.6)
            assert explorer.dragged(explorer.map, 3, y, {"sentence": sentence}) == {"looking": row}
            for axes in (explorer.fan, explorer.bars):
                assert explorer.dragged(axes, 3, y, {"sentence": sentence}) == {"target": row}
        at_the_edge = [
            explorer.dragged(explorer.map, 0, y, {"sentence": sentence}) for y in (-3, 15)
        ]
        assert at_the_edge == [{"looking": 0}, {"looking": count - 1}]


def boxes(explorer):
    """Where texts are, in pixels: (text, left, bottom, right, top)."""
    renderer = explorer.figure.canvas.get_renderer()
    for axes, written in explorer.labels.items():
        for label in filter(lambda label: label.text, written.labels):
            x, y = axes.transData.transform((label.x, label.y))
            length, height = written._size(renderer, label.text, written._font(label))
            start = {"left": 0, "right": length}[label.ha]
            if label.upright:
                yield label.text, x - height / 2, y - start, x + height / 2, y - start + length
            else:
                yield label.text, x - start, y - height / 2, x - start + length, y + height / 2
        for text in filter(lambda text: text.get_text(), axes.texts):
            yield text.get_text(), *text.get_window_extent().extents


def test_no_text_covers_another_or_leaves_the_figure(explorer):
    extreme = [
        {"target": 3, "looking": 8, "temperature": 0.1}, {"looking": 4, "target": 1},
        {"looking": 11, "target": 6, "temperature": 0.1}, {"position": 3.0, "temperature": 0.3},
    ]  # fmt: skip
    explorer.render()  # which settles the layout
    for sentence, setting in itertools.product(SENTENCES, extreme):
        explorer.draw(explorer.compute(**START | setting | {"sentence": sentence}))
        width, height = explorer.figure.bbox.size
        found = list(boxes(explorer))
        for text, left, bottom, right, top in found:
            assert 0 <= left < right <= width, (setting, text)
            assert 0 <= bottom < top <= height, (setting, text)
        for one, other in itertools.combinations(found, 2):
            apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2]
            assert apart or other[4] <= one[2], (setting, one, other)
