"""The operations laws are written in. They mean the same on every kind of number.

Numbers support `+ - * /`, unary minus and `< <= > >=`; comparisons give masks, which support `&`, `|` and `not_`
(or `~`). There is no data-dependent `if` or `while`: use `where`. Loops over actors or classes are Python loops;
loops over time that carry a state are `scan`, and independent counted work is `for_each`.

- NaN propagates through every function, so that a failed future shows.
- `minimum(a, b)` is `where(a < b, a, b)`; `maximum(a, b)` is `where(a > b, a, b)`: with a NaN they give `b`.
- `log(0)` is minus infinity, `power(0, g)` is 0 for g > 0, a negative base gives NaN.
- Division follows IEEE 754. With plain Python floats, division by zero is the caller's affair; executors pass
  numbers that never raise (`Real`).

For the type checker every number is a `float` and every mask an `int`; executors bring the other kinds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from twofront.engine import symbols
from twofront.engine.control import for_each, index_table, scan, table
from twofront.engine.elementary import exp, log, normal_cdf, normal_quantile
from twofront.engine.graph import Index, IndexTable, Series, Table
from twofront.engine.primitives import Mask, Number, absolute, is_nan, not_, number, sqrt, where
from twofront.engine.real import Real

__all__ = [
    "Index",
    "IndexTable",
    "Mask",
    "Number",
    "Real",
    "Series",
    "Table",
    "absolute",
    "clip",
    "exp",
    "for_each",
    "index_table",
    "is_nan",
    "log",
    "maximum",
    "minimum",
    "normal_cdf",
    "normal_quantile",
    "not_",
    "number",
    "power",
    "scan",
    "sqrt",
    "table",
    "total",
    "where",
]


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two numbers: `where(a < b, a, b)`."""
    return where(a < b, a, b)


def maximum(a: Number, b: Number) -> Number:
    """The larger of two numbers: `where(a > b, a, b)`."""
    return where(a > b, a, b)


def clip(x: Number, low: Number, high: Number) -> Number:
    """`x` brought within low..high; NaN stays NaN."""
    return where(x < low, low, where(x > high, high, x))


def power(base: Number, exponent: Number) -> Number:
    """`base` to the `exponent`, as `exp(exponent * log(base))`.

    0 to a positive power is 0 and to a negative one infinity; anything not negative to the power 0 is 1; a
    negative base gives NaN. Relative error at most about `2e-16 * (2 + abs(exponent * log(base)))`.
    """
    if symbols.is_symbolic(base) or symbols.is_symbolic(exponent):
        return _symbolic_power(base, exponent)
    result = exp(exponent * log(base))
    result = where((exponent <= 0.0) & (exponent >= 0.0), 1.0, result)
    return where(is_nan(base) | is_nan(exponent) | (base < 0.0), math.nan, result)


def _symbolic_power(base: Any, exponent: Any) -> Any:
    return base**exponent


def total(values: Iterable[Number]) -> Number:
    """Sum from first to last, in that order (builtin `sum` may round differently between Python versions)."""
    result: Number = 0.0
    for value in values:
        result = result + value
    return result
