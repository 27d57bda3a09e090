"""Wrong answers to exercises 10 that are not in the bank; see test_unseen_mistakes.py."""

import numpy as np


def running_statistics__variance_around_running_mean(
    x, running_mean, running_var, momentum, framework
):
    """The deviations are taken from the (new) running mean, not from the batch's mean."""
    n = x.shape[0]
    if framework == "PyTorch":
        running_mean = (1 - momentum) * running_mean + momentum * np.mean(x, axis=0)
        var = np.sum((x - running_mean) ** 2, axis=0) / (n - 1)
        running_var = (1 - momentum) * running_var + momentum * var
    else:
        running_mean = momentum * running_mean + (1 - momentum) * np.mean(x, axis=0)
        var = np.sum((x - running_mean) ** 2, axis=0) / n
        running_var = momentum * running_var + (1 - momentum) * var
    return running_mean, running_var


POINTING = {}
