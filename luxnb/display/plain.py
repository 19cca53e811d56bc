"""Text that can only be read: no control characters, no memory addresses, no endless lines."""

import re
import unicodedata

# Control, format (bidi, zero width), surrogate, line and paragraph separators.
_ACTIVE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
MOST_MARKS = 3  # on one letter; more would flow over the lines above and below


def plain(text: str, longest: int = 60) -> str:
    """The text with whatever a terminal or a browser would act upon shown as an escape, and cut."""
    text = text[:4000]
    is_harmless = text.isascii() and text.isprintable()
    shown = text if is_harmless else "".join(_shown(text[:2000]))
    shown = re.sub(r" at 0x[0-9a-fA-F]+", "", shown)  # differs from run to run
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _shown(text: str):
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        yield _escape(character) if category in _ACTIVE or marks > MOST_MARKS else character


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
