"""Draws of a case's inputs: one value per parameter and one law per structure for every future.

A draw depends on the seed, the parameter and the future's number alone, so futures may be drawn in any order and in any
split. Correlated parameters are joined by a Gaussian copula. How the numbers behind the draws are spread is the
design's (`twofront.parameters.designs`): with all but Sobol' sequences, adding a parameter shifts no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from twofront.engine.ops import normal_cdf, normal_quantile
from twofront.faults import UserError, listed, nearest
from twofront.parameters import distributions
from twofront.parameters.correlation import NotPositiveDefinite, cholesky, correlate
from twofront.parameters.designs import design_of

if TYPE_CHECKING:
    from twofront.case import Case, Parameter

__all__ = ["Draws", "Sampler", "normal_correlation"]

Floats: TypeAlias = NDArray[np.float64]

_STRUCTURE = "structure:"
"""Opens the stream names of structures; no parameter's name can hold a colon."""
_LEAST_EVEN = 2.0**-53
"""The smallest number that a stream gives."""
_FEW = 8
"""Drawing one column in so many costs less by itself than as one of all."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The inputs of a range of futures."""

    values: Floats
    """One row per parameter of the case, in its order; one column per future."""
    structures: Floats
    """One row per structure of the case; the index of the law drawn."""


class Sampler:
    """Draws the inputs of a case's futures.

    `design` is how the draws are spread: one of `designs.DESIGNS`. `fixed` holds parameters at a value, `structures`
    holds structures at one of their laws; everything else keeps the draws it has without them. `shifts` moves a
    parameter's range by so many standard units of its normal scores, and what is correlated with it along: the same
    distribution that weighting each future by exp(shift × score) has.
    """

    def __init__(
        self,
        case: Case,
        seed: int,
        *,
        fixed: Mapping[str, float] | None = None,
        structures: Mapping[str, str] | None = None,
        shifts: Mapping[str, float] | None = None,
        design: str = "random",
    ) -> None:
        self.seed = seed
        self.design = design
        self.parameter_names: tuple[str, ...] = tuple(item.name for item in case.parameters)
        self.structure_options: dict[str, tuple[str, ...]] = {item.name: item.options for item in case.structures}
        self.uncertain: tuple[int, ...] = tuple(i for i, item in enumerate(case.parameters) if item.uncertain)
        """Rows of `Draws.values` that have a range."""
        self._constants = np.array([item.mode for item in case.parameters], dtype=np.float64)
        self._fixed = _indexed(fixed or {}, self.parameter_names, case.name)
        self._chosen = _chosen(structures or {}, self.structure_options, case.name)
        self._cumulative = [_cumulative(item.weights) for item in case.structures]
        self._numbers = design_of(design, seed, self.dimensions)
        self._drawn = drawn = [case.parameters[row] for row in self.uncertain]
        self._shapes = _by_shape(drawn)
        self._joined = _joined(drawn)
        self._shifts = self._moved(shifts or {}, case.name)

    def draw(self, lo: int, hi: int) -> Draws:
        """Inputs of the futures `lo` to `hi - 1`."""
        return self.inputs_of(self._numbers.rows(lo, hi))

    def columns(self, names: Sequence[str], lo: int, hi: int) -> list[Floats]:
        """Values of some parameters alone, to the same bits: only the numbers that they depend on are made."""
        places = {name: row for row, name in enumerate(self.parameter_names)}
        if len(names) * _FEW > len(self.uncertain):
            values = self.draw(lo, hi).values
            return [values[places[name]] for name in names]
        return [self._column(places[name], lo, hi) for name in names]

    def _column(self, row: int, lo: int, hi: int) -> Floats:
        if row in self._fixed or row not in self.uncertain:
            return np.full(hi - lo, self._fixed.get(row, self._constants[row]))
        place = self.uncertain.index(row)
        rows, lower = next((each for each in self._joined if place in each[0]), ([place], [[1.0]]))
        even = np.stack([np.asarray(each) for each in correlate(list(self._numbers.rows(lo, hi, rows)), lower)])
        own = even[rows.index(place)][None]
        if place in self._shifts:
            own = _shifted(own, self._shifts[place])
        return _by_shape([self._drawn[place]])[0].values(own)[0]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the rows of numbers for `inputs_of` stand for: parameters, then `structure:` and a structure's name."""
        drawn = [self.parameter_names[row] for row in self.uncertain]
        return (*drawn, *(_STRUCTURE + name for name in self.structure_options))

    @property
    def joined(self) -> list[tuple[str, ...]]:
        """Groups of parameters whose draws depend on each other."""
        return [tuple(self.dimensions[row] for row in rows) for rows, _ in self._joined]

    def inputs_of(self, even: Floats) -> Draws:
        """Inputs from numbers spread evenly over (0, 1) and independent: one row for each of `dimensions`.

        The rows of joined parameters are overwritten.
        """
        n = even.shape[1]
        count = len(self.uncertain)
        for rows, lower in self._joined:
            even[rows] = correlate(list(even[rows]), lower)
        for row, shift in self._shifts.items():
            even[row] = _shifted(even[row], shift)
        values = np.empty((len(self.parameter_names), n))
        values[:] = self._constants[:, None]
        places = np.array(self.uncertain, dtype=np.intp)
        for group in self._shapes:
            values[places[group.rows]] = group.values(even[group.rows])
        for row, value in self._fixed.items():
            values[row] = value
        laws = np.empty((len(self.structure_options), n))
        for row, cumulative in enumerate(self._cumulative):
            chosen = self._chosen.get(row)
            laws[row] = np.searchsorted(cumulative, even[count + row], side="right") if chosen is None else chosen
        return Draws(values, laws)

    def _moved(self, shifts: Mapping[str, float], case: str) -> dict[int, float]:
        """By how much the score of each uncertain parameter moves, with what is correlated."""
        whole = np.zeros(len(self.uncertain))
        places = {row: place for place, row in enumerate(self.uncertain)}
        for row, shift in _indexed(shifts, self.parameter_names, case).items():
            if row not in places:
                raise UserError(f"`{self.parameter_names[row]}` has no range, so it cannot be shifted")
            whole[places[row]] = shift
        for rows, lower in self._joined:
            factor = np.array(lower)
            whole[rows] = factor @ (factor.T @ whole[rows])
        return {place: float(shift) for place, shift in enumerate(whole) if shift}


def _shifted(even: Floats, shift: float) -> Floats:
    """Numbers whose normal scores lie `shift` higher."""
    score: Any = normal_quantile(even)  # pyright: ignore[reportArgumentType]
    moved: Any = normal_cdf(score + shift)
    return np.clip(moved, _LEAST_EVEN, 1.0 - _LEAST_EVEN)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Parameters of one shape, with their figures in columns."""

    shape: str
    rows: NDArray[np.intp]
    low: Floats
    mode: Floats
    high: Floats

    def values(self, even: Floats) -> Floats:
        law: Any = getattr(distributions, self.shape)
        if self.shape in ("uniform", "log_uniform"):
            return law(even, self.low, self.high)
        return law(even, self.low, self.mode, self.high)


def _by_shape(drawn: Sequence[Parameter]) -> list[_Shape]:
    groups: list[_Shape] = []
    for shape in dict.fromkeys(item.shape for item in drawn):
        rows = [row for row, item in enumerate(drawn) if item.shape == shape]
        figures = np.array([[drawn[row].low, drawn[row].mode, drawn[row].high] for row in rows]).T
        low, mode, high = (np.ascontiguousarray(row)[:, None] for row in figures)
        groups.append(_Shape(shape, np.array(rows, dtype=np.intp), low, mode, high))
    return groups


def normal_correlation(rank: float) -> float:
    """Correlation of normal scores that gives a rank correlation (Spearman): 2 sin(pi rank / 6).

    The sine is summed here, since the mathematics library's last bit varies by machine.
    """
    angle = 3.141592653589793 * rank / 6.0
    term = total = angle
    for order in range(3, 22, 2):
        term = -term * angle * angle / (order * (order - 1))
        total += term
    return 2.0 * total


def _joined(drawn: Sequence[Parameter]) -> list[tuple[list[int], list[list[float]]]]:
    """For each connected group of correlated parameters, their rows and the factor that joins them."""
    rows = {item.name: row for row, item in enumerate(drawn)}
    pairs: dict[tuple[int, int], float] = {}
    root = list(range(len(drawn)))

    def find(row: int) -> int:
        while root[row] != row:
            row = root[row]
        return row

    for item in drawn:
        for other in item.moves_with:
            if other.parameter in rows:
                first, second = sorted((rows[item.name], rows[other.parameter]))
                pairs[first, second] = normal_correlation(other.value)
                root[find(second)] = find(first)
    groups: dict[int, list[int]] = {}
    for row in sorted({row for pair in pairs for row in pair}):
        groups.setdefault(find(row), []).append(row)
    return [(group, _factor(group, pairs, drawn)) for group in groups.values()]


def _factor(
    group: Sequence[int], pairs: Mapping[tuple[int, int], float], drawn: Sequence[Parameter]
) -> list[list[float]]:
    matrix = [[1.0 if a == b else pairs.get((min(a, b), max(a, b)), 0.0) for b in group] for a in group]
    try:
        return cholesky(matrix, [drawn[row].name for row in group])
    except NotPositiveDefinite as error:
        raise UserError(str(error)) from None


def _cumulative(weights: Sequence[float]) -> Floats:
    """Upper ends of the options' shares of 0..1, the last left out so that rounding cannot pass it."""
    total = 0.0
    for weight in weights:
        total += weight
    reached, ends = 0.0, list[float]()
    for weight in weights:
        reached += weight
        ends.append(reached / total)
    last = max(index for index, weight in enumerate(weights) if weight > 0)
    return np.array(ends[:last], dtype=np.float64)


def _indexed(fixed: Mapping[str, float], names: Sequence[str], case: str) -> dict[int, float]:
    rows = {name: row for row, name in enumerate(names)}
    for name in fixed:
        if name not in rows:
            raise UserError(f"{case} has no parameter `{name}`{_hint(name, names)}")
    return {rows[name]: float(value) for name, value in fixed.items()}


def _chosen(structures: Mapping[str, str], options: Mapping[str, Sequence[str]], case: str) -> dict[int, int]:
    chosen: dict[int, int] = {}
    for name, law in structures.items():
        if name not in options:
            raise UserError(f"{case} has no structure `{name}`{_hint(name, list(options))}")
        if law not in options[name]:
            raise UserError(f"the structure `{name}` has no law `{law}`{_hint(law, options[name])}")
        chosen[list(options).index(name)] = options[name].index(law)
    return chosen


def _hint(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean `{near}`?" if near else f"; there are {listed(known)}"
