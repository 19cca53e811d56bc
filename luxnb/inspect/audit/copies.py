"""Laws of a layer's copies: its repr makes it again, and so does a pickle."""

import ast
import builtins
import dataclasses
import operator
import pickle
import sys
from collections.abc import Iterator

from luxnb.core.layer import Layer
from luxnb.inspect.audit.around import parts
from luxnb.inspect.audit.case import Case, Untried
from luxnb.inspect.audit.finding import Remark, fault
from luxnb.inspect.audit.value import is_alike

_FIELDS = "# let __init__ take each field as it is stored, or write __repr__ beside it"

_HARMLESS = (
    ast.Expression, ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant, ast.Tuple,
    ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.USub, ast.Load,
)  # fmt: skip


def repr_makes_it_again(case: Case) -> Iterator[Remark]:
    text = repr(case.layer)
    if "λ at " in text:
        raise Untried("a lambda has no name to print; a function made by def has one")
    names = _names(case.layer, _parsed(text))
    try:
        again = eval(text, names)
    except Exception as error:
        yield fault(f"{_cut(text)} raises {type(error).__name__}: {error}.", _FIELDS)
        return
    if isinstance(again, type):  # a compact layer inside of a function
        raise Untried(f"its repr names {_cut(text)}, which is not known here")
    if not is_alike(case.layer, again):
        yield fault(f"{_cut(text)} makes another layer, {_cut(repr(again))}.", _FIELDS)


def _parsed(text: str) -> ast.Expression:
    """The repr as calls of plain values; nothing else is run."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        raise Untried(f"{_cut(text)} is not Python") from None
    if not all(isinstance(node, _HARMLESS) for node in ast.walk(tree)):
        raise Untried(f"{_cut(text)} is more than a call")
    return tree


def _names(layer: Layer, tree: ast.Expression) -> dict:
    """What the names in a repr stand for, as far as the layer itself and loaded modules tell."""
    homes = ["luxnb", "__main__", *(type(part).__module__ for part in parts(layer))]
    known = dict(vars(builtins))
    for home in filter(None, map(sys.modules.get, homes)):
        known |= vars(home)
    for part in parts(layer):
        values = [getattr(part, f.name) for f in dataclasses.fields(part)]  # type: ignore[arg-type]
        for cls in map(type, (part, *values)):
            home = sys.modules.get(cls.__module__)
            known[cls.__module__.rpartition(".")[2]] = home
            known[cls.__name__] = getattr(home, cls.__name__, cls)  # of a compact layer, the layer
    wanted = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if missing := sorted(wanted - known.keys() - sys.modules.keys()):
        raise Untried(f"its repr names {missing[0]}, which is not known here")
    return {name: known.get(name, sys.modules.get(name)) for name in wanted}


def survives_pickling(case: Case) -> Iterator[Remark]:
    layer = case.layer
    for cls in map(type, parts(layer)):
        if "<locals>" in cls.__qualname__:
            where = "is defined inside of a function, where pickle cannot find it"
            raise Untried(f"{cls.__name__} {where}")
        if not _is_found(cls):
            raise Untried(f"{cls.__name__} is no longer what its module calls so")
    try:
        again = pickle.loads(pickle.dumps(layer))
    except Exception as error:
        if "lambda" in str(error) or "<locals>" in str(error):
            raise Untried("pickle finds functions by name, and a lambda has none") from None
        yield fault(f"pickle refuses: {type(error).__name__}: {error}.")
        return
    if not is_alike(layer, again):
        yield fault(f"What comes out of the pickle is another layer, {_cut(repr(again))}.")


def _is_found(cls: type) -> bool:
    """Whether a module has the class, or the layer that is its only one, under its name."""
    try:
        found = operator.attrgetter(cls.__qualname__)(sys.modules.get(cls.__module__))
    except AttributeError:
        return False
    return found is cls or type(found) is cls


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
