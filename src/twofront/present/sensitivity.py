"""What matters: parameters, and the decisiveness of campaigns."""

from __future__ import annotations

from collections.abc import Sequence

from twofront.analyse.decisiveness import CampaignEffect, campaign_effects
from twofront.analyse.drivers import Driver
from twofront.analyse.drivers import tornado as rank
from twofront.analyse.outcomes import CHANCE, describe
from twofront.present.charts import lines, tornado, wrapped
from twofront.present.facts import COMPARED, Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import amount, change_span, percent, plain, points
from twofront.present.palette import FIRST, SECOND

__all__ = ["campaign", "drivers"]

SHOWN = 10
"""Bars of a tornado; the table holds fifteen."""
_ENDS = {"lowest fifth of draws": "#56b4e9", "highest fifth of draws": "#e69f00"}


def _targets(facts: Facts) -> list[str]:
    wanted = (
        "second_front_chance",
        "double_war_chance",
        f"deterrence_margin.{facts.second.actor}.after_first",
        f"deterrence_margin.{facts.first.actor}.alone",
    )
    return [name for name in wanted if facts.sample.has(name)]


def drivers(facts: Facts) -> Figure:
    """Tornado charts on the present course."""
    found = rank(facts.ranking, [*_targets(facts), "opportunism_effect"])
    panels: list[Panel] = []
    tables: list[Table] = []
    for name, ranked in found.items():
        if not ranked:
            continue
        kind = describe(facts.case, name).kind
        rows = [
            {
                "label": wrapped(item.parameter.replace("_", " ").replace(".", ", "), 26),
                "low": item.low,
                "high": item.high,
                "told": f"{amount(item.low, kind)} → {amount(item.high, kind)}",
            }
            for item in ranked[:SHOWN]
        ]
        if rows and name != "opportunism_effect":
            axis = "chance" if kind == CHANCE else "stakes"
            spec = tornado(
                rows,
                title=f"mean, {axis}",
                form="~%" if kind == CHANCE else ".2~f",
                overall=ranked[0].overall,
                colours=_ENDS,
            )
            panels.append(Panel(facts.in_words(name), spec, f"Parameters that move {facts.in_words(name)} most."))
        tables.append(_table(facts, name, kind, ranked))
    if facts.effect_drivers:
        tables.append(_effects(facts))
    return Figure(
        "drivers",
        _finding(facts, found),
        "Mean outcome on the present course in the fifth of futures with the lowest and with the highest values of "
        f"each parameter. {facts.whole}; the {SHOWN} largest of {sum(p.uncertain for p in facts.case.parameters):,} "
        "uncertain parameters; the rule is the mean over all futures.",
        tuple(panels),
        tuple(tables),
        "One parameter at a time, others as drawn: correlated parameters share their effects, and interactions do "
        "not show. Shares of variance are first order, from twenty bins; what is missing to 100% is interaction, "
        "the rest of the parameters, and chance.",
        "The draws of this run; rank correlation after Spearman.",
        tuple(Key(label, colour) for label, colour in _ENDS.items()),
    )


def _table(facts: Facts, name: str, kind: str, ranked: list[Driver]) -> Table:
    rows: list[list[str | Cell]] = []
    for item in ranked:
        parameter = facts.case.parameter(item.parameter)
        rows.append(
            [
                Cell(item.parameter, parameter.means),
                Cell(amount(item.low, kind), name),
                Cell(amount(item.high, kind), name),
                f"{item.rank:+.2f}".replace("-", "−"),
                percent(item.share) if item.share >= 0.005 else "under 0.5%",
                f"{plain(parameter.low)}–{plain(parameter.high)} {parameter.unit}",
            ]
        )
    n = ranked[0].n if ranked else 0
    return Table.of(
        f"{facts.in_words(name)}: the {len(ranked)} parameters with the largest swing, n = {n:,}",
        ("Parameter", "Lowest fifth", "Highest fifth", "Rank correlation", "Share of variance", "Range"),
        rows,
    )


def _effects(facts: Facts) -> Table:
    """The three parameters that move each policy's effect most."""
    rows: list[list[str | Cell]] = []
    for policy, ranked in facts.effect_drivers.items():
        cells = [
            Cell(
                f"{item.parameter}: {points(item.low)} → {points(item.high)}",
                facts.case.parameter(item.parameter).means,
            )
            for item in ranked
        ]
        rows.append([facts.policy_label(policy), *cells, *["–"] * (3 - len(cells))])
    return Table.of(
        "Which parameters move each policy's effect on the chance of any war: mean effect in the lowest → highest "
        "fifth of draws, points",
        ("Policy", "Most", "Second", "Third"),
        rows,
    )


def _finding(facts: Facts, found: dict[str, list[Driver]]) -> str:
    ranked = found.get("second_front_chance")
    if not ranked:
        return "What moves the answer most"
    top = ranked[0]
    means = facts.case.parameter(top.parameter).means
    said = f"{means[0].lower()}{means[1:].rstrip('.')}"
    return f"The level of the second-front chance follows one input above all: {top.parameter} ({said})"


def campaign(facts: Facts) -> Figure | None:
    """Every policy's effect against the decisiveness of campaigns."""
    names = [name for name in COMPARED if facts.sample.has(name)]
    found = campaign_effects(facts.sample, names)
    if not found:
        return None
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    colours = {"any_war_chance": FIRST, "double_war_chance": "#009e73", "second_front_chance.fixed": SECOND}
    said = {name: facts.in_words(name.removesuffix(".fixed")) for name in names}
    for policy in facts.others:
        rows: list[dict[str, object]] = []
        for item in found:
            if item.policy != policy:
                continue
            effect = item.effect
            rows.append(
                {
                    "x": round(item.centre, 3),
                    "y": 100 * effect.mean,
                    "low": 100 * effect.mean_low,
                    "high": 100 * effect.mean_high,
                    "series": said[item.outcome],
                }
            )
            cells.append(
                [
                    Cell(f"{facts.policy_label(policy)}; {said[item.outcome]}", item.outcome),
                    f"{item.low:.2f}–{item.high:.2f}",
                    points(effect.mean),
                    f"{points(effect.mean_low)} to {points(effect.mean_high)}",
                    change_span(effect, CHANCE),
                    f"{100 * effect.lower:.0f}%",
                ]
            )
        spec = lines(
            rows,
            x_title="campaign_m",
            y_title="points",
            x_form=".1~f",
            y_form="~f",
            colours={said[n]: colours[n] for n in names},
            band=True,
            height=150,
        )
        panels.append(
            Panel(facts.policy_label(policy), spec, f"Mean effect of {facts.policy_label(policy)} against campaign_m.")
        )
    return Figure(
        "campaign",
        _campaign_finding(facts, found),
        "Mean paired effect on three chances, in percentage points, in eight bins of equal count of campaign_m "
        f"(how decisive the ratio of forces is in a campaign; 0: not at all). {facts.whole}; band: 95% interval of "
        "the mean.",
        tuple(panels),
        (
            Table.of(
                "Effects by bins of campaign_m, percentage points",
                (
                    "Policy and outcome",
                    "campaign_m",
                    "Mean effect",
                    "95% interval of the mean",
                    "Median (nine of ten futures)",
                    "Futures lower",
                ),
                cells,
            ),
        ),
        "Battles say little about campaigns: the exponent measured on battles is about 0.5 to 1 and explains "
        "little of their variance. An effect that turns with campaign_m rests on a number that nobody knows.",
        "Parameter campaign_m; paired differences.",
        tuple(Key(said[n], colours[n]) for n in names),
        columns=3,
    )


def _campaign_finding(facts: Facts, found: Sequence[CampaignEffect]) -> str:
    turning: list[str] = []
    for policy in facts.others:
        means = [i.effect for i in found if i.policy == policy and i.outcome == "any_war_chance"]
        if any(e.mean_low > 0 for e in means) and any(e.mean_high < 0 for e in means):
            turning.append(facts.policy_label(policy))
    if not turning:
        return "No policy's mean effect on the chance of any war turns round with the decisiveness of campaigns"
    who = ", ".join(turning)
    return f"With the decisiveness of campaigns the mean effect on the chance of any war turns round for: {who}"
