"""The IDX format, in which MNIST is published: a magic number, the sizes, then the numbers.

Two zero bytes, a byte for the type, a byte for the number of dimensions; then each size in four
bytes; then the numbers, with the last index varying fastest. All are big-endian. Source: LeCun,
Cortes and Burges (1998), on the page of MNIST.
"""

import gzip
import math
import os
import zlib

import numpy as np

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"  # the first bytes of a gzip file; a plain IDX file begins with two zeros
PIECE = 1 << 20  # bytes


def read_idx(path):
    """The array in an IDX file, plain or gzip-compressed, with its shape and type.

    Raises ValueError, naming the file and the fault, if it is not an IDX file, is damaged, ends too
    early or continues after the last number; OSError if it cannot be read; TypeError if path is not
    a path. Memory use grows with what the file holds, never with what its header promises.
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
    if file.read(1):  # at the end gzip also verifies its checksum
        raise ValueError(f"it goes on after the {promised:,} bytes that its header promises")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read(file, count):
    """Read `count` bytes, or as many as there are."""
    # In pieces, since file.read(count) allocates memory for all of them before it reads any.
    data = bytearray()
    while len(data) < count and (piece := file.read(min(PIECE, count - len(data)))):
        data += piece
    return data
