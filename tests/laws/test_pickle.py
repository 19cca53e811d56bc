"""Law: layers, parameters and state survive pickling and copying."""

import copy
import pickle

from tests.laws.specimen import compiled
from tests.same import assert_same


def test_layers(specimen):
    other = pickle.loads(pickle.dumps(specimen.layer))
    assert type(other) is type(specimen.layer)
    assert other == specimen.layer
    assert repr(other) == repr(specimen.layer)
    expected = compiled(specimen.layer, specimen.x, *specimen.made)
    assert_same(compiled(other, specimen.x, *specimen.made), expected)


def test_trees(specimen):
    for tree in specimen.made:
        assert_same(pickle.loads(pickle.dumps(tree)), tree)
        assert_same(copy.deepcopy(tree), tree)


def test_a_copy_of_a_value_is_the_value(specimen):
    assert copy.copy(specimen.layer) is specimen.layer
    assert copy.deepcopy(specimen.layer) is specimen.layer
