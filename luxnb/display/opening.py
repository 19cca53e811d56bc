"""Which rows of a tree stand open when it is first seen."""

from collections import deque

from luxnb.display.row import Row

ROWS_AT_FIRST = 24


def opened(root: Row) -> frozenset[int]:
    """The ids of the open rows: level by level as long as 24 rows suffice, and besides the root,
    whatever has an only child, and the way to each fault and each change."""
    open_rows, visible, waiting = set(), 1, deque([root])
    while waiting:
        row = waiting.popleft()
        visible_then = visible + len(row.children)
        if row.children and (
            row is root
            or len(row.children) == 1
            or visible_then <= ROWS_AT_FIRST
            or any(child.must_be_seen for child in row.children)
        ):
            open_rows.add(id(row))
            visible = visible_then
            waiting.extend(row.children)
    return frozenset(open_rows)
