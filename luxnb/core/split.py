"""A Tree in two: what stands at some paths, and the rest."""

from collections.abc import Iterable

from luxnb.core.tree import Tree, entries, nearest


def split(tree: Tree, paths: Iterable[str] | None, where: str) -> tuple[Tree, Tree]:
    """The rest, which keeps all its branches, and what stands at or below `paths`; None is all.

    A path at which there is no array is an error, which begins with `where`.
    """
    leaves = [path for path, _ in entries(tree)]
    taken = set(leaves) if paths is None else set()
    for path in paths or ():
        below = {leaf for leaf in leaves if f"{leaf}.".startswith(f"{path}.")}
        if not below:
            known = dict.fromkeys(name for leaf in leaves for name in _ancestors(leaf))
            raise ValueError(f"{where} has nothing at {path!r}{nearest(path, known)}")
        taken |= below
    return _without(tree, taken), _only(tree, taken)


def merge(rest: Tree, taken: Tree) -> Tree:
    """The Tree that was split, but for the order of its names."""
    both = {name: merge(rest[name], taken[name]) for name in rest if name in taken}
    return Tree.of({**rest, **taken, **both})


def _ancestors(path: str):
    """`a`, `a.b`, `a.b.c` of `a.b.c`."""
    names = path.split(".")
    return (".".join(names[:depth]) for depth in range(1, len(names) + 1))


def _without(tree: Tree, taken: set[str], above: str = "") -> Tree:
    kept = {}
    for name, value in tree.items():
        if isinstance(value, Tree):
            kept[name] = _without(value, taken, f"{above}{name}.")
        elif above + name not in taken:
            kept[name] = value
    return Tree.of(kept)


def _only(tree: Tree, taken: set[str], above: str = "") -> Tree:
    kept = {}
    for name, value in tree.items():
        if isinstance(value, Tree):
            if inner := _only(value, taken, f"{above}{name}."):
                kept[name] = inner
        elif above + name in taken:
            kept[name] = value
    return Tree.of(kept)
