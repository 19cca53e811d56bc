"""Interventions: what a person did to a run while it went on, as data of the run."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Intervention(NamedTuple):
    """At `step` (so many were taken): "pause", "resume", "stop", or "set" with its `values`."""

    step: int
    name: str
    values: dict[str, Any] | None = None


def settings(interventions: Iterable[Intervention], first: int) -> dict[int, dict[str, Any]]:
    """What was set from step `first` on, by step: the only interventions that change a bit."""
    found: dict[int, dict[str, Any]] = {}
    for step, name, values in interventions:
        if name == "set" and values and step >= first:
            before = found.get(step, {}).items()  # what is set later goes last
            found[step] = {k: v for k, v in before if k not in values} | values
    return found
