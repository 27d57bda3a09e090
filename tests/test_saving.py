"""A saved training: what is refused, and that a failed save leaves the old file alone.

That going on gives the same numbers is tested in test_training.py.
"""

import numpy as np
import pytest

from coursepkg import saving
from coursepkg.layers import BatchNorm, Dropout, Linear
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD, Adam, AdamW, Momentum
from coursepkg.saving import load_training, save_training
from coursepkg.training import EarlyStopping, History


def objects(width=3, optimizer_class=Adam, dropout=True):
    rng = np.random.default_rng(0)
    layers = [Linear(2, width), BatchNorm(width)]
    model = Sequential(layers + [Dropout(0.1, rng)] * dropout, rng)
    return model, optimizer_class(model.params, model.grads, 0.1), np.random.default_rng(1)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "training.npz"
    save_training(path, *objects(), History(loss=[0.5]))
    return path


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (objects(width=4), "model must be made as the one that was saved"),
        (objects(optimizer_class=AdamW), "optimizer must be the Adam that was saved, got AdamW"),
        (objects(dropout=False), "model must have as many Dropout layers"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_nothing_changes(made, message, saved):
    model, optimizer, rng = made
    before, drawn = model.state(), rng.bit_generator.state
    with pytest.raises(ValueError, match=message):
        load_training(saved, model, optimizer, rng)
    assert all((model.state()[name] == before[name]).all() for name in before)
    assert rng.bit_generator.state == drawn
    assert optimizer.t == 0


def test_early_stopping_that_was_not_saved_is_refused(saved):
    with pytest.raises(ValueError, match="early_stopping must be None: none was saved"):
        load_training(saved, *objects(), EarlyStopping(3))


@pytest.mark.parametrize("content", [b"", b"not a training", b"PK\x03\x04 torn off"])
def test_a_file_that_is_no_training_is_refused(content, tmp_path):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="other.npz is not a saved training"):
        load_training(path, *objects())


def test_another_npz_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", x=np.ones(3))
    with pytest.raises(ValueError, match="other.npz is not a saved training"):
        load_training(tmp_path / "other.npz", *objects())


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.npz"):
        load_training(tmp_path / "none.npz", *objects())


@pytest.mark.parametrize("optimizer_class", [SGD, Momentum, Adam])
def test_what_is_loaded_is_what_was_saved_in_the_same_memory(optimizer_class, tmp_path):
    model, optimizer, rng = objects(optimizer_class=optimizer_class)
    model.grads[...] = 1
    optimizer.step()
    optimizer.learning_rate = 0.025
    path = tmp_path / "training"  # no ending: it is kept as it is given
    save_training(path, model, optimizer, rng, History(loss=[1.0, 0.5], steps=7))
    fresh, fresh_optimizer, fresh_rng = objects(optimizer_class=optimizer_class)
    params = fresh.params
    history = load_training(path, fresh, fresh_optimizer, fresh_rng)
    assert history == History(loss=[1.0, 0.5], steps=7)
    assert fresh.params is params is fresh_optimizer.params
    assert (params == model.params).all()
    assert fresh_optimizer.learning_rate == 0.025
    for name in optimizer.state_names:
        assert np.all(getattr(fresh_optimizer, name) == getattr(optimizer, name))
    assert list(tmp_path.iterdir()) == [path]


def test_a_save_that_fails_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def fails(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(saving.np, "savez", fails)
    with pytest.raises(OSError, match="disk full"):
        save_training(saved, *objects(), History())
    assert saved.read_bytes() == before


def test_the_best_state_of_early_stopping_is_saved_too(tmp_path):
    model, optimizer, rng = objects()
    stopping = EarlyStopping(patience=3)
    stopping.update(0.5, model)
    best = model.state()
    model.params += 1
    stopping.update(0.7, model)
    path = str(tmp_path / "training.npz")  # a name is as good as a Path
    save_training(path, model, optimizer, rng, History(), stopping)
    fresh, fresh_optimizer, fresh_rng = objects()
    loaded = EarlyStopping(patience=3)
    load_training(path, fresh, fresh_optimizer, fresh_rng, loaded)
    assert (loaded.best_loss, loaded.best_epoch, loaded.epoch) == (0.5, 1, 2)
    assert (fresh.params == model.params).all()
    loaded.restore(fresh)
    assert all((fresh.state()[name] == best[name]).all() for name in best)


def test_early_stopping_that_has_kept_nothing_yet_keeps_nothing(tmp_path):
    path = tmp_path / "training.npz"
    save_training(path, *objects(), History(), EarlyStopping(patience=3))
    loaded = EarlyStopping(patience=3)
    load_training(path, *objects(), loaded)
    assert loaded.best_state is None
    assert loaded.best_loss == np.inf


def test_a_file_with_objects_in_it_is_refused_unread(tmp_path):
    np.savez(tmp_path / "evil.npz", notes=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="evil.npz is not a saved training"):
        load_training(tmp_path / "evil.npz", *objects())
