"""The cache for generation: token by token gives what all at once gives, for every model."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_close, assert_same, signature

BLOCK = lx.TransformerBlock(8, 2, causal=True)
ROTARY = lx.TransformerBlock(
    8,
    4,
    attention=lx.MultiHeadAttention(
        8, 4, kv_heads=2, head_dims=4, causal=True, rotary=lx.RotaryEmbedding(4)
    ),
)


def language_model(*body):
    return lx.Chain(lx.Embedding(20, 8), *body, lx.Dense(8, 20))


MODELS = {
    "learned positions": language_model(lx.PositionEmbedding(9, 8), BLOCK),
    "rotary": language_model(lx.Chain(ROTARY, ROTARY)),
    "stacked": language_model(lx.PositionEmbedding(7, 8), lx.Stacked(BLOCK, 3)),
    "skip": language_model(lx.SkipConnection(lx.MultiHeadAttention(8, 2, causal=True))),
}
IDS = jnp.asarray(np.random.default_rng(0).integers(0, 20, (2, 6)))


def ready(model, batch=2, length=7, dtype=jnp.float32):
    ps, st = model.init(0)
    return ps, lx.testmode(st), lx.with_cache(model, lx.testmode(st), batch, length, dtype)


@pytest.mark.parametrize("name", MODELS)
def test_token_by_token_is_all_at_once(name):
    model = MODELS[name]
    ps, st, state = ready(model)
    expected, _ = model(IDS, ps, st)
    call = jax.jit(model)
    prompt, state = call(IDS[:, :3], ps, state)
    ys = [prompt]
    for i in range(3, 6):
        y, state = call(IDS[:, i : i + 1], ps, state)
        ys.append(y)
    assert_close(jnp.concatenate(ys, axis=1), expected, atol=1e-5)


def test_one_program_for_each_length():
    model = MODELS["rotary"]
    ps, _, state = ready(model)
    traced = []

    @jax.jit
    def call(ids, state):
        traced.append(ids.shape)
        return model(ids, ps, state)

    _, new = call(IDS[:, :2], state)
    assert jax.tree.structure(new) == jax.tree.structure(state)
    assert signature(new) == signature(state)
    for i in range(2, 6):
        _, new = call(IDS[:, i : i + 1], new)
    assert traced == [(2, 2), (2, 1)]


def test_greedy_generation_in_a_scan():
    """The state is carried like any other; against choosing from the whole sequence each time."""
    model = MODELS["rotary"]
    ps, st, state = ready(model, 1, 8)

    def step(carry, _):
        token, state = carry
        logits, state = model(token, ps, state)
        token = logits[:, -1:].argmax(-1)
        return (token, state), token[0, 0]

    _, generated = jax.jit(lambda: jax.lax.scan(step, (IDS[:1, :1], state), length=6))()
    ids = [int(IDS[0, 0])]
    for _ in range(6):
        logits, _ = model(jnp.array([ids]), ps, st)
        ids.append(int(logits[0, -1].argmax()))
    assert generated.tolist() == ids[1:]


def test_where_the_caches_are_and_their_shapes():
    _, st, state = ready(MODELS["rotary"], 3, 5, jnp.bfloat16)
    cache = state.layer_2.layer_2.attention.cache
    assert {n: (v.shape, str(v.dtype)) for n, v in cache.items()} == {
        "key": ((3, 5, 2, 4), "bfloat16"),
        "value": ((3, 5, 2, 4), "bfloat16"),
        "position": ((), "int32"),
    }
    _, st, state = ready(MODELS["stacked"], 3, 5)
    assert state.layer_3.layer.attention.cache.key.shape == (3, 3, 5, 2, 4)
    assert state.layer_2.cache.position.shape == ()
    assert len(st.layer_2.cache) == len(st.layer_3.layer.attention.cache) == 0


def test_all_else_in_the_state_is_left_alone():
    model = lx.Chain(cache=lx.BatchNorm(8), block=BLOCK)
    _, st = model.init(0)
    st = st.at["cache.running_mean"].set(jnp.arange(8.0))
    state = lx.with_cache(model, lx.testmode(st), 2, 4)
    empty = state.at["block.attention.cache"].set(lx.Tree())
    assert_same(empty, lx.testmode(st))


def test_to_begin_anew():
    """The state that with_cache returned stays as it was; with_cache again gives other room."""
    model = MODELS["learned positions"]
    ps, _, state = ready(model)
    first, used = model(IDS, ps, state)
    assert_same(model(IDS, ps, state)[0], first)
    assert_same(lx.with_cache(model, used, 2, 7), state)
    longer = lx.with_cache(model, used, 2, 9)
    assert longer.layer_3.attention.cache.key.shape[1] == 9


def test_bfloat16():
    """A model and a cache in bfloat16; and a cache in bfloat16 of a model in float32."""
    model = MODELS["rotary"]
    ps, st, state = ready(model, dtype=jnp.bfloat16)
    expected, _ = model(IDS, ps, st)
    for params in (ps, jax.tree.map(lambda v: v.astype(jnp.bfloat16), ps)):
        prompt, new = model(IDS[:, :5], params, state)
        last, new = model(IDS[:, 5:], params, new)
        assert signature(new) == signature(state)
        assert last.dtype == params.layer_3.weight.dtype
        y = jnp.concatenate([prompt, last], axis=1).astype(jnp.float32)
        np.testing.assert_allclose(y, expected, atol=0.06)


def test_prompts_padded_on_the_left():
    """`key_mask` is over the places of the cache; with rotary positions only distances count."""
    layer = lx.MultiHeadAttention(8, 2, causal=True, rotary=lx.RotaryEmbedding(4))
    ps, st = layer.init(0)
    x = jnp.asarray(np.random.default_rng(0).normal(size=(1, 4, 8)), jnp.float32)
    state = lx.with_cache(layer, st, 1, 6)
    padded = jnp.concatenate([jnp.full((1, 2, 8), 7.0), x], axis=1)
    key_mask = jnp.arange(6)[None] >= 2
    _, state = layer({"query": padded[:, :4], "key_mask": key_mask}, ps, state)
    y, _ = layer({"query": padded[:, 4:], "key_mask": key_mask}, ps, state)
    assert_close(y, layer(x, ps, st)[0][:, 2:], atol=1e-5)


def test_many_models_at_once():
    model = MODELS["learned positions"]
    ps, st = jax.vmap(model.init)(jax.random.split(jax.random.key(0), 3))
    state = jax.vmap(functools.partial(lx.with_cache, model, batch_size=2, max_length=7))(st)
    call = jax.vmap(model, in_axes=(None, 0, 0))
    expected, _ = call(IDS, ps, st)
    _, state = call(IDS[:, :5], ps, state)
    assert_close(call(IDS[:, 5:], ps, state)[0], expected[:, :, 5:], atol=1e-5)


@pytest.mark.parametrize("name", ["learned positions", "rotary"])
def test_past_the_end(name):
    """An error where the position is known, NaN where it is not, also for all that follows."""
    model = MODELS[name]
    ps, _, state = ready(model, length=6)
    _, full = model(IDS, ps, state)
    with pytest.raises(ValueError, match="no room for 1 more tokens: 6 of 6 places are taken"):
        model(IDS[:, :1], ps, full)
    with pytest.raises(ValueError, match="no room for 7 more tokens: "):
        jax.jit(model)(jnp.zeros((2, 7), int), ps, state)
    call = jax.jit(model)
    y, after = call(IDS[:, :1], ps, full)
    assert np.isnan(y).all()
    assert np.isnan(call(IDS[:, :1], ps, after)[0]).all()


def test_learned_positions_end_before_the_cache():
    model = language_model(lx.PositionEmbedding(4, 8), BLOCK)
    ps, _, state = ready(model)
    _, state = model(IDS[:, :4], ps, state)
    with pytest.raises(ValueError, match="no room for 1 more tokens: 4 of 4 places are taken"):
        model(IDS[:, 4:5], ps, state)
    assert np.isnan(jax.jit(model)(IDS[:, 4:5], ps, state)[0]).all()


def test_what_a_cache_cannot_do():
    layer = lx.MultiHeadAttention(8, 2, causal=True)
    ps, st = layer.init(0)
    state = lx.with_cache(layer, st, 2, 4)
    x = jnp.ones((2, 1, 8))
    with pytest.raises(ValueError, match="with a cache, attention is to x itself; got "):
        layer((x, 2 * x), ps, state)
    with pytest.raises(ValueError, match="the cache has room for a batch of 2, got a batch of 3"):
        layer(jnp.ones((3, 1, 8)), ps, state)
    with pytest.raises(ValueError, match=r"expected key_mask bool\[2,4\], \(batch, kv\); got bo"):
        layer({"query": x, "key_mask": jnp.ones((2, 1), bool)}, ps, state)


def test_what_with_cache_refuses():
    encoder = lx.TransformerBlock(8, 2)
    _, st = encoder.init(0)
    with pytest.raises(ValueError, match=r"no layer of this model keeps a cache, .*: Transf"):
        lx.with_cache(encoder, st, 1, 4)
    with pytest.raises(ValueError, match="with_cache needs a positive batch_size, got 0"):
        lx.with_cache(BLOCK, BLOCK.init(0)[1], 0, 4)
    with pytest.raises(ValueError, match=r"with_cache needs a positive max_length, got 4\.0"):
        lx.with_cache(BLOCK, BLOCK.init(0)[1], 1, 4.0)


def test_a_state_with_a_cache_is_seen_without_faults():
    model = MODELS["rotary"]
    ps, st, state = ready(model)
    text = lx.view(model, ps, state).text
    assert "~position" in text and "✗" not in text
    assert jax.tree.structure(jax.eval_shape(model.init, 0)[1]) == jax.tree.structure(
        lx.trainmode(st)
    )
