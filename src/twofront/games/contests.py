"""Small strategic models with closed solutions: contests, coalitions, bargaining, deterrence and alliances.

Each is a plain function on numbers; nothing here is simulated. What papers are cited for is from memory, to be checked
against the originals before anybody claims to replicate them; the results they are held against, computed apart from
this code, are in `tests/literature`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from twofront.faults import UserError

__all__ = [
    "Offer",
    "Tullock",
    "alliance_spending",
    "coalition_payoffs",
    "deterrence_threshold",
    "lotto_allotments",
    "lotto_shares",
    "tullock_contest",
    "ultimatum_with_private_cost",
]


class Tullock(NamedTuple):
    """Both sides' efforts [as the prizes], the chance that the first wins, and what each can expect."""

    efforts: tuple[float, float]
    first_wins: float
    values: tuple[float, float]


def tullock_contest(first_prize: float, second_prize: float, decisiveness: float = 1.0) -> Tullock:
    """Return equilibrium efforts where the chance to win is effort^m over the sum of both.

    ``decisiveness``: m. Efforts are m V_i (V_1 V_2)^m / (V_1^m + V_2^m)^2. Source: Tullock 1980, unequal prizes after
    Nti 1999.

    Holds: the higher prize brings the higher effort; scaled prizes scale efforts; nobody expects a loss.
    Fails: above m = 1 + (V_low/V_high)^m there is no such equilibrium, which is refused.
    """
    if min(first_prize, second_prize, decisiveness) <= 0:
        raise UserError(f"prizes and m are above 0; found {first_prize:g}, {second_prize:g} and {decisiveness:g}")
    # Divided by the higher prize, so that no power overflows.
    top = max(first_prize, second_prize)
    one, other = (first_prize / top) ** decisiveness, (second_prize / top) ** decisiveness
    if decisiveness > 1 + min(one, other):
        raise UserError(
            f"at m = {decisiveness:g} the contest has no equilibrium in pure efforts: m is at most 1 + (V_low/V_high)^m"
        )
    first_wins = one / (one + other)
    share = decisiveness * first_wins * (1 - first_wins)
    efforts = share * first_prize, share * second_prize
    values = first_wins * first_prize - efforts[0], (1 - first_wins) * second_prize - efforts[1]
    return Tullock(efforts, first_wins, values)


def lotto_shares(first_budget: float, second_budget: float) -> tuple[float, float]:
    """Return what each side wins of the prize of a General Lotto game: budgets hold on average, field by field.

    The weaker wins half the ratio of the budgets. Source: Hart 2008; Kovenock and Roberson 2021.

    Holds: shares add up to one; equal budgets share equally; only the ratio of budgets counts.
    Fails: budgets that must hold to the letter over few fields (Colonel Blotto).
    """
    if min(first_budget, second_budget) < 0 or max(first_budget, second_budget) == 0:
        raise UserError(f"budgets are 0 or more, and not both 0; found {first_budget:g} and {second_budget:g}")
    if first_budget < second_budget:
        weaker, stronger = lotto_shares(second_budget, first_budget)[::-1]
        return weaker, stronger
    weaker = second_budget / (2 * first_budget)
    return 1 - weaker, weaker


def lotto_allotments(adversary: float, budgets: Sequence[float], prizes: Sequence[float]) -> tuple[float, ...]:
    """Return how an adversary divides its budget over General Lotto games with several allies, to win most.

    What it wins from an ally rises by prize/(2 budget) a unit up to the ally's budget, and then by
    prize * budget/(2 allotment^2): the gain of the last unit is the same wherever it fights.

    Holds: allotments add up to the budget; in proportion to the allies' where prizes are in proportion to budgets.
    Fails: allies who can move forces during the fight.
    """
    if len(budgets) != len(prizes) or not budgets:
        raise UserError(f"{len(budgets)} budgets and {len(prizes)} prizes: give one of each for every ally")
    if min(adversary, *budgets, *prizes) <= 0:
        raise UserError("the adversary's budget, the allies' budgets and the prizes are above 0")
    order = sorted(range(len(budgets)), key=lambda ally: -prizes[ally] / budgets[ally])
    allotted = [0.0] * len(budgets)
    for place, marginal in enumerate(order):
        fought = order[:place]
        gain = prizes[marginal] / (2 * budgets[marginal])
        # All fought before get what makes their last unit gain as much as the first unit against the next ally.
        wanted = {ally: math.sqrt(prizes[ally] * budgets[ally] / (2 * gain)) for ally in fought}
        if math.fsum(wanted.values()) >= adversary:
            return _scaled(adversary, fought, budgets, prizes, allotted)
        left = adversary - math.fsum(wanted.values())
        if left <= budgets[marginal]:
            for ally, amount in wanted.items():
                allotted[ally] = amount
            allotted[marginal] = left
            return _shared_alike(allotted, marginal, budgets, prizes)
    return _scaled(adversary, order, budgets, prizes, allotted)


def _scaled(
    adversary: float, fought: Sequence[int], budgets: Sequence[float], prizes: Sequence[float], allotted: list[float]
) -> tuple[float, ...]:
    """Where every ally fought is outspent: allotments go with the root of prize times budget."""
    roots = {ally: math.sqrt(prizes[ally] * budgets[ally]) for ally in fought}
    whole = math.fsum(roots.values())
    for ally, root in roots.items():
        allotted[ally] = adversary * root / whole
    return tuple(allotted)


def _shared_alike(
    allotted: list[float], marginal: int, budgets: Sequence[float], prizes: Sequence[float]
) -> tuple[float, ...]:
    """Allies who offer as much a unit of budget as the marginal one are fought in proportion to their budgets."""
    ratio = prizes[marginal] / budgets[marginal]
    alike = [n for n in range(len(budgets)) if math.isclose(prizes[n] / budgets[n], ratio, rel_tol=1e-12)]
    total = math.fsum(allotted[ally] for ally in alike)
    whole = math.fsum(budgets[ally] for ally in alike)
    for ally in alike:
        allotted[ally] = total * budgets[ally] / whole
    return tuple(allotted)


def coalition_payoffs(
    adversary: float,
    budgets: Sequence[float],
    prizes: Sequence[float],
    *,
    giver: int = 0,
    taker: int = 1,
    gift: float = 0.0,
    arriving: float = 1.0,
) -> tuple[float, ...]:
    """Return what each ally keeps of its prize against a common adversary, after one gave ``gift`` to another.

    ``arriving``: share of the gift that arrives. A gift can help its giver: it makes the adversary face the taker
    with more, and the giver with less. Source: Kovenock and Roberson 2012, payoffs of General Lotto.

    Holds: every payoff lies between 0 and the prize; without a gift the order of allies does not matter.
    Fails: allies who can fight in each other's place.
    """
    if not 0 <= arriving <= 1 or not 0 <= gift < budgets[giver]:
        raise UserError(f"a gift is 0 or more and below the giver's {budgets[giver]:g}, and 0 to 1 of it arrives")
    moved = list(budgets)
    moved[giver] -= gift
    moved[taker] += arriving * gift
    allotted = lotto_allotments(adversary, moved, prizes)
    return tuple(
        prize * lotto_shares(budget, against)[0] for prize, budget, against in zip(prizes, moved, allotted, strict=True)
    )


class Offer(NamedTuple):
    """What a proposer concedes, and the chance that war comes nevertheless."""

    concession: float
    war_chance: float


def ultimatum_with_private_cost(
    responder_wins: float, proposer_cost: float, lowest_cost: float, highest_cost: float
) -> Offer:
    """Return the concession of a proposer who does not know what war would cost the responder, and the chance of war.

    The stake is 1; the responder wins it with chance p = ``responder_wins`` at a cost that the proposer takes to be
    spread evenly between the two; it fights where the concession is below p less its cost. Inside, the concession
    is p + (c - high)/2 and war comes with chance (high - c - 2 low)/(2 (high - low)): the trade of risk against
    return. Source: Fearon 1995; Powell 1999.

    Holds: the chance of war falls with the proposer's cost, and is 0 where its doubt is small.
    Fails: offers that can be followed by others.
    """
    low, high, cost = lowest_cost, highest_cost, proposer_cost
    if not 0 <= responder_wins <= 1 or not 0 <= low < high or cost < 0:
        raise UserError("a chance lies between 0 and 1, costs are 0 or more, the lowest below the highest")
    concession = responder_wins + (cost - high) / 2
    concession = min(max(concession, responder_wins - high, 0.0), max(responder_wins - low, 0.0))
    return Offer(concession, min(max((responder_wins - concession - low) / (high - low), 0.0), 1.0))


def deterrence_threshold(gain: float, status_quo: float, conflict: float) -> float:
    """Return the chance that the defender is hard below which a challenger attacks: (DC - SQ)/(DC - DD).

    ``gain``: the challenger's utility of a gain that is not resisted (DC), ``status_quo`` (SQ) and ``conflict`` (DD).
    Source: Zagare and Kilgour 2000, rudimentary asymmetric deterrence game; `forms/one_theatre.toml` is the game.

    Holds: between 0 and 1; a worse status quo raises it, and so does a cheaper conflict.
    Fails: challengers who learn of the defender's type before they act.
    """
    if not conflict < status_quo < gain:
        raise UserError(f"conflict < status quo < gain; found {conflict:g}, {status_quo:g} and {gain:g}")
    return (gain - status_quo) / (gain - conflict)


def alliance_spending(incomes: Sequence[float], weight: float) -> tuple[float, ...]:
    """Return what allies spend on a defence that all share, each answering the others' spending.

    Each maximises (Y - q)^(1 - s) Q^s, with Q the sum of all and s = ``weight``: q = max(0, sY - (1 - s) Q_others).
    Solved exactly: the richest spend, q = Y - Q (1 - s)/s. Source: Olson and Zeckhauser 1966.

    Holds: the richer spend a greater share, and the poorest may spend nothing; incomes scaled, spending scaled.
    Fails: defence that also serves its owner alone (joint products).
    """
    if not incomes or min(incomes) <= 0 or not 0 < weight < 1:
        raise UserError("incomes are above 0 and the weight of defence lies between 0 and 1")
    price = (1 - weight) / weight
    total = 0.0
    for count, _ in enumerate(ranked := sorted(incomes, reverse=True), 1):
        shared = math.fsum(ranked[:count]) / (1 + count * price)
        if count < len(ranked) and ranked[count] > price * shared:
            continue
        total = shared
        break
    return tuple(max(0.0, income - price * total) for income in incomes)
