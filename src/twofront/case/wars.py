"""Check that each structure of war has, in the theatres where it can be drawn, what it needs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from twofront.case.model import Parameter, StructureChoice
from twofront.case.names import Reading
from twofront.case.schema import CaseText
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed
from twofront.quantities import WAR_PARTS, WAR_STRUCTURES, war_parts
from twofront.world import Theatre, World

__all__ = ["check_wars"]

MOST_LOST = 0.5
"""Share of a force that may be lost in one step to an enemy that cannot be hurt: twice the rate at parity."""
INSIDE = frozenset(["attack_break", "defence_break", "attack_threshold", "defence_threshold"])
"""Quantities that must lie below 1: a side that bears the loss of everything never breaks."""
UP_TO_ONE = frozenset(["enemy_exponent", "own_exponent"])
"""Exponents between those of the named laws."""


def check_wars(
    text: CaseText,
    tree: Tree,
    world: World,
    structures: Sequence[StructureChoice],
    parameters: Sequence[Parameter],
    readings: Mapping[str, Reading],
) -> list[Fault]:
    """Structures fit their theatres, what they need is given and in order, steps are short enough for the rates."""
    checker = _Wars(text, tree, world, {item.name: item for item in parameters}, readings)
    checker.short_enough()
    chosen = {item.name: item for item in structures}
    for theatre in world.theatres:
        choice = chosen.get(f"war.{theatre.name}")
        if choice is not None:
            drawn = [o for o, weight in zip(choice.options, choice.weights, strict=True) if weight > 0]
            checker.theatre(theatre, drawn)
    return checker.faults


class _Wars:
    def __init__(
        self,
        text: CaseText,
        tree: Tree,
        world: World,
        parameters: Mapping[str, Parameter],
        readings: Mapping[str, Reading],
    ) -> None:
        self.text, self.tree, self.world = text, tree, world
        self.parameters, self.readings = parameters, readings
        self.faults: list[Fault] = []
        self._told: set[tuple[str, str]] = set()

    def fault(self, route: Route, message: str, *, key: bool = False, found: str = "", **more: str) -> None:
        self.faults.append(self.tree.fault(route, message, key=key, found=found, **more))

    def theatre(self, theatre: Theatre, drawn: Sequence[str]) -> None:
        needed: dict[str, str] = {}
        for name in drawn:
            route = self._route(theatre.name, name)
            kinds, parts = WAR_STRUCTURES[name][0], war_parts(name, theatre.kind)
            if theatre.kind not in kinds:
                self.fault(
                    route,
                    f"`{name}` cannot be used in `{theatre.name}`, a theatre of kind {theatre.kind}",
                    key=True,
                    found=name,
                    allowed=f"theatres of kind {listed(kinds)}",
                    remedy=f"leave it out there with `war.{theatre.name}`, or mend the theatre's `kind`",
                )
                continue
            self._classes(theatre, name, parts, route)
            for part in parts:
                for quantity in WAR_PARTS[part]:
                    needed.setdefault(quantity, name)
            self._given(theatre, name, parts, route)
        self._in_order(theatre, needed)

    def _route(self, theatre: str, law: str) -> Route:
        own = f"war.{theatre}"
        return ("structures", own if own in self.text.structures else "war", law)

    def _classes(self, theatre: Theatre, name: str, parts: Sequence[str], route: Route) -> None:
        """Salvoes need missiles that somebody can fire there, a landing needs land forces."""
        if "salvo" in parts:
            missiles = [k for k in self.world.salvo if self._stocked(k, theatre)]
            if not missiles:
                self.fault(
                    route,
                    f"`{name}` fires missiles, and nobody has any in `{theatre.name}` that are fired in salvoes",
                    key=True,
                    found=name,
                    allowed="munition classes with `salvo: true` whose stock reaches the theatre",
                    remedy="mark a munition class with `salvo: true`, or leave the structure out",
                )
        if ("salvo" in parts or "crossing" in parts) and not self.world.ground:
            self.fault(
                route,
                f"`{name}` tells land forces from others, and no capability class of the case is of the land",
                key=True,
                found=name,
                allowed="capability classes with `domain: land`",
                remedy="say `domain` of every capability class, or leave the structure out",
            )

    def _stocked(self, munition: str, theatre: Theatre) -> bool:
        return any(
            self.readings["stock"].get((munition, actor)) is not None
            and self.readings["stock_reach"].get((munition, actor, theatre.name)) is not None
            for actor in self.world.actors
        )

    def _given(self, theatre: Theatre, name: str, parts: Sequence[str], route: Route) -> None:
        missing = [
            quantity
            for part in parts
            for quantity in WAR_PARTS[part]
            if self.readings[quantity].get((theatre.name,)) is None
        ]
        if missing:
            self.fault(
                route,
                f"`{name}` in `{theatre.name}` needs what the case does not give: {listed(missing, most=20)}",
                key=True,
                found=name,
                remedy=f"add `{missing[0]}.{theatre.name}` and so on, or leave the structure out there",
            )

    def _range(self, quantity: str, *entry: str) -> Parameter | None:
        name = self.readings[quantity].get(entry)
        return None if name is None else self.parameters.get(name)

    def _in_order(self, theatre: Theatre, needed: Mapping[str, str]) -> None:
        """Thresholds lie below one and in order: a side gives way within a day before it breaks, not after."""
        for quantity in sorted((INSIDE | UP_TO_ONE) & set(needed)):
            found = self._range(quantity, theatre.name)
            if found is None or found.high < 1 or (quantity in UP_TO_ONE and found.high <= 1):
                continue
            allowed = "0 to 1" if quantity in UP_TO_ONE else "above 0 and below 1"
            message = f"`{found.name}` reaches {found.high:g}, for which `{needed[quantity]}` has no meaning"
            self._of(found, message, allowed)
        for side in ("attack", "defence"):
            pair = f"{side}_threshold", f"{side}_break"
            if not set(pair) <= set(needed):
                continue
            threshold, breaking = (self._range(quantity, theatre.name) for quantity in pair)
            if threshold is not None and breaking is not None and threshold.high >= breaking.low:
                self._of(
                    threshold,
                    f"`{threshold.name}` of up to {threshold.high:g} a day is no less than `{breaking.name}` of "
                    f"{breaking.low:g}: the side would break within a day before it gives way",
                    f"below {breaking.low:g}",
                )

    def _of(self, parameter: Parameter, message: str, allowed: str) -> None:
        """A fault of a parameter's upper end; once, though several theatres and structures may read it."""
        if (parameter.name, allowed) in self._told:
            return
        self._told.add((parameter.name, allowed))
        key = "high" if "high" in parameter.bounds else "mode"
        route: Route = ("parameters", parameter.name, key, "value")
        self.fault(route, message, found=f"{parameter.bounds[key].value:g}", allowed=allowed)

    def short_enough(self) -> None:
        """No step is so long that a side loses most of its force in it whatever it does."""
        ends = self.world.phases
        longest = max(end - start for start, end in itertools.pairwise((0.0, *ends)))
        names = {name for name in self.readings["loss_rate"].values() if name is not None}
        found = max(
            (self.parameters[name] for name in sorted(names & set(self.parameters))), key=lambda r: r.high, default=None
        )
        if found is None or 2 * found.high * longest <= MOST_LOST:
            return
        route: Route = ("war", "phases") if self.text.war.step is None else ("war", "step")
        self.fault(
            route,
            f"steps of {longest:.3g} days are too long for `{found.name}` of up to {found.high:.3g} a day: "
            f"more than {MOST_LOST:.0%} of a force could be lost in one",
            found=f"{longest:g}",
            allowed=f"steps of at most {MOST_LOST / (2 * found.high):.3g} days",
            remedy="write a shorter `step`",
        )
