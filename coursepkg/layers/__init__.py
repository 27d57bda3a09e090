"""Layers, one family a file; coursepkg.model.Sequential gives them their storage."""

from coursepkg.layers.activation import Activation
from coursepkg.layers.convolution import Conv2d
from coursepkg.layers.dropout import Dropout
from coursepkg.layers.linear import Linear
from coursepkg.layers.normalization import BatchNorm
from coursepkg.layers.pooling import Flatten, MaxPool2d
from coursepkg.layers.residual import Residual

__all__ = [
    "Activation", "BatchNorm", "Conv2d", "Dropout", "Flatten", "Linear", "MaxPool2d", "Residual",
]  # fmt: skip
