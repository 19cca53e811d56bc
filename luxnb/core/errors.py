"""Where in a model an error happened, as a note on the error."""

import contextlib

LONGEST = 160  # of a layer's repr: a note is for reading


def note_place(error: Exception, path: str, layer, what: str) -> None:
    """Add "at layer_1: Dense(2, 3) was given …". Only the innermost layer speaks, where it was."""
    if hasattr(error, "luxnb_path"):
        return
    with contextlib.suppress(Exception):  # an error may refuse new attributes
        error.luxnb_path = path  # type: ignore[attr-defined]
        shown = repr(layer)
        shown = shown if len(shown) <= LONGEST else f"{type(layer).__name__}(…)"
        error.add_note(f"{f'at {path}: ' if path else ''}{shown} {what}")
