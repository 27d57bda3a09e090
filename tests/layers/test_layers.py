"""Every layer by itself, against central differences; what it keeps, and what it refuses.

What is handed to a layer is checked by the Sequential around it, so it is handed over there.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, away_from_zero

from coursepkg.activations import leaky_relu, relu, sigmoid, softplus, tanh
from coursepkg.gradient_check import gradient_check
from coursepkg.layers import Activation, BatchNorm, Dropout, Linear, Residual
from coursepkg.layers.base import Layer
from coursepkg.model import Sequential

sizes = st.integers(1, 5)
axes_in_front = st.lists(st.integers(1, 3), max_size=3).map(tuple)


def placed(layer, seed=0, dtype=np.float64):
    """The layer with storage, its parameters all different and none zero."""
    model = Sequential([layer], np.random.default_rng(seed), dtype)
    model.params[...] = np.random.default_rng(seed + 1).uniform(0.5, 1.5, model.params.size)
    return layer, model


def check(layer, model, x, training=True, seed=2):
    """Reports for x and for each parameter, along a random direction of the outputs."""
    grad_y = np.random.default_rng(seed).standard_normal(layer.forward(x, training).shape)

    def loss_of_x(x):
        return np.sum(grad_y * layer.forward(x, training))

    def loss_of_params(params):
        before = model.params.copy()
        model.params[...] = params
        loss = np.sum(grad_y * layer.forward(x, training))
        model.params[...] = before
        return loss

    layer.forward(x, training)
    grad_x, grads = layer.backward(grad_y), model.grads.copy()
    reports = [gradient_check(loss_of_x, x, grad_x)]
    if model.params.size:
        reports.append(gradient_check(loss_of_params, model.params, grads))
    return reports


@given(front=axes_in_front, fan_in=sizes, fan_out=sizes, data=st.data())
def test_linear_agrees_with_central_differences(front, fan_in, fan_out, data):
    x = 0.1 + data.draw(arrays(0, 3, shape=(*front, fan_in)))
    assert all(check(*placed(Linear(fan_in, fan_out)), x))


@given(front=axes_in_front, data=st.data())
def test_linear_does_with_many_axes_what_it_does_with_one_row_for_each_place(front, data):
    x = data.draw(arrays(-3, 3, shape=(*front, 4)))
    grad_z = data.draw(arrays(-3, 3, shape=(*front, 2)))
    (layer, model), (flat, flat_model) = placed(Linear(4, 2)), placed(Linear(4, 2))
    z, grad_x = layer.forward(x), layer.backward(grad_z)
    assert z.shape == (*front, 2)
    assert grad_x.shape == x.shape
    assert z.reshape(-1, 2) == pytest.approx(flat.forward(x.reshape(-1, 4)), rel=1e-12, abs=1e-12)
    flat_grad_x = flat.backward(grad_z.reshape(-1, 2))
    assert grad_x.reshape(-1, 4) == pytest.approx(flat_grad_x, rel=1e-12, abs=1e-12)
    assert model.grads == pytest.approx(flat_model.grads, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("function", [sigmoid, tanh, relu, leaky_relu, softplus])
@given(data=st.data())
def test_activation_agrees_with_central_differences(function, data):
    x = data.draw(away_from_zero(high=3.0))
    # Of relu at least one number must be above 0, or both gradients are zero everywhere.
    x.flat[0] = 1.5
    assert all(check(*placed(Activation(function)), x))


# Rows drawn at random: a column that is constant has no variance for any check to see. From other
# draws than the direction in `check`: n itself is a direction in which the outputs cannot move.
@given(batch=st.integers(4, 8), features=sizes, seed=st.integers(0, 999))
def test_batch_norm_agrees_with_central_differences_in_training(batch, features, seed):
    x = np.random.default_rng(1000 + seed).normal(2, 3, size=(batch, features))
    assert all(check(*placed(BatchNorm(features)), x))


@given(batch=sizes, features=sizes, data=st.data())
def test_batch_norm_agrees_with_central_differences_afterwards(batch, features, data):
    layer, model = placed(BatchNorm(features))
    layer.forward(np.random.default_rng(3).normal(2, 3, size=(6, features)))
    x = data.draw(arrays(0.5, 3, shape=(batch, features)))
    assert all(check(layer, model, x, training=False))


@given(front=axes_in_front, features=sizes, seed=st.integers(0, 99))
def test_residual_agrees_with_central_differences(front, features, seed):
    x = np.random.default_rng(seed).standard_normal((*front, features))
    layer = Residual(Linear(features, 4), Activation(tanh), Linear(4, features))
    assert all(check(*placed(layer), x))


@given(rate=st.floats(0, 0.7), seed=st.integers(0, 99), shape=st.sampled_from([(30,), (2, 3, 5)]))
def test_dropout_agrees_with_central_differences_on_the_same_draws(rate, seed, shape):
    x = np.random.default_rng(seed).uniform(0.5, 2, size=shape)
    layer = Dropout(rate, np.random.default_rng(0))

    def forward(x):
        layer.rng = np.random.default_rng(seed)
        return np.sum(layer.forward(x) ** 2)

    layer.rng = np.random.default_rng(seed)
    grad_x = layer.backward(2 * layer.forward(x))
    assert gradient_check(forward, x, grad_x)


def test_linear_by_hand():
    layer, _ = placed(Linear(2, 3))
    layer.weight[...] = [[1, 2, 3], [4, 5, 6]]
    layer.bias[...] = [10, 20, 30]
    assert layer.forward(np.array([[1.0, -1.0]])).tolist() == [[7, 17, 27]]
    grad_x = layer.backward(np.array([[1.0, 0.0, 2.0]]))
    assert grad_x.tolist() == [[7, 16]]
    assert layer.grad_weight.tolist() == [[1, 0, 2], [-1, 0, -2]]
    assert layer.grad_bias.tolist() == [1, 0, 2]


def test_backward_writes_and_does_not_add():
    layer, model = placed(Linear(2, 3))
    x, grad_z = np.ones((4, 2)), np.ones((4, 3))
    layer.forward(x)
    layer.backward(grad_z)
    once = model.grads.copy()
    layer.backward(grad_z)
    assert (model.grads == once).all()
    assert once.any()


def test_a_first_layer_may_leave_out_the_gradient_of_the_data():
    layer, model = placed(Linear(2, 3))
    layer.forward(np.ones((4, 2)))
    assert layer.backward(np.ones((4, 3)), input_gradient=False) is None
    assert model.grads.all()


# Batch normalization: what it promises, in training and afterwards.


def test_batch_norm_starts_as_the_plain_normalization(rng):
    (layer,) = Sequential([BatchNorm(3)], rng).layers
    assert layer.gamma.tolist() == [1, 1, 1]
    assert layer.beta.tolist() == [0, 0, 0]
    assert layer.buffers["running_mean"].tolist() == [0, 0, 0]
    assert layer.buffers["running_var"].tolist() == [1, 1, 1]


def test_a_layer_is_in_training_mode_unless_said_otherwise(rng):
    x = rng.normal(2, 3, size=(8, 3))
    for layer in (BatchNorm(3), Residual(BatchNorm(3)), Dropout(0.5, rng)):
        Sequential([layer], rng)
        assert (layer.forward(x) != layer.forward(x, training=False)).any()


def test_batch_norm_centers_and_scales_each_column_of_the_batch(rng):
    layer, _ = placed(BatchNorm(3))
    x = rng.normal([1, -5, 100], [1, 3, 20], size=(64, 3))
    layer.gamma[...], layer.beta[...] = [1.0, 2.0, 3.0], [0.0, -1.0, 4.0]
    y = layer.forward(x)
    assert y.mean(axis=0) == pytest.approx(layer.beta, abs=1e-12)
    assert y.std(axis=0) == pytest.approx(layer.gamma, rel=1e-4)  # eps takes a little


def test_batch_norm_afterwards_uses_the_running_statistics(rng):
    layer, _ = placed(BatchNorm(2))
    layer.gamma[...], layer.beta[...] = 1, 0
    for _ in range(200):
        layer.forward(rng.normal([3, -2], [2, 0.5], size=(100, 2)))
    y = layer.forward(np.array([[3.0, -2.0], [5.0, -1.5]]), training=False)
    # 1,900 samples have weight in the running mean: its standard error is about 0.02 deviations.
    assert y == pytest.approx(np.array([[0, 0], [1, 1]]), abs=0.12)


def test_the_running_statistics_by_hand():
    layer, _ = placed(BatchNorm(1, momentum=0.25))
    layer.forward(np.array([[1.0], [3.0]]))  # mean 2, variance 1, unbiased 2
    assert layer.buffers["running_mean"] == pytest.approx([0.5])
    assert layer.buffers["running_var"] == pytest.approx([0.75 * 1 + 0.25 * 2])
    layer.forward(np.array([[5.0], [5.0]]), training=False)
    assert layer.buffers["running_mean"] == pytest.approx([0.5])


def test_batch_norm_afterwards_treats_each_row_by_itself(rng):
    layer, _ = placed(BatchNorm(3))
    x = rng.standard_normal((5, 3))
    together = layer.forward(x, training=False)
    assert layer.forward(x[:1], training=False) == pytest.approx(together[:1], rel=1e-14)


def test_a_batch_of_one_has_no_variance():
    layer, _ = placed(BatchNorm(2))
    with pytest.raises(ValueError, match="x must have at least 2 rows in training"):
        layer.forward(np.ones((1, 2)))
    assert not layer.buffers["running_mean"].any()


# Dropout.


def test_dropout_keeps_the_expectation_and_the_share(rng):
    layer, n = Dropout(0.3, rng), 200_000
    y = layer.forward(np.ones((n // 10, 10)))
    kept = (y != 0).mean()
    # Four standard errors of a share, and of a mean of numbers that are 0 or 1/0.7.
    assert abs(kept - 0.7) < 4 * np.sqrt(0.3 * 0.7 / n)
    assert abs(y.mean() - 1) < 4 * np.sqrt(0.3 / 0.7 / n)
    assert np.unique(y) == pytest.approx([0, 1 / 0.7])


def test_the_gradient_passes_where_the_numbers_passed(rng):
    layer = Dropout(0.5, rng)
    y = layer.forward(np.full((20, 20), 3.0))
    grad_x = layer.backward(np.full((20, 20), 7.0))
    assert ((grad_x != 0) == (y != 0)).all()
    assert set(np.unique(grad_x)) == {0, 14}


def test_dropout_after_training_changes_nothing_and_draws_nothing():
    rng, fresh = np.random.default_rng(7), np.random.default_rng(7)
    layer, x = Dropout(0.5, rng), np.arange(6.0).reshape(2, 3)
    assert (layer.forward(x, training=False) == x).all()
    assert (layer.backward(x) == x).all()
    assert rng.random() == fresh.random()


def test_each_forward_draws_anew(rng):
    layer, x = Dropout(0.5, rng), np.ones((10, 10))
    assert (layer.forward(x) != layer.forward(x)).any()


# float32, and what is refused.


@pytest.mark.parametrize(
    "make",
    [
        lambda: Linear(3, 3),
        lambda: Activation(sigmoid),
        lambda: BatchNorm(3),
        lambda: Dropout(0.3, np.random.default_rng(0)),
        lambda: Residual(Linear(3, 3), Activation(tanh)),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_float32_stays_float32(make, training, rng):
    layer, model = placed(make(), dtype=np.float32)
    x = rng.standard_normal((4, 3)).astype(np.float32)
    y = layer.forward(x, training)
    assert y.dtype == layer.backward(y).dtype == model.grads.dtype == np.float32


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Linear(0, 3), ValueError, "fan_in must be at least 1"),
        (lambda: Linear(2, 3.0), TypeError, "fan_out must be a whole number"),
        (lambda: Activation("tanh"), TypeError, "function must be a function, got 'tanh'"),
        (lambda: BatchNorm(0), ValueError, "features must be at least 1"),
        (lambda: BatchNorm(2, momentum=1.0), ValueError, "momentum must be less than 1"),
        (lambda: BatchNorm(2, eps=0), ValueError, "eps must be greater than 0"),
        (lambda: Dropout(1.0, np.random.default_rng(0)), ValueError, "rate must be less than 1"),
        (lambda: Dropout(-0.1, np.random.default_rng(0)), ValueError, "rate must be at least 0"),
        (lambda: Dropout(0.5, 0), TypeError, "rng must be a numpy.random.Generator"),
        (lambda: Residual(), ValueError, "layers must be at least one layer"),
    ],
)
def test_bad_arguments_are_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


LAYERS = [
    lambda: Linear(3, 2),
    lambda: Activation(tanh),
    lambda: BatchNorm(3),
    lambda: Dropout(0.3, np.random.default_rng(0)),
    lambda: Residual(Linear(3, 4), Activation(tanh), Linear(4, 3)),
]


@pytest.mark.parametrize("make", LAYERS)
@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 4, 3)])
def test_the_shape_that_a_layer_announces_is_the_one_that_it_makes(make, shape, rng):
    layer, _ = placed(make())
    if isinstance(layer, BatchNorm) and len(shape) != 2:
        with pytest.raises(ValueError, match="x must have shape"):
            layer.output_shape(shape)
    else:
        assert layer.output_shape(shape) == layer.forward(rng.standard_normal(shape)).shape


@pytest.mark.parametrize(
    ("make", "shape", "message"),
    [
        (
            lambda: Linear(3, 2),
            (4, 2),
            r"x must have shape \(..., 3\) for Linear\(3, 2\), got \(4, 2",
        ),
        (lambda: Linear(3, 2), (3, 1), r"x must have shape \(..., 3\) .* got \(3, 1\)"),
        (lambda: Linear(3, 2), (), r"x must have shape \(..., 3\) .* got \(\)"),
        (lambda: BatchNorm(3), (4, 1), r"x must have shape \(batch, 3\) for BatchNorm\(3\), got"),
        (lambda: BatchNorm(3), (3,), r"x must have shape \(batch, 3\) .* got \(3,\)"),
        (lambda: BatchNorm(3), (2, 3, 3), r"x must have shape \(batch, 3\) .* got \(2, 3, 3\)"),
        (lambda: Residual(Linear(2, 3)), (5, 2), r"layers must keep the shape \(5, 2\) of x, they"),
        (lambda: Residual(Linear(2, 2)), (5, 3), r"x must have shape \(..., 2\)"),
    ],
)
def test_a_batch_of_another_shape_is_refused_before_anything_changes(make, shape, message):
    model = Sequential([make()], np.random.default_rng(0))
    before = model.state()
    with pytest.raises(ValueError, match=message):
        model.forward(np.ones(shape))
    assert all((model.state()[name] == before[name]).all() for name in before)


@pytest.mark.parametrize("make", LAYERS)
@pytest.mark.parametrize("shape", [(4, 7), (1, 3), (5, 3), (4,), (3, 4)])
def test_a_gradient_of_another_shape_is_refused_and_nothing_is_written(make, shape, rng):
    _, model = placed(make())
    model.forward(rng.random((4, 3)))
    with pytest.raises(ValueError, match=r"grad_output must have shape \(4, [23]\), got"):
        model.backward(np.ones(shape))
    assert not model.grads.any()


class Doubled(Layer):
    """A layer as somebody might write it, who has not heard of output_shape."""

    def forward(self, x, training=True):
        return np.concatenate([x, x], axis=-1)

    def backward(self, grad, input_gradient=True):
        return sum(np.split(grad, 2, axis=-1))


def test_behind_a_layer_that_does_not_announce_its_shape_nothing_is_refused(rng):
    model = Sequential([Residual(Doubled(), Linear(6, 3)), Doubled(), Linear(6, 2)], rng)
    assert model.forward(np.ones((4, 3))).shape == (4, 2)
    assert model.backward(np.ones((4, 2)), input_gradient=True).shape == (4, 3)


# Parameters are views: nobody may put another array in their place.


@pytest.mark.parametrize("name", ["weight", "bias", "grad_weight", "grad_bias"])
def test_another_array_in_the_place_of_a_view_is_refused_and_said_how(name):
    layer, model = placed(Linear(2, 3))
    view, before = getattr(layer, name), model.state()
    with pytest.raises(AttributeError, match=rf"{name} is a view .* layer\.{name}\[...\] = value"):
        setattr(layer, name, np.ones(view.shape))
    assert getattr(layer, name) is view
    assert all((model.state()[name] == before[name]).all() for name in before)


def test_what_changes_a_view_in_place_is_no_other_array():
    layer, model = placed(Linear(2, 1))
    model.params[...] = [1, 2, 3]
    layer.weight *= 2
    layer.bias -= 1
    layer.weight[0] = 5
    assert model.params.tolist() == [5, 4, 2]


def test_a_weight_cannot_be_given_before_there_is_a_place_for_it():
    for name in ("weight", "grad_weight"):
        with pytest.raises(AttributeError, match=f"{name} has no place yet: put the layer into a"):
            setattr(Linear(2, 3), name, np.ones((2, 3)))


def test_a_layer_without_a_model_says_so():
    with pytest.raises(AttributeError, match="weight has no place yet: put the layer into a Seq"):
        Linear(2, 3).forward(np.ones((1, 2)))
    with pytest.raises(AttributeError, match="Linear has no attribute 'wieght'"):
        _ = placed(Linear(2, 3))[0].wieght
