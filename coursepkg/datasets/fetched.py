"""MNIST on request: from files that the learner has, or fetched once and kept."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from coursepkg.datasets.idx import read_idx

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# The images and the labels of each part, with their SHA-256.
FILES = {
    "train": {
        "train-images-idx3-ubyte.gz": (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": (
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
    },
    "test": {
        "t10k-images-idx3-ubyte.gz": (
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
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
        paths = _fetch(part, None if cache is None else _folder(cache, "cache"))
    images, labels = _read(*paths)
    return np.divide(images, 255, dtype=dtype), labels.astype(np.int64)


def _folder(value, name):
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be the name of a folder, got {value!r}")
    return Path(value).expanduser()


def _find(part, folder):
    """The paths of the two files, compressed or not, in either spelling of their names."""
    paths = {name: _spelled(folder, name) for name in FILES[part]}
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
    # Imported here: it takes longer than all else in this package, and few ask for MNIST.
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")  # the progress bar says enough
    cache = cache or pooch.os_cache("coursepkg") / "mnist"
    cache.mkdir(parents=True, exist_ok=True)
    for name, sha256 in FILES[part].items():
        about = {"known_hash": f"sha256:{sha256}", "fname": name, "path": cache}
        failures = []
        for mirror in MIRRORS:
            try:
                pooch.retrieve(mirror + name, **about, progressbar=True)
                break
            except RequestException as error:
                failures.append(f"{urlsplit(mirror).netloc} ({type(error).__name__})")
            except ValueError:
                failures.append(f"{urlsplit(mirror).netloc} (wrong SHA-256)")
        else:
            names = ", ".join(name for files in FILES.values() for name in files)
            raise ConnectionError(
                f"MNIST could not be fetched: {name} was tried from {', '.join(failures)}. The "
                f"digits of `digits()` come with the course and need no network. If you can get "
                f"the four files of MNIST elsewhere ({names}), put them into one folder and call "
                f'mnist("{part}", folder="that folder").'
            )
    return [cache / name for name in FILES[part]]


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
