"""Figures in a notebook, each with alt text for readers who cannot see it.

Each figure has its own Agg canvas: no pyplot, nothing to close. It is shown as one bundle: an HTML
<img> with alt text, the PNG, and that text as plain text. A terminal prints the plain text, and the
tests compare it.

Importing this module sets the course's style for all of Matplotlib: its typeface, its colors, and
axes that stay in the background.
"""

import base64
import html
import io
from pathlib import Path

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from PIL import Image

# The palette of Okabe and Ito (2008), made for color-blind readers too, and a gray.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, GRAY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#6B6B6B",
)  # fmt: skip
INK, QUIET, FAINT = "#222222", "#767676", "#E4E4E4"  # text, what frames it, what lies behind
DPI = 150
CSS_PIXELS_PER_INCH = 92
FONTS = sorted((Path(__file__).parent / "fonts").glob("*.ttf"))
FONT = "Course Sans"

for font in FONTS:
    fontManager.addfont(font)
matplotlib.rcParams.update({
    "font.family": [FONT, "DejaVu Sans"],  # the second for what the first has not
    "font.size": 11, "text.color": INK, "mathtext.fontset": "dejavusans",
    "axes.titlesize": 11.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.titlepad": 9, "axes.labelcolor": INK, "axes.labelsize": 10.5,
    "axes.edgecolor": QUIET, "axes.linewidth": 0.8, "axes.axisbelow": True,
    "axes.spines.top": False, "axes.spines.right": False,
    "xtick.color": QUIET, "ytick.color": QUIET, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "xtick.labelsize": 10, "ytick.labelsize": 10, "xtick.major.width": 0.8,
    "ytick.major.width": 0.8, "xtick.minor.size": 0, "ytick.minor.size": 0,
    "grid.color": FAINT, "grid.linewidth": 0.8, "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round", "legend.frameon": False, "legend.fontsize": 10,
    "axes.prop_cycle": matplotlib.cycler(color=[BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GRAY]),
})  # fmt: skip


# In a dark page light and dark change places, and black vanishes into the page; hues stay.
DARK = """
<style>[data-jp-theme-light="false"] img.coursepkg-figure { filter: invert(1) hue-rotate(180deg)
brightness(1.15); mix-blend-mode: screen; max-width: 100% }</style>
"""


def new_figure(width=7.0, height=3.2, dpi=DPI):
    """An empty figure, its size in inches, whose layout makes room for the labels."""
    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def show(figure, alt):
    """Show a figure in the notebook. alt: what it shows, in words; ValueError if it is empty."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("alt must say in words what the figure shows, got an empty text")
    figure.canvas.draw()
    display(bundle(figure, encode_png(figure.canvas, compress_level=9), alt), raw=True)


def bundle(figure, png, alt):
    """The picture as a MIME bundle: HTML, PNG and plain text."""
    width, height = (round(side * CSS_PIXELS_PER_INCH) for side in figure.get_size_inches())
    encoded = base64.b64encode(png).decode("ascii")
    image = (
        f'<img class="coursepkg-figure" width="{width}" height="{height}" '
        f'alt="{html.escape(alt)}" src="data:image/png;base64,{encoded}">'
    )
    return {"text/html": image + DARK, "image/png": encoded, "text/plain": alt}


def encode_png(canvas, compress_level=1):
    """The canvas contents as PNG bytes. Level 1: 4 to 8 times as fast as 9, up to 1/5 larger."""
    pixels = np.asarray(canvas.buffer_rgba())
    file = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(file, "png", compress_level=compress_level)
    return file.getvalue()
