"""match: which layer of one model is which of another, and which of them keep their values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from luxnb.core.layer import Layer
from luxnb.core.tree import nearest
from luxnb.core.view import Viewable
from luxnb.inspect.align.align import align
from luxnb.inspect.align.moves import moves
from luxnb.inspect.homes import Homes, homes
from luxnb.inspect.node import Node
from luxnb.inspect.own import same_type
from luxnb.inspect.walk import walk

Paths = Mapping[str, str | None]


@dataclass(frozen=True, eq=False, repr=False)
class Match(Viewable):
    """Which layer of `new` is which of `old`. As the last line of a cell it is the tree of `new`,
    in which each layer that has arrays says whether it keeps its values in a `transfer`.

    - `paths`: the path of each layer of `new` that was there, and what it was in `old`.
    - `kept`: the paths in `new` of those that keep their values.
    - `fresh`: the paths of those that have arrays and do not.

    >>> found = match(Chain(Dense(2, 8), Dense(8, 1)), Chain(Dense(2, 8), Dense(8, 2)))
    >>> found.kept, found.fresh
    (('layer_1',), ('layer_2',))
    """

    old: Layer
    new: Layer
    paths: dict[str, str]
    kept: tuple[str, ...]
    fresh: tuple[str, ...]

    @property
    def root(self) -> Node:
        """The Nodes of `new`, with a remark on each that has arrays."""
        return _remarked(walk(self.new), self)

    @property
    def summary(self) -> str:
        """`2 of 3 layers with arrays keep their values`."""
        both = len(self.kept) + len(self.fresh)
        keep = "keeps its" if len(self.kept) == 1 else "keep their"
        return f"{len(self.kept):,} of {both:,} layer{'s' * (both != 1)} with arrays {keep} values"

    def __repr__(self):
        return f"<Match: {self.summary}>"


def match(old: Layer, new: Layer, *, paths: Paths | None = None) -> Match:
    """Which layer of `new` is which of `old`: the same, changed, under another name, moved,
    or inside of a layer that was put around it.

    Layers are laid side by side, in order, so that as little as possible differs; what is then
    left over on both sides and equal has moved. Or you say it: `paths` maps paths in `new` to
    paths in `old`; what is below follows, unless it is named too, and what is named nowhere, or
    is None, is new.

    A layer keeps its values where it stands for one of the same type with arrays of the same
    names and shapes. Each layer of `old` is found once: of two copies, the second is new.

    >>> old = Chain(Dense(2, 8, jax.nn.relu), Dense(8, 1))
    >>> new = Chain(Dense(2, 8, jax.nn.relu), Dropout(0.1), WithDtype(Dense(8, 1), "bfloat16"))
    >>> match(old, new).paths
    {'': '', 'layer_1': 'layer_1', 'layer_3.layer': 'layer_2'}
    """
    for model in (old, new):
        if not isinstance(model, Layer):
            raise TypeError(f"match needs two layers, got {type(model).__name__}")
    found = _found(old, new) if paths is None else _followed(old, new, paths)
    there, here = homes(old), homes(new)
    with_arrays = [path for path, own in here.items() if own]
    layers = dict(_layers(old)), dict(_layers(new))
    kept = [
        path
        for path in with_arrays
        if path in found
        and same_type(layers[0][found[path]], layers[1][path])
        and _forms(there, found[path]) == _forms(here, path)
    ]
    fresh = [path for path in with_arrays if path not in set(kept)]
    return Match(old, new, found, tuple(kept), tuple(fresh))


def _found(old: Layer, new: Layer) -> dict[str, str]:
    """What stands beside what, and what has moved."""
    pairs = align(walk(old), walk(new))
    beside = [(pair.old, pair.new) for pair in pairs]
    found = {b.path: a.path for a, b in [*beside, *moves(pairs)] if a and b and b.layer is not None}
    return {path: found[path] for path, _ in _layers(new) if path in found}


def _followed(old: Layer, new: Layer, paths: Paths) -> dict[str, str]:
    """What was said of a place, or of the nearest place above it."""
    there, here = dict(_layers(old)), dict(_layers(new))
    for path, before in paths.items():
        for what, known, model in ((path, here, "new"), (before, there, "old")):
            if what is not None and what not in known:
                raise ValueError(
                    f"paths: {model} has no layer at {what!r}{nearest(what, filter(None, known))}"
                )
    found = {}
    for path in here:
        said = next((above for above in _above(path) if above in paths), None)
        before = paths[said] if said is not None else None
        if said is None or before is None:
            continue
        was = ".".join(filter(None, [before, path[len(said) :].strip(".")]))
        if was in there:
            found[path] = was
    return found


def _above(path: str) -> Iterator[str]:
    """The path and all above it, the nearest first."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


def _layers(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    """(path, layer) of a model and of all below it, from above."""
    yield path, layer
    for name, child in layer.children().items():
        yield from _layers(child, f"{path}.{name}" if path else name)


def _forms(homes: Homes, path: str) -> dict:
    return {name: home.form for name, home in homes[path].items()}


def _remarked(node: Node, match: Match) -> Node:
    remarks = node.remarks
    if node.path in match.kept:
        was = match.paths[node.path]
        remarks += ("keeps its values" if was == node.path else f"keeps the values of {was}",)
    elif node.path in match.fresh and node.layer is not None:
        remarks += ("fresh",)
    children = tuple(_remarked(child, match) for child in node.children)
    return replace(node, remarks=remarks, children=children)
