"""Numbers for people: 200,960; 1.2 M; 804 kB; 1.61 MFLOP; 85 %."""

from collections.abc import Callable


def grouped(number: int) -> str:
    """All digits, in threes: 200,960."""
    return f"{number:,}"


def rounded(number: float) -> str:
    """One to three digits and a unit: 950, 1.2 k, 85 M."""
    return _scaled(number, ("", " k", " M", " G", " T"))


def size(bytes: int) -> str:
    """Decimal units: 512 B, 804 kB, 1.2 MB. Kilobytes need no decimals."""
    if bytes < 999_500:
        return f"{bytes} B" if bytes < 1000 else f"{bytes / 1000:.0f} kB"
    return _scaled(bytes / 1e6, (" MB", " GB", " TB", " PB"))


def operations(number: int) -> str:
    """Three digits: 512 FLOP, 1.61 MFLOP, 16.0 GFLOP."""
    scaled, unit = float(number), 0
    while scaled >= 999.5 and unit < len(_FLOP) - 1:
        scaled, unit = scaled / 1000, unit + 1
    decimals = 0 if unit == 0 or scaled >= 99.95 else 1 if scaled >= 9.995 else 2
    return f"{scaled:.{decimals}f} {_FLOP[unit]}"


_FLOP = ("FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP")


def signed(number: int, said: Callable[[int], str]) -> str:
    """A difference: `+33,000`, `−1.21 MFLOP`."""
    return f"{'−' if number < 0 else '+'}{said(abs(number))}"


def percent(part: int, whole: int) -> str:
    """`85 %`, and `<1 %` rather than 0 of something."""
    share = 100 * part / whole if whole else 0
    return "<1 %" if 0 < share < 1 else f"{share:.0f} %"


def _scaled(number: float, units: tuple[str, ...]) -> str:
    unit = 0
    while abs(number) >= 999.5 and unit < len(units) - 1:
        number, unit = number / 1000, unit + 1
    digits = f"{number:.1f}" if abs(number) < 9.95 else f"{number:.0f}"
    return digits.removesuffix(".0") + units[unit]
