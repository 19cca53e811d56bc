"""A histogram as a line of text: `▁▂▅█▅▂▁`. It survives wherever text does."""

import itertools
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
EMPTY = "·"
WIDTH = 12


def spark(counts: Sequence[int], width: int = WIDTH) -> str:
    """A block for each bucket, as high as it is full; neighbours are joined to make `width` blocks.

    The fullest is a full block; what holds anything at all can be told from what holds nothing.

    >>> spark([0, 1, 4, 8, 4, 1])
    '·▁▄█▄▁'
    """
    joined = _joined(counts, width)
    most = max(joined, default=0)
    return "".join(_block(count, most) for count in joined)


def _joined(counts: Sequence[int], width: int) -> list[int]:
    if len(counts) <= width:
        return list(counts)
    starts = [len(counts) * place // width for place in range(width + 1)]
    return [sum(counts[a:b]) for a, b in itertools.pairwise(starts)]


def _block(count: int, most: int) -> str:
    if not count:
        return EMPTY
    return BLOCKS[max(-(-count * len(BLOCKS) // most) - 1, 0)]
