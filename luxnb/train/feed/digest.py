"""Digests: what arrays hold, as SHA-256 over their bits, in the types that a model is given."""

import hashlib
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import is_key

PIECE = 16 * 2**20  # bytes hashed at a time: what has to be converted or copied is small


def describe_arrays(data: Any) -> dict[str, dict]:
    """Shape, dtype and digest of each array by its name, such as `data[0]`; data for JSON."""
    leaves = jax.tree_util.tree_leaves_with_path(data)
    return {"data" + jax.tree_util.keystr(path): _describe(leaf) for path, leaf in leaves}


def _describe(array) -> dict:
    array = np.asarray(jax.random.key_data(array) if is_key(array) else array)
    dtype = jax.dtypes.canonicalize_dtype(array.dtype)
    return {"shape": list(array.shape), "dtype": str(dtype), "sha256": sha256(array, dtype)}


def sha256(array: np.ndarray, dtype) -> str:
    """The digest of the elements in row-major order, in hex, without a copy of them all."""
    digest = hashlib.sha256()
    rows = max(1, PIECE // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        piece = np.ascontiguousarray(array[start : start + rows], dtype)
        digest.update(piece.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
