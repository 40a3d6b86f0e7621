"""Small models with closed solutions: nobody gains by deviating, by brute force, and the laws they are said to keep."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofront.faults import UserError
from twofront.games.contests import (
    alliance_spending,
    coalition_payoffs,
    deterrence_threshold,
    lotto_allotments,
    lotto_shares,
    tullock_contest,
    ultimatum_with_private_cost,
)

SIZES = st.floats(0.05, 20.0)


@given(first=SIZES, second=SIZES, m=st.floats(0.1, 1.0))
def test_nobody_gains_by_another_effort(first: float, second: float, m: float) -> None:
    found = tullock_contest(first, second, m)

    def worth(prize: float, own: float, other: float) -> float:
        return prize * own**m / (own**m + other**m) - own

    one, other = found.efforts
    assert worth(first, one, other) == pytest.approx(found.values[0], rel=1e-12, abs=1e-12)
    for factor in (0.0, 0.5, 0.9, 0.999, 1.001, 1.1, 2.0, 5.0):
        assert worth(first, factor * one, other) <= found.values[0] + 1e-12 * first
        assert worth(second, factor * other, one) <= found.values[1] + 1e-12 * second


def test_tullock_on_a_great_scale_and_where_no_equilibrium_is() -> None:
    assert tullock_contest(1e200, 1e200, 2.0).efforts == (5e199, 5e199)
    with pytest.raises(UserError, match="no equilibrium in pure efforts"):
        tullock_contest(2.0, 1.0, 1.5)
    with pytest.raises(UserError, match="above 0"):
        tullock_contest(0.0, 1.0)


@given(one=SIZES, other=SIZES)
def test_lotto_shares_mirror(one: float, other: float) -> None:
    shares = lotto_shares(one, other)
    assert sum(shares) == 1.0
    assert lotto_shares(other, one) == shares[::-1]
    assert (shares[0] >= 0.5) == (one >= other)


def test_lotto_is_won_whole_against_nothing() -> None:
    assert lotto_shares(1.0, 0.0) == (1.0, 0.0)
    with pytest.raises(UserError, match="not both 0"):
        lotto_shares(0.0, 0.0)


@given(
    adversary=SIZES,
    allies=st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=4),
    moves=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
)
def test_the_adversary_gains_by_no_other_division(
    adversary: float, allies: list[tuple[float, float]], moves: list[float]
) -> None:
    budgets, prizes = zip(*allies, strict=True)
    allotted = lotto_allotments(adversary, budgets, prizes)
    assert math.fsum(allotted) == pytest.approx(adversary, rel=1e-12)
    assert min(allotted) >= 0

    def won(division: tuple[float, ...]) -> float:
        shares = (lotto_shares(against, budget)[0] for against, budget in zip(division, budgets, strict=True))
        return math.fsum(prize * share for prize, share in zip(prizes, shares, strict=True))

    best = won(allotted)
    for one, other in itertools.permutations(range(len(allies)), 2):
        for share in (*moves, 0.01, 1.0):
            division = list(allotted)
            division[one] -= share * allotted[one]
            division[other] += share * allotted[one]
            assert won(tuple(division)) <= best + 1e-12 * sum(prizes)


def test_alike_allies_are_fought_alike() -> None:
    assert lotto_allotments(1.0, (2.0, 2.0), (1.0, 1.0)) == pytest.approx((0.5, 0.5))
    assert lotto_allotments(1.0, (2.0, 4.0), (1.0, 2.0)) == pytest.approx((1 / 3, 2 / 3))
    with pytest.raises(UserError, match="1 budgets and 2 prizes"):
        lotto_allotments(1.0, (2.0,), (1.0, 1.0))


def test_a_gift_can_help_its_giver_until_too_much_of_it_is_lost() -> None:
    before = coalition_payoffs(1.0, (0.9, 0.2), (1.0, 1.0))
    payoffs = {n: coalition_payoffs(1.0, (0.9, 0.2), (1.0, 1.0), gift=0.05, arriving=n) for n in (1.0, 0.9, 0.5)}
    assert payoffs[1.0][0] > before[0]
    assert payoffs[1.0][1] > before[1]
    assert payoffs[0.5][0] < before[0]
    assert all(found[1] > before[1] for found in payoffs.values())
    with pytest.raises(UserError, match="below the giver's"):
        coalition_payoffs(1.0, (0.9, 0.2), (1.0, 1.0), gift=0.9)


@given(
    wins=st.floats(0.0, 1.0),
    cost=st.floats(0.0, 0.5),
    low=st.floats(0.0, 0.4),
    doubt=st.floats(0.01, 0.6),
)
def test_no_other_concession_is_worth_more(wins: float, cost: float, low: float, doubt: float) -> None:
    high = low + doubt
    offer = ultimatum_with_private_cost(wins, cost, low, high)

    def war(concession: float) -> float:
        return min(max((wins - concession - low) / doubt, 0.0), 1.0)

    def worth(concession: float) -> float:
        return (1 - war(concession)) * (1 - concession) + war(concession) * (1 - wins - cost)

    assert offer.war_chance == pytest.approx(war(offer.concession))
    best = worth(offer.concession)
    assert all(worth(step / 400) <= best + 1e-12 for step in range(401))


def test_small_doubt_brings_no_war_and_nothing_is_asked_back() -> None:
    assert ultimatum_with_private_cost(0.5, 0.1, 0.2, 0.25) == pytest.approx((0.3, 0.0))
    assert ultimatum_with_private_cost(0.1, 0.0, 0.0, 1.0) == pytest.approx((0.0, 0.1))


def test_what_raises_the_threshold_of_deterrence() -> None:
    assert deterrence_threshold(1.0, 0.3, -0.6) > deterrence_threshold(1.0, 0.4, -0.6)
    assert deterrence_threshold(1.0, 0.4, -0.2) > deterrence_threshold(1.0, 0.4, -0.6)
    with pytest.raises(UserError, match="conflict < status quo < gain"):
        deterrence_threshold(0.3, 0.4, -0.6)


@given(incomes=st.lists(SIZES, min_size=1, max_size=8), weight=st.floats(0.02, 0.9))
def test_every_ally_answers_the_others(incomes: list[float], weight: float) -> None:
    spent = alliance_spending(incomes, weight)
    total = math.fsum(spent)
    for income, own in zip(incomes, spent, strict=True):
        answer = max(0.0, weight * income - (1 - weight) * (total - own))
        assert own == pytest.approx(answer, abs=1e-9 * max(incomes))
    ranked = sorted(zip(incomes, spent, strict=True))
    assert all(a[1] / a[0] <= b[1] / b[0] + 1e-12 for a, b in itertools.pairwise(ranked))
