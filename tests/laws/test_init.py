"""Law: every array's key comes from its path of names, not from its place in an order."""

import jax
import numpy as np

import luxnb as lx
from luxnb.core.spec import is_key
from tests.same import assert_same, bits


def test_neighbours_leave_the_arrays_as_they_were(specimen):
    alone = lx.Chain(it=specimen.layer).init(0)
    among = lx.Chain(before=lx.Dense(2, 2), it=specimen.layer, after=lx.Dropout()).init(0)
    for one, other in zip(alone, among, strict=True):
        assert_same(one.it, other.it)


def random_leaves(trees):
    """The arrays that differ between two seeds."""
    for one, other in zip(*map(jax.tree.leaves, trees), strict=True):
        data = jax.random.key_data if is_key(one) else np.asarray
        yield not np.array_equal(data(one), data(other))


def test_another_seed_or_name_gives_other_arrays(specimen):
    seeds = specimen.layer.init(0), specimen.layer.init(1)
    names = lx.Chain(a=specimen.layer, b=specimen.layer).init(0)
    by_seed = list(random_leaves(seeds))
    by_name = list(random_leaves([(names[0].a, names[1].a), (names[0].b, names[1].b)]))
    assert by_seed == by_name
    assert any(by_seed) == draws(specimen)


def draws(specimen) -> bool:
    """Whether init is random: a layer with a weight is, or with a key, unless the table says."""
    if specimen.draws is not None:
        return specimen.draws
    return "'weight" in str(specimen.params) or "'key'" in str(specimen.state)


def test_a_key_from_every_kind_of_seed(specimen):
    for seed in (np.int32(0), np.array(0), jax.random.PRNGKey(0)):
        assert bits(specimen.layer.init(seed)) == bits(specimen.made)
