"""Multi-head attention: each query gathers from the values whose keys it fits."""

import functools
from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.capture import sow
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers.attention_input import attention_input, joint_mask
from luxnb.layers.cache import append, empty_cache
from luxnb.layers.checks import from_0_to_1, positive
from luxnb.layers.dense import Dense
from luxnb.layers.dropout import Dropout
from luxnb.ops.attention import attention_weights, weighted_sum


class MultiHeadAttention(Layer):
    """Let each query gather from the values whose keys it fits: with q, k, v the projections of the
    inputs, in `heads` heads of `head_dims` features each,
    y = out_proj(weights · v), weights = softmax(q · kᵀ / √head_dims).

    x is one of

    - an array (batch, length, dims), which attends to itself;
    - a tuple (query, key_and_value) or (query, key, value) of arrays (batch, q, dims),
      (batch, kv, key_dims), (batch, kv, value_dims);
    - a dict of `query` and, if wanted, `key` (else the query), `value` (else the key), `mask` and
      `key_mask`, which are arrays of bool where True means: may attend. `mask` is (q, kv),
      (batch, q, kv) or (batch, heads, q, kv), with batch and heads perhaps 1; `key_mask`, for
      padding, is (batch, kv).

    y is (batch, q, out_dims). `causal` lets the query at place i attend to the keys at places ≤ i,
    in addition to masks. A query that may attend to nothing gathers zeros. With fewer `kv_heads`
    than heads, each is shared by a group of neighbouring heads. `rotary` turns queries and keys by
    their positions. `dropout` is the rate at which weights are dropped. The weights, (batch, heads,
    q, kv), are seen by `capture` as `weights`.

    For generation a causal layer keeps keys and values in its state, see `with_cache`; kv then is
    the `max_length` of the cache, also in masks, and x has no `key` or `value` of its own.

    `rotary` is a RotaryEmbedding(head_dims). Each projection may be given as a layer; else it is a
    Dense.

    Parameters: `q_proj`, `k_proj`, `v_proj`, `out_proj`, each with `weight` (in, out) and, if
    `use_bias`, `bias` (out,); out is heads · head_dims for q, kv_heads · head_dims for k and v.
    State: `attention_dropout`, that of a Dropout; if causal, `cache`, empty until `with_cache`.

    A. Vaswani et al., Attention Is All You Need, NeurIPS 2017.

    >>> layer = MultiHeadAttention(8, 2, causal=True)
    >>> ps, st = layer.init(0)
    >>> x = jnp.ones((1, 3, 8))
    >>> y, st, seen = capture(layer)(x, ps, st)
    >>> y.shape
    (1, 3, 8)
    >>> seen["weights"][0, 0]
    Array([[1.        , 0.        , 0.        ],
           [0.5       , 0.5       , 0.        ],
           [0.33333334, 0.33333334, 0.33333334]], dtype=float32)
    """

    dims: int
    heads: int
    _: KW_ONLY
    kv_heads: int | None = None
    head_dims: int | None = None
    key_dims: int | None = None
    value_dims: int | None = None
    out_dims: int | None = None
    causal: bool = False
    dropout: float = 0.0
    use_bias: bool = True
    rotary: Layer | None = None
    q_proj: Layer | None = None
    k_proj: Layer | None = None
    v_proj: Layer | None = None
    attention_dropout: Layer | None = None
    out_proj: Layer | None = None

    def check(self):
        positive(self, "dims", "heads")
        sizes = ("kv_heads", "head_dims", "key_dims", "value_dims", "out_dims")
        positive(self, *(name for name in sizes if getattr(self, name) is not None))
        from_0_to_1(self, "dropout")
        if self.head_dims is None and self.dims % self.heads:
            raise ValueError(
                f"MultiHeadAttention.dims must be a multiple of heads = {self.heads}, "
                f"got {self.dims}; or give head_dims"
            )
        if self.kv_heads is not None and self.heads % self.kv_heads:
            raise ValueError(
                f"MultiHeadAttention.kv_heads must divide heads = {self.heads}, got {self.kv_heads}"
            )
        if getattr(self.rotary, "dims", self._head_dims) != self._head_dims:
            raise ValueError(
                f"MultiHeadAttention.rotary must have dims = head_dims = {self._head_dims}, "
                f"got {self.rotary}"
            )

    @property
    def _head_dims(self) -> int:
        return self.head_dims or self.dims // self.heads

    @property
    def _kv_heads(self) -> int:
        return self.kv_heads or self.heads

    @property
    def _input_dims(self) -> tuple[int, int, int]:
        key_dims = self.key_dims or self.dims
        return self.dims, key_dims, self.value_dims or key_dims

    def children(self):
        return self._layers

    @functools.cached_property
    def _layers(self) -> dict[str, Layer]:
        self.check()  # the sizes below are good only then
        query, key, value = self._input_dims
        inner, kv_inner = self.heads * self._head_dims, self._kv_heads * self._head_dims
        dense = functools.partial(Dense, use_bias=self.use_bias)
        layers: dict[str, Layer] = {
            "q_proj": self.q_proj or dense(query, inner),
            "k_proj": self.k_proj or dense(key, kv_inner),
            "v_proj": self.v_proj or dense(value, kv_inner),
            "attention_dropout": self.attention_dropout or Dropout(self.dropout),
            "out_proj": self.out_proj or dense(inner, self.out_dims or self.dims),
        }
        if self.rotary is not None:
            layers["rotary"] = self.rotary
        return layers

    def init_state(self, key):
        return {"cache": empty_cache(self._cache)} if self.causal else {}

    def _cache(self, room):
        shape = (room.batch_size, room.max_length, self._kv_heads, self._head_dims)
        zeros = jnp.zeros(shape, room.dtype)
        return {"key": zeros, "value": zeros, "position": jnp.zeros((), jnp.int32)}

    def forward(self, x, ps, st):
        given = attention_input(x, self._input_dims)
        query, st.q_proj = self._layers["q_proj"](given.query, ps.q_proj, st.q_proj)
        key, st.k_proj = self._layers["k_proj"](given.key, ps.k_proj, st.k_proj)
        value, st.v_proj = self._layers["v_proj"](given.value, ps.v_proj, st.v_proj)
        query = query.reshape(*query.shape[:2], self.heads, self._head_dims)
        key, value = (
            v.reshape(*v.shape[:2], self._kv_heads, self._head_dims) for v in (key, value)
        )
        start = st.cache.position if self.causal and st.cache else None
        query, key = self._turned(query, start, ps, st), self._turned(key, start, ps, st)
        fits = None
        if start is not None:
            if not given.key is given.value is given.query:
                raise ValueError(f"with a cache, attention is to x itself; got {short(x)}")
            st.cache, fits = append(st.cache, key, value)
            key, value = (v.astype(query.dtype) for v in (st.cache.key, st.cache.value))
        mask = joint_mask(given, self.heads, key.shape[1], self.causal, start)
        is_masked = given.mask is not None or given.key_mask is not None
        # By `causal` alone a query has at least itself to attend to.
        weights = attention_weights(query, key, mask, may_be_alone=is_masked)
        sow("weights", weights)
        weights, st.attention_dropout = self._layers["attention_dropout"](
            weights, ps.attention_dropout, st.attention_dropout
        )
        gathered = weighted_sum(weights, value)
        gathered = gathered.reshape(*gathered.shape[:2], -1)
        y, st.out_proj = self._layers["out_proj"](gathered, ps.out_proj, st.out_proj)
        return (y if fits is None else jnp.where(fits, y, jnp.nan)), st

    def _turned(self, x, start, ps, st):
        if self.rotary is None:
            return x
        here = x if start is None else (x, start + jnp.arange(x.shape[1]))
        x, st.rotary = self.rotary(here, ps.rotary, st.rotary)
        return x
