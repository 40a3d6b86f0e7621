"""Does the order of policies survive every structure?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import Floats, Sample
from twofront.analyse.structures import drawn_structures

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["LawOrder", "Orders", "Turned", "policy_orders"]

RISK = 0.05
"""Chance that any comparison at all is called wrongly: each is held to its part of it (Bonferroni)."""
WHOLE = "all futures"


@dataclass(frozen=True, slots=True)
class LawOrder:
    """The order of policies where one law holds, least outcome first.

    Of the pairs that all futures together put in an order: `same` go the same way in the mean, `turned` go the other
    way beyond what the sample's size explains, and `open` go the other way within it.
    """

    structure: str
    law: str
    n: int
    order: tuple[str, ...]
    same: int
    open: int
    turned: int


@dataclass(frozen=True, slots=True)
class Turned:
    """A pair of policies that a law puts the other way round. Means are of `first` less `second`."""

    first: str
    second: str
    structure: str
    law: str
    overall: float
    under_law: float


@dataclass(frozen=True, slots=True)
class Orders:
    """The order of policies in an outcome of which less is better: over all futures, and under every law."""

    outcome: str
    n: int
    overall: tuple[str, ...]
    pairs: int
    """Pairs of policies that all futures together put in an order."""
    laws: tuple[LawOrder, ...]
    turned: tuple[Turned, ...]

    @property
    def survives(self) -> bool:
        """Whether no law turns any pair beyond what the sample's size explains."""
        return not self.turned


def policy_orders(run: Run | Sample, outcomes: Sequence[str]) -> list[Orders]:
    """Compare the order of all policies, the present course included, under every law that was drawn.

    Differences are paired, future by future. Futures in which an outcome is undefined under any policy are left out.
    Empty where there are fewer than two policies or structures do not differ.
    """
    sample = run if isinstance(run, Sample) else Sample(run)
    structures = drawn_structures(sample)
    if len(sample.policies) < 2 or not structures:
        return []
    sample.load(outcomes)
    found: list[Orders] = []
    for name in outcomes:
        if not sample.has(name):
            continue
        values = sample.outcome(name)
        kept = ~np.isnan(values).any(axis=0)
        laws = [(item.name, law, chosen[kept]) for item in structures for law, chosen in item.laws()]
        laws = [(structure, law, chosen) for structure, law, chosen in laws if chosen.sum() > 1]
        if laws:
            found.append(_orders(sample.policies, name, values[:, kept], laws))
    return found


def _orders(
    policies: tuple[str, ...], outcome: str, values: Floats, laws: list[tuple[str, str, npt.NDArray[np.bool_]]]
) -> Orders:
    pairs = list(combinations(range(len(policies)), 2))
    width = NormalDist().inv_cdf(1 - RISK / (2 * len(pairs) * (len(laws) + 1)))
    overall = {pair: _sign(values[pair[0]] - values[pair[1]], width) for pair in pairs}
    ordered = [pair for pair in pairs if overall[pair][0] != 0]
    made: list[LawOrder] = []
    turned: list[Turned] = []
    for structure, law, chosen in laws:
        counts = {"same": 0, "open": 0, "turned": 0}
        for a, b in ordered:
            sign, mean = _sign(values[a, chosen] - values[b, chosen], width)
            whole, middle = overall[a, b]
            if sign == -whole:
                counts["turned"] += 1
                turned.append(Turned(policies[a], policies[b], structure, law, middle, mean))
            else:
                counts["same" if mean * whole > 0 else "open"] += 1
        order = _order(policies, values[:, chosen])
        made.append(LawOrder(structure, law, int(chosen.sum()), order, **counts))
    return Orders(outcome, values.shape[1], _order(policies, values), len(ordered), tuple(made), tuple(turned))


def _order(policies: tuple[str, ...], values: Floats) -> tuple[str, ...]:
    return tuple(policies[place] for place in np.argsort(values.mean(axis=1), kind="stable"))


def _sign(change: Floats, width: float) -> tuple[int, float]:
    """Sign of a mean, 0 where its interval of so many standard errors holds zero; and the mean."""
    mean = float(change.mean())
    error = float(change.std(ddof=1) / np.sqrt(len(change)))
    return (0 if abs(mean) <= width * error or mean == 0 else int(np.sign(mean))), mean
