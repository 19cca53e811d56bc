"""transfer: the values of a model for another that was made from it."""

from collections.abc import Mapping
from typing import Any

from luxnb.core.keys import as_key
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import entries
from luxnb.inspect.homes import form, homes, with_paths
from luxnb.inspect.match import Paths, match
from luxnb.inspect.shapes import shapes


def transfer(
    old: Layer,
    new: Layer,
    params: Mapping,
    state: Mapping | None = None,
    key: Any = 0,
    *,
    paths: Paths | None = None,
) -> Any:
    """Parameters for `new`, with the values in `params` for all that it shares with `old`.

    Returns the parameters, or with `state`, the pair of parameters and state. A layer that is
    still there, by `match(old, new)` or by the `paths` that you give as there, keeps its arrays,
    the very same ones, if they have the same names and shapes as before; a layer of which some
    array does not fit is fresh altogether. What is fresh is what `new.init(key)` gives.

    So a layer keeps its values when others are put before it or around it, and when its activation
    or its rate is changed; it is fresh when its width is, or when a wrapper keeps its parameters
    in another form (`WeightNorm`). The second of two copies is fresh, unless `paths` names it.
    What a `Frozen` keeps lies in the state, and so moves in and out only if `state` is given.
    `match(old, new)` shows what will be kept.

    >>> old = Chain(Dense(2, 8), Dense(8, 1))
    >>> ps, st = old.init(0)
    >>> new = Chain(Dense(2, 8), Dropout(0.1), Dense(8, 1))
    >>> ps, st = transfer(old, new, ps, st)
    >>> list(ps)
    ['layer_1', 'layer_2', 'layer_3']
    """
    found = match(old, new, paths=paths)
    there, here = homes(old), homes(new)
    given = {True: params, False: state}
    values = {
        is_param: dict(entries(_fitting(old, tree, is_param)))
        for is_param, tree in given.items()
        if tree is not None
    }
    made = dict(zip((True, False), new.init(as_key(key)), strict=True))
    kept: dict[bool, dict[str, Any]] = {True: {}, False: {}}
    for path in found.kept:
        pairs = [(there[found.paths[path]][name], home) for name, home in here[path].items()]
        if state is None:  # what lies in the state is not to be had, nor asked for
            pairs = [(a, b) for a, b in pairs if a.is_param or b.is_param]
        if all(a.is_param in values and b.is_param in values for a, b in pairs):
            for a, b in pairs:
                kept[b.is_param][b.path] = values[a.is_param][a.path]
    new_params, new_state = (with_paths(made[which], kept[which].get) for which in (True, False))
    return new_params if state is None else (new_params, new_state)


def _fitting(old: Layer, given, is_param: bool) -> Mapping:
    """What was given, if it is what `old` has; else an error that says where it is not.

    A state may have grown while the model ran, by a carry say; that begins anew.
    """
    what = "parameters" if is_param else "state"
    if not isinstance(given, Mapping):
        raise TypeError(f"transfer needs the {what} as a Tree, got {short(given)}")
    there, expected = dict(entries(given)), dict(entries(shapes(old)[0 if is_param else 1]))
    for path in {**expected, **there}:
        if path not in there:
            wrong = f"there is no {path}, which old declares as {short(expected[path])}"
        elif path not in expected and is_param:
            wrong = f"{path} is {short(there[path])}, and old has nothing there"
        elif path in expected and form(there[path]) != form(expected[path]):
            wrong = f"{path} is {short(there[path])}, and old declares {short(expected[path])}"
        else:
            continue
        raise ValueError(
            f"the {what} {'do' if is_param else 'does'} not fit `old`: {wrong}; "
            "write transfer(old, new, params, state) with the model that they were made for"
        )
    return given
