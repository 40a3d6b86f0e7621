"""The table of units."""

import pytest

from twofront.quantities import QUANTITIES
from twofront.units import FORCE_UNITS, ROUND_UNITS, UNITS, UnitMismatch, convert, factor, nearest_unit


def test_every_unit_of_a_quantity_is_in_the_table() -> None:
    assert {item.unit for item in QUANTITIES} - {"class"} <= set(UNITS)


@pytest.mark.parametrize(
    ("value", "found", "wanted", "result"),
    [
        (2, "percent", "share", 0.02),
        (3, "percent/year", "1/year", 0.03),
        (1_200_000, "round/year", "round/month", 100_000),
        (30.4375, "day", "month", 1),
        (2, "year", "month", 24),
        (1, "round/day", "round/month", 30.4375),
        (3500, "mn_usd", "bn_usd", 3.5),
        (1.2, "tn_usd", "bn_usd", 1200),
        (2.5, "mn_usd/round", "usd/round", 2_500_000),
        (0.7, "percent/day", "1/day", 0.007),
        (12, "missile/year", "round/month", 1),
        (14, "share/week", "share/day", 2),
        (5, "brigade", "brigade", 5),
        (36, "hour", "day", 1.5),
        (1461, "tank/year", "tank/year", 1461),
    ],
)
def test_conversion(value: float, found: str, wanted: str, result: float) -> None:
    assert convert(value, found, wanted) == pytest.approx(result, rel=1e-12)


def test_a_unit_converts_to_itself_bit_for_bit() -> None:
    assert all(convert(0.1 + 0.2, name, name) == 0.1 + 0.2 for name in UNITS)


def test_there_and_back() -> None:
    for a in UNITS.values():
        for b in UNITS.values():
            if a.dimension == b.dimension:
                assert factor(a.name, b.name) * factor(b.name, a.name) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("found", "wanted"), [("year", "bn_usd"), ("brigade", "ship"), ("share", "ratio")])
def test_units_of_different_things_do_not_convert(found: str, wanted: str) -> None:
    with pytest.raises(UnitMismatch, match=wanted):
        factor(found, wanted)


def test_the_nearest_unit_measures_the_right_thing() -> None:
    assert nearest_unit("round/yr", "round/month") == "round/year"
    assert nearest_unit("brigade", "squadron") == "squadron"


def test_what_only_evidence_counts_is_no_class_of_forces() -> None:
    counted = {"person", "tank", "flotilla", "ton", "m2", "calendar_year", "count"}
    assert counted <= set(UNITS)
    assert not counted & set(FORCE_UNITS)


def test_a_date_is_not_a_duration() -> None:
    with pytest.raises(UnitMismatch, match="time"):
        convert(2029, "calendar_year", "year")


def test_counts() -> None:
    assert {"brigade", "squadron", "ship", "battery", "index"} <= set(FORCE_UNITS)
    assert not set(FORCE_UNITS) & set(ROUND_UNITS)
    assert not {"share", "ratio", "1/stake"} & set(FORCE_UNITS)
