"""The Python that builds a model: complete, with its imports, and set as one would write it.

Large parts that occur more than once become a variable, and equal neighbours `*[block] * 12`.
What cannot be imported, a lambda or a class of the notebook, is named in a comment above.
"""

import dataclasses
import enum
import functools
import inspect
import itertools
import keyword
import math
import unicodedata
from typing import Any

from luxnb.core.compact import is_compact
from luxnb.core.config import given_fields, is_default, public_name
from luxnb.core.layer import Layer
from luxnb.layers import container
from luxnb.layers.functions import Function
from luxnb.notebook.explore.imports import Imports
from luxnb.notebook.explore.pretty import Call, Code, statement

LARGE = 32  # characters: a part this long that occurs twice gets a name
RUN = 3  # equal neighbours


def code_of(model: Layer) -> str:
    """A program that makes a layer equal to `model`, under the name `model`."""
    return _Writer(model).program()


def code_for(layer: Layer) -> str:
    """The expression alone, on one line, as it may be typed in the explorer."""
    return str(_Writer(layer, is_program=False).layer(layer))


class _Writer:
    """Writes one model. `_parts` are the variables that were needed, in order."""

    def __init__(self, model: Layer, *, is_program: bool = True):
        self._model, self._is_program = model, is_program
        self._uses = _uses(model) if is_program else {}
        self.imports = Imports()
        self._parts: dict[Layer, tuple[str, Code]] = {}

    def program(self) -> str:
        lines = [statement("model", self.layer(self._model))]
        lines[:0] = [statement(name, code) for name, code in self._parts.values()]
        above = self.imports.lines()
        return "\n".join([*above, "" * bool(above), *lines]).lstrip("\n") + "\n"

    # -- layers ----------------------------------------------------------------------------------

    def layer(self, layer: Layer) -> Code:
        """A layer, or the variable that holds it."""
        if layer in self._parts:
            return self._parts[layer][0]
        code = self._made(layer)
        often = layer is not self._model and self._uses.get(layer, 0) > 1
        if often and isinstance(code, Call) and len(str(code)) >= LARGE:
            name = self.imports.free("block" if layer.children() else _lower(layer))
            self._parts[layer] = name, code
            return name
        return code

    def _made(self, layer: Layer) -> Code:
        if is_compact(layer):
            return self._compact(layer)
        head = self.imports.name_of(type(layer))
        if container.holds_by_name(layer):
            return Call(head, tuple(self._held(layer)))
        return Call(head, tuple(self._fields(layer)))

    def _compact(self, layer: Layer) -> Code:
        """The decorated function by its name, with what was changed in it."""
        code: Code = self.imports.name_of(type(layer))
        for field in dataclasses.fields(layer):  # type: ignore[arg-type]
            value = getattr(layer, field.name)
            if not is_default(field, value):
                words = ("", code), ("", f'"{field.name}"'), ("", self.value(value))
                code = Call(self.imports.luxnb("replace"), words)
        return code

    def _fields(self, value):
        for field, inner, by_name in given_fields(value):
            yield (f"{field.name}=" if by_name else ""), self.value(inner)

    def _held(self, layer):
        """What the constructor of a container takes: its parameters say where the layers go."""
        for name, parameter in inspect.signature(type(layer)).parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                yield from self._positional(layer)
            elif parameter.kind is parameter.VAR_KEYWORD:
                yield from self._named(layer)
            elif parameter.kind is not parameter.KEYWORD_ONLY:
                yield "", self.value(getattr(layer, name))
            elif getattr(layer, name) is not parameter.default:
                yield f"{name}=", self.value(getattr(layer, name))

    def _positional(self, layer):
        numbered = list(layer.children().values())[: _numbered(layer)]
        for same, run in itertools.groupby(numbered):
            times = len(list(run))
            code = self._inside(same)
            if times >= RUN and self._is_program:
                yield f"*[{code}] * {times}", ""
            else:
                yield from [("", code)] * times

    def _named(self, layer):
        for name, child in list(container.layers_of(layer).items())[_numbered(layer) :]:
            code = self._inside(child)
            yield (f"{name}=", code) if _is_word(name) else (f"**{{{_quoted(name)}: {code}}}", "")

    def _inside(self, child: Layer) -> Code:
        """In a container a function stands for itself."""
        return self.value(child.function) if type(child) is Function else self.layer(child)

    # -- everything else -------------------------------------------------------------------------

    def value(self, value: Any) -> Code:
        if isinstance(value, Layer):
            return self.layer(value)
        if isinstance(value, enum.Enum):
            return f"{self.imports.name_of(type(value))}.{value.name}"
        if type(value) is tuple:
            return Call("", tuple(("", self.value(inner)) for inner in value))
        if isinstance(value, str):
            return _quoted(value)
        if isinstance(value, float):
            return self._float(value)
        if isinstance(value, functools.partial):
            words = [("", self.value(inner)) for inner in (value.func, *value.args)]
            words += [(f"{name}=", self.value(inner)) for name, inner in value.keywords.items()]
            return Call(self.imports.name_of(functools.partial), tuple(words))
        if callable(value) and public_name(value):
            return self.imports.name_of(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return Call(self.imports.name_of(type(value)), tuple(self._fields(value)))
        if callable(value) and not isinstance(value, range):
            return self.imports.name_of(value)
        return repr(value)

    def _float(self, value: float) -> str:
        if math.isfinite(value):
            return repr(value).replace("e+", "e")
        return "-" * (value < 0) + self.imports.public("jax.numpy", str(abs(value)))


def _uses(model: Layer) -> dict[Layer, int]:
    """In how many places each layer stands, where what stands in equal layers is met once."""
    uses: dict[Layer, int] = {}
    waiting = [model]
    while waiting:
        for child in waiting.pop().children().values():
            if child not in uses:
                waiting.append(child)
            uses[child] = uses.get(child, 0) + 1
    return uses


def _numbered(layer) -> int:
    """How many of the first layers are named by their numbers, and so are positional."""
    names = layer.names
    return next((i for i, name in enumerate(names) if name != f"layer_{i + 1}"), len(names))


def _is_word(name: str) -> bool:
    """Whether it can be written before `=` and stays what it is."""
    same = unicodedata.normalize("NFKC", name) == name
    return name.isidentifier() and not keyword.iskeyword(name) and same


def _quoted(text: str) -> str:
    written = repr(text)
    if '"' in text or not written.startswith("'"):
        return written
    return f'"{written[1:-1]}"'


def _lower(layer: Layer) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(layer).__name__).strip("_")
