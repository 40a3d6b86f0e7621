"""Claim cards: the evidence as the case cites it, and the numbers a claim names."""

from collections.abc import Callable
from dataclasses import replace

from twofront.analyse import Sample, claim_cards
from twofront.analyse.cards import named_outcomes
from twofront.case import Case

Made = Callable[..., Sample]
NAMES = ("any_war_chance", "call_chance", "call_and_attack_chance", "second_front_chance", "second_front_chance.fixed")


def test_outcomes_are_found_by_name_and_by_words(case: Case) -> None:
    claim = replace(case.claims[0], quantity="second_front_chance, call_chance", computed="call and attack together")
    assert named_outcomes(claim, NAMES) == ["call_chance", "call_and_attack_chance", "second_front_chance"]
    assert named_outcomes(replace(claim, quantity="shells", computed="a sum"), NAMES) == []


def test_cards_carry_evidence_on_both_sides_and_no_verdict(made: Made, case: Case) -> None:
    cards = claim_cards(made({"any_war_chance": {"present_course": [0.1, 0.2]}}))
    assert [card.claim.id for card in cards] == [claim.id for claim in case.claims]
    for card in cards:
        assert [row.id for row in card.supporting] == list(card.claim.supporting)
        assert [row.id for row in card.against] == list(card.claim.against)
        assert not hasattr(card, "verdict")


def test_a_policy_that_a_claim_names_is_compared(made: Made, case: Case) -> None:
    policy = case.policies[1].name
    sample = made({"any_war_chance": {"present_course": [0.2, 0.4], policy: [0.1, 0.1]}})
    claim = replace(
        case.claims[0], quantity="any_war_chance", computed=f"Difference between {policy} and present_course"
    )
    object.__setattr__(sample.run, "case", replace(case, claims=(claim,)))
    (card,) = claim_cards(sample)
    (number,) = card.computed
    assert number.policy == policy
    assert number.change is not None
    assert number.change.median == -0.2
    assert number.change.lower == 1.0
