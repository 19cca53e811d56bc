"""Builders: functions that make a Chain of blocks, to be used or edited like one made by hand."""

import itertools
from collections.abc import Callable
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.types import Activation
from luxnb.layers.batch_norm import BatchNorm
from luxnb.layers.chain import Chain
from luxnb.layers.conv import Conv
from luxnb.layers.dense import Dense
from luxnb.layers.dropout import Dropout
from luxnb.layers.functions import Function
from luxnb.layers.skip import SkipConnection

Norm = Callable[[int], Layer]


def mlp(
    in_dims: int,
    dims: int | tuple[int, ...],
    activation: Activation = jax.nn.relu,
    *,
    norm: Norm | None = None,
    dropout: float = 0.0,
    activate_last: bool = False,
    residual: bool = False,
    **dense: Any,
) -> Chain:
    """A multilayer perceptron: Dense layers with `dims` outputs, the last of them the output.

    Its blocks are `block_1`, `block_2`, …; each is a Dense layer with its activation, or, if more
    is asked for, a Chain of `dense`, `norm` (made by `norm(size)`), `activation` and `dropout`. The
    last block is only the affine map unless `activate_last`. With `residual`, a block that keeps
    the size is the `layer` of a SkipConnection. Other options are those of `Dense`.

    >>> mlp(2, (32, 32, 1))
    Chain(block_1=Dense(2, 32, jax.nn.relu), block_2=Dense(32, 32, jax.nn.relu), \
block_3=Dense(32, 1))
    >>> mlp(2, (32, 32, 1), jax.nn.tanh, norm=BatchNorm, dropout=0.1, residual=True).block_2.layer
    Chain(dense=Dense(32, 32), norm=BatchNorm(32), activation=Function(jax.nn.tanh), \
dropout=Dropout(0.1))
    """
    sizes = _sizes("mlp", in_dims, "dims", dims)
    blocks: dict[str, Layer] = {}
    for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes), 1):
        if i == len(sizes) - 1 and not activate_last:
            block: Layer = Dense(n_in, n_out, **dense)
        elif norm is None and not dropout:
            block = Dense(n_in, n_out, activation, **dense)
        else:
            parts: dict[str, Layer] = {"dense": Dense(n_in, n_out, **dense)}
            parts |= {"norm": norm(n_out)} if norm else {}
            parts |= {"activation": Function(activation)}
            parts |= {"dropout": Dropout(dropout)} if dropout else {}
            block = Chain(**parts)
        blocks[f"block_{i}"] = SkipConnection(block) if residual and n_in == n_out else block
    return Chain(**blocks)


def conv_norm_activation(
    kernel: tuple[int, ...],
    in_channels: int,
    channels: int | tuple[int, ...],
    activation: Activation = jax.nn.relu,
    *,
    norm: Norm | None = BatchNorm,
    **conv: Any,
) -> Chain:
    """Blocks of convolution, normalisation and activation, one for each of `channels`.

    The blocks are `block_1`, `block_2`, …, each a Chain of `conv`, `norm` (made by
    `norm(channels)`; None leaves it out) and `activation`. Other options are those of `Conv`,
    except that there is a bias only if there is no norm, which has one.

    >>> conv_norm_activation((3, 3), 1, (8, 16), stride=2).block_2
    Chain(conv=Conv((3, 3), 8, 16, stride=2, use_bias=False), norm=BatchNorm(16), \
activation=Function(jax.nn.relu))
    """
    options = {"use_bias": norm is None, **conv}
    blocks = {}
    sizes = _sizes("conv_norm_activation", in_channels, "channels", channels)
    for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes), 1):
        parts: dict[str, Layer] = {"conv": Conv(kernel, n_in, n_out, **options)}
        parts |= {"norm": norm(n_out)} if norm else {}
        blocks[f"block_{i}"] = Chain(**parts, activation=Function(activation))
    return Chain(**blocks)


def _sizes(builder: str, first: int, name: str, rest) -> tuple[int, ...]:
    """The sizes between the blocks; an int means one block."""
    rest = (rest,) if isinstance(rest, int) else tuple(rest)
    if not rest or not all(isinstance(n, int) and n > 0 for n in rest):
        raise ValueError(f"{builder} needs {name}, a positive integer for each block, got {rest!r}")
    return (first, *rest)
