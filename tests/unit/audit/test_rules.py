"""A rule must leave each verdict possible and never both; and at its edges it says what it says."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofront.audit.verdict import CONTRADICTED, MIXED, NOT_CHECKABLE, SUPPORTED, inside, judge
from twofront.case import Claim
from twofront.case.claim import Rule, Test
from twofront.case.claim_rules import Band, Domain, band_of, rule_faults
from twofront.figures import parse

ANY = Domain(-math.inf, math.inf)
Made = Callable[..., Test]


def word(rule: Rule, values: list[float], weights: list[float] | None = None, claimed: float | None = 12.0) -> str:
    return judge(rule, claimed, np.array(values), np.array(weights or [1.0] * len(values))).word


# ---- the ends of a band -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "value", "belongs"),
    [
        ({"at_least": "9.6"}, 9.6, True),
        ({"at_least": "9.6"}, 9.599, False),
        ({"at_least": "claimed * 0.8"}, 9.6, True),  # 12 * 0.8 is a hair above 9.6 in binary
        ({"above": "9.6"}, 9.6, False),
        ({"above": "claimed * 0.8"}, 9.6, False),
        ({"above": "9.6"}, 9.601, True),
        ({"at_most": "6"}, 6.0, True),
        ({"at_most": "6"}, 6.001, False),
        ({"below": "claimed / 2"}, 6.0, False),
        ({"below": "6"}, 5.999, True),
        ({"at_least": "1", "below": "2"}, 1.0, True),
        ({"at_least": "1", "below": "2"}, 2.0, False),
        ({"above": "-0.1"}, -0.1, False),
        ({"at_most": "-1 / 3"}, -1 / 3, True),
        ({"at_most": "0"}, 0.0, True),
        ({"below": "0"}, 0.0, False),
    ],
)
def test_what_lies_in_a_band(ends: dict[str, str], value: float, belongs: bool, band: Made) -> None:
    assert bool(inside(np.array([value]), band_of(band(0.5, **ends), 12.0))[0]) is belongs


# ---- the shares ---------------------------------------------------------------------------------------------------


def test_a_share_that_is_met_exactly_is_met(band: Made) -> None:
    rule = Rule(band(0.5, at_least="10"), band(0.75, below="10"))
    assert word(rule, [10, 9]) == SUPPORTED
    assert word(rule, [10, 9, 9, 9]) == CONTRADICTED
    assert word(rule, [10, 9, 9]) == MIXED


def test_thirds_and_tenths_add_up(band: Made) -> None:
    """Three weights of 0.1 against 0.3: a share that no binary number hits exactly."""
    rule = Rule(band(0.9, at_least="10"), band(0.3, below="10"))
    assert word(rule, [9, 9, 9, 10], [0.1, 0.1, 0.1, 0.7]) == CONTRADICTED
    assert word(rule, [9, 9, 10], [0.1, 0.199, 0.701]) == MIXED


def test_share_of_one_means_all(band: Made) -> None:
    rule = Rule(band(0.01, at_least="6"), band(1, below="6"))
    assert word(rule, [5.999, 1, 2]) == CONTRADICTED
    assert word(rule, [6, 1, 2]) == SUPPORTED


def test_undefined_futures_are_left_out(band: Made) -> None:
    rule = Rule(band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    found = judge(rule, None, np.array([0.6, math.nan, 0.4, math.nan]), np.ones(4))
    assert (found.word, found.n, found.supported, found.contradicted) == (SUPPORTED, 2, 0.5, 0.5)
    assert judge(rule, None, np.full(3, math.nan), np.ones(3)).word == NOT_CHECKABLE
    assert judge(rule, None, np.array([]), np.array([])).word == NOT_CHECKABLE


def test_only_the_groups_that_a_test_names_count(band: Made) -> None:
    rule = Rule(band(0.9, at_least="10", over=("output",)), band(0.9, below="10", over=("output",)))
    values, weights = np.array([11.0, 1.0]), np.ones(2)
    assert judge(rule, None, values, weights, ["output", "capacity"]).word == SUPPORTED
    assert judge(rule, None, values, weights, ["capacity", "output"]).word == CONTRADICTED
    assert judge(rule, None, values, weights, ["capacity", "capacity"]).word == NOT_CHECKABLE


# ---- rules that cannot be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supported", "contradicted", "domain", "said"),
    [
        ({"at_least": "5", "below": "3"}, {"below": "1"}, ANY, "can never be supported: nothing is at least 5"),
        ({"at_least": "5"}, {"above": "3", "below": "3"}, ANY, "can never be contradicted"),
        ({"above": "3", "at_most": "3"}, {"below": "1"}, ANY, "can never be supported"),
        ({"above": "1"}, {"below": "0.5"}, Domain(0, 1), "no value is above 1"),
        ({"at_least": "1"}, {"below": "0"}, Domain(0, 1), "can never be contradicted: no value is below 0"),
        ({"at_least": "0.6", "at_most": "0.9"}, {"at_most": "0"}, Domain(0, 1, (0, 0.5, 1)), "can never be supported"),
        ({"at_least": "2"}, {"below": "3"}, ANY, "both verdicts could hold at once: at least 2 and below 3"),
        ({"at_least": "2"}, {"at_most": "2"}, ANY, "both verdicts could hold at once"),
        ({}, {"below": "3"}, ANY, "`supported` has no end"),
        ({"above": "1", "at_least": "1"}, {"below": "0"}, ANY, "two lower ends"),
        ({"above": "1"}, {"below": "0", "at_most": "0"}, ANY, "two upper ends"),
        ({"above": "nobody"}, {"below": "0"}, ANY, "`nobody` cannot stand in a rule"),
        ({"above": "1 / 0"}, {"below": "0"}, ANY, "zero"),
        ({"above": "10 ** 400"}, {"below": "0"}, ANY, "cannot be computed"),
        ({"above": "1e308 * 10"}, {"below": "0"}, ANY, "not a finite number"),
    ],
)
def test_a_rule_that_cannot_be(
    supported: dict[str, str], contradicted: dict[str, str], domain: Domain, said: str, band: Made
) -> None:
    rule = Rule(band(0.6, **supported), band(0.6, **contradicted))
    told = [fault.message for fault in rule_faults(rule, 12.0, domain, ())]
    assert any(said in message for message in told), told


def test_ends_that_touch_do_not_overlap(band: Made) -> None:
    assert rule_faults(Rule(band(0.6, at_least="2"), band(0.6, below="2")), None, ANY, ()) == []
    assert rule_faults(Rule(band(0.6, above="2"), band(0.6, at_most="2")), None, ANY, ()) == []


@pytest.mark.parametrize(("first", "second", "sound"), [(0.5, 0.5, False), (0.5, 0.501, True), (1, 0.01, True)])
def test_shares_must_add_up_to_more_than_one(first: float, second: float, sound: bool, band: Made) -> None:
    rule = Rule(band(first, at_least="2"), band(second, below="1"))
    assert (rule_faults(rule, None, ANY, ()) == []) is sound


def test_both_tests_look_at_the_same_figures(band: Made) -> None:
    rule = Rule(band(0.9, at_least="2", over=("output",)), band(0.9, below="2"))
    (fault,) = rule_faults(rule, None, ANY, ("output",))
    assert "look at different figures" in fault.message
    (fault,) = rule_faults(Rule(rule.supported, rule.supported), None, ANY, ("capacity",))[:1]
    assert "no figure is of the group `output`" in fault.message
    assert fault.allowed == "capacity"


ENDS = st.sampled_from(["-1", "0", "0.5", "1", "2", "claimed", "claimed / 2"])
SHARES = st.sampled_from([0.1, 0.25, 0.5, 0.6, 0.75, 0.9, 1.0])


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    def one() -> Test:
        low = draw(st.sampled_from(["at_least", "above", ""]))
        high = draw(st.sampled_from(["at_most", "below", ""]))
        ends: dict[str, Any] = {name: parse(draw(ENDS)) for name in (low, high) if name}
        return Test(share=draw(SHARES), **ends)

    return Rule(one(), one())


@given(rules(), st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 0.3, 0.5, 0.7, 1.0, 2.0, 3.0]), SHARES), min_size=1))
def test_a_sound_rule_never_gives_both(rule: Rule, weighted: list[tuple[float, float]]) -> None:
    """What passes the check at reading time cannot hold for both tests on any weighted values."""
    if rule_faults(rule, 1.0, ANY, ()):
        return
    values, weights = np.array([v for v, _ in weighted]), np.array([w for _, w in weighted])
    held = []
    for test in (rule.supported, rule.contradicted):
        share = float(weights[inside(values, band_of(test, 1.0))].sum() / weights.sum())
        held.append(share >= test.share - 1e-12)
    assert held != [True, True]


@given(rules())
def test_a_sound_rule_can_give_each(rule: Rule) -> None:
    if rule_faults(rule, 1.0, ANY, ()):
        return
    found = set()
    for test in (rule.supported, rule.contradicted):
        found.add(judge(rule, 1.0, np.array([_within(band_of(test, 1.0))]), np.ones(1)).word)
    assert found == {SUPPORTED, CONTRADICTED}


def _within(band: Band) -> float:
    """Some value that lies in a band."""
    if math.isinf(band.low):
        return band.high - 1
    if math.isinf(band.high):
        return band.low + 1
    return (band.low + band.high) / 2


# ---- each kind at its edges, through the claim --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "unit", "value", "expected"),
    [
        ("ratio", "ratio", 9.6, SUPPORTED),
        ("ratio", "ratio", 9.59, MIXED),
        ("ratio", "ratio", 6.0, MIXED),
        ("ratio", "ratio", 5.99, CONTRADICTED),
        ("level", "round/month", 9.6, SUPPORTED),
        ("level", "round/month", 9.59, MIXED),
        ("level", "round/month", 5.99, CONTRADICTED),
    ],
)
def test_one_figure_at_the_edges(
    kind: str, unit: str, value: float, expected: str, claim: Callable[..., Claim], weighed: Callable[..., object],
    row: Callable[..., object],
) -> None:  # fmt: skip
    written = claim("N1", kind=kind, unit=unit)
    found: object = weighed(written, row("N1", value, unit=unit))
    assert found.judged().word == expected  # pyright: ignore[reportAttributeAccessIssue]


def test_the_band_of_a_variant_follows_its_own_number(band: Made) -> None:
    rule = Rule(band(0.5, at_least="claimed * 0.8"), band(1, below="claimed / 2"))
    assert [word(rule, [4.0], claimed=c) for c in (4.0, 5.0, 5.01, 8.0, 8.01)] == [
        SUPPORTED, SUPPORTED, MIXED, MIXED, CONTRADICTED,
    ]  # fmt: skip
    assert replace(rule).supported == rule.supported
