"""Text that can only be read: no control characters, no memory addresses, no endless lines."""

import re
import unicodedata

# Control, format (bidi, zero width), surrogate, line and paragraph separators.
_ACTIVE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: str, longest: int = 60) -> str:
    """The text with whatever a terminal or a browser would act upon shown as an escape, and cut."""
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", text)  # differs from run to run
    shown = "".join(_escape(c) if unicodedata.category(c) in _ACTIVE else c for c in text[:2000])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
