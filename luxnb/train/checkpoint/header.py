"""The header of a safetensors file, read as if an enemy had written it.

Eight bytes of length, so many of JSON, then the arrays without a gap:
https://github.com/huggingface/safetensors#format
"""

import contextlib
import json
import math
import os
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

LENGTH = 8  # bytes that say how long the header is
LONGEST = 100_000_000
BYTES = {
    "BOOL": 1, "I8": 1, "U8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
}  # fmt: skip


class Entry(NamedTuple):
    """An array in the file: its dtype's code, its shape, and its bytes after the header."""

    code: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(
    file: BinaryIO, path, check: Callable[[bytes], None]
) -> tuple[bytes, dict[str, Entry], dict[str, str]]:
    """The raw header, what it says of each array, and its metadata; ValueError if it is wrong.

    `check` is called with the raw header before anything in it is believed. No more is read than
    the file is long, and nothing is made in a size that only the header claims.
    """
    size = os.fstat(file.fileno()).st_size
    first = file.read(LENGTH)
    length = int.from_bytes(first, "little")
    if len(first) < LENGTH or length > min(size - LENGTH, LONGEST):
        raise ValueError(
            f"{path} is no checkpoint of luxnb, or it was cut short: it has {size:,} bytes, and "
            f"the header alone would have {length:,}"
        )
    raw = first + file.read(length)
    check(raw)
    with understood(path):
        document = json.loads(raw[LENGTH:], object_pairs_hook=_unique)
        texts = document.pop("__metadata__", {})
        entries = {name: _entry(said) for name, said in document.items()}
    _check_places(entries, size - len(raw), path)
    return raw, entries, texts


@contextlib.contextmanager
def understood(path):
    """Whatever goes wrong in reading what luxnb did not write is a ValueError that names `path`."""
    try:
        yield
    except OSError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        if str(path) in str(error):
            raise
        raise ValueError(f"{path} holds what luxnb cannot have written: {error}") from None
    except RecursionError:
        raise ValueError(f"{path} holds what luxnb cannot have written: JSON too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _entry(said: dict[str, Any]) -> Entry:
    code, shape, (begin, end) = said["dtype"], tuple(said["shape"]), said["data_offsets"]
    if code not in BYTES:
        raise ValueError(f"there is no dtype {code!r}")
    if not all(type(n) is int and n >= 0 for n in (*shape, begin, end)):
        raise ValueError(f"shapes and places are whole numbers, not {shape}, {begin}, {end}")
    if end - begin != math.prod(shape) * BYTES[code]:
        raise ValueError(f"an array {code}{list(shape)} does not have {end - begin:,} bytes")
    return Entry(code, shape, begin, end)


def _check_places(entries: dict[str, Entry], size: int, path) -> None:
    """Arrays lie one after another and fill the file: there is no byte that no digest covers."""
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1][2:]):
        if entry.begin != end:
            raise ValueError(f"{path} has a gap or an overlap before {name}")
        end = entry.end
    if end != size:
        raise ValueError(f"{path} was cut short or added to: {size:,} bytes of arrays, not {end:,}")
