"""War outcomes: what each contingency would bring, given do(war)."""

from twofront.adjudicate.allocation import divided, first_come, minmax_shares, proportional_shares
from twofront.adjudicate.arrival import closures
from twofront.adjudicate.campaign import Chances, Fight, adjudicate, later
from twofront.adjudicate.contract import (
    Breaking,
    Crossing,
    Elements,
    Engagement,
    Exponents,
    Front,
    MissingPart,
    Phase,
    Salvo,
    Structure,
    Terms,
    WarResult,
)
from twofront.adjudicate.field import MODES, STATES, Field, field_of, outside_responder
from twofront.adjudicate.sharing import RULES, Sharing, sharing
from twofront.adjudicate.structures import KINDS, STRUCTURES, NamedStructure, structure

__all__ = [
    "KINDS",
    "MODES",
    "RULES",
    "STATES",
    "STRUCTURES",
    "Breaking",
    "Chances",
    "Crossing",
    "Elements",
    "Engagement",
    "Exponents",
    "Field",
    "Fight",
    "Front",
    "MissingPart",
    "NamedStructure",
    "Phase",
    "Salvo",
    "Sharing",
    "Structure",
    "Terms",
    "WarResult",
    "adjudicate",
    "closures",
    "divided",
    "field_of",
    "first_come",
    "later",
    "minmax_shares",
    "outside_responder",
    "proportional_shares",
    "sharing",
    "structure",
]
