"""Choice under private information: mechanisms, equilibria, the call as a signal, what is near, and single futures."""

from __future__ import annotations

import numpy as np

from twofront.analyse.estimates import difference_of, estimate
from twofront.analyse.explanation import Explanation, explain_recalled, recalled
from twofront.analyse.outcomes import CHANCE
from twofront.analyse.signal import CHANNEL, Moved, move_channel
from twofront.present.charts import lines, whiskers, wrapped
from twofront.present.facts import Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import change_span, level_span, percent, points, share
from twofront.present.palette import FIRST, SECOND

__all__ = ["equilibria", "near_term", "signals", "telling"]

_PARTS = {
    "second_front_chance": "second front",
    "opportunism_effect": "opportunism",
    "coordination_effect": "the call",
}


def equilibria(facts: Facts) -> Figure | None:
    """What players do not know, and how far the answer hangs on which equilibrium is played."""
    sample = facts.sample
    if not sample.has("several_equilibria"):
        return None
    sample.load([*_PARTS, *(f"{n}.{end}" for n in _PARTS for end in ("least", "most")), "several_equilibria"])
    several = float(np.mean(sample.of(facts.present, "several_equilibria")))
    status = facts.run.frame(["status"])["status"]
    unsolved = int((status == "unsolved").sum())
    bounds: list[list[str | Cell]] = []
    for name, words in _PARTS.items():
        show = percent if name.endswith("chance") else points
        means = [float(np.nanmean(sample.of(facts.present, n))) for n in (f"{name}.least", name, f"{name}.most")]
        bounds.append([Cell(words, name), *(show(value) for value in means)])
    tables = [
        Table.of(
            "Least and most over all equilibria found, mean over futures, present course",
            ("", "Least", "The one that counts", "Most"),
            bounds,
        )
    ]
    rows: list[dict[str, object]] = []
    cells: list[list[str | Cell]] = []
    for structure in ("information", "reputation"):
        if structure not in facts.run.structure_options:
            continue
        drawn = sample.structure(structure)
        for number, option in enumerate(facts.run.structure_options[structure]):
            held = drawn == number
            if not held.any():
                continue
            found = {name: estimate(sample.of(facts.present, name)[held]) for name in (*_PARTS, "common_cause_effect")}
            label = option.replace("_", " ")
            level = found["second_front_chance"]
            rows.append(
                {
                    "label": wrapped(f"{structure}: {label}"),
                    "series": structure,
                    "low": level.low,
                    "mid": level.median,
                    "high": level.high,
                    "told": level_span(level, CHANCE),
                }
            )
            effects = [
                points(found[n].mean) for n in ("opportunism_effect", "coordination_effect", "common_cause_effect")
            ]
            cells.append([f"{structure}: {label}", f"{int(held.sum()):,}", percent(level.mean), *effects])
    tables.append(
        Table.of(
            "The second front by what players know and what a name is worth: means over the futures that drew it",
            ("Structure", "Futures", "Second front", "Opportunism", "The call", "Common cause"),
            cells,
        )
    )
    colours = {"information": FIRST, "reputation": SECOND}
    spec = whiskers(rows, title="second front", form=".2~%", colours=colours)
    title = (
        "One equilibrium was found in every future: from three starts play comes out the same"
        if several == 0
        else f"{share(several)} of futures have more than one equilibrium"
    )
    text = [
        "Players do not know each other's resolve. Each is firm or soft at an occasion, which it alone knows, "
        "and a common "
        "mood that nobody sees ties them; the follower infers what it can from the act and from a call. In every "
        "future the "
        "game is solved from three starts: indifference (the one that counts), calls that only the firm make, "
        "and calls "
        f"that tell nothing. They lead to different play in {share(several)} of futures. "
        + (
            "No row is left unsolved."
            if not unsolved
            else f"{unsolved:,} rows could not be solved to 1e-9; they have the status `unsolved` and enter no figure."
        )
    ]
    return Figure(
        "equilibria",
        title,
        f"Chance of a second front within {facts.case.world.war_window:g} months of the first war, present "
        "course, by rival "
        f"structures of choice. {facts.whole}; point: median; line: nine of ten futures.",
        (Panel("", spec, "Intervals of the second front's chance by structure of information and reputation."),),
        tuple(tables),
        "Other starts could lead to solutions that none of the three finds. Resolve has two values, and is drawn "
        "at each "
        "occasion afresh; beliefs do not add up over the years. Futures differ between the rows in all else as well.",
        "Parameters resolve_spread, resolve_loading, attack_seen, bluff_cost and reputation_worth; all are judgements.",
        tuple(Key(label, colour) for label, colour in colours.items()),
        tuple(text),
    )


_CHANNEL_WORDS = {"call_intercepted": "overheard (p)", "call_received": "received (q)"}


def signals(facts: Facts) -> Figure | None:
    """Comparative statics of the channel: does overhearing deter, or hasten?"""
    found = move_channel(facts.run)
    if not found:
        return None
    by = {(m.parameter, m.value, m.outcome): m for m in found}
    grid = sorted({m.value for m in found})
    n = found[0].level.n
    panels: list[Panel] = []
    colours = {_CHANNEL_WORDS[name]: colour for name, colour in zip(CHANNEL, (FIRST, SECOND), strict=True)}
    for outcome, words in (("first_war_chance", "the first war"), ("second_front_chance", "the second front")):
        rows: list[dict[str, object]] = [
            {
                "x": value,
                "y": by[name, value, outcome].against.mean * 100,
                "low": by[name, value, outcome].against.low * 100,
                "high": by[name, value, outcome].against.high * 100,
                "series": _CHANNEL_WORDS[name],
            }
            for name in CHANNEL
            for value in grid
        ]
        spec = lines(
            rows,
            x_title="chance that a call is overheard, or received",
            y_title="change, in points",
            x_form=".0%",
            y_form=".2~f",
            colours=colours,
            band=True,
        )
        panels.append(
            Panel(f"Change of {words}", spec, f"Change of the chance of {words} against a channel that never works.")
        )
    cells: list[list[str | Cell]] = []
    for name in CHANNEL:
        for value in grid:
            row = [
                by[name, value, o]
                for o in ("first_war_chance", "second_front_chance", "coordination_effect", "call_chance")
            ]
            cells.append(
                [
                    Cell(f"{_CHANNEL_WORDS[name]} = {value:.0%}", name),
                    percent(row[0].level.mean),
                    points(row[0].against.mean),
                    percent(row[1].level.mean),
                    points(row[2].level.mean),
                    percent(row[3].level.mean),
                ]
            )
    return Figure(
        "signals",
        _overheard(by[CHANNEL[0], grid[-1], "first_war_chance"], by[CHANNEL[0], grid[-1], "second_front_chance"]),
        "The game solved again with the channel's chances put at the same value in every future, wars and "
        "anchors held; "
        f"present course, n = {n:,} futures; line: mean; band: nine of ten futures.",
        tuple(panels),
        (
            Table.of(
                "Outcomes as the channel is changed: means over futures",
                ("Channel", "First war", "Change", "Second front", "Effect of the call", "Calls, given the war"),
                cells,
            ),
        ),
        "A call that is overheard lets responders deploy forward before the second challenger moves; that they "
        "may also "
        "take fright and strike first is not in the model. Whether calls are overheard is a judgement.",
        "Parameters call_intercepted, call_received, call_alert, call_lead; outcomes of the game.",
        tuple(Key(label, colour) for label, colour in colours.items()),
    )


def _overheard(first: Moved, second: Moved) -> str:
    a, b = first.against.mean, second.against.mean
    hasten = "makes the first war more likely" if a > 0 else "makes the first war less likely"
    deter = "the second front less likely" if b < 0 else "the second front more likely"
    return f"Overhearing every call, against none, {hasten} ({points(a)} points) and {deter} ({points(b)} points)"


def near_term(facts: Facts) -> Figure | None:
    """What each policy changes in the first two years, where players look ahead and where they do not."""
    actor = facts.first.actor
    name, later = f"yearly_hazard.{actor}.war.near", f"yearly_hazard.{actor}.war"
    if not facts.others or not facts.sample.has(name) or "waiting" not in facts.run.structure_options:
        return None
    facts.sample.load([name, later])
    drawn = facts.sample.structure("waiting")
    kinds = [(n, o) for n, o in enumerate(facts.run.structure_options["waiting"]) if (drawn == n).any()]
    colours = dict(zip([option for _, option in kinds], (FIRST, SECOND), strict=False))
    rows: list[dict[str, object]] = []
    cells: list[list[str | Cell]] = []
    for policy in facts.others:
        near, whole = facts.sample.difference(policy, name), facts.sample.difference(policy, later)
        row: list[str | Cell] = [facts.policy_label(policy)]
        for number, option in kinds:
            found = difference_of(near[drawn == number])
            rows.append(
                {
                    "label": wrapped(facts.policy_label(policy), 26),
                    "series": option,
                    "low": found.low,
                    "mid": found.median,
                    "high": found.high,
                    "told": change_span(found, "rate"),
                }
            )
            row += [change_span(found, "rate"), share(found.higher)]
        cells.append([*row, points(float(np.nanmean(whole)))])
    columns = ["Policy"]
    for _, option in kinds:
        columns += [f"{option}: change", f"{option}: share of futures higher"]
    return Figure(
        "near-term",
        f"What each policy changes in {facts.label(actor)}'s yearly hazard of war in the first two years",
        "Against the present course in the same future, by whether players look ahead (forward) or take the "
        "status quo to "
        f"last (myopic). {facts.whole}; point: median; line: nine of ten futures.",
        (
            Panel(
                "",
                whiskers(rows, title="change of the yearly hazard", form=".2~%", colours=colours, zero=True),
                "Change of the near-term hazard of war by policy, forward-looking and myopic.",
            ),
        ),
        (
            Table.of(
                "Change of the yearly hazard in the first two years, and its mean over all years",
                (*columns, "All years, mean"),
                cells,
            ),
        ),
        "Who foresees that the window closes may act before it does: that shows here, and only under "
        "forward-looking play. "
        "Both are rival structures; neither is known to be right.",
        f"Outcomes {name} and {later}.",
        tuple(Key(label, colour) for label, colour in colours.items()),
    )


def telling(facts: Facts) -> Figure | None:
    """Three futures explained: the middling one, that with the likeliest second front, and that closest to attack."""
    sample = facts.sample
    margin = f"deterrence_margin.{facts.first.actor}.alone"
    if not sample.has("second_front_chance", margin):
        return None
    second, least = sample.of(facts.present, "second_front_chance"), sample.of(facts.present, margin)
    known = np.nan_to_num(second, nan=-1.0)
    chosen = {
        "the middling future: its second front is the median": int(np.argmin(np.abs(known - np.nanmedian(second)))),
        "the future with the likeliest second front": int(np.argmax(known)),
        f"the future in which {facts.label(facts.first.actor)} has least to lose by attacking": int(np.argmin(least)),
    }
    numbers = [int(sample.futures[place]) for place in chosen.values()]
    found = [
        explain_recalled(each, number)
        for each, number in zip(recalled(facts.run, numbers, facts.present), numbers, strict=True)
    ]
    tables: list[Table] = []
    text: list[str] = []
    for (words, place), explanation in zip(chosen.items(), found, strict=True):
        text.append(
            f"Future {explanation.future}, {words} (second front {percent(float(second[place]))}; margin "
            f"{float(least[place]):.2f} stakes as a mean over all dates of decision). At one date, {explanation.date}: "
            + _flips(explanation)
        )
        for passage in explanation.passages:
            if passage.rows:
                caption = f"Future {explanation.future}: {passage.title[3:]}. {' '.join(passage.sentences)}"
                tables.append(Table.of(caption, passage.columns, [list(row) for row in passage.rows]))
    return Figure(
        "telling",
        "Three futures, and why their players move as they do",
        "Single futures of this run, present course, at the date of the first mover's greatest hazard; "
        "`twofront explain RUN --future N` says the same of any.",
        (),
        tuple(tables),
        "A single future shows how the model reasons, not how likely anything is.",
        "The futures' own draws, evaluated again.",
        (),
        tuple(text),
    )


def _flips(explanation: Explanation) -> str:
    return " ".join(explanation.passages[-1].sentences)
