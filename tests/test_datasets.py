from pathlib import Path

import numpy as np
import pytest

import coursepkg.datasets
from coursepkg.datasets import iris_petals, line


def test_line_without_noise_is_a_line(rng):
    x, targets = line(rng, n=30, slope=-1.5, intercept=0.25, noise=0)
    assert x.shape == targets.shape == (30,)
    assert targets == pytest.approx(-1.5 * x + 0.25, rel=1e-14)
    assert (np.abs(x) <= 1).all()


def test_line_has_the_noise_it_promises(rng):
    n = 20_000
    x, targets = line(rng, n=n, slope=1, noise=0.2)
    residual = targets - x
    assert abs(residual.mean()) < 4 * 0.2 / np.sqrt(n)
    assert abs(residual.std() - 0.2) < 4 * 0.2 / np.sqrt(2 * n)


def test_the_same_seed_gives_the_same_points():
    first, second = (line(np.random.default_rng(3)) for _ in range(2))
    assert (first[0] == second[0]).all()
    assert (first[1] == second[1]).all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be at least 1, got 0"),
        ({"n": 2.0}, TypeError, "n must be a whole number"),
        ({"noise": -1}, ValueError, "noise must be at least 0"),
        ({"slope": np.inf}, ValueError, "slope must be finite"),
        ({"intercept": "0"}, TypeError, "intercept must be a number"),
    ],
)
def test_bad_arguments_are_refused_by_name(rng, options, error, message):
    with pytest.raises(error, match=message):
        line(rng, **options)


def test_line_wants_a_generator():
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        line(np.random.RandomState(0))


def test_iris_petals_are_those_of_fisher():
    length, width, species = iris_petals()
    assert length.dtype == width.dtype == np.float64
    assert len(length) == len(width) == len(species) == 150
    names, counts = np.unique(species, return_counts=True)
    assert names.tolist() == ["setosa", "versicolor", "virginica"]
    assert counts.tolist() == [50, 50, 50]
    # The means of Fisher's table I (1936), in centimetres.
    for name, mean_length, mean_width in [
        ("setosa", 1.462, 0.246),
        ("versicolor", 4.260, 1.326),
        ("virginica", 5.552, 2.026),
    ]:
        own = species == name
        assert length[own].mean() == pytest.approx(mean_length, abs=1e-9)
        assert width[own].mean() == pytest.approx(mean_width, abs=1e-9)


def test_the_least_squares_line_of_the_petals():
    length, width, _ = iris_petals()
    slope, intercept = np.polyfit(length, width, 1)
    assert (round(slope, 5), round(intercept, 5)) == (0.41576, -0.36308)


def test_each_bundled_file_has_its_licence_beside_it():
    folder = Path(coursepkg.datasets.__file__).parent
    for file in folder.glob("*.csv"):
        assert "Licence:" in file.with_suffix(".md").read_text(encoding="utf-8")
