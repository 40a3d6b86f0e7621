"""Correlated draws: a Gaussian copula on normal scores, in a fixed order of operations.

The factor is computed once in Python floats (LAPACK's bits vary by processor), and the scores are combined on the
operations module, so that a sampling stage compiles like any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from twofront.engine.ops import Number, normal_cdf, normal_quantile, total

__all__ = ["NotPositiveDefinite", "cholesky", "correlate"]

SMALLEST_PIVOT = 1e-12
"""Below this share of its variance left, a quantity counts as fixed by the ones before it."""


class NotPositiveDefinite(ValueError):
    """No joint distribution has these correlations. `names` are the quantities whose pairs conflict."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


def cholesky(matrix: Sequence[Sequence[float]], names: Sequence[str] | None = None) -> list[list[float]]:
    """Lower triangular factor L, with L times its transpose equal to a correlation matrix.

    `matrix` is square and symmetric with ones on the diagonal; `names` label its rows in messages. Raises
    `NotPositiveDefinite` with the names that conflict, `ValueError` if it is no correlation matrix.
    """
    size = len(matrix)
    labels = [f"row {i}" for i in range(size)] if names is None else list(names)
    if len(labels) != size:
        raise ValueError(f"{len(labels)} names for a matrix of {size} rows")
    _check(matrix, labels)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            rest = matrix[i][j]
            for k in range(j):
                rest -= lower[i][k] * lower[j][k]
            lower[i][j] = rest / lower[j][j]
        pivot = 1.0
        for k in range(i):
            pivot -= lower[i][k] * lower[i][k]
        if not pivot > SMALLEST_PIVOT:
            tied = [labels[j] for j in range(i) if matrix[i][j] != 0.0 or lower[i][j] != 0.0]
            raise NotPositiveDefinite(
                f"no joint distribution has these correlations: those of `{labels[i]}` with "
                f"{', '.join(f'`{name}`' for name in tied)} contradict those among the latter; "
                "bring some of them nearer to 0",
                (labels[i], *tied),
            )
        lower[i][i] = math.sqrt(pivot)
    return lower


def _check(matrix: Sequence[Sequence[float]], labels: Sequence[str]) -> None:
    size = len(matrix)
    for i, row in enumerate(matrix):
        if len(row) != size:
            raise ValueError(f"`{labels[i]}` has {len(row)} correlations, the matrix {size} rows")
        if row[i] != 1.0:
            raise ValueError(f"the correlation of `{labels[i]}` with itself is {row[i]}, not 1")
        for j in range(i):
            if not -1.0 <= row[j] <= 1.0:
                raise ValueError(f"the correlation of `{labels[i]}` and `{labels[j]}` is {row[j]}, not in -1..1")
            if row[j] != matrix[j][i]:
                raise ValueError(
                    f"the correlation of `{labels[i]}` and `{labels[j]}` is {row[j]} one way and "
                    f"{matrix[j][i]} the other"
                )


def correlate(draws: Sequence[Number], lower: Sequence[Sequence[float]]) -> list[Number]:
    """Draws from (0, 1), independent, made to depend on each other as the factor `lower` says.

    Each result is again even over (0, 1). A quantity that depends on none before it keeps its draw, bit for bit.
    """
    if len(draws) != len(lower):
        raise ValueError(f"{len(draws)} draws for a factor of {len(lower)} rows")
    scores = [normal_quantile(u) for u in draws]
    results: list[Number] = []
    for i, row in enumerate(lower):
        parts = [row[j] * scores[j] for j in range(i + 1) if row[j] != 0.0]
        results.append(draws[i] if len(parts) == 1 else normal_cdf(total(parts)))
    return results
