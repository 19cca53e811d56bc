"""Names side by side: in which order they stand together, and which of them were renamed."""

from collections.abc import Iterable, Iterator

from luxnb.inspect.align.place import stem


def together(old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    """The names of `new`, with those that are only in `old` behind what they stood behind there."""
    new = dict.fromkeys(new)
    behind: dict[str, list[str]] = {}
    last = ""
    for name in old:
        if name in new:
            last = name
        else:
            behind.setdefault(last, []).append(name)
    yield from behind.get("", ())
    for name in new:
        yield name
        yield from behind.get(name, ())


def renamed(old: list[str], new: list[str], pairs: Iterable[tuple[str, str]]) -> set[str]:
    """The new names, of (old, new), that say another thing than the old ones.

    layer_3 is layer_4 when something was inserted: names that number their siblings from the same
    number on say nothing but the place.
    """
    return {
        b
        for a, b in pairs
        if a != b and not (stem(a) == stem(b) and _first(a, old) == _first(b, new) is not None)
    }


def _first(name: str, siblings: list[str]) -> int | None:
    """Where the numbers of all siblings with such a name begin, if they are in order."""
    numbers = [int(s[len(stem(s)) :] or -1) for s in siblings if stem(s) == stem(name)]
    in_order = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return numbers[0] if in_order else None
