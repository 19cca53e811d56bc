"""What a compact layer can own besides sub-layers: parameters, state, random keys."""

from dataclasses import dataclass

from luxnb.core.config import constructor_call
from luxnb.core.types import Initialiser, Shape


@dataclass(frozen=True, repr=False)
class _Made:
    """What an initialiser makes of a key and a shape."""

    init: Initialiser
    shape: Shape = ()

    def __post_init__(self):
        kind = type(self).__name__
        if not callable(self.init) or isinstance(self.init, type):
            raise TypeError(
                f"{kind}.init must be an initialiser (key, shape) -> array such as init.ones(), "
                f"got {self.init!r}"
            )
        shape = (self.shape,) if isinstance(self.shape, int) else self.shape
        if not isinstance(shape, tuple | list) or not all(
            isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape
        ):
            raise ValueError(f"{kind}.shape must be a tuple of integers ≥ 0, got {self.shape!r}")
        object.__setattr__(self, "shape", tuple(shape))

    def __repr__(self):
        return constructor_call(self)


class Param(_Made):
    """A parameter of this shape, made by an initialiser `(key, shape) -> array`.

    >>> Param(init.ones(), (3,))
    Param(init.ones(), (3,))
    """


class State(_Made):
    """An entry of the state, of this shape, made by an initialiser `(key, shape) -> array`.

    >>> State(init.zeros(), (2, 2))
    State(init.zeros(), (2, 2))
    """


@dataclass(frozen=True)
class RandomKey:
    """A random key in the state: draw by `key, m.key = jax.random.split(m.key)`.

    >>> RandomKey()
    RandomKey()
    """
