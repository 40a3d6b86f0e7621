"""Laws of closure, magazines, strikes and contest success."""

from __future__ import annotations

from twofront.engine.dimension import Day, Month, PerDay, Ratio, Round, RoundPerDay, Share
from twofront.engine.law import law
from twofront.engine.ops import Number, clip, exp, minimum, power, where

__all__ = [
    "attrition",
    "class_losses",
    "closure",
    "contested_share",
    "decided_share",
    "difference_score",
    "eased_closure",
    "engaged_share",
    "exhaustion_day",
    "fill",
    "force_ratio",
    "magazine_effect",
    "overlap",
    "ratio_score",
    "success",
    "unreplaced",
    "unsuppressed",
]


@law(
    id="forces.closure",
    form="Min(1 - exp(-2*t/L)*(1 + 2*t/L), l*t)",
    symbols={"days": "t", "lag": "L", "lift": "l"},
    source="mobilise, load, move, join: two-stage Erlang closure, capped by lift (Desert Shield: day 7 and day 49)",
    holds=("between 0 and 1", "never falls with time"),
    fails="ports or bridges closed by the enemy",
)
def closure(days: Day, lag: Day, lift: Number) -> Share:
    """Return the share of a reinforcement that is in position ``days`` after it began to move."""
    z = 2 * days / lag
    return minimum(1 - exp(-z) * (1 + z), lift * days)


@law(
    id="forces.infrastructure",
    form="c + c*(1 - c)*Min(Max(e*(i - 1), -1), 1)",
    symbols={"closed": "c", "effect": "e", "infrastructure": "i"},
    source="judgement: to first order in the speed of movement, for a rising closure curve",
    holds=("between 0 and 1", "unchanged at today's infrastructure"),
    fails="bottlenecks that money has not reached",
)
def eased_closure(closed: Share, effect: Ratio, infrastructure: Ratio) -> Share:
    """Speed closure up with infrastructure spending against today's."""
    return closed + closed * (1 - closed) * clip(effect * (infrastructure - 1), -1.0, 1.0)


@law(
    id="forces.contested",
    form="1 - f + f*(1 - m)*s",
    symbols={"contention": "f", "missing": "m", "part": "s"},
    source="contention matrix (RUSI 2024): both theatres claim the share f; an earlier war has cost m of that",
    holds=("one where nothing is contested", "what both get is what there is"),
    fails="forces that move between the theatres while both are at war",
)
def contested_share(contention: Share, missing: Share, part: Share) -> Share:
    """Return the part of its reach that a theatre has when it gets ``part`` of what both claim and is left."""
    return 1 - contention + contention * (1 - missing) * part


@law(
    id="forces.overlap",
    form="f*Min(t/h, 1)",
    symbols={"contention": "f", "here": "h", "there": "t"},
    source="both theatres claim a share f of the smaller of the two reaches: nobody claims what is out of its reach",
    holds=("never above the contention", "the same amount seen from either theatre"),
    fails="claims that overlap by chance only",
)
def overlap(contention: Share, here: Share, there: Share) -> Share:
    """Return the share of a reach that another theatre claims as well."""
    return contention * minimum(there / (here + _NOTHING), 1.0)


@law(
    id="war.fill",
    form="Piecewise((Min(Max((S - u)/n, 0), 1), n > 0), (1, True))",
    symbols={"supply": "S", "used": "u", "need": "n"},
    source="share of a phase's need that stocks and output still meet",
    holds=("between 0 and 1", "one with infinite stocks"),
    fails="rationing ahead of need",
)
def fill(supply: Round, used: Round, need: Round) -> Share:
    """Return the share of a phase's need that is met; 1 where nothing is needed."""
    needed = need > 0.0
    return where(needed, clip((supply - used) / where(needed, need, 1.0), 0.0, 1.0), 1.0)


@law(
    id="war.exhaustion",
    form="Piecewise((Min(S/(n - r), H), n > r), (H, True))",
    symbols={"stock": "S", "need": "n", "output": "r", "horizon": "H"},
    source="days of supply (450 long-range anti-ship missiles at 64 a day last 7 days)",
    holds=("never beyond the horizon", "the horizon where output meets need"),
    fails="rates that change with the tide of battle",
)
def exhaustion_day(stock: Round, need: RoundPerDay, output: RoundPerDay, horizon: Day) -> Day:
    """Return the day on which a magazine is empty, or the horizon."""
    short = need > output
    return where(short, minimum(stock / where(short, need - output, 1.0), horizon), horizon)


@law(
    id="war.magazines",
    form="x**g",
    symbols={"met": "x", "exponent": "g"},
    source="effectiveness times min(1, stock/required)^g, g 0.5-1.5",
    holds=("one where all needs are met",),
    fails="weapons without which nothing works at all",
)
def magazine_effect(met: Share, exponent: Ratio) -> Share:
    """Return effectiveness against a fully supplied force."""
    return power(met, exponent)


@law(
    id="war.suppression",
    form="1 - s*f*(1 - i*m)",
    symbols={"suppression": "s", "strikes": "f", "interception": "i", "magazines": "m"},
    source="strikes on bases and ports, less what interceptors stop",
    holds=("between 0 and 1", "one without strikes or with perfect interception"),
    fails="saturation: leaks rise faster than in proportion",
)
def unsuppressed(suppression: Share, strikes: Share, interception: Share, magazines: Share) -> Share:
    """Return the part of a force that strikes leave in action."""
    return 1 - suppression * strikes * (1 - interception * magazines)


@law(
    id="war.decided",
    form="1 - exp(-d/T)",
    symbols={"days": "d", "mean": "T"},
    source="constant rate of decision; war lengths fall off about exponentially (H0227-H0228)",
    holds=("between 0 and 1", "two half phases equal one"),
    fails="wars that settle into a siege",
)
def decided_share(days: Day, mean: Day) -> Share:
    """Return the share of undecided campaigns that a phase decides."""
    return 1 - exp(-days / mean)


@law(
    id="war.contest.ratio",
    form="k + m*L",
    symbols={"log_skill": "k", "decisiveness": "m", "log_ratio": "L"},
    source="tullock1980; hirshleifer1989: p = e A^m / (e A^m + D^m); m calibrated on CDB90 (0.48), 1939-45 (0.96)",
    holds=("scale invariant", "mirrored when the sides are swapped"),
    fails="force ratio explains about 2% of the variance of battle outcomes",
)
def ratio_score(log_skill: Ratio, decisiveness: Ratio, log_ratio: Ratio) -> Ratio:
    """Return the log-odds of success in the ratio form."""
    return log_skill + decisiveness * log_ratio


@law(
    id="war.contest.difference",
    form="k + 2*m*(2*s - 1)",
    symbols={"log_skill": "k", "decisiveness": "m", "share": "s"},
    source="hirshleifer1989, difference form, of shares of all strength; same slope at parity as the ratio form",
    holds=("mirrored when the sides are swapped", "bounded: great odds never make success sure"),
    fails="a force of nothing keeps a chance",
)
def difference_score(log_skill: Ratio, decisiveness: Ratio, share: Share) -> Ratio:
    """Return the log-odds of success in the difference form, from the attacker's share of all strength."""
    return log_skill + 2 * decisiveness * (2 * share - 1)


@law(
    id="war.success",
    form="1/(1 + exp(-x))",
    symbols={"score": "x"},
    source="contest success function in log-odds",
    holds=("between 0 and 1",),
    fails="nothing that a chance can say",
)
def success(score: Ratio) -> Share:
    """Turn log-odds into a chance."""
    return 1 / (1 + exp(-score))


@law(
    id="war.attrition",
    form="l + (1 - l)*Min(2*r*d*e, 1)",
    symbols={"lost": "l", "rate": "r", "days": "d", "enemy": "e"},
    source="loss rates at parity, scaled by the enemy's share of the strength engaged",
    holds=("between 0 and 1", "never falls"),
    fails="collapse and encirclement",
)
def attrition(lost: Share, rate: Number, days: Day, enemy: Share) -> Share:
    """Return cumulative losses after a phase against an enemy with the share ``enemy`` of all strength."""
    return lost + (1 - lost) * minimum(2 * rate * days * enemy, 1.0)


@law(
    id="war.losses.by_class",
    form="1 - (1 - l)**(r/m)",
    symbols={"lost": "l", "rate": "r", "mean_rate": "m"},
    source="judgement: classes die at rates in proportion to one another, whatever the war",
    holds=("between 0 and 1", "the whole force's losses for a class of the mean rate"),
    fails="a war that spares a class altogether",
)
def class_losses(lost: Share, rate: PerDay, mean_rate: PerDay) -> Share:
    """Return the losses of a class where the whole force has lost a share."""
    return 1 - power(1 - lost, rate / mean_rate)


@law(
    id="war.unreplaced",
    form="exp(-t/T)",
    symbols={"months": "t", "lag": "T"},
    source="judgement: losses are replaced at a constant rate (surge replacement of major programmes: 8.4 years)",
    holds=("between 0 and 1", "one at once"),
    fails="replacement from reserve stocks, fast at first",
)
def unreplaced(months: Month, lag: Month) -> Share:
    """Return the part of losses that has not been replaced after some months."""
    return exp(-months / lag)


def engaged_share(own: Number, enemy: Number) -> Share:
    """Return a side's share of all strength engaged; nothing where nobody is there."""
    return own / (own + enemy + _NOTHING)


def force_ratio(attack: Number, defence: Number) -> Ratio:
    """Return the force ratio: infinite against nothing, and zero where nobody is there."""
    return attack / (defence + _NOTHING)


_NOTHING = 1e-300
"""Added where a division by nothing would otherwise be undefined; far below any force."""
