"""Who is in a theatre by when, and with what combat strength."""

from __future__ import annotations

from collections.abc import Mapping

from twofront.adjudicate import laws
from twofront.adjudicate.field import Field, companions
from twofront.engine.ops import Number, Series, for_each, maximum, table
from twofront.readings import Readings
from twofront.world import World

__all__ = ["Geometry", "closures", "strengths_of"]


class Geometry:
    """What does not change from date to date: closure, needs and weights by phase."""

    def __init__(self, world: World, field: Field, read: Readings) -> None:
        self.world, self.field, self.read = world, field, read
        theatre = field.theatre
        self.outside = companions(field, field.outside)
        self.local = () if field.local is None else companions(field, field.local)
        starts = (0.0, *world.phases[:-1])
        self.lengths = tuple(end - start for start, end in zip(starts, world.phases, strict=True))
        self.middles = tuple((start + end) / 2 for start, end in zip(starts, world.phases, strict=True))
        name = theatre.name
        self.decided = [laws.decided_share(d, read("decision_days", name)) for d in self.lengths]
        self.log_skill = read("skill", name) * read("skill_sd")

    def loss_rate(self) -> Number:
        """Loss per day at parity, weighted by the combat value of the challenger's classes."""
        read, theatre = self.read, self.field.theatre
        weighted: Number = 0.0
        weights: Number = 0.0
        for c in self.world.capabilities:
            if read.has("strength", c, theatre.challenger):
                weight = read("strength", c, theatre.challenger) * read("combat_value", c, theatre.name)
                weighted, weights = weighted + weight * read("loss_rate", c, theatre.name), weights + weight
        return weighted / weights

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
        """Closure curves by name; rows by phase."""
        read, theatre = self.read, self.field.theatre
        middles = table(self.middles)
        shapes = {name: key for key, name in reversed(self.movements().items())}

        def of_phase(phase: int) -> dict[str, Number]:
            result: dict[str, Number] = {}
            for name, (actor, c, act, warned) in shapes.items():
                forewarning = read("call_lead") if actor == theatre.challenger else read("call_alert")
                ready = middles[phase] + read("act_warning", self.field.acts[act].name)
                moving = ready + (forewarning if warned else 0.0) - read("mobilisation_lag", actor, theatre.name)
                result[name] = laws.closure(
                    maximum(moving, 0.0),
                    read("closure_lag", c, actor, theatre.name),
                    read("lift", actor, theatre.name),
                )
            return result

        return for_each(len(self.middles), of_phase)


def closures(world: World, field: Field, read: Readings) -> dict[str, Series]:
    """Closure curves of everybody who can come to a theatre, by name, rows by phase; the same at every date."""
    return Geometry(world, field, read).closures()


def strengths_of(
    geometry: Geometry, curves: Mapping[str, Series], now: Mapping[tuple[str, ...], Number]
) -> dict[str, Series]:
    """Combat strength by party and act, without warning and what warning adds; rows by phase."""
    world, field, read = geometry.world, geometry.field, geometry.read
    theatre = field.theatre
    movements = geometry.movements()

    def present(actor: str, c: str, closed: Number) -> Number:
        near = read("presence", c, actor, theatre.name)
        eased = laws.eased_closure(closed, read("infrastructure_effect"), now["infrastructure", actor])
        share = near + maximum(read("reach", c, actor, theatre.name) - near, 0.0) * eased
        force = now["power", c, actor] * share * read("commitment", actor, theatre.name)
        return force * read("combat_value", c, theatre.name)

    parties = {
        "challenger": (theatre.challenger,),
        "host": theatre.hosts,
        "full": geometry.outside,
        "shared": geometry.outside,
        "local": geometry.local,
    }

    def total(party: str, act: int, warned: int, phase: int) -> Number:
        value: Number = 0.0
        for actor in parties[party]:
            for c in world.capabilities:
                name = movements.get((actor, c, act, warned))
                if name is not None:
                    part = present(actor, c, curves[name][phase])
                    split = laws.contested_share(read("contention", c)) if party == "shared" else 1.0
                    value = value + part * split
        return value * (read("act_force", field.acts[act].name) if party == "challenger" else 1.0)

    def of_phase(phase: int) -> dict[str, Number]:
        result: dict[str, Number] = {}
        for act in range(len(field.acts)):
            for party in parties:
                quiet = total(party, act, 0, phase)
                result[f"{party}.{act}.quiet"] = quiet
                result[f"{party}.{act}.gain"] = total(party, act, 1, phase) - quiet
        return result

    return for_each(len(geometry.middles), of_phase)
