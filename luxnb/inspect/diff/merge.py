"""Two trees of Nodes as one, in which what differs is marked; and a list of what that is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from luxnb.inspect.align.align import align
from luxnb.inspect.align.moves import moves
from luxnb.inspect.align.pair import Pair, alone
from luxnb.inspect.diff.names import renamed, together
from luxnb.inspect.diff.values import difference
from luxnb.inspect.diff.words import layer_changes, what_is, what_stands
from luxnb.inspect.node import Cost, Mark, Node, Noted


class Change(NamedTuple):
    """One thing that differs: where it is in the new model, or where it was in the old one;
    "+" added, "−" removed or "~" changed; and what it is, in words."""

    path: str
    mark: Mark
    what: str


@dataclass(eq=False)
class Merger:
    """Makes one tree of two, and notes on the way all that differs."""

    changes: list[Change] = field(default_factory=list)
    # How often ("layer" or "entry", "changed" and so on); what only follows from it is not counted.
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: dict[tuple[Mark, str], str] = field(default_factory=dict)

    def merge(self, old: Node, new: Node) -> Node:
        """The Nodes of `new`, with those that were removed where they stood in `old`.

        Marked "+" and "−": each Node that is in one of them only. Marked "~", with the other as
        `before`: one that is in both, with another name, layer, entry, output or cost of its own.
        """
        pair = _paired(old, new)
        for a, b in moves(pair):
            self.moved["−", a.path] = f"moved to {b.path}"
            self.moved["+", b.path] = f"moved from {a.path}"
        return self._node(pair)

    def _node(self, pair: Pair, is_renamed: bool = False, above: Pair | None = None) -> Node:
        old, new = pair.old, pair.new
        follows = above is not None and above.is_one_sided  # from what was put around it
        if old is not None and new is not None:
            node = self._both(old, new, is_renamed, follows)
            below = [(c.old.name, c.new.name) for c in pair.children if c.old and c.new]
            names = renamed([c.name for c in old.children], [c.name for c in new.children], below)
        else:
            is_said = above is not None and (above.is_alone or (follows and pair.is_tree))
            node, names = self._one(pair, is_said), set()
        children = [
            self._node(child, bool(child.new and child.new.name in names), pair)
            for child in pair.children
        ]
        return replace(node, children=tuple(children))

    def _one(self, pair: Pair, is_said: bool) -> Node:
        """A Node that is in one tree only; `is_said` with the one above it, which is, too."""
        mark: Mark = "+" if pair.old is None else "−"
        node = pair.old or pair.new
        assert node is not None
        moved = self.moved.get((mark, node.path))
        if not is_said:
            around = next((p.new for p in pair if p.old and p.new), None)
            words = [what_is(node), *([moved] if moved else [])]
            words += [f"around {what_is(around)}"] if around else []
            self.changes.append(Change(node.path, mark, ", ".join(words)))
            self._count(node, mark, moved)
        return replace(node, mark=mark, remarks=(*node.remarks, *([moved] if moved else [])))

    def _count(self, node: Node, mark: Mark, moved: str | None) -> None:
        what = "added" if mark == "+" else "removed"
        if node.layer is None:
            self.counts["entry", what] += sum(1 for _ in _entries(node))
        elif moved is None:
            self.counts["layer", what] += 1
        elif mark == "+":
            self.counts["layer", "moved"] += 1

    def _both(self, old: Node, new: Node, is_renamed: bool, follows: bool) -> Node:
        """A Node that is in both; `follows` if what is around it explains why entries differ."""
        start = len(self.changes)
        own = list(layer_changes(old.layer, new.layer))
        own += [f"was {old.name}"] if is_renamed else []
        self.changes += [Change(new.path, "~", what) for what in own]
        self.counts["layer", "changed"] += bool(own)
        entries = {
            part: self._side_by_side(
                new.path, getattr(old, part), getattr(new, part), bool(own) or follows
            )
            for part in ("params", "state")
        }
        output = self._output(old, new)
        if len(self.changes) == start:
            return new
        remarks = (*new.remarks, f"was {old.name}") if is_renamed else new.remarks
        return replace(new, mark="~", before=old, output=output, remarks=remarks, **entries)

    def _side_by_side(self, path: str, old: Mapping, new: Mapping, follows: bool) -> dict[str, Any]:
        """All entries of both, each marked that differs."""
        merged = {}
        for name in together(old, new):
            merged[name] = new.get(name)
            if name not in old:
                mark, what = "+", what_stands(new[name])
                merged[name] = Noted(new[name], mark="+")
            elif name not in new:
                mark, what = "−", what_stands(old[name])
                merged[name] = Noted(old[name], mark="−")
            else:
                words = difference(old[name], new[name])
                if words is None:
                    continue
                mark, what = "~", _changed(what_stands(old[name]), what_stands(new[name]), words)
                merged[name] = Noted(new[name], words, "~", old[name])
            self.changes.append(Change(f"{path}.{name}" if path else name, mark, what))
            if not follows:
                self.counts["entry", _DONE[mark]] += 1
        return merged

    def _output(self, old: Node, new: Node) -> Any:
        """The output, marked if it was another; and a word on the operations, if they were."""
        before, now = what_stands(old.output), what_stands(new.output)
        if before != now:
            self.changes.append(Change(new.path, "~", f"output {before} → {now}"))
        costs = [(node.cost or Cost()).flops for node in (old, new)]
        if costs[0] != costs[1]:
            what = f"operations {costs[0]:,} → {costs[1]:,}"
            self.changes.append(Change(new.path, "~", what))
        return new.output if before == now else Noted(new.output, mark="~", before=old.output)


_DONE: dict[Mark, str] = {"+": "added", "−": "removed", "~": "changed"}


def _paired(old: Node, new: Node) -> Pair:
    """Layers are laid side by side; in a Tree, what has the same name is the same."""
    if old.layer is not None and new.layer is not None:
        return align(old, new)
    olds, news = ({child.name: child for child in node.children} for node in (old, new))
    children = []
    for name in together(olds, news):
        if name in olds and name in news:
            children.append(_paired(olds[name], news[name]))
        else:
            children.append(alone({**olds, **news}[name], is_old=name in olds))
    return Pair(old, new, tuple(children))


def _entries(node: Node):
    yield from (*node.params, *node.state)
    for child in node.children:
        yield from _entries(child)


def _changed(old: str, new: str, words: str) -> str:
    """`f32[2] → f32[3]`, or what is to be said of two of one shape."""
    return ", ".join(filter(None, [f"{old} → {new}" if old != new else "", words])) or new
