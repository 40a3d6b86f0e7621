"""From what a case says of a theatre to the terms on which a structure adjudicates its wars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twofront.adjudicate.arrival import Geometry, Worn
from twofront.adjudicate.contract import Breaking, Crossing, Elements, Exponents, Front, Salvo, Terms
from twofront.adjudicate.magazines import Magazines
from twofront.engine.ops import Number, table
from twofront.quantities import WAR_PARTS

__all__ = ["rounds_of", "terms_of"]

_PARTS = {
    "breaking": Breaking,
    "exponents": Exponents,
    "elements": Elements,
    "front": Front,
    "salvo": Salvo,
    "crossing": Crossing,
}


def terms_of(needs: Sequence[str], geometry: Geometry, loss_rate: Number) -> Terms:
    """What does not change during a theatre's wars; of the parts, those that a structure needs."""
    read, name = geometry.read, geometry.field.theatre.name
    parts: dict[str, Any] = {
        part: _PARTS[part](*(read(quantity, name) for quantity in WAR_PARTS[part])) for part in needs
    }
    return Terms(loss_rate, loss_rate, geometry.log_skill, read("campaign_m"), **parts)


def rounds_of(
    magazines: Magazines, worn: Worn, commitments: Sequence[tuple[int, int]]
) -> list[Callable[[int, Number], dict[str, Number]]]:
    """For each commitment, the rounds that become usable in a step: the stock in the first, then the output."""
    world = magazines.geometry.world
    first = table([1.0] + [0.0] * (magazines.geometry.steps - 1))
    kinds = {"missiles": world.salvo, "interceptors": world.interceptors}

    def total(pairs: Sequence[tuple[Number, Number]]) -> tuple[Number, Number]:
        return sum((held for held, _ in pairs), start=0.0), sum((made for _, made in pairs), start=0.0)

    attack = {kind: total([magazines.attackers(k) for k in classes]) for kind, classes in kinds.items()}

    def of(mode: int, level: int) -> Callable[[int, Number], dict[str, Number]]:
        defence = {
            kind: total([magazines.defenders(k, mode, level, worn) for k in classes]) for kind, classes in kinds.items()
        }

        def usable(step: int, days: Number) -> dict[str, Number]:
            return {
                f"{side}_{kind}": held * first[step] + made * days
                for side, stores in (("attack", attack), ("defence", defence))
                for kind, (held, made) in stores.items()
            }

        return usable

    return [of(mode, level) for mode, level in commitments]
