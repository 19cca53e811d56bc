"""The examples in the docstrings run, and say what comes out."""

import doctest
import inspect
import types

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx

NAMES = {"jax": jax, "jnp": jnp, "np": np, "optax": optax, "lx": lx, **vars(lx)}


def public(module, above=""):
    """Every public class and function by its name, also in the public modules."""
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        if isinstance(value, types.ModuleType):
            if value.__name__.startswith("luxnb.") and hasattr(value, "__file__") and not above:
                yield from public(value, f"{name}.")
        elif callable(value) and (value.__module__ or "").startswith("luxnb."):
            yield above + name, value


def lives_in(module, shelf):
    """Whether something of that module belongs to the shelf, a module or a package."""
    return f"{module}.".startswith(f"{shelf}.")


PUBLIC = {
    name: value
    for name, value in public(lx)
    if "." not in name or lives_in(value.__module__, vars(lx)[name.split(".")[0]].__name__)
}
LAYERS = {
    name: value
    for name, value in PUBLIC.items()
    if isinstance(value, type) and issubclass(value, lx.Layer) and value is not lx.Layer
}


def examples(value, name):
    """The doctests of a function, or of a class and its own methods."""
    beside = vars(vars(lx)[name.split(".")[0]]) if "." in name else {}
    finder = doctest.DocTestFinder(exclude_empty=True)
    return finder.find(value, name, module=inspect.getmodule(value), globs={**beside, **NAMES})


def test_there_is_something_to_document():
    assert {"Layer", "Tree", "Dense", "replace", "losses.mse", "init.normal"} <= PUBLIC.keys()


@pytest.mark.parametrize("name", PUBLIC)
def test_it_has_a_docstring(name):
    doc = PUBLIC[name].__doc__
    assert doc and doc.strip(), f"{name} has no docstring"
    assert not doc.startswith(f"{name}("), f"{name} has the docstring that dataclass makes"


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_an_example_and_names_its_parameters_and_state(name):
    doc = inspect.getdoc(LAYERS[name])
    assert ">>>" in doc, f"{name} has no example"
    assert "Parameters" in doc and "tate:" in doc, f"{name} does not say what it holds"


@pytest.mark.parametrize("name", PUBLIC)
def test_examples(name):
    check(examples(PUBLIC[name], name))


def test_examples_of_the_front_door():
    parser = doctest.DocTestParser()
    check([parser.get_doctest(lx.__doc__, dict(NAMES), "luxnb", lx.__file__, 0)])


def check(tests):
    for test in tests:
        told = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(test, out=told.append)
        assert not runner.failures, "".join(told)


def test_a_wrong_example_is_found():
    def wrong():
        """
        >>> 1 + 1
        3
        """

    with pytest.raises(AssertionError, match="Expected"):
        check(examples(wrong, "wrong"))
