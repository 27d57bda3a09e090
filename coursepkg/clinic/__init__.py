"""The clinic of chapter 06: correct networks, and mistakes that change a line or two of them."""

from coursepkg.clinic.mistakes import MISTAKES, NAMES, TrainingMistake, WrongStep, early_update
from coursepkg.clinic.networks import (
    adam,
    descent,
    flowers,
    fused,
    momentum,
    network,
    shared,
    squared,
    start,
)
from coursepkg.clinic.tools import TOLERANCE, GradientReport, change, examine, step_of, story, train

__all__ = [
    "MISTAKES", "NAMES", "TOLERANCE", "GradientReport", "TrainingMistake", "WrongStep", "adam",
    "change", "descent", "early_update", "examine", "flowers", "fused", "momentum", "network",
    "shared", "squared", "start", "step_of", "story", "train",
]  # fmt: skip
