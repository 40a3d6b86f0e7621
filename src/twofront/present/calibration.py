"""Implied chances beside surveys, forecasts, markets and the record: where the model lies, in words and dots."""

from __future__ import annotations

from typing import Any

from twofront.analyse.calibration import ABOVE, BELOW, WITHIN, Calibrated, Row, calibrations
from twofront.analyse.estimates import Estimate
from twofront.analyse.outcomes import CHANCE, NUMBER, RATE
from twofront.present.charts import one_axis
from twofront.present.facts import Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import amount, form, level_span, plain, span
from twofront.present.palette import BESIDE, FIRST, SECOND

__all__ = ["LEAD", "TITLE", "calibration", "notice"]

TITLE = "Calibration check: implied chances beside surveys, markets and the record"
LEAD = (
    "What the model implies and what others say, in one measure. Beyond the declared prior, which rests on some of "
    "these rows and says so, nothing is tuned to them."
)

ANCHORED, UNANCHORED = "model", "model without the declared prior"
_COLOURS = {ANCHORED: FIRST, UNANCHORED: SECOND, **BESIDE}
_KINDS = {"1/year": RATE, "share": CHANCE, "ratio": NUMBER}
_AXES = {"1/year": "a year", "share": "chance", "ratio": "ratio"}
_SEVERAL = {"survey": "surveys", "forecast": "forecasts", "market": "markets", "record": "the record"}
ENDS = ("low", "value", "high")
DECADES = 4
"""The axis reaches at most so many decades below the lowest figure of others: a model may imply next to nothing."""


def calibration(facts: Facts) -> Figure | None:
    """Every comparison that the case declares; nothing where it declares none."""
    found = calibrations(facts.sample)
    if not found:
        return None
    return Figure(
        "calibration",
        _title(found),
        f"Present course. {facts.whole}; point: median, line: nine of ten futures, with the declared prior and without "
        "it; then one point for each row of evidence, with its own range. Logarithmic axis. A chance p by a horizon of "
        "T years stands as the yearly hazard −ln(1 − p)/T, and so do the model's chances by the end of the case.",
        tuple(_panel(facts, item) for item in found),
        tuple(_table(facts, item) for item in found),
        "Nothing but the declared prior rests on these rows. Where a row is an input already, agreement is no test; "
        "where the level "
        "follows from the declared prior, its place among the rows says where that was put. A share of people who "
        "expect a war is no chance, a market on a few months overprices what is unlikely, and the record holds few "
        "wars. The yearly hazard of a challenger leaves out accidents, which have a rate of their own.",
        "The case's calibration; rows by their ids under Evidence. Outcomes by their names in the tables, unanchored.* "
        "for those without the declared prior. Whether distraction predicts, on a frozen split of the record: "
        "docs/calibration.md.",
        (
            Key(ANCHORED, FIRST),
            Key(UNANCHORED, SECOND),
            *(Key(_SEVERAL[kind], colour) for kind, colour in BESIDE.items() if any(kind in c.kinds for c in found)),
        ),
        text=(*_first(found), *(_words(facts, item) for item in found)),
        columns=1,
    )


def notice(facts: Facts) -> str:
    """Where the model lies outside what others say, in one sentence for the front page; empty where it does not."""
    found = [item for item in calibrations(facts.sample) if item.place(item.anchored) != WITHIN]
    if not found:
        return ""
    return f"outside the spread of surveys, markets and the record: {'; '.join(_name(facts, item) for item in found)}"


def _first(found: list[Calibrated]) -> list[str]:
    """What agreement can show, said once."""
    if not any(item.restates for item in found):
        return []
    said = (
        "A level with the declared prior restates or follows it, so that only the level without it is a test; a ratio "
        "of two levels is one either way. Rows that are inputs of the model test nothing."
    )
    return [said]


def _title(found: list[Calibrated]) -> str:
    outside = [item for item in found if item.place(item.anchored) != WITHIN]
    plain_ = [item for item in found if item.unanchored is not None]
    out_plain = [item for item in plain_ if item.unanchored is not None and item.place(item.unanchored) != WITHIN]
    without = f"; without the declared prior in {len(out_plain)} of {len(plain_)}" if plain_ else ""
    if not outside and not out_plain:
        return f"The model lies within the spread of what others say in all {len(found)} quantities, wide as it is"
    return f"The model lies outside the spread of what others say in {len(outside)} of {len(found)} quantities{without}"


def _name(facts: Facts, item: Calibrated) -> str:
    return item.comparison.means or facts.in_words(item.comparison.outcome)


def _kind(item: Calibrated) -> str:
    return _KINDS[item.comparison.measure]


def _words(facts: Facts, item: Calibrated) -> str:
    """One paragraph: the level, where it lies for each kind of row, and how far that is a test."""
    kind = _kind(item)
    said = f"{_name(facts, item)}: {level_span(item.anchored, kind)}{_unit(item)} in the median of futures, "
    said += _where(item, item.anchored)
    if item.unanchored is not None:
        said += f". Without the declared prior {level_span(item.unanchored, kind)}, {_where(item, item.unanchored)}"
    return f"{said}. {_test(item)}"


def _unit(item: Calibrated) -> str:
    return " a year" if item.comparison.measure == "1/year" else ""


def _where(item: Calibrated, found: Estimate) -> str:
    """Below, within and above what, with the spread of each kind."""
    groups: dict[str, list[str]] = {}
    for kind in item.kinds:
        low, high = item.spread(kind)
        ends = amount(low, _kind(item)) if low == high else span(low, high, _kind(item))
        place = item.place(found, kind)
        if place == WITHIN:
            central = [row.says.central for row in item.rows if row.says.kind == kind]
            ends += f", {sum(value > found.median for value in central)} of {len(central)} higher"
        groups.setdefault(place, []).append(f"{_SEVERAL[kind]} ({ends})")
    parts = [f"{place} {_listed(groups[place])}" for place in (BELOW, WITHIN, ABOVE) if place in groups]
    apart = ": nine of ten futures lie outside all of them" if item.apart(found) else ""
    return ", ".join(parts) + apart


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _test(item: Calibrated) -> str:
    """What the comparison can show, given what the rows already do in the model."""
    rows, free = len(item.rows), sum(row.tests for row in item.rows)
    anchors = sum(bool(row.anchors) for row in item.rows)
    said = f"{free} of {rows} rows are no input of the model" if free < rows else f"None of the {rows} rows is an input"
    if anchors:
        said += f"; {anchors} {'is' if anchors == 1 else 'are'} in the declared prior itself"
    return said + "."


def _label(row: Row, facts: Facts) -> str:
    """Short enough for one line of an axis: a row of its own has its year, arithmetic over rows only their ids."""
    ids = row.says.ids
    year = f", {facts.case.evidence[ids[0]].published[:4]}" if len(ids) == 1 else ""
    return f"{' × '.join(ids)} {row.says.kind}{year}{'' if row.tests else ' (input)'}"


def _panel(facts: Facts, item: Calibrated) -> Panel:
    kind = _kind(item)
    rows: list[dict[str, Any]] = []
    for name, level in ((ANCHORED, item.anchored), (UNANCHORED, item.unanchored)):
        if level is not None:
            told = f"{name}: {level_span(level, kind)}{_unit(item)}"
            rows.append(_dot(name, name, level.low, level.median, level.high, told))
    for row in item.rows:
        says = row.says
        told = f"{_figure(row, kind)}{_unit(item)}: {_source(facts, row)}"
        rows.append(_dot(_label(row, facts), says.kind, says.low, says.central, says.high, told))
    floor = _floor(item, rows)
    drawn = [{**row, **{end: float(f"{max(row[end], floor):.4g}") for end in ENDS}} for row in rows]
    spec = one_axis(drawn, title=_AXES[item.comparison.measure], colours=_COLOURS, log=True, form=form(kind))
    name = _name(facts, item)
    return Panel(name, spec, f"{name}: the model's median and interval beside {len(item.rows)} rows of evidence.")


def _dot(label: str, series: str, low: float, value: float, high: float, told: str) -> dict[str, Any]:
    return {"label": label, "series": series, "low": low, "value": value, "high": high, "told": told}


def _floor(item: Calibrated, rows: list[dict[str, Any]]) -> float:
    """The left end of the axis: a logarithmic one has no zero, and what is at or below its end stands there."""
    others = [end for row in item.rows for end in (row.says.low, row.says.central, row.says.high) if end > 0]
    everything = [row[end] for row in rows for end in ENDS if row[end] > 0]
    least = min(others, default=1.0) * 10.0**-DECADES
    return max(least, min(everything, default=least))


def _figure(row: Row, kind: str) -> str:
    """What a row says in the measure of the comparison, with its own range."""
    says = row.says
    text = amount(says.central, kind)
    return text if says.low == says.high else f"{text} ({span(says.low, says.high, kind)})"


def _source(facts: Facts, row: Row) -> str:
    said = "; ".join(facts.case.evidence[id_].source for id_ in row.says.ids)
    return f"{said}. {row.says.conversion}" if row.says.conversion else said


def _table(facts: Facts, item: Calibrated) -> Table:
    kind, case = _kind(item), facts.case
    cells: list[list[str | Cell]] = []
    for name, level, outcome in (
        (ANCHORED, item.anchored, item.comparison.outcome),
        (UNANCHORED, item.unanchored, f"unanchored.{item.comparison.outcome}"),
    ):
        if level is not None:
            over = f" / {item.comparison.against}" if item.comparison.against else ""
            cells.append([Cell(name, outcome + over), level_span(level, kind), *("–",) * 6])
    for row in item.rows:
        says = row.says
        known = [case.evidence[id_] for id_ in says.ids]
        cells.append(
            [
                Cell("; ".join(dict.fromkeys(r.entity for r in known)), _source(facts, row)),
                _figure(row, kind),
                _as_said(facts, row),
                _horizon(says.years),
                f"{says.kind}, {says.grade}",
                "; ".join(dict.fromkeys(r.period for r in known)) or "–",
                "; ".join(dict.fromkeys(r.published for r in known)),
                ", ".join((*row.anchors, *row.inputs)) or "–",
            ]
        )
    unit = {"1/year": "yearly hazard", "share": "chance", "ratio": "ratio"}[item.comparison.measure]
    return Table.of(
        _name(facts, item),
        (
            "Who",
            f"As a {unit}",
            "Row, as it says",
            "Horizon",
            "Kind, grade",
            "Asked or counted",
            "Published",
            "Input of",
        ),
        cells,
    )


def _as_said(facts: Facts, row: Row) -> str:
    if row.says.derive:
        return row.says.derive
    found = facts.case.evidence[row.says.ids[0]]
    ends = [plain(end) for end in (found.low, found.high) if end is not None]
    middle = plain(found.central) if found.central is not None else ""
    around = "–".join(dict.fromkeys(ends))
    numbers = f"{middle} ({around})" if middle and around else middle or around
    return f"{found.id}: {numbers} {found.unit}"


def _horizon(years: float | None) -> str:
    if years is None:
        return "–"
    return "1 year" if years == 1 else f"{plain(years)} years"
