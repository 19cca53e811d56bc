"""An error as a remark: what it means in plain words, the line where it arose, what to write."""

import inspect
import os
import re
import traceback
import types
from collections.abc import Iterable
from pathlib import Path

import jax
import numpy as np

from luxnb.inspect.audit.finding import Remark, fault
from luxnb.inspect.audit.lines import commented, in_params, in_state

_LUXNB = Path(__file__).parents[2]
_LIBRARIES = (_LUXNB, *(Path(str(module.__file__)).parent for module in (os, jax, np)))
_NOT_THE_AUTHORS = tuple(f"{library}{os.sep}" for library in _LIBRARIES)
_TRACING = (jax.errors.JAXTypeError, jax.errors.JAXIndexError, jax.errors.KeyReuseError)


def explain(error: Exception, during: str = "") -> Remark:
    """What the author of a layer should know of an error that it raised."""
    here = line_of(error)
    if isinstance(error, _TRACING) or "concrete value" in str(error):
        text, write = _of_tracing(error, here)
    else:
        text, write = _in_its_own_words(error)
    return fault(during + text, write, here)


def line_of(error: BaseException) -> str:
    """The last line of the author's own code that the error passed through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not os.path.abspath(frame.filename).startswith(_NOT_THE_AUTHORS):
            return frame.line or ""
    return ""


def line_with(pattern: str, functions: Iterable[types.FunctionType]) -> str:
    """The first line of these functions' source in which the pattern is found."""
    for function in functions:
        try:
            lines, _ = inspect.getsourcelines(function)
        except (OSError, TypeError):
            continue
        for line in lines:
            if re.search(pattern, line.split("#")[0]):
                return line.strip()
    return ""


# -- tracing --------------------------------------------------------------------------------------


def _of_tracing(error: Exception, here: str) -> tuple[str, str]:
    """Errors of code that needs numbers while there are only shapes."""
    if isinstance(error, jax.errors.TracerBoolConversionError):
        return "Python asks whether this is true; under jit there are no numbers yet.", _asked(here)
    if isinstance(error, jax.errors.TracerArrayConversionError):
        jaxs = re.sub(r"\b(np|numpy)\.", "jnp.", here)
        text = "NumPy computes with numbers; under jit there are none yet."
        return text, jaxs if jaxs != here else commented(("jnp.…", "instead of np.…"))
    if isinstance(error, jax.errors.NonConcreteBooleanIndexError):
        text = "How many elements a mask picks depends on numbers; under jit all sizes are fixed."
        return text, "jnp.where(mask, x, 0)"
    if isinstance(error, jax.errors.UnexpectedTracerError):
        return "A value of an earlier trace was kept outside, and is used again.", in_state("last")
    if isinstance(error, jax.errors.KeyReuseError):
        text = "One key is used twice."
        return text, 'jax.random.normal(lx.key_for(key, "bias"), shape)'
    return _needed(here)


def _asked(here: str) -> str:
    """A choice that jit can compile, for an `if`, a `while`, an `assert`."""
    if here.startswith("while "):
        return "jax.lax.while_loop(condition, body, start)"
    if here.startswith("assert "):
        return commented(("def check(self): …", "fields are known; the numbers in x are not"))
    question = re.match(r"(?:el)?if (.+?):", here)
    return f"y = jnp.where({question[1] if question else 'condition'}, …, …)"


def _needed(here: str) -> tuple[str, str]:
    freed = re.sub(r"\.(item|tolist)\(\)", "", _unwrapped(here))
    if freed != here:
        text = "float(…), int(…) and .item() read a number; under jit there is none yet."
        return text, commented((freed, "an array of shape () does the same"))
    text = "Python needs a whole number here, for a shape or an index; under jit there is none yet."
    return text, commented(("size: int", "as a field: those are known while tracing"))


def _unwrapped(line: str) -> str:
    """The line without the first `float(…)` in it, but with what stands inside."""
    found = re.search(r"\b(float|int|bool)\(", line)
    if not found:
        return line
    depth = 1
    for place in range(found.end(), len(line)):
        depth += {"(": 1, ")": -1}.get(line[place], 0)
        if not depth:
            return line[: found.start()] + line[found.end() : place] + line[place + 1 :]
    return line


# -- other errors ---------------------------------------------------------------------------------

# Sentences of luxnb's own errors that do not say themselves what to write.
_OURS = (
    (r"\w+\.(\w+) is an array; a layer holds none", in_params),
    (r"is a value and cannot set '(\w+)'", in_state),
    (r"the state has no entry '(\w+)'", in_state),
    (r"changed the structure of its (state)", lambda _: commented(
        ("st.name = …", "an entry that init_state has made"), ("return y, st", ""))),
    (r"\.(\w+) must be hashable, got", lambda name: commented(
        (f"{name}: tuple = (…)", "what cannot change can be hashed"))),
)  # fmt: skip


def _in_its_own_words(error: Exception) -> tuple[str, str]:
    message = " ".join(str(error).split("\n\n")[0].split())
    written = re.search(r"[:;,] write `([^`]+)`|[:;] write (.+)$", message)
    if written:
        message, write = message[: written.start()], written[1] or written[2]
    else:
        found = ((re.search(pattern, message), template) for pattern, template in _OURS)
        write = next((template(match[1]) for match, template in found if match), "")
    # Cut, a note is the line alone, without the tree that it prints.
    place = next((n[:] for n in getattr(error, "__notes__", ()) if " was given x: " in n), "")
    where = f" ({place})" if place.startswith("at ") else ""
    return f"{type(error).__name__}: {message}{where}", write
