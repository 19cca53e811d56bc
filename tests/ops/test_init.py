"""Initialisers as values: equality, dtypes, shapes, and the parameters that they refuse."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.ops import init

KEY = jax.random.key(0)
ALL = [
    init.zeros(),
    init.ones(),
    init.constant(-2.5),
    init.identity(2.0, shift=(1, 0)),
    init.uniform(0.5, 1.0),
    init.normal(0.1, mean=-1.0),
    init.truncated_normal(0.1, low=-1.0),
    init.kaiming_uniform(1.0),
    init.kaiming_normal(1.0),
    init.glorot_uniform(2.0),
    init.glorot_normal(2.0),
    init.fan_in_uniform(),
    init.orthogonal(2.0),
    init.sparse(0.5, 1.0),
]
DTYPES = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]


def with_dtype(initialiser, dtype):
    """The same in another dtype."""
    words = repr(initialiser).removesuffix(")")
    comma = "" if words.endswith("(") else ", "
    return eval(f"{words}{comma}dtype=dtype)", {"init": init, "dtype": dtype})


def test_none_is_missing_here():
    assert {type(i).__name__ for i in ALL} | {"fan_in", "fan_out"} == {
        name for name, value in vars(init).items() if callable(value)
    }


@pytest.mark.parametrize("initialiser", ALL, ids=repr)
def test_they_are_values_that_draw_float32(initialiser):
    drawn = initialiser(KEY, (4, 5))
    assert drawn.shape == (4, 5) and drawn.dtype == jnp.float32
    np.testing.assert_array_equal(drawn, initialiser(KEY, (4, 5)))
    np.testing.assert_array_equal(drawn, initialiser(KEY, [4, 5]))
    assert eval(repr(initialiser), {"init": init}) == initialiser
    assert initialiser != with_dtype(initialiser, "float16")
    with jax.enable_x64(True):
        np.testing.assert_array_equal(initialiser(KEY, (4, 5)), drawn)
    with pytest.raises(AttributeError):
        initialiser.gain = 3


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_dtype_by_name_or_as_such(dtype):
    value = init.normal(0.1, dtype=dtype)
    assert init.normal(0.1, dtype=jnp.dtype(dtype)) == value
    assert init.normal(0.1, dtype=getattr(jnp, dtype)) == value
    assert value.dtype == dtype


@pytest.mark.parametrize("dtype", ["float64", "complex64", "complex128"])
@pytest.mark.parametrize("initialiser", ALL, ids=repr)
def test_dtypes(initialiser, dtype):
    value = with_dtype(initialiser, dtype)
    for other in (
        eval(repr(value), {"init": init}),
        pickle.loads(pickle.dumps(value)),
        copy.deepcopy(value),
    ):
        assert other == value and hash(other) == hash(value) and repr(other) == repr(value)
    assert repr(value).endswith(f"dtype='{dtype}')")
    with jax.enable_x64(True):
        drawn = jax.eval_shape(lambda key: value(key, (4, 5)), KEY)
    assert drawn.shape == (4, 5) and str(drawn.dtype) == dtype


@pytest.mark.parametrize("initialiser", ALL, ids=repr)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_single_precision_rounded(initialiser, dtype):
    expected = initialiser(KEY, (3, 2, 4)) if _any_rank(initialiser) else initialiser(KEY, (6, 4))
    drawn = with_dtype(initialiser, dtype)(KEY, expected.shape)
    np.testing.assert_array_equal(drawn, expected.astype(dtype))


def _any_rank(initialiser):
    return not isinstance(initialiser, init.identity)


def test_64_bits_where_jax_has_none():
    with pytest.raises(
        ValueError,
        match=r"init\.normal\(dtype='float64'\) needs 64 bits: "
        r'call jax\.config\.update\("jax_enable_x64", True\) first',
    ):
        init.normal(dtype=jnp.float64)(KEY, (3,))
    with pytest.raises(ValueError, match="needs 64 bits"):
        init.zeros(dtype="complex128")(KEY, (3,))


def test_in_a_layer():
    layer = lx.Dense(4, 4, init_weight=init.orthogonal(dtype=jnp.bfloat16), init_bias=init.ones())
    assert repr(layer) == (
        "Dense(4, 4, init_weight=init.orthogonal(dtype='bfloat16'), init_bias=init.ones())"
    )
    ps, _ = layer.init(0)
    assert (ps.weight.dtype, ps.bias.dtype) == (jnp.bfloat16, jnp.float32)
    assert str(layer).startswith(
        "Dense(4 => 4, init_weight=orthogonal(dtype='bfloat16'), init_bias=ones())"
    )


def test_the_fans():
    shapes = {(64, 10): (64, 10), (3, 3, 8, 200): (72, 1800), (5,): (1, 5), (): (1, 1)}
    for shape, fans in shapes.items():
        assert (init.fan_in(shape), init.fan_out(shape)) == fans


def test_no_inputs_at_all():
    """A weight of fan-in 0 has no elements, and no division by zero."""
    for initialiser in ALL:
        if _any_rank(initialiser):
            assert initialiser(KEY, (0, 3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: init.constant("1"),
            r"constant\.value must be a finite number that float32 can hold, got '1'",
        ),
        (
            lambda: init.constant(1j),
            r"constant\.value must be a finite number that float32 can hold, got 1j",
        ),
        (lambda: init.identity(None), r"identity\.gain must be a finite number, got None"),
        (
            lambda: init.identity(shift=0.5),
            r"identity\.shift must be an integer or a tuple of them, got 0\.5",
        ),
        (
            lambda: init.identity(shift=(0, True)),
            r"identity\.shift must be an integer or a tuple of them, got \(0, True\)",
        ),
        (lambda: init.uniform(-1), r"uniform\.limit must be a finite number ≥ 0, got -1"),
        (lambda: init.uniform(1, 1j), r"uniform\.mean must be a finite number, got 1j"),
        (lambda: init.normal(-0.1), r"normal\.std must be a finite number ≥ 0, got -0\.1"),
        (
            lambda: init.normal(KEY, (2, 3)),
            r"normal\.std must be a finite number ≥ 0, got key\[\]; make it first, then call it: "
            r"init\.normal\(\)\(…\)",
        ),
        (lambda: init.normal(mean=np.nan), r"normal\.mean must be a finite number, got nan"),
        (
            lambda: init.truncated_normal(low=1.0, high=1.0),
            r"truncated_normal\.high must be a finite number > low = 1\.0, got 1\.0",
        ),
        (
            lambda: init.truncated_normal(-1),
            r"truncated_normal\.std must be a finite number ≥ 0, got -1",
        ),
        (
            lambda: init.truncated_normal(low=-np.inf),
            r"truncated_normal\.low must be a finite number, got -inf",
        ),
        (lambda: init.kaiming_uniform(-1), r"kaiming_uniform\.gain must be a finite number ≥ 0.*"),
        (lambda: init.kaiming_normal(-1), r"kaiming_normal\.gain must be a finite number ≥ 0.*"),
        (lambda: init.glorot_uniform(-1), r"glorot_uniform\.gain must be a finite number ≥ 0.*"),
        (lambda: init.glorot_normal(-1), r"glorot_normal\.gain must be a finite number ≥ 0.*"),
        (lambda: init.orthogonal(True), r"orthogonal\.gain must be a finite number, got True"),
        (
            lambda: init.sparse(1.5),
            r"sparse\.sparsity must be a finite number in \[0, 1\], got 1\.5",
        ),
        (lambda: init.sparse(0.5, -1), r"sparse\.std must be a finite number ≥ 0, got -1"),
        (
            lambda: init.ones(dtype=jnp.int32),
            r"ones\.dtype must be one of float16, bfloat16, float32, float64, complex64, "
            r"complex128, got 'int32'",
        ),
        (lambda: init.ones(dtype=None), r"ones\.dtype must be one of .*, got None"),
        (lambda: init.ones(dtype="real"), r"ones\.dtype must be one of .*, got 'real'"),
        (lambda: init.ones(dtype=3), r"ones\.dtype must be one of .*, got 3"),
    ],
)
def test_parameters(make, message):
    with pytest.raises(ValueError, match=rf"^init\.{message}$"):
        make()


@pytest.mark.parametrize("initialiser", [init.orthogonal(), init.sparse(0.5)], ids=repr)
def test_matrices_only(initialiser):
    with pytest.raises(ValueError, match=r"init\..*\) needs a shape \(…, in, out\), got \(3,\)"):
        initialiser(KEY, (3,))


def test_a_shift_of_other_axes():
    with pytest.raises(
        ValueError, match=r"init\.identity\(shift=\(1, 0\)\) shifts 2 axes, got the shape"
    ):
        init.identity(shift=(1, 0))(KEY, (3, 2, 2))
