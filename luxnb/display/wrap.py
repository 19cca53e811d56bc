"""Text in cells of a terminal, where some letters take two and some none."""

from rich.cells import cell_len, chop_cells


def padded(text: str, width: int) -> str:
    """The text, filled up to `width` cells."""
    return text + " " * (width - cell_len(text))


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """The text on lines of at most `width` cells, broken at spaces where possible; all lines but
    the first begin with `indent`."""
    width = max(width, len(indent) + 4)
    lines, line, is_fresh = [], "", True  # fresh: nothing but its indent is on the line
    for word in text.split(" "):
        if not is_fresh and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line, is_fresh = indent, True
        line, is_fresh = line + word if is_fresh else f"{line} {word}", False
        while cell_len(line) > width:
            first, *_ = chop_cells(line, width)
            lines.append(first)
            line = indent + line[len(first) :]
    return [*lines, line]
