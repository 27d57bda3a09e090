"""Shifted images: whole pixels are known, parts of a pixel are a mean, and nothing is invented."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.augmentation import shift_images, translate
from coursepkg.datasets import digits


def pictures(seed=0, n=5, height=4, width=6):
    return np.random.default_rng(seed).uniform(size=(n, height, width))


@given(down=st.integers(-6, 6), right=st.integers(-8, 8))
def test_whole_pixels_are_moved_and_zeros_come_in(down, right):
    images = pictures(n=1)
    expected = np.zeros_like(images)
    for i in range(4):
        for j in range(6):
            if 0 <= i - down < 4 and 0 <= j - right < 6:
                expected[0, i, j] = images[0, i - down, j - right]
    assert np.array_equal(translate(images, [down], [right]), expected)


def test_half_a_pixel_is_the_mean_of_two():
    images = pictures()
    zeros = np.zeros(len(images))
    moved = translate(images, zeros + 0.5, zeros)
    assert moved[:, 1:] == pytest.approx((images[:, 1:] + images[:, :-1]) / 2)
    assert moved[:, 0] == pytest.approx(images[:, 0] / 2)
    assert translate(images, zeros, zeros - 0.25)[:, :, :-1] == pytest.approx(
        0.75 * images[:, :, :-1] + 0.25 * images[:, :, 1:]
    )


def test_each_image_has_a_distance_of_its_own():
    images = pictures(n=3)
    down, right = np.array([0.3, -1.7, 2.0]), np.array([-0.5, 0.0, 1.25])
    together = translate(images, down, right)
    for k in range(3):
        alone = translate(images[k : k + 1], down[k : k + 1], right[k : k + 1])
        assert together[k] == pytest.approx(alone[0])


@given(distance=st.floats(-1, 1), seed=st.integers(0, 99))
def test_ink_away_from_the_border_is_neither_made_nor_lost(distance, seed):
    images = np.zeros((2, 7, 7))
    images[:, 2:5, 2:5] = pictures(seed, 2, 3, 3)
    moved = translate(images, [distance, -distance], [-distance, distance])
    assert moved.sum() == pytest.approx(images.sum())
    # and its center has moved by the distance
    rows = np.arange(7)[:, None]
    for before, after, expected in zip(images, moved, [distance, -distance], strict=True):
        center = [np.sum(rows * image) / image.sum() for image in (before, after)]
        assert center[1] - center[0] == pytest.approx(expected, abs=1e-9)


def test_the_random_shift_is_seeded_stays_within_reach_and_leaves_the_images_alone():
    images, _ = digits()
    kept = images.copy()
    one, two = (shift_images(images, np.random.default_rng(3), reach=0.5) for _ in range(2))
    assert np.array_equal(one, two)
    assert np.array_equal(images, kept)
    assert one.min() >= 0
    assert one.max() <= 1
    assert not np.array_equal(one, images)
    dots = np.zeros((2000, 7, 7))
    dots[:, 3, 3] = 1
    moved = shift_images(dots, np.random.default_rng(0), reach=1.5)
    center = np.stack([(moved.sum(axis=axis) * np.arange(7)).sum(axis=1) for axis in (2, 1)]) - 3
    assert np.abs(center).max() <= 1.5
    assert center.min(axis=1) == pytest.approx([-1.5, -1.5], abs=0.02)
    assert center.std(axis=1) == pytest.approx([1.5 / np.sqrt(3)] * 2, rel=0.05)
    assert abs(np.corrcoef(center)[0, 1]) < 0.1


def test_reach_zero_changes_nothing_and_float32_stays():
    images = pictures().astype(np.float32)
    moved = shift_images(images, np.random.default_rng(0), reach=0)
    assert np.array_equal(moved, images)
    assert shift_images(images, np.random.default_rng(0)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda: shift_images(pictures(), np.random.default_rng(0), reach=-1), ValueError, "reach"),
        (lambda: shift_images(pictures(), 0), TypeError, "rng"),
        (lambda: translate(pictures()[0], np.zeros(4), np.zeros(4)), ValueError, "images"),
        (lambda: translate(pictures(), np.zeros(4), np.zeros(5)), ValueError, "down"),
        (lambda: translate(pictures(), np.zeros(5), np.full(5, np.nan)), ValueError, "right"),
    ],
)
def test_bad_arguments_are_named(call, error, word):
    with pytest.raises(error, match=word):
        call()
