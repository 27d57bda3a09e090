"""Real data sets that come with the package; source and licence lie beside each file."""

import csv
from importlib.resources import files

import numpy as np


def iris_petals():
    """Petals of 150 iris flowers, 50 of each of three species.

    Returns length and width in centimetres, float64 of shape (150,), and species, an array of
    150 names. Measured by Anderson (1935), published by Fisher (1936); iris_petals.md names the
    licence.
    """
    text = files(__package__).joinpath("iris_petals.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    length = np.array([float(row["petal_length_cm"]) for row in rows])
    width = np.array([float(row["petal_width_cm"]) for row in rows])
    return length, width, np.array([row["species"] for row in rows])
