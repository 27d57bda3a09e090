"""Data for the chapters: drawn from a generator that is passed in, bundled, or fetched on request.

What is bundled has its licence beside it; only `mnist` ever asks the network for anything.
"""

from coursepkg.datasets.bundled import digits, iris_petals
from coursepkg.datasets.fetched import mnist
from coursepkg.datasets.generated import line, moons, spirals, xor
from coursepkg.datasets.idx import read_idx

__all__ = ["digits", "iris_petals", "line", "mnist", "moons", "read_idx", "spirals", "xor"]
