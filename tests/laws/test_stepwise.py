"""Law: a model that runs step by step, in full sight, gives the same numbers, all finite."""

import luxnb as lx
from tests.laws.specimen import compiled
from tests.same import assert_close


def test_debug_changes_nothing(specimen):
    ps, st = specimen.made
    lines = []
    result = lx.debug(specimen.layer, out=lines.append)(specimen.x, ps, st)
    assert_close(result, compiled(specimen.layer, specimen.x, ps, st))
    assert lines[0].startswith("forward")
    assert lines[1].startswith(type(specimen.layer).__name__)


def test_all_is_finite(specimen):
    assert lx.locate_nonfinite(specimen.layer, specimen.x, *specimen.made) is None
