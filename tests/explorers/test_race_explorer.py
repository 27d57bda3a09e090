"""The race of chapter 07: landscapes and runs against what is known, and what is drawn of them."""

import numpy as np
import pytest

from coursepkg.explorers import RaceExplorer
from coursepkg.explorers.race import (
    FAR,
    FLOOR,
    GROUPS,
    LANDSCAPES,
    RACERS,
    STEPS,
    race,
    ravine,
    run,
    turned_ravine,
)
from coursepkg.gradient_check import vjp_check

START = (-1.8, 1.4)
ALL = tuple(RACERS)


@pytest.mark.parametrize("name", LANDSCAPES)
@pytest.mark.parametrize("point", [(-1.5, 0.7), (0.3, -2.0)])
def test_the_gradient_of_a_landscape_is_right(name, point):
    assert vjp_check(LANDSCAPES[name].function, np.array(point), np.random.default_rng(0)).passed


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_landscape_is_lowest_where_it_says(name):
    place = LANDSCAPES[name]
    grid = np.linspace(-2.2, 2.2, 221)
    heights = place.function(np.array(np.meshgrid(grid, grid)))[0]
    assert heights.shape == (221, 221)
    assert heights.min() >= place.lowest - 1e-12
    for goal in place.goals:
        loss, vjp = place.function(np.array(goal, dtype=float))
        assert loss == pytest.approx(place.lowest, abs=1e-12)
        assert vjp() == pytest.approx(0, abs=1e-12)


def test_the_turned_ravine_is_the_ravine_turned():
    turn = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)
    points = np.random.default_rng(0).standard_normal((2, 20))
    assert turned_ravine(points)[0] == pytest.approx(ravine(turn @ points)[0])


def test_sgd_in_the_ravine_follows_the_exact_factors():
    path, diverged = run("SGD", ravine, START, learning_rate=0.03, momentum=0.9)
    factors = (1 - 0.03 * np.array([1.0, 49.0])) ** np.arange(STEPS + 1)[:, None]
    assert path == pytest.approx(factors * START, rel=1e-9, abs=1e-12)
    assert not diverged


@pytest.mark.parametrize(
    ("name", "edge"), [("SGD", 2 / 49), ("Momentum", 3.8 / 49), ("Nesterov", (1 + 1 / 2.8) / 49)]
)
def test_each_has_its_edge_where_theory_says(name, edge):
    for factor, grows in ((0.97, False), (1.03, True)):
        path, _ = run(name, ravine, (0.0, 1.0), factor * edge, 0.9, steps=400)
        assert (np.abs(path[-1, 1]) > 1) == grows


def test_momentum_0_is_gradient_descent():
    paths = race("ravine", 0.02, 0.0, START, ALL).paths
    assert np.array_equal(paths["Momentum"], paths["SGD"])
    assert np.allclose(paths["Nesterov"], paths["SGD"], atol=1e-12)


def test_who_does_not_adapt_does_not_notice_the_turn():
    # The same place, seen from the ravine, and so the same heights.
    turned_start = ((START[0] - START[1]) / np.sqrt(2), (START[0] + START[1]) / np.sqrt(2))
    straight = race("ravine", 0.02, 0.9, START, ALL).heights
    turned = race("turned ravine", 0.02, 0.9, turned_start, ALL).heights
    for name in ALL:
        same = np.allclose(straight[name], turned[name], rtol=1e-6, atol=1e-12)
        assert same == (name in ("SGD", "Momentum", "Nesterov"))


def test_rmsprop_seems_to_arrive_and_is_thrown_out_again():
    heights = race("ravine", 0.045, 0.9, START, ("RMSprop",)).heights["RMSprop"]
    assert heights[100] < FLOOR
    assert heights[-1] > 1e-3


def test_a_path_that_is_kept_cannot_be_changed():
    path = race("ravine", 0.02, 0.9, START, ("SGD",)).paths["SGD"]
    with pytest.raises(ValueError, match="read-only"):
        path[0] = 0.0


def test_on_the_ridge_line_all_stay_on_it():
    paths = race("saddle", 0.05, 0.9, (-1.5, 0.0), ALL).paths
    assert all((path[:, 1] == 0).all() for path in paths.values())


@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_a_run_that_diverges_stops_within_bounds_and_is_named(landscape):
    explorer = RaceExplorer()
    values = {**explorer.values, "landscape": landscape, "learning_rate": 3.0}
    values["racers"] = "all six"
    result = explorer.compute(**values)
    assert set(result.diverged) >= {"SGD", "Momentum", "Nesterov"}
    for name in result.diverged:
        path = result.paths[name]
        assert len(path) <= STEPS
        assert np.isfinite(path).all()
        assert np.abs(path).max() <= 2 * FAR
        assert f"{name} diverged in step {len(path) - 1}" in explorer.describe(result)


def test_what_is_drawn_is_what_was_computed():
    explorer = RaceExplorer()
    explorer.render()
    values = {"learning_rate": 0.05, "x": -1.0, "y": 2.0, "racers": "all six"}
    result = explorer.compute(**{**explorer.values, **values})
    explorer.draw(result)
    assert np.ravel(explorer.start_point.get_data()) == pytest.approx([-1.0, 2.0])
    for name in ALL:
        path = result.paths[name]
        drawn = np.array(explorer.paths[name].get_data()).T
        assert drawn == pytest.approx(path)
        assert np.ravel(explorer.ends[name].get_data()) == pytest.approx(path[-1])
        steps, heights = explorer.curves[name].get_data()
        assert list(steps) == list(range(len(path)))
        assert heights == pytest.approx(ravine(path.T)[0])


@pytest.mark.parametrize("group", GROUPS)
def test_only_those_who_race_are_drawn_and_named(group):
    explorer = RaceExplorer()
    explorer.render()
    sentence, _ = explorer.render(racers=group)
    for name in ALL:
        racing = name in GROUPS[group]
        assert (len(explorer.paths[name].get_xdata()) > 0) == racing
        assert (len(explorer.ends[name].get_xdata()) > 0) == racing
        assert (len(explorer.curves[name].get_xdata()) > 0) == racing
        assert (f"{name} " in sentence) == racing


def test_the_stars_stand_at_the_lowest_points_of_the_landscape_shown():
    explorer = RaceExplorer()
    for name in (*LANDSCAPES, "ravine"):
        explorer.render(landscape=name)
        contours, star = explorer.contours
        assert sorted(zip(*star.get_data(), strict=True)) == sorted(LANDSCAPES[name].goals)
        assert contours in explorer.map.collections
        assert len(explorer.map.collections) == 1
