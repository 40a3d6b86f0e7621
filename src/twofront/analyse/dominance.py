"""Which policies are beaten by another in everything that counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from twofront.analyse.estimates import NORMAL_95, TIE
from twofront.analyse.sample import Floats
from twofront.analyse.weighted import mean, mean_error, share

__all__ = ["Dominance", "dominances", "undominated"]


@dataclass(frozen=True, slots=True)
class Dominance:
    """One policy against another, over several outcomes at once.

    `in_mean`: its mean is no worse in any outcome beyond what the sample's size leaves open, and better beyond it in
    one. `futures`: share of futures in which it is no worse in any and better in one.
    """

    policy: str
    over: str
    in_mean: bool
    futures: float


def dominances(
    policies: tuple[str, ...], losses: Mapping[str, Floats], weights: Floats | None = None
) -> list[Dominance]:
    """Compare every ordered pair of policies on all outcomes; `losses` by outcome as (policies, futures), no NaN."""
    found: list[Dominance] = []
    for a, b in combinations(range(len(policies)), 2):
        worse = better = None
        signs: list[int] = []
        for rows in losses.values():
            change = rows[a] - rows[b]
            up, down = change > TIE, change < -TIE
            worse, better = (up, down) if worse is None or better is None else (worse | up, better | down)
            middle, error = mean(change, weights), mean_error(change, weights)
            signs.append(0 if abs(middle) <= max(TIE, NORMAL_95 * error) else int(np.sign(middle)))
        if worse is None or better is None:
            continue
        for first, second, way, no_worse, some_better in ((a, b, -1, ~worse, better), (b, a, 1, ~better, worse)):
            in_mean = way in signs and -way not in signs
            found.append(Dominance(policies[first], policies[second], in_mean, share(no_worse & some_better, weights)))
    return found


def undominated(policies: tuple[str, ...], found: list[Dominance]) -> tuple[str, ...]:
    """The policies that no other dominates in the mean."""
    beaten = {item.over for item in found if item.in_mean}
    return tuple(policy for policy in policies if policy not in beaten)
