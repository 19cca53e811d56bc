"""Numbers for people: 200,960; 1.2 M; 804 kB; 85 %."""


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
