"""Names of outcomes and of kept series that a case can have, by the grammar of ``docs/outcomes.md``.

A case is read without its model, so this list is somewhat longer than what a run of it holds: it is for catching
names that nothing could ever have. A test holds it against the outcomes of the bundled cases.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from twofront.world import World

__all__ = ["bounds_of", "outcome_names", "series_names"]

_BY_ORDER = (
    "second_front_chance",
    "second_front_chance.w3",
    "second_front_chance.w24",
    "second_front_chance.unweighted",
    "second_front_chance.fixed",
    "opportunism_effect",
    "coordination_effect",
    "common_cause_effect",
    "second_front_alone",
    "second_front_at_rest",
    "call_chance",
    "call_and_attack_chance",
    "diversion_chance",
    "pinned_share",
    "first_war_chance",
    "bluff_rate",
    "call_credence",
    "second_front_chance.least",
    "second_front_chance.most",
    "opportunism_effect.least",
    "opportunism_effect.most",
    "coordination_effect.least",
    "coordination_effect.most",
    "several_equilibria",
)
_ALONE = (
    "any_war_chance",
    "any_war_chance.with_blockade",
    "double_war_chance",
    "window_months",
    "window_months.first",
    "window_months.last",
    "military_window_months",
    "policy_cost",
    "policy_cost.core",
    "policy_cost.related",
    "policy_cost.sanctions",
    "policy_cost.ppp",
    "policy_cost.discounted",
)
_UNANCHORED = (
    "second_front_chance",
    "second_front_alone",
    "opportunism_effect",
    "coordination_effect",
    "common_cause_effect",
    "any_war_chance",
    "double_war_chance",
)
_BY_CHALLENGER = (
    "deterrence_margin.{}.alone",
    "deterrence_margin.{}.alone.lowest",
    "deterrence_margin.{}.after_first",
    "yearly_hazard.{}.war",
    "yearly_hazard.{}.war.near",
    "yearly_hazard.{}.blockade",
    "yearly_anchor.{}",
    "intercept.{}",
)
_UNANCHORED_BY_CHALLENGER = ("yearly_hazard.{}.war", "yearly_hazard.{}.blockade")
_SERIES_BY_CHALLENGER = ("hazard.{}.war", "hazard.{}.blockade", "margin.{}", "waiting.{}")
_SERIES_BY_ORDER = ("second_front", "second_front_closed", "second_front_alone")
_PARTIES = ("challenger", "host", "local", "full")
_FORCE_DAYS = ("day10", "day30", "day90")
_DECIDED_DAYS = ("day7", "day14", "day30", "day60")
_SIDES = ("attacker", "defender")
_SHARES = (
    "second_front_alone",
    "second_front_at_rest",
    "pinned_share",
    "call_credence",
    "several_equilibria",
    "losses",
)
_NOT_BELOW_ZERO = (
    "war_days",
    "exhaustion_day",
    "forces",
    "ground_taken",
    "military_window_months",
    "yearly_hazard",
    "yearly_anchor",
    "bluff_rate",
)


def outcome_names(world: World) -> tuple[str, ...]:
    """Return every name that an outcome of a case with this shape may have."""
    orders = ["", *(f".{item.theatre}_first" for item in world.challengers)]
    names = [f"{stem}{order}" for stem in _BY_ORDER for order in orders]
    names += [*_ALONE, *(f"unanchored.{name}" for name in _UNANCHORED)]
    names += [form.format(item.actor) for form in _BY_CHALLENGER for item in world.challengers]
    names += [f"unanchored.{form.format(c.actor)}" for form in _UNANCHORED_BY_CHALLENGER for c in world.challengers]
    names += [f"join_chance.{item.name}" for item in world.theatres]
    names += [f"policy_cost.by.{actor}" for actor in world.actors]
    names += _of_wars(world)
    names += [f"{name}.censored" for name in names if name.startswith("exhaustion_day.")]
    names += [
        f"forces.{theatre.name}.{party}.{day}"
        for theatre in world.theatres
        for party in _PARTIES
        for day in _FORCE_DAYS
    ]
    return tuple(names)


def series_names(world: World, declared: tuple[str, ...]) -> tuple[str, ...]:
    """Return every name that a kept series may have: those the case declares and those every run keeps."""
    names = [*declared, "hazard.double", "alert"]
    names += [form.format(item.actor) for form in _SERIES_BY_CHALLENGER for item in world.challengers]
    names += [f"{stem}.{item.theatre}_first" for stem in _SERIES_BY_ORDER for item in world.challengers]
    names += [name for name in _of_wars(world) if name.startswith(("objective_chance.", "exhaustion_day."))]
    return tuple(dict.fromkeys(names))


def bounds_of(name: str) -> tuple[float, float]:
    """Return between which numbers an outcome lies whatever happens."""
    stem = name.removeprefix("unanchored.").split(".")[0]
    if stem.endswith("_chance") or stem in _SHARES or name.endswith(".censored"):
        return 0.0, 1.0
    if stem.endswith("_effect"):
        return -1.0, 1.0
    return (0.0, math.inf) if stem in _NOT_BELOW_ZERO else (-math.inf, math.inf)


def _of_wars(world: World) -> list[str]:
    names: list[str] = []
    for theatre in world.theatres:
        acts = [act.name for c in world.challengers if c.theatre == theatre.name for act in c.menu if act.kind == "war"]
        there = [responder.name for responder in world.responders if theatre.name in responder.theatres]
        sides = ["alone", *there, *(f"{a}_and_{b}" for a, b in itertools.permutations(there, 2))]
        for contingency in _contingencies(acts, world.lags):
            stem = f"{theatre.name}.{contingency}"
            names += [f"objective_chance.{stem}.{side}" for side in sides]
            names += [f"stalemate_chance.{stem}", f"war_days.{stem}"]
            names += [f"losses.{stem}.{side}" for side in _SIDES]
            if world.detail:
                names += [f"decided_chance.{stem}.{day}" for day in _DECIDED_DAYS]
                names += [f"ground_taken.{stem}"]
                names += [f"losses.{stem}.{side}.{owned}" for side in _SIDES for owned in world.capabilities]
        whose = (*world.actors, *(_SIDES if world.detail else ()))
        names += [f"exhaustion_day.{theatre.name}.{munition}.{who}" for munition in world.munitions for who in whose]
    return names


def _contingencies(acts: list[str], lags: tuple[int, ...]) -> Iterator[str]:
    for act in acts:
        yield from (act, f"{act}_in_double", f"{act}_later")
        yield from (f"{act}_after_{lag}_months" for lag in lags[1:-1])
