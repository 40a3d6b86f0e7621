"""The headline table: outcomes under every policy, and differences against the present course from the same draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twofront.analyse.estimates import Difference, Estimate, difference_of, estimate
from twofront.analyse.outcomes import describe, headline_outcomes
from twofront.analyse.sample import Sample
from twofront.analyse.streaming import LARGE, levels_and_changes
from twofront.ensemble.reading import RANK_ERROR

if TYPE_CHECKING:
    import polars as pl

    from twofront.case import Case
    from twofront.ensemble import Run

__all__ = ["Headline", "headline"]

_NARROW = ("deterrence_margin", "second_front_chance", "any_war_chance", "double_war_chance", "policy_cost")


@dataclass(frozen=True)
class Headline:
    """Levels and paired differences by (policy, outcome); the present course has levels only."""

    case: Case
    policies: tuple[str, ...]
    outcomes: tuple[str, ...]
    n: int
    left_out: int
    levels: Mapping[tuple[str, str], Estimate]
    differences: Mapping[tuple[str, str], Difference]
    rank_error: float = 0.0
    """How far off the level of a quantile may be: 0 where quantiles are exact."""

    @property
    def frame(self) -> pl.DataFrame:
        """One row per policy and outcome."""
        import polars as pl

        rows: list[dict[str, Any]] = []
        for (policy, outcome), level in self.levels.items():
            change = self.differences.get((policy, outcome))
            rows.append(
                {
                    "policy": policy,
                    "outcome": outcome,
                    "n": level.n,
                    "median": level.median,
                    "q05": level.low,
                    "q95": level.high,
                    "mean": level.mean,
                    "mean_error": level.error,
                    "difference_median": change.median if change else None,
                    "difference_q05": change.low if change else None,
                    "difference_q95": change.high if change else None,
                    "difference_mean": change.mean if change else None,
                    "difference_mean_error": change.error if change else None,
                    "share_lower": change.lower if change else None,
                    "share_higher": change.higher if change else None,
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    def __rich__(self) -> Any:
        """The table a terminal shows: the present course, then what each policy changes."""
        from rich.console import Group
        from rich.table import Table

        shown = [name for name in self.outcomes if name.startswith(_NARROW)]
        present = Table(title=f"{self._label(self.policies[0])}: medians and nine of ten futures", title_justify="left")
        present.add_column("outcome")
        for head in ("median", "5%", "95%", "mean ± 95%"):
            present.add_column(head, justify="right")
        for name in shown:
            if name == "policy_cost":
                continue
            level, kind = self.levels[self.policies[0], name], describe(self.case, name).kind
            present.add_row(
                describe(self.case, name).words,
                _number(level.median, kind),
                _number(level.low, kind),
                _number(level.high, kind),
                f"{_number(level.mean, kind)} ± {_number(level.mean_high - level.mean, kind)}",
            )
        if len(self.policies) == 1:
            return Group(present, self._enough(shown), *self._notes())
        compared = [
            n for n in ("any_war_chance", "double_war_chance", "second_front_chance.fixed", "policy_cost") if n in shown
        ]
        changes = Table(
            title="What each policy changes, same draws: median, nine of ten futures, share of futures lower",
            title_justify="left",
        )
        changes.add_column("policy")
        for name in compared:
            changes.add_column(_SHORT[name], justify="right")
        for policy in self.policies[1:]:
            cells = [self._change(policy, name) for name in compared]
            changes.add_row(self._label(policy), *cells)
        return Group(present, changes, self._enough(shown), *self._notes())

    def _enough(self, shown: Sequence[str]) -> Any:
        """How exactly the number of futures fixes what is shown, and whether it tells the policies apart."""
        from rich.table import Table

        table = Table(title="Enough futures? 95% Monte Carlo intervals", title_justify="left")
        table.add_column("outcome")
        for head in ("mean", "median", "mean change, widest", "policy effects told from 0"):
            table.add_column(head, justify="right")
        for name in shown:
            level, kind = self.levels[self.policies[0], name], describe(self.case, name).kind
            changes = [self.differences[policy, name] for policy in self.policies[1:]]
            moved = [item for item in changes if item.lower or item.higher]
            told = sum(abs(item.mean) > item.reach * item.error for item in moved)
            widest = max((item.reach * item.error for item in moved), default=None)
            table.add_row(
                describe(self.case, name).words,
                f"± {_number(level.reach * level.error, kind)}",
                "" if math.isnan(level.median_error) else f"± {_number(level.median_error, kind)}",
                "" if widest is None else f"± {_number(widest, kind)}",
                f"{told} of {len(moved)}" if moved else "",
            )
        return table

    def _label(self, policy: str) -> str:
        """The policy's own label; a lever may share its name."""
        return next((item.label for item in self.case.policies if item.name == policy), policy)

    def _change(self, policy: str, name: str) -> str:
        change, kind = self.differences[policy, name], describe(self.case, name).kind
        if name == "policy_cost":
            return f"{_number(change.median, kind)} [{_number(change.low, kind)}, {_number(change.high, kind)}]"
        span = f"{_signed(change.median)} [{_signed(change.low)}, {_signed(change.high)}]"
        return f"{span} {100 * change.lower:.0f}%"

    def _notes(self) -> list[str]:
        left = f" {self.left_out} futures were left out (see status)." if self.left_out else ""
        text = (
            f"{self.n:,} futures.{left} Levels of chances rest on the declared prior (an input); differences, "
            "orderings and margins are what the model adds. Shares of sampled futures are not probabilities."
        )
        if self.rank_error:
            text += f" Quantiles are sketched: each is exact for a level within {self.rank_error:g} of its own."
        return [text]


_SHORT = {
    "any_war_chance": "any war (points)",
    "double_war_chance": "both theatres (points)",
    "second_front_chance.fixed": "second front (points)",
    "policy_cost": "cost (bn USD/year)",
}


def headline(run: Run | Sample, outcomes: Sequence[str] | None = None) -> Headline:
    """Summarise headline outcomes under every policy, and what each policy changes in the same draws."""
    if not isinstance(run, Sample) and run.rows > LARGE:
        held = tuple(n for n in (outcomes or headline_outcomes(run.case)) if n in run.outcome_names)
        found = levels_and_changes(run, held)
        return Headline(
            run.case, run.policies, held, found.n, found.left_out, found.levels, found.changes, rank_error=RANK_ERROR
        )
    sample = run if isinstance(run, Sample) else Sample(run)
    names = tuple(n for n in (outcomes or headline_outcomes(sample.case)) if sample.has(n))
    sample.load(names)
    levels: dict[tuple[str, str], Estimate] = {}
    differences: dict[tuple[str, str], Difference] = {}
    for policy in sample.policies:
        for name in names:
            levels[policy, name] = estimate(sample.of(policy, name), sample.replicates)
            if policy != sample.present:
                differences[policy, name] = difference_of(sample.difference(policy, name), sample.replicates)
    return Headline(sample.case, sample.policies, names, sample.n, sample.left_out, levels, differences)


def _number(value: float, kind: str) -> str:
    if kind in ("chance", "rate"):
        return f"{100 * value:.2g}%"
    if kind == "money":
        return f"{value:+.0f}" if abs(value) >= 0.5 else "0"
    return f"{value:.2f}" if kind == "stakes" else f"{value:.0f}"


def _signed(value: float) -> str:
    """A difference of chances in percentage points, to two digits."""
    points = 100 * value
    return "0" if abs(points) < 0.0005 else f"{points:+.2g}"
