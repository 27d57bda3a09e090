"""MNIST and its file format, against files and mirrors that are made here: no test leaves home."""

import contextlib
import dataclasses
import gzip
import hashlib
import math
import re
import socket
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursepkg.datasets import fashion_mnist, fetched, mnist, read_idx

CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
packings = st.sampled_from([bytes, gzip.compress])


def idx_bytes(array):
    header = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim])
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@st.composite
def arrays(draw):
    dtype = np.dtype(draw(st.sampled_from(sorted(CODES))))
    return draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "numbers"


def refusal(path, data):
    """What read_idx says of a file of these bytes, after its name."""
    path.write_bytes(data)
    with pytest.raises(ValueError, match="is not a whole IDX file") as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value).partition("file: ")[2]


@given(array=arrays(), pack=packings)
def test_an_array_comes_back_with_its_shape_and_type(path, array, pack):
    path.write_bytes(pack(idx_bytes(array)))
    read = read_idx(path)
    assert (read.dtype, read.shape) == (array.dtype, array.shape)
    assert read.dtype.isnative
    assert read.tobytes() == array.tobytes()  # NaN for NaN, too
    assert read.flags.writeable


def test_a_file_written_by_hand(path):
    path.write_bytes(bytes.fromhex("00000b02 00000002 00000001 0102 fffe"))
    assert read_idx(str(path)).tolist() == [[258], [-2]]


@given(array=arrays(), pack=packings, data=st.data())
def test_a_file_that_ends_too_early_is_refused(path, array, pack, data):
    packed = pack(idx_bytes(array))
    assert refusal(path, packed[: data.draw(st.integers(0, len(packed) - 1))])


@given(array=arrays(), pack=packings, extra=st.binary(min_size=1, max_size=9))
def test_a_file_that_goes_on_is_refused(path, array, pack, extra):
    assert "it goes on after the" in refusal(path, pack(idx_bytes(array) + extra))


def test_what_follows_the_compressed_numbers_is_refused(path):
    assert refusal(path, gzip.compress(idx_bytes(np.arange(3, dtype="u1"))) + b"more")


@example(magic=b"\0\0\x08\0", pack=bytes)
@example(magic=b"\0\1\x08\1", pack=gzip.compress)
@example(magic=b"\1\0\x08\1", pack=bytes)
@example(magic=b"\0\0\x0a\1", pack=bytes)
@given(magic=st.binary(min_size=4, max_size=4), pack=packings)
def test_another_beginning_is_refused(path, magic, pack):
    right = magic[:2] == b"\0\0" and magic[2] in CODES.values() and magic[3]
    assume(not right and magic[:2] != b"\x1f\x8b")
    said = refusal(path, pack(magic + bytes(40)))
    assert said == f"it begins with {magic.hex(' ')}, which is no magic number"


@given(array=arrays(), data=st.data())
def test_a_changed_byte_in_a_compressed_file_changes_no_number(path, array, data):
    packed = bytearray(gzip.compress(idx_bytes(array)))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(packed)
    with contextlib.suppress(ValueError):  # a byte of the time stamp may change unnoticed
        assert read_idx(path).tobytes() == array.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("sizes", [[2**32 - 1], [2**31, 2**31, 2**31], [60_000, 28, 28]])
def test_a_forged_header_takes_no_memory(path, pack, sizes):
    header = bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)
    tracemalloc.start()
    try:
        said = refusal(path, pack(header + bytes(1000)))
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert said == f"{math.prod(sizes):,} bytes should follow its header, but 1,000 do"


@pytest.mark.parametrize("sizes", [[1] * 65, [0] + [2**32 - 1] * 4])
def test_a_shape_that_no_array_can_have_is_refused(path, sizes):
    header = bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)
    assert refusal(path, header + bytes(math.prod(sizes)))


@pytest.mark.parametrize("value", [3, None, b"name"])
def test_what_is_no_name_of_a_file_is_refused(value):
    with pytest.raises(TypeError, match="path must be the name of a file, got"):
        read_idx(value)


# From here on MNIST, in miniature: of each part a few images, of random bytes that do not compress.
IMAGES = {
    part: np.random.default_rng(n).integers(0, 256, (n, 28, 28), dtype=np.uint8)
    for part, n in [("train", 5), ("test", 3)]
}
LABELS = {"train": np.array([3, 1, 4, 1, 9], np.uint8), "test": np.array([2, 7, 0], np.uint8)}
NAMES = {part: list(names) for part, names in fetched.NAMES.items()}
SOURCES = [fetched.MNIST, fetched.FASHION_MNIST]
PUBLISHED = {
    name: gzip.compress(idx_bytes(array))
    for part in NAMES
    for name, array in zip(NAMES[part], (IMAGES[part], LABELS[part]), strict=True)
}
TRAIN_IMAGES = NAMES["train"][0]


def assert_train(data):
    images, labels = data
    assert (255 * images).round().astype(np.uint8).tolist() == IMAGES["train"].tolist()
    assert labels.tolist() == LABELS["train"].tolist()


@pytest.fixture
def folder(tmp_path):
    """A folder with the four files, as somebody has downloaded them."""
    for name, data in PUBLISHED.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.parametrize("part", ["train", "test"])
def test_images_and_labels_of_a_folder(folder, part):
    images, labels = mnist(part, folder=folder)
    assert (images.dtype, labels.dtype) == (np.float64, np.int64)
    assert (images == IMAGES[part] / 255).all()
    assert labels.tolist() == LABELS[part].tolist()


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype(np.float32)])
def test_images_in_single_precision(folder, dtype):
    images, _ = mnist("train", str(folder), dtype=dtype)
    assert images.dtype == np.float32
    assert (images == IMAGES["train"].astype(np.float32) / np.float32(255)).all()


def test_a_folder_may_hold_the_files_unpacked(folder):
    for name in NAMES["train"]:
        (folder / name.removesuffix(".gz")).write_bytes(gzip.decompress(PUBLISHED[name]))
        (folder / name).unlink()
    assert_train(mnist("train", folder))


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_may_hold_the_files_with_a_dot_in_their_names(folder, packed):
    for name in NAMES["train"]:
        data = (folder / name).read_bytes()
        (folder / name).unlink()
        name = name.replace("-idx", ".idx")
        name, data = (name, data) if packed else (name[:-3], gzip.decompress(data))
        (folder / name).write_bytes(data)
    assert sorted(path.name for path in folder.glob("train-*"))[0].startswith("train-images.idx3-")
    assert_train(mnist("train", folder))


def test_missing_files_of_a_folder_are_all_named(folder):
    images, labels = NAMES["test"]
    (folder / labels).unlink()
    with pytest.raises(FileNotFoundError, match=f"lacks {labels} "):
        mnist("test", folder)
    (folder / images).unlink()
    with pytest.raises(FileNotFoundError, match=f"folder .* lacks {images} and {labels} "):
        mnist("test", folder)
    assert_train(mnist("train", folder))


@pytest.mark.parametrize(
    ("which", "array", "message"),
    [
        (0, np.zeros((5, 28, 27), np.uint8), r"\(n, 28, 28\), got uint8 of shape \(5, 28, 27\)"),
        (0, np.zeros((5, 28, 28), np.int8), r"\(n, 28, 28\), got int8"),
        (0, np.zeros(5, np.uint8), r"\(n, 28, 28\), got uint8 of shape \(5,\)"),
        (1, np.zeros(4, np.uint8), r"each of 5 images, got uint8 of shape \(4,\)"),
        (1, np.zeros(5, np.int32), "each of 5 images, got int32"),
        (1, np.array([0, 1, 10, 2, 3], np.uint8), "labels from 0 to 9, got 10"),
    ],
)
def test_files_that_hold_something_else_are_refused_by_name(folder, which, array, message):
    name = NAMES["train"][which]
    (folder / name).write_bytes(idx_bytes(array))
    with pytest.raises(ValueError, match=f"{name} must hold .*{message}"):
        mnist("train", folder)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"part": "validation"}, ValueError, 'part must be "train" or "test", got \'validation\''),
        ({"part": ["train"]}, ValueError, 'part must be "train" or "test"'),
        ({"part": "test", "dtype": int}, ValueError, "dtype must be float32 or float64"),
        ({"part": "test", "dtype": "banana"}, ValueError, "dtype must be float32 or float64"),
        ({"part": "test", "folder": 3}, TypeError, "folder must be the name of a folder, got 3"),
        ({"part": "test", "cache": b"a"}, TypeError, "cache must be the name of a folder"),
        ({"part": "test", "folder": "a", "cache": "b"}, ValueError, "folder and cache exclude"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, error, message):
    for load in (mnist, fashion_mnist):
        with pytest.raises(error, match=message):
            load(**arguments)


def test_both_data_sets_are_read_alike(folder):
    for part in NAMES:
        for own, other in zip(mnist(part, folder), fashion_mnist(part, folder), strict=True):
            assert own.dtype == other.dtype
            assert (own == other).all()


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_published_is_asked_for_safely(source):
    # Fashion-MNIST is published without https; what comes is used only if its SHA-256 is right.
    secure = "https" if source is fetched.MNIST else "http"
    for mirror in source.mirrors:
        assert re.fullmatch(secure + r"://[\w.-]+/([\w-]+/)*", mirror)
    assert list(source.sha256) == sum(NAMES.values(), [])
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in source.sha256.values())


def test_no_two_files_have_one_sum():
    sums = {sha256 for source in SOURCES for sha256 in source.sha256.values()}
    assert len(sums) == 4 * len(SOURCES)


class Mirror(BaseHTTPRequestHandler):
    """A mirror for each kind of trouble; the first folder of the address says which."""

    def do_GET(self):
        _, trouble, name = self.path.split("/")
        self.server.asked.append(name)
        data = PUBLISHED[name]
        if trouble == "changed":
            data = data[:-1] + bytes([data[-1] ^ 1])
        self.send_response(503 if trouble == "busy" else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if trouble == "broken" else data)
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def use(monkeypatch, server):
    """Call it with the troubles of the mirrors, in turn; `down` is one where nobody listens."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in PUBLISHED.items()}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]

    def use(*troubles):
        ports = {
            trouble: nobody if trouble == "down" else server.server_port for trouble in troubles
        }
        mirrors = [f"http://127.0.0.1:{ports[trouble]}/{trouble}/" for trouble in troubles]
        for name, source in zip(("MNIST", "FASHION_MNIST"), SOURCES, strict=True):
            own = dataclasses.replace(source, mirrors=mirrors, sha256=sums)
            monkeypatch.setattr(fetched, name, own)

    return use


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_missing_is_downloaded_once(use, server, tmp_path, capsys):
    use("good")
    cache = tmp_path / "new" / "cache"
    assert_train(mnist("train", cache=cache))
    assert listing(cache) == sorted(NAMES["train"])
    assert "100%" in capsys.readouterr().err  # the progress
    assert_train(mnist("train", cache=str(cache)))
    assert server.asked == NAMES["train"]


def test_without_a_folder_the_users_caches_are_used(use, server, tmp_path, monkeypatch):
    use("good")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / name)
    assert_train(mnist("train"))
    assert listing(tmp_path / "coursepkg" / "mnist") == sorted(NAMES["train"])
    assert_train(fashion_mnist("train"))
    assert listing(tmp_path / "coursepkg" / "fashion_mnist") == sorted(NAMES["train"])


def test_what_is_cached_asks_nobody(use, folder):
    use("down")
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert_train(mnist("train", cache=folder))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_damaged_file_of_the_cache_is_downloaded_again(use, server, folder):
    use("good")
    (folder / TRAIN_IMAGES).write_bytes(PUBLISHED[TRAIN_IMAGES][:-9])
    assert_train(mnist("train", cache=folder))
    assert listing(folder) == sorted(PUBLISHED)
    assert server.asked == [TRAIN_IMAGES]


TROUBLES = {
    "down": "ConnectionError",
    "busy": "HTTPError",
    "changed": "wrong SHA-256",
    "broken": "ChunkedEncodingError|wrong SHA-256",
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_second_mirror_serves_where_the_first_fails(use, tmp_path, trouble):
    use(trouble, "good")
    assert_train(mnist("train", cache=tmp_path))
    assert listing(tmp_path) == sorted(NAMES["train"])


@pytest.mark.parametrize(("trouble", "reason"), TROUBLES.items())
def test_nothing_but_the_file_itself_ever_gets_its_name(use, tmp_path, trouble, reason):
    use(trouble)
    with pytest.raises(ConnectionError, match=rf"tried from 127.0.0.1:\d+ \(({reason})\)\. The"):
        mnist("train", cache=tmp_path)
    assert listing(tmp_path) == []


@pytest.mark.parametrize(
    ("load", "title", "bundled"),
    [
        (mnist, "MNIST", "The digits of `digits()`"),
        (fashion_mnist, "Fashion-MNIST", "The 6,000 images of `fashion(part)`"),
    ],
)
def test_without_a_network_the_message_says_what_to_do(use, tmp_path, load, title, bundled):
    use("down", "busy")
    with pytest.raises(ConnectionError) as caught:
        load("test", cache=tmp_path)
    message = str(caught.value)
    name = NAMES["test"][0]
    assert message.startswith(f"{title} could not be fetched: {name} was tried from 127.0.0.1:")
    assert f"{bundled} come with the course and need no network" in message
    assert all(name in message for name in PUBLISHED)
    assert message.endswith(f'{load.__name__}("test", folder="that folder").')


def test_a_cache_that_cannot_be_made_is_an_error_of_its_own(use, tmp_path):
    use("good")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        mnist("train", cache=tmp_path / "file" / "cache")
