"""A saved training: what is refused, and that a failed save leaves the old file alone.

That going on gives the same numbers is tested in test_training.py.
"""

import numpy as np
import pytest

from coursepkg.layers import BatchNorm, Dropout, Linear
from coursepkg.model import Sequential
from coursepkg.optimizers import SGD, Adam, AdamW, Momentum
from coursepkg.training import EarlyStopping, History, saving
from coursepkg.training.saving import load_training, save_training


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
        (objects(dropout=False), "rng and the Dropout layers of model must have"),
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
    with pytest.raises(ValueError, match="early_stopping must be as it was saved: there was none"):
        load_training(saved, *objects(), EarlyStopping(3))


def test_generators_of_another_kind_are_refused_and_nothing_changes(saved):
    model, optimizer, _ = objects()
    before = model.state()
    with pytest.raises(ValueError, match="rng and the Dropout layers .* PCG64, PCG64"):
        load_training(saved, model, optimizer, np.random.Generator(np.random.SFC64(0)))
    assert all((model.state()[name] == before[name]).all() for name in before)


def test_a_model_of_another_precision_is_refused(saved):
    rng = np.random.default_rng(0)
    model = Sequential([Linear(2, 3), BatchNorm(3), Dropout(0.1, rng)], rng, np.float32)
    with pytest.raises(ValueError, match="model must be made as the one that was saved"):
        load_training(saved, model, Adam(model.params, model.grads, 0.1), rng)


def test_early_stopping_that_was_saved_is_asked_for(tmp_path):
    save_training(tmp_path / "training.npz", *objects(), History(), EarlyStopping(3))
    with pytest.raises(ValueError, match="early_stopping must be as it was saved: there was one"):
        load_training(tmp_path / "training.npz", *objects())


@pytest.mark.parametrize("kind", ["MT19937", "Philox", "SFC64"])
def test_every_kind_of_generator_goes_on_where_it_was(kind, tmp_path):
    model, optimizer, _ = objects()
    rng, again = (np.random.Generator(getattr(np.random, kind)(seed)) for seed in (1, 2))
    rng.random(5)
    save_training(tmp_path / "training.npz", model, optimizer, rng, History())
    load_training(tmp_path / "training.npz", model, optimizer, again)
    assert (again.random(9) == rng.random(9)).all()


def test_a_rate_that_a_schedule_gave_as_a_numpy_number_is_saved(tmp_path):
    model, optimizer, rng = objects()
    optimizer.learning_rate = np.float32(0.25)
    save_training(tmp_path / "training.npz", model, optimizer, rng, History())
    load_training(tmp_path / "training.npz", model, optimizer, rng)
    assert optimizer.learning_rate == 0.25
    assert type(optimizer.learning_rate) is float


@pytest.mark.parametrize("left_out", ["optimizer/v", "model/params"])
def test_a_file_that_lacks_an_array_is_refused_and_nothing_changes(left_out, saved):
    with np.load(saved) as archive:
        arrays = {name: archive[name] for name in archive.files if name != left_out}
    np.savez(saved, **arrays)
    model, optimizer, rng = objects()
    before = model.state()
    with pytest.raises(ValueError, match="must be made as the one that was saved"):
        load_training(saved, model, optimizer, rng)
    assert all((model.state()[name] == before[name]).all() for name in before)


@pytest.mark.parametrize("notes", ["{}", "[]", '{"history": {"loss": []}}', "null"])
def test_notes_that_say_too_little_are_refused(notes, tmp_path):
    np.savez(tmp_path / "other.npz", notes=notes)
    with pytest.raises(ValueError, match="other.npz is not a saved training"):
        load_training(tmp_path / "other.npz", *objects())


def test_a_single_array_is_no_training(tmp_path):
    np.save(tmp_path / "other.npy", np.ones(3))
    with pytest.raises(ValueError, match="other.npy is not a saved training"):
        load_training(tmp_path / "other.npy", *objects())


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


@pytest.mark.parametrize(
    ("optimizer_class", "names"), [(SGD, ""), (Momentum, "velocity"), (Adam, "m v t")]
)
def test_the_names_in_the_file_stay_so_that_older_files_can_be_loaded(
    optimizer_class, names, tmp_path
):
    save_training(tmp_path / "it.npz", *objects(optimizer_class=optimizer_class), History())
    buffers = {f"model/running_{name} of layer 1" for name in ("mean", "var")}
    optimizer = {f"optimizer/{name}" for name in names.split()}
    with np.load(tmp_path / "it.npz") as archive:
        assert set(archive.files) == {"notes", "model/params"} | buffers | optimizer


def test_a_save_that_fails_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def fails(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(saving.np, "savez", fails)
    with pytest.raises(OSError, match="disk full"):
        save_training(saved, *objects(), History())
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]  # and nothing half written beside it


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
