"""A recipe in words: a line for each of its parts, for people."""

from collections.abc import Iterator
from typing import Any

LONGEST = 500


def in_words(data: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, words) of each part of a recipe."""
    return [(name, _short(_part(name, part))) for name, part in data.items() if name != "format"]


def call_words(call: Any) -> str:
    """The calls that made an optimiser: `optax.chain(optax.scale_by_adam(b1=0.9), …)`."""
    if isinstance(call, list):
        return f"[{', '.join(map(call_words, call))}]"
    if not isinstance(call, dict):
        return repr(call)
    if "call" in call:
        positional, named = call.get("positional"), call.get("named")
        words = list(map(call_words, positional)) if isinstance(positional, list) else []
        if isinstance(named, dict):
            words += [f"{name}={call_words(value)}" for name, value in named.items()]
        factory = f"({call['factory']})" if "factory" in call else ""
        return f"{call['call']}{factory}({', '.join(words)})"
    if "unknown" in call:
        return function_words(call["unknown"])
    for kind in ("float", "dtype", "array", "numpy", "layer"):
        if kind in call:
            return str(call[kind])
    if isinstance(call.get("tuple"), list):
        return f"({', '.join(map(call_words, call['tuple']))})"
    return ", ".join(leaves_words(call))


def function_words(described: Any) -> str:
    """A function's name, and whether it is its author's."""
    if not isinstance(described, dict):
        return str(described)
    if "partial" in described:
        return f"functools.partial({function_words(described['partial'])}, …)"
    digest = described.get("sha256")
    return f"{described.get('name')}{f' (source {digest_words(digest)})' if digest else ''}"


def event_words(event: dict[str, Any]) -> str:
    """`set(learning_rate=0.0003) at step 500`."""
    values = ", ".join(f"{k}={v}" for k, v in (event["values"] or {}).items())
    return f"{event['name']}{f'({values})' if values else ''} at step {event['step']:,}"


def digest_words(value: Any) -> str:
    """A digest by its first letters; any other value as it is."""
    text = str(value)
    return f"{text[:12]}…" if len(text) == 64 and set(text) <= set("0123456789abcdef") else text


def leaves_words(value: Any, above: str = "") -> Iterator[str]:
    """`batch_size 32`, `data[0].sha256 3f2a…`: each value of nested data by its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves_words(inner, f"{above}.{name}" if above else name)
    elif value not in (None, "", [], {}):
        shown = value if isinstance(value, list) else digest_words(value)
        yield f"{above} {shown}"


def _part(name: str, part: Any) -> str:
    if name == "model":
        return f"{part['parameters']:,} parameters, {part['code']}"
    if name == "loss":
        return function_words(part)
    if name == "metrics":
        return ", ".join(f"{name} {function_words(metric)}" for name, metric in part.items())
    if name == "optimizer":
        return call_words(part["calls"])
    if name == "data":
        return ", ".join(_data_words(part))
    if name == "interventions":
        return ", ".join(event_words(event) for event in part)
    if name == "result":
        return f"{part['steps']:,} steps, fingerprint {digest_words(part['fingerprint'])}"
    if isinstance(part, dict):
        return ", ".join(leaves_words(part))
    return "" if part is None else str(part)


def _data_words(part: dict[str, Any]) -> Iterator[str]:
    """What there is, then each array: `data[0] float32 [96, 2] 3f2a…`."""
    arrays = part.get("arrays")
    yield from leaves_words({k: v for k, v in part.items() if k != "arrays"})
    for name, array in arrays.items() if isinstance(arrays, dict) else ():
        values = array.values() if isinstance(array, dict) else [array]
        yield " ".join([name, *map(digest_words, values)])


def _short(text: str) -> str:
    text = " ".join(text.split()) or "–"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
