"""One call: where errors happened, what a forward must return, and names for profiles."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter
from tests.same import assert_same


class Raises(lx.Layer):
    kind: type[BaseException] = RuntimeError

    def forward(self, x, ps, st):
        raise self.kind("stop")


class Net(lx.Layer):
    """A forward of one's own, which calls its children by name."""

    first: lx.Layer
    second: lx.Layer

    def forward(self, x, ps, st):
        x, st.first = self.first(x, ps.first, st.first)
        x, st.second = self.second(x, ps.second, st.second)
        return x, st


class Body(lx.Layer):
    """The forward is given, to try what a forward can do wrong."""

    body: object
    child: lx.Layer = Counter()

    def init_state(self, key):
        return {"n": jnp.zeros(()), "mode": lx.Mode.TRAIN}

    def forward(self, x, ps, st):
        return self.body(self, x, ps, st)


def run(layer, x=None):
    return layer(jnp.ones((2, 3)) if x is None else x, *layer.init(0))


def notes(error) -> list[str]:
    """The notes of luxnb, without that of JAX about its tracebacks."""
    return [note for note in getattr(error.value, "__notes__", []) if "given x" in note]


# -- where errors happened -------------------------------------------------------------------------


def test_the_innermost_layer_is_named():
    model = lx.Chain(
        body=Net(lx.Dense(3, 3), lx.Chain(jnp.sin, lx.Dense(4, 1))), head=lx.Dense(1, 1)
    )
    with pytest.raises(
        ValueError, match=r"expected x of shape \(…, 4\), in_dims = 4; got f32\[2,3\]"
    ) as e:
        run(model)
    assert notes(e) == ["at body.second.layer_2: Dense(4, 1) was given x: f32[2,3]"]


def test_the_outermost_layer_has_no_path():
    with pytest.raises(ValueError) as e:
        run(lx.Dense(4, 1))
    assert notes(e) == ["Dense(4, 1) was given x: f32[2,3]"]


def test_a_large_model_is_not_written_out():
    class Large(lx.Layer):
        inner: lx.Layer

        def forward(self, x, ps, st):
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError) as e:
        run(Large(lx.Chain([lx.Dense(3, 3)] * 50)))
    assert notes(e) == ["Large(…) was given x: f32[2,3]"]


def test_pytree_inputs_are_described():
    with pytest.raises(RuntimeError) as e:
        run(Raises(), {"a": (jnp.ones(2), 1), "b": [jnp.ones((), int)]})
    assert notes(e) == ["Raises() was given x: {a: (f32[2], 1), b: (i32[],)}"]


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: f,
        jax.jit,
        lambda f: jax.vmap(f, in_axes=(0, None, None)),
        lambda f: jax.grad(lambda x, ps, st: jnp.sum(f(x, ps, st)[0])),
        lambda f: lambda x, ps, st: jax.lax.scan(lambda s, x: f(x, ps, s)[::-1], st, x),
        jax.checkpoint,
    ],
    ids=["eager", "jit", "vmap", "grad", "scan", "checkpoint"],
)
def test_under_every_transformation(transform):
    model = lx.Chain(lx.Dense(3, 3), lx.Chain(inner=lx.Dense(4, 1)))
    ps, st = model.init(0)
    with pytest.raises(ValueError, match="expected x of shape") as e:
        transform(lambda x, ps, st: model(x, ps, st))(jnp.ones((5, 2, 3)), ps, st)
    (note,) = notes(e)
    assert note.startswith("at layer_2.inner: Dense(4, 1) was given x: f32[")


def test_shared_parameters_do_not_confuse_the_path():
    class Tied(lx.Layer):
        a: lx.Layer
        b: lx.Layer

        def forward(self, x, ps, st):
            x, st.a = self.a(x, ps.a, st.a)
            x, st.b = self.b(x, ps.a, st.b)  # with the parameters of a
            return x, st

    model = Tied(lx.Chain(Counter()), lx.Chain(Counter()))
    y, st = run(model)
    np.testing.assert_array_equal(y, np.full((2, 3), 3))
    assert st.a.layer_1.calls == st.b.layer_1.calls == 1
    with pytest.raises(RuntimeError) as e:
        run(Tied(lx.Chain(Counter()), lx.Chain(Raises())))
    assert notes(e)[0].startswith("at b.layer_1: Raises(")


def test_a_layer_that_is_no_child_is_known_by_its_type():
    stranger = lx.Dense(4, 1)
    made = stranger.init(0)
    with pytest.raises(ValueError) as e:
        run(Body(lambda self, x, ps, st: stranger(x, *made)))
    assert notes(e) == ["at Dense: Dense(4, 1) was given x: f32[2,3]"]


def test_an_error_that_takes_no_note_is_still_raised():
    class Closed(Exception):
        def __setattr__(self, name, value):
            raise RuntimeError("closed")

    with pytest.raises(Closed, match="stop"):
        run(Raises(Closed))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupts_pass_untouched(kind):
    model = lx.Chain(lx.Identity(), Raises(kind))
    with pytest.raises(kind) as e:
        run(model)
    assert not hasattr(e.value, "__notes__")
    with pytest.raises(ValueError) as e:  # and what was running is forgotten
        run(lx.Dense(4, 1))
    assert notes(e) == ["Dense(4, 1) was given x: f32[2,3]"]


# -- what a forward must return --------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [
        lambda x, st: x,
        lambda x, st: None,
        lambda x, st: (st, x),
        lambda x, st: (x, None),
        lambda x, st: (x, x, st),
        lambda x, st: [x, st],
    ],
    ids=["only y", "nothing", "swapped", "no state", "three", "list"],
)
def test_output_and_state(result):
    with pytest.raises(
        TypeError, match=r"Body\.forward must return its output and its state: write `return y, st`"
    ):
        run(Body(lambda self, x, ps, st: result(x, st)))


def test_a_forward_must_be_there():
    class Empty(lx.Layer):
        pass

    with pytest.raises(
        TypeError, match=r"Empty has no forward: write `def forward\(self, x, ps, st\)`"
    ):
        run(Empty())


@pytest.mark.parametrize(
    "body",
    [
        lambda self, x, ps, st: (self.child(x, ps.child, st.child)[0], st),
        lambda self, x, ps, st: (self.child(x, ps.child, st.replace().child)[0], st.replace()),
        lambda self, x, ps, st: (jax.jit(self.child)(x, ps.child, st.child)[0], st),
    ],
    ids=["draft", "tree", "jit"],
)
def test_a_forgotten_state_is_an_error(body):
    with pytest.raises(
        ValueError,
        match=r"Body\.forward forgets the new state of 'child': write "
        r"`x, st\.child = self\.child\(x, ps\.child, st\.child\)`",
    ):
        run(Body(body))


def test_a_child_without_news_may_be_ignored():
    y, _ = run(
        Body(lambda self, x, ps, st: (self.child(x, ps.child, st.child)[0], st), lx.Dense(3, 1))
    )
    assert y.shape == (2, 1)


def test_a_child_may_be_called_twice():
    def body(self, x, ps, st):
        for _ in range(2):
            x, st.child = self.child(x, ps.child, st.child)
        return x, st

    _, st = run(Body(body))
    assert st.child.calls == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda st: {"n": st.n, "child": st.child},
        lambda st: {**st, "more": 1},
        lambda st: {**st, "mode": lx.Mode.TEST},
        lambda st: {**st, "n": (st.n, st.n)},
        lambda st: {"mode": st.mode, "n": st.n, "child": st.child},
        lambda st: st.child,
    ],
    ids=["less", "more", "mode", "kind", "order", "other"],
)
def test_the_structure_of_the_state_is_kept(change):
    with pytest.raises(
        ValueError,
        match=r"Body\.forward changed the structure of its state from Tree\(.*\) to Tree\(.*\); "
        "the names and modes that come in must go out",
    ):
        run(Body(lambda self, x, ps, st: (x, change(st))))


@pytest.mark.parametrize(
    "body",
    [
        lambda self, x, ps, st: (x, st.replace(n=st.n + 1)),
        lambda self, x, ps, st: (x, {**st, "n": st.n + 1}),
        lambda self, x, ps, st: (x, st.at["n"].apply(lambda n: n + 1)),
    ],
    ids=["replace", "dict", "at"],
)
def test_the_state_may_be_returned_as_a_value(body):
    _, st = run(Body(body))
    assert isinstance(st, lx.Tree)
    assert st.n == 1


# -- what a call is given --------------------------------------------------------------------------


def test_parameters_and_state_are_trees():
    layer = lx.Dense(3, 1)
    ps, st = layer.init(0)
    x = jnp.ones((2, 3))
    with pytest.raises(
        TypeError,
        match=r"Dense needs its parameters as a Tree, got f32\[2,3\]; "
        r"write y, st = layer\(x, ps, st\)",
    ):
        layer(ps, x, st)
    with pytest.raises(TypeError, match=r"Dense needs its state as a Tree, got \(1, 2\)"):
        layer(x, ps, [1, 2])
    with pytest.raises(TypeError, match="missing 2 required positional arguments: 'ps' and 'st'"):
        layer(x)


def test_dicts_become_trees():
    model = lx.Chain(lx.Dense(3, 1), Counter())
    ps, st = model.init(0)
    got = model(jnp.ones((2, 3)), ps.to_dict(), st.to_dict())
    assert_same(got, model(jnp.ones((2, 3)), ps, st))
    assert isinstance(got[1].layer_2, lx.Tree)


# -- names for profiles ----------------------------------------------------------------------------


def test_names_of_layers_stand_in_the_compiled_program():
    model = lx.Chain(encoder=lx.Chain(first=lx.Dense(3, 2, jnp.sin)), decoder=lx.Dense(2, 3))
    ps, st = model.init(0)
    lowered = jax.jit(lambda x, ps, st: model(x, ps, st)).lower(jnp.ones((2, 3)), ps, st)
    text = lowered.as_text(debug_info=True)
    assert "Chain/encoder/first/sin" in text
    assert "Chain/decoder/dot_general" in text
    assert "Chain/encoder/first/sin" in lowered.compile().as_text()


# -- several threads -------------------------------------------------------------------------------


def test_two_threads_calling_at_once_have_their_own_paths():
    """Each is inside of its outer layer when the other one starts."""
    barrier = threading.Barrier(2, timeout=20)

    def meet(x):
        barrier.wait()
        return x

    found = {}

    def work(name):
        model = lx.Chain(**{name: lx.Chain(meet, lx.Dense(4, 1), meet)})
        try:
            run(model)
        except ValueError as error:
            found[name] = error.__notes__

    threads = [threading.Thread(target=work, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {
        name: [f"at {name}.layer_2: Dense(4, 1) was given x: f32[2,3]"]
        for name in ("left", "right")
    }


def test_a_thread_started_within_a_forward_is_outside_of_it():
    found = []

    def body(self, x, ps, st):
        def other():
            try:
                run(lx.Dense(4, 1))
            except ValueError as error:
                found.extend(error.__notes__)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
        return x, st

    run(Body(body))
    assert found == ["Dense(4, 1) was given x: f32[2,3]"]
