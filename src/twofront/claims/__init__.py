"""The claim audit: sentences that somebody said, each taken to a verdict by a rule that was fixed beforehand.

``twofront.claims(case)`` judges the claims of a case: the package can be called, as `twofront.claims.claims`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twofront.claims.audit import Audit, Card, Statement, audit_of, claims
    from twofront.claims.verdict import Verdict

__all__ = ["Audit", "Card", "Statement", "Verdict", "audit_of", "claims"]

_HOME = {
    "Audit": "audit",
    "Card": "audit",
    "Statement": "audit",
    "Verdict": "verdict",
    "audit_of": "audit",
    "claims": "audit",
}


class _Claims(ModuleType):
    """A module that can be called, since ``twofront.claims`` names both the package and what it does."""

    def __call__(self, *arguments: Any, **named: Any) -> Audit:
        from twofront.claims.audit import claims

        return claims(*arguments, **named)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


sys.modules[__name__].__class__ = _Claims
