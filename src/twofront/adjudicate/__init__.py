"""War outcomes: what each contingency would bring, given do(war)."""

from twofront.adjudicate.arrival import closures
from twofront.adjudicate.campaign import Chances, Fight, adjudicate
from twofront.adjudicate.contest import contest
from twofront.adjudicate.contract import Engagement, Structure, WarResult
from twofront.adjudicate.field import AGED, MODES, STATES, Field, field_of, outside_responder

__all__ = [
    "AGED",
    "MODES",
    "STATES",
    "Chances",
    "Engagement",
    "Field",
    "Fight",
    "Structure",
    "WarResult",
    "adjudicate",
    "closures",
    "contest",
    "field_of",
    "outside_responder",
]
