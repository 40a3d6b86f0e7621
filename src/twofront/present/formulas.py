"""A law's formula as MathML, from the spelling that its record uses (Python expressions)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from html import escape

__all__ = ["mathml"]

_NAMES = {
    "tau": "τ", "lambda": "λ", "mu": "μ", "rho": "ρ", "omega": "ω", "sigma": "σ", "beta": "β", "alpha": "α",
    "gamma": "γ", "delta": "δ", "theta": "θ", "phi": "φ", "pi": "π",
}  # fmt: skip
_FUNCTIONS = {"Min": "min", "Max": "max", "minimum": "min", "maximum": "max"}
_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Gt: "&gt;",
    ast.Lt: "&lt;",
    ast.GtE: "≥",
    ast.LtE: "≤",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = 1, 2, 3, 4, 5


def mathml(form: str) -> str:
    """Set a formula; one that cannot be read is shown as it is written."""
    try:
        tree = ast.parse(form.strip(), mode="eval").body
        inner = _set(tree)[0]
    except (SyntaxError, _NotSet):
        return f"<code>{escape(form)}</code>"
    return f'<math display="inline" title="{escape(form, quote=True)}">{inner}</math>'


class _NotSet(Exception):
    """The formula has something that is not known here."""


def _set(node: ast.expr) -> tuple[str, int]:
    """MathML of a node, and how tightly it binds."""
    for kind, writer in _WRITERS.items():
        if isinstance(node, kind):
            return writer(node)
    raise _NotSet


def _name(node: ast.Name) -> tuple[str, int]:
    head, *rest = node.id.split("_")
    base = f"<mi>{escape(_NAMES.get(head, head))}</mi>"
    return (f"<msub>{base}<mi>{escape(' '.join(rest))}</mi></msub>" if rest else base), _ATOM


def _constant(node: ast.Constant) -> tuple[str, int]:
    value = node.value
    text = f"{value:,}".replace(",", "\u202f") if isinstance(value, int) and abs(value) >= 10000 else str(value)
    return f"<mn>{escape(text)}</mn>", _ATOM


def _fenced(inner: str) -> str:
    return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"


def _at_least(node: ast.expr, binding: int) -> str:
    text, found = _set(node)
    return text if found >= binding else _fenced(text)


def _binary(node: ast.BinOp) -> tuple[str, int]:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Div):
        return f"<mfrac><mrow>{_set(left)[0]}</mrow><mrow>{_set(right)[0]}</mrow></mfrac>", _ATOM
    if isinstance(node.op, ast.Pow):
        return f"<msup>{_at_least(left, _ATOM)}<mrow>{_set(right)[0]}</mrow></msup>", _POWER
    if isinstance(node.op, ast.Mult):
        return f"<mrow>{_at_least(left, _PRODUCT)}<mo>·</mo>{_at_least(right, _PRODUCT)}</mrow>", _PRODUCT
    if isinstance(node.op, ast.Add):
        return f"<mrow>{_set(left)[0]}<mo>+</mo>{_at_least(right, _SUM)}</mrow>", _SUM
    if isinstance(node.op, ast.Sub):
        return f"<mrow>{_at_least(left, _SUM)}<mo>−</mo>{_at_least(right, _PRODUCT)}</mrow>", _SUM
    raise _NotSet


def _unary(node: ast.UnaryOp) -> tuple[str, int]:
    if not isinstance(node.op, ast.USub):
        raise _NotSet
    return f"<mrow><mo>−</mo>{_at_least(node.operand, _PRODUCT)}</mrow>", _UNARY


def _call(node: ast.Call) -> tuple[str, int]:
    if not isinstance(node.func, ast.Name):
        raise _NotSet
    name = node.func.id
    if name == "exp" and len(node.args) == 1:
        return f"<msup><mi>e</mi><mrow>{_set(node.args[0])[0]}</mrow></msup>", _POWER
    if name == "sqrt" and len(node.args) == 1:
        return f"<msqrt>{_set(node.args[0])[0]}</msqrt>", _ATOM
    if name == "Piecewise":
        return _cases(node), _SUM
    if name == "where" and len(node.args) == 3:
        mask, yes, no = node.args
        return _braced([(_set(yes)[0], _set(mask)[0]), (_set(no)[0], "<mtext>otherwise</mtext>")]), _SUM
    inner = "<mo>,</mo>".join(_set(argument)[0] for argument in node.args)
    return f"<mrow><mi>{escape(_FUNCTIONS.get(name, name.replace('_', ' ')))}</mi>{_fenced(inner)}</mrow>", _ATOM


def _cases(node: ast.Call) -> str:
    rows: list[tuple[str, str]] = []
    for argument in node.args:
        if not isinstance(argument, ast.Tuple) or len(argument.elts) != 2:
            raise _NotSet
        value, condition = argument.elts
        always = isinstance(condition, ast.Constant) and condition.value is True
        rows.append((_set(value)[0], "<mtext>otherwise</mtext>" if always else _set(condition)[0]))
    return _braced(rows)


def _braced(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<mtr><mtd><mrow>{value}</mrow></mtd><mtd><mrow><mtext>&#160;if&#160;</mtext>{when}</mrow></mtd></mtr>"
        if "otherwise" not in when
        else f"<mtr><mtd><mrow>{value}</mrow></mtd><mtd><mrow><mtext>&#160;</mtext>{when}</mrow></mtd></mtr>"
        for value, when in rows
    )
    return f"<mrow><mo>{{</mo><mtable columnalign='left'>{cells}</mtable></mrow>"


def _compare(node: ast.Compare) -> tuple[str, int]:
    if len(node.ops) != 1 or type(node.ops[0]) not in _RELATIONS:
        raise _NotSet
    relation = _RELATIONS[type(node.ops[0])]
    return f"<mrow>{_set(node.left)[0]}<mo>{relation}</mo>{_set(node.comparators[0])[0]}</mrow>", 0


_WRITERS: dict[type[ast.expr], Callable[..., tuple[str, int]]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Call: _call,
    ast.Compare: _compare,
}
