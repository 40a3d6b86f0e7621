"""Magazines: what stocks and output still meet of each phase's needs, and what that leaves of each side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twofront.adjudicate import laws
from twofront.adjudicate.arrival import Geometry
from twofront.adjudicate.field import MODES, local_fights
from twofront.engine.ops import Number, Series, for_each, maximum, minimum, number

__all__ = ["Magazines", "Supplied", "factors_of"]

DAYS_A_MONTH = 30.0
"""Days in a month of war, for rates by month in wars by day."""


class Magazines:
    """Supplies of munitions in a theatre."""

    def __init__(
        self, geometry: Geometry, now: Mapping[tuple[str, ...], Number], other_use: Mapping[str, Number]
    ) -> None:
        self.geometry, self.now = geometry, now
        self.read, self.name = geometry.read, geometry.field.theatre.name
        self.other_use = other_use

    def held(self, munition: str, actor: str) -> Number:
        """Usable stock of an actor in the theatre [round]."""
        stock = self.now.get(("stock", munition, actor))
        if stock is None or not self.read.has("stock_reach", munition, actor, self.name):
            return 0.0
        commitment = self.read("commitment", actor, self.name)
        return stock * self.read("stock_reach", munition, actor, self.name) * commitment

    def made(self, munition: str, actor: str) -> Number:
        """Daily output of an actor that reaches the theatre [round/day]."""
        output = self.now.get(("output", munition, actor))
        if output is None or not self.read.has("stock_reach", munition, actor, self.name):
            return 0.0
        commitment = self.read("commitment", actor, self.name)
        return output / DAYS_A_MONTH * self.read("stock_reach", munition, actor, self.name) * commitment

    def totals(self, munition: str, actors: tuple[str, ...]) -> tuple[Number, Number]:
        """Stock and daily output of several actors."""
        stock = sum((self.held(munition, a) for a in actors), start=0.0)
        made = sum((self.made(munition, a) for a in actors), start=0.0)
        return stock, made

    def after_first_war(self, munition: str, actors: tuple[str, ...]) -> tuple[Number, Number]:
        """The same once another theatre's war has drawn on it for the lag: drained, and partly made good.

        Output refills what the first war used and no more: otherwise a second war a lag later would find fuller
        magazines than one at once even where the two share nothing.
        """
        stock, made = self.totals(munition, actors)
        months = self.geometry.world.lags[-1]
        surge = (1 + self.read("surge_limit", munition)) / 2
        drained = self.other_use.get(munition, 0.0) * minimum(DAYS_A_MONTH * months, self.geometry.world.phases[-1])
        kept = maximum(stock - drained * self.read("munition_contention", munition), 0.0)
        return minimum(kept + made * surge * DAYS_A_MONTH * months, stock), made

    def met(
        self, uses: tuple[str, str], stock: Mapping[str, tuple[Number, Number]], scale: Number
    ) -> tuple[list[Number], list[Number], list[Number]]:
        """Phase by phase: what share of all needs is met (weighted), of interceptors', of strikers'.

        ``uses``: names of the quantities of need and dependence; ``stock``: stock and output by class.
        """
        geometry, read = self.geometry, self.read
        world = geometry.world
        met: list[Number] = [1.0] * len(geometry.lengths)
        guard = [0.0] * len(geometry.lengths)
        strike = [0.0] * len(geometry.lengths)
        guards: list[list[Number]] = []
        strikes: list[list[Number]] = []
        for munition in world.munitions:
            if not read.has(uses[0], munition, self.name):
                continue
            need_rate = read(uses[0], munition, self.name) * scale
            dependence = read(uses[1], munition, self.name)
            fallback = read("fallback_effect", munition)
            supply, made = stock[munition]
            used: Number = 0.0
            fills: list[Number] = []
            for phase, length in enumerate(geometry.lengths):
                need = need_rate * length
                supply = supply + made * length
                share = laws.fill(supply, used, need)
                used = used + share * need
                fills.append(share)
                met[phase] = met[phase] - dependence * (1 - share) * (1 - fallback)
            if munition in world.interceptors:
                guards.append(fills)
            if munition in world.strikers:
                strikes.append(fills)
        if guards:
            guard = [sum((f[p] for f in guards), start=0.0) / len(guards) for p in range(len(guard))]
        if strikes:
            strike = [sum((f[p] for f in strikes), start=0.0) / len(strikes) for p in range(len(strike))]
        return met, guard, strike


@dataclass(frozen=True, slots=True)
class Supplied:
    """A side's magazines phase by phase: effectiveness, and the share of need met of interceptors and of strikes."""

    effect: list[Number]
    guard: list[Number]
    strike: list[Number]


def factors_of(
    geometry: Geometry, magazines: Magazines, needs: tuple[str, ...], attackers: Sequence[Supplied]
) -> list[dict[tuple[int, int], dict[str, list[Series]]]]:
    """What magazines and strikes leave of each side.

    By act (``attackers``: the challenger's magazines for each), commitment and side ("attack", "defence"), per phase;
    rows: 0 before, 1 after the outside responder's magazines were worn by another war.
    """
    field, read, name = geometry.field, geometry.read, geometry.field.theatre.name
    suppression, interception = read("suppression", name), read("interception", name)
    advantage, exponent = read("defence_advantage", name), read("shortage_exponent")
    host = {k: magazines.totals(k, field.theatre.hosts) for k in needs}
    local = {k: magazines.totals(k, geometry.local) for k in needs}
    outside = {k: magazines.totals(k, geometry.outside) for k in needs}
    worn = {k: magazines.after_first_war(k, geometry.outside) for k in needs}
    phases = range(len(geometry.lengths))

    def of_wear(wear: int) -> list[dict[str, list[list[Number]]]]:
        aged = number(wear)
        result: list[dict[str, list[list[Number]]]] = []
        for mode, level in field.commitments:
            stock: dict[str, tuple[Number, Number]] = {}
            for k in needs:
                held, made = host[k]
                if local_fights(field, level):
                    held, made = held + local[k][0], made + local[k][1]
                if MODES[mode] != "none":
                    part = laws.contested_share(read("munition_contention", k)) if MODES[mode] == "shared" else 1.0
                    left = outside[k][0] + aged * (worn[k][0] - outside[k][0])
                    held, made = held + part * left, made + part * outside[k][1]
                stock[k] = held, made
            met, guard, strike = magazines.met(("defence_use", "defence_dependence"), stock, 1.0)
            effect = [laws.magazine_effect(share, exponent) for share in met]
            result.append(
                {
                    "defence": [
                        [
                            effect[p]
                            * laws.unsuppressed(suppression, each.strike[p], interception, guard[p])
                            * advantage
                            for p in phases
                        ]
                        for each in attackers
                    ],
                    "attack": [
                        [
                            each.effect[p] * laws.unsuppressed(suppression, strike[p], interception, each.guard[p])
                            for p in phases
                        ]
                        for each in attackers
                    ],
                }
            )
        return result

    rows: list[dict[str, list[list[Series]]]] = for_each(2, of_wear)
    return [
        {
            commitment: {side: row[side][act] for side in ("attack", "defence")}
            for commitment, row in zip(field.commitments, rows, strict=True)
        }
        for act in range(len(attackers))
    ]
