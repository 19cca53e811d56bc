"""Draft: the state that a layer's own `forward` may write; the caller's Tree stays as it is."""

from luxnb.core.tree import METHODS, Tree, nearest


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
        if name in METHODS:  # no entry has such a name; `return y, st.replace(…)` is good style
            return getattr(settle(self), name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(f"the state has {error.args[0]}") from None

    def __setitem__(self, name, value):
        if name not in self._original:
            raise AttributeError(
                f"the state has no entry {name!r}, init_state must return it"
                f"{nearest(name, self._original)}"
            )
        self._written[name] = value

    __setattr__ = __setitem__

    def __iter__(self):
        return iter(self._original)

    def __contains__(self, name):
        return name in self._original

    def __repr__(self):
        return f"Draft of {settle(self)!r}"


def settle(draft: Draft) -> Tree:
    """The state as a Tree: the very one that came in when nothing was written."""
    original = draft._original
    changed = {k: v for k, v in draft._written.items() if v is not original[k]}
    return original.replace(**changed) if changed else original
