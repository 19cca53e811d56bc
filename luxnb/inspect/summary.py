"""Summary: what each layer of a model returns and costs, for an input or for its shape."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode, testmode, trainmode
from luxnb.core.spec import short, specs
from luxnb.core.tree import nearest
from luxnb.core.view import Viewable
from luxnb.inspect.cost.costed import costed
from luxnb.inspect.count import Tally, nbytes, tally
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.inputs import input_shapes
from luxnb.inspect.node import Node
from luxnb.inspect.shapes import shapes


def summary(
    model: Layer,
    x,
    params=None,
    state=None,
    *,
    backward: bool = False,
    optimizer=None,
    mode: Mode | None = None,
) -> "Summary":
    """What each layer returns for `x`, how many operations it takes and how many bytes it makes.

    `x` is an array, a shape, a `jax.ShapeDtypeStruct`, or a dict, list or tuple of these; a tuple
    of ints is the shape of an array of floats. Without `params` and `state` those of `init` are
    meant. Nothing is computed: the model is traced once, with shapes.

    The call is in `mode`; without one, in that of the given `state`; without that in `Mode.TEST`,
    and with `backward` in `Mode.TRAIN`. With `backward` also the gradient by the parameters is
    counted, and the bytes that are kept for it; with an `optimizer`, its memory, from its `init`.

    Operations are those on floating-point numbers, as XLA counts them, and a function such as exp
    is one; integers, random bits and what is only moved are none. A loop counts as often as it
    turns. Bytes of activations are those of what layers return, each array once.

    What the model raises is raised. Anything else than the above is a TypeError or ValueError.

    >>> model = Chain(Dense(784, 128, jax.nn.relu), Dense(128, 10))
    >>> seen = summary(model, (32, 784), backward=True, optimizer=optax.adam(1e-3))
    >>> seen.flops  # 32 · 128 · (2 · 784 + 2) + 32 · 10 · (2 · 128 + 1)
    6512960
    >>> seen["layer_1"].output
    ShapeDtypeStruct(shape=(32, 128), dtype=float32)
    >>> seen.activation_bytes, seen.optimizer_bytes
    (17664, 814164)
    """
    if not isinstance(model, Layer):
        raise TypeError(f"summary needs a layer, got {short(model)}; write summary(model, x)")
    if mode is not None and not isinstance(mode, Mode):
        raise TypeError(f"mode must be Mode.TRAIN or Mode.TEST, got {short(mode)}")
    x = input_shapes(x)
    if state is None and mode is None:
        mode = Mode.TRAIN if backward else Mode.TEST
    made = shapes(model)
    params, state = made[0] if params is None else params, made[1] if state is None else state
    if mode is not None:
        state = trainmode(state) if mode is Mode.TRAIN else testmode(state)
    root, output = costed(model, x, params, state, backward)
    memory = None if optimizer is None else _optimizer_bytes(optimizer, params)
    return Summary(root, x, output, mode, memory)


def _optimizer_bytes(optimizer, params) -> int:
    if not callable(getattr(optimizer, "init", None)):
        raise TypeError(f"optimizer must have an init, as those of optax, got {short(optimizer)}")
    return nbytes(jax.eval_shape(optimizer.init, specs(params)))


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Summary(Viewable):
    """What the layers of a model return and cost. As the last line of a cell it is their tree.

    `root` is the Node of the model, with those of its layers below it: each has `given`, `output`
    and `cost`, which are its own. `summary["layer_1.attention"]` is the Node at a path. All
    other numbers are of the whole model.

    >>> summary(Dense(2, 3), (4, 2)).to_rows()[0]["flops"]  # 2 · 4 · 2 · 3 + 4 · 3
    60
    """

    root: Node
    x: Any  # shapes
    output: Any  # shapes
    mode: Mode | None
    optimizer_bytes: int | None  # None: without an optimizer

    @functools.cached_property
    def _total(self) -> Tally:
        return tally(frozen_in_place(self.root))

    @property
    def flops(self) -> int:
        """Floating-point operations of the forward pass."""
        return self._total.flops

    @property
    def backward_flops(self) -> int | None:
        """What the gradient takes beyond the forward pass; None where it was not asked for."""
        return self._asked("backward_flops")

    @property
    def activation_bytes(self) -> int:
        """The bytes of what all layers return, each array once."""
        return self._total.output_bytes

    @property
    def kept_bytes(self) -> int | None:
        """The bytes that are kept for the backward pass; None where it was not asked for."""
        return self._asked("kept_bytes")

    @property
    def parameters(self) -> int:
        """The number of parameters, without those that are frozen."""
        return self._total.parameters

    @property
    def parameter_bytes(self) -> int:
        return self._total.parameter_bytes

    @property
    def state_bytes(self) -> int:
        return self._total.state_bytes

    def _asked(self, name: str) -> int | None:
        cost = self.root.cost
        is_known = cost is not None and getattr(cost, name) is not None
        return getattr(self._total, name) if is_known else None

    def __getitem__(self, path: str) -> Node:
        nodes = {node.path: node for node in _all(self.root)}
        if path not in nodes:
            raise KeyError(f"no layer at {path!r}{nearest(path, nodes)}")
        return nodes[path]

    def to_rows(self) -> list[dict[str, Any]]:
        """A dict for each layer, for a table: `pandas.DataFrame(summary.to_rows())`.

        All numbers are the layer's own, without its children, so that each column can be summed.
        """
        return [_row(node) for node in _all(self.root) if node.layer is not None]

    def __repr__(self):
        return f"<Summary of {type(self.root.layer).__name__} for {short(self.x)}>"


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _row(node: Node) -> dict[str, Any]:
    own = tally(dataclasses.replace(node, children=()))
    return {
        "path": node.path,
        "layer": type(node.layer).__name__,
        "output": "" if node.output is None else short(node.output),
        **own._asdict(),
    }
