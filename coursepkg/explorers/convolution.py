"""Chapter 11: one output of a convolution, and all that its gradient reaches."""

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.font_manager import FontProperties
from matplotlib.patches import ConnectionPatch

from coursepkg.explorers.base import Explorer
from coursepkg.explorers.controls import choice, slider
from coursepkg.figures import FAINT, GRAY, INK, QUIET
from coursepkg.layers.convolution import output_size, pad, windows

# An ankle boot; 0 is white, 9 is dark.
PICTURE = np.array([list(row) for row in (
    "0000000000",
    "0467788500",
    "0359898600",
    "0248997700",
    "0138998600",
    "0249989720",
    "0379899864",
    "0588998997",
    "0699899989",
    "0752222368",
)]).astype(float)  # fmt: skip
SIDE = len(PICTURE)
LARGEST = {"kernel": 5, "stride": 4, "padding": 2, "pooling": 3}
LAST = output_size(SIDE, 2, 1, LARGEST["padding"]) - 1  # index in the largest map of all


@dataclass
class Reach:
    """The map of a convolution, perhaps pooled, and the gradients of one of its outputs."""

    weights: str
    weight: np.ndarray  # (kernel, kernel)
    stride: int
    padding: int
    pooling: int
    z: np.ndarray  # (outputs, outputs)
    pooled: int  # rows and columns of tiles on the map, 0 if none fits
    asked: tuple  # the row and column that the controls say
    chosen: tuple | None  # those of the output, of y if there is pooling; None if there is none
    at: tuple | None  # those in z from which its gradient comes: its own, or the winner's
    ties: int  # how many numbers of its tile are as large as the winner
    grad_x: np.ndarray  # as large as the picture
    grad_weight: np.ndarray  # (kernel, kernel): the window, which is 0 in the padding
    unseen: np.ndarray  # rows, and columns, of the padded picture in no window
    untiled: np.ndarray  # rows, and columns, of z in no tile

    @property
    def kernel(self):
        return len(self.weight)

    @property
    def corner(self):
        """Row and column of the window's first pixel; negative in the padding."""
        return tuple(self.stride * each - self.padding for each in self.at)

    @property
    def span(self):
        """((first row, end), (first column, end)) of the part of the window in the picture."""
        return tuple((max(each, 0), min(each + self.kernel, SIDE)) for each in self.corner)

    @property
    def start(self):
        """Where the map begins in its panel: at stride 1, outputs are level with their windows."""
        return (SIDE - len(self.z)) / 2

    @property
    def inside(self):
        """How many pixels of the picture the window holds."""
        (top, bottom), (left, right) = self.span
        return max(bottom - top, 0) * max(right - left, 0)


def make_weights(name, kernel):
    if name == "vertical edge":
        return np.tile(np.sign(np.arange(kernel) - (kernel - 1) / 2), (kernel, 1))
    if name == "blur":
        return np.full((kernel, kernel), 1 / kernel**2)
    if name == "numbered":
        return np.arange(1.0, kernel**2 + 1).reshape(kernel, kernel)
    return np.random.default_rng(kernel).integers(-3, 4, (kernel, kernel)).astype(float)


WEIGHTS = ("vertical edge", "blur", "numbered", "random")


def reach(weights, kernel, stride, padding, pooling, row, column):
    """The output (row, column), or the nearest that there is, and its gradients.

    pooling: of tiles side by side, the largest number of each; 1 for none.
    """
    weight, padded = make_weights(weights, kernel), pad(PICTURE, padding)
    cut = windows(padded[None, None], kernel, stride)[0, 0]  # (outputs, outputs, kernel, kernel)
    z = np.einsum("rsij,ij->rs", cut, weight).round(9)  # so that equal sums are equal
    pooled = output_size(len(z), pooling, pooling, 0)
    chosen = at = None
    ties, grad_padded, grad_weight = 0, np.zeros_like(padded), np.zeros_like(weight)
    if pooled:
        chosen = a, b = min(row, pooled - 1), min(column, pooled - 1)
        tile = z[pooling * a : pooling * (a + 1), pooling * b : pooling * (b + 1)]
        i, j = np.unravel_index(tile.argmax(), tile.shape)  # the first of the largest
        at = r, s = int(pooling * a + i), int(pooling * b + j)
        ties = int(np.sum(tile == tile.max()))
        grad_weight = cut[r, s].copy()
        top, left = stride * r, stride * s
        grad_padded[top : top + kernel, left : left + kernel] = weight
    seen = stride * np.arange(len(z))[:, None] + np.arange(kernel)
    return Reach(
        weights, weight, stride, padding, pooling, z, pooled, (row, column), chosen, at, ties,
        grad_padded[padding : padding + SIDE, padding : padding + SIDE], grad_weight,
        unseen=np.setdiff1d(np.arange(len(padded)), seen) - padding,
        untiled=np.arange(pooling * pooled, len(z)),
    )  # fmt: skip


SHADES = {"cmap": "Greys", "vmin": 0, "vmax": 19}  # light enough for the numbers on them
SIGNS = LinearSegmentedColormap.from_list("signs", ["#5FA6D6", "white", "#F09A5E"])
SIGNED = {"cmap": SIGNS, "vmin": -1, "vmax": 1}
TOP, BOTTOM = -5.0, 13.2  # of all panels, in cells; the picture is from 0 to 10
NOTHING = np.empty((0, 0))
FONTS = FontProperties(size=9), FontProperties(size=7.5)  # the second for long numbers
HEADING, UNDER = 2.5, 1.55  # how far above a panel its two lines of words are


class ConvolutionExplorer(Explorer):
    """Click an output: the picture shows its gradient, pixel by pixel, the kernel the weights'."""

    size = (10.4, 5.2)
    title = "What the gradient of one output reaches"
    tries = {
        "The corner": {"row": 0, "column": 0},
        "Only the winner": {"pooling": 2, "row": 3, "column": 0},
        "A rest": {"stride": 2, "padding": 0, "row": 3, "column": 3},
        "Gaps": {"kernel": 2, "stride": 3, "padding": 0, "row": 1, "column": 1},
        "Nothing but padding": {"kernel": 2, "padding": 2, "row": 0, "column": 0},
        "Not flipped": {"weights": "numbered"},
    }
    draggable = ("picture", "map")

    def make_controls(self):
        return {
            "weights": choice("weights", WEIGHTS),
            "kernel": slider("kernel size", 3, 2, LARGEST["kernel"]),
            "stride": slider("stride", 1, 1, LARGEST["stride"]),
            "padding": slider("padding", 1, 0, LARGEST["padding"]),
            "pooling": slider("pooling (1: none)", 1, 1, LARGEST["pooling"]),
            "row": slider("output row", 3, 0, LAST),
            "column": slider("output column", 5, 0, LAST),
        }

    compute = staticmethod(reach)

    def build(self, figure):
        edges = [(-0.2, 5.8), (-3.4, 12.4), (-2.2, 13.0)]
        ratios = [right - left for left, right in edges]
        side, self.picture, self.map = figure.subplots(1, 3, width_ratios=ratios)
        for axes, xlim in zip((side, self.picture, self.map), edges, strict=True):
            axes.set(xlim=xlim, ylim=(BOTTOM, TOP), aspect="equal")
            axes.set_axis_off()
        self.artists = []
        self._build_kernel(side)
        self._build_picture()
        self._build_map()
        self.cone = [
            figure.add_artist(ConnectionPatch(
                (0, 0), (0, 0), "data", "data", axesA=self.picture, axesB=self.map,
                color=GRAY, linewidth=1.1, zorder=4,
            ))
            for _ in range(2)
        ]  # fmt: skip
        for line in self.cone:
            line.set_annotation_clip(False)
        self.artists += self.cone
        for artist in self.artists:
            artist.set_in_layout(False)
        return self.artists

    def _build_kernel(self, side):
        self.weight = Cells(side, **SIGNED)
        self.grad_weight = Cells(side, **SHADES)
        _, self.kind = _words(side, 0, -2, "weights w")
        self.grad_title, self.of_window = _words(side, 0, 7)
        self.artists += [*self.weight.artists, *self.grad_weight.artists]
        self.artists += [self.kind, self.grad_title, self.of_window]

    def _build_picture(self):
        axes = self.picture
        axes.imshow(PICTURE, extent=(0, SIDE, SIDE, 0), zorder=0, **SHADES)
        axes.plot(*_grid(0, 0, SIDE, SIDE), color=FAINT, linewidth=0.8, zorder=1)
        axes.plot(*_box(0, 0, SIDE, SIDE), color=QUIET, linewidth=0.8, zorder=1)
        self.reached = Cells(axes, **SIGNED)
        self.zeros = _line(axes, QUIET, linestyle="none", marker="$0$", markersize=5, zorder=1)
        self.zeros.set_markeredgewidth(0)
        self.frame_of_zeros = _line(axes, QUIET, linewidth=0.8, linestyle=":", zorder=1)
        self.unseen = _line(axes, GRAY, linewidth=1, zorder=2)
        self.window = _line(axes, INK, linewidth=2.2, zorder=5)
        self.rows = axes.text(0, 0, "", ha="right", va="center", fontsize=9)
        self.columns = axes.text(0, 0, "", ha="center", va="center", fontsize=9)
        self.rest = axes.text(5, 0, "", ha="center", va="center", fontsize=9, color=GRAY)
        self.artists += [*self.reached.artists, self.zeros, self.frame_of_zeros, self.unseen]
        _, self.of_what = _words(axes, 0, -2, "picture x")
        self.artists += [self.window, self.rows, self.columns, self.rest, self.of_what]

    def _build_map(self):
        axes = self.map
        self.outputs = Cells(axes, **SIGNED)
        self.tiles = _line(axes, GRAY, linewidth=0.9, zorder=3)
        self.untiled = _line(axes, GRAY, linewidth=1, zorder=2)
        self.tile = _line(axes, INK, linewidth=1.6, zorder=5)
        self.output = _line(axes, INK, linewidth=3, zorder=5)
        self.row = axes.text(0, 0, "", ha="left", va="center", fontsize=9)
        self.column = axes.text(0, 0, "", ha="center", va="center", fontsize=9)
        self.left_out = axes.text(5, 0, "", ha="center", va="center", fontsize=9, color=GRAY)
        self.artists += [*self.outputs.artists, self.tiles, self.untiled, self.tile, self.output]
        self.map_title, self.sizes = _words(axes, 0, -2)
        self.artists += [self.row, self.column, self.left_out, self.map_title, self.sizes]

    def draw(self, result):
        self._draw_padding(result.padding, result.unseen)
        self._draw_map(result)
        self._draw_kernel(result)
        for artist in (self.window, self.output, self.tile):
            artist.set_data([], [])
        for text in (self.rows, self.columns, self.row, self.column):
            text.set_text("")
        for line in self.cone:
            line.set_visible(result.at is not None)
        if result.at is None:
            self.reached.show(0, 0, NOTHING)
            self.of_what.set_text("no output, so no gradient")
        else:
            self._draw_window(result)
            self._draw_output(result)

    def _draw_padding(self, padding, unseen):
        y, x = np.nonzero(pad(np.ones((SIDE, SIDE)), padding) == 0)
        self.zeros.set_data(x - padding + 0.5, y - padding + 0.5)
        whole = SIDE + 2 * padding
        box = _box(-padding, -padding, whole) if padding else ([], [])
        self.frame_of_zeros.set_data(box)
        self.unseen.set_data(_hatch(-padding, whole, unseen))
        self.rest.set_text("hatched: in no window" if len(unseen) else "")
        self.rest.set_y(SIDE + padding + 0.65)

    def _draw_kernel(self, result):
        name, largest = _name(result), np.abs(result.weight).max()
        self.weight.show(0, -2, result.weight / largest, _labels(result, result.weight))
        self.kind.set_text(result.weights)
        self.grad_title.set_text(f"∂{name}/∂w" if result.at else "")
        self.of_window.set_text("the pixels in its window" if result.at else "")
        seen = NOTHING if result.at is None else result.grad_weight
        self.grad_weight.show(0, 7, seen, map(_short, seen.ravel()))

    def _draw_window(self, result):
        (top, left), ((up, down), (start, end)) = result.corner, result.span
        part = result.grad_x[up:down, start:end] if result.inside else NOTHING
        largest = np.abs(result.weight).max()
        self.reached.show(start, up, part / largest, _labels(result, part))
        self.window.set_data(_box(left, top, result.kernel))
        self.of_what.set_text(f"in the window: ∂{_name(result)}/∂x, the weights")
        edge = -result.padding
        if result.inside:
            self.rows.set(text=_to(up, down), position=(edge - 0.3, (up + down) / 2))
            self.columns.set(text=_to(start, end), position=((start + end) / 2, edge - 0.55))

    def _draw_map(self, result):
        outputs, start, size = len(result.z), result.start, result.pooling
        largest = max(np.abs(result.z).max(), 1e-9)
        self.outputs.show(start, start, result.z / largest)
        pooled = size > 1 and result.pooled
        self.tiles.set_data(_grid(start, start, pooled, pooled, size) if pooled else ([], []))
        self.untiled.set_data(_hatch(start, outputs, result.untiled + start))
        self.left_out.set_text("hatched: in no tile" if len(result.untiled) else "")
        self.left_out.set_y(start + outputs + 0.65)
        title = "map z" if size == 1 else f"map z; y: the largest of each {size} × {size}"
        self.map_title.set_text(title)
        sizes = f": {_size_of_z(result)}" if size == 1 else f" of y: {_size_of_y(result)}"
        self.sizes.set_text(f"rows and columns{sizes}")

    def _draw_output(self, result):
        start, size, (r, s), (a, b) = result.start, result.pooling, result.at, result.chosen
        x, y = start + s, start + r
        self.output.set_data(_box(x, y, 1))
        if size > 1:
            self.tile.set_data(_box(start + size * b, start + size * a, size))
        tile = result.z[size * a : size * (a + 1), size * b : size * (b + 1)]
        self.outputs.numbers.write(
            start + size * b, start + size * a, size, map(_short, tile.ravel())
        )
        end = start + len(result.z)
        self.row.set(text=str(a), position=(end + 0.35, start + size * (a + 0.5)))
        self.column.set(text=str(b), position=(start + size * (b + 0.5), start - 0.55))
        top, left = result.corner
        for line, down in zip(self.cone, (0, 1), strict=True):
            line.xy1 = left + result.kernel, top + down * result.kernel
            line.xy2 = x, y + down

    def dragged(self, axes, x, y, values):
        kernel, stride, padding = values["kernel"], values["stride"], values["padding"]
        outputs = output_size(SIDE, kernel, stride, padding)
        if axes is self.map:
            found = [np.floor(each - (SIDE - outputs) / 2) for each in (y, x)]
        else:  # the window whose middle is nearest
            found = [np.round((each + padding - kernel / 2) / stride) for each in (y, x)]
        last = max(outputs // values["pooling"] - 1, 0)
        row, column = (int(max(each, 0) // values["pooling"]) for each in found)
        return {"row": min(row, last), "column": min(column, last)}

    def describe(self, result):
        if result.at is None:
            size = result.pooling
            return (
                f"There is no output: a tile of {size} × {size} is larger than the map, which has "
                f"{_size_of_z(result)} rows and columns. MaxPool2d refuses such a map, and nothing "
                f"gets a gradient. {_asked(result)}"
            )
        return " ".join([*_outcome(result), *_frame(result)])


class Cells:
    """Colored cells with numbers in them: an image, its grid, and the numbers."""

    def __init__(self, axes, **colors):
        self.image = axes.imshow(NOTHING, zorder=1, **colors)
        self.grid = _line(axes, FAINT, linewidth=0.8, zorder=1.5)
        self.edge = _line(axes, QUIET, linewidth=0.8, zorder=1.6)
        self.numbers = axes.add_artist(Numbers(zorder=6))
        self.artists = [self.image, self.grid, self.edge, self.numbers]

    def show(self, x, y, values, numbers=()):
        """values: (rows, columns), shown from (x, y) on; numbers: the text of each."""
        rows, columns = values.shape
        self.image.set_visible(bool(values.size))
        if values.size:
            self.image.set_data(values)
            self.image.set_extent((x, x + columns, y + rows, y))
        self.grid.set_data(_grid(x, y, rows, columns))
        self.edge.set_data(_box(x, y, columns, rows) if values.size else ([], []))
        self.numbers.write(x, y, columns, numbers)


class Numbers(Artist):
    """Numbers in the middle of cells; to lay out a `Text` for each would take most of the time."""

    def __init__(self, zorder):
        super().__init__()
        self.set_zorder(zorder)
        self.words, self.places = [], np.empty((0, 2))
        self.sizes = {}

    def write(self, x, y, columns, words):
        """Write them row by row, the first into the cell that begins at (x, y)."""
        self.words = list(words)
        row, column = np.divmod(np.arange(len(self.words)), max(columns, 1))
        self.places = np.column_stack([x + column + 0.5, y + row + 0.5])

    def draw(self, renderer):
        if not self.words:
            return
        gc = renderer.new_gc()
        gc.set_foreground(INK)
        points = self.axes.transData.transform(self.places)
        for word, (x, y) in zip(self.words, points, strict=True):
            font = FONTS[len(word) > 3]
            width, height = self._size(renderer, word, font)
            left, base = x - width / 2, y - height / 2
            if renderer.flipy():
                base = renderer.get_canvas_width_height()[1] - base
            renderer.draw_text(gc, left, base, word, font, 0)
        gc.restore()

    def _size(self, renderer, word, font):
        """The width of a word and the height of its digits, in pixels; each is measured once."""
        key = word, font.get_size(), renderer.points_to_pixels(1)
        if key not in self.sizes:
            both = (renderer.get_text_width_height_descent(w, font, False) for w in (word, "0"))
            (width, _, _), (_, height, _) = both
            self.sizes[key] = width, height
        return self.sizes[key]


def _words(axes, x, y, title="", under=""):
    """The two lines of words over a panel that begins at (x, y)."""
    return (
        axes.text(x, y - HEADING, title, fontsize=11, fontweight="bold", va="center"),
        axes.text(x, y - UNDER, under, fontsize=9, color=GRAY, va="center"),
    )


def _line(axes, color, **style):
    """A line without points, which is not cut off at the edge of its axes."""
    (line,) = axes.plot([], [], color=color, clip_on=False, **style)
    line.set_solid_joinstyle("miter")
    return line


def _box(x, y, width, height=None):
    """The outline of a rectangle; without a height, of a square."""
    right, bottom = x + width, y + (width if height is None else height)
    return [x, right, right, x, x], [y, y, bottom, bottom, y]


def _grid(x, y, rows, columns, size=1):
    """The lines around and between cells, each size × size, as one line with gaps."""
    right, bottom = x + size * columns, y + size * rows
    pieces = [([x, right], [y + size * k] * 2) for k in range(rows + 1)]
    pieces += [([x + size * k] * 2, [y, bottom]) for k in range(columns + 1)]
    return _with_gaps(pieces)


def _hatch(start, side, numbers):
    """A stroke through each cell of a square whose row or column begins at one of `numbers`."""
    every, numbers = (start + np.arange(side)).tolist(), set(numbers.tolist())
    pieces = [
        ([x + 0.15, x + 0.85], [y + 0.85, y + 0.15])
        for y in every
        for x in (every if y in numbers else numbers)
    ]
    return _with_gaps(pieces)


def _with_gaps(pieces):
    if not pieces:
        return [], []
    return (
        np.insert(np.array(pieces, dtype=float), 2, np.nan, axis=2)
        .transpose(1, 0, 2)
        .reshape(2, -1)
    )


def _outcome(result):
    """Sentences: what gets the gradient, and what does not."""
    pixels, weights = (int(np.count_nonzero(grad)) for grad in (result.grad_x, result.grad_weight))
    kernel, (r, s) = result.kernel, result.at
    yield (
        f"The gradient of {_name(result)} = {_short(result.z[r, s])} reaches {pixels} of {SIDE**2} "
        f"pixels and {'all' if weights == kernel**2 else f'{weights} of'} {kernel**2} weights."
    )
    if result.pooling > 1:
        among = f", the first of {result.ties} that are equal" if result.ties > 1 else ""
        yield f"It all goes through the winner of its tile, z[{r}, {s}]{among}."
    if not result.inside:
        yield "The window holds nothing but zeros of the padding; only a bias would get a gradient."
        return
    (up, down), (start, end) = result.span
    zeros = kernel**2 - result.inside
    also = f", and {_count(zeros, 'zero')} of the padding" if zeros else ""
    yield (
        f"The window holds row{'s' * (down - up > 1)} {_to(up, down)} and "
        f"column{'s' * (end - start > 1)} {_to(start, end)}{also}."
    )
    if pixels < result.inside:
        yield f"A weight of 0 keeps the gradient from {_count(result.inside - pixels, 'pixel')}."
    white = kernel**2 - weights - zeros
    if white:
        yield f"A pixel of 0 keeps the gradient from {_count(white, 'weight')}."


def _frame(result):
    """Sentences: the setting, the sizes, what is left out, and an output that does not exist."""
    sizes = f"the map has {_size_of_z(result)} rows and columns"
    if result.pooling > 1:
        sizes += f", y has {_size_of_y(result)}"
    yield f"Weights: {result.weights}; {sizes}."
    lost = result.unseen[(result.unseen >= 0) & (result.unseen < SIDE)]
    if len(lost):
        count = SIDE**2 - (SIDE - len(lost)) ** 2
        yield f"No window holds {_lines(lost)}: {count} pixels never count."
    elif len(result.unseen):
        yield "The last row and column of the padding are in no window."
    if len(result.untiled):
        yield f"No tile holds {_lines(result.untiled)} of the map."
    if result.asked != result.chosen:
        yield _asked(result)


def _asked(result):
    row, column = result.asked
    if result.chosen:
        return f"There is no output ({row}, {column}); this is the nearest."
    return f"The controls ask for ({row}, {column})."


def _name(result):
    letter = "z" if result.pooling == 1 else "y"
    return letter + ("" if result.chosen is None else "[{}, {}]".format(*result.chosen))


def _size_of_z(result):
    inner = f"({SIDE} + 2·{result.padding} − {result.kernel})"
    return f"{inner} // {result.stride} + 1 = {len(result.z)}"


def _size_of_y(result):
    n, size = len(result.z), result.pooling
    return f"({n} − {size}) // {size} + 1 = {result.pooled}"


def _labels(result, values):
    """Weights as they stand in the cells, those of a blur as fractions."""
    if result.weights == "blur":
        return [f"1/{result.kernel**2}"] * values.size
    return map(_short, values.ravel())


def _short(value):
    return f"{round(value, 1) + 0.0:g}".replace("-", "−")


def _to(start, end):
    return f"{start}–{end - 1}" if end - start > 1 else f"{start}"


def _count(number, noun):
    return f"{number} {noun}{'s' * (number != 1)}"


def _lines(numbers):
    """The rows and columns with these numbers, in words."""
    if len(numbers) == 1:
        return f"row {numbers[0]} and column {numbers[0]}"
    *others, last = numbers
    return f"rows and columns {', '.join(map(str, others))} and {last}"
