"""The house's rule, read from the imports: nobody looks up, and only one room knows Jupyter."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import luxnb

PACKAGE = Path(luxnb.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

ROOMS = {
    "core": {"core"},
    "ops": {"core", "ops"},
    "layers": {"core", "ops", "layers"},
    "inspect": {"core", "inspect"},
    "display": {"core", "inspect", "display"},
    "train": {"core", "train"},
    "notebook": {"core", "ops", "layers", "inspect", "display", "train", "notebook"},
}
ROOMS["cli"] = ROOMS["notebook"] | {"cli"}
ROOMS["__init__"] = ROOMS["cli"]  # the front door

JUPYTER = {"IPython", "ipykernel", "ipywidgets", "anywidget", "comm", "traitlets"}
ONLY_IN = dict.fromkeys(JUPYTER, ("notebook/",)) | {"optax": ("ops/losses/", "train/")}


def place(file: Path) -> str:
    """The path inside the package, `layers/dense.py`."""
    return file.relative_to(PACKAGE).as_posix()


def room(where: str) -> str:
    return where.split("/")[0].removesuffix(".py")


def imports(source: str):
    """The module of every import, wherever it stands, also those made by a call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.ImportFrom) and node.module == "luxnb":
            yield from (f"luxnb.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Call) and node.args:
            function, argument = node.func, node.args[0]
            name = getattr(function, "attr", None) or getattr(function, "id", None)
            if name in ("import_module", "__import__") and isinstance(argument, ast.Constant):
                yield argument.value


def violations(where: str, source: str):
    """What a file imports against the rule."""
    for module in imports(source):
        if module.startswith("."):
            yield f"{where} imports {module}: absolute imports only"
        first, *rest = module.split(".")
        if first == "luxnb" and (not rest or rest[0] not in ROOMS[room(where)]):
            yield f"{where} imports {module}: {room(where)} may know {sorted(ROOMS[room(where)])}"
        if first in ONLY_IN and not where.startswith(ONLY_IN[first]):
            yield f"{where} imports {module}: only {' and '.join(ONLY_IN[first])} may"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield f"{where} imports *"


@pytest.mark.parametrize("file", FILES, ids=place)
def test_imports_go_down(file):
    assert room(place(file)) in ROOMS, f"a new room: say here what {place(file)} may know"
    assert list(violations(place(file), file.read_text())) == []


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("core/tree.py", "from luxnb.layers.dense import Dense"),
        ("core/tree.py", "import luxnb"),
        ("core/tree.py", "def f():\n    from luxnb import display"),
        ("ops/conv.py", "import luxnb.layers.conv as c"),
        ("layers/conv.py", "from .dense import Dense"),
        ("layers/conv.py", "from luxnb.layers.dense import *"),
        ("inspect/walk.py", "from luxnb.layers.chain import Chain"),
        ("display/tree.py", "import importlib\nimportlib.import_module('IPython.display')"),
        ("train/run.py", "from luxnb.display.tree import draw"),
        ("train/run.py", "try:\n    import ipywidgets\nexcept ImportError:\n    pass"),
        ("cli.py", "import IPython"),
        ("core/layer.py", "import optax"),
        ("ops/init.py", "from optax import sgd"),
    ],
)
def test_a_planted_violation_is_found(where, source):
    assert list(violations(where, source))


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("train/run.py", "import optax\nfrom luxnb.core.tree import Tree"),
        ("ops/losses/numbers.py", "import optax"),
        ("notebook/live.py", "import anywidget\nfrom luxnb.train.run import Run"),
        ("__init__.py", "from luxnb import train"),
    ],
)
def test_what_is_allowed(where, source):
    assert list(violations(where, source)) == []


@pytest.mark.parametrize("file", FILES, ids=place)
def test_files_are_short_and_say_what_lives_there(file):
    source = file.read_text()
    assert len(source.splitlines()) <= 250, f"{place(file)}: split it"
    assert ast.get_docstring(ast.parse(source)), f"{place(file)} starts with what lives there"


def test_the_front_door_only_names_things():
    """`X as X` marks what is public, `X as _x` what is imported for what it registers."""
    for node in ast.parse((PACKAGE / "__init__.py").read_text()).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                named = alias.asname or ""
                assert named == alias.name or named.startswith("_"), f"write X as X: {alias.name}"


def test_importing_luxnb_imports_no_jupyter():
    heavy = ["matplotlib", *sorted(JUPYTER)]
    code = f"import sys, luxnb; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"
