"""Names of outcomes and of kept series that a case can have, by the grammar of ``docs/outcomes.md``.

A case is read without its model, so this list is somewhat longer than what a run of it holds: it is for catching
names that nothing could ever have. A test holds it against the outcomes of the bundled cases.
"""

from __future__ import annotations

import math

from twofront.world import Responder, World

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
    blockading = {item.actor for item in world.challengers if any(act.kind == "blockade" for act in item.menu)}
    for item in world.challengers:
        forms = [*_BY_CHALLENGER, *(f"unanchored.{form}" for form in _UNANCHORED_BY_CHALLENGER)]
        names += [f.format(item.actor) for f in forms if not f.endswith(".blockade") or item.actor in blockading]
    names += [f"join_chance.{item.name}" for item in world.theatres]
    names += [f"policy_cost.by.{actor}" for actor in _payers(world)]
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
    outside = next((each for each in world.responders if len(each.theatres) > 1), None)
    names: list[str] = []
    for theatre in world.theatres:
        acts = [act.name for c in world.challengers if c.theatre == theatre.name for act in c.menu if act.kind == "war"]
        there = [each for each in world.responders if theatre.name in each.theatres]
        both = _together(outside, there)
        by_itself = [each.name for each in there if each is outside or each.needs is None]
        for act in acts:
            sides = dict.fromkeys(["alone", *by_itself, both])
            names += [f"objective_chance.{theatre.name}.{act}.{side}" for side in sides]
            begun_later = [f"after_{lag}_months" for lag in world.lags[1:-1]] + ["later"] * (len(world.lags) > 1)
            names += [f"objective_chance.{theatre.name}.{act}_{when}.{both}" for when in ("in_double", *begun_later)]
            for stem in (f"{theatre.name}.{act}", f"{theatre.name}.{act}_in_double"):
                names += [f"stalemate_chance.{stem}", f"war_days.{stem}"]
                names += [f"losses.{stem}.{side}" for side in _SIDES]
                if world.detail:
                    names += [f"decided_chance.{stem}.{day}" for day in _DECIDED_DAYS]
                    names += [f"ground_taken.{stem}"]
                    names += [f"losses.{stem}.{side}.{owned}" for side in _SIDES for owned in world.capabilities]
        attackers = [each.actor for each in world.challengers if each.theatre == theatre.name]
        principals = dict.fromkeys([*(outside.members[:1] if outside else ()), *attackers])
        whose = (*world.actors, *_SIDES) if world.detail else tuple(principals)
        names += [f"exhaustion_day.{theatre.name}.{munition}.{who}" for munition in world.munitions for who in whose]
    return names


def _together(outside: Responder | None, there: list[Responder]) -> str:
    """Everybody who may come to a theatre, as outcomes name them: the outside power first."""
    ordered = sorted(there, key=lambda each: each is not outside)
    return "_and_".join(each.name for each in ordered) or "alone"


def _payers(world: World) -> tuple[str, ...]:
    """Actors whose spending a policy's cost counts: all but the challengers and those who supply them."""
    others = {each.actor for each in world.challengers}
    others |= {flow.giver for flow in world.flows if flow.taker in others}
    return tuple(actor for actor in world.actors if actor not in others and actor != world.client)
