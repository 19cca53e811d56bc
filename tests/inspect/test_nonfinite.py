"""The first number that is not finite is found where it was planted, and nowhere else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.inspect import planted
from tests.inspect.planted import BACK, BAD, DENSE, NAN, Case, X
from tests.same import bits

TABLE = [
    (part, case)
    for part in ("BEFORE", "IN_LAYERS", "IN_LOOPS", "IN_TRANSFORMATIONS", "GRADIENTS")
    for case in vars(planted)[part]
]


@pytest.mark.parametrize(
    "case", [case for _, case in TABLE], ids=[f"{part}-{case.name}" for part, case in TABLE]
)
def test_it_is_found_where_it_is(case: Case):
    ps, st = case.made()
    found = lx.locate_nonfinite(case.model, case.x, ps, st, case.loss)
    assert found is not None
    assert (found.kind, found.path, found.array) == (case.kind, case.path, case.array)
    defect = found.defect
    assert (defect.nan, defect.infinite, defect.negative_infinite) == case.counts
    assert defect.first == case.first
    assert found.loops == case.loops
    assert f"✗ {'in turn' if case.loops else case.array.split()[0]}" in str(found)


def test_the_table_is_large():
    assert len(TABLE) >= 50


# -- what is no fault -----------------------------------------------------------------------------


def test_nothing_is_found_where_all_is_finite():
    model = lx.Chain(DENSE, lx.BatchNorm(2), lx.Dropout(0.5), DENSE)
    assert lx.locate_nonfinite(model, X, *model.init(0)) is None


def test_a_gradient_that_nobody_needs_is_no_fault():
    """Below the first parameters nothing is differentiated, as in training."""
    model = lx.Chain(lx.Function(jnp.sqrt), DENSE)
    x, (ps, st) = jnp.zeros((3, 2)), model.init(0)
    assert not np.isfinite(jax.grad(lambda x: model(x, ps, st)[0].sum())(x)).any()
    assert lx.locate_nonfinite(model, x, ps, st) is None


def test_integers_keys_and_none_are_no_numbers():
    model = lx.Chain(lx.Embedding(5, 2), lx.Dropout(0.5))
    assert lx.locate_nonfinite(model, jnp.array([0, 4]), *model.init(0)) is None
    assert lx.locate_nonfinite(lx.Identity(), None, *lx.Identity().init(0)) is None


def test_without_the_way_back():
    model = lx.Chain(DENSE, BACK)
    ps, st = model.init(0)
    assert lx.locate_nonfinite(model, X, ps, st)
    assert lx.locate_nonfinite(model, X, ps, st, backward=False) is None


def test_infinity_may_count_as_a_number():
    """A mask of −Inf, after which softmax is finite."""
    model = lx.Chain(
        lx.Function(lambda x: jnp.where(x > 0, x, -jnp.inf)), lx.Function(jax.nn.softmax)
    )
    x, (ps, st) = jnp.array([[1.0, -1.0]]), model.init(0)
    found = lx.locate_nonfinite(model, x, ps, st)
    assert found and found.path == "layer_1"
    assert lx.locate_nonfinite(model, x, ps, st, only_nan=True) is None
    found = lx.locate_nonfinite(model, x.at[0, 1].set(NAN), ps, st, only_nan=True)
    assert found and found.defect.first == (0, 1)


def test_the_first_of_several_is_found():
    model = lx.Chain(DENSE, lx.Chain(BAD, BAD), BAD)
    found = lx.locate_nonfinite(model, X, *model.init(0))
    assert found and found.path == "layer_2.layer_1"


def test_a_number_that_makes_the_model_fail_is_found():
    def refuse_nan(x):
        if np.isnan(x).any():
            raise RuntimeError("NaN!")
        return x

    model = lx.Chain(BAD, lx.Function(refuse_nan))
    found = lx.locate_nonfinite(model, X, *model.init(0))
    assert found and found.path == "layer_1"


def test_nothing_is_changed_and_nothing_stays():
    model = lx.Chain(lx.Recurrence(lx.GRUCell(2, 2)), BACK)
    x, (ps, st) = jnp.ones((3, 4, 2)), model.init(0)
    y, before = model(x, ps, st), bits((x, ps, st))
    failing = lx.Chain(lx.Function(lambda x: x * (1 // 0)))
    with pytest.raises(ZeroDivisionError):
        lx.locate_nonfinite(failing, x, *failing.init(0))
    assert lx.locate_nonfinite(model, x, ps, st)
    assert bits((x, ps, st)) == before
    assert bits(model(x, ps, st)) == bits(y)
    assert not jax.config.jax_disable_jit


# -- what is said ---------------------------------------------------------------------------------


def sentence(model, *changes, x=X, loss=None):
    ps, st = model.init(0)
    for path, value in changes:
        ps = ps.at[path].set(value)
    return lx.locate_nonfinite(model, x, ps, st, loss).sentence


def test_sentences():
    zeros = ("layer_1.weight", jnp.zeros((2, 2))), ("layer_1.bias", jnp.array([-2.0, 3.5e20]))
    assert sentence(lx.Chain(DENSE, lx.Function(jnp.sqrt)), *zeros) == (
        "at layer_2: Function(jax.numpy.sqrt): y has 3 NaN among 6 values, the first at [0, 0]; "
        "it was given values in [-2, 3.5e+20]"
    )
    assert sentence(BAD, x=X.at[2, 1].set(-jnp.inf)) == (
        "the input x has 1 -Inf among 6 values, the first at [2, 1]"
    )
    assert sentence(DENSE, ("bias", jnp.array([NAN, jnp.inf]))) == (
        "parameter bias has 1 NaN, 1 Inf among 2 values, the first at [0]"
    )
    assert sentence(DENSE, loss=lambda y: jnp.log(y.sum() * 0)) == (
        "the loss is -Inf; it was given finite values"
    )
    recurrence = lx.Chain(lx.Stacked(lx.Chain(lx.Recurrence(planted.Clock(4))), 2))
    assert sentence(recurrence, x=planted.SEQUENCE).startswith(
        "at layer_1.layer.layer_1.cell in turn 4, layer_1.layer in turn 1: Clock(4): y[0] has 1 "
    )
    assert sentence(lx.Chain(DENSE, BACK)).endswith(
        "gradient by x has 1 NaN among 6 values, the first at [1, 0]; "
        "the gradient by its output has values in [1, 1]"
    )


def test_the_repr_is_one_line():
    found = lx.locate_nonfinite(BAD, X, *BAD.init(0))
    assert repr(found) == f"<Nonfinite {found.sentence}>"
    assert "\n" not in repr(found)


def test_text_and_html_are_the_tree_at_the_place():
    model = lx.Chain(DENSE, lx.Chain(DENSE, BAD), DENSE)
    found = lx.locate_nonfinite(model, X, *model.init(0))
    bundle = found._repr_mimebundle_()
    assert bundle["text/plain"] == str(found)
    for text in bundle.values():
        assert "y has 1 NaN among 6 values, the first at [1, 0]" in text
        assert "layer_2" in text


# -- what is refused ------------------------------------------------------------------------------


def test_it_needs_a_layer():
    with pytest.raises(TypeError, match="locate_nonfinite needs a layer, got 3"):
        lx.locate_nonfinite(3, X, {}, {})


@pytest.mark.parametrize("transformed", [jax.jit, jax.vmap, jax.grad])
def test_it_needs_numbers(transformed):
    def call(x):
        return lx.locate_nonfinite(DENSE, x, *DENSE.init(0))

    with pytest.raises(TypeError, match=r"inside of jit, grad or vmap .* call it outside of them"):
        transformed(call)(X)


@pytest.mark.parametrize("loss", [lambda y: y, lambda y: (y.sum(), 0), lambda y: 3, jnp.argmax])
def test_a_loss_is_one_number(loss):
    with pytest.raises(ValueError, match=r"loss must return one number .* loss=lambda y: losses"):
        lx.locate_nonfinite(DENSE, X, *DENSE.init(0), loss)


def test_errors_of_the_model_are_its_own():
    with pytest.raises(ValueError, match="in_dims") as caught:
        lx.locate_nonfinite(lx.Chain(DENSE), jnp.ones((3, 5)), *lx.Chain(DENSE).init(0))
    assert caught.value.luxnb_path == "layer_1"


def test_a_model_that_has_no_gradient_says_how_to_go_on():
    def outside(x):
        return jax.pure_callback(lambda x: x, jax.ShapeDtypeStruct(x.shape, x.dtype), x)

    model = lx.Chain(DENSE, lx.Function(outside))
    ps, st = model.init(0)
    with pytest.raises(ValueError, match="Pure callbacks do not support JVP") as caught:
        lx.locate_nonfinite(model, X, ps, st)
    assert any("with backward=False nothing else" in note for note in caught.value.__notes__)
    assert lx.locate_nonfinite(model, X, ps, st, backward=False) is None


def test_what_jax_has_traced_before_is_seen_again():
    """`checkpoint` keeps what it traced of an equal layer."""

    class Checkpointed(lx.Layer):
        inner: lx.Layer

        def forward(self, x, ps, st):
            y, st.inner = jax.checkpoint(self.inner)(x, ps.inner, st.inner)
            return y, st

    model = lx.Chain(DENSE, Checkpointed(lx.Chain(DENSE, BAD)))
    for _ in range(3):
        found = lx.locate_nonfinite(model, X, *model.init(0))
        assert found and found.path == "layer_2.inner.layer_2"
