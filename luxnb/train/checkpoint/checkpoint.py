"""Checkpoint: what is in the file of a run, as a value; it needs neither the model nor the data."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.core.view import Viewable
from luxnb.train.checkpoint.header import understood
from luxnb.train.checkpoint.match import check_model
from luxnb.train.checkpoint.names import rebuilt
from luxnb.train.checkpoint.record import as_leaf, interventions_of
from luxnb.train.measure.history import History
from luxnb.train.running.intervention import Intervention


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Checkpoint(Viewable):
    """A saved run: where it stood, and how it came there. `lx.load(path)` makes it.

    `arrays` are all that the file holds, by name, also the optimiser's:
    `checkpoint.arrays["optimizer_state.0.mu.weight"]`.

    >>> x = jnp.ones((8, 1))
    >>> sgd = optax.sgd(0.1)
    >>> run = fit(Dense(1, 1), (x, x), loss=losses.mse, optimizer=sgd, steps=3, batch_size=8)
    >>> run.save("line.safetensors")
    >>> checkpoint = load("line.safetensors")
    >>> checkpoint.step, checkpoint.params
    (3, Tree(weight=f32[1,1], bias=f32[1]))
    >>> import os; os.remove("line.safetensors")
    """

    path: str
    arrays: Mapping[str, np.ndarray]
    metadata: Mapping[str, Any]
    model: Layer | None = None

    def __post_init__(self):
        if self.model is not None:
            check_model(self.path, self.model, self.arrays, self.keys)

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self.metadata["step"]

    @property
    def target(self) -> int:
        """How many steps were planned."""
        return self.metadata["target"]

    @functools.cached_property
    def params(self) -> Tree:
        """The parameters, which `model(x, checkpoint.params, checkpoint.state)` takes."""
        return self._tree("params")

    @functools.cached_property
    def state(self) -> Tree:
        """The model's state, with random keys and modes."""
        return self._tree("state")

    @functools.cached_property
    def history(self) -> History:
        """The metrics of every step."""
        history = History(tuple(self.metadata["names"]), first=self.metadata["first"])
        history.append(self.arrays["history"])
        return history

    @functools.cached_property
    def validation(self) -> History:
        """The metrics of every validation."""
        history = History(tuple(self.metadata["validation_names"]))
        if "validation" in self.arrays:
            history.append(self.arrays["validation"], self.metadata["validation_steps"])
        return history

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What a person did while it ran."""
        return interventions_of(self.metadata)

    @property
    def recipe(self) -> Mapping[str, Any] | None:
        """What was trained, on what, how, from which seed, and where."""
        return self.metadata.get("recipe")

    @property
    def versions(self) -> Mapping[str, str]:
        """Those of luxnb and JAX that wrote it."""
        return self.metadata["versions"]

    @property
    def keys(self) -> Mapping[str, str]:
        """The kinds of the random keys, by name; in `arrays` are the numbers that they hold."""
        return self.metadata["keys"]

    def under(self, above: str) -> dict[str, np.ndarray]:
        """The arrays whose names begin so, by the rest of the name."""
        arrays = self.arrays.items()
        return {n.removeprefix(above): a for n, a in arrays if n.startswith(above)}

    def leaves(self, above: str = "") -> dict[str, Any]:
        """The arrays whose names begin so, on the device, and random keys."""
        with understood(self.path):
            return {
                name: as_leaf(array, self.keys.get(name))
                for name, array in self.arrays.items()
                if name.startswith(above)
            }

    def _tree(self, above: str) -> Tree:
        with understood(self.path):
            return rebuilt(self.leaves(f"{above}."), self.metadata["layout"], above)

    def __repr__(self):
        last = self.history.since(max(0, len(self.history) - 1))
        values = [f"{n}={v:.4g}" for row in last for n, v in zip(self.history, row, strict=True)]
        words = [f"step {self.step:,} of {self.target:,}", *values]
        return f"<Checkpoint {self.path}: {', '.join(words)}>"
