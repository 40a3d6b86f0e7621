"""A game of a case: a form whose roles are cast and whose quantities are read from parameters and outcomes.

``CaseGame`` holds what the section ``game`` of ``case.yaml`` says, checked and parsed; `twofront.analyse.played` plays
it over futures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from twofront.games.build import build, slug
from twofront.games.expression import Expression
from twofront.games.form import Form
from twofront.games.game import Game

__all__ = ["CaseGame", "GameValue"]


@dataclass(frozen=True, slots=True)
class GameValue:
    """What a quantity of the form stands for: arithmetic over parameters and outcomes, or a number."""

    expression: Expression
    judgement: str = ""
    """Why, where the number is nobody else's."""


@dataclass(frozen=True)
class CaseGame:
    """A form, who plays it, and what its quantities stand for."""

    name: str
    means: str
    form: Form
    form_name: str
    """Of a bundled form; nothing for one that the case writes out."""
    cast: Mapping[str, str]
    """Player by role, as the case calls it."""
    move: str
    """The move that is asked about."""
    options: tuple[str, ...]
    """Those of its options whose chance leads the results and picks the future that is drawn."""
    policy: str
    """Under which outcomes are read; nothing for the present course."""
    precision: Mapping[str, GameValue]
    """By player."""
    values: Mapping[str, GameValue]
    """By name in the game."""
    place: str = ""
    """``file:line:column``."""

    @cached_property
    def game(self) -> Game:
        """The game tree."""
        return build(self.form, self.cast, title=self.name)

    @property
    def reads(self) -> tuple[str, ...]:
        """Parameters and outcomes that it reads, each once."""
        parts = (*self.values.values(), *self.precision.values())
        return tuple(dict.fromkeys(name for part in parts for name in part.expression.names))

    @property
    def judged(self) -> dict[str, GameValue]:
        """The values that rest on a judgement of the game's own."""
        return {name: part for name, part in self.values.items() if part.judgement}

    @property
    def plain(self) -> dict[str, GameValue]:
        """The values that are 0 or 1 as they stand: they need no source, and have none."""
        return {name: part for name, part in self.values.items() if not part.expression.names and not part.judgement}

    def player(self, role: str) -> str:
        """Who plays a role, as names in the game spell it."""
        return slug(self.cast[role])
