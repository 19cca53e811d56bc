"""All specimens: a new layer adds its lines to its family's table and is held to every law."""

import importlib
import pkgutil

from tests.laws import table

FAMILIES = [module.name for module in pkgutil.iter_modules(table.__path__)]

SPECIMENS = [
    specimen
    for family in FAMILIES
    for specimen in importlib.import_module(f"tests.laws.table.{family}").SPECIMENS
]
