"""The grammar of periods and of days of publication."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofront.figures.period import Period, UnknownPeriod, day_of, period_of


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-07-05", date(2025, 7, 5), date(2025, 7, 5)),
        ("FY2026", date(2025, 10, 1), date(2026, 9, 30)),
        ("2023/2025", date(2023, 1, 1), date(2025, 12, 31)),
        ("2025-04/2026-03", date(2025, 4, 1), date(2026, 3, 31)),
        ("FY2021/FY2024", date(2020, 10, 1), date(2024, 9, 30)),
        ("2024-08-06/2024-08-14", date(2024, 8, 6), date(2024, 8, 14)),
    ],
)
def test_a_period_is_read(text: str, start: date, end: date) -> None:
    assert period_of(text) == Period(start, end)


def test_no_period_is_no_time_in_particular() -> None:
    assert period_of("") is None


@pytest.mark.parametrize(
    "text", ["early 2024", "2023-25", "2024-13", "2025-02-30", "2025/2024", "2024/", "/2024", "2024/2025/2026", "FY26"]
)
def test_what_is_no_period_is_refused_with_the_whole_text(text: str) -> None:
    with pytest.raises(UnknownPeriod, match=f"`{text}`"):
        period_of(text)


def test_something_dated_by_year_was_public_by_its_end() -> None:
    assert day_of("2024") == date(2024, 12, 31)
    assert day_of("2024-02") == date(2024, 2, 29)
    assert day_of("2024-02-03") == date(2024, 2, 3)


days = st.dates(min_value=date(1000, 1, 1))


@given(days, days, days, days)
def test_what_two_periods_share_is_the_same_from_either_side(a: date, b: date, c: date, d: date) -> None:
    one, two = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    assert one.shared(two) == two.shared(one) <= min(one.days, two.days)
    assert one.shared(one) == one.days


@given(days, days)
def test_what_is_written_is_read_back(a: date, b: date) -> None:
    period = Period(min(a, b), max(a, b))
    assert period_of(f"{period.start}/{period.end}") == period
