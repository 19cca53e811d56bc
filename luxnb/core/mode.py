"""Training or testing: a static node in the state of each layer that must know."""

import enum
from typing import TypeVar

import jax

T = TypeVar("T")


@jax.tree_util.register_static
class Mode(enum.Enum):
    """What a forward pass is for; layers read it with `st.mode is Mode.TEST`.

    It has no leaves, so it is part of a state's structure: one compiled program for each mode.
    """

    TRAIN = "train"
    TEST = "test"

    def __repr__(self):
        return f"Mode.{self.name}"


def trainmode(state: T) -> T:
    """The same state with every mode set to `Mode.TRAIN`."""
    return _with_mode(state, Mode.TRAIN)


def testmode(state: T) -> T:
    """The same state with every mode set to `Mode.TEST`: dropout off, running statistics used.

    >>> ps, st = Chain(Dense(2, 2), Dropout(0.5)).init(0)
    >>> testmode(st).layer_2.mode
    Mode.TEST
    """
    return _with_mode(state, Mode.TEST)


setattr(testmode, "__test__", False)  # noqa: B010  (pytest takes its name for a test)


def _with_mode(state, mode):
    if callable(state):
        raise TypeError(f"the mode lives in the state, not in the model: got {state!r}")

    def is_mode(value):
        return isinstance(value, Mode)

    return jax.tree.map(lambda v: mode if is_mode(v) else v, state, is_leaf=is_mode)
