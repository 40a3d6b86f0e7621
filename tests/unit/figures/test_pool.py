"""From several sources to a range."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from twofront.figures import Statement, pool


def _statement(ends: tuple[float, float, float], grade: str) -> Statement:
    low, central, high = sorted(ends)
    return Statement(low, central, high, grade)


finite = st.floats(-1e6, 1e6)
statements = st.lists(
    st.builds(
        _statement,
        st.tuples(finite, finite, finite),
        st.sampled_from("ABCD"),
    ),
    min_size=1,
    max_size=12,
)


def point(value: float, grade: str = "B") -> Statement:
    return Statement(value, value, value, grade)


def test_two_sources_that_disagree_span_the_range() -> None:
    found = pool([point(1.0), point(3.0)])
    assert (found.low, found.mode, found.high) == (1.0, 2.0, 3.0)


def test_the_mode_follows_the_better_source() -> None:
    assert pool([point(1.0, "A"), point(3.0, "C")]).mode == 1.0


def test_a_guess_beyond_many_counted_sources_is_left_out() -> None:
    counted = [point(float(n), "A") for n in range(1, 7)]
    assert pool([*counted, point(100.0, "D")]).high == 6.0
    assert pool([*counted[:2], point(100.0, "D")]).high == 100.0


def test_a_source_with_a_range_counts_with_its_ends() -> None:
    found = pool([Statement(1, 2, 9, "B"), point(3)])
    assert (found.low, found.high) == (1, 9)


@given(statements)
def test_ordered_and_within_what_was_said(said: list[Statement]) -> None:
    found = pool(said)
    assert found.low <= found.mode <= found.high
    if len({value for s in said for value in (s.low, s.high)}) > 1:
        assert min(s.low for s in said) <= found.low
        assert found.high <= max(s.high for s in said)


@given(statements, st.randoms())
def test_the_order_of_sources_does_not_matter(said: list[Statement], random: Random) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)
    assert pool(shuffled) == pool(said)


@given(statements)
def test_striking_a_source_never_widens_a_range(said: list[Statement]) -> None:
    """True while no source is left out at the ends, which takes more than 39 of the weight of one."""
    few = said[:4]
    if len(few) < 2:
        return
    whole, less = pool(few), pool(few[1:])
    if len({value for s in few[1:] for value in (s.low, s.high)}) == 1:
        return  # a lone figure is widened by its margin
    assert whole.low <= less.low
    assert less.high <= whole.high


def test_one_source_is_not_certainty() -> None:
    found = pool([point(100.0, "B")])
    assert (found.low, found.mode, found.high) == (90.0, 100.0, 110.0)
    assert pool([point(100.0, "D")]).high == 140.0
