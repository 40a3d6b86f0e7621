"""How sure a verdict on figures is, and what would flip it."""

from collections.abc import Callable

import pytest

from twofront.audit.confidence import verdict_on_figures
from twofront.audit.weighing import Weighed
from twofront.case import Claim, Evidence

Row = Callable[..., Evidence]
Written = Callable[..., Claim]
Held = Callable[..., Weighed]


def test_three_that_share_nothing_and_agree_are_sure(claim: Written, row: Row, weighed: Held) -> None:
    found = verdict_on_figures(weighed(claim("N1", "N2", "N3"), row("N1", 1), row("N2", 2), row("N3", 3)))
    assert (found.word, found.confidence, found.share, found.n) == ("contradicted", "high", 1.0, 3)
    assert found.reasons == ()
    assert found.rests_on == ("N1", "N2", "N3")
    assert found.flips_if[0] == "no two sources, struck together, flip it"


def test_two_are_moderate(claim: Written, row: Row, weighed: Held) -> None:
    found = verdict_on_figures(weighed(claim("N1", "N2"), row("N1", 1), row("N2", 2)))
    assert found.confidence == "moderate"
    assert found.reasons == ("only 2 of its figures share no source with one another",)
    assert "without both source of N1 (N1) and source of N2 (N2) nothing would be left to judge by" in found.flips_if[0]


def test_one_is_low(claim: Written, row: Row, weighed: Held) -> None:
    found = verdict_on_figures(weighed(claim("N1"), row("N1", 1)))
    assert found.confidence == "low"
    assert found.flips_if[0] == "without source of N1 (N1) nothing would be left to judge by"
    assert found.reasons == ("it rests on one source",)


def test_a_source_that_decides_makes_it_low(claim: Written, row: Row, weighed: Held) -> None:
    """The all must lie below; one source lies above, and without it the rest contradict."""
    found = verdict_on_figures(
        weighed(claim("N1", "N2", "N3", "N4"), row("N1", 1), row("N2", 2), row("N3", 3), row("N4", 8))
    )
    assert (found.word, found.confidence) == ("mixed", "low")
    assert found.flips_if[0] == "without source of N4 (N4) it would be contradicted"


def test_rows_of_one_source_are_struck_together(claim: Written, row: Row, weighed: Held) -> None:
    rows = [row("N1", 1), row("N2", 2), row("N3", 8, source="one"), row("N4", 9, source="one")]
    found = verdict_on_figures(weighed(claim("N1", "N2", "N3", "N4"), *rows))
    assert found.flips_if[0] == "without one (N3, N4) it would be contradicted"


def test_a_row_that_weighs_much_decides_though_its_grade_alone_does_not(
    claim: Written, row: Row, weighed: Held, band: Callable[..., object]
) -> None:
    """Weights 4 and 2, 2, 2 for it, 2, 2, 2 against: 10 of 16; 8 of 14 with a B in place of the A; 6 of 12 without."""
    written = claim(
        *("N1", "N2", "N3", "N4", "N5", "N6", "N7"),
        supported=band(0.55, at_least="10"),
        contradicted=band(0.6, below="5"),
    )
    rows = [row("N1", 11, "A"), row("N2", 11), row("N3", 11), row("N4", 11), row("N5", 1), row("N6", 1), row("N7", 1)]
    found = verdict_on_figures(weighed(written, *rows))
    assert found.word == "supported"
    assert found.share == pytest.approx(10 / 16)
    lowered = weighed(written, *rows).judged(lowered="N1")
    assert lowered.supported == pytest.approx(8 / 14)  # still more than 0.55
    struck = weighed(written, *rows).judged(struck=frozenset({"N1"}))
    assert (struck.supported, struck.word) == (0.5, "mixed")
    assert found.confidence == "low"


def test_lowering_a_grade_halves_and_halves_again_below_d(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(claim("N1", "N2"), row("N1", 12, "D"), row("N2", 1, "D"))
    assert found.judged().supported == 0.5
    assert found.judged(lowered="N1").supported == pytest.approx(1 / 3)


def test_the_nearest_claim_that_would_have_stood(claim: Written, row: Row, weighed: Held) -> None:
    """Figures of 1.0 to 4.1, mostly 4.1: a claim of 12 fails, one of 4.1 / 0.8 = 5.125 or less stands."""
    found = verdict_on_figures(weighed(claim("N1", "N2", "N3"), row("N1", 4.1), row("N2", 4.1), row("N3", 4.1)))
    assert found.word == "contradicted"
    assert "a claim of 8.2 or less, in place of 12, would be mixed" in found.flips_if
    supported = verdict_on_figures(weighed(claim("N1", claimed="4"), row("N1", 4.1)))
    assert supported.word == "supported"
    assert "a claim of 5.13 or more, in place of 4, would be mixed" in supported.flips_if


def test_a_rule_in_plain_numbers_has_no_such_claim(
    claim: Written, row: Row, weighed: Held, band: Callable[..., object]
) -> None:
    written = claim("N1", supported=band(0.5, above="2"), contradicted=band(0.6, at_most="2"))
    found = verdict_on_figures(weighed(written, row("N1", 1)))
    assert not any("a claim of" in text for text in found.flips_if)


def test_nothing_left_is_not_checkable(claim: Written, weighed: Held) -> None:
    found = verdict_on_figures(weighed(claim("N1")))
    assert (found.word, found.confidence, found.is_given) == ("not checkable", "", False)
    assert found.reasons == ("no figure is left",)
