"""The order of battle: equipment, quality and availability of those who can fight."""

from __future__ import annotations

from collections.abc import Callable

from twofront.engine.ops import Number, maximum
from twofront.simulate import economy, forces, industry
from twofront.simulate.budgets import Budgets
from twofront.simulate.conditions import STEP, Conditions
from twofront.world import World

__all__ = ["OrderOfBattle", "fighters"]


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


class OrderOfBattle:
    """Equipment, quality and availability of those who can fight."""

    def __init__(self, world: World, conditions: Conditions, budgets: Budgets) -> None:
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
        return core * (read("equipment_share", actor) * read("equipment_weight", capability, actor) / weights)

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
                state[f"capital.{c}.{a}"],
                (state[f"delivery2.{c}.{a}"] + third) / 2,
                self.depreciation[c],
                STEP,
            )
        return now

    def _operations(self, actor: str, core: Number, read: Callable[..., Number]) -> Number:
        """Money for people and operations: what equipment, munitions and infrastructure leave of core spending."""
        bought = ("equipment_share", "munitions_share", "infrastructure_share")
        return core * (1 - sum((read(name, actor) for name in bought), start=0.0))

    def rows(
        self,
        month: Number,
        war_months: Number,
        read: Callable[..., Number],
        state: dict[str, Number],
        money: dict[str, Number],
    ) -> dict[tuple[str, ...], Number]:
        """Units available at the end of the step, and their combat power."""
        since = (month - war_months) / 12
        years, war_years = month / 12, war_months / 12
        result: dict[tuple[str, ...], Number] = {}
        grown: dict[tuple[str, str], Number] = {}
        for c, a in self.pairs:
            flow = self._investment(c, a, self.first_core[a], self.read)
            first = economy.initial_capital(flow, self.read("investment_growth", a), self.depreciation[c])
            grown[c, a] = state[f"capital.{c}.{a}"] * (1 / first)
        # Money for people and operations, for each unit of the force that it has to keep.
        operations: dict[str, Number] = {}
        for a in self.actors:
            sizes = [size for (_, actor), size in grown.items() if actor == a]
            first = self._operations(a, self.first_core[a], self.read)
            spent = self._operations(a, money[f"core.{a}"], read) * (1 / first)
            operations[a] = spent * len(sizes) / sum(sizes, start=0.0) if sizes else spent
        for c, a in self.pairs:
            units = self.read("strength", c, a) * grown[c, a]
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
            ready = forces.ready_share(read("readiness", c, a), operations[a], self.read("readiness_response"))
            available = units * ready * maximum(free, 0.0)
            result["available", c, a] = available
            result["power", c, a] = available * read("quality", c, a) * state[f"quality.{a}"]
        return result
