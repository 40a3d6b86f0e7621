"""The stages of a future as the engine runs them, exchanging named rows.

``arsenals``, ``forces`` and ``closures`` (once per policy) → at each date, for each theatre with the structure of war
that the future has drawn for it, ``theatre`` and, for every lag, ``later`` → ``pairs`` (once per policy and date) →
``anchor`` (once per draw, under the present course) → ``choices`` (once per policy; ``plain``: without the anchor).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from twofront.adjudicate import MODES, STATES, Field, Sharing, adjudicate, closures, field_of, later, sharing
from twofront.case import Case
from twofront.choose import Standing, play, prospects, sides, waiting_value
from twofront.engine.executor import Stage
from twofront.engine.ops import Number, Series, exp, for_each, index_table, log, maximum, scan, table
from twofront.faults import UserError, listed
from twofront.future.dated import Dated
from twofront.future.inputs import (
    LATER,
    LEVER,
    STRUCTURE,
    drawn_readings,
    later_levers,
    structure_number,
    with_levers,
)
from twofront.future.results import Cells, summarise
from twofront.future.rows import (
    Laid,
    WarRows,
    chances_of,
    choice_rows,
    flat,
    later_rows,
    shown,
    theatre_rows,
    unflat,
)
from twofront.quantities import WAR_PARTS, WAR_STRUCTURES, war_parts
from twofront.readings import Readings
from twofront.simulate import MONTHS, Conditions, first_policy_step, simulate, steps

__all__ = ["ANCHOR_PASSES", "LAG", "SWITCH_DATE", "SWITCH_STEP", "Dates", "Stages"]

_Function: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Number | Series]]

LAG = "lag"
"""Input of the stages of later wars: months since the other theatre's war began."""
SWITCH_STEP, SWITCH_DATE = "switch.step", "switch.date"
"""Inputs of the stages of a policy that turns to something else: the first step and the first date under it."""
ANCHOR_PASSES = 12
NEWTON_STEPS = 8


@dataclass(frozen=True, slots=True)
class Dates:
    """Decision dates: nodes of a quadrature between the clock's cutoff and its end.

    ``months``: the middle of each interval, in months from the start; ``spans``: its length in months.
    """

    months: tuple[float, ...]
    spans: tuple[int, ...]

    @staticmethod
    def of(case: Case) -> Dates:
        """Divide the time from the cutoff to the end into intervals of the clock's spacing."""
        clock = case.world.clock
        count = max(1, round((clock.months - clock.cutoff) / clock.spacing))
        starts = [clock.cutoff + place * clock.spacing for place in range(count)]
        ends = [*starts[1:], clock.months]
        return Dates(
            months=tuple((start + end) / 2 for start, end in zip(starts, ends, strict=True)),
            spans=tuple(end - start for start, end in zip(starts, ends, strict=True)),
        )


@dataclass
class Stages:
    """The stages of a case, and the names of the rows that they exchange.

    ``switching``: stages of a policy that turns to something else on the way. Those of the path and of choice then
    read two settings of the levers and where the second begins; those of a single date are the same for all.
    """

    case: Case
    paths: tuple[str, ...]
    path_months: tuple[int, ...]
    switching: bool = False
    dates: Dates = field(init=False)

    def __post_init__(self) -> None:
        self.dates = Dates.of(self.case)

    # ---- inputs ------------------------------------------------------------------------------------------

    @property
    def drawn(self) -> dict[str, None]:
        """Rows drawn for each future: parameters, then structures."""
        names = [p.name for p in self.case.parameters] + [STRUCTURE + s.name for s in self.case.structures]
        return dict.fromkeys(names)

    @property
    def levers(self) -> dict[str, None]:
        """Rows that a policy sets, the same for all futures."""
        return dict.fromkeys(LEVER + lever.name for lever in self.case.levers)

    @property
    def uniform(self) -> dict[str, None]:
        """Rows of the stages that see more than one date, the same for all futures."""
        if not self.switching:
            return self.levers
        return {
            **self.levers,
            **dict.fromkeys(LATER + name for name in self.levers),
            SWITCH_STEP: None,
            SWITCH_DATE: None,
        }

    def _turned(self, before: Readings, values: Mapping[str, Number]) -> Readings | None:
        return later_levers(self.case, before, values) if self.switching else None

    def _reads(self, values: Mapping[str, Number]) -> Dated:
        """Readings at every decision date."""
        before, after = self._readings(values)
        return Dated(after, self._turned(before, values), values[SWITCH_DATE] if self.switching else 0.0)

    def _readings(self, values: Mapping[str, Number]) -> tuple[Readings, Readings]:
        before = drawn_readings(self.case, values)
        return before, with_levers(self.case, before, values)

    def _stage(self, name: str, function: _Function, more: Mapping[str, int | None], vectors: int = 1) -> Stage:
        return Stage(name, function, {**self.drawn, **self.uniform, **more}, frozenset(self.uniform), vectors)

    # ---- the path without war ------------------------------------------------------------------------------

    def path(self, part: str) -> Stage:
        """One part of the path without war: what is not asked for is not computed.

        ``arsenals``: stocks and output at decision dates (``now.*``); ``forces``: combat power and infrastructure
        there, and means of spending (``mean.*``); ``series``: the declared series (``path.*``). Kept apart because
        the state of all at once outgrows a processor's cache.
        """
        wanted = {
            "arsenals": ("now.stock.", "now.output."),
            "forces": ("now.power.", "now.infrastructure.", "mean."),
            "series": ("path.",),
        }[part]

        def function(values: Mapping[str, Number]) -> dict[str, Number | Series]:
            return {name: row for name, row in self._path(values).items() if name.startswith(wanted)}

        return self._stage(part, function, {})

    def _path(self, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world, case = self.case.world, self.case
        before, after = self._readings(values)
        path = simulate(
            world,
            Conditions(
                before,
                after,
                structure_number(case, "spending_path", values),
                structure_number(case, "deflator", values),
                self._turned(before, values),
                values[SWITCH_STEP] if self.switching else 0.0,
            ),
        )
        # A row's number stands for the end of its step; dates lie between two of them.
        last = steps(world) - 1
        lower = [min(max(int(month // MONTHS) - 1, 0), last - 1) for month in self.dates.months]
        places = index_table(lower)
        parts = table([month / MONTHS - 1 - low for month, low in zip(self.dates.months, lower, strict=True)])
        kinds = ("power", "stock", "output", "infrastructure")
        wanted = {".".join(key): row for key, row in path.rows.items() if key[0] in kinds}

        def at_date(date: int) -> dict[str, Number]:
            before_it = {name: row[places[date]] for name, row in wanted.items()}
            return {n: low + parts[date] * (wanted[n][places[date] + 1] - low) for n, low in before_it.items()}

        at_dates = for_each(len(self.dates.months), at_date)
        result: dict[str, Number | Series] = {f"now.{name}": row for name, row in at_dates.items()}
        if self.paths:
            months = index_table([month // MONTHS for month in self.path_months])

            def of_month(place: int) -> dict[str, Number]:
                values_now: dict[str, Number] = {}
                for name in self.paths:
                    rows = self._members(path.rows, name)
                    total: Number = 0.0
                    for row in rows:
                        total = total + row[months[place]]
                    values_now[name] = total
                return values_now

            result.update({f"path.{n}": row for n, row in for_each(len(self.path_months), of_month).items()})
        result.update(self._spending(before, path.rows))
        return result

    def _members(self, rows: Mapping[tuple[str, ...], Series], name: str) -> list[Series]:
        """Rows that add up to a declared series such as ``spending.nato_europe`` or ``stock.shell.russia``."""
        kind, *rest = name.split(".")
        kind = "core" if kind == "spending" else kind
        groups = dict(self.case.world.groups)
        members = groups.get(rest[-1], (rest[-1],))
        found = (rows.get((kind, *rest[:-1], member)) for member in members)
        return [row for row in found if row is not None]

    @property
    def payers(self) -> tuple[str, ...]:
        """Actors whose spending a policy's cost counts: all but the challengers and those who supply them."""
        world = self.case.world
        others = {c.actor for c in world.challengers}
        others |= {flow.giver for flow in world.flows if flow.taker in others}
        if world.client is not None:
            others.add(world.client)
        return tuple(a for a in world.actors if a not in others)

    def _spending(self, read: Readings, rows: Mapping[tuple[str, ...], Series]) -> dict[str, Number | Series]:
        """Yearly means from the start of policies to the end, by payer."""
        start = first_policy_step(self.case.world)
        count = steps(self.case.world) - start
        later = index_table(list(range(start, start + count)))
        years = table([(step + 0.5) * MONTHS / 12 for step in range(count)])
        keys = [(kind, actor) for kind in ("core", "related", "burden") for actor in self.payers]

        def add(place: int, sums: dict[str, Number]) -> tuple[dict[str, Number], None]:
            discount = exp(-read("discount_rate") * years[place])
            now: dict[str, Number] = {}
            whole: Number = 0.0
            ppp: Number = 0.0
            for kind, actor in keys:
                value = rows[kind, actor][later[place]] / count
                now[f"{kind}.{actor}"] = sums[f"{kind}.{actor}"] + value
                whole = whole + value
                ppp = ppp + value / read("price_level_gdp", actor)
            now["discounted"] = sums["discounted"] + whole * discount
            now["ppp"] = sums["ppp"] + ppp
            return now, None

        nothing: dict[str, Number] = {f"{kind}.{actor}": 0.0 for kind, actor in keys}
        sums, _ = scan(add, {**nothing, "discounted": 0.0, "ppp": 0.0}, count)
        return {f"mean.{name}": value for name, value in sums.items()}

    # ---- wars ----------------------------------------------------------------------------------------------

    def closures(self) -> Stage:
        """Closure curves (``closure.*``), rows by step."""
        return self._stage("closures", self._closures, {})

    def _closures(self, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        result: dict[str, Number | Series] = {}
        for theatre in world.theatres:
            curves = closures(world, field_of(world, theatre), read)
            result.update({f"closure.{name}": curve for name, curve in curves.items()})
        return result

    @property
    def fields(self) -> dict[str, Field]:
        """Who can meet in each theatre."""
        return {t.name: field_of(self.case.world, t) for t in self.case.world.theatres}

    def lost(self, theatre: str) -> tuple[str, ...]:
        """Rows that say what the other theatre's war has cost, by its act: inputs of wars that follow on it."""
        return tuple(f"lost.{theatre}.{act.name}" for act in self.fields[theatre].before)

    def _war_inputs(self, now_names: tuple[str, ...], closure_names: tuple[str, ...]) -> dict[str, int | None]:
        """What all stages of single wars read beside the draws, so that one array serves them all."""
        more: dict[str, int | None] = dict.fromkeys(now_names)
        more.update({name: len(self.case.world.phases) for name in closure_names})
        more.update(dict.fromkeys(row for theatre in self.fields for row in self.lost(theatre)))
        return more

    def theatre(
        self, theatre: str, structure: str, now_names: tuple[str, ...], closure_names: tuple[str, ...]
    ) -> Stage:
        """At one date: a theatre's wars under one structure, no other war having gone before.

        Raises `UserError` for a structure that the theatre is not fit for: one without weight there may be asked for
        by name, and the check of the case has not looked at it.
        """
        self._fit(theatre, structure)
        function = partial(self._theatre, theatre, structure)
        return self._stage(f"war.{theatre}.{structure}", function, self._war_inputs(now_names, closure_names))

    def _fit(self, theatre: str, structure: str) -> None:
        kind = self.case.world.theatre(theatre).kind
        if kind not in WAR_STRUCTURES[structure][0]:
            raise UserError(
                f"`{structure}` cannot be used in `{theatre}` of {self.case.name}, a theatre of kind {kind}"
            )
        missing = [
            quantity
            for part in war_parts(structure, kind)
            for quantity in WAR_PARTS[part]
            if self.case.reading(quantity)[(theatre,)] is None
        ]
        if missing:
            needs = listed(missing, most=20)
            raise UserError(f"`{structure}` in `{theatre}` needs what {self.case.name} does not give: {needs}")

    def _theatre(self, theatre: str, structure: str, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        share = self._sharing(read, values).parts[theatre]
        found = adjudicate(world, self.fields[theatre], read, *_now_and_curves(values), structure, share)
        return theatre_rows(read, found, world)

    def later(self, theatre: str, structure: str, now_names: tuple[str, ...], closure_names: tuple[str, ...]) -> Stage:
        """The same a lag (``lag``, in months) after a war in the other theatre that has cost ``lost.*``."""
        more = self._war_inputs(now_names, closure_names)
        function = partial(self._later, theatre, structure)
        inputs = {**self.drawn, **self.levers, LAG: None, **more}
        return Stage(f"later.{theatre}.{structure}", function, inputs, frozenset((*self.levers, LAG)))

    def _later(self, theatre: str, structure: str, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world, field = self.case.world, self.fields[theatre]
        _, read = self._readings(values)
        lost = {name.rsplit(".", 1)[1]: values[name] for name in self.lost(theatre)}
        share = self._sharing(read, values).parts[theatre]
        found = later(world, field, read, *_now_and_curves(values), structure, share, values[LAG], lost)
        return later_rows(field, found)

    def _sharing(self, read: Readings, values: Mapping[str, Number]) -> Sharing:
        """How what both theatres claim is divided while both are at war."""
        return sharing(self.case.world, read, structure_number(self.case, "allocation", values))

    def pairs(self, war_rows: Mapping[str, tuple[str, ...]], later_rows: Mapping[str, tuple[str, ...]]) -> Stage:
        """At one date: what every pair of acts brings (``pair.*``) and what the wars look like (``war.*``).

        ``war_rows``, ``later_rows``: names of what the stages of each theatre's wars give; the later ones come once
        for every lag.
        """
        more: dict[str, int | None] = {}
        ages = len(self.case.world.lags) - 1
        for theatre in self.fields:
            more[f"theatre.{theatre}"] = len(war_rows[theatre])
            if ages:
                more[f"later.{theatre}"] = ages * len(later_rows[theatre])
        return self._stage("pairs", lambda values: self._pairs(values, war_rows, later_rows), more)

    def _pairs(
        self,
        values: Mapping[str, Any],
        war_rows: Mapping[str, tuple[str, ...]],
        later_rows: Mapping[str, tuple[str, ...]],
    ) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        now = {theatre: Laid(values[f"theatre.{theatre}"], war_rows[theatre]) for theatre in self.fields}
        after = {theatre: Laid(values.get(f"later.{theatre}"), later_rows[theatre]) for theatre in self.fields}
        games = {name: chances_of(fld, now[name], after[name]) for name, fld in self.fields.items()}
        keeps = self._sharing(read, values).keeps
        both = sides(world, read, games, STATES, len(MODES), keeps)
        result: dict[str, Number | Series] = {}
        for reverse in (False, True):
            result.update(flat(prospects(world, read, both, reverse), reverse))
        for name, fld in self.fields.items():
            # Where both begin together either may come first: the mean of both ways.
            result.update(shown(world, fld, now[name], after[name], keeps / 2))
        return result

    # ---- choices -------------------------------------------------------------------------------------------

    @property
    def intercepts(self) -> tuple[str, ...]:
        """Names of the challengers' intercepts."""
        return tuple(f"intercept.{c.actor}" for c in self.case.world.challengers)

    def _game(self, name: str, function: _Function, war_rows: tuple[str, ...]) -> Stage:
        """A stage of the challengers' game. All of them read the same inputs, the wars' rows last."""
        dates = len(self.dates.spans)
        more: dict[str, int | None] = dict.fromkeys(self.intercepts)
        more.update({f"present.weight.{order}": dates for order in (0, 1)})
        more["wars"] = dates * len(war_rows)
        return self._stage(name, function, more)

    def anchor(self, war_rows: tuple[str, ...]) -> Stage:
        """Find the intercepts that give the present course its declared prior; and how far off they are left."""
        return self._game("anchor", lambda values: self._anchor(values, war_rows), war_rows)

    def _anchor(self, values: Mapping[str, Number], war_rows: tuple[str, ...]) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        wars = WarRows(values["wars"], war_rows)  # pyright: ignore[reportArgumentType]
        actors = [c.actor for c in world.challengers]

        def once(_: int, state: dict[str, Number]) -> tuple[dict[str, Number], None]:
            cells = self._cells(values, wars, Dated(read), state)
            now: dict[str, Number] = {}
            for order, actor in enumerate(actors):
                now[actor] = state[actor] + cells.step_to(
                    order, read("anchor", actor), read("precision", actor), NEWTON_STEPS
                )
            return now, None

        start: dict[str, Number] = dict.fromkeys(actors, 0.0)
        found, _ = scan(once, start, ANCHOR_PASSES)
        last = self._cells(values, wars, Dated(read), found)
        result: dict[str, Number | Series] = {}
        for order, actor in enumerate(actors):
            result[f"intercept.{actor}"] = found[actor]
            result[f"residual.{actor}"] = log(maximum(last.mean_rate(order), 1e-300) / read("anchor", actor))
        return result

    def choices(self, war_rows: tuple[str, ...], only: tuple[str, ...] = ()) -> Stage:
        """Outcomes of choice by their names (all, or ``only`` some), rows by date (``date.*``) and weights."""

        def function(values: Mapping[str, Number]) -> dict[str, Number | Series]:
            wars = WarRows(values["wars"], war_rows)  # pyright: ignore[reportArgumentType]
            intercepts = {name.split(".", 1)[1]: values[name] for name in self.intercepts}
            cells = self._cells(values, wars, self._reads(values), intercepts)
            present = [values[f"present.weight.{order}"] for order in (0, 1)]
            found = summarise(self.case, cells, wars, present)  # pyright: ignore[reportArgumentType]
            return {name: found[name] for name in only or found}

        return self._game("plain" if only else "choices", function, war_rows)

    def _cells(
        self, values: Mapping[str, Number], wars: WarRows, reads: Dated, intercepts: Mapping[str, Number]
    ) -> Cells:
        """Play both orders of moves, from the last date back to the first."""
        world = self.case.world
        pairs = wars.starting("pair.")
        myopic = structure_number(self.case, "waiting", values)
        count = len(self.dates.spans)
        years = table([span / 12 for span in self.dates.spans])

        def at(back: int, ahead: dict[str, Number]) -> tuple[dict[str, Number], dict[str, dict[str, Number]]]:
            date = count - 1 - back
            now = {name: wars(name, date) for name in pairs}
            read = reads(date)
            standings = [
                Standing(waiting_value(read, c, ahead[c.actor], years[date], myopic), intercepts[c.actor])
                for c in world.challengers
            ]
            values_now: dict[str, Number] = {}
            rows: dict[str, dict[str, Number]] = {}
            for order, reverse in enumerate((False, True)):
                lead, follow = (standings[1], standings[0]) if reverse else (standings[0], standings[1])
                found = play(world, read, unflat(now, order), reverse, lead, follow)
                actor = world.challengers[order].actor
                taken = 1 - exp(-read("opportunity_rate", actor) * years[date])
                values_now[actor] = lead.waiting + taken * (found.value - lead.waiting)
                rows[str(order)] = choice_rows(found)
            return values_now, rows

        last = {c.actor: waiting_value(reads(count - 1), c, 0.0, 1.0, 1.0) for c in world.challengers}
        _, rows = scan(at, last, count)
        return Cells(self.case, reads, self.dates.spans, rows)


def _now_and_curves(
    values: Mapping[str, Any],
) -> tuple[dict[tuple[str, ...], Number], dict[str, Series]]:
    """What the path without war gives at a date, and the closure curves, from a stage's inputs."""
    now = {tuple(name.split(".")[1:]): value for name, value in values.items() if name.startswith("now.")}
    curves = {name.removeprefix("closure."): row for name, row in values.items() if name.startswith("closure.")}
    return now, curves
