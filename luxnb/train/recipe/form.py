"""The form of a recipe: which fields there must be, and of which kind; whatever a stranger sent."""

import math
import re
from collections.abc import Callable
from typing import Any

from luxnb.train.running.intervention import Intervention

FORMAT = 1
MOST_STEPS = 2**31 - 1  # an int32 counts them
DEEPEST, MOST_VALUES = 50, 1_000_000

Check = Callable[[Any, str], None]


def check_form(data: Any) -> None:
    """ValueError names the first place at which the data are no recipe."""
    _check_plain(data, "recipe", [0])
    _dict(data, "recipe")
    if data.get("format") != FORMAT:
        raise ValueError(
            f"recipe['format'] must be {FORMAT}, got {data.get('format')!r:.40}: it is no recipe, "
            "or one of another version of luxnb"
        )
    _fields(data, "recipe", _RECIPE)
    first = data["start"]["step"] if data["start"] else 0
    last = data["result"]["steps"]
    for where, steps in (
        ("interventions", [event["step"] for event in data["interventions"]]),
        ("result']['milestones", [each["step"] for each in data["result"]["milestones"]]),
    ):
        if steps != sorted(steps) or not all(first <= step <= last for step in steps):
            raise ValueError(
                f"recipe['{where}'] must be at steps between {first:,} and {last:,}, in order"
            )


def interventions_of(data: Any) -> tuple[Intervention, ...]:
    """Those of a recipe, as a run notes them."""
    return tuple(Intervention(e["step"], e["name"], e["values"]) for e in data["interventions"])


def _check_plain(value: Any, where: str, count: list[int], depth: int = 0) -> None:
    """Raise unless it is what JSON can hold, in bounds."""
    count[0] += 1
    if depth > DEEPEST or count[0] > MOST_VALUES:
        raise ValueError(f"{where:.60}: a recipe has no more than {MOST_VALUES:,} values in "
                         f"{DEEPEST} levels")  # fmt: skip
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise ValueError(f"{where:.200} has the name {name!r:.40}: names must be text")
            _check_plain(inner, f"{where}[{name!r}]", count, depth + 1)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _check_plain(inner, f"{where}[{i}]", count, depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where:.200} must be a finite number, got {value}")
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 2**63:
            raise ValueError(f"{where:.200} must be below 2**63 in size")
    elif value is not None and not isinstance(value, bool | str):
        raise ValueError(f"{where:.200} must be data for JSON, got a {type(value).__name__}")


def _fields(data: Any, where: str, fields: dict[str, Check]) -> None:
    _dict(data, where)
    for name, check in fields.items():
        if name not in data:
            raise ValueError(f"{where} lacks {name!r}")
        check(data[name], f"{where}[{name!r}]")


def _wrong(where: str, wanted: str, value: Any) -> ValueError:
    return ValueError(f"{where} must be {wanted}, got {value!r:.60}")


def _dict(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(where, "a dict", value)


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str):
        raise _wrong(where, "text", value)


def _count(value: Any, where: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_STEPS:
        raise _wrong(where, f"an integer from 0 to {MOST_STEPS:,}", value)


def _size(value: Any, where: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(where, "an integer of at least 0", value)


def _digest(value: Any, where: str) -> None:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise _wrong(where, "a SHA-256 digest in hex", value)


def _bits(value: Any, where: str) -> None:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{8}", value):
        raise _wrong(where, "the bits of a float32 in hex", value)


def _seed(value: Any, where: str) -> None:
    if not isinstance(value, int | dict) or isinstance(value, bool):
        raise _wrong(where, "an integer or a key", value)


def _numbers(value: Any, where: str) -> None:
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, list):
            _numbers(inner, where)
        elif not isinstance(inner, int | float) or isinstance(inner, bool):
            raise _wrong(where, "a number or a list of numbers", inner)


def _event_name(value: Any, where: str) -> None:
    if value not in ("pause", "resume", "stop", "set"):
        raise _wrong(where, "pause, resume, stop or set", value)


def _each(check: Check) -> Check:
    def of_list(value, where):
        if not isinstance(value, list):
            raise _wrong(where, "a list", value)
        for i, inner in enumerate(value):
            check(inner, f"{where}[{i}]")

    return of_list


def _named(check: Check) -> Check:
    def of_dict(value, where):
        _dict(value, where)
        for name, inner in value.items():
            check(inner, f"{where}[{name!r}]")

    return of_dict


def _perhaps(check: Check) -> Check:
    return lambda value, where: None if value is None else check(value, where)


def _of(**fields: Check) -> Check:
    return lambda value, where: _fields(value, where, fields)


_RECIPE: dict[str, Check] = {
    "seed": _seed,
    "model": _of(code=_text, parameters=_size, sha256=_digest),
    "data": _dict,
    "loss": _dict,
    "metrics": _named(_dict),
    "optimizer": _of(calls=_dict, sha256=_digest),
    "options": _dict,
    "validation": _perhaps(_dict),
    "start": _perhaps(_of(step=_count, sha256=_digest)),
    "interventions": _each(_of(step=_count, name=_event_name, values=_perhaps(_named(_numbers)))),
    "environment": _dict,
    "program": _of(executor=_text, sha256=_digest),
    "result": _of(
        steps=_count,
        fingerprint=_digest,
        milestones=_each(_of(step=_count, metrics=_named(_bits))),
    ),
}
