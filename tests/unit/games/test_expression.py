"""The small language of payoffs: what it computes, on numbers and on arrays, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twofront.games.expression import ExpressionError, is_name, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("a.b - a.c * 2", -1.0),
        ("-(a.b + 1) / 4", -1.5),
        ("min(a.b, a.c, 9) + max(1, a.c)", 6.0),
        ("a.b - a.c - 1", 1.0),
        ("+a.b / a.c / 2", 5 / 6),
    ],
)
def test_value(text: str, value: float) -> None:
    assert float(parse(text).value({"a.b": 5.0, "a.c": 3.0})) == pytest.approx(value, rel=1e-15)


def test_arrays_give_what_numbers_give_one_by_one() -> None:
    expression = parse("max(a, 2) * b - min(a, b) / 3")
    a, b = np.array([1.0, 2.5, -3.0]), np.array([4.0, 5.0, 6.0])
    expected = [float(expression.value({"a": x, "b": y})) for x, y in zip(a, b, strict=True)]
    assert list(expression.value({"a": a, "b": b})) == expected


def test_names_in_order_each_once() -> None:
    assert parse("b.x + a * b.x - min(c, 1)").names == ("b.x", "a", "c")
    assert parse("2 * 3").names == ()


def test_a_long_sum_is_no_deep_nest() -> None:
    many = parse(" + ".join(["a"] * 2000))
    assert float(many.value({"a": 0.5})) == 1000.0


def test_division_by_zero_is_an_infinity_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert math.isinf(parse("a / b").value({"a": 1.0, "b": 0.0}))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("text", "says", "column"),
    [
        ("a + * b", "is not arithmetic", 5),
        ("", "is not arithmetic", 1),
        ("a ** 2", "`a ** 2` is not arithmetic", 1),
        ("1 + maks(a, b)", "`maks` is no function here", 5),
        ("a if b else c", "is not arithmetic", 1),
        ("__import__('os')", "`__import__` is no function", 1),
        ("a.b(1)", "is not arithmetic", 1),
        ("f().b", "only a name can stand before a dot", 1),
        ("min()", "`min` is no function here", 1),
        ("True", "`True` is not arithmetic", 1),
        ("1e999", "is too great a number", 1),
        ("a; b", "is not arithmetic", 2),
        ("(" * 300 + "a" + ")" * 300, "is not arithmetic", 1),
        ("-" * 300 + "a", "brackets nest too deep", 201),
    ],
)
def test_what_is_refused(text: str, says: str, column: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert says in str(raised.value)
    assert raised.value.column == pytest.approx(column, abs=0 if len(text) < 100 else 400)


def test_the_nearest_function_is_named() -> None:
    with pytest.raises(ExpressionError) as raised:
        parse("mx(a, b)")
    assert raised.value.nearest == "max"
    assert "min, max" in raised.value.allowed


def test_what_is_a_name() -> None:
    assert is_name("prize.red_2")
    assert not is_name("prize.2red")
    assert not is_name("a + b")
