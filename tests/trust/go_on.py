"""Goes on, in a process of its own, with the checkpoints of a folder; prints their fingerprints.

python -m tests.trust.go_on FOLDER STEPS
"""

import sys
from pathlib import Path

import luxnb as lx
from tests.trust.subjects import SUBJECTS, options


def main(folder: str, steps: str) -> None:
    for name, (model, data) in SUBJECTS.items():
        run = lx.load(Path(folder) / f"{name}.safetensors", model, data=data, **options())
        run.fit(steps=int(steps))
        print(name, run.fingerprint)


if __name__ == "__main__":
    main(*sys.argv[1:])
