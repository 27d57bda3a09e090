"""Data sets for the chapters: drawn from a random generator, bundled, or downloaded on request.

Each bundled file has its license beside it. Only `mnist` and `fashion_mnist` use the network.
"""

from coursepkg.datasets.bundled import FASHION_CLASSES, digits, fashion, iris_petals
from coursepkg.datasets.fetched import fashion_mnist, mnist
from coursepkg.datasets.generated import line, moons, spirals, xor
from coursepkg.datasets.idx import read_idx

__all__ = [
    "FASHION_CLASSES", "digits", "fashion", "fashion_mnist", "iris_petals", "line", "mnist",
    "moons", "read_idx", "spirals", "xor",
]  # fmt: skip
