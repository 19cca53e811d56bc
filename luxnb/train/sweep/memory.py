"""Whether all members of a sweep fit into the memory of the device, asked before the first step."""

from typing import Any

from luxnb.train.feed.choose import device_memory

UNDER_WAY = 3  # TrainStates that live at once: before and after the two chunks under way


def check_memory(compiled: Any, members: int) -> None:
    """Raise a MemoryError when the compiled program cannot fit; it says how many members would."""
    needed = _bytes(compiled)
    limit = device_memory()
    if needed is None or needed <= limit:
        return
    fit = int(members * limit / needed)
    advice = f"about {fit} fit" if fit else "not even one fits"
    raise MemoryError(
        f"{members} members need about {needed / 1e9:.3g} GB, and the device has "
        f"{limit / 1e9:.3g} GB: {advice}"
    )


def _bytes(compiled: Any) -> float | None:
    """What it takes to run; None where the compiler does not say."""
    analysis = compiled.memory_analysis()
    if analysis is None:
        return None
    states = UNDER_WAY * analysis.output_size_in_bytes
    return analysis.argument_size_in_bytes + analysis.temp_size_in_bytes + states
