"""The registry of laws and the check of a printed form against the body."""

from __future__ import annotations

import pytest

from twofront.engine import law as registry
from twofront.engine import ops
from twofront.engine.dimension import Month, Ratio, RoundPerMonth, Share
from twofront.engine.law import DuplicateLaw, FormMismatch, check_form, law, laws


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(registry, "_registry", {})


def capacity_law() -> registry.Law:
    @law(
        id="test.capacity",
        form="K + (F - K) * (1 - exp(-h / tau))",
        symbols={"capacity": "K", "funded_capacity": "F", "build_lag": "tau", "step": "h"},
        source="sterman2000, ch. 11",
    )
    def next_capacity(
        capacity: RoundPerMonth, funded_capacity: RoundPerMonth, build_lag: Month, step: Month
    ) -> RoundPerMonth:
        """Move a production line towards the capacity that has been paid for.

        Holds: stays between both capacities; two half steps equal one.
        Fails: plants that open on one day.
        """
        return funded_capacity + (capacity - funded_capacity) * ops.exp(-step / build_lag)

    assert next_capacity(1.0, 2.0, 3.0, 0.0) == 1.0
    return laws()["test.capacity"]


def test_a_law_keeps_its_record() -> None:
    record = capacity_law()
    assert record.summary == "Move a production line towards the capacity that has been paid for."
    assert record.holds == ("stays between both capacities", "two half steps equal one")
    assert record.fails == "plants that open on one day"
    assert record.units["build_lag"] == "month"
    assert record.unit == "round/month"
    check_form(record)


def test_masks_powers_and_the_smaller_of_two_agree_with_their_forms() -> None:
    @law(
        id="test.mixed",
        form=("where(a < b, Max(a**g, 0.3), Min(a, b)) + normal_cdf(a)", "log(a) / sqrt(b)"),
        symbols={"one": "a", "other": "b", "exponent": "g"},
        source="none",
    )
    def mixed(one: Share, other: Share, exponent: Ratio) -> tuple[Ratio, Ratio]:
        smaller = ops.minimum(one, other)
        larger = ops.maximum(ops.power(one, exponent), 0.3)
        return ops.where(one < other, larger, smaller) + ops.normal_cdf(one), ops.log(one) / ops.sqrt(other)

    check_form(laws()["test.mixed"])


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("a * b * 1.000001", "the body"),
        ("a + b", "the body"),
        ("a * c", "which no argument has"),
        ("a * (b", "cannot be read"),
        ("sqrt(-a) * b", "the body"),
    ],
)
def test_a_wrong_form_is_found(form: str, says: str) -> None:
    @law(id="test.product", form=form, symbols={"one": "a", "other": "b"}, source="none")
    def product(one: Ratio, other: Ratio) -> Ratio:
        return one * other

    assert product(2.0, 3.0) == 6.0
    with pytest.raises(FormMismatch, match=says):
        check_form(laws()["test.product"])


def test_ids_are_unique_and_every_argument_has_a_symbol() -> None:
    capacity_law()
    with pytest.raises(DuplicateLaw, match=r"test\.capacity"):
        law(id="test.capacity", form="a", symbols={"a": "a"}, source="none")(lambda a: a)
    with pytest.raises(ValueError, match="not matched: a, b"):
        law(id="test.other", form="a", symbols={"b": "b"}, source="none")(lambda a: a)


def test_a_sequence_of_numbers_has_a_symbol_for_each() -> None:
    @law(id="test.sum", form="s1 + s2 + s3", symbols={"shares": ("s1", "s2", "s3")}, source="none")
    def added(shares: tuple[Share, ...]) -> Share:
        return ops.total(shares)

    assert added((1.0, 2.0)) == 3.0
    check_form(laws()["test.sum"])
