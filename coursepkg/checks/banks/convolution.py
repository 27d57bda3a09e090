"""Exercises 11: output sizes, cross-correlation in one and two dimensions, padding, max pooling."""

import numpy as np

from coursepkg.checks.question import question
from coursepkg.checks.running import use


def windows_that_fit(rng):
    """size, kernel, stride, padding, with and without a rest."""
    return {
        "one step at a time": (5, 3, 1, 0),
        "steps of two": (7, 3, 2, 0),
        "steps of two, a rest of one": (8, 3, 2, 0),
        "padded, steps of three, a rest of two": (10, 4, 3, 1),
        "padded, the size stays": (28, 5, 1, 2),
        "padded, steps of four": (12, 5, 4, 3),
        "steps wider than the kernel": (11, 2, 5, 0),
        "steps of four, a rest of three": (int(rng.integers(8, 20)) * 4 + 1, 6, 4, 2),
    }


@question(windows_that_fit)
def output_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


def signals(rng):
    """A row of numbers, a kernel, a bias and a stride."""

    def drawn(length, kernel, stride):
        return (rng.normal(0, 1, length), rng.normal(0, 1, kernel), rng.normal(1, 0.3), stride)

    return {
        "three numbers, two weights": ([1.0, 2.0, 4.0], [3.0, -1.0], 0.5, 1),
        "stride 2": ([1.0, -2.0, 3.0, 0.0, 2.0], [2.0, -1.0, 1.0], 1.0, 2),
        "stride 2, a rest of one": drawn(8, 3, 2),
        "stride 3, wider than the kernel": drawn(8, 2, 3),
        "stride 2, four weights, a rest of one": drawn(11, 4, 2),
    }


@question(signals)
def correlate(x, weight, bias, stride):
    kernel = len(weight)
    outputs = (len(x) - kernel) // stride + 1
    z = np.empty(outputs)
    for r in range(outputs):
        window = x[stride * r : stride * r + kernel]
        z[r] = (window * weight).sum() + bias
    return z


def signals_with_gradients(rng):
    """The same without the bias, and the gradient that arrives."""

    def drawn(length, kernel, stride):
        outputs = (length - kernel) // stride + 1
        return (rng.normal(0.5, 1, outputs), rng.normal(0, 1, length), rng.normal(0, 1, kernel),
                stride)  # fmt: skip

    return {
        "two windows": ([1.0, 10.0], [1.0, 2.0, 4.0], [3.0, -1.0], 1),
        "stride 2": ([1.0, 10.0], [1.0, -2.0, 3.0, 0.0, 2.0], [2.0, -1.0, 1.0], 2),
        "stride 2, a rest of one": drawn(8, 3, 2),
        "stride 3, wider than the kernel": drawn(8, 2, 3),
        "stride 2, four weights, a rest of one": drawn(11, 4, 2),
    }


@question(signals_with_gradients)
def correlate_backward(grad_z, x, weight, stride):
    grad_x, grad_weight = np.zeros(len(x)), np.zeros(len(weight))
    for r in range(len(grad_z)):
        window = slice(stride * r, stride * r + len(weight))
        grad_x[window] += grad_z[r] * weight
        grad_weight += grad_z[r] * x[window]
    grad_bias = grad_z.sum()
    return grad_x, grad_weight, grad_bias


def framed_pictures(rng):
    """Pictures, the padding, and a gradient for the padded pictures."""

    def drawn(batch, channels, height, width, padding):
        framed = (batch, channels, height + 2 * padding, width + 2 * padding)
        return {"x": rng.normal(0, 1, (batch, channels, height, width)), "padding": padding,
                "grad_y": rng.normal(0, 1, framed)}  # fmt: skip

    numbered = np.arange(1.0, 13).reshape(1, 1, 3, 4)
    return {
        "one row of two pixels": {"x": [[[[5.0, 7.0]]]], "padding": 1, "grad_y": numbered},
        "no padding": drawn(1, 2, 2, 3, 0),
        "two pixels wide": drawn(1, 2, 3, 4, 2),
        "two pictures, three channels": drawn(2, 3, 4, 3, 1),
    }


@question(framed_pictures, use=use.value_and_vjp)
def pad(x, padding):
    batch, channels, height, width = x.shape
    y = np.zeros((batch, channels, height + 2 * padding, width + 2 * padding))
    down, across = slice(padding, padding + height), slice(padding, padding + width)
    y[:, :, down, across] = x

    def vjp(grad_y):
        return grad_y[:, :, down, across]

    return y, vjp


GEOMETRIES = {  # shape of x, filters, kernel, stride, padding
    "padding 1": ((1, 1, 2, 3), 2, 3, 1, 1),
    "two pictures, stride 2, a rest": ((2, 2, 4, 7), 3, 3, 2, 0),
    "stride 2, padding 1, a rest": ((2, 3, 6, 5), 2, 3, 2, 1),
    "stride 3, padding 2, a rest": ((3, 2, 5, 8), 4, 4, 3, 2),
}
SMALL = [[[[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]]]], [[[[1.0, -1.0], [2.0, 0.5]]]]
IN_TWO_CHANNELS = (
    [[[[1.0, 2.0], [0.0, 1.0], [2.0, 0.0]], [[3.0, 0.0], [1.0, 1.0], [0.0, 2.0]]]],
    [[[[1.0, 0.0], [2.0, -1.0]], [[2.0, 1.0], [0.0, 1.0]]]],
)


def pictures(rng):
    def drawn(shape, filters, kernel, stride, padding):
        weight = rng.normal(0, 1, (filters, shape[1], kernel, kernel))
        return (rng.normal(0.3, 1, shape), weight, rng.normal(1, 0.3, filters), stride, padding)

    return {
        "2 × 3 pixels": (*SMALL, [0.5], 1, 0),
        "two channels": (*IN_TWO_CHANNELS, [1.0], 1, 0),
        **{label: drawn(*geometry) for label, geometry in GEOMETRIES.items()},
    }


@question(pictures)
def conv2d(x, weight, bias, stride, padding):
    batch, _, height, width = x.shape
    filters, _, kernel, _ = weight.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (height + 2 * padding - kernel) // stride + 1
    columns = (width + 2 * padding - kernel) // stride + 1
    z = np.empty((batch, filters, rows, columns))
    for r in range(rows):
        for c in range(columns):
            top, left = stride * r, stride * c
            window = x[:, :, top : top + kernel, left : left + kernel]
            z[:, :, r, c] = np.einsum("bcij,ocij->bo", window, weight) + bias
    return z


def pools(rng):
    """Pictures with the size and the stride of the windows; in some all numbers are negative."""

    def drawn(shape, size, stride, mean=0.0):
        return (rng.normal(mean, 1, shape), size, stride)

    negative = [[[[-3.0, -1.0, -4.0, -2.0], [-5.0, -6.0, -7.0, -9.0]]]]
    return {
        "overlapping, 2 × 3 pixels": ([[[[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]]]], 2, 1),
        "all negative": (negative, 2, 2),
        "a rest of one row": drawn((1, 2, 5, 6), 2, 2),
        "overlapping, a rest of one row": drawn((2, 3, 6, 9), 3, 2),
        "overlapping, all negative": drawn((2, 1, 5, 8), 3, 2, mean=-6),
        "stride wider than the window": drawn((2, 2, 7, 5), 2, 3),
    }


@question(pools)
def max_pool(x, size, stride):
    batch, channels, height, width = x.shape
    rows = (height - size) // stride + 1
    columns = (width - size) // stride + 1
    y = np.empty((batch, channels, rows, columns))
    for r in range(rows):
        for c in range(columns):
            top, left = stride * r, stride * c
            window = x[:, :, top : top + size, left : left + size]
            y[:, :, r, c] = window.max(axis=(2, 3))
    return y


def pools_with_gradients(rng):
    """The gradient that arrives, what was pooled, size and stride; with ties and without."""

    def case(x, size, stride):
        rows, columns = ((n - size) // stride + 1 for n in x.shape[2:])
        return (rng.normal(0.5, 1, (*x.shape[:2], rows, columns)), x, size, stride)

    def drawn(shape, size, stride, mean=0.0):
        return case(rng.normal(mean, 1, shape), size, stride)

    ink = np.array([[[[0.0, 3.0, 1.0, 2.0], [3.0, 0.0, 2.0, 2.0], [3.0, 1.0, 2.0, 0.0]]]])
    return {
        "one pixel in two windows": ([[[[1.0, 10.0]]]], [[[[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]]]],
                                     2, 1),
        "blank paper": ([[[[1.0, 10.0]]]], np.zeros((1, 1, 2, 3)), 2, 1),
        "ties": case(ink, 2, 1),
        "a rest of one row": drawn((1, 2, 5, 6), 2, 2),
        "overlapping, a rest of one row": drawn((2, 3, 6, 9), 3, 2),
        "overlapping, all negative": drawn((3, 2, 5, 7), 3, 2, mean=-6),
        "stride wider than the window": drawn((2, 2, 7, 5), 2, 3),
    }  # fmt: skip


@question(pools_with_gradients)
def max_pool_backward(grad_y, x, size, stride):
    grad_x = np.zeros(x.shape)
    for b, channel, r, c in np.ndindex(grad_y.shape):
        top, left = stride * r, stride * c
        window = x[b, channel, top : top + size, left : left + size]
        i, j = np.unravel_index(window.argmax(), window.shape)
        grad_x[b, channel, top + i, left + j] += grad_y[b, channel, r, c]
    return grad_x


def pictures_with_gradients(rng):
    """The gradient that arrives, x, weight, stride and padding."""

    def drawn(shape, filters, kernel, stride, padding):
        rows, columns = ((n + 2 * padding - kernel) // stride + 1 for n in shape[2:])
        return (rng.normal(0.3, 1, (shape[0], filters, rows, columns)), rng.normal(0.3, 1, shape),
                rng.normal(0, 1, (filters, shape[1], kernel, kernel)), stride, padding)  # fmt: skip

    return {
        "2 × 3 pixels": ([[[[1.0, 10.0]]]], *SMALL, 1, 0),
        "two channels": ([[[[1.0], [10.0]]]], *IN_TWO_CHANNELS, 1, 0),
        **{label: drawn(*geometry) for label, geometry in GEOMETRIES.items()},
    }


@question(pictures_with_gradients)
def conv2d_backward(grad_z, x, weight, stride, padding):
    _, _, rows, columns = grad_z.shape
    _, _, height, width = x.shape
    _, _, kernel, _ = weight.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    grad_x, grad_weight = np.zeros(x.shape), np.zeros(weight.shape)
    for r in range(rows):
        for c in range(columns):
            top, left = stride * r, stride * c
            down, across = slice(top, top + kernel), slice(left, left + kernel)
            grad = grad_z[:, :, r, c]
            grad_weight += np.einsum("bo,bcij->ocij", grad, x[:, :, down, across])
            grad_x[:, :, down, across] += np.einsum("bo,ocij->bcij", grad, weight)
    grad_x = grad_x[:, :, padding : padding + height, padding : padding + width]
    grad_bias = grad_z.sum(axis=(0, 2, 3))
    return grad_x, grad_weight, grad_bias
