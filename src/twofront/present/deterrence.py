"""Deterrence margins: the result that leads, for it needs no declared prior."""

from __future__ import annotations

from collections.abc import Mapping

from twofront.analyse.estimates import Difference, difference_of
from twofront.analyse.outcomes import STAKES, leading
from twofront.present.charts import whiskers, wrapped
from twofront.present.facts import Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import change_span, level_span, share, stakes
from twofront.present.palette import FIRST, SECOND

__all__ = ["margins", "margins_by_policy"]


def _when(name: str) -> str:
    return "after the other's war has begun" if name.endswith("after_first") else "alone"


def margins(facts: Facts) -> Figure:
    """Margins on the present course, by actor, alone and after the other's war has begun."""
    names = [name for name in leading(facts.case) if facts.sample.has(name)]
    series = {facts.label(facts.first.actor): FIRST, facts.label(facts.second.actor): SECOND}
    rows: list[dict[str, object]] = []
    cells: list[list[str | Cell]] = []
    for name in sorted(names, key=lambda n: n.split(".")[1] != facts.first.actor):
        found, actor = facts.level(name), facts.label(name.split(".")[1])
        below = float((facts.sample.of(facts.present, name) < 0).mean())
        rows.append(
            {
                "label": wrapped(f"{actor}, {_when(name)}"),
                "series": actor,
                "low": found.low,
                "mid": found.median,
                "high": found.high,
                "told": level_span(found, STAKES),
            }
        )
        cells.append(
            [
                Cell(f"{actor}, {_when(name)}", name),
                stakes(found.median),
                f"{stakes(found.low)} to {stakes(found.high)}",
                share(below),
            ]
        )
    spec = whiskers(rows, title="margin, in stakes", form=".2~f", colours=series, zero=True)
    return Figure(
        "margins",
        _finding(facts, names),
        "What each potential challenger would gain by waiting instead of its best attack, without error in choice, "
        f"mean over decision dates, present course. {facts.whole}; point: median; line: nine of ten futures.",
        (Panel("", spec, "Intervals of deterrence margins by actor and contingency; the table holds the numbers."),),
        (
            Table.of(
                "Deterrence margins on the present course, in stakes (1 = winning against losing outright)",
                ("Actor and contingency", "Median", "Nine of ten futures", "Share of futures below zero"),
                cells,
            ),
        ),
        "A margin above zero says that waiting is worth more to that actor than attacking; it does not say that no "
        "attack follows, for actors err, and wars begin by accident. Stakes, costs of war and the value of the "
        "status quo are judgements with wide ranges.",
        "Outcome deterrence_margin; parameters status_quo, war_cost, loss_cost, act_prize and others, listed below.",
        tuple(Key(label, colour) for label, colour in series.items()),
    )


def _finding(facts: Facts, names: list[str]) -> str:
    shares = [float((facts.sample.of(facts.present, name) > 0).mean()) for name in names]
    least = min(shares, default=float("nan"))
    if least >= 0.9:
        often = f"{share(least)} of futures" if least > 0.995 else f"at least {share(least)} of futures"
        return f"Waiting pays more than attacking, for both and in either contingency, in {often}"
    if least >= 0.5:
        return "Waiting pays more than attacking for both in most futures, though not in all"
    return "In most futures attacking pays more than waiting for at least one of the two"


def margins_by_policy(facts: Facts) -> Figure | None:
    """What each policy changes in the margins."""
    if not facts.others:
        return None
    names = [name for name in leading(facts.case) if facts.sample.has(name)]
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    changes = {(p, n): difference_of(facts.sample.difference(p, n)) for p in facts.others for n in names}
    ends = [v for c in changes.values() for v in (c.low, c.high)]
    domain = (min(0.0, *ends), max(0.0, *ends)) if ends else None
    for name in names:
        actor = name.split(".")[1]
        colour = FIRST if actor == facts.first.actor else SECOND
        rows = [
            {
                "label": wrapped(facts.policy_label(policy), 26),
                "series": actor,
                "low": changes[policy, name].low,
                "mid": changes[policy, name].median,
                "high": changes[policy, name].high,
                "told": change_span(changes[policy, name], STAKES),
            }
            for policy in facts.others
        ]
        title = f"{facts.label(actor)}, {_when(name)}"
        spec = whiskers(
            rows, title="change of the margin, in stakes", form=".2~f", colours={actor: colour}, domain=domain
        )
        panels.append(Panel(title, spec, f"Change of the deterrence margin of {title} under each policy."))
    cells += [
        [facts.policy_label(policy), *(Cell(change_span(changes[policy, n], STAKES), n) for n in names)]
        for policy in facts.others
    ]
    heads = [f"{facts.label(n.split('.')[1])}, {_when(n)}" for n in names]
    return Figure(
        "margins-by-policy",
        _policy_finding(facts, changes, names),
        f"Change against the present course in the same draws. {facts.whole}; point: median; line: nine of ten "
        "futures. Right of zero: waiting becomes more attractive.",
        tuple(panels),
        (
            Table.of(
                "Change of deterrence margins against the present course, in stakes: median (nine of ten futures)",
                ("Policy", *heads),
                cells,
            ),
        ),
        "A policy that adds strength also adds posture, which may lower the value of waiting. How much posture a "
        "policy adds, and how much it provokes, are judgements; what they do to the answer is shown under drivers.",
        "Outcome deterrence_margin, paired differences.",
        (Key(facts.label(facts.first.actor), FIRST), Key(facts.label(facts.second.actor), SECOND)),
    )


def _policy_finding(facts: Facts, changes: Mapping[tuple[str, str], Difference], names: list[str]) -> str:
    def all_over(policy: str, way: str) -> bool:
        found = [changes[policy, name] for name in names]
        return all((c.higher if way == "up" else c.lower) >= 0.9 for c in found)

    up = [p for p in facts.others if all_over(p, "up")]
    down = [p for p in facts.others if all_over(p, "down")]
    if not up and not down:
        return "No policy moves all margins the same way in nine of ten futures"
    said: list[str] = []
    if up:
        said.append(f"{_count(len(up))} raise{'s' if len(up) == 1 else ''} every margin in nine of ten futures")
    if down:
        many = _count(len(down)) if not up else _count(len(down)).lower()
        said.append(f"{many} lower{'s' if len(down) == 1 else ''} every margin")
    return " and ".join(said)


def _count(number: int) -> str:
    words = (
        "No policy",
        "One policy",
        "Two policies",
        "Three policies",
        "Four policies",
        "Five policies",
        "Six policies",
    )
    return words[number] if number < len(words) else f"{number} policies"
