"""Why each player moves as it does in one future at one date: values compared, beliefs, and what would flip it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from twofront.choose import Choices
from twofront.faults import UserError, listed, nearest
from twofront.future import FutureModel
from twofront.future.recall import Recalled, recall
from twofront.world import Act, Challenger

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.ensemble import Run

__all__ = ["Explanation", "Passage", "explain", "explain_recalled", "recalled"]

RESOLVES = ("soft", "firm")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an explanation: sentences, and the table that they read from."""

    title: str
    sentences: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the players of one future move as they do at one date."""

    future: int
    policy: str
    date: str
    lead: str
    passages: tuple[Passage, ...] = field(default_factory=tuple)

    def text(self) -> str:
        """Everything as plain text."""
        lines: list[str] = [f"future {self.future}, {self.policy}, {self.date}: {self.lead} may move first"]
        for passage in self.passages:
            lines += ["", passage.title, *passage.sentences]
            if passage.rows:
                widths = [
                    max(len(row[n]) for row in (passage.columns, *passage.rows)) for n in range(len(passage.columns))
                ]
                for row in (passage.columns, *passage.rows):
                    cells = [
                        cell.ljust(w) if n == 0 else cell.rjust(w)
                        for n, (cell, w) in enumerate(zip(row, widths, strict=True))
                    ]
                    lines.append("  " + "  ".join(cells).rstrip())
        return "\n".join(lines)


def explain(
    run: Run, future: int, *, policy: str | None = None, date: str | None = None, first: str | None = None
) -> Explanation:
    """Explain one future of a run at one date.

    ``policy``: of the run, the present course if None; ``date``: `YYYY-MM`, any month of the interval of a decision,
    or None for the date of the first mover's greatest hazard; ``first``: the challenger who leads, the case's first if
    None. Raises `UserError` for what the run does not hold.
    """
    policies = run.policies
    chosen = _known(policy, policies, "policy") if policy is not None else policies[0]
    if run.case.policy(chosen).adaptive is not None:
        raise UserError(f"`{chosen}` turns with what each future shows; explain a policy whose levers stay as they are")
    if not 0 <= future < run.futures:
        raise UserError(f"{run.folder} has futures 0 to {run.futures - 1}; there is no future {future}")
    found = recalled(run, [future], chosen)[0]
    return explain_recalled(found, future, date=date, first=first)


def recalled(run: Run, futures: Sequence[int], policy: str) -> list[Recalled]:
    """Evaluate single futures of a run again, under one policy."""
    case = run.case
    model = FutureModel(case, policies=[policy])
    found: list[Recalled] = []
    sampler = run.sampler()
    for future in futures:
        drawn = sampler.draw(future, future + 1)
        found.append(recall(model, drawn.values, drawn.structures, policy))
    return found


def explain_recalled(found: Recalled, future: int, *, date: str | None = None, first: str | None = None) -> Explanation:
    """Explain a future that has been evaluated again (see `explain`)."""
    case = found.model.case
    actors = [challenger.actor for challenger in case.world.challengers]
    order = actors.index(_known(first, actors, "challenger")) if first is not None else 0
    number = _date_number(found, case, date) if date is not None else _hottest(found, actors[order])
    choices = found.play(order, number)
    speaker = _Speaker(found, choices, order, number)
    return Explanation(
        future,
        case.policy(found.model.policy_names[-1]).label,
        speaker.span(),
        speaker.label(speaker.lead.actor),
        (speaker.first_mover(), speaker.second_mover(), speaker.responders(), speaker.flips()),
    )


def _known(name: str, names: Sequence[str], what: str) -> str:
    if name in names:
        return name
    close = nearest(name, names)
    hint = f"; did you mean `{close}`?" if close else "."
    raise UserError(f"there is no {what} `{name}`{hint} There is {listed(names)}")


def _hottest(found: Recalled, actor: str) -> int:
    return max(found.dates, key=lambda date: found.row(f"hazard.{actor}.war", date))


def _month(start: str, months: int) -> str:
    year, month = (int(part) for part in start.split("-"))
    return f"{year + (month - 1 + months) // 12}-{(month - 1 + months) % 12 + 1:02d}"


def _date_number(found: Recalled, case: Case, date: str) -> int:
    clock = case.world.clock
    edges = [clock.cutoff + sum(found.spans[:n]) for n in range(len(found.spans) + 1)]
    months = [_month(clock.start, edge) for edge in edges]
    if len(date) == 7 and date[4] == "-" and date.replace("-", "").isdigit() and months[0] <= date < months[-1]:
        return max(number for number in found.dates if months[number] <= date)
    raise UserError(
        f"`{date}` is no date of decision; give a month from {months[0]} to {_month(clock.start, edges[-1] - 1)}, "
        f"as in `--date {months[len(months) // 2]}`"
    )


def _percent(value: Any) -> str:
    number = 100 * float(value)
    return f"{number:.0f}%" if abs(number) >= 9.95 else f"{number:.2g}%" if abs(number) >= 0.001 else "0%"


def _stake(value: Any) -> str:
    return f"{float(value):+.3f}"


class _Speaker:
    """Words for one occasion."""

    def __init__(self, found: Recalled, choices: Choices, order: int, date: int) -> None:
        self.found, self.choices, self.order, self.date = found, choices, order, date
        self.case = found.model.case
        self.world = self.case.world
        self.read = choices.occasion.read
        self.lead, self.follow = choices.occasion.leader, choices.occasion.follower
        self.outside = next(r for r in self.world.responders if len(r.theatres) > 1)
        self.war = next(act for act in reversed(self.lead.menu) if act.kind == "war")

    def label(self, actor: str) -> str:
        return self.case.label(actor)

    def span(self) -> str:
        clock = self.world.clock
        begin = clock.cutoff + sum(self.found.spans[: self.date])
        return f"{_month(clock.start, begin)} to {_month(clock.start, begin + self.found.spans[self.date] - 1)}"

    # ---- the first mover ---------------------------------------------------------------------------------------

    def first_mover(self) -> Passage:
        played = self.choices.solved
        # Without a spread, as under complete information, soft and firm are the same.
        resolves = range(len(played.moves) if float(self.choices.occasion.lead.spread) else 1)
        names = [f" ({RESOLVES[n]})" for n in resolves] if len(resolves) > 1 else [""]
        columns = [
            "act",
            *(f"worth{name}" for name in names),
            *(f"chance{name}" for name in names),
            "called, worth",
            "calls",
        ]
        rows: list[tuple[str, ...]] = []
        for act in self.lead.menu:
            worth = [played.worth[n][act.name, False] for n in resolves]
            chance = [self.choices.acts[n][act.name] for n in resolves]
            called = played.worth[-1].get((act.name, True))
            share = (
                ""
                if called is None
                else _percent(
                    sum(float(m[act.name, True]) for m in played.moves)
                    / sum(float(m[act.name, True]) + float(m[act.name, False]) for m in played.moves)
                )
            )
            rows.append(
                (
                    act.label,
                    *map(_stake, worth),
                    *map(_percent, chance),
                    "" if called is None else _stake(called),
                    share,
                )
            )
        best = max(self.lead.menu[1:], key=lambda act: float(played.worth[-1][act.name, False]))
        wait = float(played.worth[-1][self.lead.menu[0].name, False])
        other = float(played.worth[-1][best.name, False])
        rate = float(self.read("opportunity_rate", self.lead.actor))
        precision = float(self.read("precision", self.lead.actor))
        name = self.label(self.lead.actor)
        war = sum(
            float(self.choices.acts[n][act.name]) for n in resolves for act in self.lead.menu if act.kind == "war"
        )
        told = [
            (
                f"{name} compares, in stakes: waiting is worth {_stake(wait)}, its best other act ({best.label}) "
                f"{_stake(other)}{' even if it is firm' if len(resolves) > 1 else ''}."
            ),
            (
                f"Occasions come {rate:.2g} times a year. With a precision of {precision:.2g} a difference of 0.1 "
                f"stakes changes the odds by a factor of {math.exp(precision * 0.1):.2g}; war follows an occasion in "
                f"{_percent(war / len(resolves))}."
            ),
        ]
        if len(columns) > len(resolves) * 2 + 1:
            told.append(
                "In the choice an act counts with and without a call: its weight lies between those two worths."
            )
        intercept = float(self.found.numbers[f"intercept.{self.lead.actor}"])
        told.append(
            f"In these numbers stands an intercept of {_stake(intercept)} for all its force, which makes the present "
            "course's level that of the declared prior; margins below leave it out."
        )
        return Passage(f"1. {name} weighs its acts", tuple(told), tuple(columns), tuple(rows))

    # ---- the second mover --------------------------------------------------------------------------------------

    def second_mover(self) -> Passage:
        played, occasion = self.choices.solved, self.choices.occasion
        name = self.label(self.follow.actor)
        columns = ["answer", f"{self.lead.menu[0].label}, quiet", f"{self.war.label}, quiet"]
        states = [(self.lead.menu[0].name, "quiet"), (self.war.name, "quiet")]
        if (0, self.war.name, "received") in played.seen:
            columns.append(f"{self.war.label}, called")
            states.append((self.war.name, "received"))
        each = occasion.follow.numbers
        chances = {
            place: [
                sum(float(played.seen[n, *place][k]) for n in each) / len(each) for k in range(len(self.follow.menu))
            ]
            for place in states
        }
        rows = [
            (act.label, *(_percent(chances[place][k]) for place in states)) for k, act in enumerate(self.follow.menu)
        ]
        unsure = bool(played.unseen) and float(self.read("attack_seen")) < 1
        if unsure:
            columns.append("called, act unseen")
            unseen = [
                sum(float(played.unseen[n, "received"][k]) for n in each) / len(each)
                for k in range(len(self.follow.menu))
            ]
            rows = [(*row, _percent(chance)) for row, chance in zip(rows, unseen, strict=True)]
        told = [
            f"What {name} does on an occasion, by what it sees and hears (mean over its own resolve).",
            (
                f"Given war by {self.label(self.lead.actor)}, it attacks within {self.world.war_window:g} months with "
                "a chance of "
                f"{_percent(self.choices.open[0])} if a call can be made, {_percent(self.choices.closed[0])} if none "
                "can, and "
                f"{_percent(self.choices.alone[0])} in the same months had there been no war."
            ),
        ]
        if unsure:
            believed = sum(float(v) for v in played.believed.values()) / len(played.believed)
            told.append(
                f"Called, and not yet seeing what comes, it believes that force follows with {_percent(believed)}: "
                f"calls that nothing follows come {_percent(self.choices.bluff)} an occasion."
            )
        if len(occasion.factor.numbers) > 1 and any(float(each.spread) for each in (occasion.lead, occasion.outside)):
            prior = occasion.belief(played.moves, self.lead.menu[0].name, False, each[-1])[1]
            after = occasion.belief(played.moves, self.war.name, False, each[-1])[1]
            told.append(
                f"A firm {name} that sees {self.war.label} believes with {_percent(after)} (waiting: "
                f"{_percent(prior)}) that the "
                "common mood is firm, and so that the responders are."
            )
        return Passage(f"2. {name} answers", tuple(told), tuple(columns), tuple(rows))

    # ---- the responders ----------------------------------------------------------------------------------------

    def responders(self) -> Passage:
        occasion = self.choices.occasion
        name = self.label(self.outside.name)
        nothing = self.follow.menu[0].name
        typed = len(occasion.prospects) > 1 and bool(float(occasion.outside.spread))
        shown = occasion.prospects if typed else occasion.prospects[:1]
        columns = ["they attack", *([f"{name} fights ({r})" for r in RESOLVES] if typed else [f"{name} fights"])]
        rows: list[tuple[str, ...]] = []
        for act in self.lead.menu:
            if act.kind == "war":
                joins = [each.now[act.name, nothing, "quiet"].joins_lead for each in shown]
                rows.append((f"{self.label(self.lead.actor)}: {act.label}", *map(_percent, joins)))
        for answer in self.follow.menu:
            if answer.kind == "war":
                place = self.war.name, answer.name, "quiet"
                joins = [each.now[place].joins_follow for each in shown]
                rows.append(
                    (f"{self.label(self.follow.actor)}: {answer.label}, the other at war", *map(_percent, joins))
                )
        deployed = self.found.rows.get(f"date.alert.{self.date}")
        told = [f"Chance that {name} fights in the theatre, given what it sees."]
        objectives = self._objectives()
        if objectives:
            told.append(f"If {self.war.label} comes, it succeeds with {objectives}.")
        if deployed is not None:
            told.append(
                f"Responders are deployed forward after an act short of war with a chance of {_percent(deployed)} "
                "at this date."
            )
        return Passage(f"3. {name} and the others respond", tuple(told), tuple(columns), tuple(rows))

    def _objectives(self) -> str:
        prefix = f"war.objective_chance.{self.lead.theatre}.{self.war.name}."
        found = [
            f"{_percent(self.found.wars(name, self.date))} ({self._who(name.removeprefix(prefix))})"
            for name in self.found.wars.names
            if name.startswith(prefix)
        ]
        return listed(found)

    def _who(self, responders: str) -> str:
        if responders == "alone":
            return "the attacked alone"
        return "with " + " and ".join(self.label(who) for who in responders.split("_and_"))

    # ---- what would flip it ------------------------------------------------------------------------------------

    def flips(self) -> Passage:
        told = [
            *self._flip(self.lead, self.choices.margin, "with the other at peace"),
            *self._flip(self.follow, self.choices.margin_after, f"once {self.label(self.lead.actor)} is at war"),
        ]
        return Passage("4. What would flip it", tuple(told))

    def _flip(self, challenger: Challenger, margin: Any, when: str) -> list[str]:
        read, name = self.read, self.label(challenger.actor)
        gap = float(margin)
        wars = [act for act in challenger.menu if act.kind == "war"]
        best = min(wars, key=lambda act: abs(self._margin_of(challenger, act) - gap))
        prize, force = float(read("act_prize", best.name)), float(read("act_force", best.name))
        slope = prize + float(read("loss_cost", challenger.actor)) * force
        verb = "attack" if gap > 0 else "wait"
        told = [
            (
                f"{name}, {when}: waiting is worth {abs(gap):.2f} stakes {'more' if gap >= 0 else 'less'} than "
                f"{best.label}, its best "
                "attack, without error in choice."
            )
        ]
        chance = gap / slope if slope > 0 else math.inf
        ways: list[str] = []
        if abs(chance) <= 1:
            by = f"{abs(chance) * 100:.0f} points {'higher' if gap > 0 else 'lower'}"
            ways.append(f"its chance of success were {by}{self._now(challenger, best)}")
        ways.append(
            f"peace were worth {abs(gap) / prize:.2f} stakes {'less' if gap > 0 else 'more'} to it" if prize > 0 else ""
        )
        ways.append(f"war cost it {abs(gap):.2f} stakes {'less' if gap > 0 else 'more'}")
        told.append(f"It would rather {verb} if {' or '.join(way for way in ways if way)}, all else as it is.")
        if not chance <= 1:
            told.append("No chance of success would do by itself: even a sure victory is worth less than waiting.")
        return told

    def _now(self, challenger: Challenger, act: Act) -> str:
        """The chance of success as it is, from who stays out to who comes; empty where the wars do not tell it."""
        kind = act.name if challenger is self.lead else f"{act.name}_in_double"
        stem = f"war.objective_chance.{challenger.theatre}."
        named = [name for name in self.found.wars.names if name.startswith((f"{stem}{kind}.", f"{stem}{act.name}."))]
        if not named:
            return ""
        now = sorted(float(self.found.wars(name, self.date)) for name in named)
        span = (
            _percent(now[0]) if _percent(now[0]) == _percent(now[-1]) else f"{_percent(now[0])} to {_percent(now[-1])}"
        )
        return f" (at this date {span}, by who fights)"

    def _margin_of(self, challenger: Challenger, act: Act) -> float:
        occasion = self.choices.occasion
        waiting = float(occasion.standing[challenger.actor].waiting)
        leads = challenger is self.lead
        place = (act.name, self.follow.menu[0].name, "quiet") if leads else (self.war.name, act.name, "quiet")
        gains = [float(p.now[place].lead if leads else p.now[place].follow) for p in occasion.prospects]
        own = occasion.own(challenger, None, act, sum(gains) / len(gains))
        bias = float(occasion.standing[challenger.actor].intercept) * float(self.read("act_force", act.name))
        return waiting - (float(own) - bias)
