"""What would happen in each war: objectives, forces by day, and magazines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twofront.analyse.estimates import Difference, difference_of
from twofront.analyse.outcomes import CHANCE, DAYS
from twofront.present.charts import lines, whiskers, wrapped
from twofront.present.facts import Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import change_span, days, level_span, percent, plain, share, significant, span
from twofront.present.palette import PARTIES, assigned
from twofront.present.palette import SECOND as CHALLENGER

__all__ = ["exhaustion", "forces", "objectives", "protecting"]

_STATE = re.compile(r"_(in_double|later|after_(\d+)_months)$")


def contingency(facts: Facts, name: str) -> tuple[str, str, str]:
    """Act, state and responders of `objective_chance.<theatre>.<act>[_<state>].<responders>`, in words."""
    _, _, act, who = name.split(".")
    state = _STATE.search(act)
    said = facts.label(_STATE.sub("", act))
    if who == "alone":
        responders = "attacked alone"
    else:
        responders = "with " + " and ".join(facts.label(part) for part in who.split("_and_"))
    if state is None:
        when = ""
    elif state[1] == "in_double":
        when = "both wars begin together"
    else:
        when = f"{state[2] or max(facts.case.world.lags)} months into the other war"
    return said, when, responders


def objectives(facts: Facts) -> Figure:
    """Chances that the attacker holds its objective, by theatre, contingency and responders."""
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    for theatre in facts.case.world.theatres:
        rows: list[dict[str, object]] = []
        for name in facts.names(f"objective_chance.{theatre.name}."):
            act, state, who = contingency(facts, name)
            found = facts.level(name)
            label = f"{act}; {who}" + (f"; {state}" if state else "")
            rows.append(
                {
                    "label": wrapped(label, 30),
                    "series": theatre.name,
                    "low": found.low,
                    "mid": found.median,
                    "high": found.high,
                    "told": level_span(found, CHANCE),
                }
            )
            cells.append(
                [Cell(f"{theatre.label}: {label}", name), percent(found.median), span(found.low, found.high, CHANCE)]
            )
        colours = {theatre.name: facts.colour_of(theatre.name)}
        spec = whiskers(rows, title="chance that the objective is held", form="~%", colours=colours, domain=(0, 1))
        panels.append(Panel(theatre.label, spec, f"Objective chances in {theatre.label}."))
    horizon = facts.case.world.phases[-1]
    goals = "; ".join(f"{t.label}: {t.objective}" for t in facts.case.world.theatres)
    return Figure(
        "objectives",
        _objective_finding(facts),
        f"Chance that the attacker holds its stated objective on day {horizon:.0f}, given that the war happens; "
        f"never multiplied by the chance of war. Present course, mean over decision dates. {facts.whole}; point: "
        f"median; line: nine of ten futures. Objectives: {goals}.",
        tuple(panels),
        (
            Table.of(
                "Objective chances on the present course",
                ("War, responders, contingency", "Median", "Nine of ten futures"),
                cells,
            ),
        ),
        "Battles are decided weakly by numbers, so intervals are wide. A stalemate is a third outcome and counts "
        "as not held. With both wars at once, classes that both theatres claim are shared; months later the second "
        "war meets what the first has left.",
        "Outcome objective_chance; the laws of each structure of war, war.magazines, war.suppression.",
    )


def _objective_finding(facts: Facts) -> str:
    """With whom an objective is held: the last act of each menu, attacked alone and with every responder in."""
    said: list[str] = []
    for challenger in facts.case.world.challengers:
        stem = f"objective_chance.{challenger.theatre}.{challenger.menu[-1].name}."
        names = [n for n in facts.names(stem) if n.count("_and_") or n.endswith(".alone")]
        if len(names) < 2 or not names[0].endswith(".alone"):
            continue
        full = max(names[1:], key=lambda n: n.count("_and_"))
        alone, joined = facts.level(names[0]).median, facts.level(full).median
        said.append(f"from {percent(alone)} to {percent(joined)} in {facts.place(challenger.theatre)}")
    if not said:
        return "Chances of the attacker's objective, by who responds"
    return f"With every responder in, the median chance of the attacker's objective goes {' and '.join(said)}"


_PARTY = {
    "challenger": "potential challenger",
    "host": "the attacked",
    "local": "responders of the theatre",
    "full": "outside responder, if it sends all it can",
}


def forces(facts: Facts) -> Figure | None:
    """Combat strength by day of war."""
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    for theatre in facts.case.world.theatres:
        rows: list[dict[str, object]] = []
        for name in facts.names(f"forces.{theatre.name}."):
            _, _, party, day = name.split(".")
            found = facts.level(name)
            number = int(day.removeprefix("day"))
            told = f"{_PARTY[party]}, day {number}: {plain(round(found.median, 1))} ({found.low:.0f}–{found.high:.0f})"
            rows.append(
                {
                    "label": f"day {number}",
                    "series": party,
                    "low": found.low,
                    "mid": found.median,
                    "high": found.high,
                    "told": told,
                }
            )
            cells.append(
                [
                    Cell(f"{theatre.label}: {_PARTY[party]}, day {number}", name),
                    significant(found.median, 3),
                    f"{significant(found.low, 3)}–{significant(found.high, 3)}",
                ]
            )
        if rows:
            spec = whiskers(rows, title="combat strength (weighted units)", form="~f", colours=PARTIES, zero=True)
            panels.append(Panel(theatre.label, spec, f"Strength by party on days 10, 30 and 90 in {theatre.label}."))
    if not panels:
        return None
    return Figure(
        "forces",
        "How much stands in each theatre by day 10, 30 and 90, with and without the outside responder",
        "Combat strength in the theatre if the war began, present course, mean over decision dates, before losses; "
        f"units weighted by class and quality. {facts.whole}; point: median; line: nine of ten futures. Add the "
        "lines of those who fight.",
        tuple(panels),
        (
            Table.of(
                "Combat strength by theatre, party and day, in weighted units",
                ("Theatre, party, day", "Median", "Nine of ten futures"),
                cells,
            ),
        ),
        "Strength is no outcome: ground, preparation, magazines and skill stand between. In the other theatre's "
        "war the outside responder's contested classes are halved where both are to be held.",
        "Outcome forces; parameters strength, reach, presence, mobilisation_lag, closure_lag, lift, combat_value.",
        tuple(Key(_PARTY[party], colour) for party, colour in PARTIES.items()),
    )


def protecting(facts: Facts) -> Figure | None:
    """What protecting one theatre costs the other: the same war alone, with both at once, and later."""
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    for theatre in facts.case.world.theatres:
        names = facts.names(f"objective_chance.{theatre.name}.")
        rows: list[dict[str, object]] = []
        for double in [n for n in names if n.split(".")[2].endswith("_in_double")]:
            act, who = double.split(".")[2].removesuffix("_in_double"), double.split(".")[3]
            stem, lag = f"objective_chance.{theatre.name}", max(facts.case.world.lags)
            triple = {
                "this war alone": f"{stem}.{act}.{who}",
                "both wars at once": double,
                f"{lag} months into the other war": f"{stem}.{act}_later.{who}",
            }
            if not facts.sample.has(*triple.values()):
                continue
            for said, name in triple.items():
                found = facts.level(name)
                rows.append(
                    {
                        "label": wrapped(facts.label(act)),
                        "series": said,
                        "low": found.low,
                        "mid": found.median,
                        "high": found.high,
                        "told": f"{said}: {level_span(found, CHANCE)}",
                    }
                )
            alone, both = triple["this war alone"], triple["both wars at once"]
            change = facts.sample.of(facts.present, both) - facts.sample.of(facts.present, alone)
            later = facts.sample.of(facts.present, list(triple.values())[2]) - facts.sample.of(facts.present, alone)
            cells.append(
                [
                    Cell(f"{theatre.label}: {facts.label(act)}", f"{both} − {alone}"),
                    *(level_span(facts.level(name), CHANCE) for name in triple.values()),
                    _points(difference_of(change)),
                    _points(difference_of(later)),
                ]
            )
        if rows:
            series = dict(
                zip(dict.fromkeys(str(r["series"]) for r in rows), ("#7a7a7a", "#e69f00", "#cc79a7"), strict=False)
            )
            spec = whiskers(rows, title="chance that the objective is held", form="~%", colours=series, domain=(0, 1))
            panels.append(
                Panel(
                    theatre.label, spec, f"Objective chances in {theatre.label}: this war alone, both at once, later."
                )
            )
    if not panels:
        return None
    lag = max(facts.case.world.lags)
    return Figure(
        "protecting",
        "What protecting one theatre costs the other",
        "Chance that the attacker holds its objective with all responders in, present course, mean over decision "
        f"dates. {facts.whole}; point: median; line: nine of ten futures.",
        tuple(panels),
        (
            Table.of(
                "Objective chances: median (nine of ten futures), and paired changes in percentage points",
                (
                    "War",
                    "This war alone",
                    "Both at once",
                    f"{lag} months into the other",
                    "Change, both at once",
                    f"Change, {lag} months in",
                ),
                cells,
            ),
        ),
        "With both wars at once the outside responder's contested classes are divided by the rule that each future "
        "has drawn: by stakes, all to the first, or so that the attacker's best prospect is least.",
        "Outcome objective_chance; laws forces.overlap, forces.contested, allocation.*; parameters contention, "
        "munition_contention, replacement_lag.",
        tuple(
            Key(said, colour)
            for said, colour in zip(
                ("this war alone", "both wars at once", f"{lag} months into the other war"),
                ("#7a7a7a", "#e69f00", "#cc79a7"),
                strict=True,
            )
        ),
    )


def _points(change: Difference) -> str:
    return change_span(change, CHANCE)


def exhaustion(facts: Facts) -> list[Figure]:
    """Days until each actor's magazines are empty, by year of the war's beginning; one figure a theatre."""
    return [figure for t in facts.case.world.theatres if (figure := _magazines(facts, t.name)) is not None]


def _magazines(facts: Facts, theatre: str) -> Figure | None:
    names = [n for n in facts.names(f"exhaustion_day.{theatre}.") if not n.endswith(".censored")]
    if not names:
        return None
    actors = list(dict.fromkeys(n.split(".")[3] for n in names))
    challenger = facts.case.world.theatre(theatre).challenger
    colours = assigned([facts.short(actor) for actor in actors if actor != challenger]) | {
        facts.short(challenger): CHALLENGER
    }
    horizon = facts.case.world.phases[-1]
    panels: list[Panel] = []
    for munition in dict.fromkeys(n.split(".")[2] for n in names):
        rows: list[dict[str, object]] = []
        for name in names:
            found = facts.series(name) if name.split(".")[2] == munition else None
            if found is not None:
                who = facts.short(name.split(".")[3])
                rows += _yearly(found.years, found.quantiles["q50"], who)
        if rows:
            spec = lines(
                rows,
                x_title="",
                y_title="days",
                x_form="d",
                y_form="~f",
                colours=colours,
                domain=(0, 1.04 * horizon),
                dashed=facts.short(challenger),
                height=190,
            )
            panels.append(
                Panel(
                    facts.label(munition), spec, f"Median day of exhaustion by year and actor: {facts.label(munition)}."
                )
            )
    cells: list[list[str | Cell]] = []
    for name in names:
        found = facts.level(name)
        never = facts.sample.of(facts.present, name) >= horizon * (1 - 1e-9)
        series = facts.series(name)
        cells.append(
            [
                Cell(f"{facts.label(name.split('.')[2])}: {facts.short(name.split('.')[3])}", name),
                days(found.median),
                span(found.low, found.high, DAYS),
                days(series.quantiles["q50"][0]) if series else "–",
                days(series.quantiles["q50"][-1]) if series else "–",
                Cell(share(float(never.mean())), f"{name}.censored"),
            ]
        )
    place = facts.place(theatre)
    return Figure(
        f"exhaustion-{theatre}",
        f"{place}: how long magazines last, by the year in which the war begins",
        f"Median day on which stock and output no longer meet the need of a full war, present course; {horizon:.0f} "
        f"days is the horizon: not reached. Lines: n = {facts.path_futures:,} futures; table: {facts.whole}.",
        tuple(panels),
        (
            Table.of(
                f"Day of exhaustion in {place}, present course",
                (
                    "Class and actor",
                    "Median over dates",
                    "Nine of ten futures",
                    "First date, median",
                    "Last date, median",
                    "Never within the horizon",
                ),
                cells,
            ),
        ),
        "Each line asks how long one actor's own magazine would meet the whole need of its side; in the wars all who "
        "fight share the need. Use does not adapt to shortage before the stock is gone. Intervals are in the table.",
        "Outcome exhaustion_day; law war.exhaustion; parameters stock, attack_use, defence_use, capacity.",
        tuple(Key(label, colour) for label, colour in colours.items()),
    )


def _yearly(years: Sequence[float], values: Sequence[float], who: str) -> list[dict[str, object]]:
    """Values of a series that is constant between decision dates, once a date."""
    rows: list[dict[str, object]] = []
    last: float | None = None
    for year, value in zip(years, values, strict=True):
        if last is None or value != last or not rows or year - float(str(rows[-1]["x"])) >= 1:
            if value != value:
                continue
            rows.append({"x": round(year, 3), "y": round(value, 3), "series": who})
        last = value
    return rows
