"""TransformerBlock: attention and a multilayer perceptron, each with a way around it."""

import functools
from collections.abc import Mapping
from dataclasses import KW_ONLY

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.types import Activation
from luxnb.layers.attention import MultiHeadAttention
from luxnb.layers.chain import Chain
from luxnb.layers.checks import above_zero, from_0_to_1, plain_functions, positive
from luxnb.layers.dense import Dense
from luxnb.layers.dropout import Dropout
from luxnb.layers.layer_norm import LayerNorm


class TransformerBlock(Layer):
    """Attend, then think, normalising before each (pre-norm):
    h = x + dropout(attention(norm_1(x))), y = h + mlp(norm_2(h)).

    x is (batch, length, dims), and so is y. Or x is a dict of `x` and of `mask` or `key_mask`, as
    in `MultiHeadAttention`; then y is the same dict with the new `x`, for the next block.

    By default `norm_1` and `norm_2` are LayerNorm(dims); `attention` is MultiHeadAttention(dims,
    heads, causal=causal, dropout=dropout); `mlp` is a Chain of Dense(dims, mlp_ratio · dims,
    activation), Dropout, Dense back to dims, Dropout. Each may be given as another layer.

    Parameters and state: those of `norm_1`, `attention`, `dropout_1`, `norm_2` and `mlp`.

    A. Vaswani et al., Attention Is All You Need, NeurIPS 2017. R. Xiong et al., On Layer
    Normalization in the Transformer Architecture, ICML 2020 (pre-norm).

    >>> block = TransformerBlock(8, 2, causal=True)
    >>> ps, st = block.init(0)
    >>> block(jnp.ones((1, 5, 8)), ps, st)[0].shape
    (1, 5, 8)
    """

    dims: int
    heads: int
    activation: Activation = jax.nn.gelu
    _: KW_ONLY
    mlp_ratio: float = 4
    causal: bool = False
    dropout: float = 0.0
    norm_1: Layer | None = None
    attention: Layer | None = None
    dropout_1: Layer | None = None
    norm_2: Layer | None = None
    mlp: Layer | None = None

    def check(self):
        positive(self, "dims", "heads")
        above_zero(self, "mlp_ratio")
        from_0_to_1(self, "dropout")
        plain_functions(self, "activation")

    def children(self):
        return self._layers

    @functools.cached_property
    def _layers(self) -> dict[str, Layer]:
        self.check()  # the sizes below are good only then
        dims, hidden = self.dims, round(self.mlp_ratio * self.dims)
        return {
            "norm_1": self.norm_1 or LayerNorm(dims),
            "attention": self.attention
            or MultiHeadAttention(dims, self.heads, causal=self.causal, dropout=self.dropout),
            "dropout_1": self.dropout_1 or Dropout(self.dropout),
            "norm_2": self.norm_2 or LayerNorm(dims),
            "mlp": self.mlp
            or Chain(
                Dense(dims, hidden, self.activation),
                Dropout(self.dropout),
                Dense(hidden, dims),
                Dropout(self.dropout),
            ),
        }

    def forward(self, x, ps, st):
        given = dict(x) if isinstance(x, Mapping) else {"x": x}
        if "x" not in given:
            raise ValueError(f"expected an array, or a dict of x, mask, key_mask; got {short(x)}")
        h = given.pop("x")
        layers = self._layers
        y, st.norm_1 = layers["norm_1"](h, ps.norm_1, st.norm_1)
        y = {"query": y, **given} if given else y
        y, st.attention = layers["attention"](y, ps.attention, st.attention)
        y, st.dropout_1 = layers["dropout_1"](y, ps.dropout_1, st.dropout_1)
        h = _added("attention", h, y)
        y, st.norm_2 = layers["norm_2"](h, ps.norm_2, st.norm_2)
        y, st.mlp = layers["mlp"](y, ps.mlp, st.mlp)
        h = _added("mlp", h, y)
        return ({**x, "x": h} if isinstance(x, Mapping) else h), st


def _added(name: str, x, y):
    if y.shape != x.shape:
        raise ValueError(
            f"TransformerBlock.{name} must return what it is given, {short(x)}; got {short(y)}"
        )
    return x + y
