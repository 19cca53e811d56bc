"""capture: every intermediate output of a model, by path."""

from collections.abc import Callable
from typing import Any

from luxnb.core.call import path_here
from luxnb.core.layer import Layer
from luxnb.core.observe import observing, tell


def capture(model: Layer) -> Callable[..., tuple[Any, Any, dict[str, Any]]]:
    """The model as a function `(x, ps, st) -> (y, st, outputs)`, with every layer's output.

    `outputs`, an OrderedDict, maps the path of each layer to what it returned, in the order in
    which they ended; the model itself is `""`. A layer that is called again is `path#2`, `path#3`,
    …; what runs in a `scan` is stacked over its steps; what a layer has sown by `sow(name, value)`
    is `path.name`.
    As pure as the model: `jit`, `grad` and `vmap` it as you like.

    >>> model = Chain(Dense(2, 3, jax.nn.relu), Dense(3, 1))
    >>> ps, st = model.init(0)
    >>> y, st, outputs = capture(model)(jnp.ones((4, 2)), ps, st)
    >>> {path: output.shape for path, output in outputs.items()}
    {'layer_1': (4, 3), 'layer_2': (4, 1), '': (4, 1)}
    """
    if not isinstance(model, Layer):
        raise TypeError(f"capture needs a layer, got {model!r}")

    def captured(x, ps, st):
        (y, st), outputs = observing(model)(x, ps, st)
        return y, st, outputs

    return captured


def sow(name: str, value) -> None:
    """Show `value`, something between input and output, to whoever captures; else do nothing.

    Call it inside `forward`: in the layer at `block.attention`, `sow("weights", weights)` makes
    `capture(model)` return `block.attention.weights`.

    >>> class Halves(Layer):
    ...     def forward(self, x, ps, st):
    ...         sow("half", x / 2)
    ...         return x, st
    >>> dict(capture(Halves())(2.0, *Halves().init(0))[2])
    {'half': 1.0, '': 2.0}
    """
    above = path_here()
    tell(f"{above}.{name}" if above else name, value)
