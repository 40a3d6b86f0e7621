"""The path without war, month by month, for every actor at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twofront.engine.ops import Number, Series, maximum, minimum, number, scan, table, where
from twofront.readings import Readings
from twofront.simulate import economy, forces, industry
from twofront.world import World

__all__ = ["Conditions", "Path", "simulate"]

STEP = 1.0
"""Months per step."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a path is computed under: readings before and after the policy takes effect, and rival laws.

    ``spending_path`` and ``deflator`` are option numbers of `twofront.quantities.STRUCTURES`.
    """

    before: Readings
    after: Readings
    spending_path: Number
    deflator: Number


@dataclass(frozen=True, slots=True)
class Path:
    """A path by month: rows of numbers, one per month, by (quantity, names).

    ``available``: units that can fight at once, by class and actor; ``power``: the same times quality;
    ``stock`` [round] and ``output`` [round/month] by munition class and actor; ``core`` and ``related``
    [bn_usd/year] by actor; ``burden`` [bn_usd/year]: cost of sanctions; ``infrastructure``: against the start.
    """

    rows: dict[tuple[str, ...], Series]

    def __call__(self, *key: str) -> Series:
        """Return a row by its key, such as ``("stock", "shell", "russia")``."""
        return self.rows[key]


def fighters(world: World) -> tuple[str, ...]:
    """Actors whose forces can fight in some theatre."""
    names: set[str] = set()
    for theatre in world.theatres:
        names |= {theatre.challenger, *theatre.hosts}
        for _, companions in theatre.companions:
            names |= set(companions)
    for responder in world.responders:
        names |= set(responder.members)
    return tuple(actor for actor in world.actors if actor in names)


def makers(world: World, readings: Readings) -> tuple[tuple[str, str], ...]:
    """Pairs of munition class and actor where a stock or a line exists, or a donation arrives."""
    pairs: list[tuple[str, str]] = []
    for munition in world.munitions:
        for actor in world.actors:
            gives = ("capacity", "stock", "war_use", "delivery")
            takes = actor == world.client or any(
                flow.taker == actor and flow.munition == munition for flow in world.flows
            )
            if takes or any(readings.has(name, munition, actor) for name in gives):
                pairs.append((munition, actor))
    return tuple(pairs)


class _Month:
    """The state of affairs within one month: picks readings before or after the policy."""

    def __init__(self, conditions: Conditions, started: Number) -> None:
        self._before, self._after, self._started = conditions.before, conditions.after, started

    def __call__(self, name: str, *axes: str) -> Number:
        after = self._after(name, *axes)
        if not self._before.differs(self._after, name, *axes):
            return after
        return where(self._started > 0.0, after, self._before(name, *axes))


class _Budgets:
    """Shares, output and money of every actor."""

    def __init__(self, world: World, conditions: Conditions) -> None:
        self.world, self.conditions = world, conditions
        self.rivals = dict(world.rivals)
        self.alliance = tuple(dict.fromkeys(m for r in world.responders for m in r.members))

    def start(self) -> dict[str, Number]:
        read = self.conditions.before
        return {
            **{f"core.{a}": read("core_share", a) for a in self.world.actors},
            **{f"related.{a}": read("related_share", a) for a in self.world.actors},
        }

    def step(self, month: Number, read: Callable[..., Number], state: dict[str, Number]) -> dict[str, Number]:
        first, path = self.conditions.before, self.conditions.spending_path
        shares = {a: state[f"core.{a}"] for a in self.world.actors}
        now: dict[str, Number] = {}
        for actor in self.world.actors:
            share, start = shares[actor], first("core_share", actor)
            goal = start + read("compliance", actor) * (read("core_target", actor) - start)
            left = 12 * read("plan_years", actor) - month
            linear = economy.linear_share(share, goal, left)
            corrected = economy.error_correction_share(share, goal, read("adjustment_rate"), STEP)
            answered = corrected
            rivals = self.rivals.get(actor, ())
            if rivals:
                threat = sum((shares[r] for r in rivals), start=0.0) / len(rivals)
                threat_then = sum((first("core_share", r) for r in rivals), start=0.0) / len(rivals)
                response, fatigue = read("threat_response"), read("spending_fatigue")
                grievance = fatigue * start - response * threat_then + (goal - start) / read("plan_years", actor)
                answered = maximum(economy.richardson_share(share, threat, response, fatigue, grievance, STEP), 0.0)
            now[f"core.{actor}"] = where(path < 0.5, linear, where(path < 1.5, corrected, answered))
            extra, extra_start = state[f"related.{actor}"], first("related_share", actor)
            extra_goal = extra_start + read("compliance", actor) * (read("related_target", actor) - extra_start)
            now[f"related.{actor}"] = economy.linear_share(extra, extra_goal, left)
        return now

    def money(self, month: Number, read: Callable[..., Number], state: dict[str, Number]) -> dict[str, Number]:
        """Core and related spending and the cost of sanctions, in bn_usd/year at constant market rates."""
        first = self.conditions.before
        mean_now = sum((state[f"core.{a}"] for a in self.alliance), start=0.0) / len(self.alliance)
        mean_then = sum((first("core_share", a) for a in self.alliance), start=0.0) / len(self.alliance)
        result: dict[str, Number] = {}
        for actor in self.world.actors:
            gdp = economy.real_gdp(first("gdp", actor), first("gdp_growth", actor), month / 12)
            share = state[f"core.{actor}"]
            if actor in self.alliance:
                share = economy.free_riding_share(share, mean_now, mean_then, read("free_riding"))
            result[f"core.{actor}"] = gdp * share
            result[f"related.{actor}"] = gdp * state[f"related.{actor}"]
            result[f"burden.{actor}"] = gdp * read("sanctions_burden", actor)
        return result

    def price_level(self, actor: str) -> Number:
        """The price level against the United States under the drawn deflator."""
        first, deflator = self.conditions.before, self.conditions.deflator
        return where(
            deflator < 0.5,
            1.0,
            where(deflator < 1.5, first("price_level_gdp", actor), first("price_level_military", actor)),
        )


class _Forces:
    """Equipment, quality and availability of those who can fight."""

    def __init__(self, world: World, conditions: Conditions, budgets: _Budgets) -> None:
        self.world, self.read, self.budgets = world, conditions.before, budgets
        self.actors = fighters(world)
        self.pairs = tuple((c, a) for a in self.actors for c in world.capabilities if self.read.has("strength", c, a))
        self.depreciation = {
            c: economy.depreciation_rate(self.read("declining_balance"), self.read("service_life", c))
            for c in world.capabilities
        }
        self.first_core = {a: self.read("gdp", a) * self.read("core_share", a) for a in world.actors}
        self.first_effort = {a: self._effort(a, self.first_core[a], self.read) for a in world.actors}
        largest = self.first_effort[world.actors[0]]
        for actor in world.actors[1:]:
            largest = maximum(largest, self.first_effort[actor])
        self.largest_effort = largest

    def _effort(self, actor: str, core: Number, read: Callable[..., Number]) -> Number:
        level = self.budgets.price_level(actor)
        return economy.buying_power(core * read("research_share", actor), level)

    def _investment(self, capability: str, actor: str, core: Number, read: Callable[..., Number]) -> Number:
        weights = sum((read("equipment_weight", c, actor) for c in self.world.capabilities), start=0.0)
        return core * read("equipment_share", actor) * read("equipment_weight", capability, actor) / weights

    def start(self) -> dict[str, Number]:
        state: dict[str, Number] = {f"quality.{a}": 1.0 for a in self.actors}
        for c, a in self.pairs:
            flow = self._investment(c, a, self.first_core[a], self.read)
            state[f"capital.{c}.{a}"] = economy.initial_capital(
                flow, self.read("investment_growth", a), self.depreciation[c]
            )
            for stage in range(3):
                state[f"delivery{stage}.{c}.{a}"] = flow
        return state

    def step(
        self, read: Callable[..., Number], state: dict[str, Number], money: dict[str, Number]
    ) -> dict[str, Number]:
        now: dict[str, Number] = {}
        efforts = {a: self._effort(a, money[f"core.{a}"], read) for a in self.world.actors}
        shared = {a: read("research_sharing", a) * efforts[a] for a in self.world.actors}
        pool = sum(shared.values(), start=0.0)
        for a in self.actors:
            now[f"quality.{a}"] = forces.quality_growth(
                state[f"quality.{a}"],
                read("research_effect"),
                efforts[a],
                read("research_sharing", a) * read("spillover"),
                pool - shared[a],
                self.largest_effort,
                read("quality_decay"),
                STEP / 12,
            )
        for c, a in self.pairs:
            first, second, third = industry.erlang_stages(
                (state[f"delivery0.{c}.{a}"], state[f"delivery1.{c}.{a}"], state[f"delivery2.{c}.{a}"]),
                self._investment(c, a, money[f"core.{a}"], read),
                read("delivery_lag", c),
                STEP,
            )
            now[f"delivery0.{c}.{a}"], now[f"delivery1.{c}.{a}"], now[f"delivery2.{c}.{a}"] = first, second, third
            now[f"capital.{c}.{a}"] = economy.capital_stock(
                state[f"capital.{c}.{a}"], third, self.depreciation[c], STEP
            )
        return now

    def rows(
        self, month: Number, war_months: Number, read: Callable[..., Number], state: dict[str, Number]
    ) -> dict[tuple[str, ...], Number]:
        since = (month - war_months) / 12
        years, war_years = month / 12, war_months / 12
        result: dict[tuple[str, ...], Number] = {}
        for c, a in self.pairs:
            flow = self._investment(c, a, self.first_core[a], self.read)
            first = economy.initial_capital(flow, self.read("investment_growth", a), self.depreciation[c])
            units = self.read("strength", c, a) * state[f"capital.{c}.{a}"] / first
            if self.read.has("wartime_trend", c, a):
                units = units * forces.wartime_change(self.read("wartime_trend", c, a), years, war_years)
            if self.read.has("reconstitution_gain", c, a):
                units = units * forces.reconstituted(
                    self.read("reconstitution_gain", c, a), since, self.read("reconstitution_lag", a)
                )
            free = 1 - read("standing_demand", c, a)
            if self.read.has("tied_share", c, a):
                free = free - forces.tied_forces(
                    self.read("tied_share", c, a),
                    self.read("residual_tie", a),
                    since,
                    self.read("redeployment_lag", a) / 12,
                )
            available = units * read("readiness", c, a) * maximum(free, 0.0)
            result["available", c, a] = available
            result["power", c, a] = available * read("quality", c, a) * state[f"quality.{a}"]
        return result


class _Industry:
    """Lines, prices and stocks of every munition class."""

    def __init__(self, world: World, conditions: Conditions, first_core: dict[str, Number]) -> None:
        self.world, self.read, self.after = world, conditions.before, conditions.after
        self.pairs = makers(world, self.read)
        self.lines = tuple((k, a) for k, a in self.pairs if self.read.has("capacity", k, a))
        self.licensed = tuple((k, a) for k, a in self.lines if self.after.has("coproduction", a))
        self.first_money = {pair: self._money(*pair, first_core[pair[1]], self.read) for pair in self.lines}

    def _money(self, munition: str, actor: str, core: Number, read: Callable[..., Number]) -> Number:
        weights = sum(
            (read("order_weight", k, actor) for k in self.world.munitions if (k, actor) in self.lines), start=0.0
        )
        return core * read("munitions_share", actor) * read("order_weight", munition, actor) / weights

    def start(self) -> dict[str, Number]:
        read = self.read
        state: dict[str, Number] = {f"stock.{k}.{a}": read("stock", k, a) for k, a in self.pairs}
        for k, a in self.lines:
            capacity = read("capacity", k, a)
            for stage in range(3):
                state[f"line{stage}.{k}.{a}"] = capacity
            state[f"input.{k}.{a}"] = capacity * read("input_ratio", k, a)
            state[f"made.{k}.{a}"] = 0.0
            if (k, a) in self.licensed:
                state[f"licensed.{k}.{a}"] = 0.0
        return state

    def step(
        self,
        policy_years: Number,
        at_war: Number,
        read: Callable[..., Number],
        state: dict[str, Number],
        money: dict[str, Number],
    ) -> tuple[dict[str, Number], dict[tuple[str, ...], Number]]:
        now: dict[str, Number] = {}
        output: dict[tuple[str, str], Number] = {}
        rows: dict[tuple[str, ...], Number] = {}
        for k, a in self.lines:
            first_capacity = self.read("capacity", k, a)
            orders = self._money(k, a, money[f"core.{a}"], read) / self.first_money[k, a]
            capacity, inputs, made = state[f"line2.{k}.{a}"], state[f"input.{k}.{a}"], state[f"made.{k}.{a}"]
            years_of_output = 1 + made / (12 * first_capacity)
            factor = industry.price_factor(orders, first_capacity, capacity, read("price_response", k))
            factor = factor * industry.learning_factor(years_of_output, read("learning_rate", k))
            goal = industry.plan_capacity(
                first_capacity, read("planned_capacity", k, a), read("plan_slippage", k, a), orders, factor
            )
            denied: Number = 0.0
            if self.read.has("sanction_effect", a):
                denied = industry.denied_share(
                    read("sanctions", a),
                    read("sanction_effect", a),
                    policy_years,
                    read("substitution_half_life", a),
                )
            made_now = industry.limited_output(capacity, inputs, denied, goal)
            stages = industry.erlang_stages(
                (state[f"line0.{k}.{a}"], state[f"line1.{k}.{a}"], capacity), goal, read("build_lag", k), STEP
            )
            for stage in range(3):
                now[f"line{stage}.{k}.{a}"] = stages[stage]
            wanted = industry.input_goal(goal, read("input_ratio", k, a), read("plan_slippage", k, a))
            now[f"input.{k}.{a}"] = industry.input_capacity(inputs, wanted, read("input_lag", k), STEP)
            now[f"made.{k}.{a}"] = made + made_now * STEP
            if (k, a) in self.licensed:
                lines = sum(
                    (state[f"line2.{k}.{p}"] for p in self.world.partners if (k, p) in self.lines and p != a), start=0.0
                )
                target = read("coproduction", a) * read("coproduction_efficiency") * lines
                lag = read("coproduction_delay") + read("build_lag", k)
                now[f"licensed.{k}.{a}"] = industry.input_capacity(state[f"licensed.{k}.{a}"], target, lag, STEP)
                made_now = made_now + state[f"licensed.{k}.{a}"]
            output[k, a] = made_now
            rows["output", k, a] = made_now
            rows["value", k, a] = industry.value_of_output(made_now, read("price", k, a), factor)
        for k in self.world.munitions:
            self._stocks(k, at_war, read, state, output, now, rows)
        return now, rows

    def _stocks(
        self,
        munition: str,
        at_war: Number,
        read: Callable[..., Number],
        state: dict[str, Number],
        output: dict[tuple[str, str], Number],
        now: dict[str, Number],
        rows: dict[tuple[str, ...], Number],
    ) -> None:
        """Age, fill, use and hand over the stocks of one class; what leaves one actor reaches another."""
        holders = tuple(a for k, a in self.pairs if k == munition)
        held = {
            a: industry.stock_kept(
                state[f"stock.{munition}.{a}"], read("shelf_life", munition), read("training_use", munition), STEP
            )
            + output.get((munition, a), 0.0) * STEP
            for a in holders
        }
        received: dict[str, Number] = {}
        for flow in self.world.flows:
            if flow.munition != munition or not self.read.has("delivery", munition, flow.giver):
                continue
            wanted = read("delivery", munition, flow.giver) * STEP * (at_war if flow.while_war else 1.0)
            sent = minimum(wanted, held[flow.giver])
            held[flow.giver] = held[flow.giver] - sent
            received[flow.taker] = received.get(flow.taker, 0.0) + sent
        client = self.world.client
        for a in holders:
            if a != client and self.read.has("donation", munition, a):
                sent = minimum(read("donation", munition, a) * at_war * STEP, held[a])
                held[a] = held[a] - sent
                if client is not None:
                    received[client] = received.get(client, 0.0) + sent
                rows["donated", munition, a] = sent / STEP
        for a in holders:
            stock = held[a] + received.get(a, 0.0)
            if self.read.has("war_use", munition, a):
                used = minimum(read("war_use", munition, a) * at_war * STEP, stock)
                stock = stock - used
                rows["used", munition, a] = used / STEP
            now[f"stock.{munition}.{a}"] = stock
            rows["stock", munition, a] = stock
            rows["received", munition, a] = received.get(a, 0.0) / STEP


def simulate(world: World, conditions: Conditions) -> Path:
    """Compute the path without war; every row holds one number per month of the clock.

    Within a month budgets come first, then lines and stocks, then forces; a policy is in force from the clock's
    cutoff on, while the months before are the same under every policy.
    """
    budgets = _Budgets(world, conditions)
    body_forces = _Forces(world, conditions, budgets)
    body_industry = _Industry(world, conditions, body_forces.first_core)
    clock = world.clock
    started = table([1.0 if month >= clock.cutoff else 0.0 for month in range(clock.months)])
    policy_years = table([max(0, month - clock.cutoff) / 12 for month in range(clock.months)])
    war_months = maximum(12 * (conditions.before("ongoing_war_end") - clock.first_year), 0.0)
    first_infrastructure = {
        a: conditions.before("infrastructure_share", a) * body_forces.first_core[a]
        + conditions.before("gdp", a) * conditions.before("related_share", a)
        for a in body_forces.actors
    }

    def month_step(index: int, state: dict[str, Number]) -> tuple[dict[str, Number], dict[tuple[str, ...], Number]]:
        month = number(index)
        read = _Month(conditions, started[index])
        at_war = minimum(maximum(war_months - month, 0.0), 1.0)
        shares = budgets.step(month, read, state)
        money = budgets.money(month, read, shares)
        made, rows = body_industry.step(policy_years[index], at_war, read, state, money)
        equipped = body_forces.step(read, state, money)
        now = {**shares, **made, **equipped}
        rows.update(body_forces.rows(month + 1, war_months, read, now))
        for actor in world.actors:
            for kind in ("core", "related", "burden"):
                rows[kind, actor] = money[f"{kind}.{actor}"]
        for actor in body_forces.actors:
            spent = read("infrastructure_share", actor) * money[f"core.{actor}"] + money[f"related.{actor}"]
            rows["infrastructure", actor] = spent / first_infrastructure[actor]
        return now, rows

    start = {**budgets.start(), **body_industry.start(), **body_forces.start()}
    _, rows = scan(month_step, start, clock.months)
    return Path(rows)


def group_row(path: Path, kind: str, names: Sequence[str], members: Sequence[str]) -> list[Series]:
    """Return the rows of ``kind`` of all ``members`` that have one."""
    found = (path.rows.get((kind, *names, member)) for member in members)
    return [row for row in found if row is not None]
