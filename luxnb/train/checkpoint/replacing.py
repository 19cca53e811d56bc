"""Files that are written whole or not at all: beside the old one, to the disk, then in its place.

T. Pillai et al., All file systems are not created equal, OSDI 2014: the file must be on the disk
before it is renamed, and the folder after it.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PART = ".luxnb-part"
LEFT_OVER_SECONDS = 86_400  # after a day, nobody is still writing


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """A name to write to, beside `path`; when all went well, the file takes its place.

    Otherwise what was at `path` stays, what was written is removed, and an OSError says why.
    """
    target = Path(os.path.realpath(path))
    workshop = None
    try:
        if target.is_dir():
            raise IsADirectoryError(f"it is a folder: say {target.name}/NAME.safetensors")
        # In a folder of its own: libraries write files of their own beside that which they write.
        workshop = tempfile.mkdtemp(PART, f".{target.name}.", target.parent)
        part = Path(workshop, target.name)
        part.touch()
        rights = part.stat().st_mode  # as any new file has them, whoever makes this one
        yield part
        part.chmod(rights)
        _to_disk(part)
        os.replace(part, target)
        _to_disk(target.parent)
    except Exception as error:
        raise OSError(
            f"{path} could not be written: {_cause(error)}; what was there before is untouched, "
            "and the run can go on"
        ) from error
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def remove_left_over(folder: Path) -> None:
    """Remove what killed processes left in `folder`, once it is a day old."""
    for workshop in folder.glob(f".*{PART}"):
        with contextlib.suppress(OSError):
            if time.time() - workshop.stat().st_mtime > LEFT_OVER_SECONDS:
                shutil.rmtree(workshop, ignore_errors=True)


def _to_disk(path: Path) -> None:
    """Have a file, or the names in a folder, survive a loss of power."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cause(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
