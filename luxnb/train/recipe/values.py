"""Python's values as data for JSON, and back: numbers, tuples, dicts, dtypes, small arrays."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, is_key, short
from luxnb.core.tree import Tree
from luxnb.train.recipe.digest import digest_array

MOST_NUMBERS = 64  # of an array that is written out
TAGS = ("float", "tuple", "dict", "tree", "array", "numpy", "dtype", "digest")


def encoded(value: Any, other: Callable[[Any], Any]) -> Any:
    """Numbers, text and lists as they are; the rest as {kind: …}; `other` describes what is left.

    >>> encoded((1, {"a": jnp.float32}), repr)
    {'tuple': [1, {'dict': [['a', {'dtype': 'float32'}]]}]}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, list):
        return [encoded(v, other) for v in value]
    if type(value) is tuple:
        return {"tuple": [encoded(v, other) for v in value]}
    if isinstance(value, Mapping):
        kind = "tree" if isinstance(value, Tree) else "dict"
        return {kind: [[encoded(k, other), encoded(v, other)] for k, v in value.items()]}
    if isinstance(value, frozenset | set):
        return sorted((encoded(v, other) for v in value), key=repr)
    if isinstance(value, Layer):
        return {"layer": repr(value)}
    if (dtype := _dtype(value)) is not None:
        return {"dtype": dtype}
    if is_array(value):
        if is_key(value) or value.size > MOST_NUMBERS or value.dtype.kind not in "fiub":
            return {"digest": digest_array(value), "of": short(value)}
        numbers = encoded(np.asarray(value).tolist(), other)
        kind = "array" if isinstance(value, jax.Array) else "numpy"
        return {kind: numbers, "dtype": str(value.dtype)}
    return other(value)


def decoded(data: Any, where: str, other: Callable[[dict, str], Any] | None = None) -> Any:
    """What `encoded` was given; `other` makes what it described; ValueError names the place."""
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if isinstance(data, list):
        return [decoded(v, f"{where}[{i}]", other) for i, v in enumerate(data)]
    if not isinstance(data, dict):
        raise ValueError(f"{where} is {data!r:.80}, which is no value of JSON")
    kind = next((tag for tag in TAGS if tag in data), None)
    content = data.get(kind) if kind else None
    if kind == "float" and content in ("inf", "-inf", "nan"):
        return float(content)
    if kind == "tuple" and isinstance(content, list):
        return tuple(decoded(content, where, other))
    if kind in ("dict", "tree") and isinstance(content, list):
        made = _dict(content, where, other)
        return made if kind == "dict" else _tree(made, where)
    if kind == "dtype" and isinstance(content, str):
        return _numpy_dtype(content, where).type
    if kind in ("array", "numpy"):
        dtype, numbers = _numpy_dtype(data.get("dtype"), where), decoded(content, where)
        try:
            array = np.array(numbers, dtype)
            return jnp.asarray(array) if kind == "array" else array
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"{where} is no array of numbers: {error}") from None
    if kind is None and other is not None:
        return other(data, where)
    raise ValueError(f"{where} is {data!r:.80}, of which the recipe says too little to make it")


def _dict(pairs: list, where: str, other) -> dict:
    made = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str | int):
            raise ValueError(f"{where} must be pairs of a name and a value, got {pair!r:.80}")
        made[pair[0]] = decoded(pair[1], f"{where}.{pair[0]}", other)
    return made


def _tree(made: dict, where: str) -> Tree:
    try:
        return Tree.of(made)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None


def _dtype(value: Any) -> str | None:
    """The name of a dtype, or of the class that stands for one."""
    if isinstance(value, np.dtype | type(jnp.float32)) or (
        isinstance(value, type) and issubclass(value, np.generic)
    ):
        return str(jnp.dtype(value))
    return None


def _numpy_dtype(name: Any, where: str) -> np.dtype:
    known = ("bfloat16", "float16", "float32", "float64", "bool", "uint8", "uint32")
    if name not in (*known, "int8", "int16", "int32", "int64"):
        raise ValueError(f"{where}: {name!r:.40} is no dtype of a hyper-parameter")
    return jnp.dtype(name)
