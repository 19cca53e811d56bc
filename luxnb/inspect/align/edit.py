"""The cheapest way from one row of children to another: an edit distance."""

import numpy as np

# Which of xs stands beside which of ys, by index; None beside what stands alone.
Steps = list[tuple[int | None, int | None]]


def edit(beside: np.ndarray, removing: list[int], adding: list[int]) -> tuple[int, Steps]:
    """The least cost and its steps in order, for `beside[i, j]`, what x_i costs beside y_j, and
    what each costs alone. Where several cost the same, what is removed stands before what is added.

    R. Wagner, M. Fischer, The string-to-string correction problem, 1974.
    """
    n, m = beside.shape
    added = np.concatenate([[0], np.cumsum(adding, dtype=np.int64)])
    costs = np.empty((n + 1, m + 1), np.int64)
    costs[0] = added
    for i in range(n):
        row = costs[i] + removing[i]
        row[1:] = np.minimum(row[1:], costs[i, :-1] + beside[i])
        # row[j] = min over k ≤ j of row[k] + what it costs to add y_k … y_j, all at once
        costs[i + 1] = np.minimum.accumulate(row - added) + added
    return int(costs[n, m]), _steps(costs, beside, adding)


def _steps(costs, beside, adding) -> Steps:
    """The way back through the costs."""
    i, j = beside.shape
    steps: Steps = []
    while i or j:
        if i and j and costs[i, j] == costs[i - 1, j - 1] + beside[i - 1, j - 1]:
            i, j = i - 1, j - 1
            steps.append((i, j))
        elif j and costs[i, j] == costs[i, j - 1] + adding[j - 1]:
            j -= 1
            steps.append((None, j))
        else:
            i -= 1
            steps.append((i, None))
    return steps[::-1]
