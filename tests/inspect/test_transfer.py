"""Values for an edited model: the very same arrays where they fit, fresh ones elsewhere."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

from luxnb import (
    BatchNorm,
    Chain,
    Dense,
    Dropout,
    Frozen,
    Identity,
    Mode,
    SkipConnection,
    Stacked,
    Tree,
    WeightNorm,
    WithDtype,
    cast,
    match,
    transfer,
)
from luxnb import testmode as in_testmode
from tests.inspect.edited import edited, edits, models

MLP = Chain(Dense(2, 4, jax.nn.relu), BatchNorm(4), Dropout(0.5), Dense(4, 4), Dense(4, 1))
X = jax.random.normal(jax.random.key(7), (3, 2))


def flat(tree, above=""):
    """Every entry by its path."""
    found = {}
    for name, value in tree.items():
        if isinstance(value, Tree):
            found |= flat(value, f"{above}{name}.")
        else:
            found[above + name] = value
    return found


def test_nothing_changed():
    ps, st = MLP.init(3)
    new_ps, new_st = transfer(MLP, MLP, ps, st)
    for old, new in ((ps, new_ps), (st, new_st)):
        assert flat(old).keys() == flat(new).keys()
        assert all(flat(new)[path] is value for path, value in flat(old).items())


def test_an_insertion_keeps_all_and_computes_the_same():
    ps, st = MLP.init(3)
    new = Chain(Identity(), *MLP[:3], SkipConnection(Identity(), lambda y, x: y), *MLP[3:])
    new_ps, new_st = transfer(MLP, new, ps, st)
    assert new_ps.layer_2.weight is ps.layer_1.weight
    assert new_st.layer_3.running_mean is st.layer_2.running_mean
    assert new_st.layer_4.key is st.layer_3.key
    old_y, _ = MLP(X, ps, in_testmode(st))
    new_y, _ = new(X, new_ps, in_testmode(new_st))
    np.testing.assert_array_equal(old_y, new_y)


def test_parameters_alone():
    ps, _ = MLP.init(3)
    alone = transfer(MLP, Chain(Identity(), *MLP), ps)
    assert isinstance(alone, Tree) and alone.layer_2.weight is ps.layer_1.weight


def test_what_is_fresh_is_what_init_gives():
    ps, st = MLP.init(3)
    new = Chain(*MLP[:3], Dense(4, 7), Dense(7, 1))
    new_ps, _ = transfer(MLP, new, ps, st, key=11)
    fresh, _ = new.init(11)
    assert new_ps.layer_1.weight is ps.layer_1.weight
    for name in ("layer_4", "layer_5"):
        assert jnp.array_equal(new_ps[name].weight, fresh[name].weight)
    same, _ = transfer(MLP, new, ps, st, key=jax.random.key(11))
    assert jnp.array_equal(same.layer_4.weight, new_ps.layer_4.weight)


@settings(max_examples=60, deadline=None)
@given(models, edits)
def test_random_edits(model, changes):
    new = edited(model, changes)
    (ps, st), (fresh_ps, fresh_st) = model.init(1), new.init(2)
    got_ps, got_st = transfer(model, new, ps, st, key=2)
    found = match(model, new)
    for old, got, fresh in ((ps, got_ps, fresh_ps), (st, got_st, fresh_st)):
        assert jax.tree.structure(got) == jax.tree.structure(fresh)
        old, got, fresh = flat(old), flat(got), flat(fresh)
        for path, value in got.items():
            place, _, name = path.rpartition(".")
            if place in found.kept:
                was = found.paths[place]
                assert value is old[f"{was}.{name}" if was else name]
            elif isinstance(value, jax.Array) and not jnp.issubdtype(
                value.dtype, jax.dtypes.prng_key
            ):
                assert jnp.array_equal(value, fresh[path])


def test_a_layer_is_kept_whole_or_not_at_all():
    """Of Dense(4, 1) without a bias, the weight would fit."""
    ps, _ = MLP.init(3)
    new = Chain(*MLP[:4], Dense(4, 1, use_bias=False))
    assert transfer(MLP, new, ps).layer_5.weight is not ps.layer_5.weight


def test_wrapped_and_unwrapped():
    ps, st = MLP.init(3)
    wrapped = Chain(*MLP[:3], SkipConnection(Dense(4, 4)), WithDtype(Dense(4, 1), jnp.bfloat16))
    there = transfer(MLP, wrapped, ps, st)
    assert there[0].layer_4.layer.weight is ps.layer_4.weight
    assert there[0].layer_5.layer.bias is ps.layer_5.bias
    back, _ = transfer(wrapped, MLP, *there)
    assert all(flat(back)[path] is value for path, value in flat(ps).items())


def test_a_wrapper_with_parameters_in_another_form():
    plain, normed = Chain(Dense(2, 4), Dense(4, 1)), Chain(Dense(2, 4), WeightNorm(Dense(4, 1)))
    plain_ps, normed_ps = plain.init(3)[0], normed.init(4)[0]
    into = transfer(plain, normed, plain_ps, key=5)
    assert into.layer_1.weight is plain_ps.layer_1.weight
    assert jnp.array_equal(into.layer_2.layer.bias, normed.init(5)[0].layer_2.layer.bias)
    out = transfer(normed, plain, normed_ps, key=5)
    assert jnp.array_equal(out.layer_2.bias, plain.init(5)[0].layer_2.bias)
    same = transfer(normed, Chain(Identity(), *normed), normed_ps)
    assert same.layer_3.layer.weight_v is normed_ps.layer_2.layer.weight_v


@pytest.mark.parametrize("names", [None, ("weight",)])
def test_into_and_out_of_frozen(names):
    old = Chain(Dense(2, 4), Dense(4, 1))
    frozen = Chain(Frozen(Dense(2, 4), names), Dense(4, 1))
    ps, st = old.init(3)
    there_ps, there_st = transfer(old, frozen, ps, st)
    assert there_st.layer_1.frozen.weight is ps.layer_1.weight
    assert there_ps.layer_2.weight is ps.layer_2.weight
    np.testing.assert_array_equal(frozen(X, there_ps, there_st)[0], old(X, ps, st)[0])
    back_ps, _ = transfer(frozen, old, there_ps, there_st)
    assert all(flat(back_ps)[path] is value for path, value in flat(ps).items())


def test_a_whole_model_frozen_below_another_layer():
    body = Chain(Dense(2, 4), SkipConnection(Dense(4, 4)))
    old, new = Chain(body=body, head=Dense(4, 1)), Chain(body=Frozen(body), head=Dense(4, 2))
    ps, st = old.init(3)
    new_ps, new_st = transfer(old, new, ps, st)
    assert new_st.body.frozen.layer_2.layer.weight is ps.body.layer_2.layer.weight
    assert flat(new_ps.body) == {}
    assert new_ps.head.weight.shape == (4, 2)


def test_frozen_without_a_state_to_take_from():
    old, frozen = Chain(Dense(2, 4)), Chain(Frozen(Dense(2, 4), ("weight",)))
    ps, _ = old.init(3)
    alone = transfer(old, frozen, ps, key=5)
    assert alone.layer_1.layer.bias is not ps.layer_1.bias  # its weight would be another's
    frozen_ps, _ = frozen.init(3)
    assert jnp.array_equal(
        transfer(frozen, old, frozen_ps, key=5).layer_1.weight, old.init(5)[0].layer_1.weight
    )


def test_moved_and_copied():
    a, b = Dense(2, 2), Dense(2, 2, jnp.tanh)
    old = Chain(a, Dropout(0.1), BatchNorm(2), b)
    ps, _ = old.init(3)
    moved = transfer(old, Chain(Dropout(0.1), BatchNorm(2), b, a), ps)
    assert moved.layer_4.weight is ps.layer_1.weight and moved.layer_3.weight is ps.layer_4.weight
    twice = Chain(a, a, Dropout(0.1), BatchNorm(2), b)
    fresh = transfer(old, twice, ps)
    assert fresh.layer_1.weight is ps.layer_1.weight is not fresh.layer_2.weight
    paths = {"layer_1": "layer_1", "layer_2": "layer_1", "layer_5": "layer_4"}
    copied = transfer(old, twice, ps, paths=paths)
    assert copied.layer_1.weight is copied.layer_2.weight is ps.layer_1.weight
    assert copied.layer_5.bias is ps.layer_4.bias
    assert copied.layer_4.scale is not ps.layer_3.scale  # named nowhere


def test_stacked():
    block = SkipConnection(Dense(2, 2))
    ps, st = Stacked(block, 3).init(3)
    more = transfer(Stacked(block, 3), Stacked(block, 4), ps, st)[0]
    assert jnp.array_equal(more.layer.layer.weight, Stacked(block, 4).init(0)[0].layer.layer.weight)
    same = transfer(Stacked(block, 3), Chain(Stacked(block, 3, remat=True)), ps, st)[0]
    assert same.layer_1.layer.layer.weight is ps.layer.layer.weight


def test_dtypes_and_modes_stay():
    ps, st = MLP.init(3)
    new_ps, new_st = transfer(MLP, Chain(Identity(), *MLP), cast(ps, jnp.bfloat16), in_testmode(st))
    assert new_ps.layer_2.weight.dtype == jnp.bfloat16
    assert new_st.layer_4.mode is Mode.TEST


def test_a_nested_dict_and_shapes_alone():
    ps, st = MLP.init(3)
    assert transfer(MLP, MLP, ps.to_dict(), st.to_dict())[0].layer_1.weight is ps.layer_1.weight
    specs = jax.eval_shape(MLP.init, 0)
    assert isinstance(transfer(MLP, MLP, *specs)[0].layer_1.weight, jax.ShapeDtypeStruct)


def test_nothing_given_is_changed():
    ps, st = MLP.init(3)
    before = jax.tree.map(np.array, ps)
    transfer(MLP, Chain(Dense(2, 4), Dense(4, 1)), ps, st)
    assert jax.tree.all(jax.tree.map(np.array_equal, before, ps))


def test_a_state_that_has_grown():
    ps, st = MLP.init(3)
    grown = Tree.of(st.to_dict() | {"layer_1": {"carry": jnp.ones(3)}})
    assert transfer(MLP, MLP, ps, grown)[1].layer_3.key is st.layer_3.key


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda ps: ps.at["layer_1.weight"].set(jnp.ones((2, 5))),
            "layer_1.weight is f32[2,5], and old declares f32[2,4]",
        ),
        (
            lambda ps: Tree.of({n: v for n, v in ps.items() if n != "layer_5"}),
            "there is no layer_5.weight, which old declares as f32[4,1]",
        ),
        (
            lambda ps: Tree.of({**ps, "extra": Tree(w=jnp.ones(2))}),
            "extra.w is f32[2], and old has nothing there",
        ),
    ],
)
def test_parameters_of_another_model(change, said):
    ps, _ = MLP.init(3)
    whole = f"the parameters do not fit `old`: {said}; write transfer(old, new, params, state)"
    with pytest.raises(ValueError, match=re.escape(whole)):
        transfer(MLP, MLP, change(ps))


def test_a_state_of_another_model():
    ps, st = MLP.init(3)
    said = "the state does not fit `old`: layer_2.running_mean is f32[9], and old declares f32[4]"
    with pytest.raises(ValueError, match=re.escape(said)):
        transfer(MLP, MLP, ps, st.at["layer_2.running_mean"].set(jnp.ones(9)))


def test_what_is_no_tree():
    with pytest.raises(TypeError, match="transfer needs the parameters as a Tree, got 3"):
        transfer(MLP, MLP, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="match needs two layers, got int"):
        transfer(MLP, 3, MLP.init(0)[0])  # type: ignore[arg-type]
