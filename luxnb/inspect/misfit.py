"""What is wrong with the parameters and the state that a model was called with, in sentences."""

import difflib
from collections.abc import Mapping
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.tree import Tree, entries
from luxnb.inspect.shapes import shapes

MOST = 3  # sentences of a kind


def fitting(model: Layer, params, state) -> tuple[Any, Any, tuple[str, ...]]:
    """Parameters and state as they can be shown in the model's tree, each None where it belongs to
    something else, and sentences on what does not fit."""
    try:
        expected_params, expected_state = shapes(model)
    except Exception:  # a model that makes no parameters expects none
        return params, state, ()
    if _are_exchanged(params, state, expected_params, expected_state):
        return (
            state,
            params,
            ("parameters and state are exchanged: write y, st = model(x, ps, st)",),
        )
    params, about_params = _compared("parameters", params, expected_params)
    state, about_state = _compared("state", state, expected_state)
    if params is None and not dict(entries(expected_state)):
        state = None  # it came with those parameters
    return params, state, (*about_params, *about_state)


def _are_exchanged(params, state, expected_params: Tree, expected_state: Tree) -> bool:
    given, meant = (params, state), (state, params)
    expected = (dict(entries(expected_params)).keys(), dict(entries(expected_state)).keys())
    if expected[0] == expected[1] or not all(isinstance(tree, Mapping) for tree in given):
        return False
    return expected == tuple(dict(entries(tree)).keys() for tree in meant)


def _compared(what: str, given, expected: Tree) -> tuple[Any, list[str]]:
    if not isinstance(given, Mapping):
        write = "write y, st = model(x, ps, st)"
        return None, [f"{what}: expected a Tree, got {short(given)}; {write}"]
    there, wanted = dict(entries(given)), dict(entries(expected))
    if wanted and not there:
        return None, [f"{what}: nothing is there; write ps, st = model.init(seed)"]
    if wanted and not there.keys() & wanted.keys():
        return None, [
            f"{what}: those of another model, with {_listed(given)}; this one has "
            f"{_listed(expected)}"
        ]
    found = list(_differences(there, wanted, what == "parameters"))
    more = [f"and {len(found) - MOST} more"] if len(found) > MOST else []
    return given, [f"{what}: {sentence}" for sentence in found[:MOST] + more]


def _differences(there: dict[str, Any], wanted: dict[str, Any], strict: bool):
    """State may grow while a model runs: a carry, a cache. Only what it lacks is wrong."""
    strangers = [path for path in there if path not in wanted]
    for path, array in wanted.items():
        if path not in there:
            close = difflib.get_close_matches(path, strangers, n=1)
            strangers = [stranger for stranger in strangers if stranger not in close]
            instead = f", but there is {close[0]}" if close else ""
            yield f"{path} {short(array)} is missing{instead}"
        elif strict and is_array(there[path]) and tuple(there[path].shape) != tuple(array.shape):
            yield f"{path} is {short(there[path])}, expected {short(array)}"
    for path in strangers if strict else ():
        yield f"{path} is nothing that the model has"


def _listed(tree) -> str:
    """The names of a Tree, if there are not too many."""
    names = list(map(str, tree))
    return ", ".join(names[:4]) + ", …" * (len(names) > 4)
