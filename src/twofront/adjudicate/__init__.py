"""War outcomes: what each contingency would bring, given do(war)."""

from twofront.adjudicate.campaign import (
    AGED,
    MODES,
    STATES,
    Chances,
    Field,
    Fight,
    adjudicate,
    closures,
    field_of,
    outside_responder,
)
from twofront.adjudicate.contest import contest

__all__ = [
    "AGED",
    "MODES",
    "STATES",
    "Chances",
    "Field",
    "Fight",
    "adjudicate",
    "closures",
    "contest",
    "field_of",
    "outside_responder",
]
