"""Claim cards, in the report and as a page of their own."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twofront.analyse.outcomes import describe
from twofront.audit.data import reviews
from twofront.audit.verdict import CONTRADICTED, MIXED, NOT_CHECKABLE, SUPPORTED
from twofront.audit.words import (
    CALENDAR,
    KINDS,
    amount,
    capital,
    citation,
    dates_line,
    figure_of,
    grounds,
    held_against,
    moved,
    rule_words,
    rules_line,
    share,
    shares,
    stale_words,
)
from twofront.case.claim import EVIDENCE_KINDS, Claim
from twofront.case.claim_rules import band_of
from twofront.present.charts import histogram, one_axis, wrapped
from twofront.present.figures import Spec
from twofront.present.palette import CLAIMED, GRADES, NEUTRAL

if TYPE_CHECKING:
    from twofront.audit.cards import Audit, Card
    from twofront.audit.weighing import Dot
    from twofront.case import Case

__all__ = ["CardView", "card_specs", "card_views", "claims_page", "embedded", "review_data"]

BINS: Final = 30
_DECADE: Final = 10.0
_STYLE: Final = {SUPPORTED: "supported", CONTRADICTED: "contradicted", MIXED: "mixed"}
_HOLDS: Final = {1.0: "holds", 0.5: "holds in part", 0.0: "does not hold"}


@dataclass(frozen=True)
class CardView:
    """A card as the page shows it: the card, its texts, and its picture."""

    card: Card
    style: str
    words: str
    kind: str
    held: str
    dates: str
    moved: str
    rule: str
    old: str
    cite: str
    original: str
    flips: tuple[str, ...]
    picture: Spec | None
    describes: str
    caption: str

    @property
    def claim(self) -> Claim:
        """The claim."""
        return self.card.claim

    def dot(self, dot: Dot) -> str:
        """A figure's value in words."""
        if self.claim.kind == "fact":
            return _HOLDS[dot.value]
        text = amount(self.claim, dot.value)
        if dot.low != dot.high:
            text += f" ({amount(self.claim, dot.low)} to {amount(self.claim, dot.high)})"
        return text


def card_views(audit: Audit) -> list[CardView]:
    """Return every card of an audit, ready for a page."""
    return [_view(audit, card) for card in audit.cards]


def card_specs(views: Sequence[CardView]) -> dict[str, Spec]:
    """Return the pictures by the name that their place on the page has."""
    return {f"claim-{v.claim.id}": {**v.picture, "description": v.describes} for v in views if v.picture is not None}


def review_data(audit: Audit) -> str:
    """Return the audit's ClaimReviews as JSON that is safe inside a page."""
    return embedded(reviews(audit))


def claims_page(audit: Audit) -> str:
    """Return the page `claims.html`: one file that needs nothing else."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from twofront.present.vega import bundle

    environment = Environment(
        loader=PackageLoader("twofront.present"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"share": share, "shares": shares, "row_figure": figure_of, "capital": capital}
    views = card_views(audit)
    return environment.get_template("claims.html.j2").render(
        audit=audit,
        case=audit.case,
        lists=[(item, [view for view in views if view.claim.list == item.name]) for item in audit.lists],
        views=views,
        tally=audit.tally(),
        rules=rules_line(card.claim for card in audit.cards),
        reviews=review_data(audit),
        specs=embedded(card_specs(views)),
        vega=bundle(),
        anchors=frozenset[str](),
        verdict_style=verdict_style,
    )


def verdict_style(word: str) -> str:
    """The class of a verdict on the page."""
    return _STYLE.get(word, "none")


def embedded(data: Any) -> str:
    """JSON that no HTML parser takes for anything else."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=lambda value: value.item())
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _view(audit: Audit, card: Card) -> CardView:
    claim = card.claim
    picture, describes, caption = _picture(audit.case, card)
    own, original = citation(audit, card)
    before = card.said.on_the_day
    text = moved(before, card.verdict.word) if before else ""
    if card.earlier is not None:
        then = f"as of {audit.as_of}: {moved(card.earlier.word, card.verdict.word)}"
        text = f"{text}; {then}" if text else then
    return CardView(
        card=card,
        style=verdict_style(card.verdict.word),
        words=grounds(card),
        kind=KINDS[claim.kind],
        held=held_against(card),
        dates=dates_line(card) if len(card.statements) > 1 else "",
        moved=text,
        rule=rule_words(claim, card.said.claimed),
        old=stale_words(card),
        cite=own,
        original=original,
        flips=(*card.verdict.flips_if, *((claim.flips,) if claim.flips else ())),
        picture=picture,
        describes=describes,
        caption=caption,
    )


# ---- pictures ---------------------------------------------------------------------------------------------------


def _picture(case: Case, card: Card) -> tuple[Spec | None, str, str]:
    """The picture of a card, what a screen reader says of it, and the caption; none where there is nothing to show."""
    if card.claim.kind in EVIDENCE_KINDS and card.dots:
        return _figures(card)
    if card.values is not None and card.verdict.word != NOT_CHECKABLE:
        return _futures(case, card)
    return None, "", ""


def _figures(card: Card) -> tuple[Spec, str, str]:
    claim = card.claim
    factor = 100.0 if claim.kind == "trend" else 1.0
    rows: list[Mapping[str, Any]] = []
    seen: set[float] = set()
    for item in card.by_date:
        if item.claimed is not None and claim.kind != "fact" and item.claimed not in seen:
            seen.add(item.claimed)
            dates = [s.date for s in card.by_date if s.claimed == item.claimed]
            label = wrapped(f"claimed {', '.join(dates)}", 22)
            told = f"{amount(claim, item.claimed)}, {item.verdict.word}"
            rows.append(_row(label, "claimed", item.claimed, item.claimed, item.claimed, told, factor))
    for kind, dots in (("", card.dots), ("compared", card.comparators)):
        for dot in sorted(dots, key=lambda found: found.value):
            told = f"{amount(claim, dot.value)}: {dot.means} ({', '.join(dot.ids)}; grade {dot.grade})"
            label = wrapped(dot.name.replace("_", " ") if claim.kind != "fact" else dot.ids[0], 22)
            rows.append(_row(label, kind or dot.grade, dot.value, dot.low, dot.high, told, factor))
    ends = [row[key] for row in rows for key in ("low", "high", "value")]
    log = min(ends) > 0 and max(ends) / min(ends) > _DECADE
    claimed = card.said.claimed
    spec = one_axis(
        rows,
        title=_axis(claim),
        colours={**GRADES, "claimed": CLAIMED, "compared": NEUTRAL},
        mark=None if claimed is None or claim.kind == "fact" else claimed * factor,
        log=log,
        form="d" if claim.unit == CALENDAR else ",.4~g",
        words=_HOLDS if claim.kind == "fact" else None,
    )
    scale = " The axis is logarithmic." if log else ""
    caption = (
        "Diamonds: what the speaker said. Dots: what public figures say, coloured by the worst grade they rest on; "
        f"whiskers: their ranges.{scale}"
    )
    if card.comparators:
        caption = caption.replace("Dots:", "Squares: what it is compared with. Dots:")
    if claim.kind == "fact":
        caption = "What each source says of it, coloured by its grade."
    return spec, f"{claim.id}: {held_against(card)}", caption


def _row(label: str, series: str, value: float, low: float, high: float, told: str, factor: float) -> dict[str, Any]:
    return {
        "label": label,
        "series": series,
        "value": value * factor,
        "low": low * factor,
        "high": high * factor,
        "told": told,
    }


def _axis(claim: Claim) -> str:
    if claim.kind == "fact":
        return ""
    if claim.kind == "trend":
        return "growth, per cent a year"
    return claim.unit.replace("_", " ")


def _futures(case: Case, card: Card) -> tuple[Spec, str, str]:
    assert card.values is not None
    claim = card.claim
    values = card.values[np.isfinite(card.values)]
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 0.5 * abs(low or 1.0), high + 0.5 * abs(high or 1.0)
    counts, edges = np.histogram(values, bins=BINS, range=(low, high))
    rows = [
        {"from": float(a), "to": float(b), "share": float(n) / len(values)}
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    spec = histogram(rows, title=_unit_of(claim), marks=_ends(card))
    median = float(np.median(values))
    describes = f"{claim.id}: {len(values):,} futures, from {low:.3g} to {high:.3g}, median {median:.3g}"
    caption = (
        f"{_quantity(case, claim)}: how the futures spread (n = {len(values):,}); dashed: the ends of the rule's "
        "bands. A share of futures is no probability."
    )
    return spec, describes, caption


def _ends(card: Card) -> list[float]:
    """Every end of the rule's bands."""
    rule = card.claim.rule
    assert rule is not None
    claimed = card.said.claimed
    bands = [band_of(test, claimed) for test in (rule.supported, rule.contradicted)]
    return sorted({end for band in bands for end in (band.low, band.high) if math.isfinite(end)})


def _unit_of(claim: Claim) -> str:
    if claim.kind == "conditional_chance":
        return "in each future"
    return "change in each future" + (", in parts of what it is" if claim.measure == "relative" else "")


def _quantity(case: Case, claim: Claim) -> str:
    name = claim.path or (claim.outcome.text.strip() if claim.outcome is not None else "")
    if claim.outcome is not None and name in claim.outcome.ids:
        name = describe(case, name).words
    return name
