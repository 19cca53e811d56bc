"""Tree: named, ordered, immutable values; the form of all parameters and of all state."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import jax

from luxnb.core.spec import short
from luxnb.core.view import Viewable


class Tree(Viewable):
    """An ordered, immutable mapping with attribute access, and a pytree whose paths are names.

    >>> ps = Tree(weight=jnp.ones((2, 3)), bias=jnp.zeros(3))
    >>> ps.weight.shape
    (2, 3)
    >>> ps.replace(bias=ps.bias + 1).bias
    Array([1., 1., 1.], dtype=float32)

    `Tree.of(nested_dict)` and `tree.to_dict()` convert; `tree.at["layer_1.weight"].set(value)`
    makes a changed copy. Names keep the order in which they were given.
    """

    __slots__ = ("_entries",)
    _entries: dict[str, Any]

    def __init__(self, /, **entries):
        for name in entries:
            check_name(name)
        object.__setattr__(self, "_entries", entries)

    @classmethod
    def of(cls, nested: Mapping) -> "Tree":
        """A Tree of nested mappings, each of which becomes a Tree."""
        if isinstance(nested, Tree):
            return nested
        if not isinstance(nested, Mapping):
            raise TypeError(f"expected a mapping of names to values, got {short(nested)}")
        for name in nested:
            check_name(name)
        return _tree({k: cls.of(v) if isinstance(v, Mapping) else v for k, v in nested.items()})

    def to_dict(self) -> dict:
        """The same names and values as nested plain dicts."""
        return {k: v.to_dict() if isinstance(v, Tree) else v for k, v in self._entries.items()}

    def replace(self, /, **changes) -> "Tree":
        """A copy with some entries changed; a name that is not there is an error."""
        for name in changes:
            self._require(name)
        return _tree(self._entries | changes)

    @property
    def at(self) -> "_Paths":
        """Access by path: `tree.at["layer_1.weight"].set(value)`, `.apply(function)`, `.get()`."""
        return _Paths(self)

    def keys(self):
        return self._entries.keys()

    def values(self):
        return self._entries.values()

    def items(self):
        return self._entries.items()

    def get(self, name, default=None):
        return self._entries.get(name, default)

    def __getitem__(self, name):
        self._require(name)
        return self._entries[name]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._entries[name]
        except KeyError:
            raise AttributeError(self._missing(name)) from None

    def __setattr__(self, name, value):
        raise TypeError(f"a Tree is a value; write tree = tree.replace({name}=…)")

    def __delattr__(self, name):
        raise TypeError("a Tree is a value and loses no entries")

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __contains__(self, name):
        return name in self._entries

    def __dir__(self):
        return [*super().__dir__(), *self._entries]

    def __repr__(self):
        return f"Tree({', '.join(f'{k}={_brief(v)}' for k, v in self._entries.items())})"

    def __reduce__(self):
        return _tree, (self._entries,)

    def _require(self, name):
        if name not in self._entries:
            raise KeyError(self._missing(name))

    def _missing(self, name) -> str:
        return f"no entry {name!r}{nearest(name, self._entries)}"


def _brief(value) -> str:
    return repr(value) if isinstance(value, Tree) else short(value)


def _tree(entries: dict) -> Tree:
    """A Tree of names that are known to be good."""
    tree = object.__new__(Tree)
    object.__setattr__(tree, "_entries", entries)
    return tree


def entries(tree: Tree | Mapping, above: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of all that is in a Tree and is no Tree itself."""
    for name, value in tree.items():
        path = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from entries(value, f"{path}.")
        else:
            yield path, value


METHODS = frozenset(name for name in vars(Tree) if not name.startswith("_"))


def check_name(name, where: str | None = None) -> None:
    """Raise unless `name`, found at `where`, can be an entry of a Tree."""
    shown = where or repr(name)
    if not isinstance(name, str) or not name or name.startswith("_") or set(name) & set("./"):
        raise ValueError(f"{shown} cannot name an entry: use a word without . / or a leading _")
    if name in METHODS:
        raise ValueError(f"{shown} cannot name an entry: it is a method of Tree")


def nearest(name, names) -> str:
    """The end of a "no such name" sentence: the closest name, or all there are."""
    names = list(names)
    close = difflib.get_close_matches(str(name), names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(map(repr, names[:12]))}{' …' * (len(names) > 12)}" * bool(names)


class _Paths:
    """`tree.at[path]`: the place in a Tree that a dotted path names."""

    def __init__(self, tree):
        self._tree = tree

    def __getitem__(self, path: str) -> "_Place":
        return _Place(self._tree, path)


class _Place:
    def __init__(self, tree: Tree, path: str):
        self._tree, self._path = tree, path
        self.get()  # a wrong path is an error here, not at .set

    def get(self):
        value = self._tree
        for depth, name in enumerate(self._path.split(".")):
            if not isinstance(value, Tree) or name not in value:
                where = ".".join(self._path.split(".")[:depth]) or "the tree"
                names = value if isinstance(value, Tree) else ()
                raise KeyError(f"no entry {name!r} in {where}{nearest(name, names)}")
            value = value[name]
        return value

    def set(self, value) -> Tree:
        return _set(self._tree, self._path.split("."), value)

    def apply(self, function) -> Tree:
        return self.set(function(self.get()))


def _set(tree: Tree, names: list[str], value) -> Tree:
    name, *rest = names
    return tree.replace(**{name: _set(tree[name], rest, value) if rest else value})


# -- as a pytree --------------------------------------------------------------------------------


def _flatten(tree: Tree):
    return tuple(tree._entries.values()), tuple(tree._entries)


def _flatten_with_keys(tree: Tree):
    pairs = tuple((jax.tree_util.GetAttrKey(k), v) for k, v in tree._entries.items())
    return pairs, tuple(tree._entries)


def _unflatten(names, values) -> Tree:
    return _tree(dict(zip(names, values, strict=True)))


jax.tree_util.register_pytree_with_keys(Tree, _flatten_with_keys, _unflatten, _flatten)
Mapping.register(Tree)  # type: ignore[attr-defined]
