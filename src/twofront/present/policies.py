"""Policies compared: paired differences, regret, cost against risk, and who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twofront.analyse.estimates import TIE, estimate
from twofront.analyse.outcomes import CHANCE, MONEY
from twofront.present.charts import bars, scatter, whiskers, wrapped
from twofront.present.facts import COMPARED, Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import amount, change_span, level_span, mean_span, money, points, share
from twofront.present.palette import NEUTRAL, assigned

__all__ = ["ROBUST", "SHORT", "Robust", "costs", "differences", "direction", "listed", "regrets", "robust"]

ROBUST = 0.9
"""A direction is called robust where at least this share of futures has it, over all futures and under every law."""

SHORT = {
    "any_war_chance": "any war",
    "double_war_chance": "war in both theatres at once",
    "second_front_chance.fixed": "a second front given the first war",
}


def direction(facts: Facts, policy: str, outcome: str) -> str:
    """`lower`, `higher` or `open`: robust only if nine tenths of the futures agree, under every rival law."""
    known = facts.directions.get((policy, outcome))
    if known is None:
        known = facts.directions[policy, outcome] = _direction(facts, policy, outcome)
    return known


def _direction(facts: Facts, policy: str, outcome: str) -> str:
    change = facts.sample.difference(policy, outcome)
    defined = ~np.isnan(change)
    if not defined.any():
        return "open"
    for way, agrees in (("lower", change < -TIE), ("higher", change > TIE)):
        if agrees[defined].mean() < ROBUST:
            continue
        shares: list[float] = []
        for name, options in facts.run.structure_options.items():
            codes = facts.sample.structure(name)
            groups = [defined & (codes == place) for place in range(len(options))]
            shares += [float(agrees[group].mean()) for group in groups if group.any()]
        if min(shares, default=1.0) >= ROBUST:
            return way
    return "open"


def differences(facts: Facts) -> Figure | None:
    """What each policy changes in the three headline chances."""
    if not facts.others:
        return None
    names = [name for name in COMPARED if facts.sample.has(name)]
    panels: list[Panel] = []
    for name in names:
        rows: list[dict[str, object]] = []
        for policy in facts.others:
            change = facts.headline.differences[policy, name]
            rows.append(
                {
                    "label": wrapped(facts.policy_label(policy), 26),
                    "series": direction(facts, policy, name),
                    "low": 100 * change.low,
                    "mid": 100 * change.median,
                    "high": 100 * change.high,
                    "told": f"{change_span(change, CHANCE)} points; lower in {share(change.lower)} of futures",
                }
            )
        spec = _coloured(rows)
        panels.append(
            Panel(f"Chance of {SHORT[name]}", spec, f"Change of the chance of {SHORT[name]} under each policy.")
        )
    tables = tuple(_difference_table(facts, name) for name in names)
    return Figure(
        "differences",
        _finding(facts, names),
        f"Change against the present course in percentage points, same draws under every policy. {facts.whole}; "
        f"point: median; line: nine of ten futures. Coloured where at least {ROBUST:.0%} of futures agree on the "
        "direction, over all futures and under each rival law.",
        tuple(panels),
        tables,
        "Sizes scale with the declared prior; directions hardly depend on it. A direction that nine tenths of "
        "sampled futures share is robust within the sampled ranges and laws, not beyond them: the provocation side "
        "of each lever is a judgement.",
        "Outcomes " + ", ".join(names) + ", paired differences.",
        (
            Key("lower in at least nine tenths", _WAYS["lower"]),
            Key("higher in at least nine tenths", _WAYS["higher"]),
            Key("direction open", _WAYS["open"]),
        ),
        columns=3 if len(names) == 3 else 0,
    )


_WAYS = {"lower": "#0072b2", "higher": "#d55e00", "open": "#7a7a7a"}


def _coloured(rows: list[dict[str, object]]) -> dict[str, object]:
    """Whiskers coloured by direction, in one line each (the colour is no second series)."""
    spec = whiskers(
        [{**row, "series": "all"} for row in rows],
        title="percentage points",
        form="~f",
        colours={"all": NEUTRAL},
        zero=True,
    )
    ways = {str(row["label"]): str(row["series"]) for row in rows}
    spec["data"] = {"values": [{**row, "series": ways[str(row["label"])]} for row in rows]}
    scale = {"domain": list(_WAYS), "range": list(_WAYS.values())}
    for layer in spec["layer"]:
        if "color" in layer["encoding"]:
            layer["encoding"]["color"] = {"field": "series", "type": "nominal", "legend": None, "scale": scale}
    return spec


def _difference_table(facts: Facts, name: str) -> Table:
    present = facts.level(name)
    cells: list[list[str | Cell]] = [
        [
            facts.policy_label(facts.present),
            Cell(level_span(present, CHANCE), name),
            "–",
            Cell(mean_span(present, CHANCE), name),
            "–",
            "–",
            "–",
        ]
    ]
    for policy in facts.others:
        change = facts.headline.differences[policy, name]
        cells.append(
            [
                facts.policy_label(policy),
                Cell(level_span(facts.headline.levels[policy, name], CHANCE), name),
                Cell(change_span(change, CHANCE), f"{name}, paired difference"),
                Cell(
                    mean_span(change, CHANCE, change=True), f"{name}, mean paired difference [95% interval of the mean]"
                ),
                share(change.lower),
                share(change.higher),
                {"lower": "lower", "higher": "higher", "open": "open"}[direction(facts, policy, name)],
            ]
        )
    return Table.of(
        f"{facts.in_words(name)}: median (nine of ten futures), change in percentage points, mean change [95% Monte "
        "Carlo interval]",
        ("Policy", "Level", "Change", "Mean change", "Futures lower", "Futures higher", "Robust direction"),
        cells,
    )


@dataclass(frozen=True, slots=True)
class Robust:
    """Policies that move an outcome in a robust direction."""

    lower: list[str]
    higher: list[str]


def robust(facts: Facts, outcome: str) -> Robust:
    """Policies by their robust direction in an outcome."""
    ways = {policy: direction(facts, policy, outcome) for policy in facts.others}
    return Robust(*([policy for policy, found in ways.items() if found == way] for way in ("lower", "higher")))


def _finding(facts: Facts, names: list[str]) -> str:
    said: list[str] = []
    for name in names:
        found = robust(facts, name)
        counts = [
            f"{verb} with {len(policies)}"
            for verb, policies in (("falls", found.lower), ("rises", found.higher))
            if policies
        ]
        said.append(f"{SHORT[name]} {' and '.join(counts) or 'moves with none'}")
    text = f"Robustly, of {len(facts.others)} policies: {'; '.join(said)}"
    return text if len(facts.others) > 1 else "What the policy changes"


def listed(names: list[str], last: str = "and") -> str:
    """Join names as a sentence does."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def regrets(facts: Facts) -> Figure | None:
    """Mean and 90th percentile of regret."""
    if not facts.others:
        return None
    found = facts.regrets
    names = list(dict.fromkeys(item.outcome for item in found))
    panels: list[Panel] = []
    tables: list[Table] = []
    for name in names:
        kind = MONEY if name == "policy_cost" else CHANCE
        factor = 1.0 if kind == MONEY else 100.0
        unit = "billion USD a year" if kind == MONEY else "percentage points"
        items = sorted((item for item in found if item.outcome == name), key=lambda item: item.mean)
        rows = [
            {
                "label": wrapped(facts.policy_label(item.policy), 26),
                "series": "regret",
                "low": 0.0,
                "mid": factor * item.mean,
                "high": factor * item.high,
                "told": f"mean {_size(item.mean, kind)}, nine of ten futures below {_size(item.high, kind)}",
            }
            for item in items
        ]
        spec = whiskers(rows, title=unit, form="~f", colours={"regret": "#009e73"}, zero=True)
        title = "Cost" if kind == MONEY else facts.in_words(name.removesuffix(".fixed"))
        panels.append(Panel(title, spec, f"Regret of each policy: {title}."))
        tables.append(
            Table.of(
                f"Regret, {facts.in_words(name)}, in {unit}",
                ("Policy", "Mean", "90th percentile", "Greatest", "Best in so many futures"),
                [
                    [
                        facts.policy_label(item.policy),
                        Cell(_size(item.mean, kind), name),
                        Cell(_size(item.high, kind), name),
                        Cell(_size(item.greatest, kind), name),
                        share(item.best_share),
                    ]
                    for item in items
                ],
            )
        )
    return Figure(
        "regret",
        _regret_finding(facts),
        "Regret: how much worse a policy does in a future than the best of these policies does there. "
        f"{facts.whole}; point: mean; line: from none to the 90th percentile. Sorted by mean regret.",
        tuple(panels),
        tuple(tables),
        "Regret depends on which policies are compared; leaving one out changes the others' regret. Outcomes are "
        "not added up: how much money a percentage point of risk is worth is for those who pay to say.",
        "Outcomes " + ", ".join(names) + ".",
    )


def _size(value: float, kind: str) -> str:
    return amount(value, kind, change=True).removeprefix("+")


def _regret_finding(facts: Facts) -> str:
    least = {
        name: min((i for i in facts.regrets if i.outcome == name), key=lambda i: i.mean).policy
        for name in ("any_war_chance", "double_war_chance")
        if any(i.outcome == name for i in facts.regrets)
    }
    chosen = list(dict.fromkeys(least.values()))
    if len(chosen) == 1:
        return f"{facts.policy_label(chosen[0])} has the least mean regret in the chances of war"
    return "Least mean regret falls to different policies for different outcomes"


def costs(facts: Facts) -> list[Figure]:
    """Cost against risk, and who pays."""
    if not facts.others or not facts.sample.has("policy_cost", "any_war_chance"):
        return []
    return [figure for figure in (_pareto(facts), _payers(facts)) if figure is not None]


def _pareto(facts: Facts) -> Figure:
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    efficient: dict[str, set[str]] = {}
    for outcome, title in (("any_war_chance", "Any war"), ("double_war_chance", "War in both theatres at once")):
        if not facts.sample.has(outcome):
            continue
        rows: list[dict[str, object]] = []
        here: dict[str, object] = {"number": "0", "series": "present", "told": facts.policy_label(facts.present)}
        rows.append({**here, **dict.fromkeys(("x", "x_low", "x_high", "y", "y_low", "y_high"), 0.0)})
        for number, policy in enumerate(facts.others, 1):
            risk, cost = facts.headline.differences[policy, outcome], facts.headline.differences[policy, "policy_cost"]
            rows.append(
                {
                    "number": str(number),
                    "series": policy,
                    "x": cost.median,
                    "x_low": cost.low,
                    "x_high": cost.high,
                    "y": 100 * risk.median,
                    "y_low": 100 * _quarter(facts, policy, outcome, 0.25),
                    "y_high": 100 * _quarter(facts, policy, outcome, 0.75),
                    "told": f"{number} {facts.policy_label(policy)}: {points(risk.median)} points, "
                    f"{money(cost.median)} bn USD a year",
                }
            )
        _sides(rows)
        efficient[outcome] = _front(rows)
        colours = {"present": "#4d4d4d", **facts.policy_colours}
        spec = scatter(
            rows,
            x_title="cost, billion USD a year",
            y_title="change of chance, points",
            x_form="~f",
            y_form="~f",
            colours=colours,
        )
        panels.append(Panel(title, spec, f"Cost against change of the chance: {title}; the table holds the numbers."))
    for number, policy in enumerate((facts.present, *facts.others)):
        row: list[str | Cell] = [f"{number} {facts.policy_label(policy)}"]
        if policy == facts.present:
            row += ["0", "0", "0"]
        else:
            change = facts.headline.differences
            row += [
                Cell(change_span(change[policy, "policy_cost"], MONEY), "policy_cost"),
                Cell(change_span(change[policy, "any_war_chance"], CHANCE), "any_war_chance"),
                Cell(change_span(change[policy, "double_war_chance"], CHANCE), "double_war_chance")
                if (policy, "double_war_chance") in change
                else "–",
            ]
        row.append("yes" if all(str(number) in found for found in efficient.values()) else "no")
        cells.append(row)
    return Figure(
        "pareto",
        "Cost against risk: what each policy costs and what it changes",
        f"Medians of paired differences against the present course. {facts.whole}; across: nine of ten futures of "
        "cost; up and down: the middle half of futures of risk. Lower left is better. Numbers refer to the table.",
        tuple(panels),
        (
            Table.of(
                "Cost and risk: median (nine of ten futures), and whether no other policy has less of both medians "
                "in either panel",
                ("Policy", "Cost, billion USD a year", "Any war, points", "Both theatres, points", "Not dominated"),
                cells,
            ),
        ),
        "Cost is spending and the burden of sanctions, as delivered, at market rates and prices of 2025, without "
        "the losses of any war. A policy shows as free of cost where the case gives its levers no "
        "budget of their own, such as assurances.",
        "Outcomes policy_cost, any_war_chance, double_war_chance.",
    )


def _quarter(facts: Facts, policy: str, outcome: str, level: float) -> float:
    return float(np.nanquantile(facts.sample.difference(policy, outcome), level))


def _sides(rows: list[dict[str, object]]) -> None:
    """Put the numbers of neighbours on alternate sides of their points."""
    ordered = sorted(rows, key=lambda row: (round(float(str(row["x"])) / 40), float(str(row["y"]))))
    for place, row in enumerate(ordered):
        row["side"] = "left" if place % 2 else "right"


def _front(rows: list[dict[str, object]]) -> set[str]:
    """Numbers of points that no other point beats in one and equals in the other."""

    def at(row: dict[str, object]) -> tuple[float, float]:
        return float(str(row["x"])), float(str(row["y"]))

    kept: set[str] = set()
    for row in rows:
        x, y = at(row)
        beaten = any(a <= x and b <= y and (a < x or b < y) for a, b in map(at, rows))
        if not beaten:
            kept.add(str(row["number"]))
    return kept


def _payers(facts: Facts) -> Figure | None:
    names = facts.names("policy_cost.by.")
    means = {(p, n): estimate(facts.sample.of(p, n)).mean for p in facts.others for n in names}
    paid = [n for n in names if any(abs(means[p, n]) >= 0.05 for p in facts.others)]
    costly = [p for p in facts.others if any(abs(means[p, n]) >= 0.05 for n in paid)]
    if not paid or not costly:
        return None
    paid.sort(key=lambda n: -max(abs(means[p, n]) for p in costly))
    shown, rest = paid[:7], paid[7:]
    labels = {n: facts.label(n.split(".")[-1]) for n in shown}
    colours = assigned(list(labels.values()))
    order = list(labels.values())
    if rest:
        colours["all others"] = "#b3b3b3"
        order.append("all others")
    rows: list[dict[str, object]] = []
    cells: list[list[str | Cell]] = []
    for policy in costly:
        label = wrapped(facts.policy_label(policy), 26)
        bar: list[dict[str, object]] = [
            {"label": label, "series": labels[n], "value": round(means[policy, n], 2)} for n in shown
        ]
        rows += bar
        if rest:
            rows.append(
                {"label": label, "series": "all others", "value": round(sum(means[policy, n] for n in rest), 2)}
            )
        rows.append({"label": label, "series": "sum", "value": round(sum(means[policy, n] for n in names), 2)})
        cells.append([facts.policy_label(policy), *(Cell(money(means[policy, n]), n) for n in paid)])
    kinds = [n for n in ("core", "related", "sanctions", "ppp", "discounted") if facts.sample.has(f"policy_cost.{n}")]
    parts: list[list[str | Cell]] = [
        [
            facts.policy_label(policy),
            Cell(change_span(facts.headline.differences[policy, "policy_cost"], MONEY), "policy_cost"),
            *(Cell(money(facts.level(f"policy_cost.{n}", policy).median), f"policy_cost.{n}") for n in kinds),
        ]
        for policy in costly
    ]
    spec = bars(rows, title="billion USD a year", form="~f", colours=colours, order=order)
    return Figure(
        "payers",
        "Who pays",
        f"Mean yearly cost against the present course by payer. {facts.whole}. Black mark: the sum. Policies "
        "without a budget of their own are left out.",
        (Panel("", spec, "Stacked bars of mean cost by payer; the table holds the numbers."),),
        (
            Table.of(
                "Mean yearly cost by payer, billion USD of 2025 at market rates",
                ("Policy", *(facts.label(n.split(".")[-1]) for n in paid)),
                cells,
            ),
            Table.of(
                "Cost by kind, medians, billion USD a year; PPP: at purchasing power; discounted: with the case's "
                "discount rate",
                ("Policy", "All: median (nine of ten)", *({"ppp": "PPP"}.get(k, k.capitalize()) for k in kinds)),
                parts,
            ),
        ),
        "Potential challengers' own spending is not counted as a cost of a policy. A payer may spend less: an ally "
        "lowers its share by a part (`free_riding`) of the rise in the others' mean, so what some add others save.",
        "Outcome policy_cost.by.*.",
        tuple(Key(label, colours[label]) for label in order),
    )
