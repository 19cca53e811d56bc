"""Options: how a step is taken, beyond its objective and its optimiser."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax

from luxnb.core.cast import dtype_of_floats
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.train.step import average
from luxnb.train.step.loss_scale import LossScale


@dataclasses.dataclass(frozen=True)
class Options:
    """Part of the program of a step, and of the recipe of a run. Fields are arguments of `fit`."""

    accumulate: int = 1
    compute_dtype: Any = None  # kept as its name
    loss_scale: Any = None  # kept as a LossScale
    remat: Any = False
    average: float | None = None

    def __post_init__(self):
        parts, decay = self.accumulate, self.average
        if not isinstance(parts, int) or isinstance(parts, bool) or parts < 1:
            raise ValueError(f"accumulate must be a positive integer, got {short(parts)}")
        if not (isinstance(self.remat, bool) or callable(self.remat)):
            raise TypeError(
                "remat must be True, or a policy of jax.checkpoint_policies such as "
                f"dots_saveable, got {short(self.remat)}"
            )
        if decay is not None and not (isinstance(decay, int | float) and 0 < decay < 1):
            raise ValueError(
                f"average is the decay of the mean, between 0 and 1 as 0.999, got {short(decay)}"
            )
        # One spelling, so that equal options share a program.
        if self.compute_dtype is not None:
            name = dtype_of_floats(self.compute_dtype, "compute_dtype").name
            object.__setattr__(self, "compute_dtype", name)
        object.__setattr__(self, "loss_scale", self._scaling())

    def _scaling(self) -> LossScale | None:
        given = self.loss_scale
        if given is None:
            return LossScale() if self.compute_dtype == "float16" else None
        if isinstance(given, LossScale):
            return given
        if isinstance(given, int | float) and not isinstance(given, bool):
            return LossScale(given, factor=1.0)
        raise TypeError(f"loss_scale must be a number or a LossScale, got {short(given)}")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Those among the arguments of `fit`."""
        return cls(**{field.name: given[field.name] for field in dataclasses.fields(cls)})

    @property
    def policy(self) -> Any:
        """Of `jax.checkpoint`: which results are kept for the backward pass."""
        return jax.checkpoint_policies.dots_saveable if self.remat is True else self.remat

    @property
    def keywords(self) -> dict[str, Any]:
        """The options by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def extras(self, params: Tree) -> Tree:
        """What these options remember from step to step, before the first."""
        found: dict[str, Any] = {}
        if self.loss_scale is not None:
            found["loss_scale"] = self.loss_scale.begin()
        if self.average is not None:
            found |= average.begin(params)
        return Tree.of(found)

    def adapted(self, ts: Any) -> Any:
        """A TrainState that was made with other options, made for these."""
        fresh = self.extras(ts.params)
        extras = {name: ts.extras.get(name, value) for name, value in fresh.items()}
        return dataclasses.replace(ts, extras=Tree.of(extras))

    def check(self, extras: Tree) -> None:
        """Raise unless a TrainState with these extras was made for these options."""
        for name, wanted in (("average", self.average), ("loss_scale", self.loss_scale)):
            if (wanted is not None) == (name in extras):
                continue
            if wanted is None:
                raise ValueError(
                    f"the TrainState has {name}, which this step would leave as it is: give the "
                    f"step {name}=… as well"
                )
            raise ValueError(
                f"the TrainState has no {name}, which this step needs: make it with "
                f"TrainState.create(…, {name}={wanted!r})"
            )


PLAIN = Options()
