"""Data sets for the chapters: drawn from a random generator, bundled, or downloaded on request.

Each bundled file has its license beside it. Only `mnist` and `fashion_mnist` use the network.
"""

from coursepkg.datasets.bundled import (
    FASHION_CLASSES,
    digits,
    fashion,
    first_names,
    iris_petals,
    review_sentences,
)
from coursepkg.datasets.fetched import fashion_mnist, mnist
from coursepkg.datasets.generated import adding_problem, line, moons, spirals, xor
from coursepkg.datasets.idx import read_idx

__all__ = [
    "FASHION_CLASSES", "adding_problem", "digits", "fashion", "fashion_mnist", "first_names",
    "iris_petals", "line", "mnist", "moons", "read_idx", "review_sentences", "spirals", "xor",
]  # fmt: skip
