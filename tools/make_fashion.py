"""Make coursepkg/datasets/fashion.png from the four files of Fashion-MNIST.

    python tools/make_fashion.py FOLDER          the files of Fashion-MNIST are in FOLDER

The first 500 images of each class of the training part and the first 100 of the test part, in the
order of the files and in turn: one of class 0, one of class 1, up to class 9, then the next ten.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from coursepkg.datasets import fashion_mnist

BUNDLED = Path(__file__).resolve().parent.parent / "coursepkg" / "datasets" / "fashion.png"


def first_of_each(images, labels, count):
    """The first `count` images of each class, the ten classes in turn: (10 count, 28, 28)."""
    places = [np.flatnonzero(labels == label)[:count] for label in range(10)]
    return images[np.column_stack(places).ravel()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where the four files are")
    folder = parser.parse_args().folder
    parts = [("train", 500), ("test", 100)]
    chosen = [first_of_each(*fashion_mnist(part, folder), count) for part, count in parts]
    pixels = np.rint(255 * np.concatenate(chosen)).astype(np.uint8)
    sheet = pixels.reshape(60, 100, 28, 28).swapaxes(1, 2).reshape(60 * 28, 100 * 28)
    Image.fromarray(sheet).save(BUNDLED, optimize=True)


if __name__ == "__main__":
    main()
