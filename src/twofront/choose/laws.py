"""Laws of choice: what waiting, force and war are worth, and the chance of an attack within a window."""

from __future__ import annotations

from twofront.engine.dimension import Month, PerYear, Ratio, Share, Stake, Year
from twofront.engine.law import law
from twofront.engine.ops import exp, power

__all__ = [
    "agreement",
    "alerted",
    "attack_value",
    "force_value",
    "posterior",
    "status_quo_value",
    "still_at_war",
    "waiting_value",
    "window_chance",
]


@law(
    id="choice.status_quo",
    form="q - v*x + g*a",
    symbols={"base": "q", "provocation": "v", "posture": "x", "goodwill": "g", "reassurance": "a"},
    source="zagare1987 and Kilgour: the value of the status quo is explicit, and worsening it raises risk",
    holds=("falls with hostile posture", "rises with reassurance"),
    fails="posture that is not seen, or seen as something else",
)
def status_quo_value(base: Stake, provocation: Stake, posture: Ratio, goodwill: Stake, reassurance: Ratio) -> Stake:
    """Return what the status quo is worth to a challenger, with both faces of posture."""
    return base - provocation * posture + goodwill * reassurance


@law(
    id="choice.waiting",
    form="(1 - b**y)*q + b**y*V",
    symbols={"now": "q", "following": "V", "patience": "b", "years": "y"},
    source="games: waiting is worth the flow of the status quo and the discounted value of the next date",
    holds=("the status quo where nothing changes", "between both values"),
    fails="players who do not look ahead; myopic play is the rival",
)
def waiting_value(now: Stake, following: Stake, patience: Share, years: Year) -> Stake:
    """Return the value of waiting until the next date."""
    kept = power(patience, years)
    return (1 - kept) * now + kept * following


@law(
    id="choice.attack",
    form="p*w - a - c*f - l*f*z - n",
    symbols={
        "prize": "p",
        "won": "w",
        "act_cost": "a",
        "war_cost": "c",
        "force": "f",
        "loss_cost": "l",
        "beaten": "z",
        "nuclear": "n",
    },
    source="crisis bargaining: prize times the chance to win, less the costs of fighting and of losing (fearon1995)",
    holds=("rises with the chance to win", "falls with every cost"),
    fails="leaders who do not bear the costs",
)
def attack_value(
    prize: Share,
    won: Share,
    act_cost: Stake,
    war_cost: Stake,
    force: Share,
    loss_cost: Stake,
    beaten: Share,
    nuclear: Stake,
) -> Stake:
    """Return what an act of war is worth to the challenger; costs grow with the force it commits."""
    return prize * won - act_cost - war_cost * force - loss_cost * force * beaten - nuclear


@law(
    id="choice.force",
    form="g + i*f + (1 - s)*u",
    symbols={"gain": "g", "intercept": "i", "force": "f", "staked": "s", "waiting": "u"},
    source="what force does not put at stake of the status quo goes on; the intercept anchors levels to a prior",
    holds=("the gain alone where all is at stake and nothing is anchored",),
    fails="wars whose aims grow",
)
def force_value(gain: Stake, intercept: Stake, force: Share, staked: Share, waiting: Stake) -> Stake:
    """Return what an act of force is worth, with what it leaves of the status quo and its intercept."""
    return gain + intercept * force + (1 - staked) * waiting


@law(
    id="choice.window",
    form="1 - exp(-r*x/12)",
    symbols={"rate": "r", "exposure": "x"},
    source="opportunities at a constant rate; hazard is the rate times the chance that one is taken",
    holds=("between 0 and 1", "zero where no opportunity is taken"),
    fails="opportunities that come in clusters",
)
def window_chance(rate: PerYear, exposure: Month) -> Share:
    """Return the chance of an attack within a window; ``exposure``: months in it, each times the chance of a take."""
    return 1 - exp(-rate * exposure / 12)


@law(
    id="choice.still",
    form="exp(-t/D)",
    symbols={"months": "t", "mean": "D"},
    source="war lengths fall off about exponentially (H0227-H0228)",
    holds=("between 0 and 1", "one at once"),
    fails="wars that settle into a siege",
)
def still_at_war(months: Month, mean: Month) -> Share:
    """Return the chance that a war still goes on after some months."""
    return exp(-months / mean)


@law(
    id="choice.agreement",
    form="(1 + r*a)/2",
    symbols={"loading": "r", "alike": "a"},
    source="two-point private types tied by a common factor; loadings multiply to the correlation of two",
    holds=("even where nothing ties them", "certain where the factor says all"),
    fails="players whose moods are tied by pairs",
)
def agreement(loading: Share, alike: Ratio) -> Share:
    """Return the chance of a resolve given the common factor; ``alike``: 1 if both point the same way, -1 if not."""
    return (1 + loading * alike) / 2


@law(
    id="choice.posterior",
    form="x/(x + y)",
    symbols={"this": "x", "other": "y"},
    source="Bayes' rule with even priors",
    holds=("even where what was seen says nothing", "between 0 and 1"),
    fails="players who do not update",
)
def posterior(this: Share, other: Share) -> Share:
    """Return the belief in one of two equally likely states, from the chance (above 0) of what was seen under each."""
    return this / (this + other)


@law(
    id="choice.alert",
    form="r*m/(1 + r*m) + (a - r*m/(1 + r*m))*exp(-(r + 1/m)*y)",
    symbols={"before": "a", "rate": "r", "stay": "m", "years": "y"},
    source="alerts at a constant rate, each kept up for an exponential time: the chance that one is in force",
    holds=("the same at once", "none where there is none and none comes"),
    fails="alerts that come in clusters, or outlast their cause",
)
def alerted(before: Share, rate: PerYear, stay: Year, years: Year) -> Share:
    """Return the expected share of responders' forward deployment some years on; ``stay``: mean time it is kept up."""
    settled = rate * stay / (1 + rate * stay)
    return settled + (before - settled) * exp(-(rate + 1 / stay) * years)
