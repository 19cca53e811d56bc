"""The chosen layer as the page is told of it: fields, arrays, and what can be done to it."""

import base64
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from luxnb.core.edit import at
from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.display.config import config
from luxnb.display.numbers import grouped, operations, size
from luxnb.display.plain import plain
from luxnb.inspect.count import tally
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Frozen, Node
from luxnb.inspect.statistics import Statistics, statistics
from luxnb.layers import container
from luxnb.notebook.explore.code import code_for
from luxnb.notebook.explore.exploration import Exploration
from luxnb.notebook.explore.fields import fields
from luxnb.notebook.explore.samples import first_line


def detail(explorer: Exploration, root: Node, path: str) -> dict[str, Any]:
    """All that the page shows of the layer at `path`; `root` is the model as it was evaluated."""
    node = node_at(frozen_in_place(root), path)
    layer = node.layer
    assert layer is not None
    sums = tally(node)
    numbers = {
        "parameters": f"{grouped(sums.parameters)} ({size(sums.parameter_bytes)})",
        "frozen": grouped(sums.frozen) if sums.frozen else "",
        "states": grouped(sums.states) if sums.states else "",
        "operations": operations(sums.flops) if sums.flops else "",
    }
    return {
        "path": path,
        "title": config(layer),
        "doc": plain(first_line(type(layer)), 300),
        "code": code_for(layer),
        "fields": fields(layer),
        "arrays": list(_arrays(explorer, node)),
        "given": "" if node.given is None else plain(short(node.given), 200),
        "output": "" if node.output is None else plain(short(node.output), 200),
        "numbers": {name: text for name, text in numbers.items() if text},
        "can": _can(explorer.model, path),
        "fault": "; ".join(plain(fault, 500) for fault in node.faults),
    }


def node_at(root: Node, path: str) -> Node:
    """The Node at `path`; ValueError if no layer stands there."""
    node, names = root, path.split(".") if path else []
    for name in names:
        below = [child for child in node.children if child.name == name and child.layer is not None]
        if not below:
            raise ValueError(f"there is no layer at {plain(path)}")
        node = below[0]
    return node


def picture(explorer: Exploration, path: str, entry: str) -> str:
    """A heat map of one of the arrays of the layer at `path`, as the address of an image."""
    node = node_at(frozen_in_place(explorer.node()), path)
    array = _value(explorer, node, entry)
    if array is None:
        raise ValueError(f"there are no values of {plain(entry)} to be seen")
    # matplotlib takes a second to import; only a picture needs it.
    png = importlib.import_module("luxnb.display.heat").heat_png(array)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _arrays(explorer: Exploration, node: Node) -> Iterator[dict[str, Any]]:
    """Its own parameters and state with what their numbers are like, and its output."""
    for role, entries in (("parameter", node.params), ("state", node.state)):
        for name, entry in entries.items():
            declared = entry.value if isinstance(entry, Frozen) else entry
            if is_array(declared):
                value = _value(explorer, node, name)
                found = None if value is None else statistics(value)
                yield _array(name, role, declared, found)
    if is_array(node.output):
        yield _array("output", "output", node.output, None)


def _array(name: str, role: str, spec, found: Statistics | None) -> dict[str, Any]:
    number = int(getattr(spec, "size", 0))
    return {
        "name": plain(name),
        "role": role,
        "spec": short(spec),
        "count": grouped(number),
        "statistics": _numbers(found) if found is not None and found.looked_at else None,
    }


def _numbers(found: Statistics) -> dict[str, Any]:
    """Strings that are ready to show, and how many values lie in each bucket."""
    nonfinite = found.nans + found.infinities
    return {
        "mean": f"{found.mean:.4g}",
        "std": f"{found.std:.4g}",
        "min": f"{found.low:.4g}",
        "max": f"{found.high:.4g}",
        "zeros": f"{100 * found.zeros:.3g} %",
        "nonfinite": grouped(nonfinite) if nonfinite else "",
        "sampled": found.sampled,
        "low": f"{found.low:.4g}",
        "high": f"{found.high:.4g}",
        "counts": list(found.counts),
    }


def _value(explorer: Exploration, node: Node, name: str):
    """The array with its numbers, if it is among those that were explored and still fits."""
    origin = explorer.session.now.origins.get(node.path)
    if origin is None:
        return None
    entry = node.params.get(name, node.state.get(name))
    place = f"{origin}.{name}" if origin else name
    for tree in explorer.arrays():
        value = _entry(tree, place, frozen=isinstance(entry, Frozen))
        declared = entry.value if isinstance(entry, Frozen) else entry
        if is_array(value) and getattr(value, "shape", None) == getattr(declared, "shape", ()):
            return value
    return None


def _entry(tree, path: str, *, frozen: bool):
    """What stands at a path in a Tree, or frozen somewhere above; None if nothing does."""
    names = path.split(".")
    ways = [names]
    if frozen:  # the Tree of a wrapper: a.layer.weight lies in a.frozen.weight
        ways = [[*names[:i], "frozen", *names[i + 1 :]] for i in range(len(names) - 1)]
    for way in ways:
        value = tree
        for name in way:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None:
            return value
    return None


def _can(model: Layer, path: str) -> dict[str, bool]:
    """Which edits the place of a layer allows."""
    above, _, name = path.rpartition(".")
    holder = at(model, above) if path else None
    held = list(container.layers_of(holder)) if _holds(holder) else []
    index = held.index(name) if name in held else -1
    return {
        "insert": index >= 0,
        "inside": _holds(at(model, path)),
        "duplicate": index >= 0,
        "remove": index >= 0 and len(held) > 1,
        "moveUp": index > 0,
        "moveDown": 0 <= index < len(held) - 1,
        "replace": True,
    }


def _holds(layer) -> bool:
    return isinstance(layer, Layer) and container.holds_by_name(layer)
