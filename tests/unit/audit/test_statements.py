"""The claims of the bundled case: what they must hold whatever the verdicts are.

Verdicts are not asserted here: they follow from evidence and rules and may change with either. What is asserted is that
the public ratios are recovered from rows, and that no claim lacks its other side.
"""

from __future__ import annotations

import itertools

import pytest

from twofront.case import Case, load_case
from twofront.case.claim import EVIDENCE_KINDS
from twofront.figures.expression import resolver


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("rutte-2025")


def _values(case: Case, id_: str) -> dict[str, float]:
    claim = next(claim for claim in case.claims if claim.id == id_)
    resolve = resolver(case.evidence)
    return {f.name: f.value.value(resolve).in_unit(claim.unit) for f in claim.figures if f.value is not None}


def test_public_ratios_of_ammunition_are_recovered(case: Case) -> None:
    """The eight ratios that the collectors of the evidence computed, here from the rows they rest on."""
    found = _values(case, "C5")
    assert {name: found[name] for name in PUBLISHED} == pytest.approx(PUBLISHED, abs=0.006)


PUBLISHED = {
    "cnn": 2.5,
    "bain": 3.46,
    "rusi_output": 1.42,
    "rusi_capacity": 0.96,
    "cavoli_output": 2.03,
    "cavoli_capacity": 1.21,
    "breuer": 2.70,
    "with_north_korea": 4.05,
}


def test_economies_at_both_bases(case: Case) -> None:
    """25.4 at market rates and 9.6 at purchasing power, as computed beside the evidence; no base is mixed."""
    assert _values(case, "C5b.market")["factbook"] == pytest.approx(25.4, abs=0.05)
    assert _values(case, "C5b.ppp")["factbook"] == pytest.approx(9.6, abs=0.05)


def test_every_claim_has_its_other_side(case: Case) -> None:
    """Evidence against, or where it was looked for; a condition that would flip the verdict; a place to read it."""
    lacking = [
        claim.id
        for claim in case.claims
        if not (claim.against or claim.searched) or not claim.flips or not claim.quote.url.startswith("http")
    ]
    assert not lacking


def test_all_sides_are_audited(case: Case) -> None:
    """At least eight statements of others, by officials of several sides and by institutes."""
    others = [claim for claim in case.claims if claim.list == "others"]
    who = {claim.quote.who for claim in others}
    assert len(others) >= 8
    for side in ("Russia", "China", "United States", "Germany", "Ukraine", "Institute", "European"):
        assert any(side in name for name in who), side
    assert any(claim.quote.speaker == "organisation" for claim in others)


def test_what_a_party_says_of_itself_is_not_weighed(case: Case) -> None:
    """Denials and announcements are cited for or against; no verdict rests on them, save on whether they were made."""
    for claim in case.claims:
        if claim.kind not in EVIDENCE_KINDS or claim.id == "C8a":
            continue
        for row in (case.evidence[id_] for id_ in claim.rows):
            denies = any(word in row.quantity for word in ("denies", "denial", "answers the", "on weapons for the war"))
            quotes_the_other = row.id == "L0018"  # the answer repeats what the Secretary General had said
            assert not denies or quotes_the_other, f"{claim.id} rests on {row.id}"


def test_ends_of_deliveries_leave_the_policies_alone(case: Case) -> None:
    """The levers of the counterfactuals stand at today's value in every policy."""
    cuts = {name for claim in case.claims for name in claim.settings}
    assert cuts == {"north_korean_deliveries_cut", "iranian_deliveries_cut", "chinese_inputs_cut"}
    today = {lever.name: lever.today for lever in case.levers}
    for policy, cut in itertools.product(case.policies, cuts):
        assert policy.levers.get(cut, today[cut]) == today[cut]
