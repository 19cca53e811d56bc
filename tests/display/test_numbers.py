"""Numbers as people write them."""

import pytest

from luxnb.display.numbers import grouped, operations, percent, rounded, signed, size


def test_grouped():
    assert grouped(200960) == "200,960"


@pytest.mark.parametrize(
    ("bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (3072, "3 kB"), (803_840, "804 kB"),
     (999_499, "999 kB"), (999_500, "1 MB"), (1_240_000, "1.2 MB"), (9_940_000, "9.9 MB"),
     (9_960_000, "10 MB"), (498_000_000, "498 MB"), (999_600_000, "1 GB"), (7.2e15, "7.2 PB")],
)  # fmt: skip
def test_size(bytes, text):
    assert size(bytes) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (7, "7"), (0.5, "0.5"), (950, "950"), (1000, "1 k"), (1234, "1.2 k"),
     (1.2e6, "1.2 M"), (85e6, "85 M"), (-1500, "-1.5 k"), (3e15, "3000 T")],
)  # fmt: skip
def test_rounded(number, text):
    assert rounded(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 FLOP"), (512, "512 FLOP"), (999, "999 FLOP"), (1000, "1.00 kFLOP"),
     (9_994, "9.99 kFLOP"), (9_996, "10.0 kFLOP"), (99_960, "100 kFLOP"), (999_600, "1.00 MFLOP"),
     (1_606_000, "1.61 MFLOP"), (16_004_000_000, "16.0 GFLOP"), (3 * 10**21, "3000 EFLOP")],
)  # fmt: skip
def test_operations(number, text):
    assert operations(number) == text


def test_signed():
    assert signed(33000, grouped) == "+33,000"
    assert signed(-1_210_000, operations) == "−1.21 MFLOP"


@pytest.mark.parametrize(
    ("part", "text"), [(0, "0 %"), (1, "<1 %"), (10, "1 %"), (854, "85 %"), (1000, "100 %")]
)
def test_percent(part, text):
    assert percent(part, 1000) == text


def test_percent_of_nothing():
    assert percent(0, 0) == "0 %"
