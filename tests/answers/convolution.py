"""Right answers to exercises 11 in other styles, and the mutants that are right as well."""

import itertools

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def output_size__counted(size, kernel, stride, padding):
    return len(range(0, size + 2 * padding - kernel + 1, stride))


def output_size__sliding(size, kernel, stride, padding):
    count = left = 0
    while left + kernel <= padding + size + padding:
        count, left = count + 1, left + stride
    return count


def output_size__floor(size, kernel, stride, padding):
    return int(np.floor((size + 2 * padding - kernel) / stride)) + 1


def output_size__float(size, kernel, stride, padding):
    return np.floor((size - kernel + 2 * padding + stride) / stride)


def correlate__numpy(x, weight, bias, stride):
    return np.correlate(x, weight, mode="valid")[::stride] + bias


def correlate__convolve(x, weight, bias, stride):
    return bias + np.convolve(x, weight[::-1], "valid")[::stride]


def correlate__windows(x, weight, bias, stride):
    return sliding_window_view(x, len(weight))[::stride] @ weight + bias


def correlate__plain_loops(x, weight, bias, stride):
    z = []
    for start in range(0, len(x) - len(weight) + 1, stride):
        total = bias
        for i in range(len(weight)):
            total += weight[i] * x[start + i]
        z.append(total)
    return np.array(z)


def correlate__by_weight(x, weight, bias, stride):
    """A sum over the weights, each with all windows at once."""
    outputs = (len(x) - len(weight)) // stride + 1
    z = np.full(outputs, bias)
    for i, w in enumerate(weight):
        z += w * x[i : i + stride * outputs : stride]
    return z


def correlate__float32(x, weight, bias, stride):
    x, weight = x.astype(np.float32), weight.astype(np.float32)
    return np.correlate(x, weight)[::stride] + np.float32(bias)


def correlate_backward__plain_loops(grad_z, x, weight, stride):
    grad_x, grad_weight, grad_bias = 0 * x, 0 * weight, 0
    for r, grad in enumerate(grad_z):
        grad_bias += grad
        for i in range(len(weight)):
            grad_x[stride * r + i] += grad * weight[i]
            grad_weight[i] += grad * x[stride * r + i]
    return grad_x, grad_weight, grad_bias


def correlate_backward__spread_out(grad_z, x, weight, stride):
    """grad_z with stride - 1 zeros between its numbers; then a full convolution."""
    spread = np.zeros(len(x) - len(weight) + 1)
    spread[: stride * len(grad_z) : stride] = grad_z
    grad_x = np.convolve(spread, weight, "full")
    return grad_x, np.correlate(x, spread, "valid"), np.sum(grad_z)


def correlate_backward__matrix(grad_z, x, weight, stride):
    """Forward is a product with a matrix, and backward one with its transpose."""
    matrix = np.zeros((len(grad_z), len(x)))
    for r, row in enumerate(matrix):
        row[r * stride : r * stride + len(weight)] = weight
    windows = sliding_window_view(x, len(weight))[::stride]
    return grad_z @ matrix, windows.T @ grad_z, grad_z @ np.ones_like(grad_z)


def correlate_backward__float32(grad_z, x, weight, stride):
    grad_z, x, weight = (each.astype(np.float32) for each in (grad_z, x, weight))
    places = stride * np.arange(len(grad_z))[:, None] + np.arange(len(weight))
    grad_x = np.zeros_like(x)
    np.add.at(grad_x, places, np.outer(grad_z, weight))
    return grad_x, (grad_z[:, None] * x[places]).sum(0), grad_z.sum()


def pad__numpy(x, padding):
    frame = [(0, 0), (0, 0), (padding, padding), (padding, padding)]

    def vjp(grad_y):
        *_, height, width = grad_y.shape
        return grad_y[..., padding : height - padding, padding : width - padding].copy()

    return np.pad(x, frame), vjp


def pad__concatenated(x, padding):
    batch, channels, height, width = x.shape
    side = np.zeros((batch, channels, height, padding))
    wide = np.concatenate([side, x, side], axis=-1)
    lid = np.zeros((batch, channels, padding, width + 2 * padding))

    def vjp(grad_y):
        grad_x = np.empty(x.shape)
        for h, w in np.ndindex(height, width):
            grad_x[:, :, h, w] = grad_y[:, :, h + padding, w + padding]
        return grad_x

    return np.concatenate([lid, wide, lid], axis=-2), vjp


def pad__zero_apart(x, padding):
    inner = slice(padding, -padding) if padding else slice(None)
    y = np.zeros(x.shape[:2] + tuple(n + 2 * padding for n in x.shape[2:]), dtype=np.float32)
    y[..., inner, inner] = x
    return y, lambda grad_y: grad_y[..., inner, inner]


def conv2d__im2col(x, weight, bias, stride, padding):
    """As in the chapter: one matrix product over all windows."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    filters, channels, kernel, _ = weight.shape
    windows = sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]
    batch, _, rows, columns, _, _ = windows.shape
    matrix = windows.transpose(0, 2, 3, 1, 4, 5).reshape(batch * rows * columns, -1)
    z = matrix @ weight.reshape(filters, -1).T + bias
    return z.reshape(batch, rows, columns, filters).transpose(0, 3, 1, 2)


def conv2d__plain_loops(x, weight, bias, stride, padding):
    """Seven loops, and a pixel outside of the picture is left out."""
    batch, channels, height, width = x.shape
    filters, _, kernel, _ = weight.shape
    rows = 1 + (height + 2 * padding - kernel) // stride
    columns = 1 + (width + 2 * padding - kernel) // stride
    z = np.zeros((batch, filters, rows, columns))
    for b, o, r, c in np.ndindex(z.shape):
        z[b, o, r, c] = bias[o]
        for k, i, j in np.ndindex(channels, kernel, kernel):
            h, w = stride * r + i - padding, stride * c + j - padding
            if 0 <= h < height and 0 <= w < width:
                z[b, o, r, c] += weight[o, k, i, j] * x[b, k, h, w]
    return z


def conv2d__by_weight(x, weight, bias, stride, padding):
    """A sum over the places of the kernel, each with all windows at once."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kernel = weight.shape[-1]
    rows, columns = ((n - kernel) // stride + 1 for n in x.shape[2:])
    z = np.zeros((len(x), len(weight), rows, columns)) + bias.reshape(1, -1, 1, 1)
    for i, j in itertools.product(range(kernel), repeat=2):
        there = x[:, :, i : i + stride * rows : stride, j : j + stride * columns : stride]
        z += np.tensordot(weight[:, :, i, j], there, (1, 1)).swapaxes(0, 1)
    return z


def conv2d__stride_last(x, weight, bias, stride, padding):
    """Every window, and then only one in `stride`."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))).astype(np.float32)
    windows = sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    z = np.einsum("bcrsij,ocij->bors", windows, weight.astype(np.float32))
    return (z + bias[:, None, None])[..., ::stride, ::stride]


def max_pool__strided(x, size, stride):
    return sliding_window_view(x, (size, size), (2, 3))[:, :, ::stride, ::stride].max((4, 5))


def max_pool__plain_loops(x, size, stride):
    batch, channels, height, width = x.shape
    shape = batch, channels, 1 + (height - size) // stride, 1 + (width - size) // stride
    y = np.full(shape, -np.inf)
    for b, k, r, c in np.ndindex(shape):
        for h in range(stride * r, stride * r + size):
            for w in range(stride * c, stride * c + size):
                if x[b, k, h, w] > y[b, k, r, c]:
                    y[b, k, r, c] = x[b, k, h, w]
    return y


def max_pool__by_place(x, size, stride):
    """As in the package: the places of the window, each with all windows at once."""
    rows, columns = ((n - size) // stride + 1 for n in x.shape[2:])
    y = None
    for i, j in np.ndindex(size, size):
        there = x[:, :, i : i + stride * rows : stride, j : j + stride * columns : stride]
        y = there if y is None else np.maximum(y, there)
    return y.astype(np.float32)


def max_pool__rows_then_columns(x, size, stride):
    """A maximum of maxima."""
    for _ in range(2):
        lines = [
            x[:, :, top : top + size].max(axis=2) for top in range(0, x.shape[2] - size + 1, stride)
        ]
        x = np.stack(lines, axis=3)  # the rows are last now, and the columns come next
    return x


def max_pool_backward__plain_loops(grad_y, x, size, stride):
    grad_x = np.zeros_like(x)
    for b, k, r, c in itertools.product(*map(range, grad_y.shape)):
        best, place = -np.inf, None
        for h in range(stride * r, stride * r + size):
            for w in range(stride * c, stride * c + size):
                if x[b, k, h, w] > best:
                    best, place = x[b, k, h, w], (b, k, h, w)
        grad_x[place] += grad_y[b, k, r, c]
    return grad_x


def max_pool_backward__by_place(grad_y, x, size, stride):
    """As in the package: the first largest place of each window is remembered."""
    rows, columns = grad_y.shape[2:]
    largest, grad_x = np.full(grad_y.shape, -np.inf), np.zeros(x.shape)
    where = np.zeros(grad_y.shape, dtype=int)
    places = [
        (..., slice(i, i + stride * rows, stride), slice(j, j + stride * columns, stride))
        for i, j in np.ndindex(size, size)
    ]
    for number, place in enumerate(places):
        where[x[place] > largest] = number
        largest = np.maximum(largest, x[place])
    for number, place in enumerate(places):
        grad_x[place] += np.where(where == number, grad_y, 0)
    return grad_x


def max_pool_backward__strides(grad_y, x, size, stride):
    """A window view of the gradient, into which `np.add.at` adds."""
    grad_x = np.zeros(x.shape, dtype=np.float32)
    batch, channels, rows, columns = grad_y.shape
    down, across = grad_x.strides[2:]
    windows = as_strided(
        grad_x, (*grad_y.shape, size, size),
        (*grad_x.strides[:2], stride * down, stride * across, down, across),
    )  # fmt: skip
    seen = sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    i, j = np.divmod(seen.reshape(*grad_y.shape, -1).argmax(axis=-1), size)
    for b, k, r, c in np.ndindex(grad_y.shape):
        windows[b, k, r, c, i[b, k, r, c], j[b, k, r, c]] += grad_y[b, k, r, c]
    return grad_x


def max_pool_backward__broken_ties(grad_y, x, size, stride):
    """Of the places that equal the maximum the first one is kept, by counting them."""
    grad_x = np.zeros(x.shape)
    for r, c in np.ndindex(grad_y.shape[2:]):
        here = (..., slice(stride * r, stride * r + size), slice(stride * c, stride * c + size))
        window = x[here]
        equal = (window == window.max((2, 3), keepdims=True)).reshape(*window.shape[:2], -1)
        first = equal & (np.cumsum(equal, axis=-1) == 1)
        grad_x[here] += first.reshape(window.shape) * grad_y[:, :, r : r + 1, c : c + 1]
    return grad_x


def conv2d_backward__im2col(grad_z, x, weight, stride, padding):
    """As in the package: matrix products, and columns back to pixels."""
    batch, filters, rows, columns = grad_z.shape
    _, channels, kernel, _ = weight.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (kernel, kernel), (2, 3))[:, :, ::stride, ::stride]
    grad_weight = np.tensordot(grad_z, windows, axes=[(0, 2, 3), (0, 2, 3)])
    grad_columns = np.tensordot(grad_z, weight, axes=(1, 0))  # (batch, rows, columns, c, i, j)
    grad_padded = np.zeros(padded.shape)
    for i, j in np.ndindex(kernel, kernel):
        there = (..., slice(i, i + stride * rows, stride), slice(j, j + stride * columns, stride))
        grad_padded[there] += grad_columns[..., i, j].transpose(0, 3, 1, 2)
    height, width = x.shape[2:]
    grad_x = grad_padded[:, :, padding:, padding:][:, :, :height, :width]
    return grad_x, grad_weight, grad_z.sum((0, 2, 3))


def conv2d_backward__plain_loops(grad_z, x, weight, stride, padding):
    """A pixel outside of the picture is left out, forward and backward."""
    _, channels, height, width = x.shape
    kernel = weight.shape[2]
    grad_x, grad_weight, grad_bias = np.zeros_like(x), np.zeros_like(weight), [0] * len(weight)
    for (b, o, r, c), grad in np.ndenumerate(grad_z):
        grad_bias[o] += grad
        for i, j in np.ndindex(kernel, kernel):
            h, w = stride * r + i - padding, stride * c + j - padding
            if 0 <= h < height and 0 <= w < width:
                grad_x[b, :, h, w] += grad * weight[o, :, i, j]
                grad_weight[o, :, i, j] += grad * x[b, :, h, w]
    return grad_x, grad_weight, np.array(grad_bias)


def conv2d_backward__spread_out(grad_z, x, weight, stride, padding):
    """grad_z with zeros between its numbers, correlated with the flipped kernels."""
    kernel, (height, width) = weight.shape[-1], x.shape[2:]
    shape = [n + 2 * padding - kernel + 1 for n in (height, width)]
    spread = np.zeros((*grad_z.shape[:2], *shape), dtype=np.float32)
    spread[:, :, ::stride, ::stride] = grad_z
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))).astype(np.float32)
    seen = sliding_window_view(x, shape, axis=(2, 3))
    grad_weight = np.einsum("bors,bcijrs->ocij", spread, seen)
    edge = kernel - 1
    full = np.pad(spread, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
    seen = sliding_window_view(full, (kernel, kernel), axis=(2, 3))
    grad_x = np.einsum("bohwij,ocij->bchw", seen, weight[:, :, ::-1, ::-1])
    down, across = slice(padding, padding + height), slice(padding, padding + width)
    return grad_x[:, :, down, across], grad_weight, spread.sum(axis=(0, 2, 3))


def conv2d_backward__picture_by_picture(grad_z, x, weight, stride, padding):
    kernel = weight.shape[-1]
    grad_weight, grad_bias, grads = np.zeros(weight.shape), np.zeros(len(weight)), []
    for picture, grad_picture in zip(x, grad_z, strict=True):
        padded = np.pad(picture, ((0, 0), (padding,) * 2, (padding,) * 2))
        grad_padded = np.zeros_like(padded)
        for o, grad_map in enumerate(grad_picture):
            for (r, c), grad in np.ndenumerate(grad_map):
                top, left = r * stride, c * stride
                here = (slice(None), slice(top, top + kernel), slice(left, left + kernel))
                grad_padded[here] += weight[o] * grad
                grad_weight[o] += padded[here] * grad
            grad_bias[o] += grad_map.sum()
        rows, columns = padded.shape[1:]
        grads.append(grad_padded[:, padding : rows - padding, padding : columns - padding])
    return np.stack(grads), grad_weight, grad_bias


ANY_ORDER = "the axes of a sum or a maximum may come in any order"
LARGEST = "y[:, :, r, c] = window.max(axis={})"
BIAS = "grad_bias = grad_z.sum(axis=(0, 2, 3)) -> grad_bias = grad_z.sum(axis={})"
EQUIVALENT = {
    "max_pool": {
        f"{LARGEST.format((2, 3))} -> {LARGEST.format((3, 2))}": ANY_ORDER,
    },
    "conv2d_backward": {
        BIAS.format((2, 0, 3)): ANY_ORDER,
        BIAS.format((0, 3, 2)): ANY_ORDER,
    },
}
