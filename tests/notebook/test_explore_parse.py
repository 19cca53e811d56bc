"""What may be typed into the explorer: what a view shows means what it says, and nothing is run."""

import functools
import math
import operator
import os
import re

import hypothesis.strategies as some
import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings

import luxnb as lx
from luxnb.core.config import source
from luxnb.display.config import brief
from luxnb.notebook.explore.names import layer_classes, names_for
from luxnb.notebook.explore.parse import read
from tests.laws.specimens import SPECIMENS
from tests.laws.table import own

NAMES = names_for(lx.Identity())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("256", 256),
        (" -3 ", -3),
        ("+3", 3),
        ("0.2", 0.2),
        ("1e-5", 1e-5),
        ("-inf", -math.inf),
        ("True", True),
        ("None", None),
        ("'SAME'", "SAME"),
        ("(3, 3)", (3, 3)),
        ("[3, (1, None)]", (3, (1, None))),
        ("()", ()),
        ("range(2, -2, -1)", range(2, -2, -1)),
        ("relu", jax.nn.relu),
        ("jax.nn.gelu", jax.nn.gelu),
        ("tanh", jax.nn.tanh),
        ("jnp.sin", jnp.sin),
        ("jax.numpy.sin", jnp.sin),
        ("identity", lx.activations.identity),
        ("activations.gelu_erf", lx.activations.gelu_erf),
        ("add", operator.add),
        ("operator.mul", operator.mul),
        ("jnp.bfloat16", jnp.bfloat16),
        ("celu(0.5)", lx.activations.celu(0.5)),
        ("lx.activations.celu(0.5)", lx.activations.celu(0.5)),
        ("init.normal(0.1)", lx.init.normal(0.1)),
        ("lx.init.zeros()", lx.init.zeros()),
        ("normal(0.1)", lx.init.normal(0.1)),
        ("basis.Fourier(4)", lx.basis.Fourier(4)),
        ("Mode.TEST", lx.Mode.TEST),
        ("Dense(64, 32, relu)", lx.Dense(64, 32, jax.nn.relu)),
        ("lx.Dense(64 => 32, use_bias=False)", lx.Dense(64, 32, use_bias=False)),
        ("Chain(Dense(2, 3), tanh)", lx.Chain(lx.Dense(2, 3), jax.nn.tanh)),
        ("Chain(a=Dense(2, 3))", lx.Chain(a=lx.Dense(2, 3))),
    ],
)
def test_what_is_read(text, value):
    found = read(text, NAMES)
    assert found == value and type(found) is type(value)


def test_a_function_with_arguments():
    found = read("functools.partial(softmax, axis=0)", NAMES)
    assert isinstance(found, functools.partial)
    assert (found.func, found.args, found.keywords) == (jax.nn.softmax, (), {"axis": 0})


def test_all_layers_of_the_front_door_are_known():
    public = {
        name: value
        for name, value in vars(lx).items()
        if isinstance(value, type) and issubclass(value, lx.Layer) and value is not lx.Layer
    }
    assert layer_classes() == public


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.name)
def test_the_repr_of_a_layer_is_read_back(specimen):
    names = names_for(specimen.layer)
    assert read(repr(specimen.layer), names) == specimen.layer


def test_what_the_model_has_of_its_users_own_can_be_typed():
    def swiglu(x):
        return x

    model = lx.Chain(own.Weighted(3), own.Gate(lx.Dense(3, 4)), swiglu, lambda x: x)
    names = names_for(model)
    assert read("Weighted(7)", names) == own.Weighted(7)
    assert read("Gate(Dense(3, 4), 5)", names) == own.Gate(lx.Dense(3, 4), 5)
    function, anonymous = model[2].function, model[3].function
    for text in (source(function), brief(function)):
        assert read(text, names) is function
    assert read(source(anonymous), names) is anonymous
    with pytest.raises(ValueError, match="Weighted is not a name that is known here"):
        read("Weighted(7)", NAMES)


def test_two_lambdas_of_one_line_are_not_confused():
    model = lx.Chain(lambda x: x + 1, lambda x: x + 2)
    with pytest.raises(ValueError, match="is no Python"):
        read(source(model[0].function), names_for(model))


REFUSED = [
    ("", "nothing is written here"),
    ("Dens(3, 3)", "Dens is not a name that is known here; did you mean 'Dense'?"),
    ("jax.nn.rel", "jax.nn.rel is not a name that is known here; did you mean 'jax.nn.relu'?"),
    ("zzzzzz", "zzzzzz is not a name that is known here: only values, known names and calls"),
    ("Dense", "Dense makes something when it is called: write Dense(…)"),
    ("Dense(3)", "Dense(…): Dense.__init__() missing 1 required positional argument: 'out_dims'"),
    ("Dense(3, -1)", "Dense(…): Dense.out_dims must be a positive integer, got -1"),
    ("relu(3)", "relu is not called here: only values, known names"),
    ("-relu", "a sign goes before a number, not before"),
    ("-'a'", "a sign goes before a number, not before 'a'"),
    ("Dense(*(3, 3))", "stars are not read"),
    ("Dense(**3)", "stars are not read"),
    ("Maxout(relu, 3)", "Maxout(…): write the layers themselves: Maxout(Dense(4, 2), Dense(4, 2))"),
    ("3 +", "3 + is no Python: invalid syntax"),
    ("'\\x41'", "a backslash is not read"),
    ("10" * 20, "a number above 1,000,000,000,000 is not read"),
    ("3j", "3j is not read"),
    ("b'a'", "b'a' is not read"),
    ("...", "Ellipsis is not read"),
    ("range(10)[0]", "range(10)[0] is not read"),
    ("range(0, 1000000000)", "range(…): range(0, 1000000000) is too long: at most 100,000 places"),
    ("(" * 300, "is no Python: too many nested parentheses"),
    ("1" + "," * 5000, "this is 5,001 characters long: at most 4,000 are read"),
    ("Chain(" * 30 + "relu" + ")" * 30, "more than 24 calls in one another are not read"),
]

HOSTILE = [
    "__import__('os').system('touch {}')",
    "().__class__.__base__.__subclasses__()",
    "Dense.__init__.__globals__",
    "jax.nn.relu.__class__",
    "relu.__call__",
    "lx.notebook.find.sys.modules",
    "jax.config.update('jax_enable_x64', True)",
    "jnp.save('{}', 3)",
    "partial(jnp.save, '{}')",
    "Function(jnp.save)",
    "jnp.load",
    "operator.methodcaller('system')",
    "operator.attrgetter('x')",
    "open('{}', 'w')",
    "eval('1')",
    "exec('1')",
    "[open('{}', 'w') for x in (1, 2)]",
    "(lambda: open('{}', 'w'))()",
    "f'{{open(1)}}'",
    "(x := open('{}', 'w'))",
    "'a' * 10**9",
    "10**10**10",
    "1 if open('{}', 'w') else 2",
    "not open('{}', 'w')",
    "{{1: 2}}",
    "{{open('{}', 'w')}}",
    "await open('{}', 'w')",
    "x[open('{}', 'w')]",
    "-" * 1500 + "1",
    "[" * 150 + "]" * 150,
    "import os",
    "1; import os",
    "Dense(2, 3)(open('{}', 'w'))",
    "replace.__globals__",
    "\x00",
    "ᴅense(2, 3)",
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_refused_and_why(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read(text, NAMES)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_refused_and_does_nothing(text, tmp_path):
    file = tmp_path / "made"
    with pytest.raises(ValueError, match=r"not read|no Python|not a name|not called|more than"):
        read(text.replace("{{", "{").replace("}}", "}").replace("{}", str(file)), NAMES)
    assert os.listdir(tmp_path) == []


@settings(max_examples=300, deadline=None)
@given(some.text(max_size=60) | some.text("()[]{},.:=+-*'\"ab1 _\n#", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        read(text, NAMES)
    except ValueError as error:
        assert len(str(error)) < 500
