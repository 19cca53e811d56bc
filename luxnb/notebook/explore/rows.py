"""The tree as the page is told of it: a row for each layer, and what stands around them."""

from collections.abc import Iterator
from typing import Any

from luxnb.core.spec import short
from luxnb.display.columns import compact
from luxnb.display.numbers import grouped, operations, percent, signed
from luxnb.display.plain import plain
from luxnb.display.row import Row, table
from luxnb.inspect.count import Tally, tally
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Node
from luxnb.notebook.explore.edits import field_names, layer_at
from luxnb.notebook.explore.exploration import Exploration


def tree(explorer: Exploration, root: Node) -> dict[str, Any]:
    """All that the page shows but the chosen layer; `root` is the model as it was evaluated."""
    version, session = explorer.session.now, explorer.session
    root = frozen_in_place(root)
    words, sums = table(root), tally(root)
    return {
        "rows": list(_rows(explorer, root, words.root, sums.parameters)),
        "total": " · ".join([*words.notes, *_operations(root, sums)]),
        "code": explorer.code,
        "undo": session.can_undo,
        "redo": session.can_redo,
        "changed": version.model != session.original,
        "input": "" if explorer.x is None else short(explorer.x),
        "note": _note(explorer, sums),
        "live": live(explorer),
    }


def live(explorer: Exploration) -> dict[str, Any] | None:
    """How the run stands that is looked into."""
    if explorer.run is None:
        return None
    now = explorer.run.latest
    return {"status": now.status, "step": now.step, "target": now.target}


def is_changed(explorer: Exploration, path: str) -> bool:
    """Whether the layer at `path` itself is another than before all edits, or new."""
    version = explorer.session.now
    origin = version.origins.get(path)
    if origin is None:
        return True
    now, before = layer_at(version.model, path), layer_at(explorer.original, origin)
    if type(now) is not type(before):
        return True
    return any(getattr(now, name) != getattr(before, name) for name in field_names(now))


def _rows(
    explorer: Exploration, node: Node, row: Row, total: int, level: int = 0
) -> Iterator[dict]:
    """The layer's row and all below it; a Tree that a layer keeps in its state has none."""
    sums = tally(node)
    shares = percent(sums.parameters, total) if sums.parameters else ""
    words = [[word.kind, word.text] for word in row.words]
    is_measured = node.output is not None and _is_measured(node)
    yield {
        "path": node.path,
        "name": row.name or "model",
        "level": level,
        "title": row.title,
        "words": words,
        "parameters": sums.parameters,
        "bytes": sums.parameter_bytes,
        "share": shares,
        "output": "" if node.output is None else compact(node.output),
        "flops": sums.flops if is_measured else None,
        "flopsText": operations(sums.flops) if is_measured and sums.flops else "",
        "parametersText": grouped(sums.parameters) if sums.parameters else "",
        "fault": "; ".join(plain(fault, 500) for fault in node.faults),
        "badges": [text for kind, text in words if kind == "badge"],
        "children": sum(child.layer is not None for child in node.children),
        "changed": is_changed(explorer, node.path),
    }
    for child, below in zip(node.children, row.children, strict=True):
        if child.layer is not None:
            yield from _rows(explorer, child, below, total, level + 1)


def _is_measured(node: Node) -> bool:
    return node.cost is not None or any(map(_is_measured, node.children))


def _operations(root: Node, sums: Tally) -> list[str]:
    return [operations(sums.flops)] if _is_measured(root) else []


def _note(explorer: Exploration, sums: Tally) -> str:
    """What was done, and how many parameters there are now."""
    session = explorer.session
    if not session.note:
        return ""
    change = sums.parameters - tally(explorer.node(session.before.model)).parameters
    by = f" ({signed(change, grouped)})" if change else ""
    return f"{session.note}: {grouped(sums.parameters)} parameters{by}"
