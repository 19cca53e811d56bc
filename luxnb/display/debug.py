"""What `debug` prints: a line for each layer, and one for each array, its numbers in columns."""

from rich.cells import cell_len

from luxnb.core.spec import short
from luxnb.core.view import View, view
from luxnb.display.brief import number
from luxnb.display.config import config
from luxnb.display.element import tag
from luxnb.display.plain import plain
from luxnb.inspect.debug.told import Heading, Holding, Opening, Remark

LABEL, COLUMN, TIME = 27, 10, 10  # characters: 77 in all, and a narrow terminal has 80
INDENT = "  "


@view.register
def view_heading(heading: Heading) -> View:
    """The names of the columns."""
    names = "".join(name.rjust(COLUMN) for name in ("mean", "std", "min", "max"))
    return _line(f"{heading.way:<{LABEL}}{names}{'time':>{TIME}}")


@view.register
def view_remark(remark: Remark) -> View:
    """A sentence."""
    return _line(INDENT * remark.depth + remark.text)


@view.register
def view_opening(opening: Opening) -> View:
    """A layer as in its tree, and the turn of its loop."""
    turn = f"turn {opening.turn}" if opening.turn > 1 else ""
    words = filter(None, (plain(opening.name), config(opening.layer), turn))
    return _line(INDENT * opening.depth + "  ".join(words))


@view.register
def view_holding(holding: Holding) -> View:
    """Name, shape, statistics, and below what is not finite."""
    indent = INDENT * holding.depth
    label = f"{indent}{plain(holding.name)}  {short(holding.shape)}"
    text, numbers = label, _numbers(holding)
    if numbers.strip():
        # A long name takes a line of its own, and the columns stay where they are.
        room = LABEL - cell_len(label)
        text += f"\n{' ' * LABEL}{numbers}" if room < 0 else " " * room + numbers
    text = text.rstrip()
    if holding.defect is not None:
        text += f"\n{indent}✗ {holding.defect}"
    return _line(text)


def _numbers(holding: Holding) -> str:
    found, seconds = holding.statistics, holding.seconds
    time = _time(seconds).rjust(TIME) if seconds is not None else ""
    if holding.is_same:
        return "as above".rjust(COLUMN).ljust(4 * COLUMN) + time
    if found is None:
        return ""
    each = (found.mean, found.std, found.low, found.high)
    return "".join(number(value).rjust(COLUMN) for value in each) + time


def _time(seconds: float) -> str:
    """Three digits: 350 µs, 12.8 ms, 1.38 s."""
    for unit, times in (("µs", 1e6), ("ms", 1e3)):
        if seconds * times < 999.5:
            return f"{seconds * times:.3g} {unit}"
    return f"{seconds:.3g} s"


def _line(text: str) -> View:
    return View(text, tag("pre", text))
