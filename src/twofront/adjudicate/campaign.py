"""Every war of a theatre at a date: one fight for each act and each distinct commitment.

A theatre's war is computed once per distinct commitment, in rolled loops over small tables, and shared by all
contingencies that need it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twofront.adjudicate import laws
from twofront.adjudicate.arrival import Geometry, strengths_of
from twofront.adjudicate.contest import contest
from twofront.adjudicate.contract import Engagement, Phase, Terms, WarResult
from twofront.adjudicate.field import AGED, MODES, STATES, Field, local_fights, local_lends
from twofront.adjudicate.magazines import Magazines, Supplied, factors_of
from twofront.engine.ops import Number, Series, for_each, index_table, table
from twofront.readings import Readings
from twofront.world import World

__all__ = ["Chances", "Fight", "adjudicate"]


@dataclass(frozen=True, slots=True)
class Fight:
    """The war that one act brings, by commitment (mode, level); rows by state, in the order of `STATES`.

    ``objective``, ``stalemate``: chances by the horizon; ``days``: mean length [day]; ``attack_losses``,
    ``defence_losses``: shares of the forces committed.
    """

    objective: dict[tuple[int, int], Series]
    stalemate: dict[tuple[int, int], Series]
    days: dict[tuple[int, int], Series]
    attack_losses: dict[tuple[int, int], Series]
    defence_losses: dict[tuple[int, int], Series]


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
    geometry = Geometry(world, field, read)
    strengths = strengths_of(geometry, curves, now)
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
    magazines = Magazines(geometry, now, elsewhere)
    attackers: list[Supplied] = []
    for act in field.acts:
        own = {k: magazines.totals(k, (field.theatre.challenger,)) for k in attack_needs}
        met, guard, strike = magazines.met(("attack_use", "attack_dependence"), own, read("act_force", act.name))
        effect = [laws.magazine_effect(share, read("shortage_exponent")) for share in met]
        attackers.append(Supplied(effect, guard, strike))
    factors = factors_of(geometry, magazines, needs, attackers)
    fights = [_fight(geometry, n, strengths, factors[n], contest_form) for n in range(len(field.acts))]
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


def _fight(
    geometry: Geometry,
    act: int,
    strengths: Mapping[str, Series],
    factors: Mapping[tuple[int, int], Mapping[str, list[Series]]],
    contest_form: Number,
) -> Fight:
    """Fight one act's war under every state and commitment."""
    field, read, name = geometry.field, geometry.read, geometry.field.theatre.name
    attacker_knows, defender_knows = (0.0, 1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0, 0.0)
    columns = table([(attacker_knows[n], defender_knows[n], float(n == AGED)) for n in range(len(STATES))])
    worn = index_table([int(state == AGED) for state in range(len(STATES))])
    access = read("basing_access", name)
    attack_loss = geometry.loss_rate()

    def of_state(state: int) -> dict[str, list[Number]]:
        lead, alert, aged = (columns[state, column] for column in range(3))
        kept = 1 - aged * read("war_damage")

        def warned(party: str, phase: int, known: Number) -> Number:
            return strengths[f"{party}.{act}.quiet"][phase] + known * strengths[f"{party}.{act}.gain"][phase]

        def fight(mode: int, level: int) -> WarResult:
            attacks: list[Number] = []
            defences: list[Number] = []
            for phase in range(len(geometry.lengths)):
                force = warned("host", phase, alert)
                if local_fights(field, level):
                    force = force + warned("local", phase, alert)
                if MODES[mode] != "none":
                    usable = kept if local_lends(field, level) else kept * (1 - access)
                    force = force + usable * warned(MODES[mode], phase, alert)
                supplied = factors[mode, level]
                defences.append(force * supplied["defence"][phase][worn[state]])
                attacks.append(warned("challenger", phase, lead) * supplied["attack"][phase][worn[state]])
            terms = Terms(attack_loss, attack_loss, geometry.log_skill, read("campaign_m"))
            phases = [
                Phase(attack, defence, days, decided)
                for attack, defence, days, decided in zip(
                    attacks, defences, geometry.lengths, geometry.decided, strict=True
                )
            ]
            return contest(Engagement(terms, phases), contest_form)

        results = [fight(mode, level) for mode, level in field.commitments]
        return {
            "objective": [result.objective for result in results],
            "stalemate": [result.stalemate for result in results],
            "days": [result.days for result in results],
            "attack_losses": [result.attack_losses for result in results],
            "defence_losses": [result.defence_losses for result in results],
        }

    rows: dict[str, list[Series]] = for_each(len(STATES), of_state)
    return Fight(**{what: dict(zip(field.commitments, found, strict=True)) for what, found in rows.items()})
