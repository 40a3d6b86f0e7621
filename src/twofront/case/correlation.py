"""Whether the correlations of a case can hold together: a Cholesky factor exists for each connected part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from twofront.case.model import Parameter
from twofront.case.tree import Tree
from twofront.faults import Fault, listed

__all__ = ["check_correlations", "is_positive_definite"]


def is_positive_definite(matrix: list[list[float]], *, least: float = 1e-9) -> bool:
    """Whether a symmetric matrix has a Cholesky factor with pivots above ``least``."""
    size = len(matrix)
    factor = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row][column] - sum(factor[row][k] * factor[column][k] for k in range(column))
            if row == column:
                if rest <= least:
                    return False
                factor[row][row] = math.sqrt(rest)
            else:
                factor[row][column] = rest / factor[column][column]
    return True


def check_correlations(parameters: Iterable[Parameter], tree: Tree) -> list[Fault]:
    """Faults where two parameters state different correlations of each other, or where all cannot hold at once."""
    faults: list[Fault] = []
    pairs: dict[tuple[str, str], float] = {}
    neighbours: dict[str, set[str]] = {}
    for item in parameters:
        for other in item.moves_with:
            pair = (min(item.name, other.parameter), max(item.name, other.parameter))
            if pair in pairs and pairs[pair] != other.value:
                message = f"`{item.name}` and `{other.parameter}` state different correlations of each other"
                message += f": {pairs[pair]:g} and {other.value:g}"
                route = ("parameters", item.name, "moves_with", other.parameter, "value")
                faults.append(
                    tree.fault(
                        route, message, found=f"{other.value:g}", allowed=f"{pairs[pair]:g}", remedy="state it once"
                    )
                )
            pairs.setdefault(pair, other.value)
            neighbours.setdefault(item.name, set()).add(other.parameter)
            neighbours.setdefault(other.parameter, set()).add(item.name)
    for part in _parts(neighbours):
        matrix = [[1.0 if a == b else pairs.get((min(a, b), max(a, b)), 0.0) for b in part] for a in part]
        if not is_positive_definite(matrix):
            first = next(item for item in parameters if item.name in part and item.moves_with)
            message = f"the correlations among {listed((f'`{n}`' for n in part), most=6)} cannot all hold at once"
            remedy = "weaken some of them, or state those that are missing among the same parameters"
            route = ("parameters", first.name, "moves_with")
            faults.append(tree.fault(route, message, key=True, allowed="a positive definite matrix", remedy=remedy))
    return faults


def _parts(neighbours: Mapping[str, set[str]]) -> list[list[str]]:
    """Connected parts, in the order of the case."""
    seen: set[str] = set()
    parts: list[list[str]] = []
    for start in neighbours:
        if start in seen:
            continue
        part, waiting = [start], [start]
        seen.add(start)
        while waiting:
            for name in sorted(neighbours[waiting.pop()]):
                if name not in seen:
                    seen.add(name)
                    part.append(name)
                    waiting.append(name)
        parts.append(part)
    return parts
