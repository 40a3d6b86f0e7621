"""Every war of a theatre at a date: one fight for each act and each distinct commitment, in steps of time.

A theatre's war is computed once per distinct commitment and shared by all contingencies that need it. One function
adjudicates with one structure, so that a kernel holds the structure's own work and no other's. Wars that follow on
another theatre's war need what that one has cost; they are adjudicated apart (`later`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twofront.adjudicate import laws
from twofront.adjudicate.arrival import GROUND, Geometry, Worn, loss_rate, strengths_of
from twofront.adjudicate.contract import Phase, WarResult
from twofront.adjudicate.field import MODES, STATES, Field, companions, local_fights, local_lends
from twofront.adjudicate.magazines import Magazines, Supplies
from twofront.adjudicate.structures import NamedStructure, structure
from twofront.adjudicate.terms import rounds_of, terms_of
from twofront.engine.ops import Number, Series, for_each, scan, table
from twofront.engine.tree import flatten
from twofront.quantities import war_parts
from twofront.readings import Readings
from twofront.world import World

__all__ = ["REPORTED_DAYS", "Chances", "Fight", "adjudicate", "later", "losses_by_class", "present_classes"]

REPORTED_DAYS = (7.0, 14.0, 30.0, 60.0)
"""Days of war by which the chance of a decision is reported in detail."""
_NO_WAR = "none before"


@dataclass(frozen=True, slots=True)
class Fight:
    """The war that one act brings, by commitment (mode, level); rows by state, in the order of `STATES`.

    ``objective``, ``stalemate``: chances by the horizon; ``days``: mean length [day]; ``attack_losses``,
    ``defence_losses``: shares of the forces committed; ``ground``: ground taken [km], nothing where the structure has
    none. ``decided``: chance that the war is decided by each of `REPORTED_DAYS`; ``lost``: the defence's losses by each
    lag, for the commitment with everybody in, and only where these were asked for.
    """

    objective: dict[tuple[int, int], Series]
    stalemate: dict[tuple[int, int], Series]
    days: dict[tuple[int, int], Series]
    attack_losses: dict[tuple[int, int], Series]
    defence_losses: dict[tuple[int, int], Series]
    ground: dict[tuple[int, int], Series]
    decided: dict[tuple[int, int], list[Series]] = field(default_factory=dict)
    lost: list[Series] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chances:
    """What war would bring in a theatre at one date, if no other war went before.

    ``fights``: by act of the field. ``exhaustion``: the day on which an actor's magazines, were they alone,
    would be empty, by (class, actor); ``pooled``: the same for a side's magazines together, by (class, side), with
    everybody in. ``strength``: combat strength in the theatre by (party, step), with the largest act and without
    warning; parties are challenger, host, local, full (outside responder) and shared.
    """

    field: Field
    fights: tuple[Fight, ...]
    exhaustion: dict[tuple[str, str], Number]
    pooled: dict[tuple[str, str], Number]
    strength: dict[tuple[str, int], Number]


class _Campaign:
    """A theatre's wars at a date under one structure."""

    def __init__(
        self, world: World, field: Field, read: Readings, now: Mapping[tuple[str, ...], Number], structure_name: str
    ) -> None:
        self.world, self.field, self.read = world, field, read
        self.geometry = Geometry(world, field, read)
        self.structure: NamedStructure = structure(structure_name)
        self.salvo = "salvo" in self.structure.needs
        name = field.theatre.name
        elsewhere: dict[str, Number] = {
            k: read("defence_use", k, other.name)
            for other in world.theatres
            if other.name != name
            for k in world.munitions
            if read.has("defence_use", k, other.name)
        }
        apart = (*world.salvo, *world.interceptors) if self.salvo else ()
        self.magazines = Magazines(self.geometry, now, elsewhere, apart)
        parts = war_parts(structure_name, field.theatre.kind)
        self.terms = terms_of(parts, self.geometry, loss_rate(world, field.theatre, read))

    def rows(
        self,
        act: int,
        strengths: Mapping[str, Series],
        supplies: Supplies,
        worn: Mapping[str, Worn],
        commitments: tuple[tuple[int, int], ...],
        warned: Callable[[str, str], tuple[Number, Number] | None],
        before: str,
        wanted: Callable[[list[tuple[WarResult, Callable[[int], WarResult]]]], Any],
    ) -> Any:
        """Fight one act's war from step to step under several commitments at once; give what is ``wanted`` of them.

        ``warned``: for a party, what multiplies its gain by warning; ``before``: which entry of ``worn`` holds.
        """
        geometry, read, field = self.geometry, self.read, self.field
        access = read("basing_access", field.theatre.name)
        terms, structure = self.terms, self.structure
        lengths = table(geometry.lengths)
        decided = geometry.decided()
        rounds = rounds_of(self.magazines, worn[before], commitments) if self.salvo else None

        def strength(party: str, step: int, prefix: str = "") -> Number:
            force = strengths[f"{prefix}{party}.{act}.quiet"][step]
            known = warned("lead" if party == "challenger" else "alert", party)
            return force if known is None else force + known * strengths[f"{prefix}{party}.{act}.gain"][step]

        def defence(step: int, prefix: str = "") -> dict[tuple[int, int], Number]:
            host = strength("host", step, prefix)
            joined = host + strength("local", step, prefix) if geometry.local else host
            outside = {mode: strength(f"{mode}.{before}", step, prefix) for mode in ("full", "shared")}
            found: dict[tuple[int, int], Number] = {}
            for mode, level in commitments:
                force = joined if local_fights(field, level) else host
                if MODES[mode] != "none":
                    coming = outside[MODES[mode]]
                    force = force + (coming if local_lends(field, level) else (1 - access) * coming)
                found[mode, level] = force
            return found

        def at(step: int, states: list[Any]) -> tuple[list[Any], list[Any]]:
            attack, held = strength("challenger", step), defence(step)
            ground = (strength("challenger", step, f"{GROUND}."), defence(step, f"{GROUND}.")) if self.salvo else None
            after: list[Any] = []
            for place, (pair, state) in enumerate(zip(commitments, states, strict=True)):
                phase = Phase(
                    attack=attack,
                    defence=held[pair],
                    days=lengths[step],
                    decided=decided[step],
                    attack_effect=supplies.attack[act, *pair][step],
                    defence_effect=supplies.defence[act, *pair][step],
                )
                if ground is not None and rounds is not None:
                    phase = phase._replace(
                        attack_ground=ground[0], defence_ground=ground[1][pair], **rounds[place](step, lengths[step])
                    )
                after.append(structure.step(terms, state, phase))
            return after, after

        last, rows = scan(at, [structure.start(terms) for _ in commitments], geometry.steps)

        def by(place: int) -> Callable[[int], WarResult]:
            def ended(step: int) -> WarResult:
                leaves, shape = flatten(rows[place])
                return structure.finish(terms, shape.unflatten([leaf[step] for leaf in leaves]))

            return ended

        return wanted([(structure.finish(terms, state), by(place)) for place, state in enumerate(last)])


def adjudicate(
    world: World,
    field: Field,
    read: Readings,
    now: Mapping[tuple[str, ...], Number],
    curves: Mapping[str, Series],
    structure_name: str,
    share: Number,
) -> Chances:
    """Adjudicate every commitment in a theatre, no other war having gone before.

    ``curves``: what `closures` gives; ``now``: power, stock, output and infrastructure at the date (see
    `twofront.simulate.Path`); ``share``: the part of what both theatres claim that this one gets.
    """
    campaign = _Campaign(world, field, read, now, structure_name)
    geometry, magazines = campaign.geometry, campaign.magazines
    worn = {_NO_WAR: Worn(None, {}, share)}
    strengths = strengths_of(geometry, curves, now, worn, ground=campaign.salvo)
    supplies = magazines.supplies(worn[_NO_WAR], field.commitments)
    fights = [_fight(campaign, act, strengths, supplies, worn) for act in range(len(field.acts))]
    name = field.theatre.name
    exhaustion: dict[tuple[str, str], Number] = {}
    pooled: dict[tuple[str, str], Number] = {}
    horizon = world.phases[-1]
    everybody = (MODES.index("full"), field.everybody)
    for k in magazines.needs("defence_use"):
        use = read("defence_use", k, name)
        for actor in (*field.theatre.hosts, *geometry.outside, *geometry.local):
            if read.has("stock", k, actor) and read.has("stock_reach", k, actor, name):
                exhaustion[k, actor] = laws.exhaustion_day(
                    magazines.held(k, actor), use, magazines.made(k, actor), horizon
                )
        held, made = magazines.defenders(k, *everybody, worn[_NO_WAR])
        pooled[k, "defender"] = laws.exhaustion_day(held, use, made, horizon)
    for k in magazines.needs("attack_use"):
        actor = field.theatre.challenger
        use = read("attack_use", k, name)
        exhaustion[k, actor] = laws.exhaustion_day(magazines.held(k, actor), use, magazines.made(k, actor), horizon)
        pooled[k, "attacker"] = exhaustion[k, actor]
    largest = len(field.acts) - 1
    parties = ("challenger", "host", "local", "full", "shared")
    strength = {
        (party, step): strengths[f"{f'{party}.{_NO_WAR}' if party in ('full', 'shared') else party}.{largest}.quiet"][
            step
        ]
        for party in parties
        for step in range(geometry.steps)
    }
    return Chances(field=field, fights=tuple(fights), exhaustion=exhaustion, pooled=pooled, strength=strength)


def _fight(
    campaign: _Campaign,
    act: int,
    strengths: Mapping[str, Series],
    supplies: Supplies,
    worn: Mapping[str, Worn],
) -> Fight:
    """Fight one act's war under every state and commitment."""
    world, field, geometry = campaign.world, campaign.field, campaign.geometry
    known = {"lead": table([0.0, 1.0, 1.0, 0.0]), "alert": table([0.0, 0.0, 1.0, 1.0])}
    everybody = field.commitments.index((MODES.index("full"), field.everybody))
    shown = [place for place, (_, level) in enumerate(field.commitments) if level == field.everybody]
    ages = [min(lag * 30.0, world.phases[-1]) for lag in world.lags[1:]]

    def of_state(state: int) -> dict[str, Any]:
        def wanted(results: list[tuple[WarResult, Callable[[int], WarResult]]]) -> dict[str, Any]:
            final = [result for result, _ in results]
            rows: dict[str, Any] = {
                "objective": [each.objective for each in final],
                "stalemate": [each.stalemate for each in final],
                "days": [each.days for each in final],
                "attack_losses": [each.attack_losses for each in final],
                "defence_losses": [each.defence_losses for each in final],
                "ground": [0.0 if each.ground is None else each.ground for each in final],
            }
            by = results[everybody][1]
            rows["lost"] = [
                final[everybody].defence_losses
                if geometry.step_of(age) == geometry.steps - 1
                else by(geometry.step_of(age)).defence_losses
                for age in ages
            ]
            if world.detail:
                rows["decided"] = [
                    [1 - results[place][1](geometry.step_of(day)).stalemate for day in REPORTED_DAYS] for place in shown
                ]
            return rows

        return campaign.rows(
            act, strengths, supplies, worn, field.commitments, lambda kind, _: known[kind][state], _NO_WAR, wanted
        )

    rows: dict[str, Any] = for_each(len(STATES), of_state)
    single = ("objective", "stalemate", "days", "attack_losses", "defence_losses", "ground")
    decided = {field.commitments[place]: row for place, row in zip(shown, rows.get("decided", ()), strict=False)}
    return Fight(
        **{what: dict(zip(field.commitments, rows[what], strict=True)) for what in single},
        decided=decided,
        lost=rows["lost"],
    )


def later(
    world: World,
    field: Field,
    read: Readings,
    now: Mapping[tuple[str, ...], Number],
    curves: Mapping[str, Series],
    structure_name: str,
    share: Number,
    months: Number,
    lost: Mapping[str, Number],
) -> dict[tuple[int, int, int, str], tuple[Number, Number]]:
    """Adjudicate wars that begin ``months`` after another theatre's war in which the outside responder fights.

    ``lost``: by that war's act, the share of its forces there lost by then. Gives the chances of the objective and of
    a stalemate by act, mode, level and the earlier act; without the outside responder a war is as any other.
    """
    campaign = _Campaign(world, field, read, now, structure_name)
    worn = {name: Worn(months, _missing(campaign, value, months), share) for name, value in lost.items()}
    strengths = strengths_of(campaign.geometry, curves, now, worn, gains=False, ground=campaign.salvo)
    # Magazines feel the age of the other war, not which act began it.
    supplies = campaign.magazines.supplies(next(iter(worn.values())), field.helped)
    found: dict[tuple[int, int, int, str], tuple[Number, Number]] = {}
    for act in range(len(field.acts)):
        for name in worn:
            results: list[tuple[Number, Number]] = campaign.rows(
                act,
                strengths,
                supplies,
                worn,
                field.helped,
                lambda *_: None,
                name,
                lambda ended: [(result.objective, result.stalemate) for result, _ in ended],
            )
            for (mode, level), pair in zip(field.helped, results, strict=True):
                found[act, mode, level, name] = pair
    return found


def present_classes(world: World, field: Field, read: Readings, side: str) -> tuple[str, ...]:
    """Capability classes that a side (``attacker`` or ``defender``) has in a theatre."""
    theatre = field.theatre
    actors: tuple[str, ...] = (theatre.challenger,)
    if side == "defender":
        local = () if field.local is None else companions(field, field.local)
        actors = (*theatre.hosts, *companions(field, field.outside), *local)
    return tuple(
        c
        for c in world.capabilities
        if any(read.has("strength", c, a) and read.has("reach", c, a, theatre.name) for a in actors)
    )


def losses_by_class(
    read: Readings, theatre: str, mean_rate: Number, classes: tuple[str, ...], lost: Number
) -> dict[str, Number]:
    """Losses by class where the whole force has lost a share: each class in proportion to its own rate."""
    return {c: laws.class_losses(lost, read("loss_rate", c, theatre), mean_rate) for c in classes}


def _missing(campaign: _Campaign, lost: Number, months: Number) -> dict[str, Number]:
    """By class, what the outside responder has lost in the other theatre and not yet replaced."""
    world, field, read = campaign.world, campaign.field, campaign.read
    other = next(t for t in world.theatres if t.name != field.theatre.name)
    kept = laws.unreplaced(months, read("replacement_lag"))
    classes = tuple(
        c
        for c in world.capabilities
        if any(read.has("strength", c, a) and read.has("reach", c, a, other.name) for a in field.claimed)
    )
    found = losses_by_class(read, other.name, loss_rate(world, other, read), classes, lost)
    return {c: value * kept for c, value in found.items()}
