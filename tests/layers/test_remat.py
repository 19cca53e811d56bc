"""Remat: the same layer, of which less is kept for the gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_close, assert_same

BLOCK = lx.Chain(lx.Dense(8, 8, jax.nn.gelu), lx.Dropout(0.3), lx.Dense(8, 8, jax.nn.gelu))
X = np.random.default_rng(0).normal(size=(32, 8)).astype(np.float32)
DOTS = jax.checkpoint_policies.dots_saveable


def gradient(layer, ps, st):
    return jax.grad(lambda ps: jnp.sum(layer(X, ps, st)[0] ** 2))(ps)


@pytest.mark.parametrize("policy", [None, DOTS], ids=["all", "policy"])
def test_it_is_the_layer(policy):
    """Output, state with its random key, and gradients, with the parameters of the layer."""
    layer = lx.Remat(BLOCK, policy)
    ps, st = BLOCK.init(0)
    inside = {"layer": ps}, {"layer": st}
    y, new = layer(X, *inside)
    expected, moved = BLOCK(X, ps, st)
    assert_close(y, expected)
    assert_same(new.layer, moved)
    assert_close(gradient(layer, *inside)["layer"], gradient(BLOCK, ps, st))


def kept(layer) -> int:
    ps, st = layer.init(0)
    _, pull = jax.vjp(lambda ps: layer(X, ps, st)[0], ps)
    return sum(leaf.size for leaf in jax.tree.leaves(pull))


def test_less_is_kept():
    nothing, products, all_of_it = kept(lx.Remat(BLOCK)), kept(lx.Remat(BLOCK, DOTS)), kept(BLOCK)
    assert nothing < products < all_of_it


def test_what_happens_inside_is_seen():
    _, _, outputs = lx.capture(lx.Remat(lx.Dense(8, 2)))(X, *lx.Remat(lx.Dense(8, 2)).init(0))
    assert list(outputs) == ["layer", ""]


def test_errors_name_the_place():
    with pytest.raises(ValueError, match="in_dims = 3") as caught:
        lx.Remat(lx.Dense(3, 2))(X, *lx.Remat(lx.Dense(3, 2)).init(0))
    assert any("at layer: Dense(3, 2)" in note for note in caught.value.__notes__)


def test_its_policy_is_shown_by_its_name():
    layer = lx.Remat(lx.Dense(3, 2), DOTS)
    assert repr(layer) == "Remat(Dense(3, 2), jax.checkpoint_policies.dots_saveable)"
    assert eval(repr(layer), {**vars(lx), "jax": jax}) == layer


@pytest.mark.parametrize("policy", ["dots_saveable", True])
def test_policies(policy):
    with pytest.raises(TypeError, match=r"Remat\.policy must be one of jax\.checkpoint_policies, "):
        lx.Remat(lx.Dense(2, 3), policy)


def test_layers():
    with pytest.raises(TypeError, match=r"Remat\.layer must be a layer, got .*sin"):
        lx.Remat(jnp.sin)
