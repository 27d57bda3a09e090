"""Pictures in a notebook, each with a text for those who do not see it.

A figure lives on an Agg canvas of its own: no pyplot, no global state, nothing to close. It is
shown as one bundle: HTML with an <img> and its alt text, the bare PNG, and the text alone, which
is what a terminal prints and what the tests compare.
"""

import base64
import html
import io

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

# Okabe and Ito (2008): told apart with any kind of color vision.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, GRAY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#6B6B6B",
)  # fmt: skip
DPI = 150
CSS_PIXELS_PER_INCH = 92


def new_figure(width=7.0, height=3.2, dpi=DPI):
    """An empty figure, its size in inches, whose axes find room for their labels by themselves."""
    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def show(figure, alt):
    """Show a figure in the notebook. alt: what there is to see, in words; it may not be empty."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("alt must say in words what the figure shows, got an empty text")
    figure.canvas.draw()
    display(bundle(figure, encode_png(figure.canvas, compress_level=9), alt), raw=True)


def bundle(figure, png, alt):
    """The picture as HTML, PNG and text, under their MIME types."""
    width, height = (round(side * CSS_PIXELS_PER_INCH) for side in figure.get_size_inches())
    encoded = base64.b64encode(png).decode("ascii")
    image = (
        f'<img width="{width}" height="{height}" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{encoded}">'
    )
    return {"text/html": image, "image/png": encoded, "text/plain": alt}


def encode_png(canvas, compress_level=1):
    """What stands on the canvas, as PNG bytes. Level 1: a third larger than 9, ten times faster."""
    pixels = np.asarray(canvas.buffer_rgba())
    file = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(file, "png", compress_level=compress_level)
    return file.getvalue()
