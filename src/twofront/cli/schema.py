"""``twofront schema``: JSON Schema of the files of a case, for editors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["command"]


class File(StrEnum):
    """The files that have a schema."""

    case = "case"
    claims = "claims"


def command(file: Annotated[File, typer.Argument(help="Which file.")] = File.case) -> None:
    """Print the JSON Schema of case.yaml or claims.yaml, with which editors complete and check.

    \b
    Examples:
      twofront schema > case.schema.json
      twofront schema claims > claims.schema.json
    """
    import json

    from twofront.case.schema import json_schema

    typer.echo(json.dumps(json_schema("claims" if file is File.claims else "case"), indent=2, ensure_ascii=False))
