"""What sources say beside the ranges that are drawn from: every source a dot."""

from __future__ import annotations

import math
from typing import Any

from twofront.case import Case, Parameter
from twofront.case import Figure as SourceFigure
from twofront.present.charts import sources
from twofront.present.figures import Figure, Key, Panel, Spec, Table
from twofront.present.numbers import plain
from twofront.present.palette import GRADES
from twofront.units import UNITS, factor

__all__ = ["disagreements", "dots", "dots_template"]

MOST = 20


def dots(case: Case) -> dict[str, dict[str, Any]]:
    """By parameter: its range and what every source says, in the unit that the case writes; for `dots_template`."""
    return {
        parameter.name: {"rows": _rows(case, parameter, ""), "ranges": [_range(parameter, "")]}
        for parameter in case.parameters
        if _sourced(parameter)
    }


def dots_template() -> Spec:
    """The chart of one parameter's sources, to be filled with its data and its unit."""
    empty = {"label": "", "low": 0.0, "mode": 0.0, "high": 0.0, "told": ""}
    return sources([], [empty], title="", form=",~r", colours=GRADES)


def disagreements(case: Case) -> Figure | None:
    """Parameters whose sources are furthest apart, each source relative to the mode that is drawn from."""
    found = sorted(
        ((spread, parameter) for parameter in case.parameters if (spread := _spread(parameter)) > 1),
        key=lambda pair: (-pair[0], pair[1].name),
    )[:MOST]
    if not found:
        return None
    rows: list[dict[str, Any]] = []
    ranges: list[dict[str, Any]] = []
    lines: list[list[str]] = []
    for spread, parameter in found:
        mode = _written(parameter)[1]
        above = [row for row in _rows(case, parameter, parameter.name) if row["value"] > 0]
        rows += [row | {key: max(row[key], mode / 1000) / mode for key in ("low", "value", "high")} for row in above]
        one = _range(parameter, parameter.name)
        ranges.append(one | {key: max(one[key], mode / 1000) / mode for key in ("low", "mode", "high")})
        low, middle, high = (plain(value) for value in _written(parameter))
        says = "; ".join(f"{plain(f.central)} ({', '.join(f.ids)})" for f in _sourced(parameter))
        lines.append([parameter.name, f"{low} – {middle} – {high} {parameter.written_unit}", says, f"{spread:.1f}×"])
    spec = sources(rows, ranges, title="against the mode that is drawn from (1)", form=",~r", colours=GRADES, log=True)
    widest = found[0][1]
    return Figure(
        id="disagreements",
        title=f"Sources are up to {plain(found[0][0])} times apart: {widest.means[0].lower()}{widest.means[1:]}",
        measures=(
            f"The {len(found)} parameters whose sources are furthest apart. A dot is what one source says, a line its "
            "own range, the bar the range that futures are drawn from, the tick its mode."
        ),
        panels=(
            Panel(
                "",
                spec,
                "What each source says of the parameters on which sources disagree most, beside the range of the case.",
            ),
        ),
        tables=(Table.of("What the sources say", ("parameter", "range", "sources", "apart"), lines),),
        limits=(
            "Figures at or below zero are not compared here, nor are contrary figures that measure something else. "
            "Two sources may repeat one another. How ranges follow from sources is a rule with judged weights."
        ),
        sources="the case's evidence; every source stands with its address under Evidence.",
        legend=tuple(Key(f"grade {name}", colour) for name, colour in GRADES.items()),
    )


def _sourced(parameter: Parameter) -> list[SourceFigure]:
    """Figures that rows say; a bound that a judgement moved away from its rows is not what they say."""
    return [figure for figure in parameter.figures if figure.ids and not figure.judgement]


def _spread(parameter: Parameter) -> float:
    """How many times the highest of at least two sources is above the lowest; 0 where that means nothing."""
    figures = _sourced(parameter)
    values = [figure.central for figure in figures]
    if len({figure.ids for figure in figures}) < 2 or min(values) <= 0 or _written(parameter)[1] <= 0:
        return 0.0
    return max(values) / min(values)


def _written(parameter: Parameter) -> tuple[float, float, float]:
    """The range in the unit that the case writes."""
    by = factor(parameter.unit, parameter.written_unit) if parameter.unit in UNITS else 1.0
    return parameter.low * by, parameter.mode * by, parameter.high * by


def _range(parameter: Parameter, label: str) -> dict[str, Any]:
    low, mode, high = _written(parameter)
    told = f"drawn from: {plain(low)} – {plain(mode)} – {plain(high)} {parameter.written_unit}"
    return {"label": label, "low": low, "mode": mode, "high": high, "told": told}


def _rows(case: Case, parameter: Parameter, label: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for figure in _sourced(parameter):
        named = "; ".join(f"{id_} {case.evidence[id_].source}" for id_ in figure.ids[:2] if id_ in case.evidence)
        more = f" and {len(figure.ids) - 2} more" if len(figure.ids) > 2 else ""
        ends = f" ({plain(figure.low)}–{plain(figure.high)})" if figure.low < figure.high else ""
        told = f"{plain(figure.central)}{ends} {parameter.written_unit}: {named}{more}, grade {figure.grade}"
        rows.append(
            {
                "label": label,
                "low": figure.low,
                "value": figure.central,
                "high": figure.high,
                "series": figure.grade,
                "told": told,
            }
        )
    return [row for row in rows if math.isfinite(row["value"])]
