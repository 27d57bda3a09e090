"""Data sets for the chapters: drawn from a random generator, bundled, or downloaded on request.

Each bundled file has its license beside it. Only `mnist` uses the network.
"""

from coursepkg.datasets.bundled import digits, iris_petals
from coursepkg.datasets.fetched import mnist
from coursepkg.datasets.generated import line, moons, spirals, xor
from coursepkg.datasets.idx import read_idx

__all__ = ["digits", "iris_petals", "line", "mnist", "moons", "read_idx", "spirals", "xor"]
