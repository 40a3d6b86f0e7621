"""``twofront evidence``: where a number comes from, what contradicts it, what uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from twofront.case import Evidence
    from twofront.evidence import Provenance

__all__ = ["command"]


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")],
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A parameter, a quantity, or the id of a row of evidence.")
    ] = "",
) -> None:
    """Show what each parameter rests on, what contradicts it, and what reads it.

    \b
    Examples:
      twofront evidence two-straits
      twofront evidence two-straits shell_capacity.corvana
      twofront evidence two-straits S0002
    """
    from twofront.case import load_case
    from twofront.evidence import provenance

    found = load_case(case)
    for item in provenance(found, name or None):
        typer.echo("\n".join(_lines(item, whole=bool(name))))


def _lines(item: Provenance, *, whole: bool) -> list[str]:
    parameter = item.parameter
    lines = [f"{parameter.name} [{parameter.written_unit}], grade {parameter.grade}: {parameter.means}"]
    for source in item.sources:
        rests = "; ".join(_row(row) for row in source.rows)
        if source.conversion:
            rests += f" ({source.conversion})"
        if source.judgement:
            rests = "; ".join(text for text in (rests, f"judgement: {source.judgement}") if text)
        lines.append(f"  {source.bound:<5} {source.value:g}  {rests}")
    lines += [f"  contrary: {_row(row)}" for row in item.contrary]
    if whole:
        if item.entries:
            lines.append(f"  gives {', '.join(item.entries)}")
        if item.levers:
            lines.append(f"  read by the levers {', '.join(item.levers)}")
    return lines


def _row(row: Evidence) -> str:
    values = ", ".join(f"{v:g}" for v in (row.low, row.central, row.high) if v is not None)
    figure = f"{row.entity}, {row.quantity}: {values} {row.unit}".replace(":  ", ": ")
    return f"{row.id} {figure}, {row.period} ({row.source}, {row.published}, grade {row.grade}) {row.url}"
