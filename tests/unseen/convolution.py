"""Wrong answers to exercises 11 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def correlate__partial_windows_kept(x, weight, bias, stride):
    """Starts a window at every step up to the end of x; the last ones are cut short, not left out."""
    z = []
    for start in range(0, len(x), stride):
        window = x[start : start + len(weight)]
        z.append(sum(w * p for w, p in zip(weight, window)) + bias)
    return np.array(z)


def pad__crop_ends_at_the_old_height(x, padding):
    """Crops with [p:h] instead of [p:p+h], which loses the last rows and columns."""
    b, c, h, w = x.shape
    y = np.zeros((b, c, h + 2 * padding, w + 2 * padding))
    y[:, :, padding : padding + h, padding : padding + w] = x
    vjp = lambda grad_y: grad_y[:, :, padding:h, padding:w].copy()
    return y, vjp


POINTING = {}
