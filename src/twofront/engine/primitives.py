"""The basic operations on numbers of any kind that Python's own operators do not cover.

A number is a float (`Real` or plain), a NumPy array, a `Traced` value or a sympy expression. Every function here
picks the kind from its arguments and means the same on each, to the last bit (sympy: as a formula).
The three bit operations are exact, and defined on normal positive numbers; on others they give some number,
never an error, which the caller replaces by a final `where`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from twofront.engine import symbols
from twofront.engine.graph import Index, Traced, TracedMask, active_graph, bits_of, float_of
from twofront.engine.real import Real

if TYPE_CHECKING:
    Number: TypeAlias = float
    Mask: TypeAlias = int
else:
    Number = Any
    Mask = Any

__all__ = [
    "LOW_PLACES",
    "Mask",
    "Number",
    "absolute",
    "composite",
    "is_nan",
    "log_exponent",
    "log_mantissa",
    "not_",
    "number",
    "shift_exponent",
    "sqrt",
    "where",
]

LOW_PLACES = 6755399441055744.0
"""1.5 * 2**52: adding it to a number below 2**51 rounds to an integer, held in the low bits of the sum."""

ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
"""Bits of sqrt(1/2): mantissas are taken from sqrt(1/2) up to sqrt(2)."""

_WORD = 0xFFFFFFFFFFFFFFFF
_FRACTION = 0x000FFFFFFFFFFFFF
_ONE_BITS = 0x3FF0000000000000
_BIG_BITS = 0x4330000000000000
_EXPONENT_SHIFT = 4503599627370496.0 + 1023.0
_MASK_OFFSET = _ONE_BITS - ROOT_HALF_BITS


def is_array(value: Any) -> bool:
    """Whether `value` is a NumPy array (a NumPy scalar counts as a float)."""
    return isinstance(value, np.ndarray)


def number(value: Any) -> Any:
    """`value` as a number: an integer or float as `Real`, a loop index as its value, others as they are."""
    if isinstance(value, Index):
        graph = value.graph
        return graph.number(("number", value.node), graph.index_region[value.node])
    if isinstance(value, (bool, np.bool_, TracedMask)):
        raise TypeError("a mask is not a number; write ops.where(mask, 1.0, 0.0)")
    if isinstance(value, (int, float, np.integer, np.floating)):
        return Real(cast("float", value))
    if isinstance(value, np.ndarray):
        array = cast("np.ndarray[Any, Any]", value)
        if array.dtype.kind == "b":
            raise TypeError("a mask is not a number; write ops.where(mask, 1.0, 0.0)")
        return array.astype(np.float64, copy=False)
    if isinstance(value, Traced) or symbols.is_symbolic(value):
        return value
    raise TypeError(f"expected a number, found {type(value).__name__}")


def _where(mask: Any, a: Any, b: Any) -> Any:
    kind = type(mask)
    if kind is TracedMask:
        graph = mask.graph
        return graph.select(mask.node, graph.lift(a), graph.lift(b))
    if kind is bool or isinstance(mask, (int, np.integer, np.bool_)):
        return number(a if int(mask) & 1 else b)
    if isinstance(mask, np.ndarray):
        flags = cast("np.ndarray[Any, Any]", mask)
        return np.where(flags if flags.dtype.kind == "b" else (flags & 1) != 0, a, b)
    if symbols.is_symbolic(mask):
        return symbols.where(mask, a, b)
    raise TypeError(f"where needs a mask (a comparison of numbers), found {type(mask).__name__}")


def _not(mask: Any) -> Any:
    if isinstance(mask, (int, np.bool_)):
        return int(mask) & 1 == 0
    return ~mask


def _is_nan(x: Any) -> Any:
    if type(x) is Traced:
        return x.graph.mask(("nan", x.node), x.graph.region[x.node])
    if symbols.is_symbolic(x):
        return False
    return x != x


def _sqrt(x: Any) -> Any:
    if type(x) is Traced:
        return x.graph.unary("sqrt", x.node)
    if isinstance(x, (int, float)):
        return Real(math.sqrt(x)) if x >= 0.0 else Real(math.nan)
    if symbols.is_symbolic(x):
        return symbols.apply("sqrt", x)
    with np.errstate(invalid="ignore"):
        return np.sqrt(x)


def _absolute(x: Any) -> Any:
    if symbols.is_symbolic(x):
        return symbols.apply("absolute", x)
    x = number(x)
    return _where(x < 0.0, -x, x)


def _shift_exponent(p: Any, t: Any) -> Any:
    if type(t) is Traced:
        return t.graph.binary("shift_exponent", t.graph.lift(p), t.node)
    if is_array(t):
        bits = cast("np.ndarray[Any, Any]", t).view(np.uint64) << np.uint64(52)
        return (np.asarray(p, dtype=np.float64).view(np.uint64) + bits).view(np.float64)
    return Real(float_of((bits_of(p) + (bits_of(t) << 52)) & _WORD))


def _log_exponent(x: Any) -> Any:
    if type(x) is Traced:
        return x.graph.unary("log_exponent", x.node)
    if is_array(x):
        bits = (cast("np.ndarray[Any, Any]", x).view(np.uint64) + np.uint64(_MASK_OFFSET)) >> np.uint64(52)
        return (bits | np.uint64(_BIG_BITS)).view(np.float64) - _EXPONENT_SHIFT
    bits = ((bits_of(x) + _MASK_OFFSET) & _WORD) >> 52
    return Real(float_of(bits | _BIG_BITS) - _EXPONENT_SHIFT)


def _log_mantissa(x: Any) -> Any:
    if type(x) is Traced:
        return x.graph.unary("log_mantissa", x.node)
    if is_array(x):
        bits = (cast("np.ndarray[Any, Any]", x).view(np.uint64) + np.uint64(_MASK_OFFSET)) & np.uint64(_FRACTION)
        return (bits + np.uint64(ROOT_HALF_BITS)).view(np.float64)
    bits = (bits_of(x) + _MASK_OFFSET) & _FRACTION
    return Real(float_of(bits + ROOT_HALF_BITS))


def composite(name: str, body: Any, x: Any) -> Any:
    """`body(x)`, recorded in a graph as the one node `name` and in sympy as the function of that name."""
    if type(x) is Traced:
        return x.graph.unary(name, x.node)
    if symbols.is_symbolic(x):
        return symbols.apply(name, x)
    if is_array(x):
        with np.errstate(all="ignore"):
            return body(np.asarray(x, dtype=np.float64))
    return body(number(x))


def traced(value: Any) -> Any:
    """`value` as a constant of the graph being traced, or as it is when laws run eagerly."""
    graph = active_graph()
    if graph is None or type(value) is Traced:
        return value
    return Traced(graph, graph.lift(value))


def where(mask: Mask, a: Number, b: Number) -> Number:
    """`a` where the mask holds, else `b`; of an integer mask the lowest bit counts (`~True` is -2)."""
    return _where(mask, a, b)


def not_(mask: Mask) -> Mask:
    """The opposite mask. It means `~mask`, which Python deprecates for the plain `bool` of a float comparison."""
    return _not(mask)


def is_nan(x: Number) -> Mask:
    """Mask of values that are not a number."""
    return _is_nan(x)


def sqrt(x: Number) -> Number:
    """Square root, correctly rounded; NaN below zero."""
    return _sqrt(x)


def absolute(x: Number) -> Number:
    """Size without sign: `where(x < 0, -x, x)`."""
    return _absolute(x)


def shift_exponent(p: Number, t: Number) -> Number:
    """`p * 2**n`, where `t` is `n + LOW_PLACES` and `p` and the result are normal."""
    return _shift_exponent(p, t)


def log_exponent(x: Number) -> Number:
    """The whole number k with `x = m * 2**k` and m from sqrt(1/2) up to sqrt(2); x normal and positive."""
    return _log_exponent(x)


def log_mantissa(x: Number) -> Number:
    """The m of `log_exponent`, from sqrt(1/2) up to sqrt(2)."""
    return _log_mantissa(x)
