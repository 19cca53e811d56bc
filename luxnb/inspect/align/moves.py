"""What has moved: removed in one place, and added in another that is equal to it."""

from collections.abc import Iterable, Iterator

from luxnb.inspect.align.pair import Pair
from luxnb.inspect.align.place import Numbers, Place
from luxnb.inspect.node import Node


def moves(pair: Pair) -> list[tuple[Node, Node]]:
    """(old, new) of each place that has moved, with all below it; each was somewhere else once.

    From the first to the last in `new`, and whole layers before what is in them.
    """
    numbers = Numbers()
    alone = list(_alone(pair))
    removed: dict[int, list[Place]] = {}
    for place in _all(numbers.place(p.old) for p in alone if p.old is not None):
        removed.setdefault(place.kind, []).append(place)
    found: list[tuple[Node, Node]] = []
    taken: set[str] = set()  # paths in `old`
    for p in alone:
        if p.new is not None:
            _find(numbers.place(p.new), removed, taken, found)
    return found


def _alone(pair: Pair) -> Iterator[Pair]:
    """The outermost pairs of which one side is missing altogether."""
    if pair.is_alone:
        yield pair
    else:
        for child in pair.children:
            yield from _alone(child)


def _all(places: Iterable[Place]) -> Iterator[Place]:
    for place in places:
        yield place
        yield from _all(place.children)


def _find(place: Place, removed: dict[int, list[Place]], taken: set[str], found: list) -> None:
    """Where a place was that has been added; or where what is in it was."""
    for other in removed.get(place.kind, ()):
        parts = list(_all([other]))
        if taken.isdisjoint(part.node.path for part in parts):
            taken.update(part.node.path for part in parts)
            found += [(a.node, b.node) for a, b in zip(parts, _all([place]), strict=True)]
            return
    for child in place.children:
        _find(child, removed, taken, found)
