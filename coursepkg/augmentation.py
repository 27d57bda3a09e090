"""Augmentation: change an image slightly without changing what it shows."""

import numpy as np

from coursepkg.arguments import finite_array, generator, image_batch, real_number


def shift_images(images, rng, reach=0.5):
    """Shift each image by its own random distance, between -reach and reach pixels on each axis.

    images: (batch, height, width); reach >= 0. The distances down and to the right are independent
    uniform draws from rng; `translate` defines the shift. Source of its use in training: Simard,
    Steinkraus and Platt (2003).
    """
    images = image_batch(images, "images")
    reach = real_number(reach, "reach", low=0, below=1e6)
    down, right = generator(rng).uniform(-reach, reach, size=(2, len(images)))
    return translate(images, down, right)


def translate(images, down, right):
    """Shift each image by `down` and `right` pixels; a new array of the same shape.

    images: (batch, height, width), float32 stays float32, whole numbers become float64; down,
    right: (batch,), at most a million pixels, negative for up and left. A pixel that lands between
    two positions is split between them in proportion (linear interpolation). What leaves the image
    is lost, and zeros enter.
    """
    images = image_batch(images, "images")
    down = finite_array(down, "down", (len(images),))
    right = finite_array(right, "right", (len(images),))
    if max(np.abs(down).max(initial=0), np.abs(right).max(initial=0)) > 1e6:
        raise ValueError("down and right must be at most a million pixels")
    return shift_rows(shift_rows(images, down).swapaxes(1, 2), right).swapaxes(1, 2)


def shift_rows(images, down):
    """Row i of the result is the input at row i - down, linearly interpolated between rows."""
    height = images.shape[1]
    source = np.arange(height) - down[:, None]  # (batch, height)
    above = np.floor(source).astype(int)
    share = (source - above)[:, :, None].astype(images.dtype)
    padded = np.pad(images, ((0, 0), (1, 1), (0, 0)))  # a row of 0 at each end
    sample = np.arange(len(images))[:, None]
    upper = padded[sample, np.clip(above, -1, height) + 1]
    lower = padded[sample, np.clip(above + 1, -1, height) + 1]
    return (1 - share) * upper + share * lower
