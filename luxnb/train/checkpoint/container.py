"""A safetensors file of named arrays in which every flipped bit is found.

The header holds the SHA-256 of each array and one of itself, taken while that has only zeros in
its own place. Whoever reads it without luxnb finds arrays by name, and JSON under "luxnb".
"""

import hashlib
import importlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from luxnb.core.spec import short
from luxnb.train.checkpoint.header import LENGTH, Entry, read_header, understood
from luxnb.train.checkpoint.replacing import replacing

FORMAT = 1
BLANK = "0" * 64
OWN = ("sha256", "format", "arrays", "dtypes")  # entries of the metadata that `write` makes
SEAL = re.compile(rb'"luxnb":"\{\\"sha256\\": \\"([0-9a-f]{64})\\"')

# dtypes without a place in the format, and those that are written for them
STAND_INS = {"int2": "int8", "int4": "int8", "uint2": "uint8", "uint4": "uint8"}
BY_NAME = {
    "bool": "BOOL", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64",
    "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64",
    "float16": "F16", "float32": "F32", "float64": "F64", "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "complex64": "C64",
}  # fmt: skip
BY_CODE = {code: name for name, code in BY_NAME.items()}


def write(path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """Write arrays, and metadata that JSON can say, in the place of what is at `path`.

    OSError where that cannot be: then nothing has changed.
    """
    stored = {name: _stored(array) for name, array in arrays.items()}
    document = {
        "sha256": BLANK,
        "format": FORMAT,
        **metadata,
        "arrays": {name: digest(array) for name, array in stored.items()},
        "dtypes": {n: a.dtype.name for n, a in arrays.items() if a.dtype.name not in BY_NAME},
    }
    with replacing(path) as part:
        library("safetensors.numpy").save_file(stored, part, {"luxnb": json.dumps(document)})
        _seal(part)


def read(path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays by name, and the metadata; ValueError where one bit is not as it was written."""
    with open(path, "rb") as file, understood(path):
        raw, entries, metadata = _opened(file, path)
        arrays, damaged = {}, []
        for name, wanted in metadata["arrays"].items():
            entry = entries[name]
            file.seek(len(raw) + entry.begin)
            array = np.ndarray(entry.shape, _dtype(entry), file.read(entry.end - entry.begin))
            if digest(array) != wanted:
                damaged.append(f"{name} {short(array)}, at byte {len(raw) + entry.begin:,}")
            arrays[name] = _restored(array, metadata["dtypes"].get(name))
    if damaged:
        more = f", and {len(damaged) - 3} more" if len(damaged) > 3 else ""
        raise ValueError(f"{path} is damaged in {'; '.join(damaged[:3])}{more}")
    return arrays, {name: value for name, value in metadata.items() if name not in OWN}


def read_metadata(path) -> dict[str, Any]:
    """The metadata alone; ValueError where a bit of the header is not as it was written."""
    with open(path, "rb") as file, understood(path):
        return _opened(file, path)[2]


def library(name: str) -> Any:
    """safetensors, which is imported when it is needed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError("checkpoints are written by safetensors: pip install safetensors") from (
            error
        )


# -- the header ---------------------------------------------------------------------------------


def _seal(path: Path) -> None:
    """Write the digest of the header into it, in the place of its zeros."""
    with open(path, "r+b") as file:
        raw = file.read(LENGTH)
        raw += file.read(int.from_bytes(raw, "little"))
        place = SEAL.search(raw)
        assert place is not None
        file.seek(place.start(1))
        file.write(hashlib.sha256(raw).hexdigest().encode())


def _opened(file, path) -> tuple[bytes, dict[str, Entry], dict[str, Any]]:
    """The raw header, what it says of each array, and its metadata, once they are to be trusted."""

    def check(raw: bytes) -> None:
        place = SEAL.search(raw)
        if place is None:
            raise ValueError(f"{path} is no checkpoint of luxnb, or the header is damaged")
        blank = raw[: place.start(1)] + BLANK.encode() + raw[place.end(1) :]
        if hashlib.sha256(blank).hexdigest() != place[1].decode():
            raise ValueError(f"{path} is damaged in its header, the first {len(raw):,} bytes")

    raw, entries, texts = read_header(file, path, check)
    metadata = json.loads(texts["luxnb"])
    if metadata["arrays"].keys() != entries.keys():
        raise ValueError(f"{path} has arrays without a digest, or digests without an array")
    if metadata["format"] > FORMAT:
        raise ValueError(
            f"{path} was written by a newer luxnb ({metadata.get('versions', {}).get('luxnb')}, "
            f"format {metadata['format']}; this one reads up to {FORMAT}): pip install -U luxnb"
        )
    return raw, entries, metadata


# -- arrays -------------------------------------------------------------------------------------


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.reshape(-1).view(np.uint8).data).hexdigest()


def _dtype(entry: Entry) -> np.dtype:
    # Also those that jax brings along; NumPy alone does not know bfloat16 by its name.
    return np.dtype(BY_CODE[entry.code])


def _stored(array: np.ndarray) -> np.ndarray:
    """The same bits, in row-major order, with a dtype that the format has."""
    array = np.asarray(array, order="C")
    name = array.dtype.name
    if name in BY_NAME:
        return array.astype(array.dtype.newbyteorder("<"), copy=False)
    if name in STAND_INS:
        return array.astype(STAND_INS[name])
    if name == "complex128":
        return array.reshape(*array.shape, 1).view(np.float64)
    return array.reshape(*array.shape, 1).view(np.uint8)


def _restored(array: np.ndarray, name: str | None) -> np.ndarray:
    """What `_stored` was given."""
    if name is None:
        return array
    if not re.fullmatch("u?int[24]|complex128|float[4-8]_[a-z0-9]+", name):
        raise ValueError(f"no array is of dtype {name!r}")
    if name in STAND_INS:
        return array.astype(np.dtype(name))
    return array.view(np.dtype(name)).reshape(array.shape[:-1])
