"""The race that decides a war: which side is done first, and how much skill it would take to turn that round.

A structure says how far each side has come on the way to its end, as *progress*: 1 where the attacker has what it wants
(the defence has broken, the ground is taken), or where the attacker has broken. It computes this for the skill drawn
for the future. What is left open within one war is the log of relative skill about that draw, with a logistic
distribution of scale ``spread``. A war's outcome then follows from two thresholds, in factors of relative skill:

- the attacker holds its objective where skill is above what it still *needs*;
- it fails where skill is below what the defence *allows*;
- in between nothing is decided by the horizon.

A factor q of relative skill makes the attacker's progress faster by the root of q and the defence's slower by as much:
exact for rates of loss that do not depend on the state, first order for others. Which side is done *first* is the
crossing, for which structures with a state law give the exact value. Both thresholds only ever close, since a war that
is decided stays decided. The error against running every skill on its own is measured in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from twofront.engine.dimension import Ratio, Share
from twofront.engine.law import law
from twofront.engine.ops import Number, clip, exp, log, maximum, minimum, power, sqrt

__all__ = [
    "NOTHING",
    "OVERWHELMING",
    "Lost",
    "Race",
    "advanced",
    "allowed_skill",
    "begun",
    "breaking_point",
    "chance_above",
    "crossing_skill",
    "diluted",
    "exponential_loss",
    "first",
    "needed_skill",
    "outcome",
    "ratio_of",
    "settled",
    "skill_exceeded",
    "typical_losses",
    "wider_spread",
]


@law(
    id="war.race.crossing",
    form="d/a",
    symbols={"attack": "a", "defence": "d"},
    source="first order: relative skill q multiplies the progress of one side by sqrt(q) and divides the other's by it",
    holds=("one where both are equally far", "inverted when the sides are swapped"),
    fails="laws under which being ahead speeds the leader up; these give an exact value instead",
)
def crossing_skill(attack: Ratio, defence: Ratio) -> Ratio:
    """Return the factor of relative skill at which both sides would be done at the same time."""
    return defence / attack


@law(
    id="war.race.needed",
    form="Max(1/P**2, x)",
    symbols={"progress": "P", "crossing": "x"},
    source="the attacker must be done by now, and first",
    holds=("never rises with the attacker's progress", "never below the crossing"),
    fails="wars whose outcome hangs on one day",
)
def needed_skill(progress: Ratio, crossing: Ratio) -> Ratio:
    """Return the factor of relative skill above which the attacker has its objective by now."""
    return maximum(1 / (progress * progress), crossing)


@law(
    id="war.race.allowed",
    form="Min(P**2, x)",
    symbols={"progress": "P", "crossing": "x"},
    source="the attacker must have failed by now, and first",
    holds=("never falls with the defence's progress", "never above the crossing"),
    fails="wars whose outcome hangs on one day",
)
def allowed_skill(progress: Ratio, crossing: Ratio) -> Ratio:
    """Return the factor of relative skill below which the attacker has failed by now."""
    return minimum(progress * progress, crossing)


@law(
    id="war.race.chance",
    form="1/(1 + exp(log(q)/s))",
    symbols={"factor": "q", "spread": "s"},
    source="logistic residual of log skill: what battle data leave unexplained (docs/calibration.md)",
    holds=("between 0 and 1", "one half at a factor of one", "what lies above and below adds up to one"),
    fails="thinner or fatter tails of fortune",
)
def chance_above(factor: Ratio, spread: Ratio) -> Share:
    """Return the chance that relative skill within a war exceeds ``factor``."""
    return 1 / (1 + exp(log(factor) / spread))


@law(
    id="war.race.breaking",
    form="-log(1 - b)",
    symbols={"share": "b"},
    source="losses as an exponent: a share b is lost once rates of loss add up to this",
    holds=("never below the share", "losses in a row add up"),
    fails="units that break at their first loss, or never",
)
def breaking_point(share: Share) -> Ratio:
    """Return the sum of rates of loss at which a side has lost the share at which it breaks."""
    return -log(1 - share)


@law(
    id="war.race.typical",
    form="(1/c - 1)**s",
    symbols={"chance": "c", "spread": "s"},
    source="quantile of the logistic residual of log skill",
    holds=("one at a chance of one half", "exceeded with the chance it was asked for"),
    fails="a chance of nothing (infinite)",
)
def skill_exceeded(chance: Share, spread: Ratio) -> Ratio:
    """Return the factor of relative skill that is exceeded with a chance."""
    return power(1 / chance - 1, spread)


@law(
    id="war.race.spread",
    form="sqrt(s**2 + 3*v/pi**2)",
    symbols={"spread": "s", "variance": "v"},
    source="independent causes add their variances; a logistic distribution of scale s has pi^2 s^2 / 3",
    holds=("the spread itself without luck", "never below the spread"),
    fails="tails",
)
def wider_spread(spread: Ratio, variance: Ratio) -> Ratio:
    """Return the scale of the log of relative skill once the luck of single elements or missiles is added."""
    return sqrt(spread * spread + variance * _LOGISTIC)


_LOGISTIC = 0.30396355092701331433
"""3 / pi^2."""


@law(
    id="war.reinforced",
    form="l*Min(L/M, 1)",
    symbols={"lost": "l", "before": "L", "now": "M"},
    source="what arrives has lost nothing, and what leaves has lost as much as what stays",
    holds=("between 0 and 1", "the number lost is kept where forces arrive", "kept where forces leave"),
    fails="replacements that fill worn units",
)
def diluted(lost: Share, before: Number, now: Number) -> Share:
    """Return the share lost of a side whose level moves from ``before`` to ``now``."""
    return lost * minimum(before / now, 1.0)


Lost = Callable[[Number], Number]
"""Share that a side has lost when it has come this part (0 to 1) of the way to its breaking point."""


class Race(NamedTuple):
    """``needed``, ``allowed``: factors of relative skill; ``is_open``: chance that nothing is decided; ``days``."""

    needed: Number
    allowed: Number
    is_open: Number
    days: Number


NOTHING = 1e-300
"""Added where a division by nothing would otherwise be undefined; far below any force."""
_NEVER = 1e300
"""A factor of skill that nobody has."""
OVERWHELMING = 1e6
"""Greatest ratio of forces that makes a difference: beyond it the weaker side is gone within the hour."""
_STILL = 1e-150
"""Progress of a side that has made none: the inverse of its square is the largest factor of skill."""


def begun() -> Race:
    """The race before anything has happened."""
    return Race(_NEVER, 1 / _NEVER, 1.0, 0.0)


def advanced(race: Race, attack: Number, defence: Number, days: Number, spread: Number, crossing: Number) -> Race:
    """Move the thresholds to what progress ``attack`` and ``defence`` now allow; ``days``: since the last time."""
    needs = needed_skill(maximum(attack, _STILL), crossing)
    allows = allowed_skill(maximum(defence, _STILL), crossing)
    # Both are moved from the old pair at once, so that neither side is served first.
    needed = minimum(race.needed, maximum(needs, race.allowed))
    allowed = maximum(race.allowed, minimum(allows, race.needed))
    is_open = maximum(chance_above(allowed, spread) - chance_above(needed, spread), 0.0)
    # Where luck counts for more as time goes by, a war that was decided is not reopened in the count of days.
    return Race(needed, allowed, is_open, race.days + days * (race.is_open + is_open) / 2)


def outcome(race: Race, spread: Number) -> tuple[Number, Number]:
    """Chance of the objective and of a stalemate."""
    objective = chance_above(race.needed, spread)
    return objective, maximum(chance_above(race.allowed, spread) - objective, 0.0)


def ratio_of(one: Number, other: Number) -> Number:
    """One strength over another, at most overwhelming; 0 where neither is there."""
    return minimum(one / (other + NOTHING), OVERWHELMING)


def settled(lost: Number, before: Number, now: Number) -> Number:
    """`diluted` that leaves nobody as it is."""
    return diluted(lost, before + NOTHING, now + NOTHING)


def exponential_loss(breaking: Number) -> Lost:
    """Share lost on the way to a breaking point when rates of loss add up."""
    point = breaking_point(breaking)
    return lambda part: 1 - exp(-part * point)


def first(attack: Number, defence: Number) -> Number:
    """`crossing_skill` that is one where nobody has come any way."""
    return crossing_skill(attack + _STILL, defence + _STILL)


def typical_losses(
    race: Race, spread: Number, crossing: Number, worn: tuple[Number, Number], lost: tuple[Lost, Lost]
) -> tuple[Number, Number]:
    """Mean losses of attacker and defender over what skill is left open.

    Wars won, failed and open are each taken at their median skill; a side that breaks has lost what breaks it.
    ``crossing``: factor of skill at which both sides would break together; ``worn``: how far rates of loss have added
    up towards each side's breaking point (attacker's, defender's), at the skill drawn; ``lost``: by side.
    """
    objective, stalemate = outcome(race, spread)
    failed = maximum(1 - objective - stalemate, 0.0)
    won_at = skill_exceeded(maximum(objective / 2, _RARE), spread)
    failed_at = skill_exceeded(minimum(1 - failed / 2, 1 - _RARE), spread)
    open_at = sqrt(skill_exceeded(clip(objective + stalemate / 2, _RARE, 1 - _RARE), spread))
    attack = (
        objective * lost[0](minimum(crossing / won_at, 1.0))
        + stalemate * lost[0](minimum(worn[0] / open_at, 1.0))
        + failed * lost[0](1.0)
    )
    defence = (
        failed * lost[1](minimum(failed_at / crossing, 1.0))
        + stalemate * lost[1](minimum(worn[1] * open_at, 1.0))
        + objective * lost[1](1.0)
    )
    return attack, defence


_RARE = 1e-9
"""Chances below which nothing is weighed: keeps factors of skill finite."""
