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
from twofront.adjudicate.contract import Engagement
from twofront.adjudicate.field import AGED, MODE_SHARES, MODES, STATES, Field, local_fights, local_lends
from twofront.adjudicate.magazines import Magazines, Supplied, factors_of, supply_place
from twofront.engine.ops import Number, Series, for_each, index_table, table
from twofront.readings import Readings
from twofront.world import World

__all__ = ["Chances", "Fight", "adjudicate"]


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
    fights: list[Fight] = []
    for number, act in enumerate(field.acts):
        own = {k: magazines.totals(k, (field.theatre.challenger,)) for k in attack_needs}
        met, guard, strike = magazines.met(("attack_use", "attack_dependence"), own, read("act_force", act.name))
        effect = [laws.magazine_effect(share, read("shortage_exponent")) for share in met]
        factors = factors_of(geometry, magazines, needs, Supplied(effect, guard, strike))
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


def _fight(
    geometry: Geometry,
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
                *MODE_SHARES[mode],
                local_fights(field, level),
                local_lends(field, level),
                float(state == AGED),
            )
            for state, mode, level in cases
        ]
    )
    supply = index_table([supply_place(field, int(state == AGED), mode, level) for state, mode, level in cases])
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
