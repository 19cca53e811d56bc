"""One edit of a model: what comes of it, and which layer each of its layers was before.

What a constructor refuses is refused here, as a ValueError with its reason. A model whose layers do
not fit one another is no error: that is how one widens two of them in turn.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from luxnb.core.edit import at, replace
from luxnb.core.layer import Layer
from luxnb.core.tree import nearest
from luxnb.display.config import brief, config
from luxnb.display.plain import plain
from luxnb.layers import container, surgery
from luxnb.layers.repeated import Repeated
from luxnb.layers.stacked import Stacked

MOST_CALLS = 20_000  # of layers: some seconds of tracing

Origins = Mapping[str, str | None]


@dataclass(frozen=True)
class Version:
    """A model as edits have made it. `origins` has the path of every layer, and where this layer
    stood in the model before all edits; None for one that is new."""

    model: Layer
    origins: Origins
    note: str = ""  # what the last edit did

    @classmethod
    def first(cls, model: Layer) -> "Version":
        return cls(model, {path: path for path in paths(model)})


def set_fields(version: Version, path: str, fields: Mapping[str, Any]) -> Version:
    """With other hyper-parameters in the layer at `path`."""
    layer = layer_at(version.model, path)
    names = field_names(layer)
    for name in fields:
        if name not in names:
            raise ValueError(
                f"{type(layer).__name__} has no hyper-parameter {name!r}{nearest(name, names)}"
            )
    changed = _made(lambda: _put(version.model, path, layer.__replace__(**fields)))
    said = ", ".join(f"{_dot(path)}{name} is now {brief(value)}" for name, value in fields.items())
    return _after(version, changed, {}, said)


def put_layer(version: Version, path: str, layer: Any) -> Version:
    """With another layer at `path`. Of the same type, it has the same origin."""
    before = layer_at(version.model, path)
    layer = _as_layer(layer)
    changed = _made(lambda: _put(version.model, path, layer))
    moved: Origins = {} if type(layer) is type(before) else {path: None}
    return _after(version, changed, moved, f"{path or 'the model'} is now {config(layer)}")


def insert(version: Version, path: str, index: int, layer: Any) -> Version:
    """With one layer more in the container at `path`."""
    done = _made(lambda: surgery.inserted(version.model, path, index, layer))
    name = list(container.layers_of(at(done.model, path)))[index]
    return _after(version, done.model, done.origins, f"{_dot(path)}{name} is inserted")


def remove(version: Version, path: str) -> Version:
    """Without the layer at `path`."""
    done = _made(lambda: surgery.removed(version.model, path))
    return _after(version, done.model, done.origins, f"{path} is removed")


def duplicate(version: Version, path: str) -> Version:
    """With the layer at `path` once more; the second has parameters of its own."""
    done = _made(lambda: surgery.duplicated(version.model, path))
    return _after(version, done.model, done.origins, f"{path} is there twice")


def move(version: Version, path: str, by: int) -> Version:
    """With the layer at `path` so many places later."""
    done = _made(lambda: surgery.moved(version.model, path, by))
    return _after(
        version, done.model, done.origins, f"{path} has moved {'down' * (by > 0) or 'up'}"
    )


# --------------------------------------------------------------------------------------------------


def layer_at(model: Layer, path: str) -> Layer:
    """The layer at `path`; ValueError if there is none."""
    try:
        layer = at(model, path)
    except AttributeError as error:
        raise ValueError(f"there is no layer at {plain(path)}: {plain(str(error), 300)}") from None
    if not isinstance(layer, Layer):
        raise ValueError(f"there is no layer at {plain(path)}")
    return layer


def field_names(layer: Layer) -> list[str]:
    """Its hyper-parameters: fields that are not sub-layers, nor hold them."""
    children = layer.children()
    layers = {id(child) for child in children.values()}
    return [
        field.name
        for field in dataclasses.fields(layer)  # type: ignore[arg-type]
        if field.init
        and field.name not in children
        and not layers & set(map(id, _flat(getattr(layer, field.name))))
    ]


def paths(model: Layer, above: str = "") -> list[str]:
    """The paths of all layers, the model's own first."""
    found = [above]
    for name, child in model.children().items():
        found += paths(child, f"{above}.{name}" if above else name)
    return found


def _flat(value):
    return value if isinstance(value, tuple) else (value,)


def _put(model: Layer, path: str, layer: Layer) -> Layer:
    return replace(model, path, layer) if path else layer


def _as_layer(value) -> Layer:
    if isinstance(value, Layer):
        return value
    if callable(value) and not isinstance(value, type):
        return container.as_layer(value)
    raise ValueError(f"a layer or a function goes here, got {brief(value)}")


def _made(make: Callable) -> Any:
    """What `make` returns; whatever a constructor raises is a refusal."""
    try:
        return make()
    except Exception as error:
        raise ValueError(plain(str(error) or type(error).__name__, 500)) from error


def _after(version: Version, model: Layer, moved: Origins, note: str) -> Version:
    calls = _calls(model)
    if calls > max(MOST_CALLS, _calls(version.model)):
        raise ValueError(
            f"the model would be {calls:,} calls of layers, and the explorer follows each of them: "
            f"at most {MOST_CALLS:,}; with more, build it in a cell"
        )
    origins = {path: _origin(path, version.origins, moved) for path in paths(model)}
    return Version(model, origins, note)


def _calls(layer: Layer) -> int:
    """How many calls of layers one has to follow: a number typed for copies makes many of few."""
    times = layer.n if isinstance(layer, Repeated | Stacked) else 1
    return 1 + times * sum(map(_calls, layer.children().values()))


def _origin(path: str, origins: Origins, moved: Origins) -> str | None:
    """Where the layer at `path` comes from: through the last edit, and those before it."""
    above = path
    while above not in moved:
        if not above:
            return origins.get(path)
        above = above.rpartition(".")[0]
    before = moved[above]
    return None if before is None else origins.get(before + path[len(above) :])


def _dot(path: str) -> str:
    return f"{path}." if path else ""
