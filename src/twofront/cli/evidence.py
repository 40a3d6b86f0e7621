"""``twofront evidence``: where a number comes from, what contradicts it, what uses it, what it moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twofront.cli.revising import AsOf, Grade, Without, revision_of

if TYPE_CHECKING:
    from twofront.case import Case, Evidence
    from twofront.evidence import Conflict, Inquiry, NotComparable, Provenance, Source
    from twofront.future.uses import Uses

__all__ = ["answer", "command"]


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")],
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]",
            help="A parameter, a quantity, an actor, a source, a unit, or the id of a row; the whole case if left out.",
        ),
    ] = "",
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="DIR",
            help="The run that says what moves the headline [default: the newest of CASE under runs/]",
            show_default=False,
        ),
    ] = None,
    without: Without = None,
    grade: Grade = None,
    as_of: AsOf = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print it for a program to read.")] = False,
) -> None:
    """Show what a number rests on, what contradicts it, which laws and outcomes use it, and how far it moves them.

    \b
    Examples:
      twofront evidence rutte-2025
      twofront evidence rutte-2025 shell_capacity.russia
      twofront evidence rutte-2025 "artillery fire"
      twofront evidence rutte-2025 B0015 --run runs/rutte-2025-1
    """
    from twofront.case import load_case
    from twofront.evidence import inquire

    found = load_case(case, revision=revision_of(without, grade, as_of))
    told = answer(inquire(found, name), run, as_of)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    from twofront.cli.evidence_view import show

    show(told)


def answer(inquiry: Inquiry, run: Path | None = None, as_of: str = "") -> dict[str, Any]:
    """Return all that is known about a name as plain data.

    ``run``: the folder of a run, or ``None`` for the newest. `UserError` for a folder that holds no run.
    """
    case = inquiry.case
    day = _day(case, as_of)
    told: dict[str, Any] = {
        "case": case.name,
        "name": inquiry.name,
        "kind": inquiry.kind,
        "revision": case.revision.words() if case.revision else "",
        "stale_before": day,
    }
    if inquiry.kind == "case":
        return told | _overview(inquiry, as_of)
    from twofront.future.uses import uses_of

    uses = uses_of(case)
    stale = set(inquiry.whole.stale(as_of).ids)
    names = [found.parameter.name for found in inquiry.parameters]
    moved, about = _moved(case, names, run)
    told |= {
        "rows": [_row(inquiry, row, stale) for row in inquiry.table],
        "contrary": [_row(inquiry, row, stale) for row in inquiry.contrary],
        "conflicts": [_conflict(pair) for pair in inquiry.conflicts()],
        "not_comparable": [_apart(pair) for pair in inquiry.not_comparable()],
        "beside": [_row(inquiry, row, stale) for row in inquiry.beside()],
        "parameters": [_parameter(found, uses, moved) for found in inquiry.parameters],
        "rest_on_these_alone": [p.name for p in inquiry.alone()] if inquiry.kind in ("row", "source") else [],
        "run": about,
    }
    return told


def _day(case: Case, as_of: str) -> str:
    """The day before which what is published is more than a year old."""
    from twofront.evidence.table import cutoff_of, year_before
    from twofront.figures.period import day_of

    return str(year_before(day_of(as_of) if as_of else cutoff_of(case)))


def _overview(inquiry: Inquiry, as_of: str) -> dict[str, Any]:
    table, case = inquiry.table, inquiry.case
    weak, ages = table.weak_carriers(), table.ages(as_of)
    bare = [p.parameter.name for p in inquiry.parameters if not p.rows]
    return {
        "rows": len(table),
        "struck": sorted(case.struck),
        "grades": {grade: len(table.grade(grade)) for grade in "ABCD"},
        "sources": table.sources().height,
        "parameters": len(case.parameters),
        "on_judgement_alone": bare,
        "unsupported": [p.name for p in case.parameters if p.support == "unsupported"],
        "conflicts": [_conflict(pair) for pair in table.conflicts()],
        "not_comparable": [_apart(pair) for pair in table.not_comparable()],
        "unused": list(table.unused().ids),
        "stale": list(table.stale(as_of).ids),
        "claims": [
            {"claim": age.name, "stale": list(age.stale), "fresh": list(age.fresh)}
            for age in ages
            if age.kind == "claim" and age.stale
        ],
        "parameters_wholly_stale": [age.name for age in ages if age.kind == "parameter" and age.wholly],
        "weak_carriers": [{"id": each.row.id, "better": [row.id for row in each.better]} for each in weak],
    }


def _row(inquiry: Inquiry, row: Evidence, stale: set[str]) -> dict[str, Any]:
    columns = ("id", "entity", "quantity", "low", "central", "high", "unit", "period", "source", "url")
    cited = inquiry.whole.citations.get(row.id, ())
    return {
        **{name: getattr(row, name) for name in (*columns, "published", "grade", "note")},
        "figure": _figure(row),
        "stale": row.id in stale,
        "used_by": [{"kind": use.kind, "name": use.name, "role": use.role} for use in cited],
    }


def _conflict(pair: Conflict) -> dict[str, Any]:
    return {
        "ids": list(pair.ids),
        "entity": pair.first.entity,
        "quantity": pair.first.quantity,
        "figures": [_figure(pair.first), _figure(pair.second)],
        "ratio": pair.ratio,
        "gap": pair.gap,
        "unit": pair.first.unit,
        "shared": None if pair.shared is None else [str(pair.shared.start), str(pair.shared.end)],
    }


def _apart(pair: NotComparable) -> dict[str, Any]:
    return {
        "ids": list(pair.ids),
        "entity": pair.first.entity,
        "quantity": pair.first.quantity,
        "figures": [_figure(pair.first), _figure(pair.second)],
        "why": pair.why,
    }


def _figure(row: Evidence) -> str:
    """A row's numbers as text: ``7,000–10,000–16,000``."""
    given = [value for value in (row.low, row.central, row.high) if value is not None]
    return "–".join(dict.fromkeys(f"{v:,.0f}" if v == int(v) else f"{v:,.6g}" for v in given))


def _parameter(found: Provenance, uses: Uses, moved: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    from twofront.engine.law import laws

    parameter = found.parameter
    known = laws()
    return {
        "name": parameter.name,
        "means": parameter.means,
        "unit": parameter.unit,
        "low": parameter.low,
        "mode": parameter.mode,
        "high": parameter.high,
        "shape": parameter.shape,
        "grade": parameter.grade,
        "support": parameter.support,
        "written_unit": parameter.written_unit,
        "bounds": [_source(source) for source in found.sources],
        "sources": [_source(source) for source in found.pooled],
        "contrary": [row.id for row in found.contrary],
        "moves_with": [{"parameter": m.parameter, "rank_correlation": m.value} for m in parameter.moves_with],
        "gives": list(found.entries),
        "levers": list(found.levers),
        "read_by": [{"law": id_, "summary": known[id_].summary} for id_ in uses.readers_of(parameter.name)],
        "reaches": list(uses.laws_of(parameter.name)),
        "outcomes": list(uses.outcomes_of(parameter.name)),
        "headline": moved.get(parameter.name, []),
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "bound": source.bound,
        "value": source.value,
        "evidence": [row.id for row in source.rows],
        "struck": list(source.struck),
        "judgement": source.judgement,
        "conversion": source.conversion,
    }


def _moved(
    case: Case, names: list[str], run: Path | None
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any] | None]:
    """How far the headline moves across each parameter's range in a run, and which run that is, if there is one."""
    import warnings
    from dataclasses import asdict

    from twofront.ensemble import open_run
    from twofront.ensemble.folder import newest
    from twofront.faults import UserError

    folder = run or newest(case.name)
    if folder is None:
        return {}, None
    opened = open_run(folder)
    if opened.manifest["case"] != case.name:
        raise UserError(f"{folder}: a run of `{opened.manifest['case']}`, not of `{case.name}`")
    about: dict[str, Any] = {
        "folder": str(folder),
        "futures": opened.futures,
        "same_case": opened.manifest["case_hash"] == case.hash,
        "trouble": "",
    }
    from twofront.analyse import Sample, tenths

    moved: dict[str, list[dict[str, Any]]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the case has changed is said with the answer
            for found in tenths(Sample(opened), names):
                told = asdict(found)
                moved.setdefault(told.pop("parameter"), []).append(told)
    except UserError as error:
        about["trouble"] = str(error)
    return moved, about
