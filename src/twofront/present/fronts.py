"""The second front, given the first war, by mechanism and by order of movers."""

from __future__ import annotations

from twofront.analyse.outcomes import CHANCE
from twofront.analyse.second_front import Mechanisms
from twofront.present.charts import bars, wrapped
from twofront.present.facts import Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import level_span, percent, points
from twofront.present.palette import MECHANISMS

__all__ = ["second_front"]

_PARTS = {
    "at_rest": "without a first war (baseline)",
    "common": "common cause: the times at which a first war comes",
    "opportunism": "opportunism: the first war itself",
    "coordination": "coordination: the call",
}


def second_front(facts: Facts) -> Figure:
    """Baseline, common cause, opportunism and coordination, anchored (both orders) and unanchored."""
    rows: list[dict[str, object]] = []
    cells: list[list[str | Cell]] = []
    window = f"{facts.case.world.war_window:.0f}"
    for found, suffix in ((facts.split, ""), (facts.mirrored, f".{facts.second.theatre}_first")):
        who = facts.label(facts.second.actor if found.order == facts.first.theatre else facts.first.actor)
        label = f"{who} attacks within {window} months of war in {facts.place(found.order)}"
        parts = {
            "at_rest": found.at_rest,
            "common": found.common_cause,
            "opportunism": found.opportunism,
            "coordination": found.coordination,
        }
        rows += _bar(wrapped(label, 26), parts, found.opened)
        cells.append(_row(label, found, suffix))
    plain = _unanchored(facts)
    if plain is not None:
        label = "the same without the declared prior, mean of futures"
        rows += _bar(wrapped(f"{facts.label(facts.second.actor)}, {label}", 26), plain, sum(plain.values()))
        cells.append(
            [
                Cell(f"{facts.label(facts.second.actor)}: {label}", "unanchored.*"),
                percent(sum(plain.values())),
                "–",
                "–",
                percent(plain["at_rest"]),
                *(points(plain[key]) for key in ("opportunism", "coordination", "common")),
                "–",
            ]
        )
    spec = bars(rows, title="chance", form="~%", colours=MECHANISMS, order=tuple(MECHANISMS))
    return Figure(
        "second-front",
        _finding(facts),
        f"Chance that the other potential challenger attacks (limited seizure or worse) within {window} months, "
        "given the first war, split over all cells (future × decision date) of the ensemble, present course. "
        f"{facts.whole}. Black mark: the sum.",
        (Panel("", spec, "Stacked bars of the second-front chance by mechanism; the table holds the numbers."),),
        (
            Table.of(
                "Second front over the ensemble: a (first war, call possible), c (first war, no call possible), b "
                "(no first war, same months), baseline (no first war, other months), and effects in percentage "
                "points",
                (
                    "Second front",
                    "a",
                    "c",
                    "b",
                    "Baseline",
                    "Opportunism",
                    "Coordination",
                    "Common cause",
                    "Residual of the identity",
                ),
                cells,
            ),
            _futures(facts),
        ),
        "Levels rest on the declared priors (INPUT); the split is the model's (OUTPUT). A large part of "
        "opportunism is the parameter distraction_factor, which says how many more occasions to act another war "
        "brings: a range from a record that is read both ways. Coordination is what a call adds through lead time, "
        "transfers, payment and warning; a call without them adds nothing.",
        "Outcomes second_front_chance, opportunism_effect, coordination_effect, common_cause_effect; definitions "
        "in the documentation.",
        tuple(Key(label, MECHANISMS[key]) for key, label in _PARTS.items()),
    )


def _bar(label: str, parts: dict[str, float], whole: float) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{"label": label, "series": key, "value": value} for key, value in parts.items()]
    return [*rows, {"label": label, "series": "sum", "value": whole}]


def _row(label: str, found: Mechanisms, suffix: str) -> list[str | Cell]:
    return [
        Cell(label, f"second_front_chance{suffix}"),
        Cell(percent(found.opened), f"second_front_chance{suffix}, weighted"),
        Cell(percent(found.closed), f"second_front_chance{suffix} − coordination_effect{suffix}, weighted"),
        Cell(percent(found.alone), f"second_front_alone{suffix}, weighted"),
        Cell(percent(found.at_rest), f"second_front_at_rest{suffix}, weighted"),
        points(found.opportunism),
        points(found.coordination),
        points(found.common_cause),
        f"{found.residual:.0e}" if found.residual else "0",
    ]


def _unanchored(facts: Facts) -> dict[str, float] | None:
    stem = "unanchored."
    names = {
        "common": "common_cause_effect",
        "opportunism": "opportunism_effect",
        "coordination": "coordination_effect",
    }
    if not facts.sample.has(f"{stem}second_front_chance", *(stem + name for name in names.values())):
        return None
    parts = {key: facts.level(stem + name).mean for key, name in names.items()}
    whole = facts.level(f"{stem}second_front_chance").mean
    return {"at_rest": whole - sum(parts.values()), **parts}


def _futures(facts: Facts) -> Table:
    names = ("second_front_chance", "opportunism_effect", "coordination_effect", "common_cause_effect")
    cells: list[list[str | Cell]] = []
    for suffix, said in (
        ("", f"{facts.place(facts.first.theatre)} first"),
        (f".{facts.second.theatre}_first", f"{facts.place(facts.second.theatre)} first"),
        (".w3", "within 3 months"),
        (".w24", "within 24 months"),
        (".unweighted", "all dates weighing the same"),
    ):
        cells += [
            [Cell(f"{facts.in_words(name)}, {said}", name + suffix), level_span(facts.level(name + suffix), CHANCE)]
            for name in names
            if facts.sample.has(name + suffix)
        ]
    more = ["call_chance", "call_and_attack_chance", "diversion_chance", *(f"unanchored.{name}" for name in names)]
    cells += [
        [Cell(facts.in_words(name), name), level_span(facts.level(name), CHANCE)]
        for name in more
        if facts.sample.has(name)
    ]
    return Table.of(
        "The same future by future: median (nine of ten futures)", ("Outcome", "Median (nine of ten)"), cells
    )


def _finding(facts: Facts) -> str:
    found = facts.split
    if not found.at_rest > 0:
        return "The second front by mechanism"
    times = found.opened / found.at_rest
    one, other = "opportunism", "the call"
    if found.coordination > found.opportunism:
        one, other = other, one
    return (
        f"A first war makes the second {times:.1f} times as likely as in months at large; {one} adds more than {other}"
    )
