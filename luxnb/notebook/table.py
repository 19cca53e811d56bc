"""A table of words, of which the first row is the heading, as lines of text and as HTML."""

from luxnb.display.element import Html, tag

Table = list[tuple[str, ...]]


def columns(table: Table) -> list[str]:
    """Lines in which the first column is set left, and the others right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            word.ljust(width) if not i else word.rjust(width)
            for i, (word, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def html_table(table: Table) -> Html:
    """The same as an element."""
    head, *body = table
    rows = [tag("tr", *(tag("th", word) for word in head))]
    rows += [tag("tr", *(tag("td", word) for word in row)) for row in body]
    return tag("table", *rows)
