"""The audit as plain data, for `claims.json`, and as ClaimReview (schema.org), for fact-checkers' tools."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from twofront.audit.verdict import CONTRADICTED, MIXED, SUPPORTED, Verdict
from twofront.audit.words import citation, dates_line, rule_words, verdict_words

if TYPE_CHECKING:
    from twofront.audit.cards import Audit, Card, Statement
    from twofront.audit.weighing import Dot
    from twofront.case import Evidence
    from twofront.case.claim import Quote

__all__ = ["RATINGS", "as_data", "review_of", "reviews"]

RATINGS: Final = {CONTRADICTED: 1, MIXED: 2, SUPPORTED: 3}
"""Rating of a ClaimReview, worst to best."""


def as_data(audit: Audit) -> dict[str, Any]:
    """Return everything that the cards show, as plain data."""
    from twofront import __version__

    return {
        "schema": 1,
        "twofront": __version__,
        "case": audit.case.name,
        "case_hash": audit.case.hash,
        "evidence_up_to": audit.published,
        "revision": audit.case.revision.to_json() if audit.case.revision is not None else None,
        "as_of": audit.as_of or None,
        "futures": audit.futures or None,
        "lists": [{"name": item.name, "title": item.title, "file": item.file} for item in audit.lists],
        "counts": audit.counts(),
        "counts_of_readings": audit.counts(readings=True),
        "claims": [_card(audit, card) for card in audit.cards],
        "claim_reviews": reviews(audit),
    }


def reviews(audit: Audit) -> list[dict[str, Any]]:
    """Return a ClaimReview for every claim that was made and has a verdict; none for a reading of ours."""
    return [review_of(audit, card) for card in audit.cards if card.verdict.is_given and not card.claim.reading_of]


def review_of(audit: Audit, card: Card) -> dict[str, Any]:
    """Return the ClaimReview of a card that has a verdict.

    It carries no ``url`` of its own, since nobody knows where the page will be published; who publishes it adds it.
    """
    claim = card.claim
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": claim.sentence,
        "datePublished": audit.published,
        "author": {"@type": "Organization", "name": "twofront"},
        "itemReviewed": {
            "@type": "Claim",
            "author": {
                "@type": "Person" if claim.quote.speaker == "person" else "Organization",
                "name": claim.quote.who,
            },
            "datePublished": claim.date,
            "appearance": {"@type": "CreativeWork", "url": claim.quote.url, "name": claim.quote.where},
        },
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": RATINGS[card.verdict.word],
            "worstRating": min(RATINGS.values()),
            "bestRating": max(RATINGS.values()),
            "alternateName": card.verdict.word.capitalize(),
            "ratingExplanation": verdict_words(card),
        },
    }


def _card(audit: Audit, card: Card) -> dict[str, Any]:
    claim = card.claim
    own, original = citation(audit, card)
    return {
        "id": claim.id,
        "list": claim.list,
        "kind": claim.kind,
        "sentence": claim.sentence,
        "quote": _quote(claim.quote),
        "date": claim.date,
        "quantity": claim.quantity,
        "computed": claim.computed,
        "unit": claim.unit,
        "period": claim.period or None,
        "claimed": _number(card.said.claimed),
        "rule": rule_words(claim, card.said.claimed) or None,
        "verdict": _verdict(card.verdict),
        "on_its_day": card.said.on_the_day or None,
        "as_of": _verdict(card.earlier) if card.earlier is not None else None,
        "by_date": [_statement(item) for item in card.by_date],
        "dates": dates_line(card),
        "figures": [_dot(dot) for dot in card.dots],
        "comparators": [_dot(dot) for dot in card.comparators],
        "flips": claim.flips or None,
        "for": [_row(row) for row in card.supporting],
        "against": [_row(row) for row in card.against],
        "searched": claim.searched or None,
        "struck": list(card.struck),
        "old": None
        if card.stale is None
        else {
            "rows": list(card.stale.rows),
            "of": card.stale.of,
            "published_before": card.stale.before,
            "without_them": card.stale.without or None,
        },
        "futures": card.modelled.futures or None if card.modelled is not None else None,
        "why": claim.why or None,
        "reading_of": claim.reading_of or None,
        "cite": own,
        "cite_original": original,
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {"who": quote.who, "where": quote.where, "url": quote.url, "evidence": quote.evidence or None}


def _statement(item: Statement) -> dict[str, Any]:
    return {
        "date": item.date,
        "sentence": item.sentence,
        "quote": _quote(item.quote),
        "claimed": _number(item.claimed),
        "computed": item.computed or None,
        "verdict": _verdict(item.verdict),
        "on_its_day": item.on_the_day or None,
        "holds": item.holds or None,
    }


def _verdict(found: Verdict) -> dict[str, Any]:
    return {
        "word": found.word,
        "confidence": found.confidence or None,
        "share": _number(found.share),
        "share_supporting": _number(found.supported),
        "share_contradicting": _number(found.contradicted),
        "n": found.n,
        "flips_if": list(found.flips_if),
        "rests_on": list(found.rests_on),
        "reasons": list(found.reasons),
    }


def _dot(dot: Dot) -> dict[str, Any]:
    return {
        "name": dot.name,
        "means": dot.means,
        "group": dot.group or None,
        "value": dot.value,
        "low": dot.low,
        "high": dot.high,
        "evidence": list(dot.ids),
        "sources": list(dot.sources),
        "grade": dot.grade,
        "weight": dot.weight,
    }


def _row(row: Evidence) -> dict[str, Any]:
    return {
        "id": row.id,
        "entity": row.entity,
        "quantity": row.quantity,
        "low": row.low,
        "central": row.central,
        "high": row.high,
        "unit": row.unit,
        "period": row.period,
        "source": row.source,
        "url": row.url,
        "published": row.published,
        "grade": row.grade,
        "note": row.note,
    }


def _number(value: float | None) -> float | None:
    """JSON has no number for what is undefined."""
    return None if value is None or not math.isfinite(value) else value
