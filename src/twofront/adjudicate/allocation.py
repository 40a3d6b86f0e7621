"""Rival rules for dividing a stock that several theatres want.

Each gives shares or amounts for all claimants at once; what one is not given another gets, so that nothing is made or
lost. The last claimant of `divided` is given what is left, which conserves the stock to the last rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

from twofront.engine.dimension import Ratio, Round, Share, Stake
from twofront.engine.law import law
from twofront.engine.ops import Number, maximum, minimum, total, where

__all__ = [
    "divided",
    "first_come",
    "first_come_part",
    "minmax_level",
    "minmax_need",
    "minmax_shares",
    "proportional_share",
    "proportional_shares",
]


@law(
    id="allocation.proportional",
    form="v/V",
    symbols={"stake": "v", "stakes": "V"},
    source="simultaneous contests in ratio form split budgets in proportion to stakes (friedman1958)",
    holds=("between 0 and 1", "all shares add up to one"),
    fails="needs that differ from stakes",
)
def proportional_share(stake: Stake, stakes: Stake) -> Share:
    """Return a claimant's share of a stock: its stake over all stakes."""
    return stake / stakes


@law(
    id="allocation.first_come",
    form="Min(n, Max(R - t, 0))",
    symbols={"need": "n", "stock": "R", "taken": "t"},
    source="who comes first takes what it needs",
    holds=("never above the need", "never above what is left"),
    fails="holding back for what may come",
)
def first_come_part(need: Round, stock: Round, taken: Round) -> Round:
    """Return what a claimant takes of what earlier ones have left."""
    return minimum(need, maximum(stock - taken, 0.0))


@law(
    id="allocation.minmax.level",
    form="V/(R + n)",
    symbols={"stakes": "V", "stock": "R", "sites": "n"},
    source="powell2007: defend so that the attacker's best payoff is least; vulnerability 1/(1 + r)",
    holds=("falls with the stock", "the stake itself of one site without a stock"),
    fails="attackers who do not pick the softest site",
)
def minmax_level(stakes: Stake, stock: Ratio, sites: Ratio) -> Stake:
    """Return what the attacker can get at best when ``sites`` sites of ``stakes`` in all share a stock."""
    return stakes / (stock + sites)


@law(
    id="allocation.minmax.need",
    form="Max(v/l - 1, 0)",
    symbols={"stake": "v", "level": "l"},
    source="powell2007: every defended site is left equally attractive, the rest are worth less anyway",
    holds=(
        "never negative",
        "nothing for a stake below the level",
        "vulnerability brings a defended site to the level",
    ),
    fails="sites that cannot be defended at all",
)
def minmax_need(stake: Stake, level: Stake) -> Ratio:
    """Return the defence that brings a site's attraction down to the level."""
    return maximum(stake / level - 1, 0.0)


def proportional_shares(stakes: Sequence[Number]) -> tuple[Number, ...]:
    """Shares of a stock in proportion to stakes; stakes not negative, not all nothing."""
    every = total(stakes)
    return tuple(proportional_share(stake, every) for stake in stakes)


def minmax_shares(stakes: Sequence[Number], stock: Number) -> tuple[Number, ...]:
    """Shares that make the attacker's best payoff least (Powell 2007).

    ``stock``: in units that halve a site's vulnerability, above 0. The level is the highest that any set of the largest
    stakes gives: adding a site to the set raises it exactly where its stake is above it.
    """
    level: Number = 0.0
    for least in stakes:
        among = [where(stake >= least, 1.0, 0.0) for stake in stakes]
        stake_sum = total(flag * stake for flag, stake in zip(among, stakes, strict=True))
        level = maximum(level, minmax_level(stake_sum, stock, total(among)))
    return tuple(minmax_need(stake, level) / stock for stake in stakes)


def first_come(needs: Sequence[Number], stock: Number) -> tuple[Number, ...]:
    """What each claimant takes in the order in which they come; the rest of the stock stays where it is."""
    taken: Number = 0.0
    parts: list[Number] = []
    for need in needs:
        part = first_come_part(need, stock, taken)
        parts.append(part)
        taken = taken + part
    return tuple(parts)


def divided(stock: Number, shares: Sequence[Number]) -> tuple[Number, ...]:
    """Amounts by share; the last claimant gets what the others leave, never less than nothing."""
    left = stock
    parts: list[Number] = []
    for share in shares[:-1]:
        part = minimum(stock * share, left)
        parts.append(part)
        left = left - part
    return (*parts, left)
