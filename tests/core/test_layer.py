"""Layer: what a class may declare, what a field may hold, and what init makes."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_same


def declare(**namespace):
    """A new class of layers, `Mine`, with these annotations and members."""
    return type("Mine", (lx.Layer,), namespace)


def holding(value):
    """A layer with one field."""
    return declare(__annotations__={"field": object})(value)


# -- the class -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "instead"),
    [("__call__", "forward"), ("init", "init_params"), ("__post_init__", "check")],
)
def test_methods_that_are_not_yours(name, instead):
    with pytest.raises(TypeError, match=rf"Mine\.{name} is not yours to write: write {instead}"):
        declare(**{name: lambda self: None})


@pytest.mark.parametrize("name", ["init", "forward", "children", "check", "init_state"])
def test_fields_named_like_methods(name):
    with pytest.raises(
        TypeError, match=rf"Mine\.{name} cannot be a field: it is a method of Layer"
    ):
        declare(__annotations__={name: object})


def test_a_layer_without_a_type_is_no_field():
    with pytest.raises(
        TypeError,
        match=r"Mine\.hidden is no field without a type: write `hidden: Layer = Dense\(2, 3\)`",
    ):
        declare(hidden=lx.Dense(2, 3))
    model = declare(hidden=lx.Dense(2, 3), __annotations__={"hidden": lx.Layer})()
    assert model.children() == {"hidden": lx.Dense(2, 3)}


def test_the_habit_of_torch_is_answered():
    class Habit(lx.Layer):
        def __init__(self, dims):
            super().__init__()
            self.hidden = lx.Dense(dims, dims)

    with pytest.raises(
        TypeError,
        match=r"Habit is a value and cannot set 'hidden': declare fields in the class, keep what "
        r"changes in the state, copy by luxnb\.replace\(layer, 'hidden', value\)",
    ):
        Habit(3)


def test_check_runs_at_construction():
    def check(self):
        raise ValueError(f"Mine.size must be odd, got {self.size}")

    with pytest.raises(ValueError, match=r"Mine\.size must be odd, got 2"):
        declare(__annotations__={"size": int}, check=check)(2)


def test_fields_are_inherited():
    class Base(lx.Layer):
        size: int

    class More(Base):
        extra: int = 2

    assert repr(More(1, 3)) == "More(1, 3)"
    assert More(1) != Base(1)
    with pytest.raises(TypeError, match="is a value"):
        More(1).size = 3


# -- fields ----------------------------------------------------------------------------------------


def test_lists_become_tuples_and_numpy_scalars_numbers():
    layer = holding([1, [np.int64(2), np.float32(0.5)], np.bool_(True)])
    assert layer.field[0:1] == (1,)
    assert layer.field[1][0] == 2
    frozen = holding(np.float32(0.5)).field
    assert type(frozen) is float and frozen == 0.5
    assert all(type(v) in (int, float, bool, tuple) for v in (*layer.field, *layer.field[1]))
    assert holding([1, 2]) != holding((1, 3))


@pytest.mark.parametrize(
    "value",
    [np.ones(3), jnp.ones(3), jax.random.key(0), [jnp.ones(3)], (1, (2, np.ones(2)))],
    ids=["numpy", "jax", "key", "in a list", "nested"],
)
def test_arrays_are_no_fields(value):
    with pytest.raises(
        TypeError,
        match=r"Mine\.field is an array; a layer holds none: "
        r"return it from init_params or init_state",
    ):
        holding(value)


@pytest.mark.parametrize("value", [{}, set(), bytearray(b"a"), [1, {}]], ids=repr)
def test_mutable_values_are_no_fields(value):
    with pytest.raises(
        TypeError,
        match=r"Mine\.field must be hashable, got .*; a tuple is, and so is a frozen dataclass",
    ):
        holding(value)


@pytest.mark.parametrize("dtype", [np.float32, jnp.bfloat16, np.dtype("int8")], ids=str)
def test_dtypes_are_fields(dtype):
    assert holding(dtype).field is dtype


@pytest.mark.parametrize(
    "value", [[lx.Dropout()], ((("a", lx.Dropout()),),)], ids=["list", "nested"]
)
def test_layers_in_a_tuple(value):
    with pytest.raises(
        TypeError,
        match=r"Mine\.field holds layers in a tuple: "
        r"put them in a Chain, or name them in children\(\)",
    ):
        holding(value)


def parent(**children):
    return declare(children=lambda self: children)()


def test_children_are_layers():
    with pytest.raises(TypeError, match=r"Mine\.act is a child and must be a layer, got 3"):
        parent(act=3)


def test_children_have_names_for_a_tree():
    with pytest.raises(
        ValueError, match=r"Mine\.keys cannot name an entry: it is a method of Tree"
    ):
        declare(__annotations__={"keys": lx.Layer})(lx.Dropout())
    with pytest.raises(ValueError, match=r"Mine\.a\.b cannot name an entry: use a word"):
        parent(**{"a.b": lx.Dropout()})


# -- init ------------------------------------------------------------------------------------------


def maker(params=None, state=None):
    return declare(
        init_params=lambda self, key: {} if params is None else params(key),
        init_state=lambda self, key: {} if state is None else state(key),
        forward=lambda self, x, ps, st: (x, st),
    )()


def test_the_key_of_an_array_is_its_path_of_names():
    drawn = maker(
        lambda key: {"w": jax.random.key_data(key)}, lambda key: {"s": jax.random.key_data(key)}
    )
    ps, st = lx.Chain(outer=lx.Chain(inner=drawn)).init(3)

    def expected(*names):
        key = jax.random.key(3)
        for name in names:
            key = lx.key_for(key, name)
        return jax.random.key_data(key)

    np.testing.assert_array_equal(ps.outer.inner.w, expected("outer", "inner", "/params"))
    np.testing.assert_array_equal(st.outer.inner.s, expected("outer", "inner", "/state"))


def test_own_arrays_come_before_those_of_children_and_keep_their_order():
    class Mine(lx.Layer):
        child: lx.Layer = lx.Dense(1, 1)

        def init_params(self, key):
            return {"z": 1.0, "a": {"y": 2, "b": 3}}

    ps, _ = Mine().init(0)
    assert list(ps) == ["z", "a", "child"]
    assert list(ps.a) == ["y", "b"]


def test_numbers_become_arrays_of_a_definite_dtype():
    ps, st = maker(lambda key: {"a": 1.0, "b": np.ones(2)}, lambda key: {"n": 0, "on": True}).init(
        0
    )
    assert ps.a.dtype == ps.b.dtype == jnp.float32
    assert st.n.dtype == jnp.int32 and st.on.dtype == bool
    assert not (ps.a.weak_type or st.n.weak_type)
    assert isinstance(ps.b, jax.Array)


@pytest.mark.parametrize("what", ["params", "state"])
@pytest.mark.parametrize(("made", "shown"), [(None, "None"), (np.ones(3, "f4"), r"f32\[3\]")])
def test_init_returns_a_dict(what, made, shown):
    layer = maker(**{what: lambda key: made})
    with pytest.raises(
        TypeError, match=rf"Mine\.init_{what} must return a dict of names to arrays, got {shown}"
    ):
        layer.init(0)


def test_errors_of_init_say_where():
    def fails(key):
        raise RuntimeError("no such file")

    with pytest.raises(RuntimeError, match="no such file") as e:
        lx.Chain(body=lx.Chain(lx.Dense(2, 2), maker(fails))).init(0)
    assert e.value.__notes__[0] == "at body.layer_2: Mine() was making its parameters and state"


def test_names_of_arrays_are_checked():
    with pytest.raises(
        ValueError, match=r"Mine\.items cannot name an entry: it is a method of Tree"
    ):
        maker(lambda key: {"items": 1.0}).init(0)


@pytest.mark.parametrize("what", ["init_params", "init_state"])
def test_an_array_named_like_a_child(what):
    layer = declare(
        __annotations__={"gain": lx.Layer}, **{what: lambda self, key: {"gain": jnp.ones(1)}}
    )
    with pytest.raises(ValueError, match="Mine has both a child and an array named 'gain'"):
        layer(lx.Dropout()).init(0)


class Twice(lx.Layer):
    """A wrapper that keeps its child's parameters in another form."""

    inner: lx.Layer

    def init_children(self, key):
        params, state = super().init_children(key)
        params["inner"] = params["inner"].replace(weight=2 * params["inner"].weight)
        return params, state | {"frozen": {"scale": jnp.ones(2)}}

    def forward(self, x, ps, st):
        return x, st


def test_a_wrapper_changes_what_its_children_make():
    ps, st = lx.Chain(a=Twice(lx.Dense(2, 3))).init(0)
    plain, _ = lx.Chain(a=lx.Chain(inner=lx.Dense(2, 3))).init(0)
    np.testing.assert_array_equal(ps.a.inner.weight, 2 * plain.a.inner.weight)
    np.testing.assert_array_equal(ps.a.inner.bias, plain.a.inner.bias)
    assert st.a.frozen.scale.shape == (2,)


def test_errors_of_init_below_a_wrapper_say_where():
    def fails(key):
        raise RuntimeError("no such file")

    with pytest.raises(RuntimeError, match="no such file") as e:
        lx.Chain(lx.Chain(body=Twice(lx.Chain(maker(fails))))).init(0)
    assert e.value.__notes__ == [
        "at layer_1.body.inner.layer_1: Mine() was making its parameters and state"
    ]


def test_init_under_jit_and_vmap():
    model = lx.Chain(lx.Dense(2, 3), lx.Dropout())
    eager = model.init(5)
    jitted = jax.jit(model.init)(5)
    assert jax.tree.structure(jitted) == jax.tree.structure(eager)
    np.testing.assert_allclose(jitted[0].layer_1.weight, eager[0].layer_1.weight, rtol=1e-6)
    many, _ = jax.vmap(model.init)(jax.random.split(jax.random.key(0), 3))
    assert many.layer_1.weight.shape == (3, 2, 3)
    assert not np.allclose(many.layer_1.weight[0], many.layer_1.weight[1])


def test_a_deep_model_is_not_compiled_as_a_whole():
    """After one block is made, the same shapes in a deeper model compile nothing."""
    lx.Chain(lx.Dense(5, 7), lx.Dense(7, 5), lx.Dropout()).init(0)
    deep = lx.Chain(*[lx.Chain(lx.Dense(5, 7), lx.Dense(7, 5), lx.Dropout()) for _ in range(4)])
    with _Compilations() as compilations:
        deep.init(0)
        assert compilations == []
        lx.Dense(11, 13).init(0)
    assert compilations  # the count does count


class _Compilations:
    """What XLA compiles meanwhile."""

    def __enter__(self):
        self.found = []
        jax.monitoring.register_event_duration_secs_listener(self._note)
        return self.found

    def _note(self, event, duration, **details):
        if event == "/jax/core/compile/backend_compile_duration":
            self.found.append(details)

    def __exit__(self, *error):
        jax.monitoring.unregister_event_duration_listener(self._note)


# -- as a value ------------------------------------------------------------------------------------


def test_a_layer_can_be_compiled_closed_over_and_passed():
    model = lx.Chain(lx.Dense(2, 3), lx.Dropout())
    ps, st = model.init(0)
    x = jnp.ones((1, 2))
    closed = jax.jit(lambda x: model(x, ps, st))(x)
    assert_same(jax.jit(model)(x, ps, st), closed)
    passed = jax.jit(lambda pair, x, ps, st: pair["model"](x, ps, st))({"model": model}, x, ps, st)
    assert_same(passed, closed)


def test_layers_are_keys_of_dicts_and_sets():
    assert {lx.Dense(2, 3): 1}[lx.Dense(2, 3)] == 1
    assert len({lx.Dropout(0.1), lx.Dropout(0.1), lx.Dropout(0.2)}) == 2
    assert lx.Dropout(0.1) != lx.Function(jnp.sin)


def test_a_class_made_again_makes_other_layers():
    one, other = (declare(__annotations__={"size": int}) for _ in range(2))
    assert one(1) != other(1)


def test_dataclasses_replace():
    assert dataclasses.replace(lx.Dense(2, 3), out_dims=5) == lx.Dense(2, 5)
