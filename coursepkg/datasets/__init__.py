"""Data for the chapters: drawn from a generator that is passed in, or bundled with its licence."""

from coursepkg.datasets.bundled import iris_petals
from coursepkg.datasets.generated import line

__all__ = ["iris_petals", "line"]
