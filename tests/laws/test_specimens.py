"""The table is complete: no layer of luxnb escapes the laws."""

import luxnb as lx
from tests.laws.specimens import SPECIMENS


def test_every_exported_layer_is_a_specimen():
    exported = {
        value
        for value in vars(lx).values()
        if isinstance(value, type) and issubclass(value, lx.Layer) and value is not lx.Layer
    }
    assert exported >= {lx.Dense, lx.Chain}
    missing = exported - {type(specimen.layer) for specimen in SPECIMENS}
    assert not missing, f"add to tests/laws/table: {sorted(c.__name__ for c in missing)}"


def test_names_are_unique():
    names = [specimen.name for specimen in SPECIMENS]
    assert len(set(names)) == len(names)
