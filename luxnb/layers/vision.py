"""Vision transformers: images as sequences of patches.

A. Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021.
"""

import functools
from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.types import Initialiser
from luxnb.layers.chain import Chain
from luxnb.layers.checks import initialisers, per_axis, positive
from luxnb.layers.conv import Conv
from luxnb.layers.dense import Dense
from luxnb.layers.dropout import Dropout
from luxnb.layers.layer_norm import LayerNorm
from luxnb.layers.positions import PositionEmbedding
from luxnb.layers.select import Select
from luxnb.layers.transformer import TransformerBlock
from luxnb.ops import init


class PatchEmbedding(Layer):
    """Cut images into patches and project each: a sequence of patches, row by row from the top.

    x is (batch, height, width, in_channels), y is (batch, patches, dims) with
    patches = (height / patch height) · (width / patch width). Sizes are ints or (height, width).

    Parameters: `projection`, a Conv: `weight` (*patch_size, in_channels, dims), `bias` (dims,).
    State: `projection`, none.

    >>> layer = PatchEmbedding(32, 8, 3, 64)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((2, 32, 32, 3)), ps, st)[0].shape
    (2, 16, 64)
    """

    image_size: int | tuple[int, int]
    patch_size: int | tuple[int, int]
    in_channels: int
    dims: int
    _: KW_ONLY
    projection: Layer | None = None

    def check(self):
        positive(self, "in_channels", "dims")
        for size, patch in zip(*self._sizes(), strict=True):
            if size % patch:
                raise ValueError(
                    f"PatchEmbedding.image_size must be a multiple of patch_size = "
                    f"{self.patch_size}, got {self.image_size}"
                )

    def _sizes(self):
        return (
            per_axis(self.image_size, 2, "PatchEmbedding.image_size"),
            per_axis(self.patch_size, 2, "PatchEmbedding.patch_size"),
        )

    @property
    def patches(self) -> int:
        """How many patches an image has."""
        (height, width), (rows, columns) = self._sizes()
        return (height // rows) * (width // columns)

    def children(self):
        return {"projection": self._projection}

    @functools.cached_property
    def _projection(self) -> Layer:
        self.check()  # the sizes below are good only then
        _, patch = self._sizes()
        return self.projection or Conv(patch, self.in_channels, self.dims, stride=patch)

    def forward(self, x, ps, st):
        size, _ = self._sizes()
        if getattr(x, "shape", ())[1:] != (*size, self.in_channels):
            height, width = size
            raise ValueError(
                f"expected x of shape (batch, {height}, {width}, {self.in_channels}); "
                f"got {short(x)}"
            )
        y, st.projection = self._projection(x, ps.projection, st.projection)
        return y.reshape(len(y), self.patches, self.dims), st


class ClassToken(Layer):
    """Put a learned token before the first of each sequence, for a classifier to read:
    y = (token, x_1, …, x_n).

    x is (batch, n, dims), y is (batch, n + 1, dims).

    Parameters: `token` (dims,), zero by default. State: none.

    >>> layer = ClassToken(4)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((2, 9, 4)), ps, st)[0].shape
    (2, 10, 4)
    """

    dims: int
    _: KW_ONLY
    init_token: Initialiser = init.zeros()

    def check(self):
        positive(self, "dims")
        initialisers(self, "init_token")

    def init_params(self, key):
        return {"token": self.init_token(key_for(key, "token"), (self.dims,))}

    def forward(self, x, ps, st):
        shape = getattr(x, "shape", ())
        if len(shape) != 3 or shape[-1] != self.dims:
            raise ValueError(f"expected x of shape (batch, n, {self.dims}); got {short(x)}")
        token = jnp.broadcast_to(ps.token, (shape[0], 1, self.dims))
        return jnp.concatenate([token, x], axis=1), st


def vision_transformer(
    image_size: int | tuple[int, int],
    patch_size: int | tuple[int, int],
    in_channels: int,
    dims: int,
    depth: int,
    heads: int,
    classes: int,
    *,
    mlp_ratio: float = 4,
    dropout: float = 0.0,
) -> Chain:
    """A vision transformer: patches, a class token, positions, `depth` blocks, and logits.

    Images (batch, height, width, in_channels) become (batch, classes). In the paper ViT-Base has
    dims 768, depth 12, heads 12 and patches of 16.

    >>> model = vision_transformer(28, 7, 1, dims=32, depth=2, heads=4, classes=10)
    >>> list(model.children())
    ['patches', 'token', 'positions', 'dropout', 'block_1', 'block_2', 'norm', 'first', 'head']
    >>> model(jnp.ones((2, 28, 28, 1)), *model.init(0))[0].shape
    (2, 10)
    """
    patches = PatchEmbedding(image_size, patch_size, in_channels, dims)
    block = TransformerBlock(dims, heads, mlp_ratio=mlp_ratio, dropout=dropout)
    return Chain(
        patches=patches,
        token=ClassToken(dims),
        positions=PositionEmbedding(patches.patches + 1, dims),
        dropout=Dropout(dropout),
        **{f"block_{i}": block for i in range(1, depth + 1)},
        norm=LayerNorm(dims),
        first=Select(1, 0),
        head=Dense(dims, classes),
    )
