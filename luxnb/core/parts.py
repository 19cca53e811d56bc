"""What a compact layer can own besides sub-layers: parameters, state, random keys."""

from dataclasses import dataclass

from luxnb.core.config import constructor_call
from luxnb.core.types import Initialiser, Shape


@dataclass(frozen=True, repr=False)
class Param:
    """A parameter of this shape, made by an initialiser `(key, shape) -> array`.

    >>> Param(init.ones(), (3,))
    Param(init.ones(), (3,))
    """

    init: Initialiser
    shape: Shape = ()

    def __post_init__(self):
        _check(self)

    def __repr__(self):
        return constructor_call(self)


@dataclass(frozen=True, repr=False)
class State:
    """An entry of the state, of this shape, made by an initialiser `(key, shape) -> array`.

    >>> State(init.zeros(), (2, 2))
    State(init.zeros(), (2, 2))
    """

    init: Initialiser
    shape: Shape = ()

    def __post_init__(self):
        _check(self)

    def __repr__(self):
        return constructor_call(self)


@dataclass(frozen=True)
class RandomKey:
    """A random key in the state: draw by `key, m.key = jax.random.split(m.key)`.

    >>> RandomKey()
    RandomKey()
    """


def _check(part) -> None:
    kind = type(part).__name__
    if not callable(part.init) or isinstance(part.init, type):
        raise TypeError(
            f"{kind}.init must be an initialiser (key, shape) -> array such as init.ones(), "
            f"got {part.init!r}"
        )
    shape = (part.shape,) if isinstance(part.shape, int) else part.shape
    if not isinstance(shape, tuple | list) or not all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape
    ):
        raise ValueError(f"{kind}.shape must be a tuple of integers ≥ 0, got {part.shape!r}")
    object.__setattr__(part, "shape", tuple(shape))
