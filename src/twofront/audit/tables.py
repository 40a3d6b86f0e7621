"""The table of verdicts for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from twofront.audit.verdict import CONTRADICTED, MIXED, SUPPORTED, Verdict
from twofront.audit.words import moved, share

if TYPE_CHECKING:
    from twofront.audit.cards import Audit, Card

__all__ = ["verdict_table"]

SHORT: Final = {
    "counterfactual": "what if",
    "conditional_chance": "chance",
    "policy_effect": "effect",
    "not_checkable": "–",
    **{kind: kind for kind in ("ratio", "level", "trend", "fact")},
}
_MOST: Final = 60
_COLOURS: Final = {SUPPORTED: "green", CONTRADICTED: "red", MIXED: "yellow"}


def verdict_table(audit: Audit) -> Table:
    """Return one row for each claim: what was said, the verdict, and how it moved since the day it was said."""
    table = Table(
        title=f"{audit.case.name}: claims and verdicts", title_justify="left", pad_edge=False, box=None, expand=True
    )
    table.add_column("id", no_wrap=True)
    table.add_column("said", min_width=18, ratio=1)
    for name in ("kind", "verdict", "confidence", "share"):
        table.add_column(name, justify="right" if name == "share" else "left", no_wrap=True)
    table.add_column(f"as of {audit.as_of} → now" if audit.as_of else "on its day → now", min_width=14, max_width=28)
    for card in audit.cards:
        found = card.verdict
        colour = _COLOURS.get(found.word, "")
        word = f"[{colour}]{found.word}[/{colour}]" if colour else found.word
        table.add_row(
            card.id,
            _short(card.claim.sentence),
            SHORT[card.claim.kind],
            word,
            found.confidence or "–",
            _share(found),
            _moved(audit, card),
        )
    return table


def _moved(audit: Audit, card: Card) -> str:
    before = card.said.on_the_day
    if audit.as_of and card.earlier is not None:
        before = card.earlier.word
    day = "" if audit.as_of else f"{card.claim.date}: "
    if not before:
        return "–"
    return f"{day}same" if before == card.verdict.word else f"{day}{moved(before, card.verdict.word)}"


def _share(found: Verdict) -> str:
    """The share, supporting / contradicting where it is mixed."""
    if found.word == MIXED:
        return f"{share(found.supported)} / {share(found.contradicted)}"
    return share(found.share)


def _short(text: str) -> str:
    """The sentence, cut between words."""
    if len(text) <= _MOST:
        return text
    return text[: _MOST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
