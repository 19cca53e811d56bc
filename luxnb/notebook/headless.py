"""A notebook executed from top to bottom without a browser: progress, honest status, clean file."""

import re
import sys
import time
from pathlib import Path

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError


def execute(path: Path, *, save: bool) -> int:
    """Execute every cell, saying which; 0 when none failed. `save` writes the outputs back."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begin = time.perf_counter()

    def started(cell, cell_index):
        if cell.cell_type == "code" and cell.source.strip():
            line = next((line for line in cell.source.splitlines() if line.strip()), "")
            print(f"  [{cells.index(cell) + 1}/{len(cells)}] {line[:70]}", flush=True)

    print(f"{path}: {len(cells)} code cells", flush=True)
    client = nbclient.NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_start=started,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        print(_plain(str(error)), file=sys.stderr)
        print(f"{path}: failed", file=sys.stderr)
        return 1
    except DeadKernelError:
        print(f"{path}: the kernel died", file=sys.stderr)
        return 1
    print(f"{path}: done in {time.perf_counter() - begin:.1f} s", flush=True)
    if save:
        nbformat.write(_tidy(notebook), path)
    return 0


def _plain(text: str) -> str:
    """Without the colours of a traceback."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _tidy(notebook):
    """Without what changes at each execution and means nothing to a reader."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata.pop("execution", None)
    return notebook
