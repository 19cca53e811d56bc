"""Operations of single equations and of programs in programs, by closed formulas."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from luxnb import Chain, Dense, Function, Layer
from luxnb.inspect.summary import summary

N = 1000


def flops(function, *shapes):
    """The operations of a function of arrays."""
    x = shapes if len(shapes) > 1 else shapes[0]
    return summary(Function(lambda x: function(*x) if len(shapes) > 1 else function(x)), x).flops


ONE_EACH = {
    "negative": jnp.negative,
    "tanh": jnp.tanh,
    "comparison": lambda x: x > 0,
    "conversion": lambda x: x.astype(jnp.bfloat16),
    "square": jnp.square,
    "division": lambda x: x / 3,
    "largest so far": lax.cummax,
}
NOTHING = {
    "the same type": lambda x: x.astype(jnp.float32),
    "shape": lambda x: x.reshape(10, 100).T,
    "broadcast": lambda x: jnp.broadcast_to(x, (5, N)),
    "slice": lambda x: x[3:7],
    "rows": lambda x: x[np.array([1, 5, 5])],
    "stack": lambda x: jnp.stack([x, x]),
    "concatenate": lambda x: jnp.concatenate([x, x[:5]]),
    "pad": lambda x: lax.pad(x, 0.0, [(1, 2, 0)]),
    "reverse": lambda x: x[::-1],
    "integers": lambda x: (x, jnp.arange(N) * 3 + 1)[1],
    "dead": lambda x: (jnp.exp(x).sum(), x)[1],
}


@pytest.mark.parametrize("name", ONE_EACH)
def test_one_operation_an_element(name):
    assert flops(ONE_EACH[name], (N,)) == N


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_moved_or_no_float_or_of_no_use_is_nothing(name):
    assert flops(NOTHING[name], (N,)) == 0


def test_random_bits_are_no_operations_but_what_is_made_of_them_is():
    bits = flops(lambda x: jax.random.bits(jax.random.key(0), (N,)), (1,))
    assert bits == 0
    assert flops(lambda x: x * jax.random.uniform(jax.random.key(0), (N,)), (N,)) > N


def test_complex_numbers_are_floating_point():
    assert flops(lambda x: lax.complex(x, x) * 2, (N,)) == N


@pytest.mark.parametrize(
    ("power", "steps"), [(2, 1), (3, 2), (4, 2), (7, 4), (8, 3), (-1, 1), (-2, 2)]
)
def test_integer_powers_are_products(power, steps):
    assert flops(lambda x: lax.integer_pow(x, power), (N,)) == steps * N


def test_a_logistic_function_is_four():
    """-x, exp, 1 + …, 1 / …; so XLA, too."""
    assert flops(lax.logistic, (N,)) == 4 * N


def test_products():
    assert flops(jnp.matmul, (5, 7, 11), (5, 11, 13)) == 2 * 5 * 7 * 11 * 13
    assert flops(jnp.vdot, (N,), (N,)) == 2 * N
    assert flops(lambda a, b: jnp.einsum("bhqd,bhkd->bhqk", a, b), (2, 3, 4, 5), (2, 3, 6, 5)) == (
        2 * 2 * 3 * 4 * 6 * 5
    )


def test_reductions_are_one_less_than_there_are_numbers():
    assert flops(jnp.sum, (10, 100)) == N - 1
    assert flops(lambda x: jnp.max(x, 1), (10, 100)) == N - 10
    assert flops(lambda x: jnp.argmax(x, 0), (10, 100)) == N - 100


def test_windows():
    window = functools.partial(
        lax.reduce_window, window_dimensions=(3,), window_strides=(2,), padding="VALID"
    )
    assert flops(lambda x: window(x, 0.0, lax.add), (11,)) == 5 * 2
    assert flops(lambda x: window(x, -jnp.inf, lax.max), (11,)) == 5 * 2


def test_scattered_sums_and_sorting():
    assert flops(lambda x: x.at[np.array([1, 2, 2])].add(1.0), (N,)) == 3
    assert flops(lambda x: lax.sort(x), (4, 1024)) == 4 * 1024 * 10
    assert flops(lambda x: lax.top_k(x, 3)[0], (N,)) == N


def test_fourier_transforms():
    """5 n log₂ n, the usual count for n complex numbers."""
    assert flops(lambda x: jnp.fft.fft(lax.complex(x, x)), (3, 256)) == 3 * 5 * 256 * 8
    assert flops(jnp.fft.rfft, (3, 256)) == 3 * 5 * 256 * 8 // 2


def test_matrices():
    """G. Golub, C. Van Loan, Matrix Computations: n³ / 3, 2 n³ / 3, 4 n³ / 3, and n² a column."""
    n = 60
    cholesky = functools.partial(lax.linalg.cholesky, symmetrize_input=False)
    assert flops(cholesky, (2, n, n)) == 2 * (n**3 // 3 + n**2)  # n² choices: zeros above
    assert flops(lambda x: lax.linalg.lu(x)[0], (n, n)) == 2 * n**3 // 3
    assert flops(lambda x: lax.linalg.qr(x)[1], (n, n)) == 4 * n**3 // 3
    solve = functools.partial(lax.linalg.triangular_solve, left_side=True)
    assert flops(solve, (n, n), (n, 7)) == 7 * n**2
    assert flops(jnp.linalg.solve, (n, n), (n, 7)) == pytest.approx(
        2 * n**3 / 3 + 2 * 7 * n**2, rel=0.01
    )


@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [
        (9, 3, {"window_strides": (1,), "padding": [(1, 1)]}),
        (9, 3, {"window_strides": (2,), "padding": [(0, 4)]}),
        (9, 5, {"window_strides": (1,), "padding": [(7, 2)], "rhs_dilation": (2,)}),
        (9, 4, {"window_strides": (1,), "padding": [(3, 3)], "lhs_dilation": (3,)}),
    ],
)
def test_taps_of_a_convolution(size, kernel, options):
    """As many as a convolution of ones sums up."""
    taps = lax.conv_general_dilated(jnp.ones((1, 1, size)), jnp.ones((1, 1, kernel)), **options)
    counted = flops(
        lambda x, w: lax.conv_general_dilated(x, w, **options), (2, 3, size), (5, 3, kernel)
    )
    assert counted == 2 * 2 * 3 * 5 * int(taps.sum())


def test_groups_of_a_convolution():
    counted = flops(
        lambda x, w: lax.conv_general_dilated(x, w, (1,), "VALID", feature_group_count=2),
        (1, 6, 10),
        (8, 3, 3),
    )
    assert counted == 2 * 3 * 8 * 3 * 8


# -- programs in programs --------------------------------------------------------------------------


def test_a_loop_counts_as_often_as_it_turns():
    def nested(x):
        inner = lambda c, _: (c * 2, None)  # noqa: E731
        return lax.scan(lambda c, _: (lax.scan(inner, c, None, length=3)[0], None), x, None, 5)[0]

    assert flops(nested, (N,)) == 15 * N


def test_the_dearest_branch_counts():
    def part(x):
        return lax.cond(x[0] > 0, lambda x: x + 1, lambda x: jnp.exp(x) * 2, x)

    assert flops(part, (N,)) == 1 + 2 * N


def test_a_program_of_a_platform_is_that_of_ours():
    def part(x):
        return lax.platform_dependent(x, tpu=lambda x: x * 2 + 1, default=jnp.exp)

    assert flops(part, (N,)) == N


@jax.custom_jvp
def own_exp(x):
    return jnp.exp(x)


own_exp.defjvp(lambda x, t: (jnp.exp(x[0]), t[0]))
WRAPPED = {
    "jit": jax.jit(jnp.exp),
    "checkpoint": jax.checkpoint(jnp.exp),
    "vmap": jax.vmap(jnp.exp),
    "custom_jvp": own_exp,
}


@pytest.mark.parametrize("name", WRAPPED)
def test_what_wraps_a_function_is_nothing(name):
    assert flops(WRAPPED[name], (N,)) == N


def test_a_while_loop_is_one_turn_and_says_so():
    def loop(x):
        return lax.while_loop(lambda x: x[0] < 9, lambda x: x * 2, x)

    seen = summary(Chain(Dense(3, 3), Function(loop)), (3,))
    assert seen["layer_2"].cost.flops == 1 + 3
    assert seen["layer_2"].remarks == ("a while loop, counted as one turn",)
    assert seen["layer_1"].remarks == ()


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: jnp.linalg.svd(x, compute_uv=False), "svd"),
        (lambda x: jax.pure_callback(np.exp, x, x), "pure_callback"),
    ],
)
def test_what_nobody_can_count_is_named(function, name):
    assert summary(Function(function), (4, 4)).root.remarks == (f"{name} is not counted",)


class Sharded(Layer):
    def forward(self, x, ps, st):
        mesh = jax.make_mesh((1,), ("data",), (jax.sharding.AxisType.Auto,))
        spec = jax.sharding.PartitionSpec("data")
        return jax.shard_map(jnp.exp, mesh=mesh, in_specs=spec, out_specs=spec)(x), st


def test_a_program_for_each_device():
    assert summary(Sharded(), (N,)).flops == N
