"""Which futures are meant: a small, checked language over outcomes.

``double_war_chance > 0.05`` · ``top(second_front_chance, 0.1)`` · ``change(any_war_chance) > 0.01`` ·
``window_months >= 12 and not policy_cost > 100`` · ``of(present_course, any_war_chance) < 0.2``

The text is parsed by Python's own `ast`; only comparisons, arithmetic and the functions below are let through.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from twofront.analyse.study import Study
from twofront.faults import UserError, listed, nearest

__all__ = ["Condition", "Futures", "condition"]

Bools: TypeAlias = npt.NDArray[np.bool_]

FUNCTIONS: Final = ("change", "of", "top", "bottom", "abs", "min", "max")
GRAMMAR: Final = (
    "outcomes, numbers, + - * /, < <= > >= == !=, and, or, not, change(outcome), of(policy, outcome), "
    "top(outcome, share), bottom(outcome, share), abs, min, max"
)
EXAMPLE: Final = "write it like `double_war_chance > 0.05` or `top(second_front_chance, 0.1)`"

_COMPARE: Final[dict[type[ast.cmpop], tuple[Callable[[Any, Any], Any], str]]] = {
    ast.Lt: (operator.lt, "below"),
    ast.LtE: (operator.le, "at most"),
    ast.Gt: (operator.gt, "above"),
    ast.GtE: (operator.ge, "at least"),
    ast.Eq: (operator.eq, "equal to"),
    ast.NotEq: (operator.ne, "other than"),
}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Futures:
    """What a condition says of a study's futures.

    `defined`: every outcome that it reads is a number; where one is not (a share of nothing) the future neither meets
    the condition nor fails it, and is counted apart. `met` is False there. `thresholds` are the values that `top` and
    `bottom` came to.
    """

    met: Bools
    defined: Bools
    thresholds: dict[str, float]

    @property
    def n(self) -> int:
        """Futures in which the condition means something."""
        return int(self.defined.sum())

    @property
    def hits(self) -> int:
        """Futures that meet it."""
        return int(self.met.sum())

    @property
    def undefined(self) -> int:
        """Futures in which it means nothing."""
        return int((~self.defined).sum())


@dataclass(frozen=True)
class Condition:
    """A parsed condition; `outcomes` are those that it reads, in order, each once."""

    text: str
    outcomes: tuple[str, ...]
    tree: ast.expr

    def of(self, study: Study, policy: str | None = None) -> Futures:
        """Which futures meet it under a policy (the present course by default).

        Raises `UserError` for an unknown outcome or policy, and where all futures meet it or none does.
        """
        if policy is not None:
            study.check_policy(policy)
        reader = _Reader(self.text, study, policy or study.present)
        met = reader.visit(self.tree)
        if not isinstance(met, np.ndarray) or met.dtype != bool:
            raise _wrong(self.text, self.tree, "is a number, not a condition; compare it with something")
        found = Futures(met & reader.defined, reader.defined, reader.thresholds)
        self._both(found, reader, study)
        return found

    def _both(self, found: Futures, reader: _Reader, study: Study) -> None:
        """Refuse a condition that divides nothing."""
        if not found.n:
            raise UserError(f"{study.label}: `{self.text}` means nothing in any future: all that it reads is undefined")
        if 0 < found.hits < found.n:
            return
        spans = "; ".join(
            f"{name} goes from {np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
            for name, values in reader.read.items()
            if not np.isnan(values).all()
        )
        who = "no future meets" if not found.hits else "every future meets"
        raise UserError(f"{study.label}: {who} `{self.text}` ({found.n:,} futures; {spans})")


def condition(text: str) -> Condition:
    """Parse a condition, or raise `UserError` that says what is wrong and where."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = (error.offset or 1) if isinstance(error, SyntaxError) else 1
        raise UserError(f"`{text}`, column {column}: not a condition; allowed: {GRAMMAR}; {EXAMPLE}") from None
    outcomes = dict.fromkeys(_outcomes(text, tree))
    if not outcomes:
        raise UserError(f"`{text}` reads no outcome; {EXAMPLE}")
    return Condition(text.strip(), tuple(outcomes), tree)


def _outcomes(text: str, tree: ast.AST) -> list[str]:
    """Names of outcomes, in order; policies (the first argument of `of`) are none."""
    if isinstance(tree, (ast.Name, ast.Attribute)):
        return [_dotted(text, tree)]
    if isinstance(tree, ast.Call):
        arguments = tree.args[1:] if isinstance(tree.func, ast.Name) and tree.func.id == "of" else tree.args
        return [name for argument in arguments for name in _outcomes(text, argument)]
    return [name for child in ast.iter_child_nodes(tree) for name in _outcomes(text, child)]


def _dotted(text: str, tree: ast.expr) -> str:
    parts: list[str] = []
    at = tree
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    if not isinstance(at, ast.Name):
        raise _wrong(text, tree, "is no name of an outcome")
    return ".".join([at.id, *reversed(parts)])


def _wrong(text: str, tree: ast.AST, what: str) -> UserError:
    said = ast.unparse(tree)
    column = getattr(tree, "col_offset", 0) + 1
    place = "" if said == text.strip() else f" in `{text}`, column {column}"
    return UserError(f"`{said}`{place} {what}; allowed: {GRAMMAR}")


@dataclass
class _Reader:
    """Evaluates a condition for all futures at once."""

    text: str
    study: Study
    policy: str
    thresholds: dict[str, float] = field(default_factory=dict[str, float])
    read: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.defined: Bools = np.ones(self.study.n, dtype=bool)

    def visit(self, tree: ast.expr) -> Any:
        if isinstance(tree, ast.Constant) and isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool):
            return float(tree.value)
        if isinstance(tree, (ast.Name, ast.Attribute)):
            return self._outcome(_dotted(self.text, tree), self.policy)
        if isinstance(tree, ast.BoolOp):
            return self._joined(tree)
        if isinstance(tree, ast.UnaryOp):
            return self._unary(tree)
        if isinstance(tree, ast.BinOp) and type(tree.op) in _ARITHMETIC:
            return self._arithmetic(tree)
        if isinstance(tree, ast.Compare):
            return self._compared(tree)
        if isinstance(tree, ast.Call):
            return self._call(tree)
        raise _wrong(self.text, tree, "is not understood here")

    def _outcome(self, name: str, policy: str) -> Any:
        values = self.study.outcome(name, policy)
        self.read[name if policy == self.policy else f"{name} under {policy}"] = values
        self.defined &= ~np.isnan(values)
        return values

    def _arithmetic(self, tree: ast.BinOp) -> Any:
        left, right = self._number(tree.left), self._number(tree.right)
        if isinstance(tree.op, ast.Div) and np.ndim(right) == 0 and not right:
            raise _wrong(self.text, tree, "divides by zero")
        with np.errstate(divide="ignore", invalid="ignore"):
            made = _ARITHMETIC[type(tree.op)](left, right)
        if np.ndim(made):
            # A future in which something is divided by nothing is undefined, whatever it is compared with.
            self.defined &= np.isfinite(made)
        return made

    def _number(self, tree: ast.expr) -> Any:
        made = self.visit(tree)
        if isinstance(made, np.ndarray) and made.dtype == bool:
            raise _wrong(self.text, tree, "is a condition where a number is needed")
        return made

    def _truth(self, tree: ast.expr) -> Bools:
        made = self.visit(tree)
        if not isinstance(made, np.ndarray) or made.dtype != bool:
            raise _wrong(self.text, tree, "is a number where a condition is needed")
        return made

    def _joined(self, tree: ast.BoolOp) -> Bools:
        found = [self._truth(value) for value in tree.values]
        fold = np.logical_and if isinstance(tree.op, ast.And) else np.logical_or
        return fold.reduce(found)

    def _unary(self, tree: ast.UnaryOp) -> Any:
        if isinstance(tree.op, ast.Not):
            return ~self._truth(tree.operand)
        if isinstance(tree.op, ast.USub):
            return -self._number(tree.operand)
        raise _wrong(self.text, tree, "is not understood here")

    def _compared(self, tree: ast.Compare) -> Bools:
        left = self._number(tree.left)
        met: Any = True
        for op, right_tree in zip(tree.ops, tree.comparators, strict=True):
            if type(op) not in _COMPARE:
                raise _wrong(self.text, tree, "is not a comparison of numbers")
            right = self._number(right_tree)
            met = np.logical_and(met, _COMPARE[type(op)][0](left, right))
            left = right
        if np.ndim(met) == 0:
            raise _wrong(self.text, tree, "compares two numbers and reads no outcome")
        return met

    def _call(self, tree: ast.Call) -> Any:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ast.unparse(tree.func)
        if name not in FUNCTIONS or tree.keywords or not tree.args:
            near = nearest(name, FUNCTIONS)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(FUNCTIONS)}"
            raise UserError(f"`{self.text}`: no function `{name}` of this form; {hint}")
        if name == "of":
            return self._under(tree)
        if name == "change":
            return self._change(tree)
        if name in ("top", "bottom"):
            return self._extreme(tree, name)
        found = [self._number(argument) for argument in tree.args]
        if name == "abs":
            if len(found) != 1:
                raise _wrong(self.text, tree, "takes one number")
            return np.abs(found[0])
        fold = np.minimum if name == "min" else np.maximum
        made = found[0]
        for other in found[1:]:
            made = fold(made, other)
        return made

    def _under(self, tree: ast.Call) -> Any:
        if len(tree.args) != 2 or not isinstance(tree.args[0], ast.Name):
            raise _wrong(self.text, tree, "is written `of(policy, outcome)`")
        before, self.policy = self.policy, self.study.check_policy(tree.args[0].id)
        made = self._number(tree.args[1])
        self.policy = before
        return made

    def _change(self, tree: ast.Call) -> Any:
        """An amount under the policy less the same on the present course."""
        if len(tree.args) != 1:
            raise _wrong(self.text, tree, "takes one outcome")
        if self.policy == self.study.present:
            raise UserError(
                f"`{ast.unparse(tree)}` is a change against {self.study.present}, so it needs another policy "
                f"(--policy NAME, or `of(policy, …) - of({self.study.present}, …)`); there are "
                f"{listed(self.study.policies[1:])}"
            )
        under = self._number(tree.args[0])
        before, self.policy = self.policy, self.study.present
        present = self._number(tree.args[0])
        self.policy = before
        return under - present

    def _extreme(self, tree: ast.Call, name: str) -> Bools:
        """The share of futures with the largest or smallest values; ties at the edge are all in."""
        if len(tree.args) != 2:
            raise _wrong(self.text, tree, f"is written `{name}(outcome, 0.1)`")
        values, share = self._number(tree.args[0]), self._number(tree.args[1])
        if np.ndim(values) == 0 or np.ndim(share) != 0 or not 0 < share < 1:
            raise _wrong(self.text, tree, f"is written `{name}(outcome, share)` with a share between 0 and 1")
        known = values[~np.isnan(values)]
        if not len(known):
            return np.zeros(len(values), dtype=bool)
        edge = float(np.quantile(known, 1 - share if name == "top" else share))
        self.thresholds[ast.unparse(tree)] = edge
        return values >= edge if name == "top" else values <= edge
