"""Convolution and pooling: against plain sums, `Value`, central differences and known numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_layers import check, placed

from coursepkg.autodiff import Value
from coursepkg.layers import Conv2d, Flatten, MaxPool2d
from coursepkg.layers.convolution import col2im, im2col, pad
from coursepkg.model import Sequential


@st.composite
def settings_of_windows(draw, most=3):
    """(shape of x, kernel, stride, padding); strides that overlap, that fit, and that leave gaps
    or a rest."""
    kernel, stride, padding = (draw(st.integers(low, most)) for low in (1, 1, 0))
    least = max(1, kernel - 2 * padding)
    sides = [draw(st.integers(least, least + 3)) for _ in range(2)]
    return (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *sides), kernel, stride, padding


def apart(shape, seed):
    """Numbers of which no two are near each other, in any order: maxima without a tie."""
    return (
        np.random.default_rng(seed)
        .permutation(np.linspace(-2, 2, int(np.prod(shape))))
        .reshape(shape)
    )


def summed(x, weight, bias, stride, padding):
    """The convolution as its equation says, one number after the other."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kernel = weight.shape[-1]
    rows, columns = ((side - kernel) // stride + 1 for side in x.shape[2:])
    z = np.zeros((len(x), len(weight), rows, columns), dtype=np.result_type(x, weight))
    for n, o, r, s in np.ndindex(z.shape):
        window = x[n, :, stride * r : stride * r + kernel, stride * s : stride * s + kernel]
        z[n, o, r, s] = np.sum(window * weight[o]) + bias[o]
    return z


@given(settings_of_windows(), st.integers(1, 3), st.integers(0, 99))
def test_a_convolution_is_its_sum(given_settings, out_channels, seed):
    shape, kernel, stride, padding = given_settings
    layer, model = placed(Conv2d(shape[1], out_channels, kernel, stride, padding), seed)
    x = apart(shape, seed)
    due = summed(x, layer.weight, layer.bias, stride, padding)
    assert model.forward(x) == pytest.approx(due, rel=1e-12, abs=1e-12)


@settings(max_examples=30)
@given(settings_of_windows(), st.integers(1, 3), st.integers(0, 99))
def test_a_convolution_agrees_with_central_differences(given_settings, out_channels, seed):
    shape, kernel, stride, padding = given_settings
    layer, model = placed(Conv2d(shape[1], out_channels, kernel, stride, padding), seed)
    assert all(check(layer, model, apart(shape, seed)))


@settings(max_examples=30)
@given(settings_of_windows(), st.integers(0, 99))
def test_pooling_agrees_with_central_differences(given_settings, seed):
    shape, size, stride, _ = given_settings
    shape = (*shape[:2], *(max(side, size) for side in shape[2:]))
    assert all(check(*placed(MaxPool2d(size, stride)), apart(shape, seed)))


def values(array):
    made = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        made[place] = Value(array[place])
    return made


def test_value_finds_the_same_three_gradients():
    layer, _ = placed(Conv2d(2, 3, 3, stride=2, padding=1))
    x = apart((2, 2, 5, 4), 0)
    grad_z = apart(layer.output_shape(x.shape), 1)
    layer.forward(x)
    grad_x = layer.backward(grad_z)
    x, weight, bias = values(x), values(layer.weight), values(layer.bias)
    nodes = np.full((2, 2, 7, 6), Value(0.0))
    nodes[:, :, 1:-1, 1:-1] = x
    total = Value(0.0)
    for n, o, r, s in np.ndindex(grad_z.shape):
        window = nodes[n, :, 2 * r : 2 * r + 3, 2 * s : 2 * s + 3]
        total = total + grad_z[n, o, r, s] * (np.sum(window * weight[o]) + bias[o])
    total.backward()
    for ours, theirs in ((grad_x, x), (layer.grad_weight, weight), (layer.grad_bias, bias)):
        found = np.reshape([each.grad for each in theirs.flat], theirs.shape)
        assert ours == pytest.approx(found, rel=1e-12, abs=1e-12)


def test_the_numbers_of_a_published_course():
    layer, model = placed(Conv2d(3, 3, 4, stride=2, padding=1))
    layer.weight[...] = np.linspace(-0.2, 0.3, 144).reshape(3, 3, 4, 4)
    layer.bias[...] = np.linspace(-0.1, 0.2, 3)
    z = model.forward(np.linspace(-0.1, 0.5, 96).reshape(2, 3, 4, 4))
    first = [-0.08759809, -0.10987781, -0.18387192, -0.2109216]
    assert z.ravel()[:4] == pytest.approx(first, abs=1e-8)
    assert z.ravel()[-1] == pytest.approx(2.38247847, abs=1e-8)

    pooled = MaxPool2d(2).forward(np.linspace(-0.3, 0.4, 96).reshape(2, 3, 4, 4))
    first = [-0.26315789, -0.24842105, -0.20421053, -0.18947368]
    assert pooled.ravel()[:4] == pytest.approx(first, abs=1e-8)


@given(settings_of_windows(), st.integers(0, 99))
def test_col2im_is_the_vjp_of_im2col(given_settings, seed):
    """<im2col(x), g> = <x, col2im(g)> for all x and g."""
    shape, kernel, stride, padding = given_settings
    x = pad(apart(shape, seed), padding)
    columns = im2col(x, kernel, stride)
    grad = apart(columns.shape, seed + 1)
    there, back = np.sum(columns * grad), np.sum(x * col2im(grad, x.shape, kernel, stride))
    assert there == pytest.approx(back, rel=1e-10, abs=1e-10)


def test_of_equal_numbers_the_first_gets_the_gradient():
    layer = MaxPool2d(2)
    layer.forward(np.zeros((1, 1, 2, 4)))
    assert layer.backward(np.array([[[[3.0, 5.0]]]])).tolist() == [[[[3, 0, 5, 0], [0, 0, 0, 0]]]]


def test_where_windows_overlap_gradients_add():
    layer = MaxPool2d(2, stride=1)
    layer.forward(np.array([[[[1.0, 9.0, 2.0], [0.0, 0.0, 0.0]]]]))
    assert layer.backward(np.array([[[[3.0, 5.0]]]])).tolist() == [[[[0, 8, 0], [0, 0, 0]]]]


def test_what_no_window_covers_gets_nothing():
    layer, model = placed(Conv2d(1, 1, 2, stride=2))
    model.forward(np.ones((1, 1, 5, 3)))
    grad_x = model.backward(np.ones((1, 1, 2, 1)), input_gradient=True)
    assert not grad_x[:, :, 4].any()
    assert not grad_x[:, :, :, 2].any()
    assert grad_x[:, :, :4, :2].all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_keeps_its_dtype_and_its_shapes(dtype):
    layers = [Conv2d(1, 4, 3, padding=1), MaxPool2d(2), Conv2d(4, 2, 3), Flatten()]
    model = Sequential(layers, np.random.default_rng(0), dtype)
    x = np.ones((5, 1, 8, 6), dtype)
    outputs = model.forward(x)
    assert (outputs.shape, outputs.dtype) == ((5, 4), dtype)
    grad_x = model.backward(np.ones((5, 4), dtype), input_gradient=True)
    assert (grad_x.shape, grad_x.dtype) == (x.shape, dtype)


def test_the_initializer_gets_the_numbers_of_a_window():
    asked = []

    def initializer(rng, fan_in, fan_out):
        asked.append((fan_in, fan_out))
        return np.arange(fan_in * fan_out, dtype=float).reshape(fan_in, fan_out)

    layer = Conv2d(2, 5, 3, initializer=initializer)
    Sequential([layer], np.random.default_rng(0))
    assert asked == [(18, 5)]
    assert layer.weight[1].ravel().tolist() == list(range(1, 90, 5))


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (Conv2d(3, 2, 3), (5, 1, 8, 8), r"x must have shape \(batch, 3, height, width\)"),
        (Conv2d(3, 2, 3), (5, 3, 8), r"x must have shape \(batch, 3, height, width\)"),
        (Conv2d(1, 2, 5, padding=1), (5, 1, 2, 8), "at least as large as the kernel, 5 by 5"),
        (MaxPool2d(2), (5, 8, 8), r"x must have shape \(batch, channels, height, width\)"),
        (MaxPool2d(3), (5, 1, 2, 8), "at least as large as the window, 3 by 3"),
    ],
)
def test_an_x_that_does_not_fit_is_refused(layer, shape, said):
    model = Sequential([layer], np.random.default_rng(0))
    with pytest.raises(ValueError, match=said):
        model.forward(np.ones(shape))


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: Conv2d(0, 1, 3), "in_channels"),
        (lambda: Conv2d(1, 2.5, 3), "out_channels"),
        (lambda: Conv2d(1, 1, 0), "kernel"),
        (lambda: Conv2d(1, 1, 3, stride=0), "stride"),
        (lambda: Conv2d(1, 1, 3, padding=-1), "padding"),
        (lambda: Conv2d(1, 1, 3, initializer=3), "initializer"),
        (lambda: MaxPool2d(0), "size"),
        (lambda: MaxPool2d(2, 0), "stride"),
    ],
)
def test_a_bad_argument_is_named(made, name):
    with pytest.raises((ValueError, TypeError), match=name):
        made()
