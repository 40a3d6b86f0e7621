"""Strategic choice: who acts, who answers, who joins, and what waiting is worth."""

from twofront.choose.occasion import (
    CLOSE,
    PATIENT,
    QUICK,
    ROUGH,
    SOLVED,
    STARTS,
    TRACED,
    Occasion,
    Played,
    Search,
    Standing,
)
from twofront.choose.play import Choices, play, status_quo, waiting_value
from twofront.choose.resolve import Resolve, resolve_of
from twofront.choose.respond import (
    CALL_STATES,
    Prospect,
    Prospects,
    Stance,
    WarChances,
    alerts,
    forewarned,
    prospects,
    sides,
)
from twofront.choose.tree import ClosedFormRefused, prove_world

__all__ = [
    "CALL_STATES",
    "CLOSE",
    "PATIENT",
    "QUICK",
    "ROUGH",
    "SOLVED",
    "STARTS",
    "TRACED",
    "Choices",
    "ClosedFormRefused",
    "Occasion",
    "Played",
    "Prospect",
    "Prospects",
    "Resolve",
    "Search",
    "Stance",
    "Standing",
    "WarChances",
    "alerts",
    "forewarned",
    "play",
    "prospects",
    "prove_world",
    "resolve_of",
    "sides",
    "status_quo",
    "waiting_value",
]
