"""The claim audit: sentences that somebody said, each taken to a verdict by a rule that stands in the case."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twofront.audit.cards import Audit, Card, Statement, audit_of, claims
    from twofront.audit.verdict import Verdict

__all__ = ["Audit", "Card", "Statement", "Verdict", "audit_of", "claims"]

_HOME = {
    "Audit": "cards",
    "Card": "cards",
    "Statement": "cards",
    "Verdict": "verdict",
    "audit_of": "cards",
    "claims": "cards",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
