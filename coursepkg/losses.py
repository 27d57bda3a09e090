"""Losses: each takes outputs and targets and returns (loss, vjp).

`loss` is one number, the mean over everything in the batch. `vjp(grad_loss=1.0)` returns the
gradient with respect to the outputs, of their shape.
"""

import numpy as np

from coursepkg.arguments import finite_array, real_number


def mean_squared_error(prediction, targets):
    """loss = mean((prediction - targets)²),  dloss/dprediction = 2/n (prediction - targets).

    prediction, targets: the same shape, n numbers in all, at least one; targets in the unit of
    prediction, the loss in that unit squared. No factor ½, as in PyTorch and Keras. TypeError if
    they are not numeric; ValueError on other shapes, an empty batch, NaN or infinity.
    Source: Legendre (1805), Gauss (1809).
    """
    prediction = finite_array(prediction, "prediction")
    targets = finite_array(targets, "targets", shape=prediction.shape)
    if prediction.size == 0:
        raise ValueError("prediction must hold at least one number, got an empty batch")
    residual = prediction - targets
    loss = np.mean(residual**2)

    def vjp(grad_loss=1.0):
        grad_loss = real_number(grad_loss, "grad_loss")
        return grad_loss * 2 / residual.size * residual

    return loss, vjp
