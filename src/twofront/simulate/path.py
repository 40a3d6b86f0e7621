"""The path without war, for every actor at once.

Budgets, prices and quality move by half-years. Lines and deliveries move with them by transitions that are exact for
the step's constant target, so that the length of the step costs them nothing. Stocks, which can run out, and the
ongoing war, which can end, move by months.
"""

from __future__ import annotations

from dataclasses import dataclass

from twofront.engine.ops import Number, Series, maximum, minimum, number, scan, table
from twofront.simulate.arsenal import Arsenal
from twofront.simulate.budgets import Budgets
from twofront.simulate.conditions import MONTHS, Conditions, Step, first_policy_step, steps
from twofront.simulate.order_of_battle import OrderOfBattle
from twofront.world import World

__all__ = ["Path", "simulate"]


@dataclass(frozen=True, slots=True)
class Path:
    """A path by step (half-year): rows of numbers by (quantity, names).

    At the step's end: ``available``, units that can fight at once, by class and actor; ``power``, the same times
    quality; ``stock`` [round] by munition class and actor. Within the step: ``output`` [round/month],
    ``value`` [bn_usd/year], ``used``, ``sent``, ``donated`` and ``received`` [round/month]; ``core`` and ``related``
    [bn_usd/year] by actor; ``burden`` [bn_usd/year], cost of sanctions; ``infrastructure``, against the start.
    """

    rows: dict[tuple[str, ...], Series]

    def __call__(self, *key: str) -> Series:
        """Return a row by its key, such as ``("stock", "shell", "russia")``."""
        return self.rows[key]


def simulate(world: World, conditions: Conditions) -> Path:
    """Compute the path without war.

    Within a step budgets come first, then lines and stocks, then forces. A policy is in force from the first step
    that begins at the clock's cutoff or after; what comes before is the same under every policy.
    """
    budgets = Budgets(world, conditions)
    battle = OrderOfBattle(world, conditions, budgets)
    arsenal = Arsenal(world, conditions, battle.first_core)
    first = conditions.before
    count, policy = steps(world), first_policy_step(world)
    started = table([1.0 if step >= policy else 0.0 for step in range(count)])
    policy_years = table([max(0.0, (step - policy + 0.5) * MONTHS / 12) for step in range(count)])
    war_months = maximum(12 * (first("ongoing_war_end") - world.clock.first_year), 0.0)
    first_infrastructure = {
        a: first("infrastructure_share", a) * battle.first_core[a] + first("gdp", a) * first("related_share", a)
        for a in battle.actors
    }

    def advance(step: int, state: dict[str, Number]) -> tuple[dict[str, Number], dict[tuple[str, ...], Number]]:
        month = number(step) * MONTHS
        read = Step(conditions, step, started[step])
        at_war = [minimum(maximum(war_months - (month + k), 0.0), 1.0) for k in range(MONTHS)]
        shares = budgets.step(month, read, state)
        money = budgets.money(read, {name: (state[name] + share) / 2 for name, share in shares.items()})
        stocked, rows = arsenal.step(policy_years[step], at_war, read, state, money)
        now = {**shares, **stocked, **battle.step(read, state, money)}
        rows.update(battle.rows(month + MONTHS, war_months, read, now, money))
        for actor in world.actors:
            for kind in ("core", "related", "burden"):
                rows[kind, actor] = money[f"{kind}.{actor}"]
        for actor in battle.actors:
            spent = read("infrastructure_share", actor) * money[f"core.{actor}"] + money[f"related.{actor}"]
            rows["infrastructure", actor] = spent * (1 / first_infrastructure[actor])
        return now, rows

    _, rows = scan(advance, {**budgets.start(), **arsenal.start(), **battle.start()}, count)
    return Path(rows)
