"""Place: a Node with numbers that it shares with all that are like it."""

import re
from dataclasses import dataclass, field

from luxnb.core.spec import is_array, short
from luxnb.inspect.node import Node, Shared
from luxnb.inspect.own import kind_of, own_fields


@dataclass(frozen=True, eq=False)
class Place:
    """A Node in numbers: two are equal where what they stand for is equal."""

    node: Node
    kind: int  # the whole: the same layer, with the same arrays, above the same places
    own: int  # the same without what is below
    type: int
    form: int  # arrays of the same names, shapes and dtypes
    stem: int
    size: int  # how many places it is, with all below
    children: tuple["Place", ...]


@dataclass
class Numbers:
    """A number for everything that is met, the same for what is equal."""

    known: dict = field(default_factory=dict)

    def place(self, node: Node) -> Place:
        """The Node and all below it as Places."""
        children = tuple(map(self.place, node.children))
        layer = node.layer
        fields = () if layer is None else tuple(own_fields(layer).items())
        form = self._of("form", _forms(node.params), _forms(node.state))
        own = self._of("own", type(layer), fields, form)
        below = tuple((child.node.name, child.kind) for child in children)
        return Place(
            node,
            kind=self._of("kind", own, below),
            own=own,
            type=self._of("type", kind_of(layer)),
            form=form,
            stem=self._of("stem", stem(node.name)),
            size=1 + sum(child.size for child in children),
            children=children,
        )

    def _of(self, *what) -> int:
        return self.known.setdefault(what, len(self.known))


def stem(name: str) -> str:
    """The name without the number at its end."""
    return re.sub(r"\d+$", "", name)


def _forms(entries) -> tuple:
    values = ((n, v.value if isinstance(v, Shared) else v) for n, v in entries.items())
    return tuple((n, short(v) if is_array(v) else type(v).__name__) for n, v in values)
