"""Who is in a theatre by when, and with what combat strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twofront.adjudicate import laws
from twofront.adjudicate.field import Field, companions
from twofront.engine.ops import Number, Series, for_each, maximum, table
from twofront.readings import Readings
from twofront.world import Theatre, World

__all__ = ["GROUND", "Geometry", "Worn", "closures", "loss_rate", "overlap_of", "strengths_of"]

GROUND = "ground"
"""Prefix of the part of a party's strength that is land force."""


class Geometry:
    """What does not change from date to date: closure, needs and lengths of the steps."""

    def __init__(self, world: World, field: Field, read: Readings) -> None:
        self.world, self.field, self.read = world, field, read
        theatre = field.theatre
        self.outside = companions(field, field.outside)
        self.local = () if field.local is None else companions(field, field.local)
        starts = (0.0, *world.phases[:-1])
        self.lengths = tuple(end - start for start, end in zip(starts, world.phases, strict=True))
        self.middles = tuple((start + end) / 2 for start, end in zip(starts, world.phases, strict=True))
        self.log_skill = read("skill", theatre.name) * read("skill_sd")

    @property
    def steps(self) -> int:
        """Number of steps in time."""
        return len(self.lengths)

    def step_of(self, day: float) -> int:
        """The step at whose end most of ``day`` days have passed: the last one that ends by then, or the first."""
        ended = [place for place, end in enumerate(self.world.phases) if end <= day * (1 + 1e-12)]
        return ended[-1] if ended else 0

    def decided(self) -> Series:
        """Share of open campaigns that each step decides."""
        lengths, mean = table(self.lengths), self.read("decision_days", self.field.theatre.name)
        return for_each(self.steps, lambda step: laws.decided_share(lengths[step], mean))

    def movements(self) -> dict[tuple[str, str, int, int], str]:
        """Name of the closure curve by actor, class, act and whether forewarned; equal curves share a name."""
        read, theatre = self.read, self.field.theatre
        names: dict[tuple[int, ...], str] = {}
        result: dict[tuple[str, str, int, int], str] = {}
        for actor in (theatre.challenger, *theatre.hosts, *self.outside, *self.local):
            for act_number, act in enumerate(self.field.acts):
                for warned in (0, 1):
                    for c in self.world.capabilities:
                        if not (read.has("strength", c, actor) and read.has("reach", c, actor, theatre.name)):
                            continue
                        depends = (
                            read("closure_lag", c, actor, theatre.name),
                            read("lift", actor, theatre.name),
                            read("mobilisation_lag", actor, theatre.name),
                            read("act_warning", act.name),
                        )
                        key = (warned, int(actor == theatre.challenger), *(id(number) for number in depends))
                        name = names.setdefault(key, f"{theatre.name}.{actor}.{c}.{act.name}.{warned}")
                        result[actor, c, act_number, warned] = name
        return result

    def closures(self) -> dict[str, Series]:
        """Closure curves by name; rows by step."""
        read, theatre = self.read, self.field.theatre
        middles = table(self.middles)
        shapes = {name: key for key, name in reversed(self.movements().items())}

        def of_step(step: int) -> dict[str, Number]:
            result: dict[str, Number] = {}
            for name, (actor, c, act, warned) in shapes.items():
                forewarning = read("call_lead") if actor == theatre.challenger else read("call_alert")
                ready = middles[step] + read("act_warning", self.field.acts[act].name)
                moving = ready + (forewarning if warned else 0.0) - read("mobilisation_lag", actor, theatre.name)
                result[name] = laws.closure(
                    maximum(moving, 0.0),
                    read("closure_lag", c, actor, theatre.name),
                    read("lift", actor, theatre.name),
                )
            return result

        return for_each(self.steps, of_step)


def loss_rate(world: World, theatre: Theatre, read: Readings) -> Number:
    """Loss per day at parity in a theatre, weighted by the combat value of the challenger's classes."""
    weighted: Number = 0.0
    weights: Number = 0.0
    for c in world.capabilities:
        if read.has("strength", c, theatre.challenger):
            weight = read("strength", c, theatre.challenger) * read("combat_value", c, theatre.name)
            weighted, weights = weighted + weight * read("loss_rate", c, theatre.name), weights + weight
    return weighted / weights


def overlap_of(world: World, theatre: Theatre, read: Readings, actor: str, c: str) -> Number:
    """Share of an actor's reach in a class here that the other theatre claims as well."""
    (other,) = (each for each in world.theatres if each.name != theatre.name)
    here, there = (
        read("reach", c, actor, each.name) * read("commitment", actor, each.name) for each in (theatre, other)
    )
    return laws.overlap(read("contention", c), here, there)


def closures(world: World, field: Field, read: Readings) -> dict[str, Series]:
    """Closure curves of everybody who can come to a theatre, by name, rows by step; the same at every date."""
    return Geometry(world, field, read).closures()


@dataclass(frozen=True, slots=True)
class Worn:
    """What another theatre's war does to the outside responder here.

    ``months``: its age, None if there is none before; ``missing``: by class, the share of what it sent there that is
    missing by now; ``share``: the part of what both theatres claim that this one gets while both are at war.
    """

    months: Number | None
    missing: Mapping[str, Number]
    share: Number

    def left(self, c: str, overlap: Number, mode: str) -> Number:
        """What a theatre can have of a class's reach, with all that both claim (``full``) or its part of it."""
        return laws.contested_share(overlap, self.missing.get(c, 0.0), 1.0 if mode == "full" else self.share)


def strengths_of(
    geometry: Geometry,
    curves: Mapping[str, Series],
    now: Mapping[tuple[str, ...], Number],
    worn: Mapping[str, Worn],
    *,
    gains: bool = True,
    ground: bool = False,
) -> dict[str, Series]:
    """Combat strength by party and act, without warning and (``gains``) what warning adds; rows by step.

    Parties are challenger, host and local, and the outside responder by name in ``worn`` with its full reach and with
    what two theatres share (``full.<name>``, ``shared.<name>``). ``ground``: its land forces by themselves as well.
    """
    world, field, read = geometry.world, geometry.field, geometry.read
    theatre = field.theatre
    movements = geometry.movements()

    def present(actor: str, c: str, closed: Number) -> Number:
        near = read("presence", c, actor, theatre.name)
        eased = laws.eased_closure(closed, read("infrastructure_effect"), now["infrastructure", actor])
        share = near + maximum(read("reach", c, actor, theatre.name) - near, 0.0) * eased
        force = now["power", c, actor] * share * read("commitment", actor, theatre.name)
        return force * read("combat_value", c, theatre.name)

    parties = {"challenger": (theatre.challenger,), "host": theatre.hosts, "local": geometry.local}
    claimed = {
        (actor, c): overlap_of(world, theatre, read, actor, c)
        for actor in geometry.field.claimed
        for c in world.capabilities
        if read.has("reach", c, actor, theatre.name)
    }
    left = {
        (name, mode, *key): each.left(key[1], overlap, mode)
        for name, each in worn.items()
        for mode in ("full", "shared")
        for key, overlap in claimed.items()
        if mode == "shared" or key[1] in each.missing
    }

    def by_class(actors: tuple[str, ...], act: int, warned: int, step: int) -> dict[str, Number]:
        found: dict[str, Number] = {}
        for actor in actors:
            for c in world.capabilities:
                name = movements.get((actor, c, act, warned))
                if name is not None:
                    part = present(actor, c, curves[name][step])
                    found[c] = found[c] + part if c in found else part
        return found

    def totals(act: int, warned: int, step: int) -> dict[str, Number]:
        result: dict[str, Number] = {}

        def add(party: str, found: Mapping[str, Number], scale: Number = 1.0) -> None:
            result[party] = sum(found.values(), start=0.0) * scale
            if ground:
                land = [value for c, value in found.items() if c in world.ground]
                result[f"{GROUND}.{party}"] = sum(land, start=0.0) * scale

        for party, actors in parties.items():
            force = read("act_force", field.acts[act].name) if party == "challenger" else 1.0
            add(party, by_class(actors, act, warned, step), force)
        coming = {actor: by_class((actor,), act, warned, step) for actor in geometry.outside}
        for name in worn:
            for mode in ("full", "shared"):
                parts: dict[str, Number] = {}
                for actor, found in coming.items():
                    for c, value in found.items():
                        key = (name, mode, actor, c)
                        part = value * left[key] if key in left else value
                        parts[c] = parts[c] + part if c in parts else part
                add(f"{mode}.{name}", parts)
        return result

    def of_step(step: int) -> dict[str, Number]:
        result: dict[str, Number] = {}
        for act in range(len(field.acts)):
            quiet = totals(act, 0, step)
            result.update({f"{party}.{act}.quiet": value for party, value in quiet.items()})
            if gains:
                warned = totals(act, 1, step)
                result.update({f"{party}.{act}.gain": warned[party] - quiet[party] for party in quiet})
        return result

    return for_each(geometry.steps, of_step)
