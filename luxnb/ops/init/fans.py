"""How many numbers a weight joins: its fans."""

import math

from luxnb.core.types import Shape


def fan_in(shape: Shape) -> int:
    """How many inputs each output of a weight of this shape sums over.

    >>> fan_in((3, 3, 16, 32))
    144
    """
    return math.prod(shape[:-1])


def fan_out(shape: Shape) -> int:
    """How many outputs each input of a weight of this shape goes to.

    >>> fan_out((3, 3, 16, 32))
    288
    """
    return math.prod(shape[:-2]) * math.prod(shape[-1:])
