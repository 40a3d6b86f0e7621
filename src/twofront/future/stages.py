"""The stages of a future as the engine runs them, exchanging named rows.

``arsenals``, ``forces`` and ``closures`` (once per policy) → ``wars`` (once per policy and date) → ``anchor`` (once per
draw, under the present course) → ``choices`` (once per policy; ``plain`` is the same without the anchor).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twofront.adjudicate import MODES, STATES, Chances, adjudicate, closures, field_of
from twofront.case import Case
from twofront.choose import Choices, Prospect, Prospects, Standing, WarChances, play, prospects, sides, waiting_value
from twofront.engine.executor import Stage
from twofront.engine.ops import Number, Series, exp, for_each, index_table, log, maximum, scan, table
from twofront.future.inputs import LEVER, STRUCTURE, drawn_readings, structure_number, with_levers
from twofront.future.results import Cells, summarise
from twofront.readings import Readings
from twofront.simulate import MONTHS, Conditions, first_policy_quarter, quarters, simulate

__all__ = ["ANCHOR_PASSES", "Dates", "Stages"]

ANCHOR_PASSES = 6
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
    """The stages of a case, and the names of the rows that they exchange."""

    case: Case
    paths: tuple[str, ...]
    path_months: tuple[int, ...]
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

    def _readings(self, values: Mapping[str, Number]) -> tuple[Readings, Readings]:
        before = drawn_readings(self.case, values)
        return before, with_levers(self.case, before, values)

    def _stage(self, name: str, function: object, more: Mapping[str, int | None]) -> Stage:
        return Stage(name, function, {**self.drawn, **self.levers, **more}, frozenset(self.levers))  # pyright: ignore[reportArgumentType]

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
            ),
        )
        # A row's number q stands for the end of its quarter; dates lie between two of them.
        last = quarters(world) - 1
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
        start = first_policy_quarter(self.case.world)
        count = quarters(self.case.world) - start
        later = index_table(list(range(start, start + count)))
        years = table([(quarter + 0.5) * MONTHS / 12 for quarter in range(count)])
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
        """Closure curves (``closure.*``), rows by phase."""
        return self._stage("closures", self._closures, {})

    def _closures(self, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        result: dict[str, Number | Series] = {}
        for theatre in world.theatres:
            curves = closures(world, field_of(world, theatre), read)
            result.update({f"closure.{name}": curve for name, curve in curves.items()})
        return result

    def wars(self, now_names: tuple[str, ...], closure_names: tuple[str, ...]) -> Stage:
        """At one date: what every pair of acts brings (``pair.*``) and what the wars look like (``war.*``)."""
        more: dict[str, int | None] = dict.fromkeys(now_names)
        more.update({name: len(self.case.world.phases) for name in closure_names})
        return self._stage("wars", self._wars, more)

    def _wars(self, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        now = {tuple(name.split(".")[1:]): value for name, value in values.items() if name.startswith("now.")}
        form = structure_number(self.case, "contest", values)
        curves = {n.removeprefix("closure."): row for n, row in values.items() if n.startswith("closure.")}
        chances = {t.name: adjudicate(world, field_of(world, t), read, now, curves, form) for t in world.theatres}  # pyright: ignore[reportArgumentType]
        games = {
            name: {
                act.name: WarChances(fight.objective, fight.stalemate)
                for act, fight in zip(found.field.acts, found.fights, strict=True)
            }
            for name, found in chances.items()
        }
        both = sides(world, read, games, STATES, len(MODES))
        result: dict[str, Number | Series] = {}
        for reverse in (False, True):
            result.update(_flat(prospects(world, read, both, reverse), reverse))
        for name, found in chances.items():
            result.update(_shown(name, found))
        return result

    # ---- choices -------------------------------------------------------------------------------------------

    def _rows_of_pairs(self, names: tuple[str, ...]) -> dict[str, int | None]:
        return {name: len(self.dates.months) for name in names if name.startswith("pair.")}

    @property
    def intercepts(self) -> tuple[str, ...]:
        """Names of the challengers' intercepts."""
        return tuple(f"intercept.{c.actor}" for c in self.case.world.challengers)

    def anchor(self, war_names: tuple[str, ...]) -> Stage:
        """Find the intercepts that give the present course its declared prior; and how far off they are left."""
        return self._stage("anchor", self._anchor, self._rows_of_pairs(war_names))

    def _anchor(self, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        world = self.case.world
        _, read = self._readings(values)
        actors = [c.actor for c in world.challengers]

        def yearly(cells: Cells, actor: str) -> Number:
            order = 0 if actor == actors[0] else 1
            return cells.mean_rate(order)

        def once(_: int, state: dict[str, Number]) -> tuple[dict[str, Number], dict[str, Number]]:
            cells = self._cells(values, read, {a: state[a] for a in actors})
            now: dict[str, Number] = {}
            for order, actor in enumerate(actors):
                now[actor] = state[actor] + cells.step_to(
                    order, read("anchor", actor), read("precision", actor), NEWTON_STEPS
                )
            errors = {a: log(maximum(yearly(cells, a), 1e-300) / read("anchor", a)) for a in actors}
            return now, errors

        start: dict[str, Number] = dict.fromkeys(actors, 0.0)
        found, _ = scan(once, start, ANCHOR_PASSES)
        last = self._cells(values, read, found)
        result: dict[str, Number | Series] = {}
        for order, actor in enumerate(actors):
            result[f"intercept.{actor}"] = found[actor]
            result[f"residual.{actor}"] = log(maximum(last.mean_rate(order), 1e-300) / read("anchor", actor))
        return result

    def choices(self, war_names: tuple[str, ...], only: tuple[str, ...] = ()) -> Stage:
        """Outcomes of choice by their names (all, or ``only`` some), rows by date (``date.*``) and weights."""
        more: dict[str, int | None] = self._rows_of_pairs(war_names)
        more.update(dict.fromkeys(self.intercepts))
        more.update({f"present.weight.{order}": len(self.dates.months) for order in (0, 1)})
        more.update({n: len(self.dates.months) for n in war_names if n.startswith("war.objective")})
        if not only:
            return self._stage("choices", self._choices, more)

        def function(values: Mapping[str, Number]) -> dict[str, Number | Series]:
            found = self._choices(values)
            return {name: found[name] for name in only}

        return self._stage("plain", function, more)

    def _choices(self, values: Mapping[str, Number]) -> dict[str, Number | Series]:
        _, read = self._readings(values)
        intercepts = {name.split(".", 1)[1]: values[name] for name in self.intercepts}
        cells = self._cells(values, read, intercepts)
        return summarise(self.case, read, self.dates.spans, cells, values)

    def _cells(self, values: Mapping[str, Number], read: Readings, intercepts: Mapping[str, Number]) -> Cells:
        """Play both orders of moves, from the last date back to the first."""
        world = self.case.world
        pairs = {name: values[name] for name in values if name.startswith("pair.")}
        myopic = structure_number(self.case, "waiting", values)
        count = len(self.dates.spans)
        years = table([span / 12 for span in self.dates.spans])

        def at(back: int, ahead: dict[str, Number]) -> tuple[dict[str, Number], dict[str, dict[str, Number]]]:
            date = count - 1 - back
            now = {name: row[date] for name, row in pairs.items()}  # pyright: ignore[reportIndexIssue]
            standings = [
                Standing(waiting_value(read, c, ahead[c.actor], years[date], myopic), intercepts[c.actor])
                for c in world.challengers
            ]
            values_now: dict[str, Number] = {}
            rows: dict[str, dict[str, Number]] = {}
            for order, reverse in enumerate((False, True)):
                lead, follow = (standings[1], standings[0]) if reverse else (standings[0], standings[1])
                found = play(world, read, _unflat(now, order), reverse, lead, follow)
                actor = world.challengers[order].actor
                taken = 1 - exp(-read("opportunity_rate", actor) * years[date])
                values_now[actor] = lead.waiting + taken * (found.value - lead.waiting)
                rows[str(order)] = _choice_rows(found)
            return values_now, rows

        last = {c.actor: waiting_value(read, c, 0.0, 1.0, 1.0) for c in world.challengers}
        _, rows = scan(at, last, count)
        return Cells(self.case, read, self.dates.spans, rows)


def _choice_rows(found: Choices) -> dict[str, Number]:
    rows: dict[str, Number] = {f"act.{name}": chance for name, chance in found.acts.items()}
    for place in range(len(found.open)):
        rows[f"open{place}"], rows[f"closed{place}"], rows[f"alone{place}"] = (
            found.open[place],
            found.closed[place],
            found.alone[place],
        )
    for name in ("call", "open_called", "diverts", "double", "margin", "margin_after", "joins", "second_objective"):
        rows[name] = getattr(found, name)
    return rows


def _flat(solved: Prospects, reverse: bool) -> dict[str, Number]:
    """Name every number that the challengers' part of the game reads."""
    order = 1 if reverse else 0
    rows: dict[str, Number] = {}
    for (act, answer, state), pair in solved.now.items():
        stem = f"pair.{order}.{act}.{answer}.{state}"
        rows[f"{stem}.lead"], rows[f"{stem}.follow"] = pair.lead, pair.follow
        if state == "quiet":
            rows[f"{stem}.joins_lead"] = pair.joins_lead
            rows[f"{stem}.follow_objective"] = pair.follow_objective
    for (act, answer, engaged), pair in solved.later.items():
        rows[f"pair.{order}.{act}.{answer}.later{int(engaged)}.follow"] = pair.follow
    return rows


def _unflat(rows: Mapping[str, Number], order: int) -> Prospects:
    """Turn named numbers back into prospects; what is not read again is zero."""
    now: dict[tuple[str, str, str], Prospect] = {}
    later: dict[tuple[str, str, bool], Prospect] = {}
    for name in rows:
        _, which, act, answer, state, what = name.split(".")
        if which != str(order) or what != "follow":
            continue
        stem = name.rsplit(".", 1)[0]
        pair = Prospect(
            lead=rows.get(f"{stem}.lead", 0.0),
            follow=rows[name],
            joins_lead=rows.get(f"{stem}.joins_lead", 0.0),
            joins_follow=0.0,
            lead_objective=0.0,
            follow_objective=rows.get(f"{stem}.follow_objective", 0.0),
        )
        if state.startswith("later"):
            later[act, answer, state == "later1"] = pair
        else:
            now[act, answer, state] = pair
    return Prospects(now, later)


def _shown(theatre: str, chances: Chances) -> dict[str, Number]:
    """Name what the results say of a theatre's wars: ``war.<what>.<theatre>.<contingency>.<responders>``."""
    rows: dict[str, Number] = {}
    fld = chances.field
    last = fld.levels - 1
    quiet, aged = STATES.index("quiet"), STATES.index("aged")
    none, full, shared = (MODES.index(m) for m in ("none", "full", "shared"))
    outside = fld.outside.name
    both = outside if fld.local is None else f"{outside}_and_{fld.local.name}"
    for act, fight in zip(fld.acts, chances.fights, strict=True):
        kinds = {
            (act.name, "alone"): (quiet, none, 0),
            (act.name, outside): (quiet, full, 0),
            (act.name, both): (quiet, full, last),
            (f"{act.name}_in_double", both): (quiet, shared, last),
            (f"{act.name}_later", both): (aged, shared, last),
        }
        if fld.local is not None and fld.local.needs is None:
            kinds[act.name, fld.local.name] = (quiet, none, last)
        for (contingency, responders), place in kinds.items():
            number_ = fld.place(*place)
            rows[f"war.objective_chance.{theatre}.{contingency}.{responders}"] = fight.objective[number_]
            if responders == both:
                stem = f"{theatre}.{contingency}"
                rows[f"war.stalemate_chance.{stem}"] = fight.stalemate[number_]
                rows[f"war.war_days.{stem}"] = fight.days[number_]
                rows[f"war.losses.{stem}.attacker"] = fight.attack_losses[number_]
                rows[f"war.losses.{stem}.defender"] = fight.defence_losses[number_]
    for (munition, actor), day in chances.exhaustion.items():
        rows[f"war.exhaustion_day.{theatre}.{munition}.{actor}"] = day
    for (party, phase), strength in chances.strength.items():
        rows[f"war.strength.{theatre}.{party}.{phase}"] = strength
    return rows
