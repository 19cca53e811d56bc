"""Law: parameters and state have the names, order and shapes that the docstring says."""

import jax

import luxnb as lx
from luxnb.core.spec import is_key


def shapes(value):
    if isinstance(value, lx.Tree):
        return {name: shapes(inner) for name, inner in value.items()}
    if isinstance(value, lx.Mode):
        return value
    return "key" if is_key(value) else value.shape


def paths(nested, above=""):
    """The dotted path of every array in a dict of shapes."""
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from paths(value, f"{above}.{name}")
        elif not isinstance(value, lx.Mode):
            yield f"{above}.{name}"


def test_names_and_shapes(specimen):
    ps, st = specimen.made
    assert shapes(ps) == specimen.params
    assert shapes(st) == specimen.state


def test_pytree_paths_are_the_names(specimen):
    for tree, expected in zip(specimen.made, (specimen.params, specimen.state), strict=True):
        found = [jax.tree_util.keystr(p) for p, _ in jax.tree_util.tree_leaves_with_path(tree)]
        assert found == list(paths(expected))


def test_shapes_cost_nothing(specimen):
    ps, st = jax.eval_shape(specimen.layer.init, jax.random.key(0))
    assert shapes(ps) == specimen.params
    assert shapes(st) == specimen.state


def test_children_come_in_order_and_have_entries(specimen):
    ps, st = specimen.made
    for name in specimen.layer.children():
        assert isinstance(ps[name], lx.Tree)
        assert isinstance(st[name], lx.Tree)
    children = list(specimen.layer.children())
    assert [name for name in ps if name in children] == children
