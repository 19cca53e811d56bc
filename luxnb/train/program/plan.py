"""Plan: all that decides the machine code of a training; equal plans share one program."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

from luxnb.train.feed.source import Source
from luxnb.train.step.options import Options


@dataclass(frozen=True)
class Plan:
    """Shapes and functions, no values."""

    objective: Callable
    optimizer: Any
    options: Options
    source: Source
    arrays: "Shapes"  # that the source reads
    ts: "Shapes"  # a TrainState
    precision: Any  # of products of matrices, which is JAX's configuration

    @classmethod
    def of(cls, objective, optimizer, options, feed, ts) -> "Plan":
        precision = jax.config.jax_default_matmul_precision  # type: ignore[attr-defined]
        arrays = Shapes.of(feed.arrays)
        return cls(objective, optimizer, options, feed.source, arrays, Shapes.of(ts), precision)


@dataclass(frozen=True)
class Shapes:
    """A pytree of shapes and dtypes, flattened and hashable."""

    leaves: tuple
    structure: Any

    @classmethod
    def of(cls, tree: Any) -> "Shapes":
        leaves, structure = jax.tree.flatten(tree)
        shapes = tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves)
        return cls(shapes, structure)

    @property
    def tree(self) -> Any:
        return jax.tree.unflatten(self.structure, self.leaves)
