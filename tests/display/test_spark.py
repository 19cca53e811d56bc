"""Histograms as a line of blocks."""

from hypothesis import given
from hypothesis import strategies as some

from luxnb.display.spark import BLOCKS, EMPTY, spark

COUNTS = some.lists(some.integers(0, 10**12), max_size=60)


def test_heights():
    assert spark(range(1, 9)) == BLOCKS == "▁▂▃▄▅▆▇█"
    assert spark([0, 1, 1000, 500, 501]) == "·▁█▄▅"
    assert spark([]) == "" and spark([0, 0]) == "··"


def test_neighbours_are_joined():
    assert spark([1, 1, 0, 0, 2, 2], 3) == "▄·█"
    assert spark([1] * 24, 12) == "█" * 12
    assert spark([3, 1, 0, 0, 8], 2) == "▄█"  # 2 and 3 buckets


@given(COUNTS, some.integers(1, 30))
def test_every_block_says_how_full_it_is(counts, width):
    line = spark(counts, width)
    assert len(line) == min(len(counts), width)
    assert set(line) <= set(BLOCKS + EMPTY)
    assert ("█" in line) == any(counts)
    if len(counts) <= width:
        for count, block in zip(counts, line, strict=True):
            height = (BLOCKS.index(block) + 1) / 8 if block != EMPTY else 0
            share = count / max(counts) if any(counts) else 0
            assert 0 <= height - share < 1 / 8 + 1e-9
