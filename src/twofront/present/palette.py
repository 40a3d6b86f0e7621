"""Colours that readers with any colour vision can tell apart (Okabe and Ito 2008), always for the same things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = [
    "ACTORS",
    "BESIDE",
    "CLAIMED",
    "FIRST",
    "GRADES",
    "MECHANISMS",
    "NEUTRAL",
    "PARTIES",
    "SECOND",
    "STRUCTURAL",
    "assigned",
]

BLACK, ORANGE, SKY, GREEN = "#6a6a6a", "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILION, PURPLE = "#c9b600", "#0072b2", "#d55e00", "#cc79a7"

FIRST: Final = BLUE
"""Everything about the first mover and its theatre."""
SECOND: Final = VERMILION
"""Everything about the second mover and its theatre."""
NEUTRAL: Final = "#7a7a7a"
STRUCTURAL: Final = GREEN

MECHANISMS: Final = {"at_rest": "#b3b3b3", "common": PURPLE, "opportunism": ORANGE, "coordination": SKY}
PARTIES: Final = {"challenger": VERMILION, "host": BLACK, "local": SKY, "full": BLUE}
ACTORS: Final = (BLUE, ORANGE, GREEN, SKY, PURPLE, YELLOW, BLACK, "#8c510a", VERMILION)
GRADES: Final = {"A": BLUE, "B": GREEN, "C": ORANGE, "D": VERMILION}
"""How good a source is."""
BESIDE: Final = {"survey": SKY, "forecast": GREEN, "market": ORANGE, "record": BLACK}
"""What others say of a chance."""
CLAIMED: Final = PURPLE
"""What a speaker said."""


def assigned(names: Sequence[str]) -> dict[str, str]:
    """One colour for each name, in order; beyond nine they repeat."""
    return {name: ACTORS[place % len(ACTORS)] for place, name in enumerate(names)}
