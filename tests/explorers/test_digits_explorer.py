"""The explorer of chapter 09: its data, what it computes, and what its artists hold."""

from dataclasses import replace

import numpy as np
import pytest

from coursepkg.datasets import digits
from coursepkg.explorers import DigitsExplorer
from coursepkg.explorers.digits_training import (
    BEYOND,
    EPOCHS,
    ERRORS,
    HIGHEST,
    LOWEST,
    SHOWN,
    data,
    look,
    mislabel,
    train_digits,
)

DEFAULT = {"width": 32, "learning_rate": 0.02, "scale": 1.0, "weight_decay": 0.0}


@pytest.fixture(scope="module")
def default():
    return train_digits(**DEFAULT)


def shown(digit=ERRORS, answer=ERRORS, **changed):
    return look(digit, answer, **{**DEFAULT, **changed})


def drawn(result):
    explorer = DigitsExplorer()
    explorer.render()
    explorer.draw(result)
    return explorer


def test_a_fifth_of_the_training_labels_is_wrong_and_no_validation_label():
    images, labels = digits()
    names = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    (x, careless), (x_validation, true) = data()
    right = [names[(row.astype(float)).tobytes()] for row in x]
    assert np.sum(careless != right) == 120
    assert np.sum(careless[:120] != right[:120]) == 120
    assert [names[row.astype(float).tobytes()] for row in x_validation] == list(true)
    assert set(careless) == set(range(10))


def test_no_image_is_in_both_parts():
    (x, _), (x_validation, _) = data()
    assert not {row.tobytes() for row in x} & {row.tobytes() for row in x_validation}


def test_mislabel_leaves_its_argument_and_the_rest_alone():
    labels = np.arange(50) % 10
    wrong = mislabel(labels, 0.3, np.random.default_rng(0))
    assert np.array_equal(labels, np.arange(50) % 10)
    assert np.all(wrong[:15] != labels[:15])
    assert np.array_equal(wrong[15:], labels[15:])
    assert wrong.min() >= 0
    assert wrong.max() <= 9


def test_it_learns_by_heart_and_weight_decay_hinders_it(default):
    losses = default.history.validation_loss
    assert losses[-1] > 1.15 * min(losses)
    decayed = train_digits(**{**DEFAULT, "weight_decay": 1.0})
    assert decayed.history.loss[-1] > 1.5 * default.history.loss[-1]
    assert decayed.right > default.right + 0.02


def test_a_run_repeats(default):
    again = train_digits.__wrapped__(**DEFAULT)
    assert again.history == default.history
    assert np.array_equal(again.confusion, default.confusion)


def test_the_confusion_matrix_counts_every_validation_image_once(default):
    _, (_, labels) = data()
    assert default.confusion.sum(axis=1).tolist() == np.bincount(labels).tolist()
    assert default.right == pytest.approx(np.trace(default.confusion) / 300)
    wrong = shown().images
    assert len(wrong) == 300 - np.trace(default.confusion)
    assert np.all(labels[wrong] != default.said[wrong])


@pytest.mark.parametrize("digit", "059")
@pytest.mark.parametrize("answer", "359")
def test_a_cell_of_the_matrix_shows_its_images(default, digit, answer):
    _, (_, labels) = data()
    result = shown(digit, answer)
    assert len(result.images) == default.confusion[int(digit), int(answer)]
    assert set(labels[result.images]) <= {int(digit)}
    assert set(default.said[result.images]) <= {int(answer)}


def test_a_row_or_a_column_shows_its_errors(default):
    _, (_, labels) = data()
    row, column = shown(digit="4").images, shown(answer="4").images
    assert set(labels[row]) == {4}
    assert 4 not in default.said[row]
    assert set(default.said[column]) <= {4}
    assert 4 not in labels[column]


def test_a_click_on_the_matrix_chooses_a_cell_and_frames_it():
    explorer = drawn(shown())
    assert len(explorer.cell.get_xdata()) == 0
    values = explorer.dragged(explorer.middle, 8.7, 1.2, {})
    assert values == {"digit": "1", "answer": "9"}
    sentence, _ = explorer.render(**values)
    x, y = explorer.cell.get_data()
    assert (min(x), max(x), min(y), max(y)) == (8.5, 9.5, 0.5, 1.5)
    assert f"On the right: a 1 read as 9, {len(explorer.result.images)}." in sentence
    assert explorer.dragged(explorer.middle, -0.5, 9.5, {}) == {"digit": "9", "answer": "0"}


def test_it_draws_the_losses_and_marks_the_smallest(default):
    explorer = drawn(shown())
    history = default.history
    for line, losses in (
        (explorer.training, history.loss),
        (explorer.validation, history.validation_loss),
    ):
        epochs, values = line.get_data()
        assert list(epochs) == list(range(1, EPOCHS + 1))
        assert values == pytest.approx(np.clip(losses, LOWEST, HIGHEST))
    (epoch,), (loss,) = explorer.lowest.get_data()
    assert loss == min(history.validation_loss) == history.validation_loss[epoch - 1]
    assert f"after epoch {epoch} of {EPOCHS} and ends" in explorer.describe(shown())


def test_the_axis_grows_for_losses_beyond_it_and_the_marker_is_where_the_sentence_says(default):
    explorer = drawn(shown())
    assert explorer.losses.get_ylim() == (LOWEST, HIGHEST)
    result = shown(width=128, learning_rate=1e-4, scale=10.0)
    far = result.training
    assert min(far.history.validation_loss) > HIGHEST
    explorer.draw(result)
    assert explorer.losses.get_ylim() == (LOWEST, BEYOND)
    (epoch,), (loss,) = explorer.lowest.get_data()
    assert loss == min(far.history.validation_loss) == far.history.validation_loss[epoch - 1]
    assert f"after epoch {epoch} of {EPOCHS} and ends" in explorer.describe(result)
    explorer.draw(shown())
    assert explorer.losses.get_ylim() == (LOWEST, HIGHEST)


def test_it_draws_the_matrix_and_the_errors_with_their_names(default):
    explorer = drawn(shown())
    assert np.expm1(np.asarray(explorer.matrix.get_array())) == pytest.approx(
        default.confusion, abs=1e-6
    )
    _, (x, labels) = data()
    mosaic = np.asarray(explorer.mosaic.get_array())
    for k in range(SHOWN):
        which = shown().images[k]
        assert explorer.answers[k].get_text() == f"{labels[which]} → {default.said[which]}"
        row, column = 1 + 12 * (k // 4), 2 + 10 * (k % 4)
        found = mosaic[row : row + 8, column : column + 8]
        assert found == pytest.approx(x[which].reshape(8, 8))


def test_the_axes_of_the_matrix_have_the_digit_in_rows():
    result = shown(width=1, learning_rate=1e-3)
    _, (_, labels) = data()
    first = result.images[0]
    assert result.training.confusion[labels[first], result.training.said[first]] > 0
    assert drawn(result).figure.axes[1].get_ylabel() == "the digit is"


def test_the_sentence_names_the_most_frequent_error(default):
    errors = default.confusion - np.diag(np.diag(default.confusion))
    digit, said = np.unravel_index(errors.argmax(), errors.shape)
    sentence = drawn(shown()).describe(shown())
    assert f"a {digit} read as {said}, {errors.max()} times" in sentence
    assert f"{default.right:.0%} of 300" in sentence


def test_a_divergence_is_said_and_what_was_drawn_before_is_gone():
    explorer = drawn(shown())
    result = shown(width=128, learning_rate=1.0, weight_decay=3.0)
    assert result.training.diverged
    explorer.draw(result)
    assert len(explorer.training.get_xdata()) == result.training.history.epochs < EPOCHS
    assert "diverged" in explorer.describe(result)


def test_fewer_errors_than_places_leave_the_rest_empty():
    explorer = drawn(shown())
    explorer.draw(replace(shown(), images=shown().images[:3]))
    assert [bool(text.get_text()) for text in explorer.answers] == [True] * 3 + [False] * 5
    assert not np.asarray(explorer.mosaic.get_array())[13:].any()
