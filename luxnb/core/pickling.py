"""Layers in pickles: jitted functions such as jax.nn.relu travel by their public names."""

import dataclasses
import functools
import operator

import jax

from luxnb.core.config import public_name


def pickled_fields(layer) -> dict:
    """The fields of a layer by name, such that each can be pickled."""
    return {f.name: _packed(getattr(layer, f.name)) for f in dataclasses.fields(layer)}


def unpickled(cls, fields: dict):
    """The layer of class `cls` with these fields, which were checked when it was first made."""
    layer = object.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(layer, name, value)
    return layer


class _Call:
    """Stands in a pickle for a value that a call makes again."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def _packed(value):
    if type(value) is tuple:
        return tuple(map(_packed, value))
    if isinstance(value, functools.partial):
        words = {name: _packed(v) for name, v in value.keywords.items()}
        return _Call(_partial, _packed(value.func), _packed(value.args), words)
    place = public_name(value) if callable(value) else None
    return _Call(_public, *place) if place else value


def _partial(function, args, words):
    return functools.partial(function, *args, **words)


def _public(namespace: str, name: str):
    return operator.attrgetter(f"{namespace}.{name}".removeprefix("jax."))(jax)
