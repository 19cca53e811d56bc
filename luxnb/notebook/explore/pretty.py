"""Calls set in lines of at most 100 columns, as a formatter of Python would set them."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 100
INDENT = 4


@dataclass(frozen=True)
class Call:
    """`head(words)`; a word is a piece of code or another Call, and what stands before it."""

    head: str
    words: tuple[tuple[str, Code], ...]
    ends: str = "()"

    def __str__(self):
        inner = ", ".join(f"{before}{code}" for before, code in self.words)
        comma = "," * (self.is_tuple and len(self.words) == 1)
        return f"{self.head}{self.ends[0]}{inner}{comma}{self.ends[1]}"

    @property
    def is_tuple(self) -> bool:
        return not self.head and self.ends == "()"


Code = str | Call


def statement(name: str, code: Code) -> str:
    """`name = code`, in as many lines as it takes."""
    return _set(f"{name} = ", code, "", 0)


def _set(before: str, code: Code, after: str, indent: int) -> str:
    """On one line if it fits; else the words on a line of their own; else each on its own."""
    line = f"{before}{code}{after}"
    if isinstance(code, str) or not code.words or indent + len(line) <= WIDTH:
        return line
    inner, margin = indent + INDENT, " " * (indent + INDENT)
    words = ", ".join(f"{name}{word}" for name, word in code.words)
    if inner + len(words) <= WIDTH and not (code.is_tuple and len(code.words) == 1):
        body = f"{margin}{words}\n"
    else:
        comma = "," * (len(code.words) > 1 or code.is_tuple)
        lines = [margin + _set(name, word, comma, inner) for name, word in code.words]
        body = "\n".join(lines) + "\n"
    opening, closing = code.ends
    return f"{before}{code.head}{opening}\n{body}{' ' * indent}{closing}{after}"
