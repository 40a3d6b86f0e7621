"""Strategic choice: who acts, who answers, who joins, and what waiting is worth."""

from twofront.choose.play import Choices, Standing, play, status_quo, waiting_value
from twofront.choose.respond import CALL_STATES, Prospect, Prospects, WarChances, prospects, sides
from twofront.choose.tree import ClosedFormRefused, prove_world

__all__ = [
    "CALL_STATES",
    "Choices",
    "ClosedFormRefused",
    "Prospect",
    "Prospects",
    "Standing",
    "WarChances",
    "play",
    "prospects",
    "prove_world",
    "sides",
    "status_quo",
    "waiting_value",
]
