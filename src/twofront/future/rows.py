"""Names of the rows that stages exchange, and the way between them and what the model packages speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twofront.adjudicate import MODES, STATES, Chances
from twofront.choose import Choices, Prospect, Prospects
from twofront.engine.ops import Number, Series

__all__ = ["WarRows", "choice_rows", "flat", "shown", "unflat"]


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
    rows: dict[str, Number] = {f"act.{name}": chance for name, chance in found.acts.items()}
    for place in range(len(found.open)):
        rows[f"open{place}"], rows[f"closed{place}"], rows[f"alone{place}"] = (
            found.open[place],
            found.closed[place],
            found.alone[place],
        )
    for name in (
        "call",
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


def flat(solved: Prospects, reverse: bool) -> dict[str, Number]:
    """Name every number that the challengers' part of the game reads."""
    order = 1 if reverse else 0
    rows: dict[str, Number] = {}
    for (act, answer, state), pair in solved.now.items():
        stem = f"pair.{order}.{act}.{answer}.{state}"
        rows[f"{stem}.lead"], rows[f"{stem}.follow"] = pair.lead, pair.follow
        if state == "quiet":
            rows[f"{stem}.joins_lead"], rows[f"{stem}.joins_follow"] = pair.joins_lead, pair.joins_follow
            rows[f"{stem}.follow_objective"] = pair.follow_objective
    for (act, answer, engaged), pair in solved.later.items():
        rows[f"pair.{order}.{act}.{answer}.later{int(engaged)}.follow"] = pair.follow
    return rows


def unflat(rows: Mapping[str, Number], order: int) -> Prospects:
    """Turn named numbers back into prospects; what is not read again is zero."""
    now: dict[tuple[str, str, str], Prospect] = {}
    later: dict[tuple[str, str, bool], Prospect] = {}
    for name in rows:
        _, which, act, answer, state, what = name.split(".")
        if which != str(order) or what != "follow":
            continue
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
            later[act, answer, state == "later1"] = pair
        else:
            now[act, answer, state] = pair
    return Prospects(now, later)


def shown(theatre: str, chances: Chances) -> dict[str, Number]:
    """Name what the results say of a theatre's wars: ``war.<what>.<theatre>.<contingency>.<responders>``."""
    rows: dict[str, Number] = {}
    fld = chances.field
    last = fld.levels - 1
    quiet, aged = STATES.index("quiet"), STATES.index("aged")
    none, full, shared = (MODES.index(m) for m in ("none", "full", "shared"))
    outside = fld.outside.name
    both = outside if fld.local is None else f"{outside}_and_{fld.local.name}"
    for act, fight in zip(fld.acts, chances.fights, strict=True):
        kinds = {
            (act.name, "alone"): (quiet, none, 0),
            (act.name, outside): (quiet, full, 0),
            (act.name, both): (quiet, full, last),
            (f"{act.name}_in_double", both): (quiet, shared, last),
            (f"{act.name}_later", both): (aged, shared, last),
        }
        if fld.local is not None and fld.local.needs is None:
            kinds[act.name, fld.local.name] = (quiet, none, last)
        for (contingency, responders), (state, *commitment) in kinds.items():
            mode, level = commitment
            rows[f"war.objective_chance.{theatre}.{contingency}.{responders}"] = fight.objective[mode, level][state]
            if responders == both:
                stem = f"{theatre}.{contingency}"
                rows[f"war.stalemate_chance.{stem}"] = fight.stalemate[mode, level][state]
                rows[f"war.war_days.{stem}"] = fight.days[mode, level][state]
                rows[f"war.losses.{stem}.attacker"] = fight.attack_losses[mode, level][state]
                rows[f"war.losses.{stem}.defender"] = fight.defence_losses[mode, level][state]
    for (munition, actor), day in chances.exhaustion.items():
        rows[f"war.exhaustion_day.{theatre}.{munition}.{actor}"] = day
    for (party, phase), strength in chances.strength.items():
        rows[f"war.strength.{theatre}.{party}.{phase}"] = strength
    return rows
