"""The numbers of an array in a few words: `0.001 ± 0.06  −0.25 ▁▂▅█▅▂▁ 0.25, 51 % zero`."""

import math
import re
from collections.abc import Iterator

from rich.cells import cell_len

from luxnb.display.numbers import grouped
from luxnb.display.spark import WIDTH, spark
from luxnb.inspect.statistics import Statistics

FIXED = "\xa0"  # a space at which no line is broken, and of which browsers leave out none
BREAK = "\n"  # stands for one at which it may be


def number(value: float) -> str:
    """Three digits: 0.25, −1.2e−7, 12,346; and NaN, ∞."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else _minus(f"{value}".replace("inf", "∞"))
    if 999.5 <= abs(value) < 999_999.5:
        return _minus(f"{value:,.0f}")
    return _minus(re.sub(r"e([+-])0?", r"e\1", f"{value:z.3g}").replace("e+", "e"))


def _minus(text: str) -> str:
    return text.replace("-", "−")


def share(part: float) -> str:
    """A part of 1 in per cent, of which neither a little is said to be nothing nor most all."""
    if 0 < part < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < part < 1 else f"{100 * part:.0f} %"


Numbers = tuple[str, str, str, str]  # mean, standard deviation, lowest, highest
Widths = tuple[int, ...]  # of these


def numbers(found: Statistics) -> Numbers | None:
    """In words, the mean in as many digits as the spread makes sense of; None where all are one."""
    if not found.counts or found.low == found.high:
        return None
    mean, std = number(found.mean), number(found.std)
    if 1e-4 <= found.std < 1e3:
        decimals = max(2 - math.floor(math.log10(found.std)), 0)
        mean, std = (_minus(f"{n:z,.{decimals}f}") for n in (found.mean, found.std))
    return "≈" * found.sampled + mean, std, number(found.low), number(found.high)


def brief(
    found: Statistics, buckets: int = WIDTH, widths: Widths = (0, 0, 0, 0), gap: int = 0
) -> str:
    """All that matters, in one line: `0.001 ± 0.06  −0.25 ▁▂▅█▅▂▁ 0.25, 51 % zero`.

    It is filled up so that its numbers stand below those of other lines with the same `widths`.
    """
    if not found.looked_at:
        return found.note or "no elements"
    words = [*_shares(found), *filter(None, [found.note])]
    if said := numbers(found):
        mean, std, low, high = said
        before, after, between, _ = (
            max(width - cell_len(word), 0) for width, word in zip(widths, said, strict=True)
        )
        histogram = f"{low} {spark(found.counts, buckets)} {high}"
        words = [
            f"{_blank(gap + before)}{mean} ± {std}{_blank(after + between + 2)}{histogram}",
            *words,
        ]
    elif found.counts:
        which = "all" if found.nans + found.infinities == 0 else f"all that is finite{BREAK}is"
        words.insert(0, f"{'≈' * found.sampled}{which}{BREAK}{number(found.low)}")
    return ", ".join(map(_unbroken, words))


def _unbroken(words: str) -> str:
    """Only where there is a gap may a line be broken."""
    return words.replace(" ", FIXED).replace(BREAK, " ")


def _blank(width: int) -> str:
    """So many spaces. One alone follows another, and two that may break would be shown as one."""
    return " " * (width - 1) + BREAK if width > 1 else " " * width


def _shares(found: Statistics) -> Iterator[str]:
    if found.zeros and found.low != found.high:
        yield f"{share(found.zeros)} zero"
    if found.dead:
        yield f"{share(found.dead)} dead"
    if found.saturated:
        yield f"{share(found.saturated)} saturated"


def not_finite(found: Statistics) -> str:
    """`3 NaN, 1 Inf of 32`; nothing where all is finite."""
    bad = [(found.nans, "NaN"), (found.infinities, "Inf")]
    said = ", ".join(f"{grouped(count)} {what}" for count, what in bad if count)
    return f"{said} of {grouped(found.looked_at)}" if said else ""
