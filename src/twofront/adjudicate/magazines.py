"""Magazines: what stocks and output still meet of each step's needs, and what that leaves of each side's effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twofront.adjudicate import laws
from twofront.adjudicate.arrival import Geometry, Worn
from twofront.adjudicate.field import MODES, local_fights
from twofront.engine.ops import Number, Series, minimum, scan, table

__all__ = ["Magazines", "Supplies"]

DAYS_A_MONTH = 30.0
"""Days in a month of war, for rates by month in wars by day."""


@dataclass(frozen=True, slots=True)
class Supplies:
    """Effect that magazines and strikes leave of each side, by act and commitment; rows by step."""

    attack: Mapping[tuple[int, int, int], Series]
    defence: Mapping[tuple[int, int, int], Series]


class Magazines:
    """Supplies of munitions in a theatre at a date.

    ``other_use``: daily need by class of the defence in the other theatre [round/day]; ``apart``: classes whose rounds
    a structure counts itself, so that their shortage is no general loss of effect.
    """

    def __init__(
        self,
        geometry: Geometry,
        now: Mapping[tuple[str, ...], Number],
        other_use: Mapping[str, Number],
        apart: tuple[str, ...] = (),
    ) -> None:
        self.geometry, self.now = geometry, now
        self.read, self.name = geometry.read, geometry.field.theatre.name
        self.other_use, self.apart = other_use, apart

    def needs(self, use: str) -> tuple[str, ...]:
        """Munition classes that a side needs in the theatre; ``use``: the quantity that says how much."""
        return tuple(k for k in self.geometry.world.munitions if self.read.has(use, k, self.name))

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

    def overlap(self, munition: str, actor: str) -> tuple[Number, Number]:
        """Share of an actor's usable stock here, and of that in the other theatre, that both theatres claim."""
        world, read = self.geometry.world, self.read
        (other,) = (each.name for each in world.theatres if each.name != self.name)
        here, there = (
            read("stock_reach", munition, actor, name) * read("commitment", actor, name) for name in (self.name, other)
        )
        contention = read("munition_contention", munition)
        return laws.overlap(contention, here, there), laws.overlap(contention, there, here)

    def after_first_war(self, munition: str, actor: str, months: Number) -> tuple[Number, Number]:
        """Stock and daily output once another theatre's war has drawn on it for so long: drained, partly made good.

        Of what that war uses, the part that both theatres claim is missing here, and never more than there was.
        Output refills what the first war used and no more: otherwise a second war a lag later would find fuller
        magazines than one at once even where the two share nothing.
        """
        stock, made = self.held(munition, actor), self.made(munition, actor)
        here, there = self.overlap(munition, actor)
        surge = (1 + self.read("surge_limit", munition)) / 2
        days = minimum(DAYS_A_MONTH * months, self.geometry.world.phases[-1])
        drained = minimum(self.other_use.get(munition, 0.0) * days * there, stock * here)
        return minimum(stock - drained + made * surge * DAYS_A_MONTH * months, stock), made

    def attackers(self, munition: str) -> tuple[Number, Number]:
        """The challenger's stock and daily output."""
        return self.totals(munition, (self.geometry.field.theatre.challenger,))

    def defenders(self, munition: str, mode: int, level: int, worn: Worn) -> tuple[Number, Number]:
        """Stock and daily output of everybody who defends under a commitment."""
        field = self.geometry.field
        held, made = self.totals(munition, field.theatre.hosts)
        if local_fights(field, level):
            more, faster = self.totals(munition, self.geometry.local)
            held, made = held + more, made + faster
        if MODES[mode] != "none":
            others = tuple(a for a in self.geometry.outside if a not in field.claimed)
            more, faster = self.totals(munition, others)
            held, made = held + more, made + faster
            for actor in field.claimed:
                more, faster = self.held(munition, actor), self.made(munition, actor)
                if worn.months is not None:
                    more, faster = self.after_first_war(munition, actor, worn.months)
                part: Number = 1.0
                if MODES[mode] == "shared":
                    part = laws.contested_share(self.overlap(munition, actor)[0], 0.0, worn.share)
                held, made = held + part * more, made + part * faster
        return held, made

    def supplies(self, worn: Worn, commitments: tuple[tuple[int, int], ...]) -> Supplies:
        """Follow every side's magazines from step to step, each distinct one once."""
        geometry, read = self.geometry, self.read
        field, name = geometry.field, self.name
        suppression, interception = read("suppression", name), read("interception", name)
        advantage, exponent = read("defence_advantage", name), read("shortage_exponent")
        attacking, defending = self.needs("attack_use"), self.needs("defence_use")
        # Levels of the local responder that bring no forces bring no rounds either.
        sides = {pair: (pair[0], local_fights(field, pair[1])) for pair in commitments}
        members = {side: pair for pair, side in reversed(sides.items())}
        stores: dict[tuple[str, object, str], tuple[Number, Number]] = {}
        for k in attacking:
            for act in range(len(field.acts)):
                stores["attack", act, k] = self.attackers(k)
        for k in defending:
            for side, (mode, level) in members.items():
                stores["defence", side, k] = self.defenders(k, mode, level, worn)
        lengths = table(geometry.lengths)

        def at(step: int, left: list[Number]) -> tuple[list[Number], dict[str, dict[str, Number]]]:
            after: list[Number] = []
            fills: dict[tuple[str, object, str], Number] = {}
            for (key, (_, made)), rest in zip(stores.items(), left, strict=True):
                who, which, k = key
                scale = read("act_force", field.acts[which].name) if isinstance(which, int) else 1.0
                need = read(f"{who}_use", k, name) * scale * lengths[step]
                supply = rest + made * lengths[step]
                fills[key] = laws.fill(supply, 0.0, need)
                after.append(supply - fills[key] * need)
            attackers = {act: self._met(fills, "attack", act, attacking) for act in range(len(field.acts))}
            defenders = {side: self._met(fills, "defence", side, defending) for side in members}
            effects = {
                (who, which): laws.magazine_effect(met, exponent)
                for who, found in (("attack", attackers), ("defence", defenders))
                for which, (met, _, _) in found.items()
            }
            rows: dict[str, dict[str, Number]] = {"attack": {}, "defence": {}}
            for act, (_, guard, strike) in attackers.items():
                for place, (side, (_, their_guard, their_strike)) in enumerate(defenders.items()):
                    spared = laws.unsuppressed(suppression, strike, interception, their_guard)
                    rows["defence"][f"{act}.{place}"] = effects["defence", side] * spared * advantage
                    spared = laws.unsuppressed(suppression, their_strike, interception, guard)
                    rows["attack"][f"{act}.{place}"] = effects["attack", act] * spared
            return after, rows

        _, rows = scan(at, [held for held, _ in stores.values()], geometry.steps)
        places = {side: place for place, side in enumerate(members)}
        keys = {(act, *pair): f"{act}.{places[sides[pair]]}" for act in range(len(field.acts)) for pair in commitments}
        return Supplies(
            {key: rows["attack"][row] for key, row in keys.items()},
            {key: rows["defence"][row] for key, row in keys.items()},
        )

    def _met(
        self, fills: Mapping[tuple[str, object, str], Number], who: str, which: object, needs: tuple[str, ...]
    ) -> tuple[Number, Number, Number]:
        """What share of all needs is met (weighted), of interceptors', of strikers'."""
        world, read = self.geometry.world, self.read
        met: Number = 1.0
        for k in needs:
            if k not in self.apart:
                short = 1 - fills[who, which, k]
                met = met - read(f"{who}_dependence", k, self.name) * short * (1 - read("fallback_effect", k))
        guards = [fills[who, which, k] for k in needs if k in world.interceptors]
        strikes = [fills[who, which, k] for k in needs if k in world.strikers]
        guard = sum(guards, start=0.0) / len(guards) if guards else 0.0
        strike = sum(strikes, start=0.0) / len(strikes) if strikes else 0.0
        return met, guard, strike
