"""What a page may say: every field of every message, checked before anybody reads it."""

from typing import Any

_MESSAGES: dict[str, dict[str, type]] = {
    "hello": {},
    "select": {"path": str},
    "undo": {},
    "redo": {},
    "reset": {},
    "picture": {"path": str, "entry": str},
}
_EDITS: dict[str, dict[str, type]] = {
    "set": {"field": str, "text": str},
    "replace": {"text": str},
    "insert": {"index": int, "text": str},
    "duplicate": {},
    "remove": {},
    "move": {"by": int},
}
LONGEST = 20_000  # characters of any text


def checked(content: Any) -> dict[str, Any] | None:
    """The message, with those of its fields that mean something; None if it is none."""
    if not isinstance(content, dict):
        return None
    kind, operation = content.get("type"), content.get("op")
    if kind == "edit" and isinstance(operation, str) and operation in _EDITS:
        fields = {"op": str, "id": int, "path": str} | _EDITS[operation]
    elif isinstance(kind, str) and kind in _MESSAGES:
        fields = _MESSAGES[kind]
    else:
        return None
    if not all(_is(content.get(name), wanted) for name, wanted in fields.items()):
        return None
    return {"type": kind, **{name: content[name] for name in fields}}


def _is(value: Any, wanted: type) -> bool:
    if wanted is str:
        return isinstance(value, str) and len(value) <= LONGEST
    return type(value) is int and abs(value) < 2**53
