"""Budgets: output, shares and money of every actor."""

from __future__ import annotations

from collections.abc import Callable

from twofront.engine.ops import Number, maximum, where
from twofront.simulate import economy
from twofront.simulate.conditions import STEP, Conditions
from twofront.world import World

__all__ = ["Budgets"]


class Budgets:
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
            **{f"gdp.{a}": read("gdp", a) for a in self.world.actors},
        }

    def step(self, month: Number, read: Callable[..., Number], state: dict[str, Number]) -> dict[str, Number]:
        first, path = self.conditions.before, self.conditions.spending_path
        shares = {a: state[f"core.{a}"] for a in self.world.actors}
        now: dict[str, Number] = {}
        for actor in self.world.actors:
            share, start = shares[actor], first("core_share", actor)
            goal = start + read("compliance", actor) * (read("core_target", actor) - start)
            left = 12 * read("plan_years", actor) - month
            linear = economy.linear_share(share, goal, left / STEP)
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
            now[f"related.{actor}"] = economy.linear_share(extra, extra_goal, left / STEP)
            now[f"gdp.{actor}"] = economy.real_gdp(state[f"gdp.{actor}"], first("gdp_growth", actor), STEP / 12)
        return now

    def money(self, read: Callable[..., Number], state: dict[str, Number]) -> dict[str, Number]:
        """Core and related spending and the cost of sanctions, in bn_usd/year at constant market rates."""
        first = self.conditions.before
        mean_now = sum((state[f"core.{a}"] for a in self.alliance), start=0.0) / len(self.alliance)
        mean_then = sum((first("core_share", a) for a in self.alliance), start=0.0) / len(self.alliance)
        result: dict[str, Number] = {}
        for actor in self.world.actors:
            gdp = state[f"gdp.{actor}"]
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
