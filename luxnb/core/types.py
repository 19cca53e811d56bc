"""The names used in signatures."""

from collections.abc import Callable

import jax

Array = jax.Array
Key = jax.Array
Shape = tuple[int, ...]
Activation = Callable[[Array], Array]
Initialiser = Callable[[Key, Shape], Array]
