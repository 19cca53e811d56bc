"""Random models, and random edits of them; nothing here needs to be called."""

import hypothesis.strategies as some
import jax

from luxnb import BatchNorm, Chain, Dense, Dropout, Identity, SkipConnection, WithDtype

LEAVES = [
    *(Dense(2, 2), Dense(2, 3), Dense(2, 2, jax.nn.relu), Dropout(0.5), Dropout(0.1)),
    *(Identity(), BatchNorm(2)),
]
NAMES = ("layer_1", "layer_2", "layer_3", "layer_4", "head", "body", "tail")

leaves = some.sampled_from(LEAVES)


def chains(inner):
    numbered = some.lists(inner, min_size=1, max_size=4).map(lambda layers: Chain(*layers))
    named = some.dictionaries(some.sampled_from(NAMES), inner, min_size=1, max_size=4)
    return numbered | named.map(lambda layers: Chain(**layers))


models = some.recursive(
    leaves, lambda inner: chains(inner) | inner.map(SkipConnection), max_leaves=7
)
edits = some.lists(
    some.tuples(
        some.sampled_from(["insert", "remove", "wrap", "exchange", "rename"]),
        some.integers(0, 10**6),
        leaves,
    ),
    max_size=4,
)


def edited(model, edits):
    for what, where, layer in edits:
        paths = [path for path, _ in places(model)]
        model = edit(model, what, paths[where % len(paths)].split("."), where, layer)
    return model


def edit(model, what, path, where, layer):
    """The model with one edit at `path`, as far as that can be done there."""
    first, *rest = path
    children = model.children()
    if first in children:
        child = edit(children[first], what, rest or [""], where, layer)
        return model.with_child(first, child)
    if isinstance(model, Chain):
        names, layers = list(children), list(children.values())
        index = where % len(layers)
        if what == "insert":
            return Chain(*layers[:index], layer, *layers[index:])
        if what == "remove" and len(layers) > 1:
            return model[1:] if index == 0 else model[:index] if index > 1 else Chain(*layers[1:])
        if what == "rename":
            free = next(name for name in NAMES if name not in names)
            names[index] = free
            return Chain(**dict(zip(names, layers, strict=True)))
    if what == "wrap":
        return SkipConnection(model) if where % 2 else WithDtype(model, "bfloat16")
    return layer if what == "exchange" else model


def places(layer, path=""):
    """(path, layer) of a model and all below it, from above."""
    yield path, layer
    for name, child in layer.children().items():
        yield from places(child, f"{path}.{name}" if path else name)
