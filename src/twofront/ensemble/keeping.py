"""Which outcomes get a column. All are evaluated and hashed; what is not kept can be computed again from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from twofront.faults import UserError, listed, nearest

__all__ = ["ALL", "CORE", "MOST_KEPT_VALUES", "kept_outcomes"]

ALL, CORE = "all", "core"

MOST_KEPT_VALUES = 800_000_000
"""Values (futures × policies × outcomes) up to which every outcome is kept unless asked otherwise: about 4 GB. Beyond,
the core outcomes are."""

_CORE = ("deterrence_margin.*", "second_front_chance.fixed", "any_war_chance.with_blockade", "window_months.*")
"""Beside those whose name has no dot: the outcomes as such, not by order, payer, theatre or window."""


def kept_outcomes(
    wanted: Sequence[str] | None, outcomes: Sequence[str], rows: int, *, beside: Sequence[str] = ()
) -> tuple[str, ...] | None:
    """The outcomes to keep, and those `beside` them, in their order; None for all of them.

    `wanted` holds names, patterns with `*`, `?` and `[…]`, `core` or `all`. Raises `UserError` for one that matches
    nothing.
    """
    if wanted is None:
        wanted = [ALL] if rows * len(outcomes) <= MOST_KEPT_VALUES else [CORE]
    if not wanted:
        raise UserError(f"no outcome to keep; name some, or patterns, or `{CORE}` or `{ALL}`: {listed(outcomes)}")
    kept = set(beside)
    for pattern in wanted:
        found = _matching(pattern, outcomes)
        if not found:
            raise UserError(_nothing(pattern, outcomes))
        kept.update(found)
    ordered = tuple(name for name in outcomes if name in kept)
    return None if len(ordered) == len(outcomes) else ordered


def _matching(pattern: str, outcomes: Sequence[str]) -> Sequence[str]:
    if pattern == ALL:
        return outcomes
    if pattern == CORE:
        return _core(outcomes) or outcomes
    return [name for name in outcomes if fnmatchcase(name, pattern)]


def _core(outcomes: Sequence[str]) -> tuple[str, ...] | None:
    found = [name for name in outcomes if "." not in name or any(fnmatchcase(name, pattern) for pattern in _CORE)]
    return tuple(found) if 0 < len(found) < len(outcomes) else None


def _nothing(pattern: str, outcomes: Sequence[str]) -> str:
    if pattern.startswith(("in.", "structure.")) or pattern in ("future", "policy", "status", "weight.base"):
        return f"`{pattern}` is no outcome and need not be kept: it can always be read"
    if any(letter in pattern for letter in "*?["):
        return f"no outcome matches `{pattern}`; there are {listed(outcomes)}"
    near = nearest(pattern, outcomes)
    hint = f"did you mean `{near}`?" if near else f"there are {listed(outcomes)}"
    return f"no outcome `{pattern}` to keep; {hint}"
