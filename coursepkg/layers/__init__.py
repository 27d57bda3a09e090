"""Layers, one family a file; coursepkg.model.Sequential gives them their storage."""

from coursepkg.layers.activation import Activation
from coursepkg.layers.attention import SelfAttention, transformer_block
from coursepkg.layers.convolution import Conv2d
from coursepkg.layers.dropout import Dropout
from coursepkg.layers.embedding import Embedding, Positions
from coursepkg.layers.gated import GRU, LSTM
from coursepkg.layers.linear import Linear
from coursepkg.layers.normalization import BatchNorm, LayerNorm
from coursepkg.layers.pooling import Flatten, MaxPool2d
from coursepkg.layers.recurrent import RNN
from coursepkg.layers.residual import Residual
from coursepkg.layers.sequence import LastStep, MeanOverTime

__all__ = [
    "Activation", "BatchNorm", "Conv2d", "Dropout", "Embedding", "Flatten", "GRU", "LSTM",
    "LastStep", "LayerNorm", "Linear", "MaxPool2d", "MeanOverTime", "Positions", "RNN",
    "Residual", "SelfAttention", "transformer_block",
]  # fmt: skip
