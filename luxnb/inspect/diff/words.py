"""What differs, in words for a list of changes."""

from collections.abc import Iterator

from luxnb.core.config import source
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.inspect.node import Frozen, Node, Shared
from luxnb.inspect.own import CHILD, own_fields, same_type

LONGEST = 60


def what_is(node: Node) -> str:
    """The layer as the call that makes it, or how much a Tree holds."""
    if node.layer is not None:
        return _layer(node.layer)
    number = len(node.params) + len(node.state) + len(node.children)
    return f"{number} entr{'y' if number == 1 else 'ies'}"


def layer_changes(old: Layer | None, new: Layer | None) -> Iterator[str]:
    """How one layer differs from the other by itself, without what is below it."""
    if old is None or new is None:
        if old is not new:
            yield f"{_or_tree(old)} → {_or_tree(new)}"
    elif type(old) is not type(new):
        again = ", a class that was defined anew" if same_type(old, new) else ""
        yield f"{_layer(old)} → {_layer(new)}{again}"
    else:
        before, now = own_fields(old), own_fields(new)
        for name in {**before, **now}:
            values = before.get(name, CHILD), now.get(name, CHILD)
            if values[0] != values[1]:
                was, now_is = map(_value, values)
                yield f"{name} {was} → {'another of that name' if was == now_is else now_is}"


def what_stands(entry) -> str:
    """The shape of an entry, or whatever else it is."""
    return short(entry.value if isinstance(entry, Frozen | Shared) else entry)


def _or_tree(layer: Layer | None) -> str:
    return "a Tree" if layer is None else _layer(layer)


def _layer(layer: Layer) -> str:
    text = source(layer)
    return text if len(text) <= LONGEST else f"{type(layer).__name__}(…)"


def _value(value) -> str:
    text = source(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
