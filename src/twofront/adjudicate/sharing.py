"""How what both theatres claim is divided between them while both are at war: rival rules, one drawn by future."""

from __future__ import annotations

from dataclasses import dataclass

from twofront.adjudicate.allocation import first_come, minmax_shares, proportional_shares
from twofront.adjudicate.field import outside_responder
from twofront.engine.ops import Number, maximum, minimum, where
from twofront.readings import Readings
from twofront.world import World

__all__ = ["RULES", "Sharing", "sharing"]

RULES = ("proportional", "first_come", "minmax")
"""In the order of `twofront.quantities.STRUCTURES`."""
_LEAST = 1e-12
"""A stake so small that it gets nothing worth the name."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """``parts``: what each theatre gets of what both claim, by theatre, if it is not the first to be at war;
    ``keeps``: what the first keeps of the other's part, 1 under first come and else 0."""

    parts: dict[str, Number]
    keeps: Number


def sharing(world: World, read: Readings, rule: Number) -> Sharing:
    """Divide what both theatres claim by the rule whose number in `RULES` was drawn.

    Stakes are the outside responder's. What one theatre does not get the other does, to the last bit; under first come
    the first has all, so that a second has nothing.
    """
    outside = outside_responder(world).name
    names = [theatre.name for theatre in world.theatres]
    # A stake of nothing or less asks for nothing; where both do, they ask alike.
    stakes = [maximum(read("responder_stake", outside, name), _LEAST) for name in names]
    proportional = proportional_shares(stakes)[0]
    # No more than all of it: the rounding of a stock that goes to one theatre must not take from the other.
    minmax = minimum(minmax_shares(stakes, read("contested_worth"))[0], 1.0)
    second = first_come([1.0, 1.0], 1.0)[1]
    came = (rule > 0.5) & (rule < 1.5)
    part = where(rule < 0.5, proportional, minmax)
    parts = {names[0]: where(came, second, part), names[1]: where(came, second, 1 - part)}
    return Sharing(parts, where(came, 1.0, 0.0))
