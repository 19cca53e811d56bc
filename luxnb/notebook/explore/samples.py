"""What can be put into a model: each layer, written with numbers that fit where it goes."""

import inspect
import typing
from collections import Counter
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array
from luxnb.inspect.node import Node
from luxnb.layers.cell_chain import CellChain
from luxnb.layers.upsample import Upsample
from luxnb.notebook.explore.names import layer_classes

FUNCTIONS = ("relu", "gelu", "silu", "tanh", "sigmoid", "softmax")


def choices(root: Node) -> list[dict[str, str]]:
    """Every layer by name, with the call that makes one, and what it is."""
    width = common_width(root)
    found = [
        {"name": name, "text": sample(kind, width), "doc": first_line(kind)}
        for name, kind in layer_classes().items()
    ]
    return [*found, *({"name": f, "text": f, "doc": f"The function {f}"} for f in FUNCTIONS)]


def sample(kind: type[Layer], width: int) -> str:
    """The call that makes such a layer for arrays whose last axis is `width`.

    A parameter for which there is no good guess stands by its name, to be written over.
    """
    parameters = inspect.signature(kind).parameters
    words = []
    for name, parameter in parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            layer = _guess("cell" if kind is CellChain else "layer", width)
            words += [layer] * (2 if "connection" in parameters else 1)
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            is_tuple = typing.get_origin(parameter.annotation) is tuple
            words.append(f"({width},)" if name == "shape" and is_tuple else _guess(name, width))
    return f"{kind.__name__}({', '.join(words) or _BESIDE.get(kind, '')})"


_BESIDE: dict[type[Layer], str] = {Upsample: "scale=2"}  # what no parameter demands by itself


def _guess(name: str, width: int) -> str:
    square = f"Dense({width}, {width})"
    guesses = {
        "shape": str(width),
        "kernel": "(3, 3)",
        "window": "(2, 2)",
        "size": "(1, 1)",
        "heads": str(_divisor(width)),
        "groups": str(_divisor(width)),
        "layer": square,
        "model": square,
        "cell": f"GRUCell({width}, {width})",
        "forward_cell": f"GRUCell({width}, {width})",
        "connection": "add",
        "function": "relu",
        "n": "2",
        "factor": "2",
        "dtype": '"bfloat16"',
        "axis": "1",
        "index": "0",
    }
    is_width = name.endswith(("dims", "channels"))
    return str(width) if is_width else guesses.get(name, name)


def _divisor(width: int) -> int:
    """Into how many heads or groups so many features go."""
    return next(n for n in (8, 4, 3, 2, 1) if width % n == 0)


def common_width(root: Node) -> int:
    """The last axis that most layers' outputs have, or their parameters."""
    outputs, params = Counter(), Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        outputs.update(_last_axes(node.output))
        params.update(_last_axes(dict(node.params)))
    widths = outputs or params
    return max(widths, key=lambda width: (widths[width], width), default=64)


def width_before(node: Node, index: int) -> int | None:
    """The last axis of what arrives at place `index` of a container, if that is known."""
    source: Any = node.given
    if 0 < index <= len(node.children):
        source = node.children[index - 1].output
    return next(iter(_last_axes(source)), None)


def first_line(kind: type) -> str:
    """What the class says of itself, to the first full stop."""
    line = (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")
    return line.split(". ")[0].replace("`", "")


def _last_axes(tree) -> list[int]:
    return [leaf.shape[-1] for leaf in jax.tree.leaves(tree) if is_array(leaf) and leaf.shape]
