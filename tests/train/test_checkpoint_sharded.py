"""Arrays that are spread over many devices: saved by orbax, read on one device or on others."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import luxnb as lx
from luxnb.train.checkpoint import sharded
from tests.train.conftest import train

SPREAD = """
import dataclasses, sys
import jax, numpy as np
from jax.sharding import NamedSharding, PartitionSpec
import luxnb as lx
from luxnb.train.checkpoint.save import save
from tests.train.conftest import train

assert len(jax.devices()) == 4
model = lx.Chain(lx.Dense(2, 8), lx.Dropout(0.5), lx.Dense(8, 4))
run = train(model, steps=5)
mesh = jax.make_mesh((4,), ("d",))

def spread(leaf):
    axes = [None] * (leaf.ndim - 1) + ["d"] if leaf.ndim else []
    return jax.device_put(leaf, NamedSharding(mesh, PartitionSpec(*axes)))

standing = run.standing
ts = dataclasses.replace(standing.ts, params=jax.tree.map(spread, standing.ts.params))
save(sys.argv[1], dataclasses.replace(standing, ts=ts), run.task)
checkpoint = lx.load(sys.argv[1], model)
again = jax.tree.map(spread, checkpoint.params)
assert again.layer_1.weight.sharding == ts.params.layer_1.weight.sharding
assert all(np.array_equal(a, b) for a, b in zip(*map(jax.tree.leaves, (again, run.params))))
try:
    save(sys.argv[1], dataclasses.replace(standing, ts=ts), run.task)
except FileExistsError as error:
    print(error)
np.save(sys.argv[2], run.params.layer_1.weight)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sharded")
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", SPREAD, str(folder / "run"), str(folder / "weight.npy")],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=Path(__file__).parents[2],
        env=os.environ | flags,
    )
    assert done.returncode == 0, done.stderr
    assert "run exists, and a checkpoint of many devices replaces none" in done.stdout
    return folder


def test_saved_on_four_devices_read_on_one(folder):
    assert len(jax.devices()) == 1
    checkpoint = lx.load(folder / "run")
    assert checkpoint.step == 5 and len(checkpoint.history) == 5
    assert np.array_equal(checkpoint.params.layer_1.weight, np.load(folder / "weight.npy"))
    assert checkpoint.state.layer_2.mode is lx.Mode.TRAIN


def test_damage_is_found(folder):
    path = folder / "run" / sharded.METADATA
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"step": 5', b'"step": 6'))
    with pytest.raises(ValueError, match="run is damaged in its metadata"):
        lx.load(folder / "run")
    path.write_bytes(whole)
    assert lx.load(folder / "run").step == 5


def test_without_orbax_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "orbax.checkpoint", None)
    with pytest.raises(ImportError, match=r'pip install "luxnb\[orbax\]"'):
        lx.load(folder / "run")


def test_without_safetensors_it_says_what_to_install(tmp_path, monkeypatch):
    run = train(steps=1)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match="pip install safetensors"):
        train(steps=1, checkpoints=tmp_path)
    with pytest.raises(OSError, match="pip install safetensors"):
        run.save(tmp_path / "run.safetensors")
