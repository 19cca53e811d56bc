"""The README's Python is run as it stands: each section in order, with the data it speaks of."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx

README = Path(__file__).parent.parent / "README.md"
SECTIONS = re.split(r"^## ", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
CODE = {
    section.split("\n", 1)[0]: blocks
    for section in SECTIONS
    if (blocks := re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL))
}


def test_there_is_code():
    assert len(CODE) >= 2


@pytest.mark.parametrize("title", CODE)
def test_section(title, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    names = {
        "jax": jax,
        "jnp": jnp,
        "np": np,
        "optax": optax,
        "lx": lx,
        "x": rng.normal(size=(256, 64)).astype(np.float32),
        "y": rng.integers(0, 10, 256),
    }
    for block in CODE[title]:
        exec(compile(block, f"README, {title}", "exec"), names)


def test_every_layer_is_named():
    named = set(re.findall(r"`(\w+)`", README.read_text(encoding="utf-8")))
    layers = {
        name
        for name, value in vars(lx).items()
        if isinstance(value, type) and issubclass(value, lx.Layer)
    }
    assert layers - {"Layer"} <= named
