"""Save a training to a file and go on from it later, with the same numbers as without the break."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from coursepkg.training import History


def save_training(path, model, optimizer, rng, history, early_stopping=None):
    """Write all that `fit` needs to go on: parameters, optimizer, generators, history.

    path: of the file, which is replaced only when the new one is complete. What is saved is
    NumPy's npz format with nothing in it that could run.
    """
    arrays = {f"model/{name}": array for name, array in model.state().items()}
    arrays |= {f"optimizer/{name}": getattr(optimizer, name) for name in optimizer.state_names}
    notes = {
        "optimizer": type(optimizer).__name__,
        "learning_rate": optimizer.learning_rate,
        "generators": [rng.bit_generator.state for rng in _generators(model, rng)],
        "history": asdict(history),
    }
    if early_stopping is not None:
        notes["early_stopping"] = {
            name: getattr(early_stopping, name) for name in ("best_loss", "best_epoch", "epoch")
        }
        best = early_stopping.best_state or {}
        arrays |= {f"best/{name}": array for name, array in best.items()}
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        np.savez(file, notes=json.dumps(notes), **arrays)
    os.replace(partial, path)


def load_training(path, model, optimizer, rng, early_stopping=None):
    """Put back what save_training wrote, into objects made as they were; return the History.

    ValueError, before anything has changed, if the file does not fit them.
    """
    notes, arrays = _read(path)
    _refuse_other(notes, arrays, model, optimizer, rng, early_stopping)
    model.load_state(_part(arrays, "model"))
    for name in optimizer.state_names:
        own = getattr(optimizer, name)
        if isinstance(own, np.ndarray):
            own[...] = arrays[f"optimizer/{name}"]
        else:
            setattr(optimizer, name, arrays[f"optimizer/{name}"].item())
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
        return json.loads(str(arrays.pop("notes"))), arrays
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
    shapes = {name: array.shape for name, array in _part(arrays, "model").items()}
    if shapes != {name: array.shape for name, array in model.state().items()}:
        raise ValueError("model must be made as the one that was saved: its arrays differ")
    if len(notes["generators"]) != len(_generators(model, rng)):
        raise ValueError("model must have as many Dropout layers as the one that was saved")
    if early_stopping is not None and "early_stopping" not in notes:
        raise ValueError("early_stopping must be None: none was saved")
