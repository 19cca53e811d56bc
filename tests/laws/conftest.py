"""Every law that asks for a `specimen` is held over all of them."""

from tests.laws.specimens import SPECIMENS


def pytest_generate_tests(metafunc):
    if "specimen" in metafunc.fixturenames:
        metafunc.parametrize("specimen", SPECIMENS, ids=lambda s: s.name.replace(" ", "-"))
