"""Recipe: all that decides the bits of a run, and what came out, as a value that can be sent."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from luxnb.core.view import Viewable
from luxnb.train.recipe.form import check_form
from luxnb.train.recipe.words import in_words


class Recipe(Mapping, Viewable):
    """An immutable mapping of data for JSON: seed, model, data, loss, optimizer, …, result.

    `run.recipe` makes it, `replay(recipe, model, data)` verifies it elsewhere, and
    `compare(recipe, run.recipe)` says in what two differ. The data themselves are not in it: of
    every array it has the SHA-256, of functions of luxnb and optax the name, of others the source.

    >>> x = jnp.ones((32, 1))
    >>> run = fit(Dense(1, 1), (x, x), loss=losses.mse, optimizer=optax.sgd(0.1), steps=3)
    >>> recipe = Recipe.from_json(run.recipe.to_json())
    >>> recipe == run.recipe, recipe["loss"]
    (True, {'name': 'luxnb.losses.mse'})
    """

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[str, Any]):
        """ValueError says where the data are no recipe."""
        data = dict(data) if isinstance(data, Mapping) else data
        check_form(data)
        self._data = copy.deepcopy(data)

    @classmethod
    def of(cls, recipe: Any) -> "Recipe":
        """A recipe as it is, or one of a mapping or of JSON."""
        if isinstance(recipe, Recipe):
            return recipe
        if isinstance(recipe, str | bytes):
            return cls.from_json(recipe)
        if isinstance(recipe, Mapping):
            return cls(recipe)
        raise TypeError(
            f"expected a recipe, its dict or its JSON, got a {type(recipe).__name__}; "
            "run.recipe is one"
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> "Recipe":
        """The recipe that `to_json` wrote; ValueError when the text is none."""
        try:
            return cls(json.loads(text))
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(f"the text is no JSON of a recipe: {error}") from None

    def to_json(self) -> str:
        """As text that a person can read and send."""
        return json.dumps(self._data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """As nested plain dicts and lists, which are the caller's own."""
        return copy.deepcopy(self._data)

    def __getitem__(self, name: str) -> Any:
        return copy.deepcopy(self._data[name])

    def __iter__(self):
        return iter(self._data)

    def __len__(self):
        return len(self._data)

    def __repr__(self):
        lines = in_words(self._data)
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {words}" for name, words in lines)
