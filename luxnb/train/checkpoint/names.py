"""Pytrees as named leaves, `params.layer_1.weight`, and back: with a template, or without.

Names are the paths of the leaves. Their order, and what has no leaves, is told by a layout.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax

from luxnb.core.mode import Mode
from luxnb.core.tree import Tree

LEAF = "leaf"
MODES = {f"mode.{mode.value}": mode for mode in Mode}


def named(tree: Any) -> dict[str, Any]:
    """The leaves of a pytree by name: `{"0.mu.layer_1.weight": array}`."""
    return {_name(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(tree)}


def layout(tree: Any, name: str) -> dict[str, str]:
    """What each entry is, by name and in order: a leaf, a mode, an empty Tree, a tuple."""
    return dict(_layout(tree, name))


def like(template: Any, leaf_of: Callable[[str, Any], Any], kinds: Mapping[str, str]) -> Any:
    """A pytree with the structure of `template`, its leaves by name, and the modes of a layout."""

    def new(path, leaf):
        name = _name(path)
        return MODES.get(kinds.get(name, ""), leaf) if _is_mode(leaf) else leaf_of(name, leaf)

    return jax.tree_util.tree_map_with_path(new, template, is_leaf=_is_mode)


def rebuilt(leaves: Mapping[str, Any], kinds: Mapping[str, str], above: str) -> Any:
    """What stood under the name `above`, as Trees, with all entries in their order."""
    prefix = f"{above}."
    inside = {n.removeprefix(prefix): kind for n, kind in kinds.items() if n.startswith(prefix)}
    nested: dict[str, Any] = {}
    for name, kind in inside.items():
        value = leaves[prefix + name] if kind == LEAF else MODES.get(kind, {})
        _put(nested, name.split("."), None if kind == "none" else value)
    return _made(nested, inside, "")


def _name(path) -> str:
    """The path in words; `%` and `.` in a word are escaped, so that no two paths are alike."""
    return ".".join(_word(key).replace("%", "%25").replace(".", "%2E") for key in path)


def _word(key) -> str:
    for attribute in ("name", "key", "idx"):
        if hasattr(key, attribute):
            return str(getattr(key, attribute))
    return str(key)


def _is_mode(value) -> bool:
    return isinstance(value, Mode)


def _layout(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Tree):
        if not len(value):
            yield name, "tree"
        for word, part in value.items():
            yield from _layout(part, f"{name}.{word}")
    elif type(value) in (tuple, list):
        yield name, type(value).__name__
        for index, part in enumerate(value):
            yield from _layout(part, f"{name}.{index}")
    elif value is None:
        yield name, "none"
    elif _is_mode(value):
        yield name, f"mode.{value.value}"
    else:  # a leaf, or a node of a type that only a template knows
        yield from ((f"{name}.{inner}".rstrip("."), LEAF) for inner in named(value))


def _put(nested: dict, words: list[str], value: Any) -> None:
    """Put a value into nested dicts, which are made on the way."""
    *way, last = words
    for word in way:
        nested = nested.setdefault(word, {})
        if not isinstance(nested, dict):
            raise ValueError(f"{word} is an array, and has entries")
    nested.setdefault(last, value)


def _made(value: Any, kinds: Mapping[str, str], name: str) -> Any:
    if not isinstance(value, dict):
        return value
    inside = {w: _made(v, kinds, f"{name}.{w}".lstrip(".")) for w, v in value.items()}
    kind = kinds.get(name)
    if kind in ("tuple", "list"):
        parts = [inside[str(i)] for i in range(len(inside))]
        return tuple(parts) if kind == "tuple" else parts
    return Tree.of(inside)
