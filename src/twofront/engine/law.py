"""The record beside every law: its formula, symbols, source, where it holds and where it fails.

`@law(...)` leaves the function as it is, hangs the record on it as `.law` and enters it in the registry. From the
record follow the law's documentation page, the check that the printed formula equals the body (`check_form`), and
the tests that run over the whole registry.
"""

from __future__ import annotations

import inspect
import math
import random
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["DuplicateLaw", "FormMismatch", "Law", "check_form", "law", "laws"]

Function = TypeVar("Function", bound=Callable[..., Any])

_registry: dict[str, Law] = {}

POINTS = 40
"""Random points at which a formula and its body are compared."""
TOLERANCE = 1e-10
"""Largest difference allowed there, relative to the larger of 1 and the value: both are evaluated to 30 digits, and
constants written in code (such as pi) hold 16."""


class DuplicateLaw(ValueError):
    """Two laws claim one id."""


class FormMismatch(ValueError):
    """A law's printed formula and its body differ, or the formula cannot be read."""


@dataclass(frozen=True, eq=False)
class Law:
    """One law. `form` and `symbols` are what the documentation prints; `units` come from the annotations."""

    id: str
    form: str | tuple[str, ...]
    symbols: Mapping[str, str | tuple[str, ...]]
    source: str
    holds: tuple[str, ...]
    fails: str
    function: Callable[..., Any]
    units: Mapping[str, str]
    unit: str | None
    """Unit of the result, where it is one number."""

    @property
    def summary(self) -> str:
        """First line of the docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def place(self) -> str:
        """Dotted name of the function."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


def laws() -> Mapping[str, Law]:
    """Every law of the modules imported so far, by id, in the order of their ids."""
    return dict(sorted(_registry.items()))


def law(
    *,
    id: str,  # noqa: A002
    form: str | Sequence[str],
    symbols: Mapping[str, str | Sequence[str]],
    source: str,
    holds: Sequence[str] = (),
    fails: str = "",
) -> Callable[[Function], Function]:
    """Register a law.

    `form` is the formula in sympy's spelling (`exp log sqrt Min Max where(mask, a, b) Piecewise ...`), one per
    result. `symbols` gives each argument's symbol; a tuple of symbols for an argument that is a sequence of numbers.
    `holds` and `fails` may instead stand in the docstring after "Holds:" and "Fails:".
    """

    def register(function: Function) -> Function:
        names = list(inspect.signature(function).parameters)
        wrong = sorted(set(symbols) ^ set(names))
        if wrong:
            raise ValueError(
                f"law `{id}` ({function.__module__}.{function.__qualname__}): symbols must name every argument "
                f"once; not matched: {', '.join(wrong)}; arguments are: {', '.join(names)}"
            )
        text = inspect.getdoc(function) or ""
        units, unit = _units(function)
        record = Law(
            id=id,
            form=form if isinstance(form, str) else tuple(form),
            symbols={k: v if isinstance(v, str) else tuple(v) for k, v in symbols.items()},
            source=source,
            holds=tuple(holds) or tuple(_section(text, "Holds")),
            fails=fails or "; ".join(_section(text, "Fails")),
            function=function,
            units=units,
            unit=unit,
        )
        known = _registry.get(id)
        if known is not None and known.place != record.place:
            raise DuplicateLaw(f"law id `{id}` is used by {known.place} and by {record.place}; rename one")
        _registry[id] = record
        function.law = record  # pyright: ignore[reportFunctionMemberAccess]
        return function

    return register


def _section(text: str, name: str) -> list[str]:
    found = re.search(rf"^{name}:[ \t]*(.+?)(?=^\w+:|^\s*$|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        return []
    body = " ".join(found.group(1).split()).rstrip(".")
    return [part.strip() for part in body.split(";")]


def _units(function: Callable[..., Any]) -> tuple[dict[str, str], str | None]:
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError):
        return {}, None
    units: dict[str, str] = {}
    for name, hint in hints.items():
        for part in getattr(hint, "__metadata__", ()):
            if isinstance(part, str):
                units[name] = part
    unit = units.pop("return", None)
    return units, unit


def check_form(record: Law, seed: int = 1) -> None:
    """Raise `FormMismatch` unless the law's body, run on symbols, equals its printed formula.

    Both are evaluated to 30 digits at random positive points, half of them below one.
    """
    import mpmath
    import sympy

    symbols: dict[str, Any] = {}
    arguments: dict[str, Any] = {}
    for name, symbol in record.symbols.items():
        if isinstance(symbol, str):
            arguments[name] = symbols.setdefault(symbol, sympy.Symbol(symbol, positive=True))
        else:
            arguments[name] = tuple(symbols.setdefault(item, sympy.Symbol(item, positive=True)) for item in symbol)
    forms = (record.form,) if isinstance(record.form, str) else record.form
    wanted = [_parse(record, form, symbols) for form in forms]
    result = record.function(**arguments)
    found: list[Any] = list(result) if isinstance(result, (tuple, list)) else [result]  # pyright: ignore[reportUnknownArgumentType]
    if len(found) != len(wanted):
        raise FormMismatch(f"law `{record.id}` gives {len(found)} results, its form {len(wanted)}")

    variables = list(symbols.values())
    source = random.Random(seed)
    with mpmath.workdps(30):
        for form, expression, body in zip(forms, wanted, found, strict=True):
            left = sympy.lambdify(variables, sympy.sympify(expression), "mpmath")
            right = sympy.lambdify(variables, sympy.sympify(body), "mpmath")
            compared = 0
            for number in range(POINTS):
                small = number % 2 == 0
                point = [
                    source.uniform(0.02, 0.98) if small else math.exp(source.uniform(-1.0, 2.0)) for _ in variables
                ]
                values = (_evaluate(left, point), _evaluate(right, point))
                if values == (None, None):
                    continue
                compared += 1
                a, b = values
                if a is None or b is None or abs(a - b) > TOLERANCE * max(1, abs(a), abs(b)):
                    where = ", ".join(f"{s}={v:.4g}" for s, v in zip(symbols, point, strict=True))
                    raise FormMismatch(
                        f"law `{record.id}` ({record.place}): the form `{form}` gives {a}, the body {b} at {where}"
                    )
            if compared < POINTS // 4:
                raise FormMismatch(
                    f"law `{record.id}`: form and body are real at {compared} of {POINTS} points only, "
                    "too few to compare them"
                )


def _parse(record: Law, form: str, symbols: Mapping[str, Any]) -> Any:
    import sympy
    from sympy.parsing.sympy_parser import parse_expr

    def choose(mask: Any, a: Any, b: Any) -> Any:
        return sympy.Piecewise((a, mask), (b, True))

    known: dict[str, Any] = {
        "where": choose,
        "minimum": sympy.Min,
        "maximum": sympy.Max,
        "clip": lambda x, low, high: sympy.Max(low, sympy.Min(high, x)),
        "normal_cdf": lambda x: sympy.erfc(-x / sympy.sqrt(2)) / 2,
        "normal_quantile": lambda p: sympy.sqrt(2) * sympy.erfinv(2 * p - 1),
    }
    try:
        expression = parse_expr(form, local_dict=known | dict(symbols))
    except Exception as fault:
        raise FormMismatch(f"law `{record.id}`: the form `{form}` cannot be read: {fault}") from fault
    unknown = sorted(str(s) for s in expression.free_symbols - set(symbols.values()))
    if unknown:
        raise FormMismatch(
            f"law `{record.id}`: the form uses {', '.join(unknown)}, which no argument has as its symbol; "
            f"symbols are: {', '.join(symbols)}"
        )
    return expression


def _evaluate(function: Callable[..., Any], point: Sequence[float]) -> Any:
    """Real value at a point, or None where there is none."""
    import mpmath

    try:
        value = mpmath.mpmathify(function(*point))
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    if isinstance(value, mpmath.mpc):
        if abs(value.imag) > 1e-25 * max(1, abs(value.real)):
            return None
        value = value.real
    return None if mpmath.isnan(value) or mpmath.isinf(value) else value
