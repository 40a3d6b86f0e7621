"""The stages of a future as the engine runs them, exchanging named rows.

``arsenals``, ``forces`` and ``closures`` (once per policy) → at each date, for each theatre with the structure of war
that the future has drawn for it, ``theatre`` and, for every lag, ``later`` → ``pairs`` (once per policy and date) →
``anchor`` (once per draw, under the present course) → ``choices`` (once per policy; ``plain``: without the anchor).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from twofront.adjudicate import MODES, STATES, Field, Sharing, adjudicate, closures, field_of, later, sharing
from twofront.case import Case
from twofront.choose import (
    PATIENT,
    QUICK,
    ROUGH,
    TRACED,
    Choices,
    Search,
    Stance,
    Standing,
    alerts,
    forewarned,
    laws,
    play,
    prospects,
    resolve_of,
    sides,
    waiting_value,
)
from twofront.engine.executor import Stage
from twofront.engine.ops import Number, Series, absolute, exp, for_each, index_table, number, scan, table, where
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

__all__ = ["ANCHOR_PASSES", "LAG", "LONGER_PASSES", "SWITCH_DATE", "SWITCH_STEP", "Dates", "Stages"]

_Function: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Number | Series]]

LAG = "lag"
"""Input of the stages of later wars: months since the other theatre's war began."""
SWITCH_STEP, SWITCH_DATE = "switch.step", "switch.date"
"""Inputs of the stages of a policy that turns to something else: the first step and the first date under it."""
ANCHOR_PASSES = 6
LONGER_PASSES = 20
"""For futures whose intercepts the first few passes leave moving."""
NEWTON_STEPS = 4


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
        turned = self._turned(before, values)
        return Dated(
            self._informed(after, values),
            None if turned is None else self._informed(turned, values),
            values[SWITCH_DATE] if self.switching else 0.0,
        )

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
        read = self._informed(read, values)
        both = sides(world, read, games, STATES, len(MODES), keeps)
        result: dict[str, Number | Series] = {}
        for reverse in (False, True):
            solved = [prospects(world, read, both, reverse, stance) for stance in self._stances(read, values)]
            result.update(flat(solved, reverse))
        for name, fld in self.fields.items():
            # Where both begin together either may come first: the mean of both ways.
            result.update(shown(world, fld, now[name], after[name], keeps / 2))
        return result

    def _informed(self, read: Readings, values: Mapping[str, Number]) -> Readings:
        """What the game reads: under complete information nobody has secrets, and every act shows at once."""
        private = structure_number(self.case, "information", values)
        changed: dict[tuple[str, ...], Number] = {}
        for player in (*(c.actor for c in self.case.world.challengers), *(r.name for r in self.case.world.responders)):
            if read.has("resolve_spread", player):
                changed["resolve_spread", player] = private * read("resolve_spread", player)
        if read.has("attack_seen"):
            changed["attack_seen",] = 1 - private * (1 - read("attack_seen"))
        return read.replaced(changed)

    def _stances(self, read: Readings, values: Mapping[str, Number]) -> list[Stance | None]:
        """The outside responder's stance by its private resolve."""
        outside = next(r for r in self.case.world.responders if len(r.theatres) > 1)
        resolve = resolve_of(read, outside.name)
        if len(resolve.numbers) == 1 and not read.has("reputation_worth"):
            return [None]
        kind = structure_number(self.case, "reputation", values)
        sign = where(kind > 1.5, -1.0, where(kind > 0.5, 1.0, 0.0))
        return [Stance(resolve.shift(number), sign * read("reputation_worth")) for number in resolve.numbers]

    # ---- choices -------------------------------------------------------------------------------------------

    @property
    def intercepts(self) -> tuple[str, ...]:
        """Names of the challengers' intercepts."""
        return tuple(f"intercept.{c.actor}" for c in self.case.world.challengers)

    def game(self, name: str, function: _Function, war_rows: tuple[str, ...]) -> Stage:
        """A stage of the challengers' game. All of them read the same inputs, the wars' rows last."""
        dates = len(self.dates.spans)
        more: dict[str, int | None] = dict.fromkeys(self.intercepts)
        more.update({f"present.weight.{order}": dates for order in (0, 1)})
        more["wars"] = dates * len(war_rows)
        return self._stage(name, function, more)

    def anchor(self, war_rows: tuple[str, ...], passes: int = ANCHOR_PASSES) -> Stage:
        """Find the intercepts that give the present course its declared prior, pass by pass.

        ``step.<actor>``: how far the last pass moved the intercept, times its precision: about that far in log-odds.
        """
        name = "anchor" if passes == ANCHOR_PASSES else "anchor_longer"
        return self.game(name, lambda values: self._anchor(values, war_rows, passes), war_rows)

    def _anchor(
        self, values: Mapping[str, Number], war_rows: tuple[str, ...], passes: int
    ) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        wars = WarRows(values["wars"], war_rows)  # pyright: ignore[reportArgumentType]
        actors = [c.actor for c in world.challengers]

        def once(_: int, state: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Number]]:
            cells = self._cells(
                values,
                wars,
                Dated(self._informed(read, values)),
                state,
                self._series_of(state.get("alert")),
                ROUGH,
            )
            now: dict[str, Any] = {}
            steps: dict[str, Number] = {}
            for order, actor in enumerate(actors):
                steps[actor] = cells.step_to(order, read("anchor", actor), NEWTON_STEPS)
                now[actor] = state[actor] + steps[actor] / read("precision", actor)
            if "alert" in state:
                rows = self._alert(cells)
                now["alert"] = [rows[date] for date in cells.dates]
            return now, steps

        start: dict[str, Any] = dict.fromkeys(actors, 0.0)
        if alerts(world, read):
            start["alert"] = [0.0] * len(self.dates.spans)
        found, steps = scan(once, start, passes)
        result: dict[str, Number | Series] = {}
        for actor in actors:
            result[f"intercept.{actor}"] = found[actor]
            result[f"step.{actor}"] = absolute(steps[actor][passes - 1])
        return result

    def choices(self, war_rows: tuple[str, ...], only: tuple[str, ...] = (), search: Search = QUICK) -> Stage:
        """Outcomes of choice by their names (all, or ``only`` some), rows by date (``date.*``) and weights.

        ``search``: another one for futures that are left unsettled (``check.*``); the rows are the same.
        """

        def function(values: Mapping[str, Number]) -> dict[str, Number | Series]:
            wars = WarRows(values["wars"], war_rows)  # pyright: ignore[reportArgumentType]
            intercepts = {name.split(".", 1)[1]: values[name] for name in self.intercepts}
            reads, alert = self._reads(values), None
            if alerts(self.case.world, reads(0)):
                alert = self._alert(self._cells(values, wars, reads, intercepts, search=ROUGH))
            cells = self._cells(values, wars, reads, intercepts, alert, search)
            present = [values[f"present.weight.{order}"] for order in (0, 1)]
            found = summarise(self.case, cells, wars, present)  # pyright: ignore[reportArgumentType]
            return {name: found[name] for name in only or found}

        named = {QUICK: "plain" if only else "choices", PATIENT: "patient", TRACED: "traced"}
        return self.game(named[search], function, war_rows)

    def _cells(
        self,
        values: Mapping[str, Number],
        wars: WarRows,
        reads: Dated,
        intercepts: Mapping[str, Number],
        alert: Series | None = None,
        search: Search = QUICK,
    ) -> Cells:
        """Play both orders of moves, from the last date back to the first.

        ``alert``: chance at each date that responders are deployed forward after an act short of war.
        """
        world = self.case.world
        pairs = wars.starting("pair.")
        myopic = structure_number(self.case, "waiting", values)
        learns = self._learns(values)
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
            for order in (0, 1):
                deployed = None if alert is None else alert[date]
                found = self._play(read, now, order, standings, deployed, learns, search)
                actor = world.challengers[order].actor
                taken = 1 - exp(-read("opportunity_rate", actor) * years[date])
                values_now[actor] = found.waiting + taken * (found.value - found.waiting)
                rows[str(order)] = choice_rows(found)
            return values_now, rows

        last = {c.actor: waiting_value(reads(count - 1), c, 0.0, 1.0, 1.0) for c in world.challengers}
        _, rows = scan(at, last, count)
        return Cells(self.case, reads, self.dates.spans, rows, alert)

    def _learns(self, values: Mapping[str, Number]) -> Number:
        """1 where what the outside responder does in one theatre tells of its resolve in the other."""
        kind = structure_number(self.case, "reputation", values)
        return where((kind > 0.5) & (kind < 1.5), 1.0, 0.0)

    def _play(
        self,
        read: Readings,
        now: Mapping[str, Number],
        order: int,
        standings: Sequence[Standing],
        deployed: Number | None,
        learns: Number,
        search: Search = QUICK,
    ) -> Choices:
        """Play one order of moves at one date, ``now`` holding what every pair of acts brings there."""
        by_resolve = unflat(now, order)
        if deployed is not None:
            by_resolve = [forewarned(each, deployed) for each in by_resolve]
        lead, follow = (standings[1], standings[0]) if order else (standings[0], standings[1])
        return play(self.case.world, read, by_resolve, bool(order), lead, follow, learns, search)

    def reading(self, values: Mapping[str, Number]) -> Readings:
        """What the game reads of a future under its policy and structures."""
        return self._informed(self._readings(values)[1], values)

    def occasion(
        self,
        values: Mapping[str, Number],
        now: Mapping[str, Number],
        order: int,
        waiting: Mapping[str, Number],
        deployed: Number | None,
    ) -> Choices:
        """Play one order of moves at one date again, to explain it: on plain numbers, with all that is kept of it.

        ``values``: a future's parameters, structures, levers and intercepts by name; ``now``: the wars' rows ``pair.*``
        there; ``waiting``, ``deployed``: what `choices` gives for the date under ``date.waiting.*`` and ``date.alert``.
        """
        read = self.reading(values)
        standings = [Standing(waiting[c.actor], values[f"intercept.{c.actor}"]) for c in self.case.world.challengers]
        return self._play(read, now, order, standings, deployed, self._learns(values))

    def _alert(self, cells: Cells) -> Series:
        """Chance, in the middle of each interval, that responders are deployed forward, from what went before."""
        years = table([span / 12 for span in cells.spans])
        last = len(cells.spans) - 1

        def at(date: int, before: Number) -> tuple[Number, Number]:
            read = cells.reads(date)
            stay = read("alert_months") / 12
            rate: Number = 0.0
            for order, challenger in enumerate(self.case.world.challengers):
                heard = cells.rows[str(order)]["bluff"][last - date] * read("call_intercepted")
                for act in cells.acts(order, "pressure", "blockade"):
                    heard = heard + cells.chance(order, date, only=act.name) * read("act_alert", act.name)
                rate = rate + read("opportunity_rate", challenger.actor) * heard
            half = years[date] / 2
            middle = laws.alerted(before, rate, stay, half)
            return laws.alerted(middle, rate, stay, half), middle

        return scan(at, 0.0, len(cells.spans))[1]

    def _series_of(self, numbers: list[Number] | None) -> Series | None:
        """Numbers by date as a series."""
        if numbers is None:
            return None

        def at(date: int) -> Number:
            found = numbers[-1]
            for place in range(len(numbers) - 2, -1, -1):
                found = where(number(date) < place + 0.5, numbers[place], found)
            return found

        return for_each(len(numbers), at)


def _now_and_curves(
    values: Mapping[str, Any],
) -> tuple[dict[tuple[str, ...], Number], dict[str, Series]]:
    """What the path without war gives at a date, and the closure curves, from a stage's inputs."""
    now = {tuple(name.split(".")[1:]): value for name, value in values.items() if name.startswith("now.")}
    curves = {name.removeprefix("closure."): row for name, row in values.items() if name.startswith("closure.")}
    return now, curves
