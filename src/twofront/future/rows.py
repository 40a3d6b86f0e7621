"""Names of the rows that stages exchange, and the way between them and what the model packages speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twofront.adjudicate import MODES, STATES, Chances, Field
from twofront.adjudicate.arrival import loss_rate
from twofront.adjudicate.campaign import REPORTED_DAYS, losses_by_class, present_classes
from twofront.choose import Choices, Prospect, Prospects, WarChances
from twofront.engine.ops import Number, Series
from twofront.readings import Readings
from twofront.world import World

__all__ = [
    "FORCE_DAYS",
    "PARTIES",
    "SOLUTION",
    "Laid",
    "WarRows",
    "chances_of",
    "choice_rows",
    "flat",
    "later_rows",
    "shown",
    "theatre_rows",
    "unflat",
]

FORCE_DAYS = (10.0, 30.0, 90.0)
"""Days of war on which forces are reported."""
SOLUTION = ("open", "closed", "alone", "at_rest")
"""Names of the numbers of `Choices.solutions`."""
PARTIES = ("challenger", "host", "local", "full")


class WarRows:
    """The wars' rows at every date, laid end to end in one series: date after date, all rows of each."""

    def __init__(self, series: Series, names: Sequence[str]) -> None:
        self._series = series
        self._places = {name: place for place, name in enumerate(names)}
        self.names = tuple(names)

    def __call__(self, name: str, date: int) -> Number:
        """Return a row's number at a date; a date may be a loop's index."""
        return self._series[date * len(self.names) + self._places[name]]

    def starting(self, prefix: str) -> tuple[str, ...]:
        """Names that begin with ``prefix``."""
        return tuple(name for name in self.names if name.startswith(prefix))


def choice_rows(found: Choices) -> dict[str, Number]:
    rows: dict[str, Number] = {
        f"act.{name}.{resolve}": chance for resolve, acts in enumerate(found.acts) for name, chance in acts.items()
    }
    for place in range(len(found.open)):
        for name in ("open", "closed", "alone", "at_rest"):
            rows[f"{name}{place}"] = getattr(found, name)[place]
    rows["waiting"] = found.waiting
    for number, four in enumerate(found.solutions[1:], start=1):
        rows.update({f"solution.{number}.{name}": v for name, v in zip(SOLUTION, four, strict=True)})
    for name in (
        "call",
        "bluff",
        "credence",
        "residual",
        "apart",
        "open_called",
        "diverts",
        "double",
        "margin",
        "margin_after",
        "joins",
        "pinned",
        "second_objective",
    ):
        rows[name] = getattr(found, name)
    return rows


def flat(by_resolve: Sequence[Prospects], reverse: bool) -> dict[str, Number]:
    """Name every number that the challengers' part of the game reads, by the outside responder's resolve."""
    order = 1 if reverse else 0
    rows: dict[str, Number] = {}
    for resolve, solved in enumerate(by_resolve):
        for (act, answer, state), pair in solved.now.items():
            stem = f"pair.{order}.{resolve}.{act}.{answer}.{state}"
            rows[f"{stem}.lead"], rows[f"{stem}.follow"] = pair.lead, pair.follow
            if state == "quiet":
                rows[f"{stem}.joins_lead"], rows[f"{stem}.joins_follow"] = pair.joins_lead, pair.joins_follow
                rows[f"{stem}.follow_objective"] = pair.follow_objective
        for (act, answer, age), pair in solved.later.items():
            rows[f"pair.{order}.{resolve}.{act}.{answer}.later{age}.follow"] = pair.follow
    return rows


def unflat(rows: Mapping[str, Number], order: int) -> list[Prospects]:
    """Turn named numbers back into prospects by resolve; what is not read again is zero."""
    found: list[Prospects] = []
    for name in rows:
        _, which, resolve, act, answer, state, what = name.split(".")
        if which != str(order) or what != "follow":
            continue
        if int(resolve) == len(found):
            found.append(Prospects({}, {}))
        stem = name.rsplit(".", 1)[0]
        pair = Prospect(
            lead=rows.get(f"{stem}.lead", 0.0),
            follow=rows[name],
            joins_lead=rows.get(f"{stem}.joins_lead", 0.0),
            joins_follow=rows.get(f"{stem}.joins_follow", 0.0),
            lead_objective=0.0,
            follow_objective=rows.get(f"{stem}.follow_objective", 0.0),
        )
        if state.startswith("later"):
            found[int(resolve)].later[act, answer, int(state.removeprefix("later"))] = pair
        else:
            found[int(resolve)].now[act, answer, state] = pair
    return found


def theatre_rows(read: Readings, chances: Chances, world: World) -> dict[str, Number | Series]:
    """Name what a theatre's wars bring where no other war went before; rows by state of the call where they differ."""
    rows: dict[str, Number | Series] = {}
    fld, name = chances.field, chances.field.theatre.name
    quiet = STATES.index("quiet")
    for act, fight in zip(fld.acts, chances.fights, strict=True):
        for mode, level in fld.commitments:
            stem = f"{act.name}.{mode}.{level}"
            rows[f"{stem}.objective"] = fight.objective[mode, level]
            rows[f"{stem}.stalemate"] = fight.stalemate[mode, level]
        for place, lost in enumerate(fight.lost, start=1):
            rows[f"{act.name}.lost.{place}"] = lost[quiet]
        for mode in (MODES.index("full"), MODES.index("shared")):
            pair = mode, fld.everybody
            stem = f"{act.name}.{mode}.{fld.everybody}"
            rows[f"{stem}.days"] = fight.days[pair][quiet]
            sides = {"attacker": fight.attack_losses[pair][quiet], "defender": fight.defence_losses[pair][quiet]}
            rows.update({f"{stem}.losses.{side}": lost for side, lost in sides.items()})
            if world.detail:
                rows[f"{stem}.ground"] = fight.ground[pair][quiet]
                for day, share in zip(REPORTED_DAYS, fight.decided[pair], strict=True):
                    rows[f"{stem}.decided.day{day:.0f}"] = share[quiet]
                rate = loss_rate(world, fld.theatre, read)
                for side, lost in sides.items():
                    classes = present_classes(world, fld, read, side)
                    found = losses_by_class(read, name, rate, classes, lost)
                    rows.update({f"{stem}.losses.{side}.{c}": value for c, value in found.items()})
    for (munition, actor), day in chances.exhaustion.items():
        rows[f"exhaustion.{munition}.{actor}"] = day
    if world.detail:
        for (munition, side), day in chances.pooled.items():
            rows[f"exhaustion.{munition}.{side}"] = day
    for day in FORCE_DAYS:
        step = next((n for n, end in enumerate(world.phases) if day <= end * (1 + 1e-12)), len(world.phases) - 1)
        for party in PARTIES:
            rows[f"strength.{party}.day{day:.0f}"] = chances.strength[party, step]
    return rows


def later_rows(
    fld: Field, found: Mapping[tuple[int, int, int, str], tuple[Number, Number]]
) -> dict[str, Number | Series]:
    """Name what wars bring that follow on another theatre's war."""
    rows: dict[str, Number | Series] = {}
    for (act, mode, level, first), (objective, stalemate) in found.items():
        stem = f"{fld.acts[act].name}.{mode}.{level}.{first}"
        rows[f"{stem}.objective"], rows[f"{stem}.stalemate"] = objective, stalemate
    return rows


class Laid:
    """Rows laid end to end in one series, ``times`` over; read by name and turn."""

    def __init__(self, series: Series | None, names: Sequence[str]) -> None:
        self.series = series
        self.places = {name: place for place, name in enumerate(names)}
        self.width = len(names)

    def __call__(self, name: str, turn: int = 0) -> Number:
        """A row's number in a turn."""
        assert self.series is not None
        return self.series[turn * self.width + self.places[name]]

    def over_states(self, name: str) -> _Strided:
        """A row that is a series, by place."""
        return _Strided(self.series, self.places[f"{name}[0]"], 1)

    def over_turns(self, name: str) -> _Strided:
        """A row's numbers turn by turn."""
        return _Strided(self.series, self.places[name], self.width)


class _Strided:
    """Numbers at a distance from each other in a series; a place may be a loop's index."""

    def __init__(self, series: Series | None, first: int, stride: int) -> None:
        self.series, self.first, self.stride = series, first, stride

    def __getitem__(self, place: int) -> Number:
        assert self.series is not None
        return self.series[place * self.stride + self.first]


def chances_of(fld: Field, now: Laid, later: Laid) -> dict[str, WarChances]:
    """What the game needs to know of a theatre's wars, by act."""

    def at_once(act: str, what: str) -> dict[tuple[int, int], _Strided]:
        return {(mode, level): now.over_states(f"{act}.{mode}.{level}.{what}") for mode, level in fld.commitments}

    def after(act: str, what: str) -> dict[tuple[int, int, str], _Strided]:
        return {
            (mode, level, first.name): later.over_turns(f"{act}.{mode}.{level}.{first.name}.{what}")
            for mode, level in (fld.helped if later.width else ())
            for first in fld.before
        }

    return {
        act.name: WarChances(
            at_once(act.name, "objective"),
            at_once(act.name, "stalemate"),
            after(act.name, "objective"),
            after(act.name, "stalemate"),
        )
        for act in fld.acts
    }


def shown(world: World, fld: Field, now: Laid, later: Laid, keeps: Number) -> dict[str, Number]:
    """Name what the results say of a theatre's wars: ``war.<what>.<theatre>.<contingency>.<responders>``.

    ``keeps``: what the theatre keeps of the other's part when both wars begin together (see `Sharing`).
    """
    rows: dict[str, Number] = {}
    theatre, last = fld.theatre.name, fld.everybody
    none, full, shared = (MODES.index(m) for m in ("none", "full", "shared"))
    outside = fld.outside.name
    both = outside if fld.local is None else f"{outside}_and_{fld.local.name}"
    for act in fld.acts:
        kinds = {
            (act.name, "alone"): (none, 0),
            (act.name, outside): (full, 0),
            (act.name, both): (full, last),
            (f"{act.name}_in_double", both): (shared, last),
        }
        if fld.local is not None and fld.local.needs is None:
            kinds[act.name, fld.local.name] = (none, last)
        for (contingency, responders), (mode, level) in kinds.items():
            stem, whole = f"{act.name}.{mode}.{level}", f"{act.name}.{full}.{level}"

            def at_once(name: str, mode: int = mode, stem: str = stem, whole: str = whole) -> Number:
                value = now(f"{stem}.{name}")
                return value if mode != shared else value + keeps * (now(f"{whole}.{name}") - value)

            rows[f"war.objective_chance.{theatre}.{contingency}.{responders}"] = at_once("objective[0]")
            if responders == both:
                where = f"{theatre}.{contingency}"
                rows[f"war.stalemate_chance.{where}"] = at_once("stalemate[0]")
                rows[f"war.war_days.{where}"] = at_once("days")
                for name in [n.removeprefix(f"{stem}.") for n in now.places if n.startswith(f"{stem}.")]:
                    if name.startswith("losses."):
                        rows[f"war.losses.{where}.{name.removeprefix('losses.')}"] = at_once(name)
                    elif name.startswith("decided."):
                        rows[f"war.decided_chance.{where}.{name.removeprefix('decided.')}"] = at_once(name)
                    elif name == "ground":
                        rows[f"war.ground_taken.{where}"] = at_once(name)
        ages = len(world.lags) - 1
        for age in range(ages):
            # After the gravest war in the other theatre, with the outside responder in both.
            stem = f"{act.name}.{shared}.{last}.{fld.before[-1].name}"
            when = "later" if age == ages - 1 else f"after_{world.lags[age + 1]}_months"
            objective = later(f"{stem}.objective", age)
            rows[f"war.objective_chance.{theatre}.{act.name}_{when}.{both}"] = objective
    principals = {fld.outside.members[0], *(c.actor for c in world.challengers)}
    for name in now.places:
        kind, _, rest = name.partition(".")
        who = rest.rpartition(".")[2]
        if kind == "exhaustion" and (world.detail or who in principals):
            rows[f"war.exhaustion_day.{theatre}.{rest}"] = now(name)
        elif kind == "strength":
            rows[f"war.strength.{theatre}.{rest}"] = now(name)
    return rows
