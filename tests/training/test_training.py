"""Mini-batches, clipping, early stopping, and fit: what it does, and when it refuses or stops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.activations import relu, tanh
from coursepkg.layers import Activation, BatchNorm, Dropout, Linear, Residual
from coursepkg.layers.base import Layer
from coursepkg.losses import binary_cross_entropy, mean_squared_error, softmax_cross_entropy
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD, Adam
from coursepkg.schedules import step_decay
from coursepkg.training import (
    Diverged,
    EarlyStopping,
    History,
    accuracy,
    clip_by_global_norm,
    fit,
    minibatches,
    train_step,
)
from coursepkg.training.saving import load_training, save_training


def problem(n=60):
    """Three clouds of points in the plane."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, n)
    corners = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return corners[labels] + 0.5 * rng.standard_normal((n, 2)), labels


def network(seed=0, dtype=np.float64):
    """With all that has a state of its own, batch normalization and dropout, within a wrapper."""
    rng = np.random.default_rng(seed)
    layers = [
        Linear(2, 8),
        Residual(BatchNorm(8), Activation(tanh), Dropout(0.2, np.random.default_rng(5))),
        Linear(8, 3),
    ]
    return Sequential(layers, rng, dtype)


def run(model, optimizer, epochs, rng, **options):
    x, labels = problem()
    return fit(
        model, optimizer, softmax_cross_entropy, x[:40], labels[:40], epochs=epochs, batch_size=16,
        rng=rng, validation=(x[40:], labels[40:]), metric=accuracy, progress=False, **options,
    )  # fmt: skip


# Mini-batches.

X4, RNG = np.arange(4.0), np.random.default_rng(0)


@given(n=st.integers(1, 40), batch_size=st.integers(1, 50))
def test_an_epoch_holds_every_sample_once(n, batch_size):
    x, targets = np.arange(n, dtype=float)[:, None], np.arange(n) * 10
    batches = list(minibatches(x, targets, batch_size, np.random.default_rng(0)))
    assert sorted(np.concatenate([b[0][:, 0] for b in batches])) == list(range(n))
    assert all((batch_x[:, 0] * 10 == batch_t).all() for batch_x, batch_t in batches)
    sizes = [len(batch_x) for batch_x, _ in batches]
    assert all(size == batch_size for size in sizes[:-1])
    assert 1 <= sizes[-1] <= batch_size


def test_each_epoch_has_an_order_of_its_own(rng):
    x = np.arange(50)
    first, second = (np.concatenate([b for b, _ in minibatches(x, x, 7, rng)]) for _ in range(2))
    assert (first != second).any()
    assert (first != x).any()


@pytest.mark.parametrize(
    ("x", "targets", "batch_size", "rng", "error", "message"),
    [
        (X4, X4, 0, RNG, ValueError, "batch_size must be at least 1"),
        (X4, X4, -1, RNG, ValueError, "batch_size must be at least 1"),
        (X4, X4[:3], 2, RNG, ValueError, "targets must have the length of x"),
        (X4[:3], X4, 2, RNG, ValueError, "targets must have the length of x"),
        (5.0, X4, 2, RNG, ValueError, "targets must have the length of x"),
        (X4, X4, 2, 0, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_bad_batches_are_refused_at_once(x, targets, batch_size, rng, error, message):
    with pytest.raises(error, match=message):
        minibatches(x, targets, batch_size, rng)  # before the first batch is asked for


def test_lists_are_cut_into_batches_too(rng):
    assert sum(len(batch) for batch, _ in minibatches([1, 2, 3], [4, 5, 6], 2, rng)) == 3


# Clipping.


@given(st.floats(0.1, 10), st.integers(1, 8))
def test_a_long_gradient_is_shortened_and_keeps_its_direction(max_norm, n):
    grads = np.random.default_rng(n).standard_normal(n) * 100
    before = grads.copy()
    norm = clip_by_global_norm(grads, max_norm)
    assert norm == pytest.approx(np.linalg.norm(before), rel=1e-14)
    if norm > max_norm:
        assert np.linalg.norm(grads) == pytest.approx(max_norm, rel=1e-12)
        assert grads * norm == pytest.approx(before * max_norm, rel=1e-12)
    else:
        assert (grads == before).all()


def test_a_short_gradient_is_left_alone_and_so_is_one_that_is_not_finite():
    for values in ([0.3, 0.4], [0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0]):
        grads = np.array(values)
        clip_by_global_norm(grads, 0.5)
        assert np.array_equal(grads, values, equal_nan=True)


@pytest.mark.parametrize("max_norm", [0, -1, np.nan])
def test_a_bad_max_norm_is_refused_by_name(max_norm):
    with pytest.raises(ValueError, match="max_norm must be"):
        clip_by_global_norm(np.ones(2), max_norm)


@pytest.mark.parametrize("grads", [[3.0, 4.0], np.array([3, 4]), None])
def test_what_cannot_be_clipped_in_place_is_refused_by_name(grads):
    with pytest.raises(TypeError, match="grads must be a numpy array of floats"):
        clip_by_global_norm(grads, 1.0)


# Accuracy.


def test_accuracy_counts_rows_whose_largest_output_is_at_the_label():
    outputs = np.array([[1.0, 3.0, 2.0], [0.0, -1.0, -2.0], [5.0, 5.5, 9.0]])
    assert accuracy(outputs, np.array([1, 0, 0])) == pytest.approx(2 / 3)


def test_accuracy_of_one_logit_counts_its_sign():
    outputs = np.array([[2.0], [-1.0], [0.5], [3.0], [1.0]])
    for labels in (np.array([1, 0, 0, 1, 1]), np.array([[1], [0], [0], [1], [1]])):
        assert accuracy(outputs, labels) == pytest.approx(4 / 5)


@pytest.mark.parametrize(
    ("outputs", "labels", "error", "message"),
    [
        (np.eye(3), [[0], [1], [2]], ValueError, r"labels must have shape \(3,\)"),
        (np.eye(3), np.eye(3, dtype=int), ValueError, r"labels must have shape \(3,\)"),
        (np.eye(3), [0], ValueError, r"labels must have shape \(3,\)"),
        (np.eye(3), [0, 1, 3], ValueError, r"labels\[2\] is 3"),
        (np.ones((3, 1)), [1], ValueError, r"labels must have shape \(3,\)"),
        (np.ones(3), [0, 1, 2], ValueError, r"outputs must have shape \(batch, classes\)"),
        (np.ones((0, 3)), [], ValueError, r"outputs must have shape .* got \(0, 3\)"),
        ("abc", [0], TypeError, "outputs must hold real numbers"),
    ],
)
def test_accuracy_refuses_what_would_be_counted_wrong(outputs, labels, error, message):
    with pytest.raises(error, match=message):
        accuracy(outputs, labels)


# Early stopping.


def test_early_stopping_waits_and_keeps_the_best(rng):
    model = Sequential([Linear(1, 1)], rng)
    stopping = EarlyStopping(patience=2)
    for epoch, loss in enumerate([1.0, 0.8, 0.9, 0.7, 0.75, 0.71]):
        assert not stopping.stop
        model.params[...] = epoch
        stopping.update(loss, model)
    assert stopping.stop
    assert (stopping.best_loss, stopping.best_epoch, stopping.epoch) == (0.7, 4, 6)
    stopping.restore(model)
    assert (model.params == 3).all()


def test_a_fall_by_less_than_min_delta_does_not_count(rng):
    model, stopping = Sequential([Linear(1, 1)], rng), EarlyStopping(patience=2, min_delta=0.1)
    for loss in (1.0, 0.95, 0.91):
        stopping.update(loss, model)
    assert stopping.stop
    assert stopping.best_loss == 1.0


def test_a_loss_that_stays_is_no_fall(rng):
    model, stopping = Sequential([Linear(1, 1)], rng), EarlyStopping(patience=2)
    for loss in (1.0, 1.0, 1.0):
        stopping.update(loss, model)
    assert stopping.stop
    assert stopping.best_epoch == 1
    stopping.update(0.5, model)
    assert not stopping.stop


def test_early_stopping_restores_the_running_statistics_too(rng):
    model, stopping = Sequential([BatchNorm(1)], rng), EarlyStopping(patience=1)
    stopping.update(1.0, model)
    outputs = model.predict(np.ones((1, 1)))
    model.forward(rng.normal(5, 3, size=(10, 1)))
    assert model.predict(np.ones((1, 1))) != outputs
    stopping.restore(model)
    assert model.predict(np.ones((1, 1))) == outputs


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: EarlyStopping(0), ValueError, "patience must be at least 1"),
        (lambda: EarlyStopping(1.5), TypeError, "patience must be a whole number"),
        (lambda: EarlyStopping(1, -0.1), ValueError, "min_delta must be at least 0"),
        (lambda: EarlyStopping(1).restore(None), RuntimeError, "restore needs an update"),
    ],
)
def test_early_stopping_refuses_bad_arguments_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


# One step, and fit.


def test_a_step_is_forward_loss_backward_step(rng):
    x, labels = problem()
    twins = [Sequential([Linear(2, 3)], np.random.default_rng(0)) for _ in range(2)]
    steps = [SGD(twin.params, twin.grads, 0.5) for twin in twins]
    value = train_step(twins[0], steps[0], softmax_cross_entropy, x, labels)
    loss, vjp = softmax_cross_entropy(twins[1].forward(x), labels)
    twins[1].backward(vjp())
    steps[1].step()
    assert value == loss
    assert (twins[0].params == twins[1].params).all()


def test_a_step_clips_if_asked_to():
    x, labels = problem()
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    before = model.params.copy()
    optimizer = SGD(model.params, model.grads, 1.0)
    train_step(model, optimizer, softmax_cross_entropy, 100 * x, labels, max_grad_norm=0.5)
    assert np.linalg.norm(model.params - before) == pytest.approx(0.5, rel=1e-12)


def test_fit_learns_and_writes_its_history():
    model = network()
    optimizer = Adam(model.params, model.grads, 0.05)
    history = run(model, optimizer, 15, np.random.default_rng(2))
    assert history.epochs == len(history.metric) == len(history.validation_loss) == 15
    assert history.steps == 15 * 3
    assert history.loss[-1] < 0.3 < 0.5 < history.loss[0]
    assert history.metric[-1] >= 0.9
    assert history.learning_rate == [0.05] * 15
    x, labels = problem()
    last, _ = softmax_cross_entropy(model.predict(x[40:]), labels[40:])
    assert history.validation_loss[-1] == last


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples():
    x, labels = problem()
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    still = SGD(model.params, model.grads, 0.0)  # 60 samples in batches of 25, 25 and 10
    history = fit(
        model, still, softmax_cross_entropy, x, labels, epochs=1, batch_size=25,
        rng=np.random.default_rng(0), progress=False,
    )  # fmt: skip
    whole, _ = softmax_cross_entropy(model.predict(x), labels)
    assert history.loss == pytest.approx([whole], rel=1e-12)


def test_the_schedule_is_asked_before_each_step():
    model = network()
    optimizer = SGD(model.params, model.grads, 99.0)
    asked = []

    def schedule(step):
        asked.append(step)
        return step_decay(0.1, every=4)(step)

    history = run(model, optimizer, 3, np.random.default_rng(2), schedule=schedule)
    assert asked == list(range(9))
    assert history.learning_rate == pytest.approx([0.1, 0.01, 0.001])


def test_augment_sees_every_batch_and_what_it_returns_is_learned():
    seen = []

    def augment(batch, rng):
        seen.append(len(batch))
        return np.zeros_like(batch)

    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    before = model.layers[0].weight.copy()
    run(model, SGD(model.params, model.grads, 0.5), 1, np.random.default_rng(2), augment=augment)
    assert seen == [16, 16, 8]
    assert (model.layers[0].weight == before).all()  # from zeros no weight learns, but the bias
    assert model.layers[0].bias.any()


def test_early_stopping_ends_the_training():
    model, stopping = network(), EarlyStopping(patience=2)
    frozen = SGD(model.params, model.grads, 0.0)
    model.layers[1].layers[0].momentum = 1e-9  # else the running statistics go on
    run_options = dict(early_stopping=stopping)
    history = run(model, frozen, 50, np.random.default_rng(2), **run_options)
    assert history.epochs < 50
    again = run(model, frozen, 50, np.random.default_rng(2), history=history, **run_options)
    assert again.epochs == history.epochs  # what has stopped stays stopped


def test_the_progress_bar_says_where_it_is_and_can_be_silent(capsys):
    for options in ({}, {"progress": True}, {"progress": False}):
        model = Sequential([Linear(2, 3)], np.random.default_rng(0))
        x, labels = problem()
        fit(
            model, SGD(model.params, model.grads, 0.1), softmax_cross_entropy, x, labels, epochs=2,
            batch_size=60, rng=np.random.default_rng(0), **options,
        )  # fmt: skip
        captured = capsys.readouterr()
        wanted = options.get("progress", True)
        assert ("2/2" in captured.out and "loss=" in captured.out) == wanted
        assert captured.err == ""


# Going on later: the same numbers as without the break.


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_saved_training_goes_on_as_if_it_had_never_stopped(cut, tmp_path):
    path = tmp_path / "training.npz"

    def objects():
        model = network()
        return model, Adam(model.params, model.grads, 0.05), np.random.default_rng(2)

    schedule = step_decay(0.05, every=7)
    whole, optimizer, rng = objects()
    stopping = EarlyStopping(patience=20)
    expected = run(whole, optimizer, 6, rng, schedule=schedule, early_stopping=stopping)

    model, optimizer, rng = objects()
    first = EarlyStopping(patience=20)
    history = run(model, optimizer, cut, rng, schedule=schedule, early_stopping=first)
    save_training(path, model, optimizer, rng, history, first)

    model, optimizer, rng = objects()
    second = EarlyStopping(patience=20)
    history = load_training(path, model, optimizer, rng, second)
    assert history.epochs == cut
    history = run(
        model, optimizer, 6, rng, schedule=schedule, early_stopping=second, history=history
    )
    assert history == expected
    assert (model.params == whole.params).all()
    assert all((whole.state()[name] == model.state()[name]).all() for name in model.state())
    assert second.best_loss == stopping.best_loss
    stopping.restore(whole)
    second.restore(model)
    assert (model.params == whole.params).all()
    assert optimizer.t == 18


def test_going_on_without_the_file_in_one_process_is_the_same():
    results = []
    for stops in ([6], [2, 6]):
        model, rng, history = network(), np.random.default_rng(2), None
        optimizer = Adam(model.params, model.grads, 0.05)
        for epochs in stops:
            history = run(model, optimizer, epochs, rng, history=history)
        results.append((history, model.params))
    assert results[0][0] == results[1][0]
    assert (results[0][1] == results[1][1]).all()


# Divergence is stopped and said.


def test_a_diverging_training_stops_and_says_so():
    rng = np.random.default_rng(0)
    x, targets = rng.standard_normal((40, 2)), rng.standard_normal((40, 1))
    model = Sequential([Linear(2, 16), Activation(relu), Linear(16, 1)], rng)
    optimizer = SGD(model.params, model.grads, 100.0)
    with pytest.raises(Diverged, match="training stopped: .* A learning rate below 100") as caught:
        fit(
            model, optimizer, mean_squared_error, x, targets, epochs=500, batch_size=40, rng=rng,
            progress=False,
        )  # fmt: skip
    assert caught.value.history.epochs < 20
    assert np.isfinite(caught.value.history.loss).all()
    assert np.isfinite(model.params).all()


@pytest.mark.parametrize(
    ("spoil", "what"), [("params", "the outputs are not"), ("loss", "the loss is not"),
                        ("grads", "the gradients are not")]
)  # fmt: skip
def test_what_is_not_finite_is_named_and_the_parameters_stay(spoil, what):
    x, labels = problem()
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    if spoil == "params":
        model.params[0] = np.inf
    before = model.params.copy()

    def loss(logits, labels):
        value, vjp = softmax_cross_entropy(logits, labels)
        if spoil == "loss":
            value = np.nan
        return value, lambda: vjp() * (np.nan if spoil == "grads" else 1)

    with pytest.raises(Diverged, match=what):
        train_step(model, SGD(model.params, model.grads, 0.1), loss, x, labels)
    assert (model.params == before).all()


def test_what_is_wrong_and_has_not_diverged_is_not_said_to_have_diverged():
    x, labels = problem()
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    optimizer, before = SGD(model.params, model.grads, 0.1), model.params.copy()
    with pytest.raises(ValueError, match="labels must lie between 0 and 2"):
        train_step(model, optimizer, softmax_cross_entropy, x, labels + 1)
    optimizer.learning_rate = np.nan
    with pytest.raises(ValueError, match="learning_rate must be finite"):
        train_step(model, optimizer, softmax_cross_entropy, x, labels)
    assert (model.params == before).all()


def test_an_overflow_in_a_step_is_said_and_not_warned_of_too():
    model = Sequential([Linear(1, 1)], np.random.default_rng(0))
    model.params[...] = 1e308
    with pytest.raises(Diverged, match="the outputs are not finite"):
        train_step(model, SGD(model.params, model.grads, 0.1), mean_squared_error, [[9.0]], [[1.0]])


def test_a_loss_that_has_risen_a_millionfold_is_hopeless():
    x, labels = problem()
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    optimizer = SGD(model.params, model.grads, 1e8)
    with pytest.raises(Diverged, match="the loss has risen from .* to"):
        fit(
            model, optimizer, softmax_cross_entropy, x, labels, epochs=50, batch_size=20,
            rng=np.random.default_rng(0), progress=False,
        )  # fmt: skip


def test_a_divergence_that_only_the_validation_data_show_is_said():
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    x, labels = problem()
    far = np.full((1, 2), 1e308), np.array([0])
    model.layers[0].weight[...] = 0.1
    with pytest.raises(Diverged, match="the outputs for the validation data are not finite"):
        fit(
            model, SGD(model.params, model.grads, 100.0), softmax_cross_entropy, x, labels,
            epochs=9, batch_size=60, rng=np.random.default_rng(0), validation=far, progress=False,
        )  # fmt: skip


def test_gradients_whose_squares_overflow_are_not_trained_with():
    model = Sequential([Linear(1, 1)], np.random.default_rng(0), np.float32)
    optimizer = Adam(model.params, model.grads, 0.1)
    x, targets = np.full((2, 1), 1e12), np.full((2, 1), 1e12)
    with pytest.raises(Diverged, match="the gradients are not finite"):
        train_step(model, optimizer, mean_squared_error, x, targets, max_grad_norm=1.0)
    assert optimizer.t == 0


def test_parameters_that_overflow_in_the_last_step_are_said():
    model = Sequential([Linear(1, 1)], np.random.default_rng(0))
    with pytest.raises(Diverged, match="the parameters are not finite"):
        fit(
            model, SGD(model.params, model.grads, 1e308), mean_squared_error, np.ones((3, 1)),
            np.full((3, 1), 99.0), epochs=1, batch_size=3, rng=np.random.default_rng(0),
            progress=False,
        )  # fmt: skip


def test_a_validation_loss_that_overflows_is_said_and_the_epoch_does_not_count():
    model = Sequential([Linear(1, 1)], np.random.default_rng(0))
    with pytest.raises(Diverged, match="the validation loss is not finite") as caught:
        fit(
            model, SGD(model.params, model.grads, 0.1), mean_squared_error, np.ones((3, 1)),
            np.ones((3, 1)), epochs=3, batch_size=3, rng=np.random.default_rng(0), progress=False,
            validation=([[1e200]], [[0.0]]),
        )  # fmt: skip
    history = caught.value.history
    assert history.loss == history.validation_loss == history.learning_rate == []


def test_a_loss_that_is_small_from_the_beginning_may_rise():
    x, targets = np.ones((4, 1)), np.zeros((4, 1))
    model = Sequential([Linear(1, 1)], np.random.default_rng(0))
    model.params[...] = 1e-6

    class Uphill(SGD):
        def step(self):
            self.params += 0.75 * self.grads  # the loss grows by a factor of 16 in each step

    history = fit(
        model, Uphill(model.params, model.grads, 0.1), mean_squared_error, x, targets, epochs=9,
        batch_size=4, rng=np.random.default_rng(0), progress=False,
    )  # fmt: skip
    assert history.loss[-1] > 1e6 * history.loss[0]


def test_early_stopping_watches_the_validation_loss():
    x, labels = problem()
    model, stopping = Sequential([Linear(2, 3)], np.random.default_rng(0)), EarlyStopping(2)
    # Validated with the wrong labels: what is learned makes it worse from the first epoch on.
    history = fit(
        model, SGD(model.params, model.grads, 0.5), softmax_cross_entropy, x, labels, epochs=30,
        batch_size=20, rng=np.random.default_rng(0), validation=(x, (labels + 1) % 3),
        early_stopping=stopping, progress=False,
    )  # fmt: skip
    assert history.epochs == 3
    assert history.loss[2] < history.loss[0]
    assert stopping.best_loss == history.validation_loss[0]


def test_fit_clips_if_asked_to():
    x, labels = problem()
    model = Sequential([Linear(2, 3)], np.random.default_rng(0))
    before = model.params.copy()
    fit(
        model, SGD(model.params, model.grads, 1.0), softmax_cross_entropy, 100 * x, labels,
        epochs=1, batch_size=60, rng=np.random.default_rng(0), max_grad_norm=0.5, progress=False,
    )  # fmt: skip
    assert np.linalg.norm(model.params - before) == pytest.approx(0.5, rel=1e-12)


def test_augment_draws_from_the_generator_of_fit():
    drawn = []

    def augment(batch, rng):
        drawn.append(rng)
        return batch

    model, rng = network(), np.random.default_rng(2)
    run(model, SGD(model.params, model.grads, 0.1), 1, rng, augment=augment)
    assert all(one is rng for one in drawn)


def test_one_early_stopping_does_not_watch_two_trainings():
    stopping = EarlyStopping(3)
    first, second = network(0), network(1)
    run(first, SGD(first.params, first.grads, 0.1), 2, np.random.default_rng(0),
        early_stopping=stopping)  # fmt: skip
    with pytest.raises(ValueError, match="early_stopping has watched another training"):
        run(second, SGD(second.params, second.grads, 0.1), 2, np.random.default_rng(0),
            early_stopping=stopping)  # fmt: skip


# Bad input, before anything changes.

X, LABELS = problem()
NAN = np.where(np.arange(120).reshape(60, 2) == 7, np.nan, X)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x": X[:, :1]}, ValueError, r"x must have shape \(..., 2\)"),
        ({"x": X[:0], "targets": LABELS[:0]}, ValueError, "x must hold at least one sample"),
        ({"x": NAN}, ValueError, r"x\[3, 1\] is nan"),
        ({"targets": LABELS[:59]}, ValueError, r"targets must have length 60.* shape \(59,\)"),
        ({"targets": np.where(np.arange(60) == 59, 3, LABELS)}, ValueError,
         r"labels must lie between 0 and 2, but labels\[59\] is 3"),
        ({"targets": LABELS[:, None]}, ValueError, r"labels must have shape \(60,\)"),
        ({"targets": LABELS * 0.5}, TypeError, "labels must hold whole numbers"),
        ({"epochs": -1}, ValueError, "epochs must be at least 0"),
        ({"epochs": 2.0}, TypeError, "epochs must be a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
        ({"validation": (NAN, LABELS)}, ValueError, r"validation\[0\]\[3, 1\] is nan"),
        ({"validation": (X, LABELS[:3])}, ValueError, r"validation\[1\] must have length 60"),
        ({"validation": (X, LABELS + 9)}, ValueError, "labels must lie between 0 and 2"),
        ({"early_stopping": EarlyStopping(3)}, ValueError, "validation must be given"),
        ({"max_grad_norm": 0}, ValueError, "max_grad_norm must be greater than 0"),
        ({"history": [1.0]}, TypeError, "history must be a History"),
        ({"batch_size": 59}, ValueError, "batch_size must not leave one sample alone"),
        ({"batch_size": 1}, ValueError, "batch_size must not leave one sample alone"),
        ({"validation": X}, TypeError, r"validation must be a pair \(x, targets\)"),
        ({"validation": (X, LABELS, LABELS)}, TypeError, "validation must be a pair"),
        ({"metric": accuracy}, ValueError, "validation must be given: metric"),
        ({"metric": "accuracy"}, TypeError, "metric must be a function"),
        ({"schedule": 0.1}, TypeError, "schedule must be a function"),
        ({"augment": 5}, TypeError, "augment must be a function"),
        ({"loss": "mse"}, TypeError, "loss must be a function"),
        ({"early_stopping": 5, "validation": (X, LABELS)}, TypeError, "must be an EarlyStopping"),
        ({"targets": None}, ValueError, "targets must have length 60"),
        ({"x": 5.0}, ValueError, "x must hold at least one sample"),
        ({"loss": binary_cross_entropy}, ValueError, r"targets must have shape \(60, 3\)"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_before_anything_changes(options, error, message):
    model = network()
    optimizer, rng = Adam(model.params, model.grads, 0.05), np.random.default_rng(2)
    before, drawn = model.state(), rng.bit_generator.state
    arguments = dict(x=X, targets=LABELS, loss=softmax_cross_entropy, epochs=2, batch_size=16,
                     rng=rng, progress=False)  # fmt: skip
    with pytest.raises(error, match=message):
        fit(model, optimizer, **{**arguments, **options})
    assert all((model.state()[name] == before[name]).all() for name in before)
    assert optimizer.t == 0
    assert rng.bit_generator.state == drawn


def test_another_models_optimizer_is_refused():
    model, other = network(), network()
    x, labels = problem()
    for params, grads in ((other.params, other.grads), (model.params, other.grads)):
        with pytest.raises(ValueError, match="optimizer must have been made with model.params"):
            run(model, SGD(params, grads, 0.1), 1, np.random.default_rng(0))
        with pytest.raises(ValueError, match="optimizer must have been made with model.params"):
            train_step(model, SGD(params, grads, 0.1), softmax_cross_entropy, x, labels)
    with pytest.raises(ValueError, match="optimizer must have been made with model.params"):
        run(model, None, 1, np.random.default_rng(0))


def test_what_float32_cannot_hold_is_named_where_the_caller_has_it():
    x = X.copy()
    x[20, 1] = 1e300
    model = network(dtype=np.float32)
    with pytest.raises(ValueError, match=r"x must be finite, but x\[20, 1\] is inf"):
        fit(
            model, Adam(model.params, model.grads, 0.1), softmax_cross_entropy, x, LABELS,
            epochs=1, batch_size=16, rng=np.random.default_rng(0), progress=False,
        )  # fmt: skip


def test_a_loss_that_is_large_from_the_beginning_is_not_hopeless():
    x, targets = np.ones((4, 1)), np.full((4, 1), 3000.0)  # a loss of nine million
    model = Sequential([Linear(1, 1)], np.random.default_rng(0))
    history = fit(
        model, SGD(model.params, model.grads, 0.1), mean_squared_error, x, targets, epochs=3,
        batch_size=4, rng=np.random.default_rng(0), progress=False,
    )  # fmt: skip
    assert history.loss[0] > history.loss[-1] > 1e5


def test_whole_numbers_and_lists_are_data_too():
    model = Sequential([Linear(2, 1)], np.random.default_rng(0))
    history = fit(
        model, SGD(model.params, model.grads, 0.01), mean_squared_error, [[1, 2], [3, 4]],
        [[1], [2]], epochs=3, batch_size=1, rng=np.random.default_rng(0), progress=False,
    )  # fmt: skip
    assert history.loss[-1] < history.loss[0]


class Memory(Layer):
    """A number to learn for each whole number; it remembers what it was handed."""

    shapes = {"table": (4, 1)}

    def forward(self, x, training=True):
        self.seen = [*vars(self).get("seen", []), x]
        return self.table[x]

    def backward(self, grad, input_gradient=True):
        self.grad_table[...] = 0
        np.add.at(self.grad_table, self.seen[-1], grad)


def test_whole_numbers_reach_the_first_layer_as_they_are():
    model = Sequential([Memory()], np.random.default_rng(0))
    optimizer = SGD(model.params, model.grads, 1.0)
    ids = np.array([0, 1, 2, 3], np.int16)
    targets = np.array([[5.0], [6.0], [7.0], [8.0]])
    train_step(model, optimizer, mean_squared_error, ids, targets)
    assert model.layers[0].seen[-1] is ids
    fit(
        model, optimizer, mean_squared_error, ids, targets, epochs=60, batch_size=2,
        rng=np.random.default_rng(0), validation=(ids, targets), progress=False,
    )  # fmt: skip
    assert {x.dtype for x in model.layers[0].seen} == {ids.dtype}
    assert model.predict(ids) == pytest.approx(targets, abs=1e-3)


def test_float32_stays_float32_in_fit():
    model = network(dtype=np.float32)
    run(model, Adam(model.params, model.grads, 0.05), 2, np.random.default_rng(2))
    assert {array.dtype for array in model.state().values()} == {np.dtype(np.float32)}


def test_histories_are_their_own():
    assert History().loss is not History().loss
