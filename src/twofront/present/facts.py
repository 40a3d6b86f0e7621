"""What every section of the report draws on: the sample, the case's labels, and numbers computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from twofront.analyse.drivers import Driver, Ranking
from twofront.analyse.estimates import Estimate, estimate
from twofront.analyse.levels import Headline, headline
from twofront.analyse.outcomes import describe, leading
from twofront.analyse.record import Flag, check_record
from twofront.analyse.regrets import REGRET_OUTCOMES, Regret, regret
from twofront.analyse.sample import Sample
from twofront.analyse.second_front import Mechanisms, mechanisms
from twofront.analyse.streaming import LARGE
from twofront.analyse.study import Study
from twofront.present.palette import FIRST, SECOND, assigned

if TYPE_CHECKING:
    import polars as pl

    from twofront.case import Case
    from twofront.ensemble import Run
    from twofront.world import Challenger

__all__ = ["Facts", "Series"]

COMPARED = ("any_war_chance", "double_war_chance", "second_front_chance.fixed")


@dataclass(frozen=True)
class Series:
    """Quantiles of a kept series by month, decisions only; `years` are decimal calendar years."""

    years: list[float]
    labels: list[str]
    quantiles: dict[str, list[float]]


class Facts:
    """A run, made ready for the sections of its report."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.sample = Sample(run)
        self.directions: dict[tuple[str, str], str] = {}
        """Robust directions by policy and outcome, as far as they were asked for."""
        self.case: Case = run.case
        names = run.outcome_names
        self.sample.load([*leading(self.case), *COMPARED, *REGRET_OUTCOMES, *_WIDE])
        self.sample.load([name for name in names if name.startswith(_FAMILIES) and not name.endswith(".censored")])

    # ---- who and where ----------------------------------------------------------------------------------

    @property
    def first(self) -> Challenger:
        """The first mover."""
        return self.case.world.challengers[0]

    @property
    def second(self) -> Challenger:
        """The second mover."""
        return self.case.world.challengers[1]

    def label(self, name: str) -> str:
        """The case's label of something."""
        return self.case.label(name)

    def short(self, name: str) -> str:
        """The label of something without what it says in brackets."""
        return self.label(name).split(" (")[0]

    def policy_label(self, name: str) -> str:
        """The label of a policy, which may share its name with a lever."""
        return self.case.policy(name).label

    def place(self, theatre: str) -> str:
        """A theatre's label."""
        return self.case.world.theatre(theatre).label

    def colour_of(self, theatre: str) -> str:
        """The colour of a theatre and of its challenger."""
        return FIRST if theatre == self.first.theatre else SECOND

    def in_words(self, outcome: str) -> str:
        """An outcome in words."""
        return describe(self.case, outcome).words

    @property
    def present(self) -> str:
        """Name of the present course."""
        return self.sample.present

    @property
    def others(self) -> tuple[str, ...]:
        """The policies that are compared with it."""
        return self.sample.policies[1:]

    @property
    def whole(self) -> str:
        """What every figure says about its sample."""
        return f"n = {self.sample.n:,} futures"

    @cached_property
    def policy_colours(self) -> dict[str, str]:
        """One colour for each policy."""
        return assigned(self.others)

    # ---- numbers ------------------------------------------------------------------------------------------

    @cached_property
    def study(self) -> Study:
        """The same futures with their inputs, for the analyses at size."""
        return Study.of(self.run)

    @cached_property
    def headline(self) -> Headline:
        """Levels and differences."""
        return headline(self.run if self.run.rows > LARGE else self.sample)

    @cached_property
    def flags(self) -> list[Flag]:
        """Checks against the record."""
        return check_record(self.sample)

    @cached_property
    def regrets(self) -> list[Regret]:
        """Regret of every policy."""
        return regret(self.sample)

    @cached_property
    def ranking(self) -> Ranking:
        """The futures in the order of each parameter."""
        return Ranking(self.sample)

    @cached_property
    def effect_drivers(self) -> dict[str, list[Driver]]:
        """For each policy, the parameters that move its effect on the chance of any war most."""
        if not self.sample.has("any_war_chance"):
            return {}
        name = "any_war_chance"
        return {p: self.ranking.drivers(name, self.sample.difference(p, name), top=3) for p in self.others}

    @cached_property
    def split(self) -> Mechanisms:
        """The second front by mechanism, the first mover's war first, present course."""
        return mechanisms(self.sample)

    @cached_property
    def mirrored(self) -> Mechanisms:
        """The same with the second mover's war first."""
        return mechanisms(self.sample, order=self.second.theatre)

    def level(self, outcome: str, policy: str | None = None) -> Estimate:
        """An outcome under a policy, the present course by default."""
        return estimate(self.sample.of(policy or self.present, outcome))

    def names(self, prefix: str) -> list[str]:
        """Outcomes of a family, in the order of the run."""
        return [name for name in self.run.outcome_names if name.startswith(prefix)]

    # ---- series -------------------------------------------------------------------------------------------

    @cached_property
    def _paths(self) -> pl.DataFrame | None:
        import polars as pl

        paths = self.run.paths
        if paths is None:
            return None
        return paths.with_columns(pl.col("policy", "path").cast(pl.String))

    @cached_property
    def _kept(self) -> dict[tuple[Any, ...], pl.DataFrame]:
        import polars as pl

        if self._paths is None:
            return {}
        present = self._paths.filter(pl.col("policy") == self.present)
        return present.partition_by("path", as_dict=True, maintain_order=True)

    @property
    def series_names(self) -> list[str]:
        """Series that the run kept."""
        return [str(key[0]) for key in self._kept]

    @cached_property
    def path_futures(self) -> int:
        """Futures whose series were kept."""
        return max((int(frame["futures"].max() or 0) for frame in self._kept.values()), default=0)  # pyright: ignore[reportArgumentType]

    def series(self, name: str, *, all_months: bool = False) -> Series | None:
        """A kept series on the present course; None where the run has none of that name."""
        import polars as pl

        frame = self._kept.get((name,))
        if frame is None:
            return None
        clock = self.case.world.clock
        if not all_months:
            frame = frame.filter(pl.col("month") >= clock.cutoff)
        months = frame["month"].to_list()
        return Series(
            [clock.first_year + month / 12 for month in months],
            [self.case.clock_labels[month] for month in months],
            {q: frame[q].to_list() for q in ("q05", "q25", "q50", "q75", "q95")},
        )


_WIDE = ("first_war_chance", "second_front_alone", "second_front_at_rest", "window_months", "military_window_months")
_FAMILIES = (
    "second_front",
    "opportunism",
    "coordination",
    "common_cause",
    "unanchored.",
    "yearly_",
    "call_",
    "objective_chance.",
    "forces.",
    "policy_cost",
    "exhaustion_day.",
    "first_war_chance",
    "window_months",
)
