"""Origin: whatever a stream of batches comes from, and how a pass over it begins."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from luxnb.core.spec import is_array, short

MOST_STEPS = 2**31 - 1  # endless data sets say they have about so many batches


@dataclass(frozen=True, eq=False)
class Origin:
    """`begin(n)` makes the iterator of the nth pass, from 0 on."""

    given: Any
    begin: Callable[[int], Iterator]
    passes: bool  # whether there can be more than one
    jumps: bool  # whether a pass does not depend on those before it
    rewindable: bool  # whether the same batches can be had again
    length: int | None  # of a pass, in whole batches

    @classmethod
    def of(cls, given: Any) -> "Origin":
        """How to go through a sequence, an iterator, a function that makes one, or a loader."""
        if isinstance(given, Iterator):
            return cls(given, lambda _: given, False, False, False, None)
        if isinstance(given, Sequence) and not isinstance(given, str | bytes):
            return cls(given, lambda _: iter(given), True, True, True, _whole(given))
        if hasattr(given, "__iter__") and not is_array(given):
            again = not hasattr(getattr(given, "sampler", None), "generator")  # PyTorch's shuffles
            return cls(given, lambda _: iter(given), True, False, again, _length(given))
        if callable(given):
            return cls(given, _maker(given), True, True, True, None)
        raise TypeError(
            "a stream is made of an iterable of batches, or of a function that makes one, "
            f"got {short(given)}; a data set of single samples needs a loader that batches them"
        )

    @property
    def title(self) -> str:
        """What it is, in a word."""
        given = self.given
        return getattr(given, "__name__", type(given).__name__)


def _maker(function: Callable) -> Callable[[int], Iterator]:
    """The iterator that a function makes, of the number of the pass if it wants to know."""
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = inspect.signature(function).parameters.values()
    wanted = sum(p.kind in kinds and p.default is p.empty for p in parameters)
    if wanted > 1:
        raise TypeError(
            f"the function that makes the batches is given the number of the pass at most, "
            f"and wants {wanted} arguments: {short(function)}"
        )

    def begin(n: int) -> Iterator:
        made = function(n) if wanted else function()
        if not hasattr(made, "__iter__") or is_array(made):
            raise TypeError(f"the function must return an iterable of batches, got {short(made)}")
        return iter(made)

    return begin


def _whole(batches: Sequence) -> int:
    """How many batches there are, but for a smaller one at the end."""
    first, last = (_rows(batches[i]) for i in (0, -1)) if len(batches) else (None, None)
    return len(batches) - (first != last and len(batches) > 1)


def _rows(batch: Any) -> list:
    return [leaf.shape[:1] if is_array(leaf) else () for leaf in jax.tree.leaves(batch)]


def _length(loader: Any) -> int | None:
    """How many batches a pass of a loader has, where it says so."""
    try:
        size = getattr(loader, "batch_size", None)
        if type(size) is int and getattr(loader, "drop_last", None) is False:
            length = len(loader.sampler) // size  # PyTorch's counts a smaller one at the end
        else:
            length = len(loader)
    except (TypeError, NotImplementedError, AttributeError):
        return None
    return length if 0 < length < MOST_STEPS else None
