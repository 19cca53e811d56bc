"""The Python that builds a model: it runs, makes an equal model, and is set as one would."""

import functools
import math
import operator
import shutil
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.notebook.explore.code import code_for, code_of
from luxnb.notebook.explore.names import names_for
from luxnb.notebook.explore.parse import read
from tests.laws.specimens import SPECIMENS
from tests.laws.table import own

BLOCK = lx.SkipConnection(
    lx.Chain(lx.LayerNorm(768), lx.Dense(768, 3072, jax.nn.gelu), lx.Dense(3072, 768))
)
MODELS = {
    **{specimen.name: specimen.layer for specimen in SPECIMENS},
    "blocks": lx.Chain(embed=lx.Dense(3, 768), body=lx.Chain(*[BLOCK] * 12)),
    "names": lx.Chain(**{"class": lx.Dense(2, 3), "a b": lx.Dense(3, 4), "ﬁ": jnp.sin}),
    "partly named": lx.Chain(lx.Dense(2, 3), jnp.sin, head=lx.Dense(3, 1)),
    "not from one": lx.Chain(lx.Dense(2, 3), lx.Dense(3, 4), lx.Dense(4, 5))[1:],
    "long": lx.Chain(lx.Chain(*[lx.Dense(i, i + 1, jax.nn.relu) for i in range(1, 9)])),
    "nested blocks": lx.Chain(lx.Chain(BLOCK, BLOCK, jnp.sin), lx.Chain(BLOCK, BLOCK, jnp.sin)),
    "shared head": lx.Branch(BLOCK, BLOCK, fusion=BLOCK.layer),
    "functions": lx.Chain(
        np.sin, operator.neg, abs, lx.activations.celu(0.5), jax.lax.stop_gradient
    ),
    "infinite": lx.Chain(own.Gate(lx.Identity(), -math.inf), own.Gate(lx.Identity(), math.inf)),
    "large": lx.Spline((), -1e30, 1e30, 3),
    "quotes": lx.Chain(lx.Frozen(lx.Chain(**{'say "it"': lx.Dense(2, 3)}), ('say "it"',))),
    "compact": own.compacted,
}


def made(code: str):
    names: dict = {}
    exec(code, names)
    return names["model"]


@pytest.mark.parametrize("name", MODELS)
def test_the_code_makes_an_equal_model(name):
    code = code_of(MODELS[name])
    assert made(code) == MODELS[name]
    assert max(map(len, code.splitlines())) <= 100
    assert "0x" not in code


def test_it_is_set_as_a_formatter_would_set_it():
    ruff = shutil.which("ruff") or f"{sys.prefix}/bin/ruff"
    for name, model in MODELS.items():
        command = [ruff, "format", "--isolated", "--line-length=100", "-"]
        command += ["--config", "format.skip-magic-trailing-comma=true"]
        code = code_of(model)
        result = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
        assert code == result.stdout, name


def test_how_it_looks():
    model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), jnp.sin, lx.Dense(128, 10))
    assert code_of(model) == (
        "import jax\n"
        "import jax.numpy as jnp\n"
        "import luxnb as lx\n"
        "\n"
        "model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), jnp.sin, "
        "lx.Dense(128, 10))\n"
    )
    assert code_of(MODELS["blocks"]) == (
        "import jax\n"
        "import luxnb as lx\n"
        "\n"
        "block = lx.SkipConnection(\n"
        "    lx.Chain(lx.LayerNorm(768), lx.Dense(768, 3072, jax.nn.gelu), lx.Dense(3072, 768))\n"
        ")\n"
        "model = lx.Chain(embed=lx.Dense(3, 768), body=lx.Chain(*[block] * 12))\n"
    )
    assert code_of(lx.Chain(*[lx.Dense(3, 3)] * 4)).endswith(
        "model = lx.Chain(*[lx.Dense(3, 3)] * 4)\n"
    )


def test_what_cannot_be_imported_is_named():
    class Mine(lx.Layer):
        dims: int

    def gate(x):
        return x

    model = lx.Chain(Mine(3), gate, lambda x: 2 * x, lambda x: 3 * x)
    code = code_of(model)
    lines = code.splitlines()
    assert lines[:2] == ["import luxnb as lx", ""]
    assert lines[2].startswith("# Define Mine first: it is the layer Mine of your own, in tests.")
    assert lines[3].startswith("# Define gate first: it is a function of your own, in tests.")
    assert lines[4].startswith("# Define function first: it is λ at test_explore_code.py:")
    assert lines[-1] == "model = lx.Chain(Mine(3), gate, function, function_2)"
    first, second = model[2].function, model[3].function
    names = {"Mine": Mine, "gate": gate, "function": first, "function_2": second}
    exec(code, names)
    assert names["model"] == model


def test_a_function_with_arguments():
    """It equals nothing but itself, so only what it is made of can be compared."""
    code = code_of(lx.Chain(functools.partial(jax.nn.softmax, axis=0)))
    assert code.startswith("import functools\n\nimport jax\n")
    function = made(code)[0].function
    assert (function.func, function.keywords) == (jax.nn.softmax, {"axis": 0})


def test_two_classes_of_one_name_are_told_apart():
    def other():
        class Counter(lx.Layer):
            pass

        return Counter()

    from tests.laws.table.own import Counter

    code = code_of(lx.Chain(Counter(), other()))
    assert "from tests.laws.table.own import Counter" in code
    assert "model = lx.Chain(Counter(), Counter_2())" in code


@pytest.mark.parametrize("name", MODELS)
def test_the_expression_alone_is_one_line_that_can_be_typed(name):
    if name in ("names", "quotes"):
        return  # names that no keyword can have
    text = code_for(MODELS[name])
    assert "\n" not in text
    assert read(text, names_for(MODELS[name])) == MODELS[name]
