"""Pair the rows of two equally tall matrices of floats so that every pair is close.

Closeness is not transitive, so sorting both sides and pairing by position can miss a pairing that
exists. This is the exact answer: a perfect matching of a bipartite graph by augmenting paths
(Berge, "Two theorems in graph theory", PNAS 43, 1957), from the sorted pairing as a start.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darkwood_bench.validation.tolerance import ABSOLUTE, RELATIVE, Floats, close

Rows = npt.NDArray[np.int64]


def unpaired_row(left: Floats, right: Floats) -> int | None:
    """The index of a row of `left` that no pairing of all rows can serve; None when all pair up.

    Both have shape (rows, columns) and hold finite values. With one column the sorted pairing
    already decides. Otherwise time grows with rows x (rows that are close in the first column) for
    each row that the sorted pairing leaves over; the first row that cannot be served ends it.
    """
    left_order, right_order = _sorted(left), _sorted(right)
    left, right = left[left_order], right[right_order]
    paired = close(left, right).all(axis=1)
    positions = np.arange(len(left))
    pairs = _Pairs(np.where(paired, positions, -1), np.where(paired, positions, -1))
    for row in np.flatnonzero(~paired):
        if not _augment(int(row), left, right, pairs):
            return int(left_order[row])
    return None


@dataclass(frozen=True)
class _Pairs:
    """The pairing so far, both ways; -1 where a row is unpaired."""

    of_left: Rows
    of_right: Rows


def _augment(start: int, left: Floats, right: Floats, pairs: _Pairs) -> bool:
    """Find an alternating path from the unpaired left row `start` to an unpaired right row."""
    came_from: dict[int, int] = {}
    queue = deque([start])
    while queue:
        row = queue.popleft()
        for candidate in _neighbours(left[row], right):
            if candidate in came_from:
                continue
            came_from[candidate] = row
            owner = int(pairs.of_right[candidate])
            if owner < 0:
                _flip(candidate, came_from, pairs)
                return True
            queue.append(owner)
    return False


def _flip(end: int, came_from: dict[int, int], pairs: _Pairs) -> None:
    """Pair along the path that ends at the free right row `end`, back to its unpaired start."""
    while end >= 0:
        row = came_from[end]
        freed = int(pairs.of_left[row])
        pairs.of_left[row], pairs.of_right[end] = end, row
        end = freed


def _neighbours(row: Floats, right: Floats) -> list[int]:
    """Rows of `right`, sorted by its first column, that are close to `row` in every column."""
    # Twice the tolerance of the row's own value covers a larger value's tolerance too.
    reach = 2 * (ABSOLUTE + RELATIVE * abs(row[0]))
    low, high = np.searchsorted(right[:, 0], [row[0] - reach, row[0] + reach])
    near = close(right[low : high + 1], row).all(axis=1)
    return [int(low) + int(offset) for offset in np.flatnonzero(near)]


def _sorted(matrix: Floats) -> Rows:
    """The order of rows by their first column, then their second, and so on."""
    return np.lexsort(matrix.T[::-1])
