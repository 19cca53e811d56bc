"""Reads what a person types for a value: Python, of which only what names things is understood.

The text is taken apart by `ast` and never executed. Numbers, strings, tuples, known names and calls
of known makers mean something; everything else is refused.
"""

import ast
from typing import Any

from luxnb.core.tree import nearest
from luxnb.display.plain import plain
from luxnb.notebook.explore.names import Names

LONGEST = 4000  # characters
DEEPEST = 24  # calls and tuples in one another
LARGEST = 10**12
ALLOWED = "only values, known names and calls of layers, initialisers and activations are read here"


def read(text: str, names: Names) -> Any:
    """The value that the text names; ValueError where it is none, and says what could be written.

    What a view shows can be typed as it stands: `Dense(64 => 32, relu)`.
    """
    text = text.strip()
    if text in names.values:  # also what is no Python, such as "λ at cell:3"
        return names.values[text]
    if not text:
        raise ValueError("nothing is written here")
    if len(text) > LONGEST:
        raise ValueError(f"this is {len(text):,} characters long: at most {LONGEST:,} are read")
    return _Reader(names).value(_parsed(text.replace("=>", ",")), 0)


def _parsed(text: str) -> ast.expr:
    if "\\" in text:
        raise ValueError(f"a backslash is not read: {ALLOWED}")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        what = getattr(error, "msg", "") or type(error).__name__
        raise ValueError(f"{plain(text)} is no Python: {plain(str(what))}") from None


class _Reader:
    """Makes values of syntax, by the names it was given."""

    def __init__(self, names: Names):
        self._names = names

    def value(self, node: ast.expr, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError(f"more than {DEEPEST} calls in one another are not read")
        match node:
            case ast.Constant():
                return self._constant(node.value)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant() as operand):
                return self._signed(node.op, operand.value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Name() | ast.Attribute() as operand):
                return self._signed(node.op, self._named(operand))
            case ast.Tuple() | ast.List():
                return tuple(self.value(element, depth + 1) for element in node.elts)
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Call():
                return self._call(node, depth)
        raise ValueError(f"{_text(node)} is not read: {ALLOWED}")

    def _constant(self, value) -> Any:
        if isinstance(value, int) and abs(value) > LARGEST:
            raise ValueError(f"a number above {LARGEST:,} is not read")
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise ValueError(f"{plain(repr(value))} is not read: {ALLOWED}")

    def _signed(self, sign, value) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"a sign goes before a number, not before {plain(repr(value))}")
        return -self._constant(value) if isinstance(sign, ast.USub) else self._constant(value)

    def _named(self, node: ast.expr) -> Any:
        name = _dotted(node)
        if name in self._names.values:
            return self._names.values[name]
        if name in self._names.makers:
            raise ValueError(f"{name} makes something when it is called: write {name}(…)")
        raise ValueError(self._unknown(name))

    def _call(self, node: ast.Call, depth: int) -> Any:
        name = _dotted(node.func)
        if name not in self._names.makers:
            if name in self._names.values:
                raise ValueError(f"{name} is not called here: {ALLOWED}")
            raise ValueError(self._unknown(name))
        if any(isinstance(word, ast.Starred) for word in node.args) or any(
            word.arg is None for word in node.keywords
        ):
            raise ValueError(f"stars are not read: {ALLOWED}")
        args = [self.value(word, depth + 1) for word in node.args]
        named = {str(word.arg): self.value(word.value, depth + 1) for word in node.keywords}
        try:
            return self._names.makers[name](*args, **named)
        except Exception as error:
            raise ValueError(f"{name}(…): {plain(str(error), 300)}") from error

    def _unknown(self, name: str) -> str:
        bare = [known for known in self._names if ("." in known) == ("." in name)]
        close = nearest(name, bare)
        hint = close if close.startswith("; did you mean") else f": {ALLOWED}"
        return f"{plain(name)} is not a name that is known here{hint}"


def _dotted(node: ast.expr) -> str:
    """`jax.nn.relu`; only names with dots between them have one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise ValueError(f"{_text(node)} is not read: {ALLOWED}")


def _text(node: ast.expr) -> str:
    try:
        return plain(ast.unparse(node))
    except (RecursionError, ValueError):  # of an integer with thousands of digits, too
        return "this"
