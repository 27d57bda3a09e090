"""The loss surface of a straight line over weight and bias, and training paths on it."""

import numpy as np

from coursepkg.figures import GRAY, ORANGE, VERMILION


def draw_line_loss(axes, x, targets, weights, biases):
    """Draw contours of the mean squared error of the line w x + b, and a star at its minimum.

    x, targets: shape (n,). weights, biases: the ranges to show, each a (low, high). Returns the
    contour set and the star.
    """
    w, b = np.meshgrid(np.linspace(*weights, 90), np.linspace(*biases, 90))
    # Expanded, mean (w x + b - t)² needs five means instead of n values at each grid point.
    xx, xt, tt = np.mean(x * x), np.mean(x * targets), np.mean(targets**2)
    x_mean, t_mean = np.mean(x), np.mean(targets)
    loss = w**2 * xx + 2 * w * b * x_mean + b**2 - 2 * (w * xt + b * t_mean) + tt
    best = np.polyfit(x, targets, 1)
    lowest = np.mean((best[0] * x + best[1] - targets) ** 2)
    levels = lowest + np.geomspace(0.003, 1, 12) * (loss.max() - lowest)
    contours = axes.contour(w, b, loss, levels, colors=GRAY, linewidths=0.7)
    (star,) = axes.plot(*best, "*", color=ORANGE, markersize=13, zorder=6)
    axes.set(xlim=weights, ylim=biases)
    return contours, star


def draw_path(axes, path, markersize=5):
    """Draw a path (steps + 1, 2) over a loss surface, its end larger; returns both artists."""
    (line,) = axes.plot(
        *path.T, ".-", color=VERMILION, linewidth=markersize / 5, markersize=markersize, zorder=3
    )
    (end,) = axes.plot(*path[-1:].T, "o", color=VERMILION, markersize=7, zorder=4)
    return line, end
