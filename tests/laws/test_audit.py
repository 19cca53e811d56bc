"""Law: what luxnb asks of users' layers its own keep. One specimen a class, because each takes
a second or two."""

import pytest

import luxnb as lx
from tests.laws.specimens import SPECIMENS

FIRST = {type(specimen.layer): specimen for specimen in reversed(SPECIMENS)}


@pytest.mark.parametrize("one", FIRST.values(), ids=lambda s: s.name.replace(" ", "-"))
def test_it_passes_its_audit(one):
    audit = lx.check(one.layer, one.x)
    assert audit.ok, str(audit)
