"""Value: a function with parameters, such as `init.normal(0.1)`, that equals its like.

What `functools.partial` is not: equal parameters, equal value, equal hash, so a layer that holds
one is compiled once; and it prints as the call that makes it.
"""

import dataclasses
import math
from typing import dataclass_transform

import numpy as np

from luxnb.core.config import constructor_call
from luxnb.core.spec import is_array, short


@dataclass_transform(frozen_default=True)
class Value:
    """The base of initialisers and of activations with parameters; each is a frozen dataclass."""

    def __init_subclass__(cls):
        super().__init_subclass__()
        dataclasses.dataclass(frozen=True, repr=False)(cls)

    def __post_init__(self):
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.generic):  # prints as np.float64(0.1), which is not the same
                object.__setattr__(self, field.name, value.item())
        self.check()

    def check(self) -> None:
        """Raise ValueError when a parameter breaks a rule."""

    def number(self, name: str, rule: str = "", low=-math.inf, high=math.inf) -> None:
        """Raise unless the parameter is a finite number from `low` to `high`, as `rule` says."""
        value = getattr(self, name)
        if not is_number(value) or not low <= value <= high:
            self.refuse(name, f"a finite number {rule}".rstrip())

    def refuse(self, name: str, rule: str) -> None:
        """Raise, naming the parameter, the rule and what was given instead."""
        value, kind = getattr(self, name), _public(type(self))
        hint = f"; make it first, then call it: {kind}()(…)" if is_array(value) else ""
        raise ValueError(f"{kind}.{name} must be {rule}, got {short(value)}{hint}")

    def __repr__(self):
        return f"{_shelf(type(self))}.{constructor_call(self)}"


def is_number(value) -> bool:
    """A finite int or float; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _public(kind: type) -> str:
    return f"{_shelf(kind)}.{kind.__name__}"


def _shelf(kind: type) -> str:
    """Where users find it: `init` of luxnb.ops.init.random."""
    return kind.__module__.removeprefix("luxnb.ops.").split(".")[0]
