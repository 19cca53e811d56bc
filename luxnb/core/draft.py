"""Draft: the state that a layer's own `forward` may write; the caller's Tree stays as it is."""

from luxnb.core.tree import Tree, nearest


class Draft:
    """A layer's state during one call: read `st.name`, write `st.name = value`.

    Shallow on purpose: the entry of a child is a Tree, a value, and changes by
    `y, st.child = self.child(x, ps.child, st.child)`.
    """

    __slots__ = ("_original", "_written")
    _original: Tree
    _written: dict

    def __init__(self, original: Tree):
        object.__setattr__(self, "_original", original)
        object.__setattr__(self, "_written", {})

    def __getitem__(self, name):
        return self._written[name] if name in self._written else self._original[name]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(f"the state has {error.args[0]}") from None

    def __setitem__(self, name, value):
        if name not in self._original:
            raise AttributeError(
                f"the state has no entry {name!r}{nearest(name, self._original)}; "
                f"declare it: init_state must return it"
            )
        self._written[name] = value

    __setattr__ = __setitem__

    def __iter__(self):
        return iter(self._original)

    def __contains__(self, name):
        return name in self._original

    def __repr__(self):
        return f"Draft of {self.settle()!r}"

    def settle(self) -> Tree:
        """The state as a Tree: the very one that came in when nothing was written."""
        changed = {k: v for k, v in self._written.items() if v is not self._original[k]}
        return self._original.replace(**changed) if changed else self._original
