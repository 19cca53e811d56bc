"""Law: the repr of a layer is the call that makes it, and no view of it ever raises."""

import html
import operator
import re

import jax
import jax.numpy

import luxnb as lx
from luxnb.core.spec import is_key, short
from tests.laws.table import own

NAMES = {**vars(lx), **vars(own), "jax": jax, "operator": operator}


def test_the_repr_makes_an_equal_layer(specimen):
    assert eval(repr(specimen.layer), dict(NAMES)) == specimen.layer


def test_the_repr_has_no_address(specimen):
    assert not re.search(r"0x[0-9a-f]{6}|object at", repr(specimen.layer))


def test_views_of_layers_and_trees(specimen):
    for value in (specimen.layer, *specimen.made):
        assert str(value)
        bundle = value._repr_mimebundle_()
        assert bundle.keys() == {"text/plain", "text/html"}
        assert all(isinstance(text, str) and text for text in bundle.values())
        assert "(no view:" not in bundle["text/plain"]


def test_views_hold_the_name_and_the_shapes(specimen):
    ps, st = specimen.made
    for text in lx.view(specimen.layer, ps, st)._repr_mimebundle_().values():
        said = plain_words(text)
        assert type(specimen.layer).__name__ in said
        for path, value in jax.tree_util.tree_leaves_with_path((ps, st)):
            name = path[-1].name
            assert name in said or is_key(value), name
            assert short(value) in said or is_key(value), short(value)


def plain_words(text: str) -> str:
    """The text without tags and entities."""
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


def test_views_of_tracers(specimen):
    """Views read shapes only, so they work on what has no values yet."""

    @jax.jit
    def look(ps, st):
        return [len(str(tree)) + len(repr(tree)) for tree in (ps, st)]

    assert all(int(length) > 0 for length in look(*specimen.made))
