import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, shapes

from coursepkg.gradient_check import gradient_check, vjp_check
from coursepkg.losses import (
    binary_cross_entropy,
    log_softmax,
    mean_squared_error,
    sequence_cross_entropy,
    softmax_cross_entropy,
)


@given(shape=shapes, data=st.data())
def test_vjp_agrees_with_central_differences(shape, data):
    prediction = data.draw(arrays(shape=shape))
    # At least 1 away somewhere, for at the target itself every gradient is zero.
    targets = prediction + 1 + data.draw(arrays(0, 3, shape=shape))
    assert vjp_check(
        lambda p: mean_squared_error(p, targets), prediction, np.random.default_rng(2)
    ).passed


def test_a_hand_computed_value():
    loss, vjp = mean_squared_error(np.array([1.0, 2.0, 5.0]), np.array([0.0, 2.0, 3.0]))
    assert loss == pytest.approx(5 / 3, rel=1e-15)  # (1 + 0 + 4) / 3
    assert vjp() == pytest.approx(np.array([2 / 3, 0, 4 / 3]), rel=1e-15)
    assert vjp(3.0) == pytest.approx(np.array([2, 0, 4]), rel=1e-15)


def test_float32_stays_float32():
    logits = np.ones((3, 2), np.float32)
    # The targets, as they often are, of another type; and a smoothing, which is a Python float.
    for loss, vjp in (
        mean_squared_error(logits, np.zeros((3, 2))),
        binary_cross_entropy(logits, np.zeros((3, 2)), label_smoothing=0.1),
        softmax_cross_entropy(logits, np.array([0, 1, 1]), label_smoothing=0.1),
    ):
        assert loss.dtype == vjp().dtype == np.float32


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (mean_squared_error, np.zeros((3, 2))),
        (binary_cross_entropy, np.zeros((3, 2))),
        (softmax_cross_entropy, [0, 1, 1]),
    ],
)
def test_a_gradient_of_the_loss_that_is_no_number_is_refused_by_name(loss, targets):
    _, vjp = loss(np.ones((3, 2)), targets)
    with pytest.raises(TypeError, match="grad_loss must be a number"):
        vjp(np.ones(3))


def test_the_gradient_without_the_mean_would_be_found():
    prediction, targets = np.array([1.0, 2.0, 5.0]), np.array([0.0, 1.0, 3.0])
    without_mean = 2 * (prediction - targets)
    report = gradient_check(lambda p: mean_squared_error(p, targets)[0], prediction, without_mean)
    assert not report.passed


@pytest.mark.parametrize(
    ("prediction", "targets", "message"),
    [
        (np.ones(3), np.ones((3, 1)), r"targets must have shape \(3,\), got \(3, 1\)"),
        (np.ones(0), np.ones(0), "prediction must hold at least one number"),
        (np.array([1.0, np.nan]), np.ones(2), r"prediction\[1\] is nan"),
        (np.ones(2), np.array([np.inf, 1.0]), r"targets\[0\] is inf"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_by_name(prediction, targets, message):
    with pytest.raises(ValueError, match=message):
        mean_squared_error(prediction, targets)


def test_what_is_not_numeric_is_refused_by_name():
    with pytest.raises(TypeError, match="prediction must hold real numbers"):
        mean_squared_error(["a"], [1.0])


# Cross-entropies.


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@given(shape=shapes, data=st.data())
def test_binary_cross_entropy_agrees_with_central_differences(smoothing, shape, data):
    logits = data.draw(arrays(shape=shape))
    targets = data.draw(arrays(0, 1, shape=shape))
    targets.flat[0] = float(logits.flat[0] < 0)  # one target at least that is not met
    assert vjp_check(
        lambda z: binary_cross_entropy(z, targets, smoothing), logits, np.random.default_rng(2)
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@given(batch=st.integers(1, 5), classes=st.integers(2, 6), data=st.data())
def test_softmax_cross_entropy_agrees_with_central_differences(smoothing, batch, classes, data):
    logits = data.draw(arrays(-4, 4, shape=(batch, classes)))
    labels = np.argmin(logits, axis=1)  # not met, so that the gradient is not tiny
    assert vjp_check(
        lambda z: softmax_cross_entropy(z, labels, smoothing), logits, np.random.default_rng(2)
    )


def test_binary_cross_entropy_by_hand():
    # p = 1/2 costs log 2; p = 3/4, target 0, costs log 4.
    loss, vjp = binary_cross_entropy(np.array([0.0, np.log(3)]), np.array([1.0, 0.0]))
    assert loss == pytest.approx((np.log(2) + np.log(4)) / 2, rel=1e-14)
    assert vjp() == pytest.approx([-1 / 4, 3 / 8], rel=1e-14)
    assert vjp(2.0) == pytest.approx([-1 / 2, 3 / 4], rel=1e-14)


def test_softmax_cross_entropy_by_hand():
    logits = np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]])  # p = 1/8, 2/8, 5/8 and 1/4, 1/4, 1/2
    loss, vjp = softmax_cross_entropy(logits, np.array([2, 0]))
    assert loss == pytest.approx((np.log(8 / 5) + np.log(4)) / 2, rel=1e-14)
    expected = np.array([[1 / 8, 2 / 8, -3 / 8], [-3 / 4, 1 / 4, 1 / 2]]) / 2
    assert vjp() == pytest.approx(expected, rel=1e-14)


def test_smoothing_moves_the_target_as_it_says():
    logits, labels = np.array([[0.3, -1.0, 2.0]]), np.array([1])
    log_p = log_softmax(logits)[0]
    expected = -(0.1 * log_p[0] + 0.8 * log_p[1] + 0.1 * log_p[2])
    assert softmax_cross_entropy(logits, labels, 0.3)[0] == pytest.approx(expected, rel=1e-14)
    smoothed = binary_cross_entropy(logits, np.array([[0.0, 1.0, 1.0]]), 0.2)[0]
    by_hand = binary_cross_entropy(logits, np.array([[0.1, 0.9, 0.9]]))[0]
    assert smoothed == pytest.approx(by_hand, rel=1e-14)


def test_two_classes_are_one_logit():
    z, labels = np.array([0.7, -1.2, 3.0]), np.array([1, 0, 0])
    binary, vjp = binary_cross_entropy(z, labels)
    loss, vjp_two = softmax_cross_entropy(np.stack([np.zeros(3), z], axis=1), labels)
    assert binary == pytest.approx(loss, rel=1e-14)
    assert vjp() == pytest.approx(vjp_two()[:, 1], rel=1e-13)


@pytest.mark.parametrize(
    ("size", "dtype"),
    [(1e2, np.float64), (1e4, np.float64), (1e300, np.float64), (1e4, np.float32)],
)
def test_extreme_logits_are_finite_and_exact(size, dtype):
    logits = np.array([[size, -size], [-size, size]], dtype)
    for loss, vjp in (
        softmax_cross_entropy(logits, np.array([0, 0])),
        binary_cross_entropy(logits, np.array([[1, 0], [1, 0]])),
    ):
        assert np.isfinite(loss)
        assert np.isfinite(vjp()).all()
    # The first row is right beyond doubt, the second wrong by twice the size.
    loss, vjp = softmax_cross_entropy(logits, np.array([0, 0]))
    assert loss == pytest.approx(size, rel=1e-6)
    assert vjp() == pytest.approx(np.array([[0, 0], [-0.5, 0.5]]))
    assert binary_cross_entropy(logits[:1], np.array([[1, 0]]))[0] < 1e-40


def test_log_softmax_is_the_logarithm_of_probabilities(rng):
    log_p = log_softmax(rng.normal(0, 5, size=(7, 4)))
    assert np.exp(log_p).sum(axis=1) == pytest.approx(1, rel=1e-14)


def test_a_shift_of_all_logits_changes_nothing(rng):
    logits, labels = rng.standard_normal((4, 3)), np.array([0, 1, 2, 1])
    loss, vjp = softmax_cross_entropy(logits, labels)
    shifted, vjp_shifted = softmax_cross_entropy(logits + 100, labels)
    assert shifted == pytest.approx(loss, rel=1e-12)
    assert vjp_shifted() == pytest.approx(vjp(), abs=1e-13)
    assert vjp().sum(axis=1) == pytest.approx(0, abs=1e-15)


LOGITS = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("logits", "labels", "error", "message"),
    [
        (
            np.zeros(3),
            [0],
            ValueError,
            r"logits must have shape \(batch, classes\), none 0, got \(3,\)",
        ),
        (np.zeros((0, 3)), [], ValueError, r"none 0, got \(0, 3\)"),
        (LOGITS, [0, 3], ValueError, r"labels must lie between 0 and 2, but labels\[1\] is 3"),
        (LOGITS, [-1, 0], ValueError, r"labels must lie between 0 and 2, but labels\[0\] is -1"),
        (LOGITS, [0, 1, 2], ValueError, r"labels must have shape \(2,\), one for each row"),
        (LOGITS, [[0], [1]], ValueError, r"labels must have shape \(2,\)"),
        (LOGITS, [0.0, 1.0], TypeError, "labels must hold whole numbers, got float64"),
        (LOGITS, [True, False], TypeError, "labels must hold whole numbers, got bool"),
        ([[0.0, np.nan]], [0], ValueError, r"logits\[0, 1\] is nan"),
        ([[0.0, np.inf]], [0], ValueError, r"logits\[0, 1\] is inf"),
    ],
)
def test_bad_labels_and_logits_are_refused_by_name(logits, labels, error, message):
    with pytest.raises(error, match=message):
        softmax_cross_entropy(logits, labels)


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        (np.zeros((4, 1)), np.zeros(4), r"targets must have shape \(4, 1\), got \(4,\)"),
        (np.zeros(2), [0.0, 1.5], "targets must lie between 0 and 1, got 0 to 1.5"),
        (np.zeros(2), [-1, 1], "targets must lie between 0 and 1, got -1 to 1"),
        (np.zeros(0), [], "logits must hold at least one number"),
        ([0.0, np.nan], [0, 1], r"logits\[1\] is nan"),
        (np.zeros(2), [0, np.inf], r"targets\[1\] is inf"),
    ],
)
def test_bad_binary_targets_are_refused_by_name(logits, targets, message):
    with pytest.raises(ValueError, match=message):
        binary_cross_entropy(logits, targets)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, np.nan])
def test_a_bad_smoothing_is_refused_by_name(smoothing):
    with pytest.raises(ValueError, match="label_smoothing must be"):
        softmax_cross_entropy(LOGITS, [0, 1], smoothing)
    with pytest.raises(ValueError, match="label_smoothing must be"):
        binary_cross_entropy(np.zeros(2), [0, 1], smoothing)


# Sequences: a label at each position, and positions that do not count.


@given(front=st.lists(st.integers(1, 3), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_the_loss_of_sequences_is_the_mean_over_what_counts(front, seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(0, 2, (*front, 4)), rng.integers(-1, 4, front)
    labels.flat[0] = 2
    loss, vjp = sequence_cross_entropy(logits, labels, ignore=-1)
    counts = labels != -1
    alone, alone_vjp = softmax_cross_entropy(logits[counts], labels[counts])
    assert loss == pytest.approx(alone, rel=1e-14)
    assert vjp(3.0)[counts] == pytest.approx(3 * alone_vjp(), rel=1e-12, abs=1e-15)
    assert not vjp()[~counts].any()
    assert vjp_check(lambda z: sequence_cross_entropy(z, labels, -1), logits, rng)


def test_without_anything_ignored_it_is_the_loss_of_all_rows(rng):
    logits, labels = rng.standard_normal((2, 3, 4)), rng.integers(0, 4, (2, 3))
    loss, vjp = sequence_cross_entropy(logits, labels)
    flat, flat_vjp = softmax_cross_entropy(logits.reshape(6, 4), labels.ravel())
    assert loss == flat
    assert (vjp().reshape(6, 4) == flat_vjp()).all()
    loss, vjp = sequence_cross_entropy(logits.astype(np.float32), labels, ignore=0)
    assert loss.dtype == vjp().dtype == np.float32


SEQUENCES = np.zeros((2, 2, 3))


@pytest.mark.parametrize(
    ("logits", "labels", "error", "message"),
    [
        (
            np.zeros(3),
            0,
            ValueError,
            r"logits must have shape \(..., classes\), none 0, got \(3,\)",
        ),
        (np.zeros((2, 0, 3)), np.zeros((2, 0), int), ValueError, r"none 0, got \(2, 0, 3\)"),
        (SEQUENCES, [[9, 9], [9, 9]], ValueError, "labels must not all be 9, which is ignored"),
        (SEQUENCES, [[0, 9], [3, 1]], ValueError, r"0 and 2, but labels\[1, 0\] is 3"),
        (SEQUENCES, [[0, 9], [2, -1]], ValueError, r"0 and 2, but labels\[1, 1\] is -1"),
        (SEQUENCES, [0, 1], ValueError, r"labels must have shape \(2, 2\), one for each row"),
        (SEQUENCES, [[0.0, 1], [2, 1]], TypeError, "labels must hold whole numbers"),
        (SEQUENCES * np.nan, [[0, 1], [2, 1]], ValueError, r"logits\[0, 0, 0\] is nan"),
    ],
)
def test_bad_sequences_are_refused_by_name(logits, labels, error, message):
    with pytest.raises(error, match=message):
        sequence_cross_entropy(logits, labels, ignore=9)


def test_what_is_ignored_must_be_a_whole_number():
    with pytest.raises(TypeError, match="ignore must be a whole number"):
        sequence_cross_entropy(SEQUENCES, np.zeros((2, 2), int), ignore=0.5)
