"""The IDX format, in which MNIST is published: a magic number, the sizes, then the numbers.

Two bytes of 0, a byte for the type, a byte for how many dimensions there are; then each size in
four bytes; then the numbers, the last index running fastest. All are big-endian. Source: LeCun,
Cortes and Burges (1998), on the page of MNIST.
"""

import gzip
import math
import os
import zlib

import numpy as np

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"  # how a file compressed by gzip begins; a plain one begins with two zeros
PIECE = 1 << 20  # bytes


def read_idx(path):
    """The array that an IDX file holds, plain or compressed by gzip, with its shape and its type.

    Raises ValueError, naming the file and what is wrong, if it is not an IDX file, is damaged, ends
    too early or goes on after the last number; OSError if it cannot be read. The memory it takes
    grows with what the file holds, never with what its header promises.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be the name of a file, got {path!r}")
    with open(path, "rb") as plain:
        zipped = plain.read(2) == GZIP
        plain.seek(0)
        try:
            return _parse(gzip.GzipFile(fileobj=plain) if zipped else plain)
        except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{os.fspath(path)} is not a whole IDX file: {error}") from error


def _parse(file):
    magic = _read(file, 4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or magic[3] == 0:
        raise ValueError(f"it begins with {magic.hex(' ') or 'nothing'}, which is no magic number")
    dtype, dimensions = np.dtype(TYPES[magic[2]]), magic[3]
    sizes = _read(file, 4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise ValueError(f"it ends within the {dimensions} sizes of its header")
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    promised = math.prod(shape) * dtype.itemsize
    data = _read(file, promised)
    if len(data) < promised:
        raise ValueError(f"{promised:,} bytes should follow its header, but {len(data):,} do")
    if file.read(1):  # and gzip compares its own checksum when it meets the end
        raise ValueError(f"it goes on after the {promised:,} bytes that its header promises")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read(file, count):
    """`count` bytes, or as many as there are."""
    # Piece by piece, since file.read(count) takes the memory for all of them before it looks.
    data = bytearray()
    while len(data) < count and (piece := file.read(min(PIECE, count - len(data)))):
        data += piece
    return data
