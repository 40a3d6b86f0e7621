"""Published results that single laws reproduce. Each test names its source, its tolerance and the reason for it.

What is not here belongs to structures that the project does not have yet (Lanchester, Epstein, salvo models) or to
games of other shapes; results of wargames are compared with whole ensembles, not with laws.
"""

from __future__ import annotations

import math

import pytest

from twofront.adjudicate import laws as war
from twofront.simulate import economy, industry


def held(capital: float, delivered: float, years: int, depreciation: float) -> float:
    """The capital law, month after month."""
    for _ in range(12 * years):
        capital = float(economy.capital_stock(capital, delivered, depreciation, 1.0))
    return capital


def test_capital_of_steady_investment_is_ten_years_of_it() -> None:
    # Perpetual inventory, K0 = I / (g + delta) at g = .03, delta = .07. Exact up to the rounding of .03 + .07.
    assert float(economy.initial_capital(5.0, 0.03, 0.07)) == pytest.approx(50.0, rel=1e-15)


@pytest.mark.parametrize(("years", "rise"), [(5, 0.228), (10, 0.387)])
def test_capital_after_a_rise_from_2_to_3_5_percent_of_gdp(years: int, rise: float) -> None:
    # Perpetual inventory with 7% lost a year: K grows by .75 (1 - .93^t), published as 22.8% and 38.7%, so to half
    # of the last digit. The law's rate is continuous: a loss of 7% over a year is -ln(.93).
    rate = -math.log(1 - 0.07)
    grown = held(1.0 / rate, 1.75, years, rate) * rate - 1
    assert grown == pytest.approx(rise, abs=5e-4)
    # The same in closed form; some 120 steps that round at 1e-16 each.
    assert grown == pytest.approx(0.75 * (1 - 0.93**years), abs=1e-6)


def test_a_third_order_delay_after_its_mean() -> None:
    # Sterman (2000), ch. 11: 1 - exp(-3)(1 + 3 + 9/2) = .57681, published to five digits.
    stages = industry.erlang_stages((0.0, 0.0, 0.0), 1.0, 24.0, 24.0)
    assert float(stages[2]) == pytest.approx(0.57681, abs=1e-5)
    by_month = (0.0, 0.0, 0.0)
    for _ in range(24):
        by_month = industry.erlang_stages(by_month, 1.0, 24.0, 1.0)
    assert float(by_month[2]) == pytest.approx(0.57681, abs=1e-5)


def test_an_80_percent_learning_curve_at_unit_100() -> None:
    # Wright (1936): 100^log2(.8) = .22706, published to five digits. Orders that capacity covers leave price alone.
    factor = industry.price_factor(1.0, 1.0, 1.0, 1.0, 100.0, 0.8)
    assert float(factor) == pytest.approx(0.22706, abs=1e-5)


@pytest.mark.parametrize(
    ("stock", "a_day", "days"),
    [
        # CSIS (2023): some 450 long-range anti-ship missiles gone within 7 days; about 4,000 land-attack missiles in
        # 21. Both stocks and days are rounded in the report to about 5%.
        (450.0, 64.0, 7.0),
        (4000.0, 190.0, 21.0),
    ],
)
def test_days_of_supply_of_long_range_missiles(stock: float, a_day: float, days: float) -> None:
    assert float(war.exhaustion_day(stock, a_day, 0.0, 90.0)) == pytest.approx(days, rel=0.05)


def test_contest_success_of_twice_the_effort() -> None:
    # Tullock (1980): prizes of 200 and 100 draw efforts of 44.44 and 22.22 at m = 1, and the first wins with chance
    # 2/3. A ratio of two and an exponential: 1e-12.
    score = war.ratio_score(0.0, 1.0, math.log(44.444444444444444 / 22.222222222222222))
    assert float(war.success(score)) == pytest.approx(2 / 3, abs=1e-12)


def test_three_to_one_is_no_threshold() -> None:
    # Division engagements (Dupuy): logit slope .927 (standard error .123) and P(win at 3:1) = .726. The intercept is
    # not published; with none the chance is .735, and the tolerance of .05 is one standard error of the slope there.
    chance = float(war.success(war.ratio_score(0.0, 0.927, math.log(3.0))))
    assert chance == pytest.approx(0.726, abs=0.05)
    # CDB90 (614 battles): slope .478, attackers win 64.7% at the mean ratio. Three times the ratio moves that to
    # .756; the published span over data sets is .72 to .75, its ends rounded to .01.
    base = math.log(0.647 / 0.353)
    assert 0.71 <= float(war.success(war.ratio_score(base, 0.478, math.log(3.0)))) <= 0.76


def test_rival_contests_agree_at_parity_and_nearby() -> None:
    # Hirshleifer (1989): ratio and difference form with the same slope at parity; they part at third order, so that
    # a tenth of difference in strength leaves (ln 1.1)^3 / 12 = 7e-5.
    for ratio in (1.0, 1.1):
        one = float(war.ratio_score(0.2, 0.9, math.log(ratio)))
        two = float(war.difference_score(0.2, 0.9, ratio / (1 + ratio)))
        assert one == pytest.approx(two, abs=1e-4)
