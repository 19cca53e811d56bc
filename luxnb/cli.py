"""The command line: `luxnb lab` opens the tutorials, `luxnb run` executes a notebook headless."""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

FIRST = "01_a_first_model.ipynb"


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; the exit status is 0 only when it worked."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="luxnb", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="lab | run")
    lab = verbs.add_parser("lab", help="lab [notebook] [options of jupyter lab]: open JupyterLab")
    lab.set_defaults(do=lambda options: _lab(arguments[1:]))
    run = verbs.add_parser("run", help="execute a notebook from top to bottom, without a browser")
    run.add_argument("notebook", type=Path)
    run.add_argument("--save", action="store_true", help="write the outputs into the notebook")
    run.set_defaults(do=_run)
    # What follows `lab` is JupyterLab's to read: which of its options take a value, we do not know.
    options = parser.parse_args(["lab"] if arguments[:1] == ["lab"] else arguments)
    missing = [m for m in ("jupyterlab", "nbclient") if importlib.util.find_spec(m) is None]
    if missing:
        sys.exit(f"luxnb: {' and '.join(missing)} is missing; pip install 'luxnb[lab]'")
    _keep_compiled_programs()
    return options.do(options)


def _keep_compiled_programs() -> None:
    """Have every kernel keep what it compiled: JAX's own thresholds keep nearly nothing of it."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(home / "luxnb" / "jax"))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def _lab(arguments: list[str]) -> int:
    named = [word for word in arguments[:1] if not word.startswith("-")]
    notebook = _existing(Path(named[0])) if named else _first()
    command = [sys.executable, "-m", "jupyterlab", str(notebook), *arguments[len(named) :]]
    return subprocess.call(command)


def _run(options) -> int:
    # Imported here: `luxnb lab` starts without it, and nobody needs it to import luxnb.
    from luxnb.notebook.headless import execute

    return execute(_existing(options.notebook), save=options.save)


def _existing(notebook: Path) -> Path:
    if not notebook.exists():
        sys.exit(f"luxnb: there is no {notebook}")
    return notebook


def _first() -> Path:
    """The first tutorial: of this folder, or of the source checkout."""
    homes = Path.cwd(), Path(__file__).resolve().parents[1]
    for home in homes:
        if (home / "notebooks" / FIRST).exists():
            return home / "notebooks" / FIRST
    sys.exit(f"luxnb: there is no notebooks/{FIRST} here; say which notebook to open")


if __name__ == "__main__":
    sys.exit(main())
