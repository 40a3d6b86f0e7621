"""A law's formula in LaTeX, from the spelling that its record uses (Python expressions), for Markdown pages."""

from __future__ import annotations

import ast
from collections.abc import Callable

__all__ = ["latex"]

_GREEK = ("tau", "lambda", "mu", "rho", "omega", "sigma", "beta", "alpha", "gamma", "delta", "theta", "phi", "pi")
_FUNCTIONS = {
    "Min": r"\min",
    "Max": r"\max",
    "minimum": r"\min",
    "maximum": r"\max",
    "log": r"\ln",
    "cosh": r"\cosh",
    "sinh": r"\sinh",
    "normal_cdf": r"\Phi",
}
_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.Lt: "<",
    ast.GtE: r"\ge",
    ast.LtE: r"\le",
    ast.Eq: "=",
    ast.NotEq: r"\ne",
}
_CASES = (r"\begin{cases}", r"\end{cases}")
_BREAK = r" \\ "
_OTHERWISE = r"\text{otherwise}"
_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = 1, 2, 3, 4, 5


def latex(form: str) -> str:
    """Set a formula in LaTeX; `ValueError` if it has something that is not known here."""
    return _set(ast.parse(form.strip(), mode="eval").body)[0]


def _set(node: ast.expr) -> tuple[str, int]:
    """LaTeX of a node, and how tightly it binds."""
    for kind, writer in _WRITERS.items():
        if isinstance(node, kind):
            return writer(node)
    raise ValueError(f"no LaTeX for `{ast.unparse(node)}`")


def _name(node: ast.Name) -> tuple[str, int]:
    head, *rest = node.id.split("_")
    said = f"\\{head}" if head in _GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    return (rf"{said}_{{\mathrm{{{' '.join(rest)}}}}}" if rest else said), _ATOM


def _constant(node: ast.Constant) -> tuple[str, int]:
    value = node.value
    if isinstance(value, int) and abs(value) >= 10_000:
        zeros = len(str(value)) - len(str(value).rstrip("0"))
        lead = value // 10**zeros
        return (rf"10^{{{zeros}}}", _POWER) if lead == 1 else (rf"{lead} \cdot 10^{{{zeros}}}", _PRODUCT)
    return str(value), _ATOM


def _fenced(inner: str) -> str:
    return rf"\left({inner}\right)"


def _at_least(node: ast.expr, binding: int) -> str:
    text, found = _set(node)
    return text if found >= binding else _fenced(text)


def _binary(node: ast.BinOp) -> tuple[str, int]:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{_set(left)[0]}}}{{{_set(right)[0]}}}", _ATOM
    if isinstance(node.op, ast.Pow):
        base, found = _set(left)
        # A fraction binds as an atom in a sum, and still needs its brackets under an exponent.
        plain = found >= _ATOM and not base.startswith(r"\frac")
        return rf"{base if plain else _fenced(base)}^{{{_set(right)[0]}}}", _POWER
    if isinstance(node.op, ast.Mult):
        return rf"{_at_least(left, _PRODUCT)} \, {_at_least(right, _PRODUCT)}", _PRODUCT
    if isinstance(node.op, ast.Add):
        return f"{_set(left)[0]} + {_at_least(right, _SUM)}", _SUM
    if isinstance(node.op, ast.Sub):
        return f"{_set(left)[0]} - {_at_least(right, _PRODUCT)}", _SUM
    raise ValueError(f"no LaTeX for `{ast.unparse(node)}`")


def _unary(node: ast.UnaryOp) -> tuple[str, int]:
    if not isinstance(node.op, ast.USub):
        raise ValueError(f"no LaTeX for `{ast.unparse(node)}`")
    return f"-{_at_least(node.operand, _PRODUCT)}", _UNARY


def _call(node: ast.Call) -> tuple[str, int]:
    if not isinstance(node.func, ast.Name):
        raise ValueError(f"no LaTeX for `{ast.unparse(node)}`")
    name = node.func.id
    if name == "exp":
        return rf"\mathrm{{e}}^{{{_set(node.args[0])[0]}}}", _POWER
    if name == "sqrt":
        return rf"\sqrt{{{_set(node.args[0])[0]}}}", _ATOM
    if name == "Abs":
        return rf"\left|{_set(node.args[0])[0]}\right|", _ATOM
    if name == "Rational":
        return rf"\tfrac{{{_set(node.args[0])[0]}}}{{{_set(node.args[1])[0]}}}", _ATOM
    if name == "Piecewise":
        return _cases(node), _SUM
    if name == "where":
        mask, yes, no = (_set(argument)[0] for argument in node.args)
        return f"{_CASES[0]}{yes} & {mask}{_BREAK}{no} & {_OTHERWISE}{_CASES[1]}", _SUM
    if name not in _FUNCTIONS:
        raise ValueError(f"no LaTeX for the function `{name}`")
    inner = ", ".join(_set(argument)[0] for argument in node.args)
    return f"{_FUNCTIONS[name]}{_fenced(inner)}", _ATOM


def _cases(node: ast.Call) -> str:
    rows: list[str] = []
    for argument in node.args:
        if not isinstance(argument, ast.Tuple):
            raise ValueError(f"no LaTeX for `{ast.unparse(node)}`")
        value, condition = argument.elts
        always = isinstance(condition, ast.Constant) and condition.value is True
        rows.append(f"{_set(value)[0]} & {_OTHERWISE if always else _set(condition)[0]}")
    return _CASES[0] + _BREAK.join(rows) + _CASES[1]


def _compare(node: ast.Compare) -> tuple[str, int]:
    relation = _RELATIONS[type(node.ops[0])]
    return f"{_set(node.left)[0]} {relation} {_set(node.comparators[0])[0]}", 0


_WRITERS: dict[type[ast.expr], Callable[..., tuple[str, int]]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Call: _call,
    ast.Compare: _compare,
}
