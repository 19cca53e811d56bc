"""Edits of a model from code: what they change, what they keep, what is refused, and back again."""

import re

import hypothesis.strategies as some
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

import luxnb as lx
from luxnb.notebook.explore import edits
from luxnb.notebook.explore.edits import Version
from luxnb.notebook.explore.session import Session
from tests.laws.table.own import Blocks, Counter, Gate

MLP = lx.Chain(lx.Dense(8, 16, jax.nn.relu), lx.Dropout(0.2), lx.Dense(16, 4))


def test_what_the_explorer_gives():
    explorer = lx.explore(MLP, x=(2, 8))
    explorer.edit("layer_1", out_dims=32).edit("layer_3", in_dims=32)
    assert explorer.original == MLP
    assert explorer.model == lx.Chain(
        lx.Dense(8, 32, jax.nn.relu), lx.Dropout(0.2), lx.Dense(32, 4)
    )
    assert explorer.code.endswith(
        "model = lx.Chain(lx.Dense(8, 32, jax.nn.relu), lx.Dropout(0.2), lx.Dense(32, 4))\n"
    )
    assert repr(explorer) == "<Explorer of Chain, edited>"
    assert "Dense(8 => 32, relu)" in str(explorer) and "f32[2,4]" in str(explorer)
    assert explorer.undo() and explorer.undo() and not explorer.undo()
    assert explorer.model == MLP and repr(explorer) == "<Explorer of Chain>"
    assert explorer.redo() and explorer.redo() and not explorer.redo()
    assert explorer.model[0].out_dims == 32


def test_an_edit_after_an_undo_is_the_end_of_what_was_undone():
    explorer = lx.explore(MLP)
    explorer.edit("layer_2", rate=0.3)
    explorer.undo()
    explorer.edit("layer_2", rate=0.4)
    assert not explorer.redo()
    assert explorer.model[1].rate == 0.4


def test_a_model_that_does_not_fit_is_shown_with_its_reason_and_whole():
    explorer = lx.explore(MLP, x=(2, 8)).edit("layer_1", out_dims=32)
    shown = str(explorer)
    assert "✗ expected x of shape (…, 16)" in shown
    assert all(name in shown for name in ("layer_1", "layer_2", "layer_3", "Total: "))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda e: e.edit("layer_1", out_dims=0), "Dense.out_dims must be a positive integer"),
        (lambda e: e.edit("layer_1", widht=3), "Dense has no hyper-parameter 'widht'; there is"),
        (
            lambda e: e.edit("layer_1", out_dim=3),
            "no hyper-parameter 'out_dim'; did you mean 'out_",
        ),
        (lambda e: e.edit("layer_4", rate=0.1), "there is no layer at layer_4: Chain has no child"),
        (lambda e: e.edit("layer_1.in_dims", x=1), "there is no layer at layer_1.in_dims"),
        (lambda e: e.edit("", layers=()), "Chain has no hyper-parameter 'layers'"),
        (lambda e: e.edit("layer_1"), "say what to change: edit('layer_1', name=value)"),
        (lambda e: e.transfer(), "there are no parameters to transfer: explore(model, ps, st), or"),
    ],
)
def test_what_is_refused(edit, message):
    explorer = lx.explore(MLP)
    with pytest.raises(ValueError, match=re.escape(message)):
        edit(explorer)
    assert explorer.model == MLP and not explorer.undo()


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ((3,), TypeError, "explore needs a layer or a run, got 3"),
        (
            (MLP, lx.Tree()),
            ValueError,
            "explore needs the parameters and the state of this model; ",
        ),
        ((MLP, 3), ValueError, "parameters: expected a Tree, got 3"),
        ((MLP, *lx.Dense(2, 3).init(0)), ValueError, "parameters: those of another model"),
        ((MLP, None, None, "text"), TypeError, "x must be an array of numbers, a shape such as"),
    ],
)
def test_what_cannot_be_explored(what, error, message):
    with pytest.raises(error, match=re.escape(message)):
        lx.explore(*what)


def test_parameters_follow_their_layers():
    ps, st = MLP.init(0)
    explorer = lx.explore(MLP, ps, st)
    session = explorer.session
    session.edit(edits.insert, "", 0, lx.LayerNorm(8))
    session.edit(edits.move, "layer_4", -2)
    session.edit(edits.set_fields, "layer_3", {"out_dims": 32})
    session.edit(edits.duplicate, "layer_2")
    model = explorer.model
    assert [type(layer).__name__ for layer in model] == [
        *("LayerNorm", "Dense", "Dense", "Dense", "Dropout")
    ]
    params, state = explorer.transfer(key=1)
    fresh = model.init(1)[0]
    assert params.layer_2.weight is ps.layer_3.weight  # moved
    assert params.layer_2.bias is ps.layer_3.bias
    np.testing.assert_array_equal(params.layer_3.weight, fresh.layer_3.weight)  # its copy
    np.testing.assert_array_equal(params.layer_4.weight, fresh.layer_4.weight)  # of another width
    assert (jax.random.key_data(state.layer_5.key) == jax.random.key_data(st.layer_2.key)).all()
    assert forms(params) == forms(fresh)


def test_other_parameters_can_be_transferred():
    explorer = lx.explore(MLP).edit("layer_2", rate=0.5)
    ps, st = MLP.init(3)
    assert explorer.transfer(ps).layer_3.bias is ps.layer_3.bias
    params, state = explorer.transfer(ps, st)
    assert params.layer_1.weight is ps.layer_1.weight
    assert state.layer_2.key is st.layer_2.key


def test_a_layer_of_another_type_is_new():
    session = Session(MLP)
    session.edit(edits.put_layer, "layer_1", lx.Chain(lx.Dense(8, 16)))
    assert session.now.origins["layer_1"] is None
    assert session.now.origins["layer_1.layer_1"] is None
    session.undo()
    session.edit(edits.put_layer, "layer_1", lx.Dense(8, 16))
    assert session.now.origins["layer_1"] == "layer_1"


def test_reset_is_an_edit_that_can_be_undone():
    session = Session(MLP)
    session.edit(edits.remove, "layer_2")
    session.reset()
    assert session.now.model == MLP and session.note == "the model is as it was"
    session.undo()
    assert len(session.now.model) == 2
    assert session.note == "undone: the model is as it was"


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ((edits.set_fields, "layer_2", {"rate": 0.5}), "layer_2.rate is now 0.5"),
        ((edits.put_layer, "layer_2", jnp.tanh), "layer_2 is now Function(tanh)"),
        ((edits.insert, "", 3, lx.Identity()), "layer_4 is inserted"),
        ((edits.duplicate, "layer_2"), "layer_2 is there twice"),
        ((edits.remove, "layer_2"), "layer_2 is removed"),
        ((edits.move, "layer_2", 1), "layer_2 has moved down"),
        ((edits.move, "layer_2", -1), "layer_2 has moved up"),
    ],
)
def test_each_edit_says_what_it_did(change, note):
    session = Session(MLP)
    session.edit(*change)
    assert session.note == note


def forms(tree):
    """Names, shapes and dtypes, in order."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [(jax.tree_util.keystr(path), getattr(leaf, "shape", leaf)) for path, leaf in leaves]


# -- any edits, in any order -----------------------------------------------------------------------

BASES = [
    MLP,
    lx.Chain(body=lx.SkipConnection(lx.Chain(lx.Dense(8, 8), jnp.tanh)), head=lx.Dense(8, 2)),
    lx.Parallel(jnp.add, lx.Chain(lx.Dense(8, 3), lx.Dense(3, 3)), lx.Dense(8, 3)),
    lx.Chain(Gate(lx.Dense(8, 4)), Counter(), Blocks((lx.Dense(4, 4), lx.Dropout(0.1)))),
    lx.Chain(lx.Frozen(lx.Chain(lx.Dense(8, 4), lx.Dense(4, 4))), lx.WeightNorm(lx.Dense(4, 4))),
]
NEW = [lx.Dense(8, 8), lx.Dropout(0.3), jnp.sin, lx.Chain(lx.Dense(8, 3), jnp.tanh)]


def an_edit(draw, version: Version):
    """Some edit of the model, which may well be refused."""
    path = draw(some.sampled_from(edits.paths(version.model)))
    layer = draw(some.sampled_from(NEW))
    number = draw(some.integers(0, 4))
    return draw(
        some.sampled_from(
            [
                (edits.insert, path, number, layer),
                (edits.remove, path),
                (edits.duplicate, path),
                (edits.move, path, number - 2),
                (edits.put_layer, path, layer),
                (edits.set_fields, path, {"out_dims": number}),
                (edits.set_fields, path, {"rate": number / 10}),
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(some.data(), some.sampled_from(BASES))
def test_any_edits(data, base):
    session = Session(base)
    ps, st = base.init(0)
    explorer = lx.explore(base, ps, st, (2, 8))
    session = explorer.session
    models = [base]
    for _ in range(data.draw(some.integers(1, 5))):
        change, *arguments = an_edit(data.draw, session.now)
        try:
            session.edit(change, *arguments)
        except ValueError:
            assert session.now.model == models[-1]  # what is refused changes nothing
        else:
            models.append(session.now.model)
    made = {}
    exec(explorer.code, made)
    assert made["model"] == models[-1]

    version = session.now
    assert list(version.origins) == edits.paths(version.model)
    origins = [origin for origin in version.origins.values() if origin is not None]
    assert len(set(origins)) == len(origins)  # no layer has become two
    assert str(explorer)

    try:
        new = version.model.init(1)
    except Exception:
        pass  # a wrapper may be left around what it cannot wrap
    else:
        params, state = explorer.transfer(key=1)
        assert forms((params, state)) == forms(new)
        for path, origin in version.origins.items():
            now = lx.at(version.model, path)
            is_plain = isinstance(now, lx.Dense) and "." not in path + (origin or "")
            if is_plain and path and origin and now == lx.at(base, origin):
                assert params[path].weight is ps[origin].weight

    for model in reversed(models[:-1]):
        assert explorer.undo()
        assert session.now.model == model
    assert not explorer.undo()
    assert session.now.origins == Session(base).now.origins
    for model in models[1:]:
        assert explorer.redo()
        assert session.now.model == model


@pytest.mark.parametrize("kind", [lx.Repeated, lx.Stacked])
def test_more_copies_than_can_be_followed_are_refused(kind):
    many = lx.Chain(kind(kind(lx.Dense(4, 4), 10), 2))
    explorer = lx.explore(many, x=(2, 4))
    # 1 Chain, 1 outer, 1,900 · (1 inner and 10 Dense)
    message = "the model would be 20,902 calls of layers, and the explorer follows each of them: at"
    with pytest.raises(ValueError, match=f"^{message} most 20,000; with more, build it in a cell$"):
        explorer.edit("layer_1", n=1900)
    with pytest.raises(ValueError, match=r"2,000,000,000,004 calls of layers"):
        explorer.edit("layer_1.layer", n=10**12)
    assert explorer.model == many and not explorer.undo()
    explorer.edit("layer_1", n=20)
    assert explorer.model[0].n == 20


def test_a_model_of_more_copies_can_be_edited_as_long_as_it_does_not_grow():
    explorer = lx.explore(lx.Chain(lx.Repeated(lx.Dense(4, 4), 30_000), lx.Dropout(0.1)))
    explorer.edit("layer_2", rate=0.2).edit("layer_1", n=29_999)
    with pytest.raises(ValueError, match="30,003 calls of layers"):
        explorer.edit("layer_1", n=30_000)
