"""Real data sets that come with the package; source and license are beside each file."""

import csv
from importlib.resources import files

import numpy as np
from PIL import Image

from coursepkg.datasets.fetched import check_dtype, check_part

FASHION_CLASSES = (
    "T-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


def iris_petals():
    """Petals of 150 iris flowers, 50 of each of three species.

    Returns length and width in centimeters, float64 of shape (150,), and species, an array of
    150 names. Measured by Anderson (1935), published by Fisher (1936); iris_petals.md names the
    license.
    """
    rows = list(csv.DictReader(_lines("iris_petals.csv")))
    length = np.array([float(row["petal_length_cm"]) for row in rows])
    width = np.array([float(row["petal_width_cm"]) for row in rows])
    return length, width, np.array([row["species"] for row in rows])


def digits():
    """Handwritten digits in 1,797 small images, 174 to 183 of each digit.

    Returns images, float64 of shape (1797, 8, 8), from 0 (paper) to 1 (ink), without a unit,
    and labels, int64 of shape (1797,), from 0 to 9. Collected by Alpaydin and Kaynak (1998);
    digits.md names the license.
    """
    table = np.loadtxt(_lines("digits.csv"), delimiter=",", skiprows=1)  # (1797, 65)
    return table[:, :64].reshape(-1, 8, 8) / 16, table[:, 64].astype(np.int64)


def fashion(part, dtype=np.float64):
    """Clothing in small images: 5,000 for the part "train" and 1,000 for "test".

    Returns images, of shape (n, 28, 28), from 0 (background) to 1, without a unit, and labels,
    int64 of shape (n,), from 0 to 9, which FASHION_CLASSES names. The classes come in turn, so
    that each ten images in a row are one of each class. dtype is that of the images, float64 or
    float32. ValueError for another part or dtype. A part of Fashion-MNIST, by Xiao, Rasul and
    Vollgraf (2017); fashion.md says which, and names the license.
    """
    check_part(part)
    check_dtype(dtype)
    with files(__package__).joinpath("fashion.png").open("rb") as file:
        sheet = np.asarray(Image.open(file))
    images = sheet.reshape(60, 28, 100, 28).swapaxes(1, 2).reshape(6000, 28, 28)
    images = images[:5000] if part == "train" else images[5000:]
    return np.divide(images, 255, dtype=dtype), np.arange(len(images)) % 10


def review_sentences():
    """Sentences from reviews of products, films and restaurants, 1,000 of each in this order.

    Returns sentences, a list of 3,000 str, and labels, int64 of shape (3000,), 1 for positive and
    0 for negative, half of each. Some sentences occur twice: where equal ones must stay together,
    `coursepkg.text.grouped_folds` splits them. Collected by Kotzias, Denil, de Freitas and Smyth
    (2015); reviews.md names the license.
    """
    rows = [line.split("\t") for line in _lines("reviews.tsv")[1:]]  # source, label, sentence
    return [row[2] for row in rows], np.array([int(row[1]) for row in rows], dtype=np.int64)


def first_names():
    """First names of at least 25 children born in the United States in 2017.

    Returns a list of 9,094 different str in alphabetical order, of 2 to 13 letters from a to z.
    Published by the U.S. Social Security Administration; names.md says how they were chosen.
    """
    return _lines("names.txt")


def _lines(name):
    return files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
