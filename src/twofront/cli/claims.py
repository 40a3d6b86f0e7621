"""``twofront claims``: the claim audit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twofront.cli.revising import AsOf, Grade, Without, revision_of

if TYPE_CHECKING:
    from twofront.audit import Audit

__all__ = ["command"]

_PLAIN_WIDTH = 120
"""Of the table where nobody looks at a terminal."""
FILES = ("claims.html", "claims.json", "claims.md")


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")],
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="A run of the case, for claims about the model.", show_default=False),
    ] = None,
    futures: Annotated[
        int,
        typer.Option("--futures", "-n", metavar="N", help="Or make so many futures here, and keep none.", min=0),
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of those futures.")] = 1,
    only: Annotated[
        str | None,
        typer.Option(
            "--list", metavar="NAME", help="Only claims-NAME.yaml (`claims`: claims.yaml).", show_default=False
        ),
    ] = None,
    without: Without = None,
    grade: Grade = None,
    as_of: AsOf = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=f"Write {', '.join(FILES)} there.", show_default=False),
    ] = None,
) -> None:
    """Judge what was said: each claim by a rule that stands in the case, apart from the computation.

    Claims held against evidence need no run; those about the model (a conditional chance, the effect of a policy, a
    counterfactual) do. The last column tells how the verdict stood by what was public on the day of the claim.

    \b
    Examples:
      twofront claims rutte-2025
      twofront claims rutte-2025 --futures 1000 --out audit
      twofront claims rutte-2025 --run runs/rutte-2025-1
      twofront claims rutte-2025 --as-of 2025-07-05
      twofront claims rutte-2025 --without B0001 --without SIPRI
      twofront claims rutte-2025 --list others
    """
    from twofront.audit.cards import claims

    audit = claims(case, run, revision_of(without, grade, as_of), futures=futures, seed=seed, only=only)
    _tell(audit)
    if out is not None:
        typer.echo(f"wrote {', '.join(str(path) for path in _write(audit, out))}")


def _tell(audit: Audit) -> None:
    from rich.console import Console

    if not audit.cards:
        typer.echo(f"{audit.case.name} has no claims; docs/claims.md shows how to write one")
        return
    if audit.case.revision is not None:
        typer.echo(f"evidence {audit.case.revision.words()}: {len(audit.case.struck):,} rows struck")
    console = Console() if sys.stdout.isatty() else Console(width=_PLAIN_WIDTH)
    console.print(audit.table())
    typer.echo(f"{audit.tally()}; evidence up to {audit.published}")
    typer.echo("share: of the weight, or of futures, that speaks for the verdict; for / against where it is mixed")
    if audit.futures:
        typer.echo(f"claims about the model: {audit.futures}")
    elif "needs a run" in {**audit.counts(), **audit.counts(readings=True)}:
        typer.echo("claims about the model need `--run DIR` or `--futures N`")


def _write(audit: Audit, folder: Path) -> list[Path]:
    from twofront.faults import UserError
    from twofront.present.claims import claims_page

    texts = (claims_page(audit), audit.to_json(), audit.to_markdown())
    paths = [folder / name for name in FILES]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths
