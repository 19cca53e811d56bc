"""That each operation and each byte is told of the layer that it belongs to."""

import jax
import jax.numpy as jnp
import pytest

from luxnb import (
    Chain,
    Dense,
    Dropout,
    Function,
    Identity,
    Layer,
    LSTMCell,
    Mode,
    Recurrence,
    Repeated,
    SkipConnection,
    Stacked,
)
from luxnb.inspect.summary import summary

BATCH, N = 4, 8
DENSE = 2 * BATCH * N * N + BATCH * N  # operations of a Dense(N, N) without activation
BYTES = 4 * BATCH * N  # of an array


def costs(model, x=(BATCH, N), **options):
    """path -> (operations, bytes returned), where there are any."""
    rows = summary(model, x, **options).to_rows()
    found = {row["path"]: (row["flops"], row["output_bytes"]) for row in rows}
    return {path: cost for path, cost in found.items() if any(cost)}


def test_layers_of_the_same_name_at_several_depths():
    inner = Chain(layer_1=Dense(N, N), Chain=Chain(layer_1=Dense(N, N)))
    assert costs(Chain(Chain=inner)) == {
        "Chain.layer_1": (DENSE, BYTES),
        "Chain.Chain.layer_1": (DENSE, BYTES),
    }


@pytest.mark.parametrize("name", ["jvp", "transpose", "vmap", "rematted_computation"])
def test_names_that_transformations_have(name):
    model = Chain(first=Dense(N, N), **{name: Dense(N, N)})
    seen = summary(model, (BATCH, N), backward=True)
    assert seen[name].cost.flops == seen["first"].cost.flops == DENSE
    assert seen[name].cost.backward_flops == 4 * BATCH * N * N + (BATCH - 1) * N
    assert seen["first"].cost.backward_flops == 2 * BATCH * N * N + (BATCH - 1) * N


class Own(Layer):
    """Work of its own before, between and after its children, in every kind of wrapper."""

    first: Layer
    second: Layer

    def forward(self, x, ps, st):
        with jax.named_scope("a scope of the author"):
            x = x * 2
            x, st.first = self.first(x, ps.first, st.first)
        x = jax.jit(lambda x: jnp.exp(x))(x)

        def rest(x):
            return self.second(x, ps.second, st.second)[0]

        return jax.checkpoint(jax.jit(rest))(x) + 1, st


def test_what_a_layer_does_itself_is_its_own():
    expected = {
        "layer_1": (3 * BATCH * N, BYTES),
        "layer_1.first": (DENSE, BYTES),
        "layer_1.second": (DENSE, BYTES),
    }
    model = Chain(Own(Dense(N, N), Dense(N, N)))
    assert costs(model) == expected
    assert costs(model) == costs(model, mode=Mode.TRAIN) == expected


def test_backward_inside_of_wrappers():
    """Two products for a layer's gradient; what is checkpointed is computed again as well."""
    seen = summary(Own(Dense(N, N), Dense(N, N)), (BATCH, N), backward=True)
    product = 2 * BATCH * N * N
    assert seen["first"].cost.backward_flops == pytest.approx(product, rel=0.1)
    assert seen["second"].cost.backward_flops in range(2 * product, 3 * product + 3 * BATCH * N)


class Gradient(Layer):
    """Its forward pass has a backward pass in it."""

    layer: Layer

    def forward(self, x, ps, st):
        def energy(x):
            return jnp.sum(self.layer(x, ps.layer, st.layer)[0])

        return jax.grad(energy)(x), st


def test_a_gradient_in_the_forward_pass_is_forward():
    """Of the sum nothing but its gradient is needed: one product with ones."""
    seen = summary(Chain(Gradient(Dense(N, N))), (BATCH, N), backward=True)
    assert seen["layer_1.layer"].cost.flops == 2 * BATCH * N * N


def test_a_layer_mapped_over_an_axis():
    class Mapped(Layer):
        layer: Layer

        def forward(self, x, ps, st):
            return jax.vmap(lambda x: self.layer(x, ps.layer, st.layer)[0])(x), st

    assert costs(Mapped(Dense(N, N)))["layer"] == (DENSE, BYTES)


def test_a_layer_that_is_called_again_has_the_sum():
    seen = summary(Chain(Repeated(Dense(N, N), 5)), (BATCH, N))
    node = seen["layer_1.layer"]
    assert (node.cost.flops, node.cost.output_bytes) == (5 * DENSE, 5 * BYTES)
    assert node.output.shape == (BATCH, N)
    assert node.remarks == ("5 calls",)
    assert seen["layer_1"].remarks == ()


def test_copies_in_a_loop():
    seen = summary(Stacked(Chain(Dense(N, N), jnp.tanh), 12), (BATCH, N))
    assert seen["layer.layer_1"].cost.flops == 12 * DENSE
    assert seen["layer.layer_2"].cost.flops == 12 * BATCH * N
    assert seen["layer.layer_1"].cost.output_bytes == 12 * BYTES
    assert seen.flops == summary(Chain(*[Chain(Dense(N, N), jnp.tanh)] * 12), (BATCH, N)).flops
    assert [word for word in seen["layer"].remarks if "12" in word] == ["12 copies"]
    assert seen["layer.layer_1"].remarks == ()


def test_a_cell_over_time():
    """Of each turn 2 products, their sum with two biases, and 4 gates: as for one turn alone."""
    one = summary(LSTMCell(3, 5), ((2, 3), {"hidden": (2, 5), "memory": (2, 5)}))
    seen = summary(Recurrence(LSTMCell(3, 5)), (2, 7, 3))
    assert seen["cell"].cost.flops == 7 * one.flops
    assert "7 calls" in seen["cell"].remarks
    assert seen["cell"].given[0].shape == (2, 3)


class Shared(Layer):
    """One child for two inputs, and one that is never called."""

    layer: Layer
    idle: Layer

    def forward(self, x, ps, st):
        first, st.layer = self.layer(x, ps.layer, st.layer)
        second, st.layer = self.layer(x[:2], ps.layer, st.layer)
        return first.at[:2].add(second), st


def test_a_shared_layer_and_one_that_is_not_called():
    seen = summary(Shared(Dense(N, N), Dense(N, N)), (BATCH, N))
    assert seen["layer"].cost.flops == DENSE + DENSE // 2
    assert seen["layer"].output.shape == (BATCH, N)  # of the first call
    assert seen["layer"].remarks == ("2 calls",)
    assert seen["idle"].cost is seen["idle"].output is None
    assert seen["idle"].remarks == ("not called",)


def test_an_array_is_told_of_once():
    """A Chain returns what its last layer does, an idle layer what it is given."""
    model = Chain(Chain(Dense(N, N), Identity()), Dropout(0.5), SkipConnection(Dense(N, N)))
    assert costs(model) == {
        "layer_1.layer_1": (DENSE, BYTES),
        "layer_3": (BATCH * N, BYTES),
        "layer_3.layer": (DENSE, BYTES),
    }


class Idle(Layer):
    """Makes an array, and has it handed on by two layers that do nothing."""

    first: Layer
    second: Layer

    def forward(self, x, ps, st):
        x = x * 2
        y, st.first = self.first(x, ps.first, st.first)
        z, st.second = self.second(x, ps.second, st.second)
        return y + z, st


def test_what_is_handed_on_is_told_of_where_it_first_comes_out():
    assert costs(Idle(Dropout(0.5), Identity())) == {
        "": (2 * BATCH * N, BYTES),
        "first": (0, BYTES),
    }


def test_a_compiled_function_that_is_called_twice():
    @jax.jit
    def twice(x):
        return x * 2

    class Compiled(Layer):
        layer: Layer

        def forward(self, x, ps, st):
            part = jax.jit(lambda x: self.layer(twice(x), ps.layer, st.layer)[0])
            return part(part(x)), st

    seen = summary(Compiled(Function(jnp.exp)), (BATCH, N))
    assert (seen.root.cost.flops, seen["layer"].cost.flops) == (2 * BATCH * N, 2 * BATCH * N)
    assert seen["layer"].cost.output_bytes == 2 * BYTES


def test_bytes_follow_the_dtype_and_all_that_is_returned():
    def several(x):
        return {"half": x.astype(jnp.bfloat16), "twice": (x * 2, x * 2 > 0)}

    node = summary(Function(several), (BATCH, N)).root
    assert node.cost.output_bytes == BATCH * N * (2 + 4 + 1)


def test_what_is_kept_is_told_of_the_layer_that_made_it():
    seen = summary(Chain(Dense(N, N, jnp.tanh), Dense(N, N)), (BATCH, N), backward=True)
    assert seen["layer_1"].cost.kept_bytes == 2 * BYTES  # y, and 1 - y, of tanh
    assert seen["layer_2"].cost.kept_bytes == 0
