"""Save a training to a file and go on from it later, with the same numbers as without the break."""

import io
import json
from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from coursepkg.safe_files import write_file
from coursepkg.training.parts import History


def save_training(path, model, optimizer, rng, history, early_stopping=None):
    """Write all that `fit` needs to go on: parameters, optimizer, generators, history.

    path: of the file, which is replaced only when the new one is complete. What is saved is
    NumPy's npz format with nothing in it that could run. Not saved are the settings with which
    the objects were made, such as a dropout rate or beta1.
    """
    arrays = {f"model/{name}": array for name, array in model.state().items()}
    arrays |= {f"optimizer/{name}": getattr(optimizer, name) for name in optimizer.state_names}
    notes = {
        "optimizer": type(optimizer).__name__,
        "learning_rate": float(optimizer.learning_rate),
        "generators": [rng.bit_generator.state for rng in _generators(model, rng)],
        "history": asdict(history),
        "early_stopping": None,
    }
    if early_stopping is not None:
        names = ("best_loss", "best_epoch", "epoch")
        notes["early_stopping"] = {name: getattr(early_stopping, name) for name in names}
        best = early_stopping.best_state or {}
        arrays |= {f"best/{name}": array for name, array in best.items()}
    file = io.BytesIO()
    np.savez(file, notes=json.dumps(notes, default=np.ndarray.tolist), **arrays)
    write_file(Path(path), file.getvalue())


def load_training(path, model, optimizer, rng, early_stopping=None):
    """Put back what save_training wrote, into objects made as they were; return the History.

    ValueError, before anything has changed, if the file does not fit them.
    """
    notes, arrays = _read(path)
    _refuse_other(notes, arrays, model, optimizer, rng, early_stopping)
    model.load_state(_part(arrays, "model"))
    for name, value in _part(arrays, "optimizer").items():
        if isinstance(getattr(optimizer, name), np.ndarray):
            getattr(optimizer, name)[...] = value
        else:
            setattr(optimizer, name, value.item())
    optimizer.learning_rate = notes["learning_rate"]
    for own, state in zip(_generators(model, rng), notes["generators"], strict=True):
        own.bit_generator.state = state
    if early_stopping is not None:
        best = _part(arrays, "best") or None
        vars(early_stopping).update(notes["early_stopping"], best_state=best)
    return History(**notes["history"])


def _read(path):
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        notes = json.loads(str(arrays.pop("notes")))
        History(**notes["history"])
        for name in ("optimizer", "learning_rate", "generators", "early_stopping"):
            notes[name]  # a KeyError if it is missing
        return notes, arrays
    except (ValueError, KeyError, TypeError, EOFError, BadZipFile):
        raise ValueError(f"{path} is not a saved training") from None


def _generators(model, rng):
    return [rng, *(layer.rng for layer in model.all_layers() if "rng" in vars(layer))]


def _part(arrays, part):
    return {
        name.removeprefix(part + "/"): array
        for name, array in arrays.items()
        if name.startswith(part + "/")
    }


def _refuse_other(notes, arrays, model, optimizer, rng, early_stopping):
    if notes["optimizer"] != type(optimizer).__name__:
        raise ValueError(
            f"optimizer must be the {notes['optimizer']} that was saved, "
            f"got {type(optimizer).__name__}"
        )
    own = {name: np.asarray(getattr(optimizer, name)) for name in optimizer.state_names}
    if _kinds(_part(arrays, "model")) != _kinds(model.state()):
        raise ValueError("model must be made as the one that was saved: its arrays differ")
    if _kinds(_part(arrays, "optimizer")) != _kinds(own):
        raise ValueError("optimizer must be made as the one that was saved: its arrays differ")
    saved = [state["bit_generator"] for state in notes["generators"]]
    if saved != [own.bit_generator.state["bit_generator"] for own in _generators(model, rng)]:
        raise ValueError(
            "rng and the Dropout layers of model must have generators of the kinds that were "
            f"saved: {', '.join(saved)}"
        )
    if (early_stopping is None) != (notes["early_stopping"] is None):
        was = "none" if notes["early_stopping"] is None else "one"
        raise ValueError(f"early_stopping must be as it was saved: there was {was}")


def _kinds(arrays):
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}
