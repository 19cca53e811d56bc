"""Files of checkpoints in a bad world: bits that flip, ends that are missing, kills, full disks."""

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import luxnb as lx
from luxnb.train.checkpoint import container
from luxnb.train.checkpoint.container import read, write
from luxnb.train.checkpoint.replacing import PART, remove_left_over, replacing
from tests.train.conftest import points, train

DAMAGE = "is damaged in|cut short|no checkpoint of luxnb|cannot have written|a gap or an overlap"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a real checkpoint."""
    file = tmp_path_factory.mktemp("whole") / "run.safetensors"
    train(steps=30, validation=points(seed=1)).save(file)
    return file.read_bytes()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.safetensors"


def refused(file, data: bytes) -> str:
    file.write_bytes(data)
    with pytest.raises(ValueError, match=DAMAGE) as caught:
        lx.load(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


def header_of(data: bytes) -> int:
    return 8 + int.from_bytes(data[:8], "little")


# -- what happens to files ----------------------------------------------------------------------


def test_every_flipped_bit_is_found(whole, file):
    """200 anywhere, and one in each byte of the header."""
    chance, header = random.Random(0), header_of(whole)
    places = [(chance.randrange(len(whole)), chance.randrange(8)) for _ in range(200)]
    places += [(byte, chance.randrange(8)) for byte in range(header)]
    file.write_bytes(whole)
    with open(file, "r+b", buffering=0) as disk:
        for byte, bit in places:
            disk.seek(byte)
            disk.write(bytes([whole[byte] ^ 1 << bit]))
            with pytest.raises(ValueError, match=DAMAGE) as caught:
                read(file)
            assert (" at byte " in str(caught.value)) == (byte >= header)
            disk.seek(byte)
            disk.write(whole[byte : byte + 1])
    assert lx.load(file).step == 30


def test_the_damaged_array_is_named(whole, file):
    with_safetensors = file.with_name("whole.safetensors")
    with_safetensors.write_bytes(whole)
    document = json.loads(whole[8 : header_of(whole)])
    begin, end = document["params.layer_4.weight"]["data_offsets"]
    data = bytearray(whole)
    data[header_of(whole) + end - 1] ^= 1
    told = refused(file, data)
    assert told.startswith(f"{file} is damaged in params.layer_4.weight f32[8,3], at byte ")
    assert f"{header_of(whole) + begin:,}" in told


def test_every_truncation_is_found(whole, file):
    chance = random.Random(1)
    for length in [
        0,
        1,
        7,
        8,
        9,
        len(whole) - 1,
        *(chance.randrange(len(whole)) for _ in range(30)),
    ]:
        refused(file, whole[:length])
    refused(file, whole + b"\0")


def test_an_older_intact_file_is_named(whole, tmp_path):
    (tmp_path / "step-000030.safetensors").write_bytes(whole)
    (tmp_path / "step-000040.safetensors").write_bytes(whole[:-1])
    with pytest.raises(
        ValueError, match=r"cut short .*; step-000030.safetensors, beside it, is int"
    ):
        lx.load(tmp_path / "step-000040.safetensors")
    with pytest.warns(
        UserWarning, match=r"000040.safetensors was cut short.*: step-000030.* is lo"
    ):
        assert lx.load(tmp_path).step == 30
    (tmp_path / "step-000030.safetensors").write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=r"no intact checkpoint in .*: .* was cut .*; .* was cut "):
        lx.load(tmp_path)


# -- what enemies write -------------------------------------------------------------------------


def signed(header: bytes, data: bytes = b"") -> bytes:
    """A file whose header digests are right, whatever the rest says."""
    header += b" " * (-len(header) % 8)
    raw = len(header).to_bytes(8, "little") + header
    return raw.replace(container.BLANK.encode(), hashlib.sha256(raw).hexdigest().encode(), 1) + data


def header(placed: str, /, **metadata) -> bytes:
    said = {"sha256": container.BLANK, "format": 1, "arrays": {}, "dtypes": {}} | metadata
    return f'{{"__metadata__":{{"luxnb":{json.dumps(json.dumps(said))}}}{placed}}}'.encode()


ZERO = hashlib.sha256(bytes(4)).hexdigest()
A = ',"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'


def test_the_signed_file_of_these_tests_is_read(file):
    file.write_bytes(signed(header(A, arrays={"a": ZERO}), bytes(4)))
    arrays, _ = read(file)
    assert arrays["a"].tolist() == [0.0]


@pytest.mark.parametrize(
    "arrays",
    [
        ',"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}' * 2,
        ',"a":{"dtype":"F32","shape":[1000000000000000000],"data_offsets":[0,4000000000000000000]}',
        ',"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}',
        ',"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}',
        ',"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}',
        ',"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}',
        ',"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}',
        ',"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}',
        ',"a":{"dtype":"O","shape":[1],"data_offsets":[0,4]}',
        ',"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}',
        ',"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}',
        ',"a":{"dtype":"F32","shape":[0,1000000000000000000000],"data_offsets":[0,0]}',
        ',"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}',
        ',"a":[]',
        f'{A},"b":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        f',"a":{"[" * 100_000}{"]" * 100_000}',
        f',"a":{"9" * 10_000}',
        ',"a":',
        "",
    ],
)
def test_a_hostile_header_is_a_clear_error(file, arrays):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(file, signed(header(arrays, arrays={"a": ZERO}), bytes(4)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


@pytest.mark.parametrize(
    "metadata",
    [
        {"arrays": {"a": ZERO}, "dtypes": {"a": "object"}},
        {"arrays": {"a": ZERO}, "dtypes": {"a": "complex128"}},
        {"arrays": {"a": ZERO}, "dtypes": []},
        {"arrays": {"a": ZERO, "b": ZERO}},
        {"arrays": {"a": 3}},
        {"arrays": 3},
        {"format": "one", "arrays": {"a": ZERO}},
    ],
)
def test_hostile_metadata_is_a_clear_error(file, metadata):
    file.write_bytes(signed(header(A, **metadata), bytes(4)))
    with pytest.raises(ValueError, match=str(file)):
        lx.load(file)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        (2**62).to_bytes(8, "little"),
        (99_999_999).to_bytes(8, "little") + b"{}",
        b"PK\x03\x04" + bytes(100),
        b"\x80\x04\x95" + bytes(100),
        (2).to_bytes(8, "little") + b"{}",
        (4).to_bytes(8, "little") + b"\xff\xfe{}",
    ],
)
def test_other_files_are_refused(file, data):
    refused(file, data)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"layout": {"params.a": "leaf"}}, "params"),
        ({"layout": {"params.a": "tuple", "params.a.1": "tree"}}, "params"),
        ({"layout": {"params.keys": "tree"}}, "params"),
        ({"layout": {"params" + ".a" * 50_000: "tree"}}, "params"),
        ({"layout": 3}, "params"),
        ({"keys": {"params.layer_1.weight": "threefry2x32"}}, "params"),
        ({"keys": {"state.layer_3.key": "mersenne"}}, "state"),
    ],
)
def test_hostile_layouts_are_clear_errors(whole, file, changes, part):
    file.write_bytes(whole)
    arrays, metadata = read(file)
    write(file, arrays, metadata | changes)
    with pytest.raises(ValueError, match="holds what luxnb cannot have written"):
        getattr(lx.load(file), part)


def test_nothing_is_unpickled(file, tmp_path):
    """A file that would make a folder if it were."""
    victim = tmp_path / "made"
    code = f"cos\nmkdir\n(V{victim}\ntR.".encode()
    refused(file, code + bytes(200))
    assert not victim.exists()


# -- what happens while it is written -----------------------------------------------------------

KILLS = """
import os, random, signal, sys, time
import numpy as np
from luxnb.train.checkpoint.container import read, write

def save(n):
    write(sys.argv[1], {f"a{i}": np.full(40_000, n * 100 + i) for i in range(8)}, {"n": n})

save(0)
chance, last, midway = random.Random(int(sys.argv[2])), 0, 0
for _ in range(20):
    child = os.fork()
    if not child:
        n = last
        while True:
            n += 1
            save(n)
    time.sleep(chance.uniform(0.0, 0.06))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    arrays, metadata = read(sys.argv[1])
    assert metadata["n"] >= last, "an older one than before"
    last = metadata["n"]
    assert all((arrays[f"a{i}"] == last * 100 + i).all() for i in range(8))
    midway += any(".luxnb-part" in name for name in os.listdir(os.path.dirname(sys.argv[1])))
print("intact", last, midway)
"""


@pytest.mark.parametrize("seed", range(6))
def test_killed_while_saving_it_is_the_old_or_the_new(seed, file):
    """120 times in all: a process that saves in a loop is killed at a random moment."""
    command = [sys.executable, "-c", KILLS, str(file), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    word, saved, midway = done.stdout.split()
    assert word == "intact" and int(saved) > 0 and int(midway) > 0


FULL = """
import resource, sys
import luxnb as lx
from tests.train.conftest import train

run = train(steps=5)
run.save(sys.argv[1])
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, most))  # the file has more
try:
    run.fit(steps=5).save(sys.argv[1])
except OSError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print(lx.load(sys.argv[1]).step, run.fit(steps=1).step)
"""
ROOT = Path(__file__).parents[2]


def test_a_full_disk_leaves_the_old_one_and_the_run(file):
    command = [sys.executable, "-c", FULL, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    told, steps = done.stdout.splitlines()
    assert f"{file} could not be written: " in told and "File too large" in told
    assert "what was there before is untouched, and the run can go on" in told
    assert steps == "5 11" and os.listdir(file.parent) == [file.name]


def test_an_error_in_between_leaves_the_old_one(file, monkeypatch):
    write(file, {"a": np.zeros(1)}, {})

    def fails(*_):
        raise OSError(5, "Input/output error")

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, fails)
        with pytest.raises(OSError, match="could not be written: Input/output error; what was the"):
            write(file, {"a": np.ones(1)}, {})
        monkeypatch.undo()
    assert read(file)[0]["a"].tolist() == [0.0] and os.listdir(file.parent) == [file.name]


def test_the_order_in_which_it_reaches_the_disk(file, monkeypatch):
    """The file before its name, the name before the end."""
    done = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, name=name, real=real: (done.append(name), real(*a))[1]
        )
    write(file, {"a": np.ones(1)}, {})
    assert done == ["fsync", "replace", "fsync"]


def test_a_place_that_cannot_be_written(tmp_path):
    run = train(steps=1)
    with pytest.raises(OSError, match="could not be written: No such file or directory"):
        run.save(tmp_path / "nowhere" / "run.safetensors")
    with pytest.raises(OSError, match=r"it is a folder: say .*/NAME.safetensors"):
        run.save(tmp_path)
    assert run.fit(steps=1).step == 2


def test_others_may_read_what_others_may_read(file):
    plain = file.with_name("plain")
    plain.touch()
    write(file, {}, {})
    assert file.stat().st_mode == plain.stat().st_mode


def test_a_link_stays_a_link(file):
    link = file.with_name("latest")
    link.symlink_to(file)
    write(link, {"a": np.ones(1)}, {})
    assert link.is_symlink() and read(file)[0]["a"].tolist() == [1.0]


def test_what_a_kill_leaves_is_removed_after_a_day(tmp_path):
    old, young = (tmp_path / f".{name}{PART}" for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir()
        (folder / "part").touch()
    os.utime(old, (0, 0))
    remove_left_over(tmp_path)
    assert not old.exists() and young.exists()


def test_an_interrupt_while_writing_is_passed_on(file):
    write(file, {}, {})
    before = file.read_bytes()
    with pytest.raises(KeyboardInterrupt), replacing(file) as part:
        part.write_bytes(b"half")
        raise KeyboardInterrupt
    assert file.read_bytes() == before and os.listdir(file.parent) == [file.name]
