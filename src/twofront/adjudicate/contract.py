"""The contract that every structure of adjudication fulfils, so that rivals can stand in for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twofront.engine.ops import Number

__all__ = ["Engagement", "Structure", "WarResult"]


@dataclass(frozen=True, slots=True)
class Engagement:
    """One theatre's war under one commitment, phase by phase.

    ``attack``, ``defence``: effective strength per phase before attrition, any common unit, not negative;
    ``days``: length of each phase [day]; ``decided``: share of undecided campaigns decided in each phase;
    ``attack_loss``, ``defence_loss``: loss per day at parity [1/day];
    ``log_skill``: log of the attacker's relative skill; ``decisiveness``: exponent m of the force ratio.
    """

    attack: Sequence[Number]
    defence: Sequence[Number]
    days: Sequence[float]
    decided: Sequence[Number]
    attack_loss: Number
    defence_loss: Number
    log_skill: Number
    decisiveness: Number


@dataclass(frozen=True, slots=True)
class WarResult:
    """What a war brings by its horizon.

    ``objective``: chance that the attacker holds its objective; ``stalemate``: chance that nothing is decided;
    ``days``: mean length up to the horizon [day]; losses as shares of the forces committed.
    """

    objective: Number
    stalemate: Number
    days: Number
    attack_losses: Number
    defence_losses: Number


class Structure(Protocol):
    """A rival law of war outcomes."""

    def __call__(self, engagement: Engagement) -> WarResult:
        """Adjudicate; never raises, never gives NaN for admissible numbers."""
        ...
