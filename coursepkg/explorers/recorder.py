"""A Matplotlib renderer that writes down what it is asked to draw, for a canvas in the browser.

Matplotlib decides where each path, marker, text and image goes; nothing becomes pixels here. A
recording takes a tenth of the time of drawing and encoding a picture, and the browser can paint it
at the screen's own resolution. `canvas/paint.js` is its reader.
"""

import json
import struct

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.image import AxesImage
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

PARTS = 16  # of a pixel: the unit of coordinates, so that 16 bits reach 2,047 pixels
FAR = 32_767 // PARTS
BEYOND = 60  # pixels outside the figure at which a line is cut
CLOSE = 79  # Matplotlib's code for the end of a closed path


class Recorder(RendererBase):
    """Records artists of one figure; lengths are pixels of the figure, the origin top left."""

    def __init__(self, figure):
        super().__init__()
        self.figure = figure
        self.measure = figure.canvas.get_renderer()  # knows the widths of texts
        self.texts = {}  # the recording of each, as long as it does not change
        self.tag = None

    def record(self, artists):
        """The artists' drawing as bytes: lengths, operations (JSON), coordinates, pixels."""
        self.operations, self.coordinates, self.count = [], [], 0
        self.pixels, self.pixel_count = [], 0
        self.width, self.height = self.figure.bbox.size
        self.flip = Affine2D().scale(1, -1).translate(0, self.height)
        for artist in artists:
            if isinstance(artist, AxesImage):
                self._image_of(artist)
            elif isinstance(artist, Text):
                self._text_of(artist)
            else:
                artist.draw(self)
        head = json.dumps(self.operations, separators=(",", ":"), ensure_ascii=False).encode()
        head += b" " * (-len(head) % 4)
        points = b"".join(self.coordinates)
        sizes = struct.pack("<II", len(head), len(points))
        return sizes + head + points + b"".join(self.pixels)

    # What Matplotlib asks of a renderer.

    def get_canvas_width_height(self):
        return self.width, self.height

    def points_to_pixels(self, points):
        return points * self.figure.dpi / 72

    def get_text_width_height_descent(self, s, prop, ismath):
        return self.measure.get_text_width_height_descent(s, prop, ismath)

    def flipy(self):
        return False

    def option_image_nocomposite(self):
        return True

    def open_group(self, s, gid=None):
        self.tag = gid  # an artist's own mark, such as "ghost"

    def close_group(self, s):
        self.tag = None

    def draw_path(self, gc, path, transform, rgbFace=None):
        style = self._style(gc, rgbFace)
        if "stroke" not in style and "fill" not in style:
            return
        box = (-BEYOND, -BEYOND, self.width + BEYOND, self.height + BEYOND)
        line = "fill" not in style
        found = path.cleaned(
            transform + self.flip, remove_nans=True, curves=True,
            clip=box if line else None, simplify=line and path.should_simplify,
        )  # fmt: skip
        place, count, codes = self._put(found)
        if count:
            self.operations.append(["path", style, place, count, codes])

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        style = self._style(gc, rgbFace)
        points = (trans + self.flip).transform(path.vertices)
        points = points[(np.abs(points) < FAR).all(axis=1)]  # which drops what is not finite, too
        if len(points):
            shape = marker_path.transformed(marker_trans + Affine2D().scale(1, -1))
            marker = self._put(shape.cleaned(curves=True))
            place = self._put_points(points)
            self.operations.append(["markers", style, *marker, place, len(points)])

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if ismath:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        style = {**self._style(gc, None), "fill": css_color(gc.get_rgb())}
        size = self.points_to_pixels(prop.get_size_in_points())
        bold = prop.get_weight() == "bold"
        where = [round(x, 2), round(self.height - y, 2), round(size, 2), round(-angle, 1)]
        mono = int("monospace" in prop.get_family())
        self.operations.append(["text", style, *where, int(bold), mono, s])

    def draw_image(self, gc, x, y, im, transform=None):
        height, width = im.shape[:2]
        box = [x, self.height - y - height, width, height]
        pixels = np.asarray(im)[::-1]  # Matplotlib gives them from the bottom up
        self._put_image(pixels, None, box, self._style(gc, None), smooth=True)

    # How it is written down.

    def _style(self, gc, face):
        style = {}
        width = self.points_to_pixels(gc.get_linewidth())
        if width > 0 and gc.get_rgb()[3] > 0:
            style |= {"stroke": css_color(gc.get_rgb()), "width": round(width, 2)}
            offset, dashes = gc.get_dashes()
            if dashes is not None:
                style["dash"] = [round(self.points_to_pixels(each), 2) for each in dashes]
                style["offset"] = round(self.points_to_pixels(offset or 0), 2)
            cap = gc.get_capstyle()
            style["cap"] = {"projecting": "square"}.get(cap, str(cap))
            style["join"] = str(gc.get_joinstyle())
        if face is not None:
            alpha = gc.get_alpha() if gc.get_forced_alpha() or len(face) < 4 else face[3]
            if alpha > 0:
                style["fill"] = css_color((*face[:3], alpha))
        clip = gc.get_clip_rectangle()
        if clip is not None:
            box = clip.x0, self.height - clip.y1, clip.width, clip.height
            style["clip"] = [round(side, 1) for side in box]
        if self.tag:
            style["tag"] = self.tag
        return style

    def _put(self, cleaned):
        """(place, count, codes) of a path; codes are "" for a simple line, else one digit each."""
        codes = cleaned.codes[:-1].tolist()  # the last says stop
        place = self._put_points(cleaned.vertices[:-1])
        simple = codes[:1] == [1] and set(codes[1:]) <= {2}
        text = "" if simple else "".join("9" if code == CLOSE else str(code) for code in codes)
        return place, len(codes), text

    def _put_points(self, points):
        place = self.count
        whole = np.clip(np.round(points * PARTS), -32_768, 32_767).astype("<i2")
        self.coordinates.append(whole.tobytes())
        self.count += whole.size
        return place

    def _text_of(self, text):
        """A text, and its frame; laid out again, which takes 1 ms, only if it has changed."""
        if text.stale or text not in self.texts:
            before = len(self.operations), len(self.coordinates), self.count
            text.draw(self)
            operations, points = self.operations[before[0] :], self.coordinates[before[1] :]
            self.texts[text] = operations, points, before[2], self.count
            return
        operations, points, start, end = self.texts[text]
        for kind, style, place, *rest in operations:
            moved = place + self.count - start if kind == "path" else place
            self.operations.append([kind, style, moved, *rest])
        self.coordinates += points
        self.count += end - start

    def _image_of(self, artist):
        """An image as it is, a byte for each of its own pixels; the browser enlarges it."""
        if not artist.get_visible():
            return
        values = artist.norm(artist.get_array())
        whole = np.clip(np.asarray(values) * 255, 0, 255).round().astype(np.uint8)
        palette = artist.cmap(np.arange(256), bytes=True)
        left, right, bottom, top = artist.get_extent()
        corners = np.array([[left, bottom], [right, top]])
        (x0, y0), (x1, y1) = (artist.axes.transData + self.flip).transform(corners)
        if artist.origin == "lower":
            whole = whole[::-1]
        gc = self.new_gc()
        artist._set_gc_clip(gc)
        style = self._style(gc, None)
        gc.restore()
        smooth = artist.get_interpolation() == "bilinear"
        self._put_image(whole, palette, [x0, min(y0, y1), x1 - x0, abs(y1 - y0)], style, smooth)

    def _put_image(self, pixels, palette, box, style, smooth):
        for name in ("stroke", "fill"):
            style.pop(name, None)
        height, width = pixels.shape[:2]
        box = [round(float(side), 2) for side in box]
        at = self.pixel_count, None if palette is None else self.pixel_count + pixels.size
        self.operations.append(["image", style, *at, width, height, box, int(smooth)])
        for part in (pixels, palette):
            if part is not None:
                self.pixels.append(np.ascontiguousarray(part, dtype=np.uint8).tobytes())
                self.pixel_count += part.size


def css_color(rgba):
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgba)
