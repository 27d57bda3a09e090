"""Training a model: the loop, its parts, and saving what it reached."""

from coursepkg.training.loop import Diverged, fit, train_step
from coursepkg.training.parts import (
    EarlyStopping,
    History,
    accuracy,
    clip_by_global_norm,
    minibatches,
)

__all__ = [
    "Diverged", "EarlyStopping", "History", "accuracy", "clip_by_global_norm", "fit",
    "minibatches", "train_step",
]  # fmt: skip
