"""Fingerprints: one digest over every bit of a training."""

import hashlib
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import is_key
from luxnb.train.measure.history import History
from luxnb.train.state import TrainState


def fingerprint(ts: TrainState, history: History) -> str:
    """SHA-256 over names, types, shapes and bits of every leaf and of the history, in hex."""
    digest = hashlib.sha256()
    for name, array in leaves_of(ts).items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    for name, column in history.items():
        digest.update(f"{name} {column.shape}".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()


def leaves_of(ts: TrainState) -> dict[str, np.ndarray]:
    """Every leaf by its path, as NumPy; random keys as the numbers they hold."""
    leaves = jax.tree_util.tree_leaves_with_path(ts)
    return {jax.tree_util.keystr(path).lstrip("."): numbers_of(leaf) for path, leaf in leaves}


def numbers_of(leaf: Any) -> np.ndarray:
    """A leaf as NumPy; of a random key the numbers it holds."""
    return np.asarray(jax.random.key_data(leaf) if is_key(leaf) else leaf)
