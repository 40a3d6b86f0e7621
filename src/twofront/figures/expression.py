"""Arithmetic over evidence, checked: what is added or divided must measure the same, in the same prices, by the same
definition, unless the expression says otherwise in so many words.

``B0015 * 12 / (B0036 + B0025)`` · ``A01321.low`` · ``restate(A01233, "bn_usd", K0100 / K0099)`` · ``across(X + Y)``
· ``C0069 / (6000 * person) * brigade``: the name of a unit stands for one of it.
The text is parsed by Python's own `ast`; only arithmetic is let through.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from twofront.faults import nearest
from twofront.figures.measures import Dimension, Measure, UnknownUnit, measure_of, times, words_of
from twofront.figures.row import At, Evidence, at
from twofront.units import UNITS

__all__ = ["Amount", "Expression", "ExpressionError", "amount_of", "parse", "resolver"]

FUNCTIONS: Final = ("sum", "mean", "median", "min", "max", "sqrt", "log", "restate", "across")
BASE_YEAR: Final = 2025
"""Of whose dollars at market rates the model's money is (`twofront.units`)."""

Resolve = Callable[[str, At], "Amount"]
"""What a name stands for: raises `KeyError` if nothing."""


class ExpressionError(ValueError):
    """What is wrong with an expression: its column (from 1), what is allowed, the nearest spelling, the remedy."""

    def __init__(
        self, message: str, column: int = 1, *, found: str = "", allowed: str = "", close: str = "", remedy: str = ""
    ) -> None:
        super().__init__(message)
        self.column = column
        self.found = found
        self.allowed = allowed
        self.nearest = close
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or an array of them, in base units, with what it measures.

    ``definition``: whose count it follows, or nothing; ``years``: of which current prices are.
    """

    value: Any
    dimension: Dimension = field(default_factory=dict[str, int])
    definition: str = ""
    years: frozenset[int] = frozenset()

    def in_unit(self, unit: str) -> Any:
        """Return the value in a unit of evidence; `ExpressionError` if it measures something else."""
        wanted = measure_of(unit)
        if dict(wanted.dimension) != dict(self.dimension):
            raise ExpressionError(
                f"the result measures {words_of(self.dimension)}, not {words_of(wanted.dimension)} (`{unit}`)",
                allowed=words_of(wanted.dimension),
                remedy="convert it in the expression, or mend the unit",
            )
        return self.value / wanted.factor


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; ``ids`` are all names it reads but units, in order, each once."""

    text: str
    ids: tuple[str, ...]
    _tree: ast.expr

    def value(self, resolve: Resolve, where: At = "central") -> Amount:
        """Return the amount; names without an end of their own are read at ``where``. Raises `ExpressionError`."""
        return _Evaluator(resolve, where).visit(self._tree)


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Parse an expression, or raise `ExpressionError` with the column of what is not arithmetic."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = (error.offset or 1) if isinstance(error, SyntaxError) else 1
        raise ExpressionError(
            f"`{text}` is not arithmetic",
            column,
            found=text,
            allowed="ids, numbers, + - * / **, parentheses, " + ", ".join(FUNCTIONS),
            remedy="write it like `B0015 * 12 / (B0036 + B0025)`",
        ) from None
    names = dict.fromkeys(_names(tree))
    return Expression(text, tuple(name for name in names if name not in UNITS), tree)


def amount_of(row: Evidence, where: At = "central") -> Amount:
    """Return what a row says, as an amount. Raises `ExpressionError` for words and unknown units."""
    try:
        measure: Measure = measure_of(row.unit, row.quantity)
    except UnknownUnit as error:
        raise ExpressionError(f"{row.id}: {error}", found=row.unit, close=error.nearest) from None
    found = at(row, where)
    if found is None or not measure.is_number:
        raise ExpressionError(
            f"`{row.id}` has no number ({row.entity}, {row.quantity})", found=row.id, remedy="cite it in words instead"
        )
    if not any(name.endswith(" current") for name in measure.dimension):
        return Amount(found * measure.factor, measure.dimension, measure.definition)
    years = frozenset(_years(row.period))
    if years == frozenset([BASE_YEAR]) and "money:usd current" in measure.dimension:
        # Current dollars of the base year are the model's own.
        dimension = {"money" if n == "money:usd current" else n: power for n, power in measure.dimension.items()}
        return Amount(found * measure.factor, dimension, measure.definition)
    return Amount(found * measure.factor, measure.dimension, measure.definition, years)


def resolver(rows: Mapping[str, Evidence]) -> Resolve:
    """Return what resolves ids of evidence."""

    def resolve(name: str, where: At) -> Amount:
        if name not in rows:
            raise ExpressionError(
                f"`{name}` is not in evidence.csv",
                found=name,
                allowed=f"{len(rows)} ids",
                close=nearest(name, rows),
                remedy="add the row or mend the id",
            )
        return amount_of(rows[name], where)

    return resolve


def _names(tree: ast.expr) -> Iterator[str]:
    if isinstance(tree, ast.Call):
        for argument in tree.args:
            yield from _names(argument)
    elif isinstance(tree, ast.Name):
        yield tree.id
    elif isinstance(tree, ast.Attribute) and tree.attr not in {"low", "central", "high"}:
        yield _dotted(tree)
    else:
        for child in ast.iter_child_nodes(tree):
            if isinstance(child, ast.expr):
                yield from _names(child)


def _dotted(tree: ast.expr) -> str:
    """Read ``a.b.c`` as a name."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        return f"{_dotted(tree.value)}.{tree.attr}"
    raise ExpressionError("only a name can stand before a dot", tree.col_offset + 1)


def _years(period: str) -> list[int]:
    """Return every year of a period: ``2024/2025`` and ``2023-25`` name all between as well."""
    ends = [int(year) for year in re.findall(r"(?:19|20)\d\d", period)]
    return list(range(min(ends), max(ends) + 1)) if ends else []


class _Evaluator:
    def __init__(self, resolve: Resolve, where: At) -> None:
        self._resolve = resolve
        self._where: At = where
        self._across = False

    def visit(self, tree: ast.expr) -> Amount:
        match tree:
            case ast.Constant(value=value):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise self._error(tree, f"`{ast.unparse(tree)}` is not a number")
                return Amount(float(value))
            case ast.Name():
                return self._named(tree, tree.id, self._where)
            case ast.Attribute(attr="low" | "central" | "high" as end):
                return self._named(tree, _dotted(tree.value), end)
            case ast.Attribute():
                return self._named(tree, _dotted(tree), self._where)
            case ast.UnaryOp(op=ast.USub()):
                inner = self.visit(tree.operand)
                return replace(inner, value=-inner.value)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.visit(tree.operand)
            case ast.BinOp():
                return self._binary(tree)
            case ast.Call():
                return self._call(tree)
            case _:
                raise self._error(tree, f"`{ast.unparse(tree)}` is not arithmetic")

    def _error(self, tree: ast.expr, message: str, **more: str) -> ExpressionError:
        return ExpressionError(message, tree.col_offset + 1, found=ast.unparse(tree), **more)

    def _named(self, tree: ast.expr, name: str, where: At) -> Amount:
        if name in UNITS:
            one = measure_of(name)
            return Amount(one.factor, one.dimension)
        try:
            return self._resolve(name, where)
        except ExpressionError as error:
            error.column = tree.col_offset + 1
            raise

    def _binary(self, tree: ast.BinOp) -> Amount:
        if isinstance(tree.op, ast.Pow):
            return self._power(tree)
        left, right = self.visit(tree.left), self.visit(tree.right)
        if isinstance(tree.op, ast.Add | ast.Sub):
            self._same(tree, left, right)
            apply = operator.add if isinstance(tree.op, ast.Add) else operator.sub
            return self._joined(left, right, apply(left.value, right.value), left.dimension)
        if isinstance(tree.op, ast.Mult):
            return self._joined(left, right, left.value * right.value, times(left.dimension, right.dimension))
        if isinstance(tree.op, ast.Div):
            if np.ndim(right.value) == 0 and not right.value:
                raise self._error(tree, f"`{ast.unparse(tree.right)}` is zero, and something is divided by it")
            if left.dimension and left.dimension == right.dimension:
                self._same(tree, left, right)
            result = self._joined(left, right, left.value / right.value, times(left.dimension, right.dimension, -1))
            if left.definition == right.definition and left.dimension != right.dimension:
                # Spending over its share of GDP is GDP, however spending is counted.
                return replace(result, definition="")
            return result
        raise self._error(tree, f"`{ast.unparse(tree)}` is not arithmetic", allowed="+ - * / **")

    def _power(self, tree: ast.BinOp) -> Amount:
        base, exponent = self.visit(tree.left), self.visit(tree.right)
        if exponent.dimension or (base.dimension and exponent.value != int(exponent.value)):
            raise self._error(tree, "an exponent is a plain number, and a whole one where the base has a unit")
        if isinstance(base.value, float) and base.value < 0 and exponent.value != int(exponent.value):
            raise self._error(tree, "a root of a negative number")
        if np.ndim(base.value) == 0 and not base.value and exponent.value < 0:
            raise self._error(tree, f"`{ast.unparse(tree.left)}` is zero, and something is divided by it")
        dimension = {name: int(n * exponent.value) for name, n in base.dimension.items()}
        return replace(base, value=base.value**exponent.value, dimension=dimension)

    def _call(self, tree: ast.Call) -> Amount:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ast.unparse(tree.func)
        if name not in FUNCTIONS or tree.keywords or not tree.args:
            raise self._error(
                tree, f"`{name}` is not a function here", allowed=", ".join(FUNCTIONS), close=nearest(name, FUNCTIONS)
            )
        if name == "restate":
            return self._restate(tree)
        if name == "across":
            before, self._across = self._across, True
            result = self.visit(tree.args[0])
            self._across = before
            return replace(result, definition="", years=frozenset())
        found = [self.visit(argument) for argument in tree.args]
        for other in found[1:]:
            self._same(tree, found[0], other)
        values = [amount.value for amount in found]
        if name in {"sqrt", "log"}:
            if len(found) != 1 or found[0].dimension:
                raise self._error(tree, f"`{name}` takes one plain number")
            if np.ndim(values[0]) == 0 and (values[0] < 0 or (name == "log" and not values[0])):
                raise self._error(
                    tree, f"`{ast.unparse(tree.args[0])}` is {values[0]:g}, of which there is no `{name}`"
                )
            return replace(found[0], value=_plain(np.log(values[0])) if name == "log" else values[0] ** 0.5)
        result = found[0]
        for other in found[1:]:
            result = self._joined(result, other, 0.0, result.dimension)
        return replace(result, value=_FOLDS[name](values))

    def _restate(self, tree: ast.Call) -> Amount:
        """``restate(x, unit, by)``: the explicit step from one base of money to another."""
        if len(tree.args) != 3 or not (isinstance(tree.args[1], ast.Constant) and isinstance(tree.args[1].value, str)):
            raise self._error(tree, "`restate` is written `restate(x, 'unit', by)`")
        inner, by = self.visit(tree.args[0]), self.visit(tree.args[2])
        try:
            wanted = measure_of(tree.args[1].value)
        except UnknownUnit as error:
            raise self._error(tree.args[1], str(error), close=error.nearest) from None
        if by.dimension:
            raise self._error(tree.args[2], f"what restates is a plain number, not {words_of(by.dimension)}")
        if _without_money(inner.dimension) != _without_money(wanted.dimension):
            raise self._error(tree, f"`restate` changes the base of money only, not {words_of(inner.dimension)}")
        return Amount(inner.value * by.value, wanted.dimension, inner.definition)

    def _same(self, tree: ast.expr, left: Amount, right: Amount) -> None:
        """Refuse to add, compare or divide what measures different things."""
        if left.dimension != right.dimension:
            money = any(n.startswith("money") for n in left.dimension) and any(
                n.startswith("money") for n in right.dimension
            )
            raise self._error(
                tree,
                f"`{ast.unparse(tree)}` mixes {words_of(left.dimension)} and {words_of(right.dimension)}",
                remedy="restate one of them: `restate(x, 'unit', by)`" if money else "compare like with like",
            )
        if left.years and right.years and not left.years & right.years and not self._across:
            raise self._error(
                tree,
                f"`{ast.unparse(tree)}` mixes current prices of {_span(left.years)} and {_span(right.years)}",
                remedy="take rows of one year or constant prices, or write `across(…)` if that is meant",
            )

    def _joined(self, left: Amount, right: Amount, value: Any, dimension: Dimension) -> Amount:
        definitions = {d for d in (left.definition, right.definition) if d}
        if len(definitions) > 1 and not self._across:
            first, second = sorted(definitions)
            raise ExpressionError(
                f"definitions are spliced: {first} and {second} count different things",
                remedy="take rows of one definition, or write `across(…)` if that is meant and said",
            )
        return Amount(value, dimension, next(iter(definitions), ""), left.years | right.years)


def _without_money(dimension: Dimension) -> dict[str, int]:
    return {name.split(":")[0]: n for name, n in dimension.items() if not name.startswith("money")}


def _span(years: frozenset[int]) -> str:
    return str(min(years)) if len(years) == 1 else f"{min(years)} to {max(years)}"


_FOLDS: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    "sum": lambda values: functools.reduce(operator.add, values),
    "mean": lambda values: functools.reduce(operator.add, values) / len(values),
    "median": lambda values: _plain(np.median(np.array(values), axis=0)),
    "min": lambda values: _plain(np.minimum.reduce(values)),
    "max": lambda values: _plain(np.maximum.reduce(values)),
}


def _plain(value: Any) -> Any:
    """A Python number where it is one."""
    return value if np.ndim(value) else float(value)
