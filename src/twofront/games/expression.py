"""Payoffs and chances as arithmetic over named quantities: ``prize.red * win.red - war_cost.red``.

A small closed language: numbers, names (with dots), ``+ - * /``, parentheses, ``min`` and ``max``. The text is parsed
by Python's own `ast`, and only this is let through. Values are numbers or arrays of one length, so that one tree
stands for a million games.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from twofront.faults import nearest

__all__ = ["Expression", "ExpressionError", "is_name", "parse"]

FUNCTIONS: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    "min": lambda values: functools.reduce(np.minimum, values),
    "max": lambda values: functools.reduce(np.maximum, values),
}
_NAME: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_MOST: Final = 200
"""How deep brackets may nest: enough for anybody, and far from the limit of the interpreter."""


class ExpressionError(ValueError):
    """What is wrong with an expression: its column (from 1), what is allowed, the nearest spelling."""

    def __init__(self, message: str, column: int = 1, *, allowed: str = "", close: str = "") -> None:
        super().__init__(message)
        self.column = column
        self.allowed = allowed
        self.nearest = close


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; ``names``: all that it reads, in order, each once."""

    text: str
    names: tuple[str, ...]
    _tree: ast.expr

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum or a difference, which needs brackets inside a product."""
        return isinstance(self._tree, ast.BinOp) and isinstance(self._tree.op, ast.Add | ast.Sub)

    @property
    def is_nothing(self) -> bool:
        """Whether it is zero whatever its names stand for: zero, or a product with it."""
        return _is_nothing(self._tree)

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return the value where names stand for ``values``; `KeyError` for a name that is not there.

        Division by zero gives an infinity or what is no number, as in arrays; who solves refuses those.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return _value(self._tree, values)


def is_name(text: str) -> bool:
    """Whether a text is one plain name."""
    return _NAME.match(text) is not None


@functools.lru_cache(maxsize=65536)
def parse(text: str) -> Expression:
    """Parse an expression, or raise `ExpressionError` with the column of what is not arithmetic."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        names = tuple(dict.fromkeys(_names(tree, 0)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, ExpressionError):
            raise
        column = (error.offset or 1) if isinstance(error, SyntaxError) else 1
        raise ExpressionError(f"`{text}` is not arithmetic", column, allowed=_ALLOWED) from None
    return Expression(text, names, tree)


_ALLOWED: Final = f"numbers, names, + - * /, parentheses, {', '.join(FUNCTIONS)}"


def _names(tree: ast.expr, depth: int) -> Iterator[str]:
    """Names that a tree reads, first to last; raises `ExpressionError` at what is not arithmetic."""
    if depth > _MOST:
        raise ExpressionError("brackets nest too deep", tree.col_offset + 1)
    match tree:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            if not np.isfinite(float(value)):
                raise _refused(tree, "is too great a number")
        case ast.Name() | ast.Attribute():
            yield _dotted(tree)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            yield from _names(tree.operand, depth + 1)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            # Long sums lean to the left; going down that side without a call keeps them from counting as deep.
            waiting: list[ast.expr] = []
            left: ast.expr = tree
            while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
                waiting.append(left.right)
                left = left.left
            yield from _names(left, depth + 1)
            for right in reversed(waiting):
                yield from _names(right, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS and arguments:
            for argument in arguments:
                yield from _names(argument, depth + 1)
        case ast.Call(func=ast.Name(id=name)):
            close = nearest(name, FUNCTIONS)
            raise ExpressionError(
                f"`{name}` is no function here", tree.col_offset + 1, allowed=", ".join(FUNCTIONS), close=close
            )
        case _:
            raise _refused(tree, "is not arithmetic")


def _refused(tree: ast.expr, why: str) -> ExpressionError:
    return ExpressionError(f"`{ast.unparse(tree)}` {why}", tree.col_offset + 1, allowed=_ALLOWED)


def _dotted(tree: ast.expr) -> str:
    """Read ``a.b.c`` as a name."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        return f"{_dotted(tree.value)}.{tree.attr}"
    raise ExpressionError("only a name can stand before a dot", tree.col_offset + 1)


def _value(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    match tree:
        case ast.Constant(value=value):
            return float(value)  # pyright: ignore[reportArgumentType]
        case ast.Name() | ast.Attribute():
            return values[_dotted(tree)]
        case ast.UnaryOp(op=ast.USub()):
            return -_value(tree.operand, values)
        case ast.UnaryOp():
            return _value(tree.operand, values)
        case ast.Call(func=ast.Name(id=name)):
            return FUNCTIONS[name]([_value(argument, values) for argument in tree.args])
        case ast.BinOp():
            waiting: list[ast.BinOp] = []
            left: ast.expr = tree
            while isinstance(left, ast.BinOp):
                waiting.append(left)
                left = left.left
            result = _value(left, values)
            for each in reversed(waiting):
                result = _applied(each.op, result, _value(each.right, values))
            return result
        case _:
            raise AssertionError(ast.dump(tree))  # `parse` let nothing else through


def _is_nothing(tree: ast.expr) -> bool:
    match tree:
        case ast.Constant(value=value):
            return value == 0
        case ast.UnaryOp():
            return _is_nothing(tree.operand)
        case ast.BinOp(op=ast.Mult()):
            return _is_nothing(tree.left) or _is_nothing(tree.right)
        case ast.BinOp(op=ast.Div()):
            return _is_nothing(tree.left)
        case _:
            return False


def _applied(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Add):
        return left + right
    if isinstance(op, ast.Sub):
        return left - right
    if isinstance(op, ast.Mult):
        return left * right
    return np.divide(left, right)
