"""The operations on sympy expressions: the kind of number that documentation and form checks use.

sympy is imported only once an expression has arrived, so its cost falls on nobody else.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["apply", "is_symbolic", "where"]


def is_symbolic(value: Any) -> bool:
    """Whether `value` is a sympy expression or condition."""
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, getattr(sympy, "Basic", ()))


def where(mask: Any, a: Any, b: Any) -> Any:
    """`a` if `mask`, else `b`, as a Piecewise expression."""
    import sympy

    return sympy.Piecewise((sympy.sympify(a), mask), (sympy.sympify(b), True))


def apply(name: str, x: Any) -> Any:
    """The function called `name` of the operations module, of a sympy expression."""
    import sympy

    if name == "exp":
        return sympy.exp(x)
    if name == "log":
        return sympy.log(x)
    if name == "sqrt":
        return sympy.sqrt(x)
    if name == "absolute":
        return sympy.Abs(x)
    if name == "normal_cdf":
        return sympy.erfc(-x / sympy.sqrt(2)) / 2
    if name == "normal_quantile":
        return sympy.sqrt(2) * sympy.erfinv(2 * x - 1)
    raise ValueError(f"no symbolic form of {name}")
