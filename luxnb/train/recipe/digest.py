"""Digests: SHA-256 over what a thing is, the same in every process."""

import hashlib
import re
from typing import Any

import jax
import numpy as np
from jax.extend import core

from luxnb.core.spec import is_array, short
from luxnb.train.compare.fingerprint import leaves_of


def digest_text(text: str) -> str:
    """Of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_array(array: Any) -> str:
    """Of dtype, shape and every bit of an array, wherever it lives."""
    (numbers,) = leaves_of(array).values()
    digest = hashlib.sha256(f"{numbers.dtype} {numbers.shape}".encode())
    digest.update(np.ascontiguousarray(numbers).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def digest_shapes(tree: Any) -> str:
    """Of the names, dtypes and shapes of a pytree, without its values."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return digest_text("\n".join(f"{jax.tree_util.keystr(p)} {short(leaf)}" for p, leaf in leaves))


def digest_program(closed: core.ClosedJaxpr) -> str:
    """Of what a traced function computes: its equations and constants; names do not count."""
    return _closed(closed, {})


def _closed(closed: core.ClosedJaxpr, known: dict[int, str]) -> str:
    words = [_jaxpr(closed.jaxpr, known), *(_value(const, known) for const in closed.consts)]
    return digest_text("\n".join(words))


def _jaxpr(jaxpr: core.Jaxpr, known: dict[int, str]) -> str:
    """Variables are numbered as they come; a program inside stands as its digest, made once."""
    if id(jaxpr) in known:
        return known[id(jaxpr)]
    numbers: dict[Any, int] = {}

    def name(variable) -> str:
        if isinstance(variable, core.Literal):
            return f"{variable.aval.str_short()}={_value(variable.val, known)}"
        number = numbers.setdefault(variable, len(numbers))
        return f"{number}:{variable.aval.str_short()}"

    lines = [" ".join(map(name, (*jaxpr.constvars, *jaxpr.invars)))]
    for equation in jaxpr.eqns:
        given, made = (" ".join(map(name, v)) for v in (equation.invars, equation.outvars))
        parameters = _value(equation.params, known)
        lines.append(f"{made} = {equation.primitive.name} {parameters} {given}")
    lines.append(" ".join(map(name, jaxpr.outvars)))
    known[id(jaxpr)] = digest_text("\n".join(lines))
    return known[id(jaxpr)]


def _value(value: Any, known: dict[int, str]) -> str:
    """What stands in an equation, in words that are the same in every process."""
    if isinstance(value, core.ClosedJaxpr):
        return _closed(value, known)
    if isinstance(value, core.Jaxpr):
        return _jaxpr(value, known)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_value(value[k], known)}" for k in sorted(value)) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(_value(v, known) for v in value) + ")"
    if is_array(value):
        return digest_array(value)
    if callable(value) and not isinstance(value, type):
        return getattr(value, "__name__", type(value).__name__)
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
