"""`Real`: a Python float whose arithmetic follows IEEE 754 where Python would raise.

Dividing by zero gives an infinity or NaN, as it does on arrays and in compiled kernels. Everything else is
what `float` does already. `**`, `//` and `%` are refused, because laws must not use them.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

__all__ = ["Real", "divide"]

_copysign = math.copysign


def divide(numerator: float, denominator: float) -> float:
    """Quotient of two floats as IEEE 754 defines it; never raises."""
    if denominator != 0.0:
        return float.__truediv__(numerator, denominator)
    if numerator == 0.0 or numerator != numerator:
        return math.nan
    return _copysign(math.inf, numerator) * _copysign(1.0, denominator)


class Real(float):
    """One number of the float executor: a float with IEEE division, closed under `+ - * /`."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        result = float.__add__(self, other)
        return result if result is NotImplemented else Real(result)

    def __radd__(self, other: Any) -> Any:
        result = float.__radd__(self, other)
        return result if result is NotImplemented else Real(result)

    def __sub__(self, other: Any) -> Any:
        result = float.__sub__(self, other)
        return result if result is NotImplemented else Real(result)

    def __rsub__(self, other: Any) -> Any:
        result = float.__rsub__(self, other)
        return result if result is NotImplemented else Real(result)

    def __mul__(self, other: Any) -> Any:
        result = float.__mul__(self, other)
        return result if result is NotImplemented else Real(result)

    def __rmul__(self, other: Any) -> Any:
        result = float.__rmul__(self, other)
        return result if result is NotImplemented else Real(result)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, (int, float)):
            return Real(divide(float(self), float(other)))
        return NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        if isinstance(other, (int, float)):
            return Real(divide(float(other), float(self)))
        return NotImplemented

    def __neg__(self) -> Real:
        return Real(float.__neg__(self))

    def __pos__(self) -> Real:
        return self

    def __abs__(self) -> Real:
        return Real(float.__abs__(self))

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError("laws may not use **, // or %; use ops.power(base, exponent) or write the product out")

    __pow__ = __rpow__ = __floordiv__ = __rfloordiv__ = _refuse  # pyright: ignore[reportAssignmentType]
    __mod__ = __rmod__ = _refuse  # pyright: ignore[reportAssignmentType]
