"""Reprs: the constructor call, with functions by the names under which users find them."""

import dataclasses
import enum
import functools
import operator
import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.config import function_name, source


class Shade(enum.Enum):
    DARK = 1

    def __repr__(self):
        return f"Shade.{self.name}"


class Fields(lx.Layer):
    first: int
    second: float = 0.5
    third: object = None
    _: dataclasses.KW_ONLY
    word: str = "x"
    made: int = dataclasses.field(default=3, init=False)
    many: tuple = dataclasses.field(default_factory=tuple)


def test_fields_at_their_default_are_left_out():
    assert repr(Fields(1)) == "Fields(1)"
    assert repr(Fields(1, 0.25)) == "Fields(1, 0.25)"
    assert repr(Fields(1, third="a")) == "Fields(1, third='a')"
    assert repr(Fields(1, 0.25, "a", word="y")) == "Fields(1, 0.25, 'a', word='y')"
    assert repr(Fields(1, many=(1,))) == "Fields(1, many=(1,))"


class More(Fields):
    fourth: int = 4


def test_a_subclass_says_its_positional_fields_before_the_words_of_its_base():
    layer = More(1, 0.25, "a", 5, word="y")
    assert repr(layer) == "More(1, 0.25, 'a', 5, word='y')"
    assert eval(repr(layer)) == layer


def test_equal_values_of_another_type_are_shown():
    assert repr(lx.Dense(1, 1, use_bias=1)) == "Dense(1, 1, use_bias=1)"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (jax.nn.relu, "jax.nn.relu"),
        (jax.nn.swish, "jax.nn.silu"),
        (jnp.tanh, "jax.nn.tanh"),
        (jnp.sin, "jax.numpy.sin"),
        (jnp.add, "jax.numpy.add"),
        (jax.lax.rsqrt, "jax.lax.rsqrt"),
        (jax.scipy.special.erf, "jax.scipy.special.erf"),
        (jnp.linalg.norm, "jax.numpy.linalg.norm"),
        (jax.random.normal, "jax.random.normal"),
        (np.sin, "numpy.sin"),
        (operator.add, "operator.add"),
        (abs, "abs"),
        (jnp.float32, "jax.numpy.float32"),
    ],
)
def test_public_names(function, name):
    assert source(function) == name
    assert eval(name, {"jax": jax, "numpy": np, "operator": operator}) is function


def named_here(x):
    return x


def test_functions_of_users():
    assert source(named_here) == f"{__name__}.named_here"
    in_notebook = types.FunctionType(named_here.__code__, {"__name__": "__main__"}, "activate")
    in_notebook.__qualname__ = "activate"
    assert source(in_notebook) == "activate"


def test_lambdas_say_where_they_stand():
    line = sys._getframe().f_lineno + 1
    assert source(lambda x: x) == f"λ at test_config.py:{line}"


@pytest.mark.parametrize("file", ["/tmp/ipykernel_12/345.py", "<ipython-input-3-ab>"])
def test_lambdas_in_a_cell_read_the_same_on_every_run(file):
    function = eval(compile("lambda x: x", file, "eval"))
    assert source(function) == "λ at cell:1"


def test_partials():
    slope = functools.partial(jax.nn.leaky_relu, negative_slope=0.1)
    assert source(slope) == "functools.partial(jax.nn.leaky_relu, negative_slope=0.1)"
    assert source(functools.partial(pow, 2)) == "functools.partial(pow, 2)"


def test_callable_objects_without_a_name():
    class Scale:
        def __call__(self, x):
            return x

    assert source(Scale()) == "Scale()"
    assert "0x" not in function_name(functools.lru_cache(lambda x: x))


def test_tuples_enums_and_layers():
    value = (jax.nn.relu, (Shade.DARK,), lx.Dense(1, 2))
    assert source(value) == "(jax.nn.relu, (Shade.DARK,), Dense(1, 2))"


def test_initialisers_print_as_users_write_them():
    assert repr(lx.init.kaiming_uniform()) == "init.kaiming_uniform()"
    assert repr(lx.init.normal(0.1)) == "init.normal(0.1)"
    layer = lx.Dense(1, 2, init_bias=lx.init.zeros())
    assert repr(layer) == "Dense(1, 2, init_bias=init.zeros())"


def test_a_bad_repr_does_not_raise():
    class Bad:
        def __repr__(self):
            raise RuntimeError("no")

    assert repr(Fields(1, third=Bad())) == "Fields(1, third=<Bad: repr failed>)"
