"""Functions in a recipe: library functions by the name they are known by, others by their source.

Only names of a few modules are ever looked up, and only in modules that are loaded already: a
recipe makes nothing be imported or evaluated.
"""

import contextlib
import functools
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from luxnb.core.config import function_name
from luxnb.core.tree import nearest
from luxnb.train.recipe.digest import digest_text
from luxnb.train.recipe.values import decoded, encoded

# The name under which users know a module, and the one under which Python does.
KNOWN = {
    "luxnb.losses": "luxnb.ops.losses",
    "luxnb.metrics": "luxnb.train.measure.metrics",
    "optax": "optax",
    "optax.losses": "optax.losses",
}


def describe_function(function: Callable) -> dict[str, Any]:
    """What it is, as data for JSON: a name, or a name with source and digest."""
    if isinstance(function, functools.partial):
        return {
            "partial": describe_function(function.func),
            "arguments": encoded(function.args, describe_function),
            "keywords": encoded(function.keywords, describe_function),
        }
    if name := known_name(function):
        return {"name": name}
    source = source_of(function)
    described: dict[str, Any] = {"name": function_name(function)}
    if not inspect.isroutine(function):
        described["repr"] = re.sub(r" at 0x[0-9a-f]+", "", repr(function))
    if closure := held(function):
        described["closure"] = {name: encoded(value, _inside) for name, value in closure.items()}
    return described | {"source": source, "sha256": digest_text(source)}


def find_function(described: Any, where: str) -> Callable:
    """The function that was described, if it has a known name; ValueError says what to give."""
    if isinstance(described, dict) and "partial" in described:
        function = find_function(described["partial"], where)
        arguments = decoded(described.get("arguments"), where)
        keywords = decoded(described.get("keywords"), where)
        if not isinstance(arguments, tuple) or not isinstance(keywords, dict):
            raise ValueError(
                f"{where}: a partial needs a tuple of arguments and a dict of keywords"
            )
        return functools.partial(function, *arguments, **keywords)
    name = described.get("name") if isinstance(described, dict) else None
    if not isinstance(name, str):
        raise ValueError(f"{where} must be a function's name and source, got {described!r:.80}")
    module, _, last = name.rpartition(".")
    loaded = sys.modules.get(KNOWN.get(module, ""))
    if loaded is None or "source" in described:
        raise ValueError(
            f"{where} of the recipe is {name}, a function of its author's: give it as an argument"
        )
    function = None if last.startswith("_") else vars(loaded).get(last)
    if not inspect.isfunction(function):
        raise ValueError(f"{where}: {module} has no function {last!r}{nearest(last, vars(loaded))}")
    return function


def known_name(function: Any) -> str | None:
    """`luxnb.losses.cross_entropy`: where users find it, if it is in a known module."""
    last = getattr(function, "__name__", None)
    for public, module in KNOWN.items():
        if last and getattr(sys.modules.get(module), last, None) is function:
            return f"{public}.{last}"
    return None


def source_of(function: Any) -> str:
    """The source text; where there is none, what was compiled of it, in words."""
    try:
        target = function if inspect.isroutine(function) else type(function)
        return textwrap.dedent(inspect.getsource(target))
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        return "" if code is None else _code(code)


def _code(code) -> str:
    constants = [_code(c) if inspect.iscode(c) else repr(c) for c in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {', '.join(constants)}"


def held(function: Any) -> dict[str, Any]:
    """The values that a function remembers from where it was made, by name."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    found = {}
    for name, cell in zip(names, getattr(function, "__closure__", None) or (), strict=True):
        with contextlib.suppress(ValueError):  # not yet filled
            found[name] = cell.cell_contents
    return found


def _inside(value: Any) -> Any:
    """What a closure holds: a function by its source alone, for they may hold each other."""
    if not callable(value):
        return {"type": type(value).__name__}
    return {
        "name": known_name(value) or function_name(value),
        "sha256": digest_text(source_of(value)),
    }
