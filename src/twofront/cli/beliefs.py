"""The option that weighs a run by other beliefs, the same for every command that takes it."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Prior"]

Prior = Annotated[
    list[str] | None,
    typer.Option(
        "--prior",
        metavar="BELIEF",
        help="Weigh the futures by another belief: NAME=LOW..HIGH, NAME=LOW..MODE..HIGH, NAME=mean:VALUE, or "
        "structure.NAME=LAW:WEIGHT,LAW:WEIGHT; repeatable.",
    ),
]
