"""Hazards by year, and windows of vulnerability."""

from __future__ import annotations

import numpy as np

from twofront.present.charts import fan
from twofront.present.facts import Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import days, percent, share, span
from twofront.present.palette import FIRST, NEUTRAL, SECOND

__all__ = ["hazards"]

_QUANTILES = ("q05", "q25", "q50", "q75", "q95")


def hazards(facts: Facts) -> Figure | None:
    """Yearly hazards by date on the present course, with the window's threshold on that of a double war."""
    one, two = facts.first, facts.second
    wanted = {
        f"hazard.{one.actor}.war": (f"War by {facts.label(one.actor)}", FIRST, None),
        f"hazard.{two.actor}.war": (f"War by {facts.label(two.actor)}", SECOND, None),
        "hazard.double": ("War in both theatres at once", "#009e73", facts.case.threshold),
        f"hazard.{one.actor}.blockade": (f"Blockade by {facts.label(one.actor)}", NEUTRAL, None),
    }
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    for name, (title, colour, mark) in wanted.items():
        found = facts.series(name)
        if found is None:
            continue
        rows = [
            {"x": round(year, 3), **{q: float(f"{found.quantiles[q][place]:.4g}") for q in _QUANTILES}}
            for place, year in enumerate(found.years)
        ]
        spec = fan(rows, title="a year", form="~%", colour=colour, mark=mark)
        panels.append(Panel(title, spec, f"{title}: quantiles of the yearly hazard by date."))
        seen = dict.fromkeys(label[:4] for label in found.labels)
        for year in seen:
            place = max(i for i, label in enumerate(found.labels) if label.startswith(year))
            q = {key: found.quantiles[key][place] for key in _QUANTILES}
            cells.append(
                [
                    Cell(f"{title}, {year}", name),
                    percent(q["q50"]),
                    span(q["q25"], q["q75"], "chance"),
                    span(q["q05"], q["q95"], "chance"),
                ]
            )
    if not panels:
        return None
    return Figure(
        "hazards",
        "When: hazards by year, and the window of vulnerability",
        f"Yearly hazard on the present course by date. n = {facts.path_futures:,} futures; line: median; dark band: "
        "half of the futures; light band: nine of ten. Dashed: the case's threshold of a window of vulnerability "
        f"({percent(facts.case.threshold)} a year for a double war).",
        tuple(panels),
        (
            Table.of(
                "Yearly hazards at the end of each year",
                ("Hazard, year", "Median", "Half of the futures", "Nine of ten futures"),
                cells,
            ),
            _windows(facts),
        ),
        "Input: the mean level over all years is set to the declared prior of each challenger; only the course "
        "over time, the double war and the blockade follow from the model. Accidents have a hazard of their own "
        "and are part of the double war's.",
        "Series hazard.*; outcomes window_months, military_window_months; parameters anchor, opportunity_rate, "
        "accident_rate.",
        (Key("first mover", FIRST), Key("second mover", SECOND), Key("both", "#009e73")),
    )


def _windows(facts: Facts) -> Table:
    cells: list[list[str | Cell]] = []
    for policy in facts.sample.policies:
        row: list[str | Cell] = [facts.policy_label(policy)]
        for name in ("window_months", "military_window_months"):
            if not facts.sample.has(name):
                row += ["–", "–"]
                continue
            values = facts.sample.of(policy, name)
            row += [Cell(share(float(np.mean(values > 0))), name), Cell(days(float(values.mean())), name)]
        cells.append(row)
    return Table.of(
        "Windows of vulnerability by policy: share of futures that have any such month, and mean length over all "
        "futures in months",
        ("Policy", "Double war above the threshold", "Mean months", "Both wars could be won", "Mean months "),
        cells,
    )
