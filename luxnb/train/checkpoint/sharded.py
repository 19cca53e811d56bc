"""Checkpoints of arrays that are spread over many devices: a folder that orbax writes.

Each device's part is written where it lies. The metadata are those of a file, as JSON beside them.
"""

import hashlib
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from luxnb.train.checkpoint.container import digest
from luxnb.train.checkpoint.header import understood

METADATA = "metadata/metadata"  # where orbax puts the JSON
OWN = ("arrays", "empty")


def is_spread(arrays: Mapping[str, Any]) -> bool:
    """Whether a device alone does not have all of each array."""
    leaves = [array for array in arrays.values() if isinstance(array, jax.Array)]
    return any(not leaf.sharding.is_fully_replicated for leaf in leaves)


def is_orbax(path: Path) -> bool:
    return (path / METADATA).exists()


def write(path, arrays: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    """Write a new folder at `path`: whole, or not at all. One that is there is never replaced."""
    orbax, target = _library(), Path(path).absolute()
    if target.exists():
        raise FileExistsError(f"{path} exists, and a checkpoint of many devices replaces none")
    arrays = {n: a if isinstance(a, jax.Array) else np.asarray(a) for n, a in arrays.items()}
    empty = {n: [a.dtype.name, a.shape] for n, a in arrays.items() if not a.size}
    arrays = {n: a for n, a in arrays.items() if n not in empty}  # orbax writes no empty ones
    digests = {name: _digest(array) for name, array in arrays.items()}
    document = {**metadata, "arrays": digests, "empty": empty}
    said = {"luxnb": document, "sha256": _seal(document)}
    items = orbax.args.Composite(
        arrays=orbax.args.PyTreeSave(arrays), metadata=orbax.args.JsonSave(said)
    )
    with orbax.Checkpointer(orbax.CompositeCheckpointHandler()) as checkpointer:
        checkpointer.save(target, args=items)


def read(path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """All arrays, on the host, and the metadata; ValueError where a bit is not as it was."""
    orbax, target = _library(), Path(path).absolute()
    with understood(path):
        said = json.loads((target / METADATA).read_bytes())
        document = said["luxnb"]
        if _seal(document) != said["sha256"]:
            raise ValueError(f"{path} is damaged in its metadata")
    as_numpy = {name: orbax.RestoreArgs(restore_type=np.ndarray) for name in document["arrays"]}
    items = orbax.args.Composite(
        arrays=orbax.args.PyTreeRestore(dict.fromkeys(as_numpy, 0), restore_args=as_numpy)
    )
    try:
        with orbax.Checkpointer(orbax.CompositeCheckpointHandler()) as checkpointer:
            arrays = checkpointer.restore(target, args=items)["arrays"]
    except Exception as error:  # of many kinds, by what is damaged
        raise ValueError(f"{path} is damaged: {error}") from error
    arrays = {name: np.asarray(arrays[name]) for name in document["arrays"]}
    for name, wanted in document["arrays"].items():
        if wanted is not None and digest(arrays[name]) != wanted:
            raise ValueError(f"{path} is damaged in {name}")
    with understood(path):
        for name, (dtype, shape) in document["empty"].items():
            arrays[name] = np.zeros(shape, dtype)
    return arrays, {name: value for name, value in document.items() if name not in OWN}


def _digest(array: Any) -> str | None:
    """None where a part of the array lies on another machine."""
    if isinstance(array, jax.Array) and not array.is_fully_addressable:
        return None
    return digest(np.asarray(array, order="C"))


def _seal(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _library() -> Any:
    try:
        return importlib.import_module("orbax.checkpoint")
    except ImportError as error:
        raise ImportError(
            "arrays that are spread over many devices are written and read by orbax: "
            'pip install "luxnb[orbax]"'
        ) from error
