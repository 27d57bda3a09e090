"""Answers that examine a backward pass, which is given to them as a function."""

import numpy as np

# Slopes of both signs, the largest of them negative.
WEIGHT = np.array([[0.5, -2.0, 0.25], [0.75, -1.0, 1.25], [-1.5, -2.5, 1.0]])


def backward_of(sees):
    """The backward pass of a layer that mixes positions, as a function of grad_y alone.

    y_s = Σ_t share(s, t) x_t @ weight, where the share is 2 to the power t - s, and 0 unless
    sees(s, t). x, y, grad_y, grad_x: (time, features), with up to three features.
    """

    def backward(grad_y):
        time, features = np.shape(grad_y)
        s, t = np.indices((time, time))
        share = sees(s, t) * 2.0 ** (t - s)
        return share.T @ grad_y @ WEIGHT[:features, :features].T

    return backward


BACKWARD = {
    "of_a_causal_layer": backward_of(lambda s, t: t <= s),
    "of_a_layer_without_mask": backward_of(lambda s, t: t == t),
    "of_a_mask_one_too_far": backward_of(lambda s, t: t <= s + 1),
    "of_a_mask_turned_round": backward_of(lambda s, t: t >= s),
    "of_a_mask_without_diagonal": backward_of(lambda s, t: t < s),
    "of_a_far_leak": backward_of(lambda s, t: (t <= s) | (t == s + 2)),
}


def call_with_backward(answer, arguments):
    """answer(backward, ...), where the first argument of the case names the backward pass."""
    name, *others = arguments.values()
    return answer(BACKWARD[name], *others)
