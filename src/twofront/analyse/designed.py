"""A case evaluated on a design: its own ranges, shapes, laws and correlations, and inputs moved one after another.

The design's numbers are even over (0, 1) and independent; the case turns them into inputs as it does for any future.
Parameters that the case declares to move together are one factor: indices of one of them alone would hang on an
arbitrary order. Structures are factors like any other, and all of them together are one more for total indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twofront.analyse.estimates import NORMAL_95
from twofront.analyse.groups import LAWS, PARTITIONS, grouped
from twofront.analyse.sample import USABLE, Floats
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    import polars as pl

    from twofront.case import Case

__all__ = ["DESIGNS", "CaseOnDesign", "Factor", "designed_table", "factors_of"]

DESIGNS: Final = ("morris", "sobol")
TRAJECTORIES: Final = 20
EVALUATIONS: Final = 50_000
"""A Sobol design takes as many base points as so many evaluations allow, if nothing is said."""
FEWEST_POINTS: Final = 64
_PIECE: Final = 192
"""Futures in one piece of work."""


@dataclass(frozen=True, slots=True)
class Factor:
    """Inputs that a design moves together."""

    name: str
    members: tuple[str, ...]
    rows: tuple[int, ...]


class CaseOnDesign:
    """Outcomes of a case as a function of independent even numbers.

    ``policy`` and ``versus`` as for `twofront.analyse.sensitivity.sensitivity`. Futures that fail are NaN and
    counted in ``failed``.
    """

    def __init__(
        self,
        case: Case,
        outcomes: Sequence[str] | None,
        *,
        policy: str = "",
        versus: str = "",
        fixed: Mapping[str, float] | None = None,
        structures: Mapping[str, str] | None = None,
        threads: int = 2,
    ) -> None:
        from twofront.future import FutureModel
        from twofront.parameters.sampling import Sampler

        self.case = case
        present = case.policies[0].name
        self.policy, self.versus = policy or present, versus
        self.model = FutureModel(case, policies=[name for name in (self.policy, versus) if name])
        self.model.prepare()
        self.sampler = Sampler(case, 0, fixed=fixed, structures=structures)
        held = {*(fixed or {}), *(f"structure:{name}" for name in structures or {})}
        self.free = [name not in held for name in self.sampler.dimensions]
        self.outcomes = _chosen(case, self.model.outcome_names, outcomes)
        names = list(self.model.outcome_names)
        self._rows = [names.index(name) for name in self.outcomes]
        self._usable = np.isin(np.arange(len(self.model.status_names)), _places(self.model.status_names))
        self.threads = threads
        self.evaluated = 0
        self.failed = 0

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs by row of the design, `structure.<name>` for structures."""
        return tuple(name.replace("structure:", "structure.") for name in self.sampler.dimensions)

    def __call__(self, points: Floats) -> Floats:
        """Outcomes (outcomes, n) at points (rows, n)."""
        n = points.shape[1]
        pieces = [slice(lo, min(lo + _PIECE, n)) for lo in range(0, n, _PIECE)]
        with ThreadPoolExecutor(self.threads) as pool:
            parts = list(pool.map(lambda piece: self._evaluate(points[:, piece].copy()), pieces))
        self.evaluated += n
        self.failed += sum(failed for _, failed in parts)
        return np.concatenate([outcomes for outcomes, _ in parts], axis=1)

    def _evaluate(self, points: Floats) -> tuple[Floats, int]:
        drawn = self.sampler.inputs_of(points)
        found = self.model.evaluate(drawn.values, drawn.structures, paths=False)
        names = list(self.model.policy_names)
        places = [names.index(name) for name in (self.policy, self.versus) if name]
        values = found.outcomes[places[0]][self._rows]
        if self.versus:
            values = values - found.outcomes[places[1]][self._rows]
        usable = np.logical_and.reduce(self._usable[found.status[places]], axis=0)
        values = np.where(usable, values, np.nan)
        return values, int((~usable).sum())


def _places(statuses: Sequence[str]) -> list[int]:
    return [place for place, name in enumerate(statuses) if name in USABLE]


def _chosen(case: Case, held: Sequence[str], outcomes: Sequence[str] | None) -> list[str]:
    if outcomes is None:
        from twofront.analyse.outcomes import headline_outcomes

        return [name for name in headline_outcomes(case) if name in held]
    if list(outcomes) == ["all"]:
        return list(held)
    for name in outcomes:
        if name not in held:
            near = nearest(name, held)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(held)}"
            raise UserError(f"{case.name}: no outcome `{name}`; {hint}")
    return list(dict.fromkeys(outcomes))


def factors_of(model: CaseOnDesign, by: str = "") -> list[Factor]:
    """The factors of a case: its inputs one by one, or by a grouping in which each stands once (`PARTITIONS`).

    Inputs that move together stay together, and join their groups.
    """
    if by and by not in PARTITIONS:
        near = nearest(by, PARTITIONS)
        hint = (
            f"did you mean `{near}`?" if near else f"a design takes {listed(PARTITIONS)}, whose groups do not overlap"
        )
        raise UserError(f"no grouping `{by}` for a design; {hint}")
    names = model.inputs
    rows = {name: row for row, name in enumerate(names) if model.free[row]}
    sets = (
        [
            (name, tuple(sorted(members, key=names.index)))
            for name, members in grouped(model.case, by, list(rows)).items()
        ]
        if by
        else [(name, (name,)) for name in rows]
    )
    joined = [{name for name in group if name in rows} for group in model.sampler.joined]
    made: list[tuple[list[str], set[str]]] = []
    for label, members in sets:
        labels, held = [label], set(members)
        for group in joined:
            if held & group:
                held |= group
        overlapping = [item for item in made if item[1] & held]
        for item in overlapping:
            labels, held = item[0] + labels, held | item[1]
            made.remove(item)
        made.append((labels, held))
    return [_factor(labels, held, names, rows, grouped_by=bool(by)) for labels, held in made]


def _factor(
    labels: Sequence[str], held: set[str], names: Sequence[str], rows: Mapping[str, int], *, grouped_by: bool
) -> Factor:
    members = tuple(name for name in names if name in held)
    if grouped_by:
        name = " + ".join(labels)
    else:
        others = len(members) - 1
        name = members[0] + (f" and {others} that move{'s' if others == 1 else ''} with it" if others else "")
    return Factor(name, members, tuple(rows[member] for member in members))


def designed_table(
    model: CaseOnDesign,
    design: str,
    factors: Sequence[Factor],
    n: int | None,
    *,
    by: str,
    seed: int,
    told: Callable[[float], None],
) -> tuple[pl.DataFrame, int]:
    """Evaluate a design and return its table and the points or trajectories that it took."""
    from twofront.analyse import designs

    free = [row for row, held in enumerate(model.free) if held]
    place = {row: at for at, row in enumerate(free)}
    rows = [[place[row] for row in factor.rows] for factor in factors]

    def evaluate(points: Floats) -> Floats:
        # What is held fixed needs a number too; which one changes nothing.
        whole = np.full((len(model.free), points.shape[1]), 0.5)
        whole[free] = points
        return model(whole)

    kinds = [by or "input"] * len(factors)
    if design == "morris":
        n = n or TRAJECTORIES
        found = designs.morris(evaluate, len(free), rows, n, seed=seed, told=told)
        columns: dict[str, tuple[Floats, Floats]] = {"mu_star": (found.mu_star, found.mu_star_error)}
        plain: dict[str, Any] = {"mu": found.mu, "sigma": found.sigma}
        return _frame(model, factors, kinds, columns, plain, found.n), n
    structures = [factor for factor in factors if all(name.startswith("structure.") for name in factor.members)]
    if len(structures) > 1:
        together = Factor(
            LAWS, tuple(m for f in structures for m in f.members), tuple(r for f in structures for r in f.rows)
        )
        factors, kinds = [*factors, together], [*kinds, "all"]
        rows = [*rows, [place[row] for row in together.rows]]
    if n is None:
        n = FEWEST_POINTS
        while designs.cost("sobol", len(rows), 2 * n) <= EVALUATIONS:
            n *= 2
    found = designs.sobol(evaluate, len(free), rows, n, seed=seed, told=told)
    columns = {"first": (found.first, found.first_error), "total": (found.total, found.total_error)}
    plain = {"mean": np.broadcast_to(found.mean, found.first.shape)}
    return _frame(model, factors, kinds, columns, plain, np.broadcast_to(found.n, found.first.shape)), n


def _frame(
    model: CaseOnDesign,
    factors: Sequence[Factor],
    kinds: Sequence[str],
    columns: Mapping[str, tuple[Floats, Floats]],
    plain: Mapping[str, Floats],
    n: Any,
) -> pl.DataFrame:
    import polars as pl

    parameters = {parameter.name: parameter for parameter in model.case.parameters}
    single = [parameters.get(factor.members[0]) if len(factor.members) == 1 else None for factor in factors]
    leading = next(iter(columns))
    frames: list[pl.DataFrame] = []
    for at, outcome in enumerate(model.outcomes):
        made: dict[str, Any] = {
            "outcome": [outcome] * len(factors),
            "of": list(kinds),
            "name": [factor.name for factor in factors],
            "inputs": [len(factor.members) for factor in factors],
            "members": [", ".join(factor.members) for factor in factors],
            "n": n[:, at],
        }
        for name, (value, error) in columns.items():
            made[name] = value[:, at]
            made[f"{name}_low"] = value[:, at] - NORMAL_95 * error[:, at]
            made[f"{name}_high"] = value[:, at] + NORMAL_95 * error[:, at]
        made |= {name: value[:, at] for name, value in plain.items()}
        made |= {
            "range_low": [p.low if p else None for p in single],
            "range_mode": [p.mode if p else None for p in single],
            "range_high": [p.high if p else None for p in single],
            "unit": [p.unit if p else "" for p in single],
            "grade": [p.grade if p else "" for p in single],
            "means": [p.means if p else "" for p in single],
        }
        frame = pl.DataFrame(made).with_columns(pl.col(pl.Float64).fill_nan(None))
        frames.append(frame.sort([leading, "name"], descending=[True, False], nulls_last=True))
    return pl.concat(frames)
