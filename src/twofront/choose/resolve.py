"""Private resolve: what only the player itself knows of how much it minds, and what others infer from what it does.

At an occasion each player's resolve is soft or firm with equal chance. A common factor that nobody sees makes the
resolve of several players agree more often than chance, so that beliefs about others are beliefs about that factor.
A player to whom the case gives no `resolve_spread` has one resolve only, known to all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twofront.choose import laws
from twofront.engine.ops import Number
from twofront.readings import Readings

__all__ = ["Factor", "Resolve", "resolve_of"]

LEAST = 1e-280
"""Keeps Bayes' rule defined where what was seen has no chance at all: then the prior stands."""


@dataclass(frozen=True, slots=True)
class Resolve:
    """A player's private resolve.

    ``spread``: how far it moves the worth of force [stake], 0 for a player without secrets; ``loading``: how far it
    follows the common factor, 0 to 1.
    """

    numbers: tuple[int, ...]
    spread: Number
    loading: Number

    def shift(self, resolve: int) -> Number:
        """What a resolve adds to the worth of force [stake]."""
        return self.spread * _sign(resolve) if len(self.numbers) > 1 else 0.0

    def prior(self) -> float:
        """Chance of each resolve."""
        return 1 / len(self.numbers)

    def given(self, resolve: int, factor: int) -> Number:
        """Chance of a resolve given the factor."""
        return laws.agreement(self.loading, _sign(resolve) * _sign(factor)) if len(self.numbers) > 1 else 1.0

    def mean(self, factor: int, values: Sequence[Number]) -> Number:
        """Mean of what each resolve brings, given the factor."""
        if len(self.numbers) == 1:
            return values[0]
        soft, firm = values
        return soft + self.given(1, factor) * (firm - soft)


@dataclass(frozen=True, slots=True)
class Factor:
    """The common factor: one value where no player has secrets, two even ones otherwise."""

    numbers: tuple[int, ...]

    @staticmethod
    def of(*players: Resolve) -> Factor:
        """The factor behind these players' resolve."""
        return Factor((0, 1) if any(len(player.numbers) > 1 for player in players) else (0,))

    def posterior(self, likelihoods: Sequence[Number]) -> list[Number]:
        """Belief in each value from the chance of what was seen under each."""
        if len(self.numbers) == 1:
            return [1.0]
        firm = laws.posterior(likelihoods[1] + LEAST, likelihoods[0] + LEAST)
        return [1 - firm, firm]

    def between(self, one: Resolve, first: int, other: Resolve) -> list[Number]:
        """Chances of another's resolve given that of one, which the factor ties."""
        part = 1 / len(self.numbers)
        weights = [one.given(first, z) for z in self.numbers]
        whole = part * len(one.numbers)
        return [
            sum((whole * w * other.given(second, z) for w, z in zip(weights, self.numbers, strict=True)), start=0.0)
            for second in other.numbers
        ]


def resolve_of(read: Readings, player: str) -> Resolve:
    """A player's private resolve as the case gives it."""
    if not read.has("resolve_spread", player):
        return Resolve((0,), 0.0, 0.0)
    return Resolve((0, 1), read("resolve_spread", player), read("resolve_loading", player))


def _sign(number: int) -> float:
    """-1 for soft, 1 for firm; of the factor, towards either."""
    return 1.0 if number else -1.0
