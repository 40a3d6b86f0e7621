"""Weights: the worst grade, one vote a row, a source once a figure; what independence means."""

from collections.abc import Callable

import pytest

from twofront.audit.weighing import Weighed
from twofront.case import Claim, Evidence
from twofront.case.claim import ClaimedFigure, Finding, Point
from twofront.figures import parse

Row = Callable[..., Evidence]
Written = Callable[..., Claim]
Held = Callable[..., Weighed]


def shares(found: Weighed) -> dict[str, float]:
    return {dot.name: round(dot.weight, 6) for dot in found.weighted()}


def test_a_figure_weighs_as_its_worst_grade(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(claim("N1", "N2 / N3"), row("N1", 1, "A"), row("N2", 1, "A"), row("N3", 1, "C"))
    assert [dot.grade for dot in found.dots] == ["A", "C"]
    assert shares(found) == {"a": 0.8, "b": 0.2}  # 4 against 1


@pytest.mark.parametrize(("grade", "share"), [("A", 4 / 5), ("B", 2 / 3), ("C", 1 / 2), ("D", 1 / 3)])
def test_each_step_down_halves_the_weight(grade: str, share: float, claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(claim("N1", "N2"), row("N1", 1, grade), row("N2", 1, "C"))
    assert found.weighted()[0].weight == pytest.approx(share)


def test_a_row_has_one_vote_split_over_its_figures(claim: Written, row: Row, weighed: Held) -> None:
    """Three figures over one and the same denominator weigh as much together as one that stands alone."""
    found = weighed(
        claim("N1 / D1", "N2 / D1", "N3 / D1", "N4 / D2"),
        *(row(id_, 1.0) for id_ in ("N1", "N2", "N3", "N4", "D1", "D2")),
    )
    assert shares(found) == {"a": 0.166667, "b": 0.166667, "c": 0.166667, "d": 0.5}


def test_a_struck_figure_gives_its_vote_back(
    claim: Written, row: Row, weighed: Held, band: Callable[..., object]
) -> None:
    written = claim("N1 / D1", "N2 / D1", "N3", supported=band(0.5, at_least="10"), contradicted=band(0.6, below="10"))
    found = weighed(written, row("N1", 1), row("N2", 1), row("D1", 1), row("N3", 11))
    whole, without = found.judged(), found.judged(struck=frozenset({"N1"}))
    assert (whole.supported, whole.n) == (0.5, 3)
    assert (without.supported, without.n) == (0.5, 2)  # the remaining figure over D1 has the whole vote


def test_a_source_with_several_rows_counts_once_in_a_figure(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(
        claim("N1 / N2", "N3"), row("N1", 2, source="yearbook"), row("N2", 1, source="yearbook"), row("N3", 1)
    )
    assert found.dots[0].sources == ("yearbook",)
    assert shares(found) == {"a": 0.5, "b": 0.5}


def test_figures_that_share_a_source_are_not_independent(claim: Written, row: Row, weighed: Held) -> None:
    def independent(*sources: str) -> int:
        ids = [f"N{n}" for n in range(len(sources))]
        return weighed(claim(*ids), *(row(i, 1, source=s) for i, s in zip(ids, sources, strict=True))).independent()

    assert independent("a", "b", "c") == 3
    assert independent("a", "a", "b") == 2
    assert independent("a") == 1
    over_one = claim("N1 / D", "N2 / D", "N3 / D", "N4")
    found = weighed(over_one, *(row(id_, 1) for id_ in ("N1", "N2", "N3", "N4", "D")))
    assert found.independent() == 2


def test_the_most_independent_figures_are_found_among_overlapping_ones(claim: Written, row: Row, weighed: Held) -> None:
    """Taking the first that fits would find two: a–b and then c; the best is a, b and c by themselves."""
    written = claim("AB1 / AB2", "A", "B", "C")
    rows = [row("AB1", 1, source="a"), row("AB2", 1, source="b")]
    rows += [row("A", 1, source="a"), row("B", 1, source="b"), row("C", 1, source="c")]
    assert weighed(written, *rows).independent() == 3


def test_ranges_follow_the_ends_of_the_rows(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(claim("N1 / N2"), row("N1", 4, low=2.0, high=6.0), row("N2", 2, low=1.0, high=4.0))
    (dot,) = found.dots
    assert (dot.low, dot.value, dot.high) == (0.5, 2.0, 6.0)


def test_findings_are_ones_and_noughts(fact: Written, row: Row, weighed: Held) -> None:
    written = fact(Finding("N1", "yes", "y"), Finding("N2", "no", "n"), Finding("N3", "partly", "p"))
    found = weighed(written, row("N1", 1, "A"), row("N2", 1, "B"), row("N3", 1, "B"))
    assert [dot.value for dot in found.dots] == [1.0, 0.0, 0.5]
    judged = found.judged()
    assert (judged.supported, judged.contradicted, judged.word) == (0.5, 0.25, "mixed")


def test_a_trend_is_growth_a_year_and_its_rival_the_fastest(claim: Written, row: Row, weighed: Held) -> None:
    def figure(name: str, a: str, b: str) -> ClaimedFigure:
        return ClaimedFigure(name, name, "", None, Point("2020", parse(a)), Point("2022", parse(b)))

    from dataclasses import replace

    from twofront.case.claim import FASTEST, Claimed

    written = replace(
        claim(kind="trend", claimed=None),
        figures=(figure("one", "N1", "N2"),),
        comparators=(figure("slow", "N1", "N3"), figure("fast", "N1", "N4")),
        claimed=Claimed(FASTEST, None),
    )
    found = weighed(written, row("N1", 100), row("N2", 144), row("N3", 110), row("N4", 121))
    assert found.dots[0].value == pytest.approx(0.2, abs=2e-4)  # 1.44 in two years (of 365.25 days)
    assert found.claimed == pytest.approx(0.1, abs=2e-4)
    assert found.judged(struck=frozenset({"N4"})).word == "supported"
    assert found.judged(struck=frozenset({"N3", "N4"})).word == "not checkable"


def test_a_claimed_number_that_rests_on_a_struck_row_is_gone(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(claim("N1", claimed="K1"), row("N1", 9), row("K1", 10))
    assert found.claimed == 10
    assert found.judged().word == "supported"
    assert found.judged(struck=frozenset({"K1"})).word == "not checkable"


def test_figures_without_their_rows_drop_out(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(claim("N1", "N2 / N3"), row("N1", 1), row("N2", 1))
    assert [dot.name for dot in found.dots] == ["a"]
    assert found.ids == ("N1",)
    assert weighed(claim("N2 / N3"), row("N2", 1)).judged().word == "not checkable"


def test_what_was_not_public_yet(claim: Written, row: Row, weighed: Held) -> None:
    found = weighed(
        claim("N1", "N2", "N3", "N4"),
        row("N1", 1, published="2025-07-05"),
        row("N2", 1, published="2025-07"),
        row("N3", 1, published="2025"),
        row("N4", 1, published="2025-06"),
    )
    assert found.later_than("2025-07-05") == {"N2", "N3"}
    assert found.later_than("2025-07-31") == {"N3"}
    assert found.later_than("2025") == frozenset()
