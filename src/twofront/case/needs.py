"""Which entries of a quantity a case must give.

A quantity with an ``absent`` value may be left out anywhere. The others are needed wherever they have a meaning:
the price of a munition only where somebody makes or buys it, the readiness of a class only where there are forces
of it, the cost of an act for every act but waiting. Elsewhere
`Case.reading` has `None`, and the model does not ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from twofront.case.names import Entry, Reading
from twofront.quantities import WAR_PARTS, Quantity
from twofront.world import World

__all__ = ["CONDITIONS", "is_needed"]

Rule: TypeAlias = Callable[[Entry, Mapping[str, Reading], World], bool]


def is_needed(item: Quantity, entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    """Whether the case must give this entry."""
    if item.absent is not None:
        return False
    rule = CONDITIONS.get(item.name)
    return rule is None or rule(entry, readings, world)


def _given(readings: Mapping[str, Reading], quantity: str, entry: Entry) -> bool:
    return readings[quantity].get(entry) is not None


def _has_forces(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    return _given(readings, "strength", entry)


def _has_line(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    return any(_given(readings, name, entry) for name in ("capacity", "planned_capacity", "order_weight"))


def _fights_there(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    capability, theatre = entry
    return any(
        _given(readings, name, (capability, actor, theatre)) and _given(readings, "strength", (capability, actor))
        for actor in world.actors
        for name in ("presence", "reach")
    )


def _is_sanctioned(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    return _given(readings, "sanction_effect", entry)


def _is_more_than_waiting(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    return any(act.name == entry[0] and act.kind != "wait" for item in world.challengers for act in item.menu)


def _alerts(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    return any(_given(readings, "act_alert", (act.name,)) for item in world.challengers for act in item.menu)


def _never(entry: Entry, readings: Mapping[str, Reading], world: World) -> bool:
    """What only some structures of war need is asked for with those structures (`twofront.case.wars`)."""
    return False


CONDITIONS: Final[Mapping[str, Rule]] = {
    **{name: _never for names in WAR_PARTS.values() for name in names},
    "equipment_weight": _has_forces,
    "quality": _has_forces,
    "readiness": _has_forces,
    "plan_slippage": _has_line,
    "input_ratio": _has_line,
    "price": _has_line,
    "substitution_half_life": _is_sanctioned,
    "combat_value": _fights_there,
    "loss_rate": _fights_there,
    "alert_months": _alerts,
    "act_prize": _is_more_than_waiting,
    "act_cost": _is_more_than_waiting,
}
