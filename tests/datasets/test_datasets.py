import time
from pathlib import Path

import numpy as np
import pytest

import coursepkg.datasets
from coursepkg.datasets import (
    FASHION_CLASSES,
    adding_problem,
    digits,
    fashion,
    iris_petals,
    line,
    moons,
    spirals,
    xor,
)


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


def test_xor_is_one_where_exactly_one_input_is():
    x, labels = xor()
    assert (x.dtype, labels.dtype) == (np.float64, np.int64)
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert labels.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("draw", [moons, spirals])
@pytest.mark.parametrize(("n", "counts"), [(2, [1, 1]), (7, [4, 3]), (200, [100, 100])])
def test_two_classes_are_balanced(draw, n, counts, rng):
    x, labels = draw(rng, n=n)
    assert (x.shape, x.dtype) == ((n, 2), np.float64)
    assert (labels.shape, labels.dtype) == ((n,), np.int64)
    assert np.bincount(labels).tolist() == counts


@pytest.mark.parametrize("draw", [moons, spirals])
def test_two_classes_come_shuffled_and_seeded(draw):
    (x, labels), (again, labels_again) = (draw(np.random.default_rng(3)) for _ in range(2))
    assert (x == again).all()
    assert (labels == labels_again).all()
    for step in (1, 2, 100):  # neither sorted nor in turn
        assert 0.3 < np.mean(labels[step:] == labels[:-step]) < 0.7
    other, _ = draw(np.random.default_rng(4))
    assert (x != other).all()


@pytest.mark.parametrize("draw", [moons, spirals])
def test_a_network_can_take_two_classes_as_they_are(draw, rng):
    x, _ = draw(rng, n=5000)
    assert np.abs(x.mean(axis=0)).max() < 0.1
    assert (np.abs(x) < 2).all()
    assert (x.std(axis=0) > 0.4).all()


@pytest.mark.parametrize("draw", [moons, spirals])
def test_two_classes_have_the_noise_they_promise(draw):
    n = 5000
    clean, _ = draw(np.random.default_rng(1), n=n, noise=0)
    noisy, _ = draw(np.random.default_rng(1), n=n, noise=0.2)
    residual = (noisy - clean).ravel()
    assert abs(residual.mean()) < 4 * 0.2 / np.sqrt(2 * n)
    assert abs(residual.std() - 0.2) < 4 * 0.2 / np.sqrt(4 * n)
    assert abs(np.corrcoef((noisy - clean).T)[0, 1]) < 4 / np.sqrt(n)


def test_moons_are_two_half_circles(rng):
    x, labels = moons(rng, n=4000, noise=0)
    for label, sign in [(0, 1), (1, -1)]:
        across, up = (sign * x[labels == label] + [0.5, 0.25]).T  # the circle's center at 0
        assert np.hypot(across, up) == pytest.approx(1, rel=1e-12)
        assert up.min() >= -1e-12
        # The whole half, evenly: the angle is uniform between 0 and π.
        quarters = np.histogram(np.arctan2(up, across), bins=4, range=(-1e-9, np.pi + 1e-9))[0]
        assert np.abs(quarters - 500).max() < 4 * np.sqrt(500)


@pytest.mark.parametrize("turns", [0.5, 1, 2.25])
def test_spirals_wind_as_often_as_they_are_asked_to(turns, rng):
    x, labels = spirals(rng, n=4000, noise=0, turns=turns)
    for label, sign in [(0, 1), (1, -1)]:
        arm = sign * x[labels == label]
        radius = np.hypot(*arm.T)
        along = (radius - 0.25) / 1.25
        quarters = np.histogram(along, bins=4, range=(-1e-9, 1 + 1e-9))[0]
        assert quarters.sum() == 2000
        assert np.abs(quarters - 500).max() < 4 * np.sqrt(500)
        angle = 2 * np.pi * turns * along
        expected = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        assert arm == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("length", [2, 7, 50])
def test_the_adding_problem_marks_one_number_in_each_half(rng, length):
    x, targets = adding_problem(rng, 300, length)
    numbers, marks = x[..., 0], x[..., 1]
    assert (x.shape, targets.shape) == ((300, length, 2), (300, 1))
    assert np.isin(marks, (0, 1)).all()
    assert (marks[:, : length // 2].sum(axis=1) == 1).all()
    assert (marks[:, length // 2 :].sum(axis=1) == 1).all()
    assert (marks.sum(axis=0) > 0).all()  # each step has its turn
    assert (targets[:, 0] == (numbers * marks).sum(axis=1)).all()


def test_always_answering_1_to_the_adding_problem_errs_by_a_sixth(rng):
    _, targets = adding_problem(rng, 20_000, 4)
    squares = (targets - 1) ** 2
    assert abs(squares.mean() - 1 / 6) < 4 * squares.std() / np.sqrt(20_000)


@pytest.mark.parametrize(("batch", "length", "name"), [(0, 4, "batch"), (3, 1, "length")])
def test_the_adding_problem_refuses_what_has_no_halves(rng, batch, length, name):
    with pytest.raises(ValueError, match=f"{name} must be at least"):
        adding_problem(rng, batch, length)


@pytest.mark.parametrize(("draw", "gap"), [(moons, 0.45), (spirals, 0.45)])
def test_a_curve_parts_the_two_classes_and_no_line_does(draw, gap, rng):
    x, labels = draw(rng, n=1000, noise=0)
    first, second = x[labels == 0], x[labels == 1]
    assert np.hypot(*(first[:, None] - second).transpose(2, 0, 1)).min() > gap
    directions = np.linspace(0, np.pi, 90)
    for along in (np.cos(t) * x[:, 0] + np.sin(t) * x[:, 1] for t in directions):
        right = np.cumsum(2 * labels[np.argsort(along)] - 1)  # of a line after each point
        assert np.abs(right).max() < 450


@pytest.mark.parametrize(
    ("draw", "options", "error", "message"),
    [
        (moons, {"n": 1}, ValueError, "n must be at least 2, got 1"),
        (moons, {"n": 20.0}, TypeError, "n must be a whole number"),
        (moons, {"noise": -0.1}, ValueError, "noise must be at least 0"),
        (spirals, {"n": 0}, ValueError, "n must be at least 2, got 0"),
        (spirals, {"noise": np.nan}, ValueError, "noise must be finite"),
        (spirals, {"turns": 0}, ValueError, "turns must be greater than 0"),
        (spirals, {"turns": "1"}, TypeError, "turns must be a number"),
    ],
)
def test_bad_arguments_of_two_classes_are_refused_by_name(rng, draw, options, error, message):
    before = rng.bit_generator.state
    with pytest.raises(error, match=message):
        draw(rng, **options)
    assert rng.bit_generator.state == before  # nothing was drawn


@pytest.mark.parametrize("draw", [moons, spirals])
def test_two_classes_want_a_generator(draw):
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        draw(0)


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


def test_digits_are_those_of_alpaydin_and_kaynak():
    images, labels = digits()
    assert (images.shape, images.dtype) == ((1797, 8, 8), np.float64)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    published = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(labels).tolist() == published
    assert set(np.unique(16 * images)) == set(range(17))
    # The first line of the published file, a zero.
    assert (16 * images[0]).tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    assert labels[:10].tolist() == list(range(10))


def test_images_of_a_digit_look_like_each_other():
    # Labels that slipped by one row would pass the counts; the nearest mean then knows one in ten.
    images, labels = digits()
    flat = images.reshape(len(images), -1)
    means = np.array([flat[labels == digit].mean(axis=0) for digit in range(10)])
    nearest = np.argmin(((flat[:, None] - means) ** 2).sum(axis=2), axis=1)
    assert np.mean(nearest == labels) > 0.9


def test_digits_load_at_once():
    start = time.process_time()
    digits()
    assert time.process_time() - start < 1


@pytest.mark.parametrize(("part", "count"), [("train", 5000), ("test", 1000)])
@pytest.mark.parametrize("dtype", [np.float64, "float32"])
def test_clothing_has_as_many_of_each_class_in_each_ten(part, count, dtype):
    images, labels = fashion(part, dtype)
    assert (images.shape, images.dtype) == ((count, 28, 28), dtype)
    assert (labels.shape, labels.dtype) == ((count,), np.int64)
    assert (labels.reshape(-1, 10) == np.arange(len(FASHION_CLASSES))).all()
    assert (images.min(), images.max()) == (0, 1)
    gray = 255 * images[:100]
    assert np.abs(gray - gray.round()).max() < 1e-4


def test_clothing_is_that_of_the_published_files():
    # The first of each class among the first images of the published training part, by its sum.
    images, _ = fashion("train")
    assert (255 * images[[9, 0, 3]]).sum(axis=(1, 2)).round().astype(int).tolist() == [
        76247,
        84598,
        46649,
    ]
    # A row of the first image there is, an ankle boot.
    assert (255 * images[9, 20]).round().astype(int).tolist() == [
        75,
        204,
        212,
        204,
        193,
        205,
        211,
        225,
        216,
        185,
        197,
        206,
        198,
        213,
        240,
        195,
        227,
        245,
        239,
        223,
        218,
        212,
        209,
        222,
        220,
        221,
        230,
        67,
    ]


def test_the_parts_of_the_clothing_share_no_image():
    both = np.concatenate([fashion(part)[0].reshape(-1, 784) for part in ("train", "test")])
    assert len(np.unique(both, axis=0)) == len(both)


def test_clothes_of_a_class_look_like_each_other():
    images, labels = fashion("train")
    means = np.array([images[labels == label].mean(axis=0).ravel() for label in range(10)])
    images, labels = fashion("test")
    squares = -2 * images.reshape(-1, 784) @ means.T + (means**2).sum(axis=1)
    assert np.mean(squares.argmin(axis=1) == labels) > 0.6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("validation",), 'part must be "train" or "test", got \'validation\''),
        ((0,), 'part must be "train" or "test", got 0'),
        (("test", int), "dtype must be float32 or float64"),
    ],
)
def test_bad_arguments_of_the_clothing_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        fashion(*arguments)


def test_each_bundled_file_has_its_licence_beside_it():
    folder = Path(coursepkg.datasets.__file__).parent
    bundled = [path for path in folder.glob("*.*") if path.suffix not in (".py", ".md")]
    names = ["digits.csv", "fashion.png", "iris_petals.csv", "names.txt", "reviews.tsv"]
    assert sorted(path.name for path in bundled) == names
    for path in bundled:
        assert "Licence:" in path.with_suffix(".md").read_text(encoding="utf-8")
