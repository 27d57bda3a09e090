"""MNIST and Fashion-MNIST on request: from files that the learner has, or fetched once and kept."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from coursepkg.datasets.idx import read_idx

# The images and the labels of each part: both data sets are published under these names.
NAMES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


@dataclass(frozen=True)
class Source:
    """Where a data set is published, the SHA-256 of each file, and what to use without it."""

    title: str
    function: str
    bundled: str
    mirrors: tuple
    sha256: dict


MNIST = Source(
    title="MNIST",
    function="mnist",
    bundled="The digits of `digits()`",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    sha256={
        "train-images-idx3-ubyte.gz": (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": (
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
)

FASHION_MNIST = Source(
    title="Fashion-MNIST",
    function="fashion_mnist",
    bundled="The 6,000 images of `fashion(part)`",
    # The address that its README gives; it has no https, and the SHA-256 decides.
    mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    sha256={
        "train-images-idx3-ubyte.gz": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
        ),
        "train-labels-idx1-ubyte.gz": (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
    },
)


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
    return _load(MNIST, part, folder, cache, dtype)


def fashion_mnist(part, folder=None, cache=None, dtype=np.float64):
    """Clothing: of Fashion-MNIST the part "train", 60,000 images, or "test", 10,000.

    Images from 0 for the background to 1; labels from 0 to 9, which FASHION_CLASSES names. For all
    else see `mnist`: the files have the same names, so keep them in a folder of their own. Source:
    Xiao, Rasul and Vollgraf (2017).
    """
    return _load(FASHION_MNIST, part, folder, cache, dtype)


def check_part(part):
    if not isinstance(part, str) or part not in NAMES:
        raise ValueError(f'part must be "train" or "test", got {part!r}')


def check_dtype(dtype):
    if dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}")


def _load(source, part, folder, cache, dtype):
    check_part(part)
    check_dtype(dtype)
    if folder is not None and cache is not None:
        raise ValueError("folder and cache exclude each other; only one of them can be given")
    if folder is not None:
        paths = _find(part, _folder(folder, "folder"))
    else:
        paths = _fetch(source, part, None if cache is None else _folder(cache, "cache"))
    images, labels = _read(*paths)
    return np.divide(images, 255, dtype=dtype), labels.astype(np.int64)


def _folder(value, name):
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be the name of a folder, got {value!r}")
    return Path(value).expanduser()


def _find(part, folder):
    """The paths of the two files, compressed or not, in either spelling of their names."""
    paths = {name: _spelled(folder, name) for name in NAMES[part]}
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


def _fetch(source, part, cache):
    """The paths of the two files in the cache, downloaded if they are missing or damaged."""
    # Imported here: it takes longer than all else in this package, and few ask for MNIST.
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")  # the progress bar says enough
    cache = cache or pooch.os_cache("coursepkg") / source.function
    cache.mkdir(parents=True, exist_ok=True)
    for name in NAMES[part]:
        about = {"known_hash": f"sha256:{source.sha256[name]}", "fname": name, "path": cache}
        failures = []
        for mirror in source.mirrors:
            try:
                pooch.retrieve(mirror + name, **about, progressbar=True)
                break
            except RequestException as error:
                failures.append(f"{urlsplit(mirror).netloc} ({type(error).__name__})")
            except ValueError:
                failures.append(f"{urlsplit(mirror).netloc} (wrong SHA-256)")
        else:
            raise ConnectionError(
                f"{source.title} could not be fetched: {name} was tried from "
                f"{', '.join(failures)}. {source.bundled} come with the course and need no "
                f"network. If you can get the four files of {source.title} elsewhere "
                f"({', '.join(source.sha256)}), put them into one folder and call "
                f'{source.function}("{part}", folder="that folder").'
            )
    return [cache / name for name in NAMES[part]]


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
        raise ValueError(f"{label_path} must hold labels from 0 to 9, got {labels.max()}")
    return images, labels
