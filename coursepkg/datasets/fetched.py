"""MNIST on request: from files that the learner has, or fetched once and kept."""

import os
import sys
from pathlib import Path

import numpy as np

from coursepkg.datasets.idx import read_idx
from coursepkg.safe_files import hash_file

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# The images and the labels of each part: name, size in bytes, SHA-256.
FILES = {
    "train": (
        (
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        (
            "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
    ),
    "test": (
        (
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        (
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
}


def mnist(part, folder=None, cache=None, dtype=np.float64):
    """Handwritten digits: of MNIST the part "train", 60,000 images, or "test", 10,000.

    Returns images, of shape (n, 28, 28), from 0 for paper to 1 for ink, without a unit, and labels,
    int64 of shape (n,), from 0 to 9. dtype is that of the images, float64 or float32; all 60,000
    take 376 MB as float64 and half as float32.

    With `folder`, the files are read there: the two of the part under the names they were published
    by, with or without `.gz`, also with `.idx` for `-idx`. Otherwise they are in `cache`, by
    default a folder for the user's caches, and what is missing there is downloaded and its SHA-256
    compared.

    Raises ValueError or TypeError for bad arguments and for files that hold something else,
    FileNotFoundError for files that `folder` lacks, ConnectionError if they cannot be downloaded,
    and OSError if they cannot be written. Source: LeCun, Cortes and Burges (1998).
    """
    if not isinstance(part, str) or part not in FILES:
        raise ValueError(f'part must be "train" or "test", got {part!r}')
    if dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}")
    if folder is not None and cache is not None:
        raise ValueError("folder and cache exclude each other; only one of them can be given")
    if folder is not None:
        paths = _find(part, _folder(folder, "folder"))
    else:
        paths = _fetch(part, cache_folder() if cache is None else _folder(cache, "cache"))
    images, labels = _read(*paths)
    return np.divide(images, 255, dtype=dtype), labels.astype(np.int64)


def cache_folder():
    """The folder of this user's caches on this system, and in it `coursepkg/mnist`."""
    if sys.platform == "win32":
        caches, otherwise = os.environ.get("LOCALAPPDATA", ""), Path.home() / "AppData/Local"
    elif sys.platform == "darwin":
        caches, otherwise = "", Path.home() / "Library/Caches"
    else:
        caches, otherwise = os.environ.get("XDG_CACHE_HOME", ""), Path.home() / ".cache"
    # A relative path would be another folder for each notebook; XDG's rules say to ignore it, too.
    return (Path(caches) if os.path.isabs(caches) else otherwise) / "coursepkg" / "mnist"


def _folder(value, name):
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be the name of a folder, got {value!r}")
    return Path(value).expanduser()


def _find(part, folder):
    """The paths of the two files, compressed or not, in either spelling of their names."""
    paths = {name: _spelled(folder, name) for name, _, _ in FILES[part]}
    if missing := [name for name, path in paths.items() if path is None]:
        raise FileNotFoundError(
            f"folder {folder} lacks {' and '.join(missing)} (without .gz they would do, too, and "
            f"with .idx for -idx)"
        )
    return list(paths.values())


def _spelled(folder, name):
    """The first file of this name, t10k-images-idx3-ubyte.gz, or of another spelling; or None."""
    names = [name, name.replace("-idx", ".idx")]
    names += [each.removesuffix(".gz") for each in names]
    return next((folder / each for each in names if (folder / each).is_file()), None)


def _fetch(part, cache):
    """The paths of the two files in the cache, downloaded if they are missing or damaged."""
    cache.mkdir(parents=True, exist_ok=True)
    for name, size, sha256 in FILES[part]:
        if hash_file(cache / name) == sha256:
            continue
        # Imported here: it takes longer than all else in this package, and few ask for MNIST.
        from coursepkg.datasets.download import fetch

        try:
            fetch(name, size, sha256, cache, MIRRORS)
        except ConnectionError as error:
            names = ", ".join(name for files in FILES.values() for name, _, _ in files)
            raise ConnectionError(
                f"MNIST could not be fetched: {error}. The digits of `digits()` come with the "
                f"course and need no network. If you can get the four files of MNIST elsewhere "
                f"({names}), put them into one folder and call "
                f'mnist("{part}", folder="that folder").'
            ) from None
    return [cache / name for name, _, _ in FILES[part]]


def _read(image_path, label_path):
    """Images and labels, bytes of shapes (n, 28, 28) and (n,), after a look at what they are."""
    images, labels = read_idx(image_path), read_idx(label_path)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"{image_path} must hold bytes of shape (n, 28, 28), "
            f"got {images.dtype} of shape {images.shape}"
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{label_path} must hold one byte for each of {len(images)} images, "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    if (labels > 9).any():
        raise ValueError(f"{label_path} must hold digits from 0 to 9, got {labels.max()}")
    return images, labels
