"""Linear equations by Gaussian elimination with row exchanges, over engine numbers and without branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofront.engine.ops import absolute, where

__all__ = ["eliminate"]


def eliminate(matrix: Sequence[Sequence[Any]], sides: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Solve ``matrix @ x = side`` for each of ``sides``.

    The largest entry of a column becomes its pivot. A singular matrix gives infinities or NaN, never an error.
    """
    size = len(matrix)
    width = size + len(sides)
    rows = [[*line, *(side[place] for side in sides)] for place, line in enumerate(matrix)]
    for step in range(size):
        for other in range(step + 1, size):
            larger = absolute(rows[other][step]) > absolute(rows[step][step])
            for place in range(step, width):
                high, low = rows[step][place], rows[other][place]
                rows[step][place], rows[other][place] = where(larger, low, high), where(larger, high, low)
        inverse = 1.0 / rows[step][step]
        for other in range(step + 1, size):
            factor = rows[other][step] * inverse
            for place in range(step + 1, width):
                rows[other][place] = rows[other][place] - factor * rows[step][place]
        rows[step][step] = inverse
    found: list[list[Any]] = []
    for number in range(len(sides)):
        solution: list[Any] = [0.0] * size
        for place in reversed(range(size)):
            value = rows[place][size + number]
            for other in range(place + 1, size):
                value = value - rows[place][other] * solution[other]
            solution[place] = value * rows[place][place]
        found.append(solution)
    return found
