"""Chapter 13: whom a word looks at, and where the gradient of its scores goes."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap

from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, ladder, slider, switch
from coursepkg.explorers.labels import Label, Labels
from coursepkg.explorers.looking import MOST_WORDS, SENTENCES, look
from coursepkg.explorers.looking_in_words import asks, in_words, number, offers
from coursepkg.figures import BLUE, FAINT, GRAY, INK, QUIET, VERMILION

HEADING, UNDER = -2.2, -1.1  # where the two lines of words over a panel are
SIDE = 12.0  # of the map; all panels share its rows
TOP, BOTTOM = -3.2, 15.4
SHADES = LinearSegmentedColormap.from_list("shades", ["white", BLUE])
EDGES = (-3.2, 12.3), (-0.2, 17.6), (0.0, 9.4)  # of the panels, from left to right
SPEAKER, FAN = 2.6, (2.9, 7.2)  # where the looking word ends, and its lines
NUMBER, WORD, OFFER = 9.2, 9.5, 12.3  # where numbers end, and words and what they are begin
ZERO, QUARTER = 4.7, 2.6  # in the right panel: where 0 is, and how long 0.25 is
UNDER_FAN = (
    "All set by hand: a word has 1 of each feature in gray.",
    "score = (query · key / √4 − position · distance) / temperature",
    "distance: in words, from the word right before the one that looks",
)
WIDEST = 10.0  # points, of the line of a weight of 1
START = {
    "sentence": "it was too tired", "looking": 11, "target": 1, "temperature": 1.0,
    "position": 0.0, "causal": False,
}  # fmt: skip


class AttentionExplorer(Explorer):
    """Click a row of the map: it shows whom that word looks at, and the gradient of its scores."""

    size = (10.4, 4.4)
    title = "Whom a word looks at, and where its gradient goes"
    tries = {
        "Wide, not tired": START | {"sentence": "it was too wide", "target": 6},
        "“it” cannot tell": START | {"looking": 8},
        "Sure": START | {"temperature": 0.1},
        "Nearly alike": START | {"temperature": 10.0},
        "The word before": START | {"position": 3.0, "target": 10},
        "Only the past": START | {"causal": True, "looking": 4, "target": 6},
    }
    draggable = ("map", "fan", "bars")

    def make_controls(self):
        return {
            "sentence": choice("sentence ends with", SENTENCES, START["sentence"]),
            "looking": slider("word that looks", START["looking"], 0, MOST_WORDS - 1),
            "target": slider("push toward word", START["target"], 0, MOST_WORDS - 1),
            "temperature": ladder("temperature", START["temperature"], 0.1, 10),
            "position": slider("position counts", START["position"], 0.0, 3.0, 0.1),
            "causal": switch("only the past", START["causal"]),
        }

    compute = staticmethod(look)

    def build(self, figure):
        ratios = [right - left for left, right in EDGES]
        self.map, self.fan, self.bars = panels = figure.subplots(1, 3, width_ratios=ratios)
        for axes, xlim in zip(panels, EDGES, strict=True):
            axes.set(xlim=xlim, ylim=(BOTTOM, TOP), aspect="equal")
            axes.set_axis_off()
        self.labels = {axes: axes.add_artist(Labels()) for axes in panels}
        moving = [*self._build_map(), *self._build_fan(), *self._build_bars()]
        moving += self.labels.values()
        for artist in moving:
            artist.set_in_layout(False)
        return moving

    def _build_map(self):
        axes = self.map
        _heading(axes, "attention map", "rows look, columns are looked at")
        self.image = axes.imshow(
            np.zeros((1, 1)), SHADES, vmin=0, vmax=1, extent=(0, SIDE, SIDE, 0), zorder=1
        )
        axes.set(xlim=EDGES[0], ylim=(BOTTOM, TOP))
        axes.plot(*_box(0, 0, SIDE, SIDE), color=QUIET, linewidth=0.8, zorder=2)
        (self.grid,) = axes.plot([], [], color=FAINT, linewidth=0.6, zorder=1.5)
        (self.future,) = axes.plot([], [], color=QUIET, linewidth=0.8, zorder=2)
        (self.frame,) = axes.plot([], [], color=INK, linewidth=2.2, zorder=5, clip_on=False)
        return [self.image, self.grid, self.future, self.frame]

    def _build_fan(self):
        _heading(self.fan, "whom it looks at")
        for k, text in enumerate(UNDER_FAN):
            self.fan.text(0, SIDE + 0.9 * (k + 1), text, fontsize=9, color=GRAY, va="center")
        self.lines = LineCollection([], colors=BLUE, zorder=3, capstyle="butt")
        self.fan.add_collection(self.lines, autolim=False)
        return [self.lines]

    def _build_bars(self):
        axes = self.bars
        _heading(axes, "gradient of its scores")
        for share, tick in zip((-1, 0, 1), ("−0.25", "0", "0.25"), strict=True):
            x = ZERO + share * QUARTER
            axes.plot([x, x], [0, SIDE], color=FAINT if share else QUIET, linewidth=0.8, zorder=1)
            axes.text(x, SIDE + 0.7, tick, fontsize=9, ha="center", va="center")
        text = "← lower the score    raise it →"
        axes.text(ZERO, SIDE + 1.9, text, fontsize=9, color=GRAY, ha="center", va="center")
        (self.gradient,) = axes.plot([], [], color=VERMILION, linewidth=9, zorder=3)
        self.gradient.set_solid_capstyle("butt")
        return [self.gradient]

    def draw(self, result):
        self._draw_map(result)
        self._draw_fan(result)
        self._draw_bars(result)

    def _draw_map(self, result):
        count, s = len(result.words), result.looking
        cell = SIDE / count
        self.image.set_data(result.weights)
        edges = cell * np.arange(1, count)
        self.grid.set_data(_strokes(
            [*((0, y, SIDE, y) for y in edges), *((x, 0, x, SIDE) for x in edges)]
        ))  # fmt: skip
        later = np.argwhere(~np.tri(count, dtype=bool)) if result.causal else []
        self.future.set_data(_strokes(
            [cell * np.array([t + 0.3, r + 0.7, t + 0.7, r + 0.3]) for r, t in later]
        ))  # fmt: skip
        self.frame.set_data(_box(0, cell * s, SIDE, cell))
        self.labels[self.map].labels = [
            label
            for k, (word, at) in enumerate(zip(result.words, heights(count), strict=True))
            for label in (
                Label(-0.3, at, word, "right", size=10, bold=k == s),
                Label(at, SIDE + 0.3, word, "right", size=10, upright=True),
            )
        ]

    def _draw_fan(self, result):
        at, s = heights(len(result.words)), result.looking
        start, end = FAN
        self.lines.set_segments([[(start, at[s]), (end, y)] for y in at])
        self.lines.set_linewidths(WIDEST * result.row)
        labels = [
            Label(0, UNDER, f"“{result.words[s]}” asks for {asks(result.words[s])}", color=GRAY),
            Label(SPEAKER, at[s], result.words[s], "right", size=10, bold=True),
        ]
        for word, y, target in zip(result.words, at, result.is_target, strict=True):
            labels.append(
                Label(WORD, y, word, color=VERMILION if target else INK, size=10, bold=target)
            )
            labels.append(Label(OFFER, y, offers(word), color=GRAY))
        for k in result.largest(result.row):
            labels.append(Label(NUMBER, at[k], number(result.row[k]), "right", color=BLUE))
        self.labels[self.fan].labels = labels

    def _draw_bars(self, result):
        at = heights(len(result.words))
        ends = ZERO + result.gradient / 0.25 * QUARTER
        self.gradient.set_data(_strokes([(ZERO, y, x, y) for x, y in zip(ends, at, strict=True)]))
        word = result.words[result.target]
        labels = [Label(0, UNDER, f"for a push toward “{word}”", color=GRAY)]
        for k in result.largest(np.abs(result.gradient)) or np.flatnonzero(result.is_target):
            up = result.gradient[k] >= 0
            x = ends[k] + (0.25 if up else -0.25)
            labels.append(Label(x, at[k], number(result.gradient[k]), "left" if up else "right"))
        self.labels[self.bars].labels = labels

    def dragged(self, axes, x, y, values):
        count = len(SENTENCES[values["sentence"]].split())
        row = int(np.clip(y * count / SIDE, 0, count - 1))
        return {"looking" if axes is self.map else "target": row}

    def describe(self, result):
        return in_words(result)


def heights(count):
    """Where the middles of rows are, from the top; of columns, from the left."""
    return SIDE / count * (np.arange(count) + 0.5)


def _heading(axes, title, under=""):
    axes.text(0, HEADING, title, fontsize=11, fontweight="bold", va="center")
    axes.text(0, UNDER, under, fontsize=9, color=GRAY, va="center")


def _box(x, y, width, height):
    """The outline of a rectangle."""
    right, bottom = x + width, y + height
    return [x, right, right, x, x], [y, y, bottom, bottom, y]


def _strokes(ends):
    """Strokes, each (x, y, x, y) of its ends, as one line with gaps."""
    if not len(ends):
        return [], []
    points = np.reshape(ends, (-1, 2, 2))
    points = np.pad(points, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
    return points.reshape(-1, 2).T
