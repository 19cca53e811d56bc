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
    before, after = _firsts(old), _firsts(new)
    return {
        b
        for a, b in pairs
        if a != b and not (stem(a) == stem(b) and before[stem(a)] == after[stem(b)] is not None)
    }


def _firsts(siblings: list[str]) -> dict[str, int | None]:
    """For each stem, where the numbers of all siblings that have it begin, if they are in order."""
    numbers: dict[str, list[int]] = {}
    for name in siblings:
        start = stem(name)
        numbers.setdefault(start, []).append(int(name[len(start) :] or -1))
    return {
        start: found[0] if found == list(range(found[0], found[0] + len(found))) else None
        for start, found in numbers.items()
    }
