"""Position: the state of iterators that can say where they are, as grain's and torchdata's can."""

import json
from collections.abc import Iterator
from typing import Any

from luxnb.train.feed.origin import Origin


def state_of(origin: Origin, iterator: Any) -> Any:
    """Where the iterator is, as data for JSON; None when it cannot say so."""
    if hasattr(iterator, "get_state") and hasattr(iterator, "set_state"):
        return _plain(iterator.get_state())
    if iterator is not None and _says(origin.given):
        return _plain(origin.given.state_dict())
    return None


def restored(origin: Origin, n: int, state: Any) -> Iterator | None:
    """An iterator of the nth pass that was set to `state`; None when that is not possible."""
    if _says(origin.given):
        origin.given.load_state_dict(state)
        return origin.begin(n)
    iterator: Any = origin.begin(n)
    if not hasattr(iterator, "set_state"):
        return None
    iterator.set_state(state.encode() if isinstance(state, str) else state)
    return iterator


def _says(loader: Any) -> bool:
    return hasattr(loader, "state_dict") and hasattr(loader, "load_state_dict")


def _plain(state: Any) -> Any:
    """A copy that JSON gives back as it was, or None."""
    try:
        state = state.decode() if isinstance(state, bytes) else state
        copy = json.loads(json.dumps(state))
    except (TypeError, ValueError):
        return None
    return copy if copy == state else None
