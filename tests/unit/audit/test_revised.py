"""What the audit admits: rules that were revised, and levels that rest on the declared prior."""

from __future__ import annotations

from twofront.audit.cards import audit_of, claims
from twofront.audit.data import reviews
from twofront.audit.words import rule_words, rules_line
from twofront.case import load_case

REVISED = ("C4e", "C5i", "C6a", "C6c", "C6e", "C10b", "O7")


def test_revised_rules_are_named_and_say_why() -> None:
    case = load_case("rutte-2025")
    line = rules_line(case.claims)
    assert all(id_ in line for id_ in REVISED)
    for claim in case.claims:
        assert ("Revised after a first computation" in rule_words(claim, None)) == (claim.id in REVISED), claim.id
    assert line in audit_of(case).to_markdown()


def test_a_list_without_revised_rules_says_so() -> None:
    assert rules_line(load_case("two-straits").claims) == "Every rule was fixed before anything was computed."


def test_a_level_that_rests_on_the_prior_is_never_held_with_high_confidence() -> None:
    audit = claims("two-straits", futures=120)
    card = next(card for card in audit.cards if card.claim.kind == "conditional_chance")
    assert card.verdict.confidence != "high"
    assert any("rests on the declared prior" in reason for reason in card.verdict.reasons)


def test_our_readings_are_counted_apart_and_nobody_is_reviewed_for_them() -> None:
    audit = claims("rutte-2025")
    readings = {card.id for card in audit.cards if card.claim.reading_of}
    assert {"C5g", "C9b"} <= readings
    assert sum(audit.counts().values()) + sum(audit.counts(readings=True).values()) == len(audit.cards)
    assert sum(audit.counts(readings=True).values()) == len(readings)
    reviewed = {review["claimReviewed"] for review in reviews(audit)}
    assert reviewed
    assert not reviewed & {card.claim.sentence for card in audit.cards if card.id in readings}
    assert "readings of ours" in audit.tally()
    assert "nobody said it in these words" in audit.to_markdown()
