"""Every contingency of every theatre at every decision date: who is there by when, with what, and what follows.

A theatre's war is computed once per distinct commitment, in rolled loops over small tables, and shared by all
contingencies that need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twofront.adjudicate import laws
from twofront.adjudicate.contest import contest
from twofront.adjudicate.contract import Engagement
from twofront.engine.ops import Number, Series, for_each, index_table, maximum, minimum, table
from twofront.readings import Readings
from twofront.world import Act, Responder, Theatre, World

__all__ = ["AGED", "MODES", "STATES", "Chances", "Field", "Fight", "adjudicate", "field_of", "outside_responder"]

STATES = ("quiet", "received", "known", "lost", "aged")
"""What preceded a war: nothing known; a call received; received and intercepted; intercepted only; another war
that began ``lag`` months before and still ties the outside responder."""
AGED = STATES.index("aged")
MODES = ("none", "full", "shared")
"""How the outside responder helps: not, with its full reach, or with what two theatres share."""


@dataclass(frozen=True, slots=True)
class Field:
    """Who can meet in a theatre, and how their commitments are numbered."""

    theatre: Theatre
    acts: tuple[Act, ...]
    outside: Responder
    local: Responder | None

    @property
    def levels(self) -> int:
        """Number of the local responder's options."""
        return 1 if self.local is None else len(self.local.options)

    def place(self, state: int, mode: int, level: int) -> int:
        """Number of a commitment to the war that one act brings."""
        return (state * len(MODES) + mode) * self.levels + level


@dataclass(frozen=True, slots=True)
class Fight:
    """The war that one act brings, under every commitment; rows by `Field.place`.

    ``objective``, ``stalemate``: chances by the horizon; ``days``: mean length [day]; ``attack_losses``,
    ``defence_losses``: shares of the forces committed.
    """

    objective: Series
    stalemate: Series
    days: Series
    attack_losses: Series
    defence_losses: Series


@dataclass(frozen=True, slots=True)
class Chances:
    """What war would bring in a theatre at one date.

    ``fights``: by act of the field. ``exhaustion``: the day on which an actor's magazines, were they alone,
    would be empty, by (class, actor). ``strength``: combat strength in the theatre by (party, phase), with the
    largest act and without warning; parties are challenger, host, local, full (outside responder) and shared.
    """

    field: Field
    fights: tuple[Fight, ...]
    exhaustion: dict[tuple[str, str], Number]
    strength: dict[tuple[str, int], Number]


def outside_responder(world: World) -> Responder:
    """The responder who may help in more than one theatre."""
    (found,) = (r for r in world.responders if len(r.theatres) > 1)
    return found


def field_of(world: World, theatre: Theatre) -> Field:
    """Describe a theatre's field."""
    (challenger,) = (c for c in world.challengers if c.theatre == theatre.name)
    acts = tuple(act for act in challenger.menu if act.kind == "war")
    local = next((r for r in world.responders if r.theatres == (theatre.name,)), None)
    return Field(theatre, acts, outside_responder(world), local)


def _companions(field: Field, responder: Responder) -> tuple[str, ...]:
    return responder.members + dict(field.theatre.companions).get(responder.name, ())


class _Geometry:
    """What does not change from date to date: closure, needs and weights by phase."""

    def __init__(self, world: World, field: Field, read: Readings) -> None:
        self.world, self.field, self.read = world, field, read
        theatre = field.theatre
        self.outside = _companions(field, field.outside)
        self.local = () if field.local is None else _companions(field, field.local)
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
    return _Geometry(world, field, read).closures()


def _strengths(
    geometry: _Geometry, curves: Mapping[str, Series], now: Mapping[tuple[str, ...], Number]
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


class _Magazines:
    """Supplies of munitions in a theatre."""

    def __init__(
        self, geometry: _Geometry, now: Mapping[tuple[str, ...], Number], other_use: Mapping[str, Number]
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
        return output / 30 * self.read("stock_reach", munition, actor, self.name) * commitment

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
        drained = self.other_use.get(munition, 0.0) * minimum(30.0 * months, self.geometry.world.phases[-1])
        kept = maximum(stock - drained * self.read("munition_contention", munition), 0.0)
        return minimum(kept + made * surge * 30 * months, stock), made

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


def adjudicate(
    world: World,
    field: Field,
    read: Readings,
    now: Mapping[tuple[str, ...], Number],
    curves: Mapping[str, Series],
    contest_form: Number,
) -> Chances:
    """Adjudicate every commitment in a theatre.

    ``curves``: what `closures` gives; ``now``: power, stock, output and infrastructure at the date (see
    `twofront.simulate.Path`); ``contest_form``: option number of the structure ``contest``.
    """
    geometry = _Geometry(world, field, read)
    strengths = _strengths(geometry, curves, now)
    name = field.theatre.name
    needs = tuple(k for k in world.munitions if read.has("defence_use", k, name))
    attack_needs = tuple(k for k in world.munitions if read.has("attack_use", k, name))
    elsewhere: dict[str, Number] = {
        k: read("defence_use", k, other.name)
        for other in world.theatres
        if other.name != name
        for k in world.munitions
        if read.has("defence_use", k, other.name)
    }
    magazines = _Magazines(geometry, now, elsewhere)
    fights: list[Fight] = []
    for number, act in enumerate(field.acts):
        own = {k: magazines.totals(k, (field.theatre.challenger,)) for k in attack_needs}
        met, guard, strike = magazines.met(("attack_use", "attack_dependence"), own, read("act_force", act.name))
        effect = [laws.magazine_effect(share, read("shortage_exponent")) for share in met]
        factors = _factors(geometry, magazines, needs, _Supplied(effect, guard, strike))
        fights.append(_fight(geometry, number, strengths, factors, contest_form))
    exhaustion: dict[tuple[str, str], Number] = {}
    for k in needs:
        for actor in (*field.theatre.hosts, *geometry.outside, *geometry.local):
            if read.has("stock", k, actor) and read.has("stock_reach", k, actor, name):
                exhaustion[k, actor] = laws.exhaustion_day(
                    magazines.held(k, actor), read("defence_use", k, name), magazines.made(k, actor), world.phases[-1]
                )
    for k in attack_needs:
        actor = field.theatre.challenger
        exhaustion[k, actor] = laws.exhaustion_day(
            magazines.held(k, actor), read("attack_use", k, name), magazines.made(k, actor), world.phases[-1]
        )
    largest = len(field.acts) - 1
    parties = ("challenger", "host", "local", "full", "shared")
    strength = {
        (party, phase): strengths[f"{party}.{largest}.quiet"][phase]
        for party in parties
        for phase in range(len(geometry.lengths))
    }
    return Chances(field=field, fights=tuple(fights), exhaustion=exhaustion, strength=strength)


_MODE_SHARES = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
"""Per mode: weight of the outside responder's full strength and of its shared strength."""


def _supply_place(field: Field, aged: int, mode: int, level: int) -> int:
    """Number of a set of magazines: what they hold depends on neither the act nor on warnings."""
    return (aged * len(MODES) + mode) * field.levels + level


@dataclass(frozen=True, slots=True)
class _Supplied:
    """A side's magazines phase by phase: effectiveness, and the share of need met of interceptors and of strikes."""

    effect: list[Number]
    guard: list[Number]
    strike: list[Number]


def _factors(
    geometry: _Geometry, magazines: _Magazines, needs: tuple[str, ...], attacker: _Supplied
) -> dict[str, list[Series]]:
    """What magazines and strikes leave of each side for every set of magazines; per phase, rows by `_supply_place`."""
    field, read, name = geometry.field, geometry.read, geometry.field.theatre.name
    suppression, interception = read("suppression", name), read("interception", name)
    columns = table(
        [
            (float(aged), *_MODE_SHARES[mode], _fights(field, level))
            for aged in (0, 1)
            for mode in range(len(MODES))
            for level in range(field.levels)
        ]
    )
    host = {k: magazines.totals(k, field.theatre.hosts) for k in needs}
    local = {k: magazines.totals(k, geometry.local) for k in needs}
    outside = {k: magazines.totals(k, geometry.outside) for k in needs}
    worn = {k: magazines.after_first_war(k, geometry.outside) for k in needs}

    def of_supply(place: int) -> dict[str, list[Number]]:
        aged, full, shared, fights = (columns[place, column] for column in range(4))
        stock: dict[str, tuple[Number, Number]] = {}
        for k in needs:
            part = full + shared * laws.contested_share(read("munition_contention", k))
            held = outside[k][0] + aged * (worn[k][0] - outside[k][0])
            stock[k] = (
                host[k][0] + fights * local[k][0] + part * held,
                host[k][1] + fights * local[k][1] + part * outside[k][1],
            )
        met, guard, strike = magazines.met(("defence_use", "defence_dependence"), stock, 1.0)
        effect = [laws.magazine_effect(share, read("shortage_exponent")) for share in met]
        phases = range(len(effect))
        return {
            "defence": [
                effect[p]
                * laws.unsuppressed(suppression, attacker.strike[p], interception, guard[p])
                * read("defence_advantage", name)
                for p in phases
            ],
            "attack": [
                attacker.effect[p] * laws.unsuppressed(suppression, strike[p], interception, attacker.guard[p])
                for p in phases
            ],
        }

    return for_each(2 * len(MODES) * field.levels, of_supply)


def _fight(
    geometry: _Geometry,
    act: int,
    strengths: Mapping[str, Series],
    factors: Mapping[str, list[Series]],
    contest_form: Number,
) -> Fight:
    """Fight one act's war under every state, mode and level; rows in the order of `Field.place`."""
    field, read, name = geometry.field, geometry.read, geometry.field.theatre.name
    cases = [
        (state, mode, level)
        for state in range(len(STATES))
        for mode in range(len(MODES))
        for level in range(field.levels)
    ]
    attacker_knows, defender_knows = (0.0, 1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0, 0.0)
    columns = table(
        [
            (
                attacker_knows[state],
                defender_knows[state],
                *_MODE_SHARES[mode],
                _fights(field, level),
                _lends(field, level),
                float(state == AGED),
            )
            for state, mode, level in cases
        ]
    )
    supply = index_table([_supply_place(field, int(state == AGED), mode, level) for state, mode, level in cases])
    access = read("basing_access", name)
    attack_loss = geometry.loss_rate()

    def warned(party: str, phase: int, known: Number) -> Number:
        return strengths[f"{party}.{act}.quiet"][phase] + known * strengths[f"{party}.{act}.gain"][phase]

    def of_case(case: int) -> dict[str, Number]:
        lead, alert, full, shared, fights, lends, aged = (columns[case, column] for column in range(7))
        magazines = supply[case]
        outside_share = (1 - access * (1 - lends)) * (1 - aged * read("war_damage"))
        attacks: list[Number] = []
        defences: list[Number] = []
        for phase in range(len(geometry.lengths)):
            outside = full * warned("full", phase, alert) + shared * warned("shared", phase, alert)
            force = warned("host", phase, alert) + fights * warned("local", phase, alert) + outside_share * outside
            defences.append(force * factors["defence"][phase][magazines])
            attacks.append(warned("challenger", phase, lead) * factors["attack"][phase][magazines])
        result = contest(
            Engagement(
                attack=attacks,
                defence=defences,
                days=geometry.lengths,
                decided=geometry.decided,
                attack_loss=attack_loss,
                defence_loss=attack_loss,
                log_skill=geometry.log_skill,
                decisiveness=read("campaign_m"),
            ),
            contest_form,
        )
        return {
            "objective": result.objective,
            "stalemate": result.stalemate,
            "days": result.days,
            "attack_losses": result.attack_losses,
            "defence_losses": result.defence_losses,
        }

    return Fight(**for_each(len(cases), of_case))


def _fights(field: Field, level: int) -> float:
    """Whether the local responder's own forces fight at this level."""
    return 0.0 if field.local is None else float(field.local.options[level][1] == "combat")


def _lends(field: Field, level: int) -> float:
    """Whether outside forces have the local responder's bases at this level."""
    return 1.0 if field.local is None else float(field.local.options[level][1] != "none")
