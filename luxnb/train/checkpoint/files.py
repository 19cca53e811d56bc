"""The files of checkpoints: their names in a folder, which is the newest, which is intact."""

import os
import warnings
from pathlib import Path

from luxnb.core.layer import Layer
from luxnb.core.tree import nearest
from luxnb.train.checkpoint import container, sharded
from luxnb.train.checkpoint.checkpoint import Checkpoint

PATTERN = "step-*.safetensors"


def file_name(step: int, copy: int = 1) -> str:
    """`step-000500.safetensors`, and `step-000500-2.safetensors` beside that of another run."""
    return f"step-{step:06}{f'-{copy}' * (copy > 1)}.safetensors"


def read_checkpoint(path: str | os.PathLike, model: Layer | None = None) -> Checkpoint:
    """What is in the file, or in the newest intact file of the folder; every bit is checked."""
    path = Path(path)
    if sharded.is_orbax(path):
        arrays, metadata = sharded.read(path)
    elif path.is_dir():
        path, (arrays, metadata) = _newest(path)
    else:
        arrays, metadata = _read(path)
    return Checkpoint(str(path), arrays, metadata, model)


def newest_first(folder: Path) -> list[Path]:
    """The checkpoints in a folder, by the time at which they were written."""
    return sorted(folder.glob(PATTERN), key=_saved, reverse=True)


def run_of(path: Path) -> str | None:
    """Which run wrote the file; None where that cannot be read."""
    try:
        return container.read_metadata(path)["run"]
    except (OSError, ValueError):
        return None


def _saved(path: Path) -> float:
    try:
        return container.read_metadata(path)["saved"]
    except (OSError, ValueError):
        return path.stat().st_mtime if path.exists() else 0.0


def _newest(folder: Path):
    files, wrong = newest_first(folder), []
    for path in files:
        try:
            found = container.read(path)
        except (OSError, ValueError) as error:
            wrong.append(str(error))
            continue
        if wrong:
            warnings.warn(f"{'; '.join(wrong)}: {path.name} is loaded instead", stacklevel=5)
        return path, found
    if wrong:
        raise ValueError(f"there is no intact checkpoint in {folder}: {'; '.join(wrong)}")
    raise FileNotFoundError(f"there is no checkpoint in {folder}, no file {PATTERN}")


def _read(path: Path):
    if not path.exists():
        beside = [file.name for file in path.parent.glob("*.safetensors")]
        raise FileNotFoundError(f"there is no checkpoint {path}{nearest(path.name, beside)}")
    try:
        return container.read(path)
    except ValueError as error:
        others = [file for file in newest_first(path.parent) if file.name != path.name]
        intact = next(filter(_is_intact, others), None)
        hint = f"; {intact.name}, beside it, is intact" if intact else ""
        raise ValueError(f"{error}{hint}") from None


def _is_intact(path: Path) -> bool:
    try:
        container.read(path)
    except (OSError, ValueError):
        return False
    return True
