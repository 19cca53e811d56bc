"""What a program must import, and what somebody must define before it runs."""

import builtins
import itertools
import keyword
import re
import sys
from typing import Any

from luxnb.core.config import function_name, public_name
from luxnb.ops import activations, basis, init

_SHELVES = {"activations": activations, "basis": basis, "init": init}
_ALIASES = {"jax.numpy": "jnp", "numpy": "np", "luxnb": "lx"}
# What `import jax` brings along.
_ATTRIBUTES = ("jax.nn", "jax.lax", "jax.random", "jax.checkpoint_policies")


class Imports:
    """Names for classes and functions, and the lines that make these names known."""

    def __init__(self):
        self._modules: set[str] = set()
        self._from: dict[str, set[str]] = {}
        self._missing: dict[str, str] = {}  # name -> what it is
        self._names: dict[int, str] = {}
        self._values: list[Any] = []  # kept, so that no id is met again
        self._taken = {"model", "jax", *_ALIASES.values()}

    def luxnb(self, name: str) -> str:
        """A name at luxnb's front door."""
        self._modules.add("luxnb")
        return f"lx.{name}"

    def public(self, module: str, name: str) -> str:
        """A name of a module that everybody imports."""
        self._modules.add("jax" if module in _ATTRIBUTES else module)
        return f"{_ALIASES.get(module, module)}.{name}"

    def name_of(self, value: Any) -> str:
        """How a class or a function is written here."""
        if id(value) not in self._names:
            self._names[id(value)] = self._name_of(value)
            self._values.append(value)
        return self._names[id(value)]

    def free(self, name: str) -> str:
        """The name, or name_2, …, if it means nothing yet."""
        name = re.sub(r"\W", "_", name) or "part"
        stem, number = name if not name[0].isdigit() else f"_{name}", 1
        name = stem
        while name in self._taken or keyword.iskeyword(name) or hasattr(builtins, name):
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

    def lines(self) -> list[str]:
        """Imports in the order of formatters, then a comment for each thing that is missing."""
        lines = []
        for is_third, group in itertools.groupby(sorted(self._modules, key=_order), _is_third):
            lines += [""] * bool(lines and is_third)
            lines += [f"import {m}{f' as {_ALIASES[m]}' if m in _ALIASES else ''}" for m in group]
        lines += [f"from {m} import {', '.join(sorted(self._from[m]))}" for m in sorted(self._from)]
        if self._missing and lines:
            lines.append("")
        lines += [f"# Define {name} first: it is {what}." for name, what in self._missing.items()]
        return lines

    def _name_of(self, value: Any) -> str:
        if place := public_name(value) or _scalar(value):
            return self.public(*place)
        for shelf, module in _SHELVES.items():
            name = getattr(value, "__name__", "")
            if name and getattr(module, name, None) is value:
                return self.luxnb(f"{shelf}.{name}")
        module = (getattr(value, "__module__", None) or "").removeprefix("_")
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
        if module.startswith("luxnb.") and _found("luxnb", name) is value:
            return self.luxnb(name)
        if module == "builtins" and hasattr(builtins, name):
            return name
        if module != "__main__" and name and _leads_to(module, name, value):
            return self._imported(module, name)
        return self._absent(value, name, module)

    def _imported(self, module: str, name: str) -> str:
        root = name.partition(".")[0]
        if module.split(".")[0] in sys.stdlib_module_names or module == "numpy":
            self._modules.add(module)
            return f"{_ALIASES.get(module, module)}.{name}"
        if root in self._taken and root not in self._from.get(module, ()):
            self._modules.add(module)  # two things of that name: this one is called in full
            return f"{module}.{name}"
        self._taken.add(root)
        self._from.setdefault(module, set()).add(root)
        return name

    def _absent(self, value: Any, name: str, module: str) -> str:
        last = name.rpartition(".")[2] or type(value).__name__.lower()
        own = self.free(last if last.isidentifier() else "function")
        if isinstance(value, type):
            what = f"the layer {own} of your own"
        elif "<lambda>" in name:
            what = function_name(value)
        else:
            what = "a function of your own"
        self._missing[own] = what if module in ("__main__", "") else f"{what}, in {module}"
        return own


def _scalar(value: Any) -> tuple[str, str] | None:
    """Where the dtypes of JAX are found."""
    module, name = getattr(value, "__module__", ""), getattr(value, "__name__", "")
    found = isinstance(value, type) and module == "jax.numpy" and _found(module, name) is value
    return (module, name) if found else None


def _found(module: str, name: str) -> Any:
    value = sys.modules.get(module)
    for step in name.split("."):
        value = getattr(value, step, None)
    return value


def _leads_to(module: str, name: str, value: Any) -> bool:
    """Whether this very value is found there, and so can be imported."""
    found = _found(module, name)
    # The class of a compact layer stands for the layer, which is what its name leads to.
    return found is value or (isinstance(value, type) and type(found) is value)


def _order(module: str) -> tuple[bool, str]:
    return _is_third(module), module


def _is_third(module: str) -> bool:
    return module.split(".")[0] not in sys.stdlib_module_names
