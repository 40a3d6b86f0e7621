"""The audit as Markdown, for a newsroom: one section a claim, everything in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twofront.audit.words import (
    KINDS,
    amount,
    capital,
    citation,
    dates_line,
    figure_of,
    held_against,
    moved,
    number,
    rule_words,
    rules_line,
    share,
    shares,
    stale_words,
    verdict_words,
)

if TYPE_CHECKING:
    from twofront.audit.cards import Audit, Card
    from twofront.case import Evidence

__all__ = ["as_markdown"]


def as_markdown(audit: Audit) -> str:
    """Return the audit as one Markdown text."""
    lines = [
        f"# Claims audited: {_plain(audit.case.title)}",
        "",
        f"{audit.tally()}. Evidence up to {audit.published}.",
        "",
        f"{rules_line(card.claim for card in audit.cards)} A share of weight or of futures is not a probability.",
    ]
    if audit.case.revision is not None:
        lines += ["", f"Evidence revised: {audit.case.revision.words()}."]
    lines += ["", *_table(audit)]
    for found in audit.lists:
        cards = audit.of_list(found.name)
        if cards:
            lines += ["", f"## {_plain(found.title)}"]
        for card in cards:
            lines += ["", *_card(audit, card)]
    return "\n".join(lines) + "\n"


def _table(audit: Audit) -> list[str]:
    head = f"As of {audit.as_of}" if audit.as_of else "On its day"
    lines = [f"| Id | Said | Verdict | Confidence | Share | {head} → now |", "|---|---|---|---|---|---|"]
    for card in audit.cards:
        found = card.verdict
        before = card.earlier.word if card.earlier is not None else card.said.on_the_day
        cells = [
            card.id,
            _cell(card.claim.sentence),
            found.word,
            found.confidence or "–",
            shares(found),
            moved(before, found.word) if before else "–",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _card(audit: Audit, card: Card) -> list[str]:
    claim = card.claim
    said = f"{_plain(claim.quote.who)}, {_plain(claim.quote.where)}"
    lines = [
        f"### {claim.id}: {_plain(claim.sentence)}",
        "",
        f"{said}, {claim.date} ({KINDS[claim.kind]}). {claim.quote.url}",
        "",
        f"**{capital(_plain(verdict_words(card)))}**",
        "",
    ]
    if claim.reading_of:
        lines.append(f"- **Our reading** of {claim.reading_of}: nobody said it in these words.")
    if claim.quantity:
        lines.append(f"- **Comes down to:** {_plain(capital(claim.quantity))}. {_plain(capital(claim.computed))}")
    if held_against(card):
        lines.append(f"- **Held against:** {held_against(card)}")
    lines += [
        f"  - {amount(claim, dot.value) if claim.kind != 'fact' else number(dot.value)}: {_plain(dot.means)} "
        f"({', '.join(dot.ids)}; grade {dot.grade}, {share(dot.weight)} of the weight)"
        for dot in card.dots
    ]
    if card.comparators:
        lines.append("- **Compared with:**")
        lines += [
            f"  - {amount(claim, dot.value)}: {_plain(dot.means)} ({', '.join(dot.ids)})" for dot in card.comparators
        ]
    if claim.rule is not None:
        lines.append(f"- **Rule:** {rule_words(claim, card.said.claimed)}")
    if len(card.statements) > 1:
        lines.append(f"- **By date:** {dates_line(card)}")
        lines += [
            f"  - {item.date}: {_plain(item.sentence)} ({_plain(item.quote.where)}) {item.verdict.word}"
            + (f". {_plain(item.holds)}" if item.holds else "")
            for item in card.by_date
        ]
    if card.said.on_the_day:
        lines.append(f"- **On the day it was said → now:** {moved(card.said.on_the_day, card.verdict.word)}")
    if card.verdict.reasons and card.verdict.is_given:
        lines.append(f"- **No surer because:** {'; '.join(card.verdict.reasons)}")
    flips = [*card.verdict.flips_if, *([_plain(claim.flips)] if claim.flips else [])]
    if flips:
        lines.append(f"- **Would flip it:** {'; '.join(flips)}")
    for side, rows in (("For", card.supporting), ("Against", card.against)):
        if rows:
            lines.append(f"- **{side}:**")
            lines += [f"  - {_row(row)}" for row in rows]
    if not card.against:
        lines.append(f"- **Against:** none found. {_plain(claim.searched)}")
    if stale_words(card):
        lines.append(f"- **Older than a year:** {stale_words(card)}")
    own, original = citation(audit, card)
    whose = "What it is a reading of" if claim.reading_of else "Cite the original"
    lines += [f"- **Cite:** {own}", f"- **{whose}:** {_plain(original)}"]
    return lines


def _row(row: Evidence) -> str:
    figure = figure_of(row)
    text = f"{row.id} {row.entity}: {row.quantity}{f', {figure}' if figure else ''}"
    text += f" ({row.period})" if row.period else ""
    return f"{_plain(text)}. {_plain(row.source)}, {row.published}, grade {row.grade}. {row.url}"


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", " ".join(text.split()))


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")
