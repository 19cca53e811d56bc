"""Law: a layer is a value. Equal fields, equal layer, equal hash; it has no leaves."""

import dataclasses
import itertools
import pickle

import jax
import pytest

from tests.laws.specimens import SPECIMENS


def test_equal_fields_make_equal_layers(specimen):
    other = pickle.loads(pickle.dumps(specimen.layer))
    assert other is not specimen.layer
    assert other == specimen.layer
    assert hash(other) == hash(specimen.layer)


def test_different_specimens_are_different_layers():
    for one, other in itertools.combinations({s.name: s.layer for s in SPECIMENS}.items(), 2):
        if {one[0], other[0]} <= {"dense", "dense no batch", "dense two batch axes"}:
            continue  # one layer, given several inputs
        assert one[1] != other[1], (one, other)


def test_a_layer_is_a_pytree_without_leaves(specimen):
    assert jax.tree.leaves(specimen.layer) == []
    assert jax.tree.map(lambda v: v, {"model": specimen.layer})["model"] == specimen.layer


def test_fields_cannot_be_set_or_deleted(specimen):
    for name in [f.name for f in dataclasses.fields(specimen.layer)] + ["other"]:
        with pytest.raises(TypeError, match=f"is a value and cannot set '{name}'"):
            setattr(specimen.layer, name, 1)
        with pytest.raises((AttributeError, TypeError)):
            delattr(specimen.layer, name)
