"""Where in a model an error happened, as a note on the error."""

import contextlib


def note_place(error: Exception, path: str, layer, what: str) -> None:
    """Add "at layer_1: Dense(2, 3) was given …". Only the innermost layer speaks, where it was."""
    if hasattr(error, "luxnb_path"):
        return
    with contextlib.suppress(Exception):  # an error may refuse new attributes
        error.luxnb_path = path  # type: ignore[attr-defined]
        error.add_note(f"{f'at {path}: ' if path else ''}{layer!r} {what}")
